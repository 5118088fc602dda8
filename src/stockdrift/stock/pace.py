"""How fast the master sells, and what that means for a SKU that shows too much."""

from __future__ import annotations

from typing import Any, ClassVar, Final

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

    def __init__(self, units: NDArray[Any], observed: int) -> None:
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


class _KeptUp:
    """What the master's records of a stretch of time add up to, row by row. What is asked for again costs the records
    that have come since, and those that have grown too old.
    """

    KIND: ClassVar[type[np.signedinteger[Any]]] = np.int64

    def __init__(self) -> None:
        self.sums = np.zeros(0, self.KIND)
        self.some = 0
        """Rows whose sum is not 0."""
        self._history: MasterHistory | None = None
        self._forgotten = 0
        self._counted = slice(0, 0)  # of the history's records

    def count(self, history: MasterHistory, since: int) -> None:
        """Counts the records that were first read after ``since`` (ms), and no others."""
        recent, before = history.since(since), self._counted
        same = history is self._history and history.forgotten == self._forgotten
        if not (same and before.start <= recent.start <= before.stop <= recent.stop):
            self._history, self._forgotten = history, history.forgotten
            self.sums, self.some = np.zeros(0, self.KIND), 0
            before = slice(recent.start, recent.start)
        self._add(history, slice(before.start, recent.start), -1)
        self._add(history, slice(before.stop, recent.stop), 1)
        self._counted = recent

    def _add(self, history: MasterHistory, records: slice, times: int) -> None:
        rows, numbers = self._numbers(history, records)
        some = np.flatnonzero(numbers)
        rows, numbers = rows[some], numbers[some]
        if not len(rows):
            return
        if len(self.sums) <= rows.max():
            self.sums = np.append(self.sums, np.zeros(int(rows.max()) + 1 - len(self.sums), self.KIND))
        touched = distinct(rows)
        before = int(np.count_nonzero(self.sums[touched]))
        np.add.at(self.sums, rows, numbers * times)
        self.some += int(np.count_nonzero(self.sums[touched])) - before

    def _numbers(self, history: MasterHistory, records: slice) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """What each record adds to its row."""
        raise NotImplementedError


class Sales(_KeptUp):
    """Units by which each row's master fell within :data:`WINDOW`."""

    def pace(self, history: MasterHistory, now: int) -> Pace | None:
        """At ``now`` (ms); None where too little was observed."""
        if history.first_at is None or now - history.first_at < _LEAST_OBSERVED:
            return None
        self.count(history, max(now - WINDOW, history.first_at))
        return Pace(self.sums, min(WINDOW, now - history.first_at))

    def _numbers(self, history: MasterHistory, records: slice) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """A rise (a delivery, a correction) is not a sale and is left out."""
        previous = history.previous[records]
        compared = (previous >= 0) & (history.states[records] == LevelState.COUNTED)
        compared &= history.states[np.maximum(previous, 0)] == LevelState.COUNTED
        fell = history.atps[np.maximum(previous, 0)].astype(np.int64) - history.atps[records]
        return history.rows[records], np.where(compared, np.maximum(fell, 0), 0)


class StockOuts(_KeptUp):
    """How often the ATP of each row fell to zero or below within the last hour."""

    KIND = np.int32

    def skus(self, history: MasterHistory, now: int) -> int:
        """The SKUs that did so at least once."""
        if history.first_at is None:
            return 0
        self.count(history, max(now - HOUR, history.first_at))  # before the first read nothing is known to fall from
        return self.some

    def _numbers(self, history: MasterHistory, records: slice) -> tuple[NDArray[np.int32], NDArray[Any]]:
        previous = history.previous[records]
        fell = (previous >= 0) & (history.atps[records] <= 0) & (history.atps[np.maximum(previous, 0)] > 0)
        fell &= history.states[records] == LevelState.COUNTED
        return history.rows[records], fell.astype(np.int32)
