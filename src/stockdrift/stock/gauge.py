"""The hero figures, and how they went over the last hour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.picture import GaugeLine, Phase
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.rows import distinct

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

SAMPLES: Final = 24
STEP: Final = 150_000
"""The trend: 24 samples of 2.5 minutes make an hour."""

_CHANGE_OVER: Final = 600_000
_CHANGE_AROUND: Final = STEP
"""What stood ten minutes ago is what stood for most of so long around that moment: where the count jumped to and fro
then, the change would jump with it, though nothing happens now."""


class Sample(Struct, frozen=True):
    """How many SKUs stood how from ``at`` (ms) on: counted by the judgement of that moment, recorded as it changes.

    Where ``known`` is False there is no "in sync" at all, and the other counts say nothing.
    """

    at: int
    known: bool
    drifting: int
    oversell: int
    over: int
    under: int
    unknown: int

    @property
    def counts(self) -> tuple[bool, int, int, int, int, int]:
        """All but the moment."""
        return self.known, self.drifting, self.oversell, self.over, self.under, self.unknown


def sample(board: Board, at: int) -> Sample:
    """The counts of ``board`` as it is judged now."""
    counts = board.counts
    return Sample(
        at,
        known(board),
        drifting(board),
        int(counts[Standing.OVERSELL]),
        int(counts[Standing.OVER]),
        int(counts[Standing.UNDER]),
        int(counts[Standing.UNKNOWN]),
    )


class Trend:
    """How many SKUs drifted when: a step function of time, kept for a little more than the hour that is drawn."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int | None]] = []
        self.since: int | None = None
        """When drift began, if any is known; else since when none has been, and nothing unknown: None while something
        is.
        """

    @property
    def drifting(self) -> int | None:
        """The newest value; None before anything was known."""
        return self._steps[-1][1] if self._steps else None

    def note(self, at: int, drifting: int, *, known: bool, unknown: int = 0) -> None:
        """The count at ``at``, beside that of the ``unknown``. Where nothing is known there is no count."""
        value = drifting if known else None
        if self._steps:
            at = max(at, self._steps[-1][0])  # a clock may be set back
        before = self.drifting
        if value and not before and not self._drifted():
            self.since = at
        elif value == 0 and unknown:
            self.since = None
        elif value == 0 and (before != 0 or self.since is None):  # what was not known was no calm
            self.since = at
        if self._steps and self._steps[-1][1] == value:
            return
        self._steps.append((at, value))
        horizon = at - (SAMPLES + 1) * STEP
        while len(self._steps) > 1 and self._steps[1][0] <= horizon:
            del self._steps[0]

    def at(self, moment: int) -> int | None:
        """The count that stood at ``moment``; None before the first."""
        after = self._after(moment)
        return self._steps[after - 1][1] if after else None

    def _after(self, moment: int) -> int:
        """The place of the first step after ``moment``."""
        return bisect_right(self._steps, moment, key=itemgetter(0))

    def around(self, moment: int, width: int) -> int | None:
        """The count that stood in the middle of ``width`` ms around ``moment``: the median by time, of two the greater.
        None where it is known for less than half of it.
        """
        begin, end = moment - width // 2, moment + width // 2
        times: dict[int, int] = {}
        steps = self._steps[max(0, self._after(begin) - 1) : self._after(end)]
        for (at, value), (until, _) in pairwise([*steps, (end, None)]):
            if value is not None:
                times[value] = times.get(value, 0) + until - max(at, begin)
        known = sum(times.values())
        if 2 * known < end - begin:
            return None
        passed = 0
        for value in sorted(times):
            passed += times[value]
            if 2 * passed > known:
                return value
        return None

    def samples(self, now: int) -> Sequence[int | None]:
        """The last hour, oldest first. A sample is the largest count within its stretch, so that no spike is lost."""
        found: list[int | None] = []
        for place in range(SAMPLES, 0, -1):
            begin, end = now - place * STEP, now - (place - 1) * STEP
            values = [self.at(begin), *(value for _, value in self._steps[self._after(begin) : self._after(end)])]
            known = [value for value in values if value is not None]
            found.append(max(known) if known else None)
        return found

    def steps(self) -> list[tuple[int, int | None]]:
        """The counts that are kept, each with the moment it began."""
        return list(self._steps)

    def copy(self) -> Trend:
        """One that goes on by itself."""
        other = Trend()
        other._steps, other.since = self._steps.copy(), self.since
        return other

    def restore(self, steps: Sequence[Sequence[int | None]], since: int | None) -> None:
        """Takes over what :meth:`steps` gave."""
        self._steps = [(at, value) for at, value in steps if at is not None]
        self.since = since

    def _drifted(self) -> bool:
        """Whether anything drifted when that was last known: not knowing for a while ends no drift."""
        return bool(next((value for _, value in reversed(self._steps) if value is not None), None))


def drifting(board: Board) -> int:
    """Tracked SKUs that drift, each counted once."""
    return int(board.counts[Standing.UNDER : Standing.OVERSELL + 1].sum())


def left_out(board: Board, least: Code = Code.IN_SYNC) -> NDArray[np.int32]:
    """Rows, ascending, that are ignored everywhere, or on a surface where they would have a verdict; with ``least``
    only those whose verdict would be at least that somewhere.
    """
    hidden = [column.hidden for column in board.surfaces if column.rules.active]
    found = [one.rows[one.codes >= least] for one in hidden]
    if least == Code.IN_SYNC:
        found.append(board.ignores.everywhere[board.standings[board.ignores.everywhere] == Standing.IGNORED])
    return distinct(np.concatenate([np.empty(0, np.int32), *found]))


def known(board: Board) -> bool:
    """Whether there can be an "in sync" at all: a good master, an active surface that answered, a tracked SKU."""
    return (
        board.master.known
        and any(column.known for column in board.surfaces if column.rules.active)
        and _tracked(board) > 0
    )


def gauge(monitor: Known, now: int) -> GaugeLine:
    """The figures at ``now``."""
    board = monitor.board
    counts = board.counts
    drifts = drifting(board)
    before = monitor.trend.around(now - _CHANGE_OVER, _CHANGE_AROUND)
    snoozed = monitor.covered(RemarkKind.SNOOZE)
    silent = [column for column in board.surfaces if column.rules.active
              and (not column.known or monitor.paused(column.rules.name) is not None)]  # fmt: skip
    in_flight = monitor.row_phases()[board.rows_where(Standing.UNDER, Standing.OVERSELL)] == Phase.IN_FLIGHT
    return GaugeLine(
        known=known(board),
        tracked=_tracked(board),
        drifting=drifts,
        in_flight=int(np.count_nonzero(in_flight)),
        in_sync=int(counts[Standing.IN_SYNC]),
        unknown=int(counts[Standing.UNKNOWN]),
        uncovered=int(counts[Standing.UNCOVERED]),
        untracked=int(counts[Standing.OUT_OF_SCOPE]),
        orphans=int(counts[Standing.ORPHAN]),
        oversell=int(counts[Standing.OVERSELL]),
        over=int(counts[Standing.OVER]),
        under=int(counts[Standing.UNDER]),
        ignored=len(left_out(board)),
        ignored_oversell=len(left_out(board, Code.OVERSELL)),
        snoozed=len(snoozed),
        snoozed_oversell=int(np.count_nonzero(board.standings[snoozed] == Standing.OVERSELL)),
        acknowledged=len(monitor.covered(RemarkKind.ACKNOWLEDGE)),
        change=None if before is None else drifts - before,
        since=monitor.trend.since,
        trend=monitor.trend.samples(now),
        silent=len(silent),
    )


def _tracked(board: Board) -> int:
    counts = board.counts
    return drifting(board) + int(counts[Standing.IN_SYNC] + counts[Standing.UNKNOWN] + counts[Standing.UNCOVERED])
