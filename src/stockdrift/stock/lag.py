"""Measured lag: which moment of the master does a surface show?

Each SKU whose master changed lately votes for the stretches of time in which the master stood at the value that the
surface reports, the more weight the shorter they are. The stretch that most votes share is the surface's *as of*.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.history import KEPT, MasterHistory
from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState

SURE: Final = 0.6
"""Share of the votes from which on an estimate is believed."""

VOTERS: Final = 2_048
"""Of more changes of the master not all are asked: half of so many are the newest, where nearly every surface stands,
and the others lie evenly among those before. They are as sure, and a sale costs no more than a quiet day.
"""

VALUES: Final = 8_192
"""The values that voters may have held, all together, about; of at least :data:`LEAST_VOTERS` all are looked at."""
LEAST_VOTERS: Final = 256
_SAMPLE: Final = 64

_LEAST_WINDOW: Final = 3_600_000
_LEAST_UNREFLECTED: Final = 3
_TIES: Final = 1e-9


class LagEstimate(Struct, frozen=True):
    """What is known of the moment that a surface shows, judged at ``read_at``.

    Measured: between ``low`` and ``high`` (ms), where ``confidence`` is the share of the votes' weight that agrees, 0
    where nothing could vote. ``bounded`` is False where only ``high`` is certain. ``unreflected`` counts SKUs that the
    master changed after ``high`` and the surface shows as they were. ``stated`` is the surface's own word, an upper
    bound at best; ``drifting`` counts its levels that deviate.
    """

    read_at: int
    low: int
    high: int
    confidence: float
    bounded: bool
    unreflected: int
    stated: int | None
    drifting: int

    @property
    def measured(self) -> bool:
        """Whether the vote is believed."""
        return self.confidence >= SURE

    @property
    def as_of(self) -> int | None:
        """The moment that the surface shows, ms: its own word unless the vote denies it, else what was measured.

        What shows the master as it stood when it was read is not behind, however long the master has stood so.
        """
        if not self.measured or (self.stated is not None and self.low <= self.stated <= self.high):
            return self.stated
        return (self.low + self.high) // 2 if self.bounded and self.high < self.read_at else self.high

    @property
    def lag(self) -> int | None:
        """How old what the surface shows was when it was read, ms."""
        return None if self.as_of is None else self.read_at - self.as_of

    def bracket(self, allowed: int) -> tuple[int, int] | None:
        """Between which moments (ms) the surface stands, where it is late; None where it is not.

        Late is a surface that is further behind than ``allowed`` ms as a whole: measured, with changes of the master
        that it does not reflect; or by its own word while it drifts, unless the vote says that it is fresh.
        """
        if self.measured:
            late = self.read_at - self.high > allowed and self.unreflected >= _LEAST_UNREFLECTED
            return (self.low, self.high) if late else None
        if self.stated is None or not self.drifting or self.read_at - self.stated <= allowed:
            return None
        return (self.stated, self.stated)


def estimate(board: Board, history: MasterHistory, index: int, before: LagEstimate | None) -> LagEstimate | None:
    """The lag of surface ``index`` at its last complete read; None where there was none.

    ``before`` is the estimate of its read before: a surface known to be far behind is looked for further back.
    """
    column = board.columns[index]
    if column.read_at is None:
        return None
    lately = 0 if before is None or before.lag is None else 5 * before.lag // 2
    window = min(KEPT, max(2 * column.rules.lag, _LEAST_WINDOW, lately))
    low, high, confidence = _vote(board, history, index, column.read_at, window)
    return LagEstimate(
        column.read_at,
        low,
        high,
        confidence,
        low > column.read_at - window,
        _unreflected(board, history, index, high) if confidence else 0,
        column.as_of,
        int(column.tally[Code.UNDER :].sum()),
    )


def _vote(board: Board, history: MasterHistory, index: int, read_at: int, window: int) -> tuple[int, int, float]:
    """The bracket that most voters agree on, and their share; a share of 0 where nobody can vote."""
    column = board.columns[index]
    opening = read_at - window
    voters = _changed(history, opening, read_at)
    voters = _affordable(history, voters[column.states[voters] == LevelState.COUNTED], opening)
    records, voter, lows, until = _held(history, voters, opening, read_at)
    rows = voters[voter]
    expected = column.yardstick.expected(history.atps[records], rows)
    speaks = (history.states[records] == LevelState.COUNTED) & (expected == np.maximum(column.quantities[rows], 0))
    voter, ends, starts = voter[speaks], until[speaks], np.maximum(lows[speaks], opening)

    length = np.bincount(voter, weights=ends - starts, minlength=len(voters))
    weight = 1.0 - np.minimum(length / window, 1.0)
    total = float(weight.sum())
    if not len(voter) or total <= 0:
        return opening, read_at, 0.0
    low, high, coverage = _densest(starts, ends, weight[voter])
    return low, high, coverage / total


def _changed(history: MasterHistory, opening: int, read_at: int) -> NDArray[np.int32]:
    """Rows, ascending, that the master changed between the two moments. A first record is not a change."""
    begin = history.since(max(opening, history.first_at or 0)).start
    end = max(begin, history.since(read_at).start)
    moved = np.flatnonzero(history.previous[begin:end] >= 0)
    rows = np.sort(history.rows[moved[_asked(len(moved))] + begin])
    return rows[np.diff(rows, prepend=-1) > 0]


def _affordable(history: MasterHistory, voters: NDArray[np.int32], opening: int) -> NDArray[np.int32]:
    """So many of ``voters``, evenly among them, that they held about :data:`VALUES` values since ``opening``: where all
    sell as one, an hour costs no more than a minute.
    """
    if len(voters) <= LEAST_VOTERS:
        return voters
    sample = voters[:: -(-len(voters) // _SAMPLE)]
    each = len(history.held(sample, opening)[0]) / len(sample)
    wanted = max(LEAST_VOTERS, int(VALUES / max(each, 1.0)))
    return voters if wanted >= len(voters) else voters[np.arange(wanted) * len(voters) // wanted]


def _asked(count: int) -> NDArray[np.int64] | slice:
    """Which of so many changes, in the order in which they were seen, are asked."""
    if count <= VOTERS:
        return slice(None)
    newest = VOTERS // 2
    before = np.arange(VOTERS - newest) * (count - newest) // (VOTERS - newest)
    return np.concatenate([before, np.arange(count - newest, count)])


def _held(
    history: MasterHistory, rows: NDArray[np.int32], opening: int, read_at: int
) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """The records of ``rows`` whose value was possibly held between the two moments, the newest first: which they are,
    the place of each in ``rows``, when the value before was read last, and until when it was held.
    """
    records, places, until = history.held(rows, opening)
    lows = history.lows(records)
    begun = lows <= read_at
    return records[begun], places[begun], lows[begun], np.minimum(until[begun], read_at)


def _densest(
    starts: NDArray[np.int64], ends: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[int, int, float]:
    """The stretch that most weight covers, the latest of equals, and that weight. Intervals are closed."""
    times = np.concatenate([starts, ends])
    turns = np.concatenate([weights, -weights])
    order = np.argsort(2 * times + (turns < 0))  # at one moment what begins comes before what ends
    coverage = np.cumsum(turns[order])
    best = len(coverage) - 1 - int(np.argmax(coverage[::-1] >= coverage.max() - _TIES))
    after = min(best + 1, len(order) - 1)
    return int(times[order[best]]), int(times[order[after]]), float(coverage[best])


def _unreflected(board: Board, history: MasterHistory, index: int, high: int) -> int:
    """SKUs whose quantity the master changed after ``high``, and that the surface shows with another."""
    column = board.columns[index]
    rows = history.rows_since(high)
    expected = column.yardstick.expected(board.atp[rows], rows)
    counted = (column.states[rows] == LevelState.COUNTED) & (board.scope[rows] == LevelState.COUNTED)
    return int((counted & (np.maximum(column.quantities[rows], 0) != expected)).sum())
