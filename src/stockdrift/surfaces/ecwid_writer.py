"""Writes quantities to an Ecwid store that is not the master: looked up, compared, and set in one batch.

Source: docs.ecwid.com, *Search products*, *Update product*, *Update product variation*, *Create batch request*, *Get
batch request status* (scope ``update_catalog``). Ecwid does not compare: each product is read just before, and a row
that shows something else than ``before`` is not sent. It does tell a repetition: a batch with the same
``deduplicationKey`` is carried out once within an hour, so one whose answer was lost is asked for again. Quantities are
set and not moved by a difference, because Ecwid itself repeats a request of a batch that met an error of its own.

Unconfirmed: that the scope is checked before the product is looked for, on which :meth:`EcwidWriter.ready` relies, and
that a failed request of status 5xx was not carried out: such a row is left to be read back.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock.actions import LISTED, RowChange
from stockdrift.stock.levels import parse_quantity
from stockdrift.stock.text import clean
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.columns import sku_of, text_of
from stockdrift.surfaces.ecwid_wire import PER_MINUTE
from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.sending import RefusedError, send, send_until_answered
from stockdrift.surfaces.waiting import polled
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, shown

_FIELDS: Final = (
    "total,count,offset,limit,items(id,sku,quantity,unlimited,enabled,combinations(id,sku,quantity,unlimited))"
)
_NOTHING: Final = msgspec.Raw(b"null")
_POLLED: Final = 120_000  # ms that a ticket is asked for; reading back goes on after that
_LONGEST: Final = 100  # characters of what the store says of a row
_NO_SCOPE: Final = (
    "its token lacks the scope update_catalog. Give the app that scope in Ecwid, install it again, and put the new "
    "token where the settings point."
)


class _Variation(msgspec.Struct):
    id: int
    sku: str | None = None
    quantity: msgspec.Raw = _NOTHING
    unlimited: bool | None = None


class _Product(msgspec.Struct):
    id: int
    sku: str | None = None
    quantity: msgspec.Raw = _NOTHING
    unlimited: bool | None = None
    enabled: bool = True
    combinations: list[_Variation] | None = None


class _Found(msgspec.Struct):
    total: int
    items: list[_Product]


class _Ticket(msgspec.Struct):
    ticket: str


class _Done(msgspec.Struct):
    id: str = ""
    status: str = ""
    code: int = msgspec.field(default=0, name="httpStatusCode")
    body: msgspec.Raw = msgspec.field(default=_NOTHING, name="httpBody")


class _Status(msgspec.Struct):
    status: str
    responses: list[_Done] = msgspec.field(default_factory=list)


class _Said(msgspec.Struct):
    error: str = msgspec.field(default="", name="errorMessage")
    count: int | None = msgspec.field(default=None, name="updateCount")


class _Held(msgspec.Struct, frozen=True):
    """Where the store has a SKU: a product's own, or that of its variation."""

    product: _Product
    variation: _Variation | None


class EcwidWriter:
    """A :class:`~stockdrift.surfaces.writer.Writer` on the products of one store, within the budget of its token."""

    batch = 100
    visible_within = 300_000  # batches of a store wait for one another, those of other applications among them

    def __init__(self, settings: EcwidSettings, http: Http) -> None:
        base = f"{settings.api.rstrip('/')}/{settings.store_id}"
        self._store = settings.store_id
        self._http = http
        self._budget = http.budget(base, settings.token, PER_MINUTE)
        self._endpoint = http.endpoint(base, settings.token, self._budget)

    def spent(self) -> float | None:
        """As the budget has it that reading shares."""
        return self._budget.share(self._http.clock())

    def describe(self, changes: Sequence[RowChange]) -> str:
        """The request, and its first rows."""
        return f"POST {self._store}/batch: {shown(changes)}"

    async def ready(self) -> str:
        """Asks for a change of nothing, to a product that does not exist: who may do that learns that it is missing."""
        try:
            await send(self._endpoint, "PUT", "products/0/inventory", {"quantityDelta": 0})
        except RefusedError as refused:
            if refused.fault.status == 404:
                return ""
            if refused.fault.status == 403:
                return f"Ecwid store {self._store} may not be written: {_NO_SCOPE}"
            return f"Ecwid store {self._store} may not be written: {refused.fault.reason}."
        except (NotSentError, UnansweredError):
            pass  # it may pass until something is sent
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """One batch of the rows that still show ``before``; its key is made of ``key``."""
        return await self._sent(changes, key, self._quantity)

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """As :meth:`write`, for whole products: ``enabled`` is theirs, and not their variations'."""
        return await self._sent(changes, key, self._enabled)

    async def _sent(
        self,
        changes: Sequence[RowChange],
        key: str,
        call_for: Callable[[RowChange, _Held], RowAnswer | tuple[str, dict[str, object]]],
    ) -> WriteAnswer:
        answers: dict[int, RowAnswer] = {}
        calls = []
        for place, change in enumerate(changes):
            held, whole = await self._held(change.sku)
            made = _not_one(held, whole=whole) or call_for(change, held[0])
            if isinstance(made, RowAnswer):
                answers[place] = made
            else:
                calls.append({"id": str(place), "path": made[0], "method": "PUT", "body": made[1]})
        said = "nothing was sent"
        if calls:
            ticket, done = await self._batch(calls, str(uuid.uuid5(uuid.NAMESPACE_OID, key)))
            said = f"batch {ticket}"
            answers |= {int(call["id"]): _answer(done.get(str(call["id"]))) for call in calls}  # type: ignore[call-overload]
        return WriteAnswer([answers[place] for place in range(len(changes))], said)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _held(self, sku: str) -> tuple[list[_Held], bool]:
        """The products and variations with that SKU, and whether that is all of them. Raises NotSentError."""
        wanted: dict[str, str | int] = {"sku": sku, "limit": 100, "responseFields": _FIELDS}
        try:
            answer = await self._endpoint.get("products", wanted, {"Accept": "application/json"})
            found = decode_json(answer, _Found, max_depth=self._http.max_depth)
        except SurfaceFault as fault:
            raise NotSentError(fault.reason, retry_after=fault.retry_after) from None
        held: list[_Held] = []
        for product in found.items:
            own = [one for one in product.combinations or () if sku_of(one.sku) == sku]
            held += [_Held(product, one) for one in own]
            if not own and sku_of(product.sku) == sku:
                held.append(_Held(product, None))
        return held, found.total <= len(found.items)

    @staticmethod
    def _quantity(change: RowChange, held: _Held) -> RowAnswer | tuple[str, dict[str, object]]:
        one = held.variation or held.product
        if one.unlimited:
            return RowAnswer(Verdict.STALE, "the store sells it without counting")
        if parse_quantity(text_of(one.quantity)) != change.before:
            return RowAnswer(Verdict.STALE, f"the store shows {clean(text_of(one.quantity))[:_LONGEST] or 'nothing'}")
        path = f"/products/{held.product.id}"
        if held.variation is not None:
            path += f"/combinations/{held.variation.id}"
        return path, {"quantity": change.after, "unlimited": False}

    @staticmethod
    def _enabled(change: RowChange, held: _Held) -> RowAnswer | tuple[str, dict[str, object]]:
        if held.product.enabled != (change.before == LISTED):
            return RowAnswer(Verdict.STALE, "the product was " + ("enabled" if held.product.enabled else "disabled"))
        return f"/products/{held.product.id}", {"enabled": change.after == LISTED}

    async def _batch(self, calls: Sequence[object], key: str) -> tuple[str, dict[str, _Done]]:
        """The ticket, and what became of each call by its id; none where that could not be learned."""
        wanted: dict[str, str | int] = {"stopOnFirstFailure": "false", "deduplicationKey": key}
        try:
            answer = await send_until_answered(self._endpoint, "POST", "batch", calls, wanted, self._http)
        except RefusedError as refused:
            why = _NO_SCOPE if refused.fault.status == 403 else refused.fault.reason
            raise NotSentError(why, lasting=True) from None
        try:
            ticket = decode_json(answer, _Ticket, max_depth=self._http.max_depth).ticket
            status = await polled(lambda: self._status(ticket), self._http, _POLLED)
        except SurfaceFault as fault:
            raise UnansweredError(fault.reason) from None
        return clean(ticket)[:_LONGEST], {done.id: done for done in (status.responses if status else ())}

    async def _status(self, ticket: str) -> _Status | None:
        answer = await self._endpoint.get("batch", {"ticket": ticket}, {"Accept": "application/json"})
        status = decode_json(answer, _Status, max_depth=self._http.max_depth)
        return status if status.status == "COMPLETED" else None


def _not_one(held: Sequence[_Held], *, whole: bool) -> RowAnswer | None:
    """Why a SKU that the store has not just once is not written, nor one of which it did not tell all."""
    if not whole:
        return RowAnswer(Verdict.REJECTED, "the store finds more products by it than it tells at once")
    if len(held) == 1:
        return None
    return RowAnswer(Verdict.REJECTED, f"the store has it {len(held)} times" if held else "the store does not list it")


def _answer(done: _Done | None) -> RowAnswer:
    """What one call of a batch came to."""
    if done is None:
        return RowAnswer(Verdict.UNANSWERED, "the batch did not say what became of it")
    try:
        said = msgspec.json.decode(done.body, type=_Said)
    except (msgspec.DecodeError, RecursionError):
        said = _Said()
    if done.status == "COMPLETED" and done.code == 200:
        if said.count == 0:
            return RowAnswer(Verdict.REJECTED, "the store changed nothing")
        return RowAnswer(Verdict.ACCEPTED)
    if done.status == "NOT_EXECUTED":
        return RowAnswer(Verdict.REJECTED, "the store did not carry it out")
    why = f"HTTP {done.code}" + (f": {clean(said.error)[:_LONGEST]}" if said.error else "")
    if done.code == 403:
        why = f"HTTP 403: {_NO_SCOPE}"
    return RowAnswer(Verdict.REJECTED if 400 <= done.code < 500 else Verdict.UNANSWERED, why)
