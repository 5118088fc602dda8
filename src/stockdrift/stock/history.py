"""What the master said before: the levels it held, and between which times."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

KEPT: Final = 10 * 3_600_000
"""Milliseconds of history that judging looks back on; older records are dropped."""

_FIRST_CAPACITY: Final = 1024


class MasterHistory:
    """Records ``(row, low, high, state, atp)``: ``low`` is the last read of the value before, ``high`` the first of
    this one. So a value was *possibly* held from its own ``low`` to its successor's ``high``. The newest record of a
    row is its present value. ``low`` is 0 where nothing was read before.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first_at: int | None = None  # the first complete read of the master
        self._rows = np.empty(_FIRST_CAPACITY, np.int32)
        self._lows = np.empty(_FIRST_CAPACITY, np.int64)
        self._highs = np.empty(_FIRST_CAPACITY, np.int64)
        self._states = np.empty(_FIRST_CAPACITY, np.uint8)
        self._atps = np.empty(_FIRST_CAPACITY, np.int32)
        self._previous = np.empty(_FIRST_CAPACITY, np.int32)
        self._newest = np.empty(0, np.int32)

    @property
    def room(self) -> int:
        """How many records there is room for: where it is full, old ones are dropped before it grows."""
        return len(self._rows)

    @property
    def rows(self) -> NDArray[np.int32]:
        """Row of each record, oldest record first."""
        return self._rows[: self.count]

    @property
    def lows(self) -> NDArray[np.int64]:
        """Last read of the value before, ms."""
        return self._lows[: self.count]

    @property
    def highs(self) -> NDArray[np.int64]:
        """First read of this value, ms; ascending."""
        return self._highs[: self.count]

    @property
    def states(self) -> NDArray[np.uint8]:
        """State of the master."""
        return self._states[: self.count]

    @property
    def atps(self) -> NDArray[np.int32]:
        """ATP of the master."""
        return self._atps[: self.count]

    @property
    def previous(self) -> NDArray[np.int32]:
        """Index of the record before this one of the same row, −1 for its first."""
        return self._previous[: self.count]

    def newest(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Index of the newest record of each row, −1 where there is none."""
        found = np.full(len(rows), -1, np.int32)
        known = rows < len(self._newest)
        found[known] = self._newest[rows[known]]
        return found

    def record(
        self,
        rows: NDArray[np.int32],
        states: NDArray[np.uint8],
        atps: NDArray[np.int32],
        *,
        last_read: int,
        read_at: int,
        catalogue_size: int,
    ) -> None:
        """Appends a change of each of ``rows`` (unique), seen at ``read_at``, not yet at ``last_read`` (0: never)."""
        if self.first_at is None:
            self.first_at = read_at
        if catalogue_size > len(self._newest):
            grown = np.full(max(catalogue_size, 2 * len(self._newest)), -1, np.int32)
            grown[: len(self._newest)] = self._newest
            self._newest = grown
        if self.count + len(rows) > len(self._rows):
            self._forget(read_at - KEPT)
            self._grow(self.count + len(rows))
        span = slice(self.count, self.count + len(rows))
        self._rows[span] = rows
        self._lows[span] = last_read
        self._highs[span] = read_at
        self._states[span] = states
        self._atps[span] = atps
        self._previous[span] = self._newest[rows]
        self._newest[rows] = np.arange(span.start, span.stop, dtype=np.int32)
        self.count = span.stop

    def successors(self) -> NDArray[np.int32]:
        """For each record the index of the next one of its row, −1 for the newest."""
        following = np.full(self.count, -1, np.int32)
        has = self.previous >= 0
        following[self.previous[has]] = np.flatnonzero(has).astype(np.int32)
        return following

    def since(self, at: int) -> slice:
        """The records whose value was first read after ``at``."""
        return slice(int(np.searchsorted(self.highs, at, side="right")), self.count)

    def of_row(self, row: int) -> list[tuple[int, int, int]]:
        """``(high, state, atp)`` of one row, oldest first."""
        index = int(self.newest(np.array([row], np.int32))[0])
        found = []
        while index >= 0:
            found.append((int(self._highs[index]), int(self._states[index]), int(self._atps[index])))
            index = int(self._previous[index])
        return found[::-1]

    def columns(self) -> dict[str, NDArray[Any]]:
        """The records as columns, by name; without their links, which follow from the rows."""
        return {name: getattr(self, name) for name in ("rows", "lows", "highs", "states", "atps")}

    @classmethod
    def restored(
        cls, columns: dict[str, NDArray[Any]], *, first_at: int | None, catalogue_size: int, room: int = 0
    ) -> MasterHistory:
        """A history of the records that :meth:`columns` gave. With the same ``room`` it drops the same ones later."""
        history = cls()
        history.first_at = first_at
        count = len(columns["rows"])
        history._grow(max(count, room))
        for name, column in columns.items():
            getattr(history, f"_{name}")[:count] = column
        history.count = count
        history._newest = np.full(catalogue_size, -1, np.int32)
        for index, row in enumerate(columns["rows"].tolist()):
            history._previous[index] = history._newest[row]
            history._newest[row] = index
        return history

    def _grow(self, needed: int) -> None:
        capacity = len(self._rows)
        while capacity < needed:
            capacity *= 2
        for name in ("_rows", "_lows", "_highs", "_states", "_atps", "_previous"):
            column = getattr(self, name)
            grown = np.empty(capacity, column.dtype)
            grown[: self.count] = column[: self.count]
            setattr(self, name, grown)

    def _forget(self, before: int) -> None:
        """Drops records whose value was replaced before ``before``. A present value is always kept."""
        following = self.successors()
        keep = (following < 0) | (self.highs[np.maximum(following, 0)] >= before)
        if keep.all():
            return
        place = np.cumsum(keep, dtype=np.int32) - 1
        previous = self.previous[keep]
        kept_before = (previous >= 0) & keep[np.maximum(previous, 0)]
        previous = np.where(kept_before, place[np.maximum(previous, 0)], -1).astype(np.int32)
        kept = int(keep.sum())
        for name in ("_rows", "_lows", "_highs", "_states", "_atps"):
            column = getattr(self, name)
            column[:kept] = column[: self.count][keep]
        self._previous[:kept] = previous
        self.count = kept
        self._newest[self._rows[:kept]] = np.arange(kept, dtype=np.int32)  # ascending: the newest wins
