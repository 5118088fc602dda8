"""Ecwid's REST API v3 as far as stock is written: products and variations by ``PUT``, their inventory by a difference,
and batches of such calls with a ``deduplicationKey`` (docs.ecwid.com, *Update product*, *Adjust product stock*, *Create
batch request*, *Get batch request status*).

The calls of a batch are carried out when it is accepted; a batch that is accepted late says ``QUEUED`` until then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import msgspec

from stockdrift.sandbox.ecwid_wire import EcwidWire
from stockdrift.sandbox.faults import spoiled
from stockdrift.sandbox.reply import Manner, Reply, as_json, ecwid_error
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.writing import Writing

MOST_CALLS: Final = 500
_FOR: Final = 3_600_000  # ms for which a key is remembered
_ITEM: Final = re.compile(r"/products/(\d{1,12})(?:/combinations/(\d{1,12}))?(/inventory)?")


class _Call(msgspec.Struct):
    path: str
    method: str
    id: str = ""
    body: Any = None


class EcwidWrites:
    """Answers what changes something. ``clock`` is the reader's (Unix ms)."""

    def __init__(self, store: SimulatedStore, wire: EcwidWire, writing: Writing, clock: Callable[[], int]) -> None:
        self._store = store
        self._wire = wire
        self._writing = writing
        self._clock = clock
        self._rng = Random(f"{store.seed}/tickets")
        self._batches: dict[str, tuple[int, list[dict[str, Any]]]] = {}  # by ticket: when it is done, and what came
        self._keys: dict[tuple[str, str], tuple[int, str]] = {}  # by viewer and key: until when, and the ticket

    def answer(self, viewer: str, method: str, path: str, params: Mapping[str, str], body: bytes) -> Reply | None:
        """``path`` is below the store's own; None for what is neither an item nor a batch."""
        fault = self._store.fault(viewer)
        if path == "/batch" and method == "GET":
            return spoiled(fault, self._status(params.get("ticket", "")))
        is_batch = path == "/batch" and method == "POST"
        if not is_batch and not (method == "PUT" and _ITEM.fullmatch(path)):
            return None
        if fault == "write_forbidden":
            return ecwid_error(403, "ACCESS_DENIED", "The token has no scope update_catalog")
        if fault == "write_throttled":
            return ecwid_error(429, "TOO_MANY_REQUESTS", "Too many requests", {"Retry-After": "2"})
        if fault == "write_lost":
            return Reply(manner=Manner.CLOSE)
        if fault is not None and fault.startswith("http_"):
            return spoiled(fault, Reply())
        if is_batch:
            return spoiled(fault, self._batch(viewer, params.get("deduplicationKey", ""), body))
        status, said = self._put(viewer, path, body, 0)
        return spoiled(fault, as_json(said, status))

    def _batch(self, viewer: str, key: str, body: bytes) -> Reply:
        until, ticket = self._keys.get((viewer, key), (0, ""))
        if key and until > self._clock():
            return as_json({"ticket": ticket})
        try:
            calls = msgspec.json.decode(body, type=list[_Call])
        except msgspec.DecodeError:
            return ecwid_error(400, "BAD_REQUEST", "The body is no list of requests")
        if len(calls) > MOST_CALLS:
            return ecwid_error(400, "BAD_REQUEST", f"More than {MOST_CALLS} requests")
        ticket = str(uuid.UUID(int=self._rng.getrandbits(128)))
        done = [self._carried_out(viewer, call, number) for number, call in enumerate(calls)]
        self._batches[ticket] = (self._clock() + self._writing.begins_in(viewer), done)
        self._keys[viewer, key] = (self._clock() + _FOR, ticket)
        if self._store.fault(viewer) == "write_lost_answer":
            return Reply(manner=Manner.CLOSE)
        return as_json({"ticket": ticket})

    def _carried_out(self, viewer: str, call: _Call, number: int) -> dict[str, Any]:
        status, said = 404, {"errorMessage": f"There is no {call.method} {call.path} here"}
        if call.method == "PUT":
            status, said = self._put(viewer, call.path, msgspec.json.encode(call.body), number)
        word = "COMPLETED" if status == 200 else "FAILED"
        return {"id": call.id, "status": word, "httpStatusCode": status, "httpStatusLine": "", "httpBody": said}

    def _status(self, ticket: str) -> Reply:
        if ticket not in self._batches:
            return ecwid_error(404, "NOT_FOUND", "There is no such ticket")
        done_at, responses = self._batches[ticket]
        total = len(responses)
        if done_at > self._clock():
            return as_json({"status": "QUEUED", "totalRequests": total, "completedRequests": 0, "responses": []})
        return as_json(
            {"status": "COMPLETED", "totalRequests": total, "completedRequests": total, "responses": responses}
        )

    def _put(self, viewer: str, path: str, body: bytes, number: int) -> tuple[int, dict[str, Any]]:
        """Status and body of one call; ``number`` is its place in its batch."""
        found = _ITEM.fullmatch(path)
        place = self._wire.place_of(viewer, int(found[1]), int(found[2] or 0)) if found else None
        if place is None or found is None:
            return 404, {"errorMessage": "Product not found", "errorCode": "NOT_FOUND"}
        try:
            asked = msgspec.json.decode(body, type=dict[str, Any])
            if "enabled" in asked and not found[2] and not found[3]:
                why = self._writing.turn(viewer, place, bool(asked["enabled"]), number)
                return (400, {"errorMessage": why, "errorCode": "BAD_REQUEST"}) if why else (200, {"updateCount": 1})
            held = self._store.quantity(viewer, place)
            quantity = (held or 0) + asked["quantityDelta"] if found[3] else asked["quantity"]
            if not isinstance(quantity, int):
                raise TypeError
        except (msgspec.DecodeError, KeyError, TypeError):
            return 400, {"errorMessage": "Request parameters are malformed", "errorCode": "BAD_REQUEST"}
        why = self._writing.take(viewer, place, quantity, number)
        return (400, {"errorMessage": why, "errorCode": "BAD_REQUEST"}) if why else (200, {"updateCount": 1})
