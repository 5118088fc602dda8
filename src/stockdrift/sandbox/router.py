"""Which request gets which answer. No sockets here: a request's parts come in, a reply goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from stockdrift.sandbox.ecwid_query import BadQueryError, parse_query
from stockdrift.sandbox.ecwid_wire import STORE_ID, EcwidWire
from stockdrift.sandbox.ecwid_writes import EcwidWrites
from stockdrift.sandbox.faults import ALIASES, FAULTS, spoiled
from stockdrift.sandbox.feed_wire import FeedWire
from stockdrift.sandbox.meta_wire import PATH as GRAPH
from stockdrift.sandbox.meta_wire import MetaWire
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.reply import Reply, as_json, ecwid_error
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.throttle import Throttle
from stockdrift.sandbox.truth import truth
from stockdrift.sandbox.writing import WRITE_FAULTS, Writing

_STORE: Final = re.compile(r"/api/v3/(\d+)(/.+)")
_CATALOG: Final = re.compile(re.escape(GRAPH) + r"/(\d{1,18})(?:/(\w+))?")
_LETTERS: Final = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /control/change``. A quantity of null is unlimited."""

    sku: str
    surface: str
    quantity: int | None


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /control/faults``. A fault of null ends it, and holds off the plan's own."""

    surface: str
    fault: str | None


Answers = Callable[[str, str, Mapping[str, str], bytes], Reply]
"""Method, target, headers with lower-case names, body."""


class Router:
    """Answers for one store. ``clock`` is the reader's (Unix ms): the throttle counts by it. ``mounts`` are other shops
    that answer below a path of their own.
    """

    def __init__(self, store: SimulatedStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self.writing = Writing(store)
        self._ecwid = EcwidWire(store)
        self._writes = EcwidWrites(store, self._ecwid, self.writing, clock)
        self._feeds = FeedWire(store)
        self._meta = MetaWire(store, self.writing, clock)
        self.mounts: dict[str, Answers] = {}
        self.tokens = _tokens(store)
        """Token by viewer: the master, each native surface, each store, and each that sells from a Meta catalogue."""
        self._viewers = {token: viewer for viewer, token in self.tokens.items()}
        self._secret = {MASTER, *(plan.name for plan in store.plan.surfaces if plan.store_id)}
        self._stores = {plan.name: plan.store_id for plan in store.plan.surfaces if plan.store_id}
        catalogues = {plan.name for plan in store.plan.surfaces if plan.catalog_id}
        self.throttles = {viewer: Throttle() for viewer in self.tokens if viewer not in catalogues}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The reply to a request. ``headers`` have lower-case names."""
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        for path, mounted in self.mounts.items():
            if parts.path.startswith(path):
                return mounted(method, target, headers, body)
        if of_store := _STORE.fullmatch(parts.path):
            found = self._of_store(int(of_store[1]), method, of_store[2], params, headers, body)
            if found is not None:
                return found
        if catalog := _CATALOG.fullmatch(parts.path):
            base = f"http://{headers.get('host', '')}{parts.path}"
            sent = body if method == "POST" else None
            number = self._meta.feeds.get(int(catalog[1]), int(catalog[1]))
            return self._meta.answer(number, catalog[2] or "feed", self._viewer(headers), params, base, sent)
        if method in ("GET", "HEAD"):
            if parts.path == f"{GRAPH}/me/permissions":
                return self._meta.permissions(self._viewer(headers))
            if parts.path.startswith("/feeds/"):
                return self._feed(parts.path.removeprefix("/feeds/"), headers)
            if parts.path == "/truth":
                return as_json(truth(self._store))
        if method == "POST" and parts.path in ("/control/faults", "/control/change"):
            return self._control(parts.path, body)
        return ecwid_error(404, "NOT_FOUND", f"There is no {method} {parts.path} here")

    def _of_store(
        self,
        store_id: int,
        method: str,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Reply | None:
        """What Ecwid's API answers below a store; None for what it does not know."""
        if not headers.get("authorization"):
            return ecwid_error(401, "UNAUTHORIZED", "Access token is missing")
        viewer = self._viewer(headers)
        if viewer not in self.throttles or store_id != self._stores.get(viewer or "", STORE_ID):
            return ecwid_error(403, "ACCESS_DENIED", "Access token is not valid for this store")
        wait = self.throttles[viewer].refuse_for(self._clock())
        if wait:
            return ecwid_error(429, "TOO_MANY_REQUESTS", "Too many requests", {"Retry-After": str(wait)})
        if path != "/products" or method not in ("GET", "HEAD"):
            return self._writes.answer(viewer, method, path, params, body) if viewer in self._secret else None
        fault = self._store.fault(viewer)
        try:
            if "sku" in params and params["sku"] in self._store.place_of:
                self.writing.move(viewer, self._store.place_of[params["sku"]])
            reply = self._ecwid.search(viewer, parse_query(params), fault)
        except BadQueryError as error:
            return ecwid_error(400, "BAD_REQUEST", str(error))
        return spoiled(fault, reply)

    def _viewer(self, headers: Mapping[str, str]) -> str | None:
        """Whose bearer token was sent."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return self._viewers.get(token) if scheme.lower() == "bearer" else None

    def _feed(self, file: str, headers: Mapping[str, str]) -> Reply:
        asked = self._feeds.file(file)
        if asked is None:
            return Reply(404, {"Content-Type": "text/plain"}, b"no such feed\n")
        fault = self._store.fault(asked.surface)
        return spoiled(fault, self._feeds.answer(asked, fault, headers))

    def _control(self, path: str, body: bytes) -> Reply:
        try:
            if path == "/control/faults":
                self._order(msgspec.json.decode(body, type=FaultOrder))
            else:
                change = msgspec.json.decode(body, type=Change)
                self._store.set_quantity(change.surface, change.sku, change.quantity)
        except KeyError as error:
            return _refused(f"there is no {error.args[0]!r} here")
        except (msgspec.DecodeError, ValueError) as error:
            return _refused(str(error))
        return as_json({"now": self._store.shown_time(self._store.now)})

    def _order(self, order: FaultOrder) -> None:
        fault = ALIASES.get(order.fault or "", order.fault)
        if order.surface not in (MASTER, *self._store.surface_names):
            raise KeyError(order.surface)
        if fault is not None and fault not in (*FAULTS, *WRITE_FAULTS):
            raise ValueError(f"no fault is called {fault!r}; there are {', '.join((*FAULTS, *WRITE_FAULTS))}")
        self._store.faults[order.surface] = fault


def _refused(why: str) -> Reply:
    return as_json({"error": why}, 400)


def _tokens(store: SimulatedStore) -> dict[str, Any]:
    rng = Random(f"{store.seed}/tokens")

    def letters() -> str:
        return "".join(rng.choices(_LETTERS, k=32))

    tokens = {MASTER: f"secret_{letters()}"}
    for plan in store.plan.surfaces:
        if plan.catalog_id:
            tokens[plan.name] = f"EAAB{letters()}"
        elif not plan.period:
            tokens[plan.name] = f"{'secret' if plan.store_id else 'public'}_{letters()}"
    return tokens
