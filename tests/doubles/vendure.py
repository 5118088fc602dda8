"""A Vendure shop's two APIs, in the wire format that a running Vendure 3.7 was seen to speak (tests/real)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from stockdrift.sandbox.faults import spoiled
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.reply import Manner, Reply, as_json
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.writing import Writing
from tests.doubles.pages import Faulty, Row, page

USERNAME: Final = "stockdrift"
PASSWORD: Final = "correct horse battery"
API_KEY: Final = "lookup:secret"
LOCATIONS: Final = {"1": "Warehouse", "2": "Shop floor"}
CHANNEL: Final = "e8c1f0d2"


class VendureDouble:
    """Sells what ``store`` has. ``source`` names whose levels it shows and whose faults it has."""

    def __init__(self, store: SimulatedStore, source: str = MASTER, writing: Writing | None = None) -> None:
        self.store = store
        self.writing = writing or Writing(store)
        self.source = source
        self.logins = 0
        self.forbidden = False
        self.global_threshold = 0
        self.tracks = True
        self.variants: dict[str, dict[str, Any]] = {}  # what is otherwise of a variant, by SKU
        self._session = ""

    def expire(self) -> None:
        """Ends the session, as time does."""
        self._session = ""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """For a mount of the sandbox."""
        assert method == "POST"
        fault = self.store.fault(self.source)
        asked = msgspec.json.decode(body)
        query, variables = asked["query"], asked["variables"]
        if target.endswith("/shop-api"):
            return spoiled(fault, as_json({"data": self._products(variables, fault)}))
        if "login(" in query:
            return spoiled(fault, self._login(variables))
        known = (self._session, API_KEY)
        if self.forbidden or not (
            headers.get("authorization") == f"Bearer {self._session}" or headers.get("vendure-api-key") in known[1:]
        ):
            return spoiled(fault, FORBIDDEN)
        if query.startswith("mutation"):
            return self._update(variables["input"], fault)
        if query.startswith("query Held"):
            data = self._held(variables["skus"])
        else:
            data = self._shop(variables) if "globalSettings" in query else self._variants(variables, fault)
        return spoiled(fault, as_json({"data": data}))

    def _held(self, skus: Sequence[str]) -> Row:
        places = [self.store.place_of[sku] for sku in skus if sku in self.store.place_of]
        for place in places:
            self.writing.move(self.source, place)
        items = [self._variant(place) for place in places if self.store.lists(self.source, place)]
        return {"productVariants": {"totalItems": len(items), "items": items}}

    def _update(self, inputs: Sequence[Mapping[str, Any]], fault: str | None) -> Reply:
        """All of it or nothing: one that is refused ends the transaction."""
        if fault == "write_forbidden":
            return FORBIDDEN
        if any(not 0 < int(one["id"]) <= len(self.store.items) for one in inputs):
            error = {"message": "No ProductVariant with the id '0' could be found",
                     "extensions": {"code": "ENTITY_NOT_FOUND"}}  # fmt: skip
            return spoiled(fault, as_json({"errors": [error], "data": None}))
        if fault == "write_throttled":
            return as_json({"errors": [{"message": "Too many requests"}]}, 429, {"Retry-After": "2"})
        if fault == "write_half":
            error = {"message": "stockOnHand cannot be a negative value", "extensions": {"code": "USER_INPUT_ERROR"}}
            return as_json({"errors": [error], "data": None})
        if fault == "write_lost":
            return Reply(manner=Manner.CLOSE)
        if fault is not None and fault.startswith("http_"):
            return spoiled(fault, Reply())
        for number, one in enumerate(inputs):
            place = int(one["id"]) - 1
            if "enabled" in one:
                self.writing.turn(self.source, place, one["enabled"], number)
                continue
            levels = {level["stockLocationId"]: level["stockOnHand"] for level in self._variant(place)["stockLevels"]}
            levels |= {level["stockLocationId"]: level["stockOnHand"] for level in one["stockLevels"]}
            self.writing.take(self.source, place, sum(levels.values()), number)
        if fault == "write_lost_answer":
            return Reply(manner=Manner.CLOSE)
        return spoiled(fault, as_json({"data": {"updateProductVariants": [{"id": one["id"]} for one in inputs]}}))

    def _login(self, variables: Mapping[str, str]) -> Reply:
        if (variables["username"], variables["password"]) != (USERNAME, PASSWORD):
            return as_json({"data": {"login": {"__typename": "InvalidCredentialsError"}}})
        self.logins += 1
        self._session = f"{self.logins:064x}"
        return as_json(
            {"data": {"login": {"__typename": "CurrentUser"}}}, headers={"vendure-auth-token": self._session}
        )

    def _shop(self, variables: Mapping[str, bool]) -> Row:
        shop: Row = {
            "globalSettings": {"trackInventory": self.tracks, "outOfStockThreshold": self.global_threshold},
            "activeChannel": {"token": CHANNEL},
        }
        if variables["locations"]:
            shop["stockLocations"] = {"items": [{"id": key, "name": name} for key, name in LOCATIONS.items()]}
        return shop

    def _variants(self, variables: Mapping[str, int], fault: str | None) -> Row:
        rows = [self._variant(place) for place in range(len(self.store.items))]
        if not variables["locations"]:
            for row in rows:
                del row["stockLevels"]
        items, total = page(fault, rows, variables["skip"], variables["take"], VARIANT)
        return {"productVariants": {"totalItems": total, "items": items}}

    def _variant(self, place: int) -> Row:
        item = self.store.items[place]
        quantity = self.store.quantity(self.source, place)
        on_hand = quantity or 0
        return {
            "id": str(place + 1),
            "sku": item.sku,
            "name": item.name,
            "enabled": self.source == MASTER or place not in self.store.shown[self.source].hidden,
            "priceWithTax": round(item.price * 100),
            "trackInventory": "FALSE" if quantity is None else "INHERIT",
            "outOfStockThreshold": 0,
            "useGlobalOutOfStockThreshold": True,
            "stockOnHand": on_hand,
            "stockAllocated": 0,
            "product": {"enabled": self.store.products[self.store.product_of[place]].enabled},
            "stockLevels": [
                {"stockLocationId": "1", "stockOnHand": on_hand - 1, "stockAllocated": 0},
                {"stockLocationId": "2", "stockOnHand": 1, "stockAllocated": 0},
            ],
            **self.variants.get(item.sku, {}),
        }

    def _products(self, variables: Mapping[str, int], fault: str | None) -> Row:
        rows = []
        for place, item in enumerate(self.store.items):
            if not self.store.products[self.store.product_of[place]].enabled:
                continue
            quantity = self.store.quantity(self.source, place)
            level = "IN_STOCK" if quantity is None or quantity > 5 else "LOW_STOCK" if quantity > 0 else "OUT_OF_STOCK"
            shown = {"sku": item.sku, "name": item.name, "stockLevel": level, "priceWithTax": round(item.price * 100)}
            rows.append({"id": str(place + 1), "variants": [{**shown, **self.variants.get(item.sku, {})}]})
        items, total = page(fault, rows, variables["skip"], variables["take"], PRODUCT)
        return {"activeChannel": {"token": CHANNEL}, "products": {"totalItems": total, "items": items}}


FORBIDDEN: Final = as_json(
    {
        "errors": [
            {
                "message": "You are not currently authorized to perform this action",
                "locations": [{"line": 1, "column": 38}],
                "path": ["globalSettings"],
                "extensions": {"code": "FORBIDDEN"},
            }
        ],
        "data": None,
    },
    headers={"vendure-auth-token": ""},
)
"""Status 200, and nothing of it is data: how Vendure answers who is not logged in, or may not."""


def _of_variants(row: Row, **changes: Any) -> Row:
    return {**row, "variants": [{**variant, **changes} for variant in row["variants"]]}


VARIANT: Final = Faulty(
    quantity=lambda row, said: {**row, "stockOnHand": said},
    name=lambda row, spoil: {**row, "name": spoil(row["name"])},
    again=lambda row: {**row, "id": f"9{row['id']}"},
)
PRODUCT: Final = Faulty(
    quantity=lambda row, said: _of_variants(row, stockLevel="OUT_OF_STOCK" if said == 999 else str(said)),
    name=lambda row, spoil: _of_variants(row, name=spoil(row["variants"][0]["name"])),
    again=lambda row: {**row, "id": f"9{row['id']}"},
)
