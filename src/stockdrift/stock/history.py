"""What the master said before: the levels it held, and between which times."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.brief import Brief, Runs
from stockdrift.stock.levels import LevelState
from stockdrift.stock.packed_levels import PackedLevels, Quantities, States
from stockdrift.stock.rows import distinct

KEPT: Final = 10 * 3_600_000
"""Milliseconds of history that judging looks back on; older records are dropped."""

STILL: Final = np.iinfo(np.int64).max
"""No value has come after it."""

_FIRST_CAPACITY: Final = 1024


class MasterHistory:
    """Records ``(row, low, high, state, atp)``: ``low`` is the last read of the value before, ``high`` the first of
    this one. So a value was *possibly* held from its own ``low`` to its successor's ``high``. The newest record of a
    row is its present value. ``low`` is 0 where nothing was read before.

    Records that came of one read share its two moments: these are kept by read, not by record.
    """

    def __init__(self) -> None:
        self.count = 0
        self.forgotten = 0  # how often records were dropped: those that are left have other places since
        self.first_at: int | None = None  # the first complete read of the master
        self._rows = np.empty(_FIRST_CAPACITY, np.int32)
        self._levels = PackedLevels(_FIRST_CAPACITY, LevelState.UNKNOWN)
        self._previous = _none_before(_FIRST_CAPACITY)
        self._newest = np.empty(0, np.int32)
        self._begins = np.empty(0, np.int64)  # the first record of each read, ascending
        self._lows = np.empty(0, np.int64)
        self._highs = np.empty(0, np.int64)

    @property
    def room(self) -> int:
        """How many records there is room for: where it is full, old ones are dropped before it grows."""
        return len(self._rows)

    @property
    def rows(self) -> NDArray[np.int32]:
        """Row of each record, oldest record first."""
        return self._rows[: self.count]

    @property
    def states(self) -> States:
        """State of the master, by record."""
        return self._levels.states

    @property
    def atps(self) -> Quantities:
        """ATP of the master, by record."""
        return self._levels.quantities

    @property
    def previous(self) -> NDArray[np.int32]:
        """Index of the record before this one of the same row, −1 for its first."""
        return self._previous[: self.count]

    def lows(self, records: NDArray[Any]) -> NDArray[np.int64]:
        """Last read of the value before, ms, of each of ``records``."""
        return self._lows[self._reads(records)]

    def highs(self, records: NDArray[Any]) -> NDArray[np.int64]:
        """First read of this value, ms, of each of ``records``. Ascends with them."""
        return self._highs[self._reads(records)]

    def moments(self, records: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """:meth:`lows` and :meth:`highs`."""
        reads = self._reads(records)
        return self._lows[reads], self._highs[reads]

    def newest(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Index of the newest record of each row, −1 where there is none."""
        found = np.full(len(rows), -1, np.int32)
        known = rows < len(self._newest)
        found[known] = self._newest[rows[known]]
        return found

    def held(
        self, rows: NDArray[np.int32], since: int
    ) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.int64]]:
        """The records of ``rows`` whose value was held at ``since`` (ms) or later, each row's newest first: which they
        are, the place of each in ``rows``, and when the value after it was first read (:data:`STILL`: it holds).
        """
        place, record = np.arange(len(rows)), self.newest(rows)
        until = np.full(len(rows), STILL)
        records, places, held = [record[:0]], [place[:0]], [until[:0]]
        while len(left := np.flatnonzero((record >= 0) & (until >= since))):
            place, record, until = place[left], record[left], until[left]
            records.append(record)
            places.append(place)
            held.append(until)
            record, until = self.previous[record], self.highs(record)
        return np.concatenate(records), np.concatenate(places), np.concatenate(held)

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
            grown = np.full(max(catalogue_size, len(self._newest) * 3 // 2), -1, np.int32)
            grown[: len(self._newest)] = self._newest
            self._newest = grown
        if not len(rows):
            return
        if self.count + len(rows) > len(self._rows):
            self._forget(read_at - KEPT)
            self._grow(self.count + len(rows))
        span = slice(self.count, self.count + len(rows))
        self._rows[span] = rows
        self._levels.put(span, states, atps)
        self._link(span, self._newest[rows])
        self._newest[rows] = np.arange(span.start, span.stop, dtype=np.int32)
        self._begins = np.append(self._begins, span.start)
        self._lows = np.append(self._lows, last_read)
        self._highs = np.append(self._highs, read_at)
        self.count = span.stop

    def _link(self, span: slice, previous: NDArray[np.int32]) -> None:
        """Writes which records come before those of ``span``. As long as none does, one number stands for all."""
        if not self._previous.flags.writeable:
            if (previous < 0).all():
                return
            self._previous = self._previous.copy()
        self._previous[span] = previous

    def since(self, at: int) -> slice:
        """The records whose value was first read after ``at``."""
        read = int(np.searchsorted(self._highs, at, side="right"))
        return slice(int(self._begins[read]) if read < len(self._begins) else self.count, self.count)

    def rows_since(self, at: int) -> NDArray[np.int32]:
        """The rows whose present value was first read after ``at``, in the order in which it was."""
        recent = self.since(at)
        rows: NDArray[np.int32] = self._rows[recent]
        present: NDArray[np.int32] = rows[self._newest[rows] == np.arange(recent.start, recent.stop)]
        return present

    def of_row(self, row: int) -> list[tuple[int, int, int]]:
        """``(high, state, atp)`` of one row, oldest first."""
        index = int(self.newest(np.array([row], np.int32))[0])
        records = []
        while index >= 0:
            records.append(index)
            index = int(self._previous[index])
        found = np.array(records[::-1], np.int32)
        return list(
            zip(self.highs(found).tolist(), self.states[found].tolist(), self.atps[found].tolist(), strict=True)
        )

    COLUMNS: Final = ("rows", "lows", "highs", "states", "atps")

    def column(self, name: str) -> Brief:
        """One of :attr:`COLUMNS` by record. Their links follow from the rows."""
        if name in ("lows", "highs"):
            return Runs(self._begins, getattr(self, f"_{name}"), self.count)
        found: NDArray[Any] = getattr(self, name)[: self.count]
        return found

    @classmethod
    def restored(
        cls,
        rows: NDArray[np.int32],
        lows: Runs,
        highs: Runs,
        levels: PackedLevels,
        *,
        first_at: int | None,
        catalogue_size: int,
        room: int = 0,
    ) -> MasterHistory:
        """A history of the records whose columns these are; ``levels`` become its own. With the same ``room`` it drops
        the same ones later.
        """
        history = cls()
        history.first_at = first_at
        count = len(rows)
        history._levels = levels
        history._grow(max(count, room))
        history.count = count
        history._rows[:count] = rows
        history._begins = distinct(np.concatenate([lows.begins, highs.begins]))
        history._lows, history._highs = lows.at(history._begins), highs.at(history._begins)
        ascending = bool((rows[1:] > rows[:-1]).all())  # as after a first read: of each row one record, and no more
        history._newest = np.full(max(catalogue_size, history.room), -1, np.int32)
        if ascending and count == catalogue_size:
            history._newest[:count] = np.arange(count, dtype=np.int32)
            return history
        history._newest[rows] = np.arange(count, dtype=np.int32)  # ascending: the newest wins
        if not ascending:
            order = np.argsort(rows, kind="stable")
            same = rows[order[1:]] == rows[order[:-1]]
            previous = np.full(count, -1, np.int32)
            previous[order[1:][same]] = order[:-1][same]
            history._link(slice(0, count), previous)
        return history

    def _reads(self, records: NDArray[Any]) -> NDArray[np.intp]:
        """Which read each of ``records`` came of."""
        return np.searchsorted(self._begins, records, side="right") - 1

    def _grow(self, needed: int) -> None:
        capacity = len(self._rows)
        while capacity < needed:
            capacity *= 2
        self._levels.grow(capacity, LevelState.UNKNOWN)
        larger = np.empty(capacity, np.int32)
        larger[: self.count] = self.rows
        self._rows = larger
        known, self._previous = self.previous, _none_before(capacity)
        self._link(slice(0, self.count), known)

    def _forget(self, before: int) -> None:
        """Drops records whose value was replaced before ``before``. A present value is always kept."""
        following = np.zeros(self.count, np.int32)  # 0: none, for nothing comes before the first
        has = self.previous >= 0
        following[self.previous[has]] = np.flatnonzero(has).astype(np.int32)
        keep = (following == 0) | (self.highs(following) >= before)
        if keep.all():
            return
        self.forgotten += 1
        place = np.append(np.where(keep, np.cumsum(keep, dtype=np.int32) - 1, -1), -1)  # of −1, the last, it is −1
        previous = place[self.previous[keep]].astype(np.int32)
        times = np.bincount(self._reads(np.flatnonzero(keep)), minlength=len(self._begins))
        kept = int(keep.sum())
        self._levels.write(slice(0, kept), self._levels.take(np.flatnonzero(keep)))
        self._rows[:kept] = self._rows[: self.count][keep]
        self._link(slice(0, kept), previous)
        self.count = kept
        self._newest[self._rows[:kept]] = np.arange(kept, dtype=np.int32)  # ascending: the newest wins
        left = times.astype(np.bool_)  # reads of which nothing is left are dropped too
        self._begins = (np.cumsum(times) - times)[left]
        self._lows, self._highs = self._lows[left], self._highs[left]


def _none_before(capacity: int) -> NDArray[np.int32]:
    """A column of −1 that takes no room, and cannot be written to."""
    return np.broadcast_to(np.int32(-1), capacity)
