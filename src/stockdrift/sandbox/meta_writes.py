"""A Meta catalogue as far as it is written, in the Graph API: ``POST items_batch``, ``GET check_batch_request_status``
and ``GET me/permissions`` (developers.facebook.com, *Product Catalog Items Batch*, *Catalog Batch API*, *Permissions*).

The items of a batch are carried out when it is accepted; one that is accepted late is ``started`` until then.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from stockdrift.sandbox.reply import Manner, Reply, as_json
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.writing import Writing

MOST_ITEMS: Final = 5_000
PERMISSIONS: Final = ("catalog_management", "business_management")


class _Request(msgspec.Struct):
    method: str
    data: dict[str, Any]


class _Asked(msgspec.Struct):
    item_type: str
    requests: list[_Request]
    allow_upsert: bool = True


class MetaWrites:
    """Answers what changes items. ``clock`` is the reader's (Unix ms)."""

    def __init__(self, store: SimulatedStore, writing: Writing, clock: Callable[[], int]) -> None:
        self._store = store
        self._writing = writing
        self._clock = clock
        self._rng = Random(f"{store.seed}/handles")
        self._handles: dict[str, tuple[int, list[dict[str, Any]]]] = {}  # when it is done, and its errors

    def permissions(self, surface: str) -> Reply:
        """What the token of ``surface`` was granted."""
        held = [name for name in PERMISSIONS if self._store.fault(surface) != "write_forbidden"]
        return as_json({"data": [{"permission": name, "status": "granted"} for name in held]})

    def status(self, params: Mapping[str, str]) -> Reply | None:
        """How far a handle has come; None for one that was never given."""
        handle = params.get("handle", "")
        if handle not in self._handles:
            return None
        done_at, errors = self._handles[handle]
        done = done_at <= self._clock()
        shown = errors if done else []
        invalid = [error["id"] for error in shown] if params.get("load_ids_of_invalid_requests") == "true" else []
        status = {
            "handle": handle,
            "status": "finished" if done else "started",
            "errors": shown,
            "errors_total_count": len(shown),
            "warnings": [],
            "ids_of_invalid_requests": invalid,
        }
        return as_json({"data": [status]})

    def feed(self, surface: str, edge: str, body: bytes | None) -> Reply | None:
        """Where the data feed is fetched from, or what fetching it now came to; None for what is neither."""
        plan = self._store.shown[surface].plan
        address = f"https://shop.example/feeds/{plan.file}"
        if edge == "feed":
            return as_json({"id": "0", "schedule": {"url": address}}) if body is None else None
        try:
            asked = msgspec.json.decode(body or b"", type=dict[str, str])
        except msgspec.DecodeError:
            return None
        if asked.get("url") != address:
            return None
        if self._store.fault(surface) == "write_lost":
            return Reply(manner=Manner.CLOSE)
        self._store.refetch(surface)
        if self._store.fault(surface) == "write_lost_answer":
            return Reply(manner=Manner.CLOSE)
        return as_json({"id": str(self._rng.randrange(10**15))})

    def items_batch(self, surface: str, body: bytes) -> Reply | None:
        """Takes a batch; None where it is none."""
        try:
            asked = msgspec.json.decode(body, type=_Asked)
        except msgspec.DecodeError:
            return None
        if asked.item_type != "PRODUCT_ITEM" or not 0 < len(asked.requests) <= MOST_ITEMS:
            return None
        if self._store.fault(surface) == "write_lost":
            return Reply(manner=Manner.CLOSE)
        errors = []
        for number, request in enumerate(asked.requests):
            why = self._carried_out(surface, request, number)
            if why:
                errors.append({"line": number, "id": str(request.data.get("id", "")), "message": why})
        handle = base64.urlsafe_b64encode(self._rng.randbytes(48)).decode()
        self._handles[handle] = (self._clock() + self._writing.begins_in(surface), errors)
        if self._store.fault(surface) == "write_lost_answer":
            return Reply(manner=Manner.CLOSE)
        return as_json({"handles": [handle], "validation_status": []})

    def _carried_out(self, surface: str, request: _Request, number: int) -> str:
        """Why not, where an item is refused. An item that ``allow_upsert`` would create is refused too."""
        place = self._store.place_of.get(str(request.data.get("id", "")))
        if place is not None and "visibility" in request.data and self._store.lists(surface, place):
            return self._writing.turn(surface, place, request.data["visibility"] == "published", number)
        quantity = request.data.get("quantity_to_sell_on_facebook")
        if request.method != "UPDATE" or place is None or not self._store.lists(surface, place):
            return "Invalid value: the item does not exist in the catalog"
        if not isinstance(quantity, int) or quantity < 0:
            return "Invalid value: quantity_to_sell_on_facebook is no number of units"
        if (request.data.get("availability") == "in stock") != (quantity > 0):
            return "Invalid value: availability contradicts quantity_to_sell_on_facebook"
        return self._writing.take(surface, place, quantity, number)
