"""Is it real? The phase of each drifting level, from the master's own history."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.history import MasterHistory
from stockdrift.stock.lag import LagEstimate
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Phase

_NEVER: Final = np.iinfo(np.int64).min


def phases(
    board: Board, history: MasterHistory, index: int, rows: NDArray[np.int32], lag: LagEstimate | None
) -> NDArray[np.uint8]:
    """Phases of the drifting levels ``rows`` of surface ``index``, each judged by itself.

    Age and lag are measured at our last evidence, never at the wall clock: what nobody has looked at since cannot grow
    persistent by itself, it grows stale.
    """
    column = board.columns[index]
    found = np.full(len(rows), Phase.NEW, np.uint8)
    if not len(rows) or column.read_at is None:
        return found
    read_at, allowed = column.read_at, column.rules.lag
    bracket = None if lag is None else lag.bracket(allowed)
    floor = read_at - allowed if bracket is None else bracket[0]  # a bracket lies further back than what is allowed
    newest_match, in_bracket = _explained(board, history, index, rows, bracket, floor)

    opened = np.array(board.times, np.int64)[column.since[rows]]
    evidence = max(read_at, board.master.read_at or 0)
    found[evidence - opened > allowed] = Phase.PERSISTENT
    found[in_bracket] = Phase.LATE
    within = newest_match >= read_at - allowed
    # Read after the master was, and off since then: judged after the next read of the master.
    ahead = (column.since[rows] > board.master.complete_at) & (column.complete_reads > 1)
    found[within | ahead] = Phase.IN_FLIGHT
    return found


def _explained(
    board: Board,
    history: MasterHistory,
    index: int,
    rows: NDArray[np.int32],
    bracket: tuple[int, int] | None,
    floor: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Until when the master, at the latest, stood at the value reported (never: the least int64), and whether it did
    so within ``bracket``. Values replaced before ``floor`` explain nothing any more.
    """
    column = board.columns[index]
    until = np.full(len(rows), _NEVER, np.int64)
    inside = np.zeros(len(rows), np.bool_)
    states = column.states[rows]
    shown = np.maximum(column.quantities[rows], 0)
    records, places, held = history.held(rows, floor)
    expected = column.yardstick.expected(history.atps[records], rows[places])
    state = states[places]
    same = (
        (state == LevelState.COUNTED) & (expected == shown[places])
        | (state == LevelState.IN) & (expected > 0)
        | (state == LevelState.OUT) & (expected == 0)
    ) & (history.states[records] == LevelState.COUNTED)
    records, places, held = records[same], places[same], held[same]
    until[places[::-1]] = held[::-1]  # of a row's, the newest is written last
    if bracket is not None:
        inside[places[(history.lows(records) <= bracket[1]) & (held >= bracket[0])]] = True
    return until, inside
