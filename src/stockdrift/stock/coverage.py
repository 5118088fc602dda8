"""How far a surface and the master speak of the same SKUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState, UnknownReason

if TYPE_CHECKING:
    from stockdrift.stock.board import Board


class Coverage(Struct, frozen=True):
    """Of the master's ``tracked`` SKUs a surface lists ``listed``; of the ``own`` SKUs that it lists the master knows
    ``known``. As of the last complete reads, whatever became of them since.
    """

    tracked: int
    listed: int
    own: int
    known: int


def coverage(board: Board, index: int) -> Coverage | None:
    """Of surface column ``index``; None before it and the master were read completely."""
    column = board.columns[index]
    if not (column.complete_reads and board.master.complete_reads):
        return None
    counted = board.scope[: board.size] == LevelState.COUNTED
    own = _own(board, index)
    absent = board.scope[: board.size] == LevelState.UNLISTED
    return Coverage(
        tracked=int(counted.sum()),
        listed=int((counted & own).sum()),
        own=int(own.sum()),
        known=int((own & ~absent).sum()),
    )


def strangers(board: Board, index: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Rows that surface column ``index`` lists and the master does not, ascending; and which of them it sells."""
    absent = board.scope[: board.size] == LevelState.UNLISTED
    rows = np.flatnonzero(_own(board, index) & absent).astype(np.int32)
    return rows, board.columns[index].codes[rows] == Code.ORPHAN


def _own(board: Board, index: int) -> NDArray[np.bool_]:
    column = board.columns[index]
    states, reasons = column.states[: board.size], column.reasons[: board.size]
    listed: NDArray[np.bool_] = (states != LevelState.UNLISTED) & (reasons != UnknownReason.NOT_READ)
    return listed
