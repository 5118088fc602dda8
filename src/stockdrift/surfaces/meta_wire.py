"""A Meta catalogue's items as the Graph API sends them, the levels that they state, and what its errors mean.

Source: developers.facebook.com, *Product Catalog Products* (fields, ``summary=true``), *Product Item*, *Handling
Errors*, *Rate Limits*, *Paginated Results*. What those leave open is settled here:

- ``quantity_to_sell_on_facebook`` is what shops on Facebook and Instagram sell from; ``inventory`` is its older name
  and stands in for it where it is absent.
- ``availability`` outranks a quantity above 0: what is out of stock is sold to nobody.
- An error of ``error_priority`` HIGH keeps an update of the item from being stored, so what it shows is old: unknown.
- Unconfirmed: that the total comes with every page, how large a page may be (so pages are halved where the API says
  that it is asked for too much), and that all codes from 80000 to 80014 are throttles (80014 is; so are 4, 17, 32 and
  613).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.text import clean
from stockdrift.surfaces.cells import parse_availability, parse_price
from stockdrift.surfaces.columns import Columns, sku_of, text_of
from stockdrift.surfaces.faults import Fault, SurfaceFault

FIELDS: Final = "id,retailer_id,name,price,availability,inventory,quantity_to_sell_on_facebook,visibility,errors"

TOO_MUCH: Final = "asks for too much at once"
"""In the reason of a fault after which a smaller page may come."""

_NOTHING: Final = msgspec.Raw(b"null")
_MINUTE: Final = 60_000
_UNTOLD_WAIT: Final = 5 * _MINUTE
"""Milliseconds to stay away after a throttle that names no time."""

_LONGEST_SAID: Final = 160
_THROTTLES: Final = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})
_NO_TOKEN: Final = frozenset({102, 190, 463, 467})
_PERMISSIONS: Final = frozenset({3, 10, 368, *range(200, 300)})
_PASSING: Final = frozenset({1, 2})
_UNKNOWN_OBJECT: Final = 33  # subcode of 100

_SOLD: Final = {"pending": LevelState.DISABLED, "markassold": LevelState.OUT}
"""Words of a catalogue that product feeds do not have."""

_SHOWN: Final = frozenset({"", "published"})


class Trouble(msgspec.Struct):
    """What Meta found wrong with an item."""

    error_priority: str | None = None
    error_type: str | None = None
    title: str | None = None


class Item(msgspec.Struct):
    """A ProductItem. Numbers stay raw: one that is broken spoils its item and not the page."""

    id: str
    retailer_id: str | None = None
    name: str | None = None
    price: str | None = None
    availability: str | None = None
    inventory: msgspec.Raw = _NOTHING
    to_sell: msgspec.Raw = msgspec.field(default=_NOTHING, name="quantity_to_sell_on_facebook")
    visibility: str | None = None
    errors: list[Trouble] | None = None


class _Cursors(msgspec.Struct):
    after: str = ""


class _Paging(msgspec.Struct):
    cursors: _Cursors | None = None
    next: str = ""


class _Summary(msgspec.Struct):
    total_count: int


class ItemPage(msgspec.Struct):
    """A page of a catalogue's products."""

    data: list[Item]
    paging: _Paging | None = None
    summary: _Summary | None = None

    @property
    def after(self) -> str:
        """The cursor that the next page begins behind."""
        return self.paging.cursors.after if self.paging and self.paging.cursors else ""

    @property
    def next(self) -> str:
        """The address of the next page; empty at the end. It holds the token."""
        return self.paging.next if self.paging else ""


class Levels(Columns):
    """The columns of a reading as items fill them. ``counts``: a level is a quantity, else in or out."""

    def __init__(self, *, counts: bool) -> None:
        super().__init__()
        self._counts = counts

    def add(self, row: int, item: Item) -> None:
        """Adds the level of ``item``, the ``row``-th of the source."""
        sku = sku_of(item.retailer_id)
        if not sku:
            self.bad(row, "", f"item {item.id} has no retailer_id")
            return
        state, quantity, said = self._level(item)
        if state is LevelState.UNKNOWN:
            self.bad(row, sku, said)
        self.append(sku, clean(item.name or ""), parse_price(item.price or ""), state, quantity)

    def _level(self, item: Item) -> tuple[LevelState, int, str]:
        """The level, and what stood there where it is none."""
        if (item.visibility or "").casefold() not in _SHOWN:
            return LevelState.DISABLED, 0, ""
        for trouble in item.errors or ():
            if (trouble.error_priority or "").upper() == "HIGH":
                return LevelState.UNKNOWN, 0, trouble.title or trouble.error_type or "refused by Meta"
        word = item.availability or ""
        folded = word.casefold().replace(" ", "").replace("_", "")
        state = parse_availability(word) or _SOLD.get(folded)
        if word and state is None:
            return LevelState.UNKNOWN, 0, word
        if state not in (None, LevelState.IN, LevelState.OUT):
            return state or LevelState.UNKNOWN, 0, ""
        said = text_of(item.inventory if bytes(item.to_sell) == b"null" else item.to_sell)
        if not self._counts:
            return state or LevelState.UNKNOWN, 0, "no availability"
        quantity = parse_quantity(said)
        if quantity is None:
            return LevelState.UNKNOWN, 0, said or "no quantity"
        if state is LevelState.OUT and quantity > 0:
            return LevelState.OUT, 0, ""
        return LevelState.COUNTED, quantity, ""


class _Error(msgspec.Struct):
    message: str = ""
    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False


class _Refused(msgspec.Struct):
    error: _Error


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault | None:
    """What an error answer means: Graph says it in the body's code, whatever the HTTP status."""
    try:
        error = msgspec.json.decode(body, type=_Refused).error
    except (msgspec.DecodeError, RecursionError):
        return None
    said = " ".join(error.message.split())
    if len(said) > _LONGEST_SAID:
        said = said[: _LONGEST_SAID - 1] + "…"

    def fault(words: str, kind: Fault, as_status: int, wait: int = 0) -> SurfaceFault:
        told = f": {said}" if said else ""
        return SurfaceFault(
            f"HTTP {status}: {words} (code {error.code}){told}", kind, status=as_status, retry_after=wait
        )

    if error.code in _THROTTLES:
        return fault("throttled", Fault.THROTTLED, status, usage(headers)[1] or _UNTOLD_WAIT)
    if error.code in _NO_TOKEN:
        return fault("the token is refused", Fault.REFUSED, 401)
    if error.code in _PERMISSIONS:
        return fault("the token may not read this", Fault.REFUSED, 403)
    if "reduce the amount of data" in said.casefold() or (error.code == 100 and "limit" in said.casefold()):
        return fault(TOO_MUCH, Fault.REJECTED, 400)
    if error.code in _PASSING or error.is_transient:
        return fault("a passing fault", Fault.SERVER, 503)
    if error.error_subcode == _UNKNOWN_OBJECT:
        return fault("there is no such catalogue, or the token may not see it", Fault.MISSING, 404)
    return fault("refused", Fault.REJECTED, status)


class _Usage(msgspec.Struct):
    call_count: float = 0
    total_cputime: float = 0
    total_time: float = 0
    estimated_time_to_regain_access: float = 0

    @property
    def percent(self) -> float:
        return max(self.call_count, self.total_cputime, self.total_time)


def usage(headers: Mapping[str, str]) -> tuple[float, int]:
    """How much of the allowance is used (0 to 1), and the milliseconds to stay away, as the headers ``X-App-Usage`` and
    ``X-Business-Use-Case-Usage`` tell in percent and minutes. (0, 0) where they tell nothing.
    """
    found: list[_Usage] = []
    try:
        found += [msgspec.json.decode(headers.get("x-app-usage", "{}"), type=_Usage)]
        cases = msgspec.json.decode(headers.get("x-business-use-case-usage", "{}"), type=dict[str, list[_Usage]])
        found += [case for several in cases.values() for case in several]
    except (msgspec.DecodeError, RecursionError):
        return 0.0, 0
    share = max(case.percent for case in found) / 100
    minutes = max(case.estimated_time_to_regain_access for case in found)
    wait = round(minutes * _MINUTE) or (_UNTOLD_WAIT if share >= 1 else 0)
    return min(1.0, max(0.0, share)), max(0, wait)
