"""How fast the master sells, and what that means for a SKU that shows too much."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.history import MasterHistory
from stockdrift.stock.levels import LevelState
from stockdrift.stock.rows import distinct

HOUR: Final = 3_600_000

WINDOW: Final = 6 * HOUR
"""Sales further back say nothing of the present pace."""

_LEAST_OBSERVED: Final = 120_000


class Pace:
    """Units an hour by which each row's master falls."""

    def __init__(self, units: NDArray[np.int64], observed: int) -> None:
        self._units = units
        self._hourly = HOUR / observed

    def of(self, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Of each of ``rows``."""
        found = np.zeros(len(rows))
        seen = rows < len(self._units)
        found[seen] = self._units[rows[seen]] * self._hourly
        return found

    @property
    def fastest(self) -> int | None:
        """The row that sells fastest, the first of those alike; None where nothing sells."""
        row = int(np.argmax(self._units)) if len(self._units) else 0
        return row if len(self._units) and self._units[row] > 0 else None


class Sales:
    """Units by which each row's master fell within :data:`WINDOW`. Kept up: what is asked for again costs what the
    master has said since.
    """

    def __init__(self) -> None:
        self._history: MasterHistory | None = None
        self._forgotten = 0
        self._counted = slice(0, 0)  # of the history's records
        self._units = np.zeros(0, np.int64)

    def pace(self, history: MasterHistory, now: int) -> Pace | None:
        """At ``now`` (ms); None where too little was observed."""
        if history.first_at is None or now - history.first_at < _LEAST_OBSERVED:
            return None
        recent = history.since(max(now - WINDOW, history.first_at))
        before = self._counted
        same = history is self._history and history.forgotten == self._forgotten
        if not (same and before.start <= recent.start <= before.stop <= recent.stop):
            self._history, self._forgotten = history, history.forgotten
            self._units = np.zeros(0, np.int64)
            before = slice(recent.start, recent.start)
        self._add(history, slice(before.start, recent.start), -1)
        self._add(history, slice(before.stop, recent.stop), 1)
        self._counted = recent
        return Pace(self._units, min(WINDOW, now - history.first_at))

    def _add(self, history: MasterHistory, records: slice, times: int) -> None:
        """A rise (a delivery, a correction) is not a sale and is left out."""
        previous = history.previous[records]
        if not len(previous):
            return
        compared = (previous >= 0) & (history.states[records] == LevelState.COUNTED)
        compared &= history.states[np.maximum(previous, 0)] == LevelState.COUNTED
        fell = history.atps[np.maximum(previous, 0)].astype(np.int64) - history.atps[records]
        rows = history.rows[records]
        if len(self._units) <= rows.max():
            self._units = np.append(self._units, np.zeros(int(rows.max()) + 1 - len(self._units), np.int64))
        np.add.at(self._units, rows, np.where(compared, np.maximum(fell, 0), 0) * times)


def stock_outs(history: MasterHistory, now: int) -> int:
    """SKUs whose ATP fell to zero or below within the last hour."""
    if history.first_at is None:
        return 0
    recent = history.since(max(now - HOUR, history.first_at))  # before the first read nothing is known to fall from
    previous = history.previous[recent]
    fell = (previous >= 0) & (history.atps[recent] <= 0) & (history.atps[np.maximum(previous, 0)] > 0)
    fell &= history.states[recent] == LevelState.COUNTED
    return len(distinct(history.rows[recent][fell]))
