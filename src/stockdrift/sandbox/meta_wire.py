"""A Meta catalogue in the Graph API's wire format: ``GET /graph/v25.0/{catalog}/products`` (developers.facebook.com,
*Product Catalog Products*, *Paginated Results*, *Handling Errors*, *Rate Limits*).

It shows what the surface's feed was made of, so it is as old as the feed. Pages hold a hundred items at most, whatever
is asked for; an account may make so many calls an hour, and the usage header says how many percent of them are gone.
What is written: :mod:`stockdrift.sandbox.meta_writes`.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from stockdrift.sandbox.faults import Row, bad_quantity, hostile_name, spoiled
from stockdrift.sandbox.meta_writes import MetaWrites
from stockdrift.sandbox.reply import Reply, as_json
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.writing import Writing

PATH: Final = "/graph/v25.0"
MAX_LIMIT: Final = 100

FEED: Final = 1_000_000
"""A catalogue's data feed has the number of the catalogue and this much more."""

_HOUR: Final = 3_600_000
_MINUTE: Final = 60_000
_FIRST_ID: Final = 24_000_000_000_000_000
_SYMBOLS: Final = {"GBP": "£", "EUR": "€", "USD": "$"}

_ERRORS: Final[Mapping[str, tuple[int, int, int, str]]] = {
    "http_401": (400, 190, 463, "Error validating access token: Session has expired"),
    "http_403": (400, 200, 0, "(#200) Missing Permissions"),
    "http_404": (400, 100, 33, "Unsupported get request. Object with this ID does not exist"),
    "http_429": (400, 4, 0, "(#4) Application request limit reached"),
    "http_500": (500, 1, 0, "An unknown error has occurred."),
    "http_503": (503, 2, 0, "An unexpected error has occurred. Please retry your request later."),
}
"""HTTP status, code, subcode and message: Graph answers 400 to most of what others have a status for."""


class MetaWire:
    """Answers for the catalogues of one store. ``clock`` is the reader's (Unix ms): the allowance counts by it."""

    def __init__(self, store: SimulatedStore, writing: Writing, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._writes = MetaWrites(store, writing, clock)
        plans = [plan for plan in store.plan.surfaces if plan.catalog_id]
        self._surfaces = {plan.catalog_id: plan.name for plan in plans}
        self.feeds = {plan.catalog_id + FEED: plan.catalog_id for plan in plans if plan.period}
        """The catalogue that a data feed fills, by the feed's number."""
        self._allowed = {plan.catalog_id: plan.calls_per_hour for plan in plans}
        self._calls: dict[int, deque[int]] = {catalog: deque() for catalog in self._surfaces}

    def permissions(self, viewer: str | None) -> Reply:
        """What the token of ``viewer`` was granted."""
        if viewer is None or not self._store.shown[viewer].plan.catalog_id:
            return _error(400, 190, 0, "Invalid OAuth access token")
        return spoiled(self._store.fault(viewer), self._writes.permissions(viewer))

    def answer(
        self,
        catalog: int,
        edge: str,
        viewer: str | None,
        params: Mapping[str, str],
        base: str,
        body: bytes | None = None,
    ) -> Reply:
        """The answer to ``viewer``, the surface whose token was sent. ``base`` is the address of the edge, ``body``
        what was posted to it.
        """
        surface = self._surfaces.get(catalog)
        if surface is None or viewer != surface:
            return _error(*((400, 190, 0, "Invalid OAuth access token") if viewer is None else _ERRORS["http_404"]))
        used, wait = self._count(catalog)
        headers = {"X-Business-Use-Case-Usage": _usage(catalog, used, wait)}
        if wait:
            return _error(*_ERRORS["http_429"], headers=headers)
        fault = self._store.fault(surface)
        if fault is not None and fault in _ERRORS:
            told = {"X-Business-Use-Case-Usage": _usage(catalog, 100, 2)} if fault == "http_429" else headers
            return _error(*_ERRORS[fault], headers=told)
        if edge == "products" and body is None:
            return spoiled(fault, self._page(surface, params, fault, base, headers))
        if body is not None and fault == "write_forbidden":
            return _error(403, 200, 0, "(#200) Requires catalog_management permission")
        if body is not None and fault == "write_throttled":
            told = {"X-Business-Use-Case-Usage": _usage(catalog, 100, 1)}
            return _error(400, 80_014, 0, "There have been too many calls to this catalog account", headers=told)
        if edge in ("feed", "uploads"):
            found = self._writes.feed(surface, edge, body)
        elif body is None:
            found = self._writes.status(params) if edge == "check_batch_request_status" else None
        else:
            found = self._writes.items_batch(surface, body) if edge == "items_batch" else None
        return spoiled(fault, found or _error(400, 100, 0, "(#100) Invalid parameter", headers=headers))

    def _count(self, catalog: int) -> tuple[int, int]:
        """Counts a call: percent used, and the minutes until there is room for one, 0 where there is."""
        calls, now = self._calls[catalog], self._clock()
        while calls and calls[0] <= now - _HOUR:
            calls.popleft()
        allowed = self._allowed[catalog]
        if len(calls) >= allowed:
            return 100, -(-(calls[0] + _HOUR - now) // _MINUTE)
        calls.append(now)
        return len(calls) * 100 // allowed, 0

    def _page(
        self, surface: str, params: Mapping[str, str], fault: str | None, base: str, headers: Mapping[str, str]
    ) -> Reply:
        rows, total = _shaped(fault, self._rows(surface))
        start = _offset(params.get("after", ""))
        limit = params.get("limit", "25")
        if start is None or not limit.isdecimal() or int(limit) < 1:
            return _error(400, 100, 0, "(#100) Invalid parameter")
        size = min(int(limit), MAX_LIMIT)
        end = start + size
        if fault == "missing_page" and start == 0:
            end = 2 * size  # what the second page would hold is passed over
        page = rows[start - size : start] if fault == "repeated_page" and start else rows[start : start + size]
        wanted = {"id", *params.get("fields", "id,retailer_id").split(",")}
        whole: dict[str, Any] = {"data": [{name: row[name] for name in row if name in wanted} for row in page]}
        if page:
            whole["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(end)}}
            if end < len(rows):
                whole["paging"]["next"] = f"{base}?access_token=HIDDEN&limit={size}&after={_cursor(end)}"
        if params.get("summary") == "true":
            whole["summary"] = {"total_count": total}
        return as_json(whole, headers=headers)

    def _rows(self, surface: str) -> list[Row]:
        """One item a counted SKU. What sells without counting is not handed to catalogues: they could not say so."""
        store, rows = self._store, []
        for place, item in enumerate(store.items):
            quantity = store.shown[surface].quantities[place]
            if quantity is None or not item.sku or not store.lists(surface, place):
                continue
            rows.append(
                {
                    "id": str(_FIRST_ID + place),
                    "retailer_id": item.sku,
                    "name": item.name,
                    "price": f"{_SYMBOLS.get(store.plan.currency, '')}{item.price:.2f}",
                    "availability": "in stock" if quantity > 0 else "out of stock",
                    "inventory": max(quantity, 0),
                    "quantity_to_sell_on_facebook": max(quantity, 0),
                    "visibility": self._visibility(surface, place),
                }
            )
        return rows

    def _visibility(self, surface: str, place: int) -> str:
        if place in self._store.shown[surface].hidden:
            return "hidden"
        return "published" if self._store.products[self._store.product_of[place]].enabled else "staging"


def _shaped(fault: str | None, rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The items while ``fault`` holds, and the total that is claimed."""
    third = max(1, len(rows) // 3)
    shaped = list(rows)
    if fault == "header_only":
        shaped = []
    elif fault == "few_rows":
        shaped = shaped[:third]
    elif fault == "bad_rows":
        shaped = [{**row, "quantity_to_sell_on_facebook": bad_quantity(place)} for place, row in enumerate(rows)]
    elif fault == "duplicates":
        again = ({**row, "id": f"9{row['id']}", "quantity_to_sell_on_facebook": 999} for row in rows)
        shaped += again
    elif fault == "hostile_text":
        shaped = [{**row, "name": hostile_name(row["name"])} for row in rows]
    return shaped, len(shaped) + (7 if fault == "wrong_count" else 0)


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"items/{offset}".encode()).decode()


def _offset(cursor: str) -> int | None:
    if not cursor:
        return 0
    try:
        kind, _, offset = base64.urlsafe_b64decode(cursor).decode().partition("/")
    except (binascii.Error, ValueError):
        return None
    return int(offset) if kind == "items" and offset.isdecimal() else None


def _usage(catalog: int, percent: int, minutes: int) -> str:
    return (
        f'{{"{catalog}":[{{"type":"catalog_management","call_count":{percent},"total_cputime":1,"total_time":1,'
        f'"estimated_time_to_regain_access":{minutes}}}]}}'
    )


def _error(status: int, code: int, subcode: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    return as_json({"error": {**error, "fbtrace_id": "A0sandbox0sandbox"}}, status, headers)
