"""Several rows of one SKU, where they mean a sum: one per location, or one per offer."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from stockdrift.stock.index import first_places
from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState
from stockdrift.stock.texts import Texts
from stockdrift.surfaces.collected import Table

_IN_OR_OUT = frozenset({LevelState.IN, LevelState.OUT})


def sum_duplicates(table: Table) -> Table:
    """``table`` with each SKU once, where it first stood, with the name and price of that row.

    Quantities add up, parts too; a SKU that is in anywhere is in; equal states stay. A sum over a bad row is bad
    already. Rows that state different kinds of level, and sums outside 32 bits, are a bad row more, and UNKNOWN.
    """
    repeats = _repeats(table.skus)
    if not repeats:
        return table
    dropped: list[int] = []
    for first, others in repeats.items():
        places = [first, *others]
        dropped += others
        _join(table, places)
    keep = np.ones(len(table.skus), np.bool_)
    keep[dropped] = False
    kept = np.flatnonzero(keep).tolist()
    table.skus = [table.skus[place] for place in kept]
    table.names = [table.names[place] for place in kept] if len(table.names) else []
    table.prices = array("d", (table.prices[place] for place in kept)) if table.prices else table.prices
    table.states, table.quantities = table.states[keep], table.quantities[keep]
    table.numbers = np.asarray(table.numbers, np.int32)[keep]
    table.parts = table.parts[:, keep] if table.parts is not None else None
    return table


def _repeats(skus: Sequence[str]) -> dict[int, list[int]]:
    """For each SKU that stands more than once: its first place, and the others."""
    first = first_places(Texts.of(skus))
    repeats: dict[int, list[int]] = {}
    for place in np.flatnonzero(first != np.arange(len(first))).tolist():
        repeats.setdefault(int(first[place]), []).append(place)
    return repeats


def _join(table: Table, places: list[int]) -> None:
    """Makes the first of ``places`` speak for all of them."""
    first = places[0]
    states = {LevelState(state) for state in table.states[places].tolist()}
    state, total = LevelState.UNKNOWN, 0
    parts = table.parts[:, places].sum(axis=1, dtype=np.int64) if table.parts is not None else np.zeros(4, np.int64)
    fault = ""
    if states == {LevelState.COUNTED}:
        total = int(table.quantities[places].sum(dtype=np.int64))
        if min(total, int(parts.min())) >= QUANTITY_MIN and max(total, int(parts.max())) <= QUANTITY_MAX:
            state = LevelState.COUNTED
        else:
            fault = f"the sum {total} of {len(places)} rows"
    elif len(states) == 1:
        state = states.pop()
    elif states <= _IN_OR_OUT:
        state = LevelState.IN
    elif LevelState.UNKNOWN not in states:
        fault = "rows that differ: " + ", ".join(sorted(state.word for state in states))
    if fault:
        table.bad(int(table.numbers[first]), table.skus[first], fault)
    counted = state is LevelState.COUNTED
    table.states[first] = state
    table.quantities[first] = total if counted else 0
    if table.parts is not None:
        table.parts[:, first] = parts if counted else 0
