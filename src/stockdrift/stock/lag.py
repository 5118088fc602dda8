"""Measured lag: which moment of the master does a surface show?

Each SKU whose master changed lately votes for the stretches of time in which the master stood at the value that the
surface reports, the more weight the shorter they are. The stretch that most votes share is the surface's *as of*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.history import KEPT, MasterHistory
from stockdrift.stock.levels import LevelState

SURE: Final = 0.6
"""Share of the votes from which on an estimate is believed."""

_LEAST_WINDOW: Final = 3_600_000
_LEAST_UNREFLECTED: Final = 3
_TIES: Final = 1e-9


@dataclass(frozen=True, slots=True)
class LagEstimate:
    """The surface shows the master as of some moment between ``low`` and ``high`` (ms), judged at ``read_at``.

    ``confidence`` is the share of the votes' weight that agrees, ``unreflected`` counts SKUs that the master changed
    after ``high`` and the surface shows as they were.
    """

    read_at: int
    low: int
    high: int
    confidence: float
    voters: int
    unreflected: int

    @property
    def as_of(self) -> int:
        """The middle of the bracket, ms since the epoch."""
        return (self.low + self.high) // 2

    @property
    def lag(self) -> int:
        """How old what the surface shows was when it was read, ms."""
        return self.read_at - self.as_of

    def late(self, allowed: int) -> bool:
        """The surface as a whole is further behind than ``allowed`` ms, beyond doubt."""
        return self.confidence >= SURE and self.read_at - self.high > allowed and self.unreflected >= _LEAST_UNREFLECTED


def estimate(board: Board, history: MasterHistory, index: int, before: LagEstimate | None) -> LagEstimate | None:
    """The lag of surface ``index`` at its last complete read; None where no SKU can vote.

    ``before`` is the estimate of its read before: a surface known to be far behind is looked for further back.
    """
    column = board.columns[index]
    if column.read_at is None:
        return None
    read_at = column.read_at
    lately = 0 if before is None else 5 * before.lag // 2
    window = min(KEPT, max(2 * column.rules.lag, _LEAST_WINDOW, lately))
    opening = read_at - window
    changed = np.zeros(board.size, np.bool_)
    recent = history.since(opening)
    moved = history.previous[recent] >= 0  # a first record is not a change
    changed[history.rows[recent][moved & (history.highs[recent] <= read_at)]] = True
    voters = changed & (column.states[: board.size] == LevelState.COUNTED)
    if not voters.any():
        return None

    following = history.successors()
    until = np.where(following < 0, read_at, np.minimum(history.highs[following], read_at))
    speaks = voters[history.rows] & (until >= opening) & (history.lows <= read_at)
    speaks &= history.states == LevelState.COUNTED
    speaks = np.flatnonzero(speaks)
    speaks = speaks[_same_value(board, history, index, speaks)]
    starts, ends = np.maximum(history.lows[speaks], opening), until[speaks]

    length = np.bincount(history.rows[speaks], weights=ends - starts, minlength=board.size)
    weight = 1.0 - np.minimum(length / window, 1.0)
    total = float(weight[voters].sum())
    if not len(speaks) or total <= 0:
        return LagEstimate(read_at, opening, opening, 0.0, int(voters.sum()), 0)
    low, high, coverage = _densest(starts, ends, weight[history.rows[speaks]])
    return LagEstimate(
        read_at, low, high, coverage / total, int(voters.sum()), _unreflected(board, history, index, high)
    )


def _same_value(board: Board, history: MasterHistory, index: int, records: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of ``records`` hold a value that the surface would show as it does."""
    column = board.columns[index]
    rows = history.rows[records]
    order = np.argsort(rows, kind="stable")
    expected = np.empty(len(records), np.int32)
    # The yardstick wants each row once: values of one row are asked for in rounds.
    pending = order
    while len(pending):
        first = np.ones(len(pending), np.bool_)
        first[1:] = rows[pending][1:] != rows[pending][:-1]
        asked = pending[first]
        expected[asked] = column.yardstick.expected(history.atps[records[asked]], rows[asked])
        pending = pending[~first]
    same: NDArray[np.bool_] = expected == np.maximum(column.quantities[rows], 0)
    return same


def _densest(
    starts: NDArray[np.int64], ends: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[int, int, float]:
    """The stretch that most weight covers, the latest of equals, and that weight. Intervals are closed."""
    times = np.concatenate([starts, ends])
    turns = np.concatenate([weights, -weights])
    order = np.lexsort((-turns, times))
    coverage = np.cumsum(turns[order])
    best = len(coverage) - 1 - int(np.argmax(coverage[::-1] >= coverage.max() - _TIES))
    after = min(best + 1, len(order) - 1)
    return int(times[order[best]]), int(times[order[after]]), float(coverage[best])


def _unreflected(board: Board, history: MasterHistory, index: int, high: int) -> int:
    column = board.columns[index]
    rows = np.unique(history.rows[history.since(high)])
    expected = column.yardstick.expected(board.atp[rows], rows)
    counted = column.states[rows] == LevelState.COUNTED
    return int((counted & (np.maximum(column.quantities[rows], 0) != expected)).sum())
