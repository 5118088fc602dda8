"""Writes quantities to a Medusa 2 store: what is stocked at one location, so that what can be sold is as it should be.

Source: docs.medusajs.com, *Admin API* (``POST /admin/inventory-items/location-levels/batch``), and a running Medusa
2.21 (tests/real). Medusa neither compares nor tells a repetition, so the variants are read just before, and a row that
shows something else than ``before`` is not sent. Orders reserve and leave what is stocked alone: one that comes in
between is not lost. A batch is carried out as one workflow: all of it or nothing. Its answer may state old values; only
a read tells. Variants may share an inventory item: of these none is written, for that would change the others. Whoever
is a user or has a secret key may write: Medusa 2 has no rights below that by default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from stockdrift.settings.systems import MedusaSettings
from stockdrift.stock.actions import LISTED, RowChange
from stockdrift.stock.levels import LevelState
from stockdrift.stock.text import clean
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.locations import corrected
from stockdrift.surfaces.medusa_api import MedusaApi
from stockdrift.surfaces.medusa_wire import WRITE_FIELDS, Levels, Stores, Variant, Variants
from stockdrift.surfaces.sending import RefusedError, what_became
from stockdrift.surfaces.writer import NotSentError, RowAnswer, Verdict, WriteAnswer, shown

_NAMED: Final = 3  # SKUs in a sentence
_AT_ONCE: Final = 20  # SKUs of one question: longer lists in an address are cut by its parser
_PRODUCTS: Final = "admin/products/batch"
_BATCH: Final = "admin/inventory-items/location-levels/batch"

Updates = list[dict[str, Any]]
"""What one row changes: a level at each location."""


Update = Callable[[RowChange, int, Variant, Levels], "RowAnswer | Updates"]
"""What is to be changed of a variant, whose level has that place, or why nothing is."""


class MedusaWriter:
    """A :class:`~stockdrift.surfaces.writer.Writer` on the variants of one store."""

    batch = 100
    visible_within = 30_000

    def __init__(self, settings: MedusaSettings, http: Http) -> None:
        self._named = bool(settings.stock_locations)
        self._api = MedusaApi(settings, http)

    def spent(self) -> float | None:
        """A store of one's own has no allowance."""
        return None

    def describe(self, changes: Sequence[RowChange]) -> str:
        """The request, and its first rows."""
        return f"POST {_BATCH}: {shown(changes)}"

    async def ready(self) -> str:
        """Whether the key or the log-in is accepted."""
        try:
            await self._api.get(Stores, "admin/stores", {"fields": "id"})
        except SurfaceFault as fault:
            return f"The store may not be written: {fault.reason}." if fault.kind is Fault.REFUSED else ""
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """One batch of the rows that still show ``before``."""
        del key  # there is nowhere to put it
        answers, updates = await self._planned(changes, self._stock)
        if updates:
            await self._tell(_BATCH, {"update": [one for several in updates.values() for one in several]})
        answers |= dict.fromkeys(updates, RowAnswer(Verdict.ACCEPTED))
        return WriteAnswer([answers[place] for place in range(len(changes))], f"{len(updates)} items updated")

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """As :meth:`write`, for whole products: each is published, or made a draft, in one batch."""
        del key
        answers, updates = await self._planned(changes, self._status)
        if updates:
            products = {one["id"]: one for several in updates.values() for one in several}
            await self._tell(_PRODUCTS, {"update": list(products.values())})
        answers |= dict.fromkeys(updates, RowAnswer(Verdict.ACCEPTED))
        return WriteAnswer([answers[place] for place in range(len(changes))], f"{len(updates)} items updated")

    async def _tell(self, path: str, value: object) -> None:
        try:
            await self._api.tell(path, value)
        except SurfaceFault as fault:
            failed = what_became(fault)
            if isinstance(failed, RefusedError):
                raise NotSentError(fault.reason, lasting=True) from None
            raise failed from None

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _planned(
        self, changes: Sequence[RowChange], update: Update
    ) -> tuple[dict[int, RowAnswer], dict[int, Updates]]:
        """By place: the rows that are not sent, and the updates of the others."""
        try:
            levels = await self._api.levels()
            held = await self._held([change.sku for change in changes], levels)
        except SurfaceFault as fault:
            raise NotSentError(fault.reason, retry_after=fault.retry_after) from None
        answers: dict[int, RowAnswer] = {}
        updates: dict[int, Updates] = {}
        for place, change in enumerate(changes):
            found = held.get(change.sku, [])
            made = update(change, *found[0], levels) if len(found) == 1 else _not_one(len(found))
            if isinstance(made, RowAnswer):
                answers[place] = made
            else:
                updates[place] = made
        return answers, updates

    async def _held(self, skus: Sequence[str], levels: Levels) -> dict[str, list[tuple[int, Variant]]]:
        """The variants by SKU, each with the place of its level in ``levels``."""
        held: dict[str, list[tuple[int, Variant]]] = {}
        for start in range(0, len(skus), _AT_ONCE):
            wanted: dict[str, str | int] = {"limit": 1_000, "fields": WRITE_FIELDS}
            wanted |= {f"sku[{place}]": sku for place, sku in enumerate(skus[start : start + _AT_ONCE])}
            for variant in (await self._api.get(Variants, "admin/product-variants", wanted)).variants:
                row = len(levels.skus)
                levels.add(row, variant)
                if len(levels.skus) > row:
                    held.setdefault(levels.skus[row], []).append((row, variant))
        return held

    @staticmethod
    def _status(change: RowChange, row: int, variant: Variant, levels: Levels) -> RowAnswer | Updates:
        listed = LevelState(levels.states[row]) is not LevelState.DISABLED
        if listed != (change.before == LISTED) or variant.product is None:
            return RowAnswer(Verdict.STALE, "its product was " + ("published" if listed else "taken down"))
        return [{"id": variant.product.id, "status": "published" if change.after == LISTED else "draft"}]

    def _stock(self, change: RowChange, row: int, variant: Variant, levels: Levels) -> RowAnswer | Updates:
        state, available = LevelState(levels.states[row]), levels.quantities[row]
        if state is not LevelState.COUNTED or available != change.before:
            shows = available if state is LevelState.COUNTED else state.word
            return RowAnswer(Verdict.STALE, f"the store shows {shows}")
        items = variant.inventory_items or []
        if len(items) != 1 or items[0].required_quantity != 1:
            return RowAnswer(Verdict.REJECTED, "it is a kit: what it is made of has to be written instead")
        others = items[0].shared_with(variant.id)
        if others:
            named = ", ".join(map(clean, others[:_NAMED])) + (" …" if len(others) > _NAMED else "")
            return RowAnswer(Verdict.REJECTED, f"its stock is that of {named} too: to write one would change the other")
        made = corrected(levels.kept(items[0]) or [], change.after - available, named=self._named)
        if isinstance(made, str):
            return RowAnswer(Verdict.REJECTED, made)
        return [
            {"inventory_item_id": items[0].id, "location_id": one.location, "stocked_quantity": one.on_hand}
            for one in made
        ]


def _not_one(count: int) -> RowAnswer:
    """Why a SKU that the store has not just once is not written."""
    return RowAnswer(Verdict.REJECTED, f"the store has it {count} times" if count else "the store does not list it")
