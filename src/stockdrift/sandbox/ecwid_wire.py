"""Ecwid's REST API v3 as far as stock is concerned: ``GET /api/v3/{storeId}/products`` (docs.ecwid.com, *Search
products*).

A secret token sees the master. A public token sees what a shopper sees of its own surface: enabled products, and
those out of stock only where they are not hidden. A page costs its hundred rows, whatever the size of the shop.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from stockdrift.sandbox import ecwid_faults
from stockdrift.sandbox.catalogue import KINDS
from stockdrift.sandbox.ecwid_query import Query, parse_fields, project
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.reply import Reply, encode
from stockdrift.sandbox.store import SimulatedStore

STORE_ID: Final = 1003
FIRST_ID: Final = 692_730_761
_COMBINATIONS: Final = 64  # ids of variations that a product may take
_CREATED: Final = 1_700_000_000  # Unix seconds
_FEW: Final = 8  # sets of response fields whose rows are kept


class EcwidWire:
    """Answers searches over a store. Rows are encoded once and again only when they change."""

    def __init__(self, store: SimulatedStore) -> None:
        self._store = store
        self._rows: dict[tuple[str, str], list[bytes | None]] = {}
        self._visible: dict[str, list[int]] = {}
        self._owners = {MASTER, *(plan.name for plan in store.plan.surfaces if plan.store_id)}
        store.listen(self._changed)

    def search(self, viewer: str, query: Query, fault: str | None) -> Reply:
        """The page that ``query`` asks for, as ``viewer`` (the master or a native surface) sees it.

        Raises BadQueryError where the response fields make no sense.
        """
        fields = parse_fields(query.fields)
        selected = self._selected(viewer, query)
        total = len(selected)
        if fault in ecwid_faults.FEWER:
            selected = selected[: ecwid_faults.few(fault, total)]
            total = len(selected)
        offset, limit = ecwid_faults.window(fault, query.offset, query.limit)
        page = selected[offset : offset + limit]
        rows = self._encoded(viewer, page, query.fields)
        rows, total = ecwid_faults.shape_page(fault, rows, offset=query.offset, limit=query.limit, total=total)
        whole = {
            "total": total,
            "count": len(rows),
            "offset": query.offset,
            "limit": query.limit,
            "items": [msgspec.Raw(row) for row in rows],
        }
        wanted = whole if fields is None else {name: value for name, value in whole.items() if name in fields}
        return Reply(200, {"Content-Type": "application/json;charset=UTF-8"}, encode(wanted))

    def place_of(self, viewer: str, product: int, variation: int = 0) -> int | None:
        """The item that is called so in the API: a product's own, or that of its variation."""
        number = product - FIRST_ID
        if not self._sees(viewer, number):
            return None
        held = self._store.products[number]
        order = variation - self._variation_id(number, 0)
        if not variation:
            return held.base
        return held.variations[order] if 0 <= order < len(held.variations) else None

    # ── which products ────────────────────────────────────────────────────────────────────────────────────────────

    def _selected(self, viewer: str, query: Query) -> Sequence[int]:
        if not query.selects:
            return self._visible_to(viewer)
        # As documented, ids outrank a SKU, and a SKU all other filters.
        if query.product_ids:
            return self._seen(viewer, (number - FIRST_ID for number in query.product_ids))
        if query.sku is not None:
            place = self._store.place_of.get(query.sku)
            return [] if place is None else self._seen(viewer, [self._store.product_of[place]])
        if query.updated_from is not None:
            chosen: Sequence[int] = self._seen(viewer, self._updated_since(query.updated_from))
        else:
            chosen = self._visible_to(viewer)
        return self._sorted(self._filtered(viewer, chosen, query), query.sort)

    def _filtered(self, viewer: str, chosen: Sequence[int], query: Query) -> Sequence[int]:
        store = self._store
        if query.updated_to is not None:
            chosen = [p for p in chosen if self._seconds(store.updated[p]) <= query.updated_to]
        if query.enabled is not None:
            chosen = [p for p in chosen if store.products[p].enabled == query.enabled]
        if query.in_stock is not None:
            chosen = [p for p in chosen if self._in_stock(viewer, p) == query.in_stock]
        return chosen

    def _sorted(self, chosen: Sequence[int], sort: str) -> Sequence[int]:
        store, down = self._store, sort.endswith("_DESC")
        if sort.startswith("UPDATED_TIME"):
            return sorted(chosen, key=lambda p: (self._seconds(store.updated[p]), p), reverse=down)
        if sort.startswith("NAME"):
            return sorted(chosen, key=lambda p: store.products[p].name, reverse=down)
        if sort.startswith("PRICE"):
            return sorted(chosen, key=lambda p: (self._price(p), p), reverse=down)
        return chosen[::-1] if down else chosen  # they come in the order in which they were added

    def _updated_since(self, seconds: int) -> Iterable[int]:
        """Products whose last update lies at or after ``seconds``, ascending, found in the log of updates."""
        log = self._store.update_log
        # The log is in simulated time, the question in the reader's: one second of slack for the rounding.
        since = self._store.opens_at + round((seconds * 1_000 - 1_000 - self._store.opens_at) * self._store.speed)
        recent = sorted({product for _, product in log[bisect_left(log, (since, -1)) :]})
        return (product for product in recent if self._seconds(self._store.updated[product]) >= seconds)

    def _visible_to(self, viewer: str) -> Sequence[int]:
        visible = self._visible.get(viewer)
        if visible is None:
            visible = self._visible[viewer] = self._seen(viewer, range(len(self._store.products)))
        return visible

    def _seen(self, viewer: str, products: Iterable[int]) -> list[int]:
        return [product for product in products if self._sees(viewer, product)]

    def _sees(self, viewer: str, number: int) -> bool:
        store = self._store
        if not 0 <= number < len(store.products) or number in store.deleted:
            return False
        product = store.products[number]
        if viewer == MASTER:
            return True
        if product.base is not None and not store.lists(viewer, product.base):
            return False
        hidden = product.behaviour == "HIDE" and not self._in_stock(viewer, number)
        return viewer in self._owners or (product.enabled and not hidden)

    # ── what a product looks like ─────────────────────────────────────────────────────────────────────────────────

    def _encoded(self, viewer: str, page: Sequence[int], fields: str) -> list[bytes]:
        rows = self._rows.get((viewer, fields))
        if rows is None:
            if len(self._rows) >= _FEW:
                self._rows.clear()
            rows = self._rows[viewer, fields] = [None] * len(self._store.products)
        inner: Any = (parse_fields(fields) or {}).get("items")
        encoded: list[bytes] = []
        for product in page:
            row = rows[product]
            if row is None:
                row = rows[product] = encode(project(self._row(viewer, product), inner))
            encoded.append(row)
        return encoded

    def _row(self, viewer: str, number: int) -> dict[str, Any]:
        product, identity = self._store.products[number], FIRST_ID + number
        updated = self._seconds(self._store.updated[number])
        item = self._store.items[product.base] if product.base is not None else None
        return {
            "id": identity,
            "sku": item.sku if item else "",
            "thumbnailUrl": f"https://images.example/{identity}/400.jpg",
            **self._stock(viewer, product.base),
            "inStock": self._in_stock(viewer, number),
            "name": product.name,
            "nameTranslated": {"en": product.name},
            "price": item.price if item else 0,
            "url": f"https://shop.example/products/{identity}",
            "created": _words(_CREATED),
            "updated": _words(updated),
            "createTimestamp": _CREATED,
            "updateTimestamp": updated,
            "enabled": product.enabled and not self._hides(viewer, number),
            "warningLimit": 0,
            "options": self._options(number),
            "description": f"<p>{product.name}, poured by hand.</p>",
            "categoryIds": [1 + number % 7],
            "combinations": [
                self._variation(viewer, number, order, place) for order, place in enumerate(product.variations)
            ],
            "outOfStockVisibilityBehaviour": product.behaviour,
        }

    def _variation(self, viewer: str, number: int, order: int, place: int | None) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": self._variation_id(number, order),
            "combinationNumber": order + 1,
            "options": [{"name": "Kind", "value": KINDS[order]}],
        }
        if place is None:  # without a SKU of its own it shows the base product's stock
            return row | self._stock(viewer, self._store.products[number].base)
        item = self._store.items[place]
        return row | {"sku": item.sku, "price": item.price, **self._stock(viewer, place)}

    @staticmethod
    def _variation_id(number: int, order: int) -> int:
        return FIRST_ID * 2 + number * _COMBINATIONS + order

    def _hides(self, viewer: str, number: int) -> bool:
        """Whether a store of its own has the product disabled."""
        hidden = self._store.shown[viewer].hidden if viewer != MASTER and viewer in self._owners else set()
        return self._store.products[number].base in hidden

    def _options(self, number: int) -> list[dict[str, Any]]:
        """One choice for each variation, and one more where the variations do not cover every choice."""
        product = self._store.products[number]
        if not product.variations:
            return []
        choices = len(product.variations) + (0 if product.covered else 1)
        return [{"type": "SELECT", "name": "Kind", "choices": [{"text": kind} for kind in KINDS[:choices]]}]

    def _stock(self, viewer: str, place: int | None) -> dict[str, Any]:
        """``quantity`` is absent where stock is unlimited."""
        quantity = None if place is None else self._store.quantity(viewer, place)
        return {"unlimited": True} if quantity is None else {"quantity": quantity, "unlimited": False}

    def _in_stock(self, viewer: str, number: int) -> bool:
        product = self._store.products[number]
        places = [place for place in (product.base, *product.variations) if place is not None]
        quantities = [self._store.quantity(viewer, place) for place in places]
        return not places or any(quantity is None or quantity > 0 for quantity in quantities)

    def _price(self, number: int) -> float:
        base = self._store.products[number].base
        return 0.0 if base is None else self._store.items[base].price

    def _seconds(self, at: int) -> int:
        return self._store.shown_time(at) // 1_000

    # ── keeping up ────────────────────────────────────────────────────────────────────────────────────────────────

    def _changed(self, surface: str, place: int) -> None:
        """The rows of that product are stale: for the master's viewers and, as the update time moves, for all."""
        product = self._store.product_of[place]
        for (viewer, _), rows in self._rows.items():
            if surface in (MASTER, viewer):
                rows[product] = None
        if surface == MASTER or self._store.products[product].behaviour == "HIDE":
            self._forget_visible(product)

    def _forget_visible(self, product: int) -> None:
        """Lists of visible products are made anew only where this one has come or gone."""
        for viewer in list(self._visible):
            visible = self._visible[viewer]
            spot = bisect_left(visible, product)
            listed = spot < len(visible) and visible[spot] == product
            if listed != self._sees(viewer, product):
                if listed:
                    visible.pop(spot)
                else:
                    visible.insert(spot, product)


def _words(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} +0000"
