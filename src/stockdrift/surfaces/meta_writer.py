"""Writes quantities to the items of a Meta catalogue, in batches that Meta carries out later.

Source: developers.facebook.com, *Product Catalog Items Batch* (5,000 items a call at most, 3,000 at best;
``allow_upsert`` false, or an unknown id would become a new item), *Product Catalog Check Batch Request Status*,
*Catalog Batch API: Get Batch Request* (the states of a handle), *Permissions* (``catalog_management``), *Product Feed
Uploads* and *Product Feed Schedule* (a refresh has Meta fetch the feed from its own schedule's address). Meta offers
neither a comparison nor a key for repetitions: the comparison is that of the service with the last reading, and what
was not answered is read back. The availability goes with the quantity, for it outranks it.

Unconfirmed: how soon a finished batch is shown everywhere (:attr:`MetaWriter.visible_within` allows fifteen minutes),
and that ``me/permissions`` answers for every kind of token: where it does not, the send tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from stockdrift.settings.systems import MetaSettings
from stockdrift.stock.actions import LISTED, RowChange
from stockdrift.stock.text import clean
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.meta_wire import refusal
from stockdrift.surfaces.sending import RefusedError, send
from stockdrift.surfaces.waiting import polled
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, shown

_HOUR: Final = 3_600_000
_POLLED: Final = 300_000  # ms that a handle is asked for; reading back goes on after that
_LONGEST: Final = 160  # characters of what Meta says of an item
_SCOPE: Final = "catalog_management"
_NO_SCOPE: Final = (
    f"its token lacks {_SCOPE}. Give the system user that permission and the catalogue with full control, make a new "
    "token, and put it where the settings point."
)
_ENDED: Final = frozenset({"finished", "canceled", "error"})


class _Permission(msgspec.Struct):
    permission: str = ""
    status: str = ""


class _Permissions(msgspec.Struct):
    data: list[_Permission]


class _Schedule(msgspec.Struct):
    url: str = ""


class _Feed(msgspec.Struct):
    schedule: _Schedule | None = None
    update_schedule: _Schedule | None = None

    @property
    def address(self) -> str:
        """Where the feed lies that replaces, else the one that only updates."""
        return next((one.url for one in (self.schedule, self.update_schedule) if one and one.url), "")


class _Upload(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    message: str = ""
    id: str = ""


class _Validation(msgspec.Struct):
    retailer_id: str = ""
    errors: list[_Message] = msgspec.field(default_factory=list)


class _Accepted(msgspec.Struct):
    handles: list[str] = msgspec.field(default_factory=list)
    validation: list[_Validation] = msgspec.field(default_factory=list, name="validation_status")


class _Batch(msgspec.Struct):
    status: str
    errors: list[_Message] = msgspec.field(default_factory=list)
    total: int = msgspec.field(default=0, name="errors_total_count")
    invalid: list[str] = msgspec.field(default_factory=list, name="ids_of_invalid_requests")


class _Batches(msgspec.Struct):
    data: list[_Batch]


class MetaWriter:
    """A :class:`~stockdrift.surfaces.writer.Writer` on one catalogue, within the budget of its token."""

    batch = 500
    visible_within = 900_000

    def __init__(self, settings: MetaSettings, http: Http) -> None:
        self._catalog = settings.catalog_id
        self._feed = settings.feed_id
        self.refreshes = settings.feed_id is not None
        self._http = http
        self._budget = http.budget(settings.api, settings.token, settings.calls_per_hour, _HOUR)
        self._endpoint = http.endpoint(settings.api, settings.token, self._budget, refusal=refusal)

    def spent(self) -> float | None:
        """As the budget has it that reading shares."""
        return self._budget.share(self._http.clock())

    def describe(self, changes: Sequence[RowChange]) -> str:
        """The request, and its first rows."""
        return f"POST {self._catalog}/items_batch: {shown(changes)}"

    async def ready(self) -> str:
        """Whether the token was granted what writing takes."""
        try:
            answer = await self._endpoint.get("me/permissions", None, {"Accept": "application/json"})
            granted = decode_json(answer, _Permissions, max_depth=self._http.max_depth).data
        except SurfaceFault as fault:
            if fault.kind is not Fault.REFUSED:
                return ""  # some tokens cannot be asked, and what else there is may pass
            return f"Catalogue {self._catalog} may not be written: {fault.reason}."
        if not any(one.permission == _SCOPE and one.status == "granted" for one in granted):
            return f"Catalogue {self._catalog} may not be written: {_NO_SCOPE}"
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """One batch, and its handle to the end."""
        del key  # there is nowhere to put it
        return await self._sent(changes, _quantity)

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """As :meth:`write`, for the visibility of items."""
        del key
        return await self._sent(changes, _visibility)

    async def _sent(self, changes: Sequence[RowChange], item: Callable[[RowChange], dict[str, Any]]) -> WriteAnswer:
        value = {
            "item_type": "PRODUCT_ITEM",
            "allow_upsert": False,
            "requests": [{"method": "UPDATE", "data": item(change)} for change in changes],
        }
        try:
            answer = await send(self._endpoint, "POST", f"{self._catalog}/items_batch", value)
        except RefusedError as refused:
            raise NotSentError(_NO_SCOPE if refused.fault.status == 403 else str(refused), lasting=True) from None
        try:
            accepted = decode_json(answer, _Accepted, max_depth=self._http.max_depth)
            refused_rows = {one.retailer_id: _words(one.errors) for one in accepted.validation if one.errors}
            batches = [await polled(lambda h=handle: self._status(h), self._http, _POLLED)  # type: ignore[misc]
                       for handle in accepted.handles]  # fmt: skip
        except SurfaceFault as fault:
            raise UnansweredError(fault.reason) from None
        return _answer(changes, refused_rows, batches)

    def describe_refresh(self) -> str:
        """The request; the address that is fetched may hold secrets, and is not told."""
        return f"POST {self._feed}/uploads: have Meta fetch the data feed"

    async def refresh(self) -> str:
        """Has Meta fetch the data feed from where its schedule does, now."""
        try:
            wanted = {"fields": "schedule{url},update_schedule{url}"}
            answer = await self._endpoint.get(str(self._feed), wanted, {"Accept": "application/json"})
            address = decode_json(answer, _Feed, max_depth=self._http.max_depth).address
        except SurfaceFault as fault:
            raise NotSentError(fault.reason, retry_after=fault.retry_after) from None
        if not address:
            raise NotSentError("the data feed has no schedule: Meta does not know where to fetch it", lasting=True)
        try:
            answer = await send(self._endpoint, "POST", f"{self._feed}/uploads", {"url": address})
        except RefusedError as refused:
            raise NotSentError(_NO_SCOPE if refused.fault.status == 403 else str(refused), lasting=True) from None
        try:
            upload = decode_json(answer, _Upload, max_depth=self._http.max_depth).id
        except SurfaceFault as fault:
            raise UnansweredError(fault.reason) from None
        return f"upload {clean(upload)[:_LONGEST]}"

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _status(self, handle: str) -> _Batch | None:
        wanted: dict[str, str | int] = {"handle": handle, "load_ids_of_invalid_requests": "true"}
        path = f"{self._catalog}/check_batch_request_status"
        answer = await self._endpoint.get(path, wanted, {"Accept": "application/json"})
        found = decode_json(answer, _Batches, max_depth=self._http.max_depth).data
        return found[0] if found and found[0].status.casefold() in _ENDED else None


def _visibility(change: RowChange) -> dict[str, Any]:
    return {"id": change.sku, "visibility": "published" if change.after == LISTED else "hidden"}


def _quantity(change: RowChange) -> dict[str, Any]:
    return {
        "id": change.sku,
        "quantity_to_sell_on_facebook": change.after,
        "availability": "in stock" if change.after > 0 else "out of stock",
    }


def _answer(changes: Sequence[RowChange], refused: dict[str, str], batches: Sequence[_Batch | None]) -> WriteAnswer:
    """Row by row: refused by name, accepted where the batch came to its end, else not known."""
    for batch in batches:
        if batch is not None:
            refused |= dict.fromkeys(batch.invalid, "Meta could not carry it out")
            refused |= {error.id: _words([error]) for error in batch.errors if error.id}
    finished = [batch is not None and batch.status.casefold() == "finished" for batch in batches]
    if not batches:
        other = RowAnswer(Verdict.REJECTED, "Meta gave no handle: nothing was taken")
    elif all(finished):
        other = RowAnswer(Verdict.ACCEPTED)
    elif any(batch is not None and batch.status.casefold() != "finished" for batch in batches):
        other = RowAnswer(Verdict.UNANSWERED, "Meta did not carry the batch to its end")
    else:
        other = RowAnswer(Verdict.ACCEPTED)  # it is under way still: accepted, and to be seen
    said = ", ".join("under way" if batch is None else batch.status.casefold() for batch in batches)
    rows = [RowAnswer(Verdict.REJECTED, refused[one.sku]) if one.sku in refused else other for one in changes]
    return WriteAnswer(rows, f"items_batch: {said or 'no handle'}")


def _words(errors: Sequence[_Message]) -> str:
    return clean(" ".join(errors[0].message.split()))[:_LONGEST] or "Meta refuses it"
