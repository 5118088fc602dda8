"""A Medusa store's Admin and Store APIs, in the wire format that Medusa 2.21 was seen to speak (tests/real)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from stockdrift.sandbox.faults import spoiled
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.reply import Manner, Reply, as_json
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.writing import Writing
from tests.doubles.pages import Faulty, Row, page

EMAIL: Final = "stock@shop.example"
PASSWORD: Final = "correct horse battery"
SECRET_KEY: Final = "sk_1f2e3d"
PUBLISHABLE_KEY: Final = "pk_4c5b6a"
CHANNELS: Final = {"sc_1": "Default Sales Channel", "sc_2": "Wholesale"}
LOCATIONS: Final = {"sloc_1": ("Warehouse", "sc_1"), "sloc_2": ("Shop floor", "sc_2")}

UNAUTHORIZED: Final = as_json({"message": "Unauthorized"}, 401)


class MedusaDouble:
    """Sells what ``store`` has. ``source`` names whose levels it shows and whose faults it has."""

    def __init__(self, store: SimulatedStore, source: str = MASTER, writing: Writing | None = None) -> None:
        self.store = store
        self.writing = writing or Writing(store)
        self.source = source
        self.logins = 0
        self.forbidden = False
        self.variants: dict[str, dict[str, Any]] = {}  # what is otherwise of a variant, by SKU
        self._token = ""

    def expire(self) -> None:
        """Ends the token, as time does."""
        self._token = ""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """For a mount of the sandbox."""
        fault = self.store.fault(self.source)
        parts = urlsplit(target)
        path = parts.path.partition("/medusa/")[2]
        params = dict(parse_qsl(parts.query))
        if path == "auth/user/emailpass":
            assert method == "POST"
            return spoiled(fault, self._login(msgspec.json.decode(body)))
        if path == "store/products":
            return spoiled(fault, self._products(headers, params, fault))
        known = (f"Bearer {self._token}", f"Basic {SECRET_KEY}")
        forbidden = self.forbidden or (fault == "write_forbidden" and "/stores" in path)
        if forbidden or headers.get("authorization") not in known or headers.get("authorization") == "Bearer ":
            return spoiled(fault, UNAUTHORIZED)
        if method == "POST":
            assert path in ("admin/inventory-items/location-levels/batch", "admin/products/batch")
            return self._update(msgspec.json.decode(body)["update"], fault)
        return spoiled(fault, self._admin(path, params, fault))

    def _update(self, updates: Sequence[Mapping[str, Any]], fault: str | None) -> Reply:
        """One workflow: all of it or nothing."""
        if fault == "write_throttled":
            return as_json({"message": "Too many requests"}, 429, {"Retry-After": "2"})
        if fault == "write_half":
            said = "Inventory level does not exist"
            return as_json({"type": "not_found", "message": said}, 404)
        if fault == "write_lost":
            return Reply(manner=Manner.CLOSE)
        if fault is not None and fault.startswith("http_"):
            return spoiled(fault, Reply())
        items: dict[str, dict[str, int]] = {}
        for number, one in enumerate(updates):
            if "status" in one:
                place = int(one["id"].removeprefix("prod_"))
                self.writing.turn(self.source, place, one["status"] == "published", number)
                continue
            items.setdefault(one["inventory_item_id"], {})[one["location_id"]] = one["stocked_quantity"]
        for number, (key, changed) in enumerate(items.items()):
            place = int(key.removeprefix("iitem_"))
            (item,) = self._variant(place)["inventory_items"]
            levels = {level["location_id"]: level["stocked_quantity"] for level in item["inventory"]["location_levels"]}
            self.writing.take(self.source, place, sum((levels | changed).values()), number)
        if fault == "write_lost_answer":
            return Reply(manner=Manner.CLOSE)
        return spoiled(fault, as_json({"created": [], "updated": list(updates), "deleted": []}))

    def _login(self, who: Mapping[str, str]) -> Reply:
        if who != {"email": EMAIL, "password": PASSWORD}:
            return as_json({"type": "unauthorized", "message": "Invalid email or password"}, 401)
        self.logins += 1
        self._token = f"eyJhbGciOiJIUzI1NiJ9.{self.logins}.signature"
        return as_json({"token": self._token})

    def _admin(self, path: str, params: Mapping[str, str], fault: str | None) -> Reply:
        whole = {"offset": int(params.get("offset", 0)), "limit": int(params.get("limit", 50))}
        if path == "admin/stores":
            currencies = [{"currency_code": "gbp", "is_default": True}]
            return as_json({"stores": [{"id": "store_1", "supported_currencies": currencies}], "count": 1, **whole})
        if path == "admin/sales-channels":
            channels = [{"id": key, "name": name} for key, name in CHANNELS.items()]
            return as_json({"sales_channels": channels, "count": len(channels), **whole})
        if path == "admin/stock-locations":
            places = [
                {"id": key, "name": name, "sales_channels": [{"id": channel, "name": CHANNELS[channel]}]}
                for key, (name, channel) in LOCATIONS.items()
            ]
            return as_json({"stock_locations": places, "count": len(places), **whole})
        assert path == "admin/product-variants"
        asked = {value for name, value in params.items() if name.startswith("sku[")}
        rows = []
        for place, one in enumerate(self.store.items):
            if one.sku in asked:
                self.writing.move(self.source, place)
            if self.store.lists(self.source, place) and (not asked or one.sku in asked):
                rows.append(self._variant(place, params.get("fields", "")))
        items, total = page(fault, rows, whole["offset"], whole["limit"], VARIANT)
        return as_json({"variants": items, "count": total, **whole})

    def _variant(self, place: int, fields: str = "") -> Row:
        item = self.store.items[place]
        quantity = self.store.quantity(self.source, place)
        levels = [
            {"location_id": "sloc_1", "stocked_quantity": (quantity or 0) - 1, "reserved_quantity": 0},
            {"location_id": "sloc_2", "stocked_quantity": 1, "reserved_quantity": 0},
        ]
        inventory: Row = {"id": f"iitem_{place}", "location_levels": levels}
        if "inventory.variants" in fields:  # a relation that is not asked for is not told
            inventory["variants"] = [{"id": f"variant_{place:04}", "sku": item.sku}]
        product = f"prod_{place}"
        return {
            "id": f"variant_{place:04}",
            "sku": item.sku,
            "title": "Default variant",
            "manage_inventory": quantity is not None,
            "allow_backorder": False,
            "product_id": product,
            "product": {
                "id": product,
                "title": item.name,
                "status": "published" if self._listed(place) else "draft",
                "sales_channels": [{"id": "sc_1"}],
            },
            "inventory_items": []
            if quantity is None
            else [{"required_quantity": 1, "inventory_item_id": f"iitem_{place}", "inventory": inventory}],
            "prices": [{"id": f"price_{place}", "amount": item.price, "currency_code": "gbp", "rules": {}}],
            **self.variants.get(item.sku, {}),
        }

    def _listed(self, place: int) -> bool:
        hidden = set() if self.source == MASTER else self.store.shown[self.source].hidden
        return self.store.products[self.store.product_of[place]].enabled and place not in hidden

    def _products(self, headers: Mapping[str, str], params: Mapping[str, str], fault: str | None) -> Reply:
        if headers.get("x-publishable-api-key") != PUBLISHABLE_KEY:
            said = "A valid publishable key is required to proceed with the request"
            return as_json({"type": "not_allowed", "message": said}, 400)
        rows = []
        for place, item in enumerate(self.store.items):
            if not self.store.products[self.store.product_of[place]].enabled:
                continue
            quantity = self.store.quantity(self.source, place)
            variant = {
                "id": f"variant_{place:04}",
                "sku": item.sku,
                "title": "Default variant",
                "manage_inventory": quantity is not None,
                "allow_backorder": False,
                "inventory_quantity": quantity,
                **self.variants.get(item.sku, {}),
            }
            rows.append({"id": f"prod_{place:04}", "title": item.name, "variants": [variant]})
        offset, limit = int(params["offset"]), int(params["limit"])
        items, total = page(fault, rows, offset, limit, PRODUCT)
        return as_json({"products": items, "count": total, "offset": offset, "limit": limit})


def _stocked(row: Row, said: Any) -> Row:
    """With ``said`` in the place of the first location's stock."""
    (item,) = row["inventory_items"]
    first, *others = item["inventory"]["location_levels"]
    levels = [{**first, "stocked_quantity": said}, *others]
    return {**row, "inventory_items": [{**item, "inventory": {**item["inventory"], "location_levels": levels}}]}


VARIANT: Final = Faulty(
    quantity=_stocked,
    name=lambda row, spoil: {**row, "product": {**row["product"], "title": spoil(row["product"]["title"])}},
    again=lambda row: {**row, "id": f"9{row['id']}"},
)
PRODUCT: Final = Faulty(
    quantity=lambda row, said: {**row, "variants": [{**row["variants"][0], "inventory_quantity": said}]},
    name=lambda row, spoil: {**row, "title": spoil(row["title"])},
    again=lambda row: {**row, "id": f"9{row['id']}"},
)
