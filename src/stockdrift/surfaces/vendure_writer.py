"""Writes quantities to a Vendure shop: the stock on hand of one location, so that what can be sold is as it should be.

Source: docs.vendure.io, *Admin API* (``updateProductVariants``; permissions ``UpdateCatalog`` or ``UpdateProduct``) and
*Stock control*, and a running Vendure 3.7 (tests/real). Vendure neither compares nor tells a repetition, so the
variants are read just before, and a row that shows something else than ``before`` is not sent. Orders allocate and
leave the stock on hand alone: one that comes in between is not lost. The mutation is one transaction: all of it or
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from stockdrift.settings.systems import VendureSettings
from stockdrift.stock.actions import LISTED, RowChange
from stockdrift.stock.levels import LevelState
from stockdrift.surfaces.columns import sku_of
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.locations import Kept, corrected
from stockdrift.surfaces.sending import RefusedError, what_became
from stockdrift.surfaces.vendure_api import VendureApi
from stockdrift.surfaces.vendure_wire import HELD, UPDATE, Levels, Updated, Variant, Variants
from stockdrift.surfaces.writer import NotSentError, RowAnswer, Verdict, WriteAnswer, shown

_NOBODY: Final = "0"
"""An id that no variant has."""

_NO_RIGHT: Final = (
    "its role lacks UpdateCatalog or UpdateProduct. Give the role of this user or API key one of them, in this channel."
)


Update = Callable[[RowChange, Variant, Levels], "RowAnswer | dict[str, Any]"]
"""What the shop is told of a variant, or why nothing."""


class VendureWriter:
    """A :class:`~stockdrift.surfaces.writer.Writer` on the variants of one channel."""

    batch = 100
    visible_within = 30_000

    def __init__(self, settings: VendureSettings, http: Http) -> None:
        self._locations = settings.stock_locations
        self._api = VendureApi(settings, http)

    def spent(self) -> float | None:
        """A shop of one's own has no allowance."""
        return None

    def describe(self, changes: Sequence[RowChange]) -> str:
        """The mutation, and its first rows."""
        return f"updateProductVariants: {shown(changes)}"

    async def ready(self) -> str:
        """Asks for a change of nothing, to a variant that does not exist: who may do that learns that it is missing. An
        API key may not ask what it may do.
        """
        try:
            await self._api.tell(Updated, UPDATE, {"input": [{"id": _NOBODY}]})
        except SurfaceFault as fault:
            if fault.kind is Fault.REFUSED:
                return f"The shop may not be written: {_NO_RIGHT if fault.status == 403 else f'{fault.reason}.'}"
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """One mutation of the rows that still show ``before``."""
        del key  # there is nowhere to put it
        return await self._sent(changes, self._stock)

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """As :meth:`write`, for ``enabled`` of variants. One whose product is not enabled stays down."""
        del key
        return await self._sent(changes, self._enabled)

    async def _sent(self, changes: Sequence[RowChange], update: Update) -> WriteAnswer:
        answers, updates = await self._planned(changes, update)
        if updates:
            try:
                await self._api.tell(Updated, UPDATE, {"input": list(updates.values())})
            except SurfaceFault as fault:
                failed = what_became(fault)
                if isinstance(failed, RefusedError):
                    why = _NO_RIGHT if fault.kind is Fault.REFUSED else fault.reason
                    raise NotSentError(why, lasting=True) from None
                raise failed from None
        answers |= dict.fromkeys(updates, RowAnswer(Verdict.ACCEPTED))
        return WriteAnswer([answers[place] for place in range(len(changes))], f"{len(updates)} variants updated")

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _planned(
        self, changes: Sequence[RowChange], update: Update
    ) -> tuple[dict[int, RowAnswer], dict[int, dict[str, Any]]]:
        """By place: the rows that are not sent, and the updates of the others."""
        try:
            levels = Levels(await self._api.shop(locations=bool(self._locations)), self._locations)
            found = await self._api.ask(Variants, HELD, {"skus": [change.sku for change in changes]})
        except SurfaceFault as fault:
            raise NotSentError(fault.reason, retry_after=fault.retry_after) from None
        held: dict[str, list[Variant]] = {}
        for variant in found.variants.items:
            held.setdefault(sku_of(variant.sku), []).append(variant)
        answers: dict[int, RowAnswer] = {}
        updates: dict[int, dict[str, Any]] = {}
        for place, change in enumerate(changes):
            found_here = held.get(change.sku, [])
            made = update(change, found_here[0], levels) if len(found_here) == 1 else _not_one(len(found_here))
            if isinstance(made, RowAnswer):
                answers[place] = made
            else:
                updates[place] = made
        return answers, updates

    @staticmethod
    def _enabled(change: RowChange, variant: Variant, levels: Levels) -> RowAnswer | dict[str, Any]:
        del levels
        if not variant.product.enabled:
            return RowAnswer(Verdict.REJECTED, "its product is not enabled")
        if variant.enabled != (change.before == LISTED):
            return RowAnswer(Verdict.STALE, "the variant was " + ("enabled" if variant.enabled else "disabled"))
        return {"id": variant.id, "enabled": change.after == LISTED}

    def _stock(self, change: RowChange, variant: Variant, levels: Levels) -> RowAnswer | dict[str, Any]:
        state = levels.state_of(variant)
        if state is not LevelState.COUNTED:
            return RowAnswer(Verdict.STALE, f"the shop says {state.word}")
        parts = levels.parts_of(variant)
        available = None if parts is None else parts[0] - sum(parts[1:])
        if available is None or available != change.before:
            return RowAnswer(Verdict.STALE, f"the shop shows {available}")
        kept = [Kept(one.location, one.on_hand, one.allocated) for one in levels.counted(variant)]
        made = corrected(kept, change.after - available, named=bool(self._locations))
        if isinstance(made, str):
            return RowAnswer(Verdict.REJECTED, made)
        stock = [{"stockLocationId": one.location, "stockOnHand": one.on_hand} for one in made]
        return {"id": variant.id, "stockLevels": stock}


def _not_one(count: int) -> RowAnswer:
    """Why a SKU that the shop has not just once is not written."""
    return RowAnswer(Verdict.REJECTED, f"the shop has it {count} times" if count else "the shop does not list it")
