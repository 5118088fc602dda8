"""How far a surface and the master speak of the same SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.likeness import Alike

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


class Mapped(Struct, frozen=True):
    """How the SKUs of a surface go with the master's, as catalogue rows, ascending: ``orphans`` it sells and ``unsold``
    it lists without selling, and the master knows neither; ``missing`` are tracked by the master and not listed here.
    ``alike`` are the groups of SKUs that look alike of which it lists at least one.
    """

    coverage: Coverage
    orphans: NDArray[np.int32]
    unsold: NDArray[np.int32]
    missing: NDArray[np.int32]
    alike: Sequence[Alike] = ()


def mapped(board: Board, index: int, groups: Sequence[Alike] = ()) -> Mapped | None:
    """Of surface column ``index``, and of the ``groups`` of the whole catalogue; None as :func:`coverage`."""
    found = coverage(board, index)
    if found is None:
        return None
    rows, sells = strangers(board, index)
    own = _own(board, index)
    missing = (board.scope[: board.size] == LevelState.COUNTED) & ~own
    return Mapped(
        found,
        orphans=rows[sells],
        unsold=rows[~sells],
        missing=np.flatnonzero(missing).astype(np.int32),
        alike=[group for group in groups if own[[row for row in group.rows if row < len(own)]].any()],
    )


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


def listed(board: Board, index: int) -> NDArray[np.int32] | None:
    """Rows that surface column ``index`` lists, ascending; None before it was read completely."""
    return np.flatnonzero(_own(board, index)).astype(np.int32) if board.columns[index].complete_reads else None


def _own(board: Board, index: int) -> NDArray[np.bool_]:
    column = board.columns[index]
    states, reasons = column.states[: board.size], column.reasons[: board.size]
    listed: NDArray[np.bool_] = (states != LevelState.UNLISTED) & (reasons != UnknownReason.NOT_READ)
    return listed
