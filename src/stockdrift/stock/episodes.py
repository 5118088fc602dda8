"""Episodes that an entry opened or closed: kept as columns, made into values only for whoever reads them.

The collector records them, a console does not ask: a burst of drift costs it nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, overload

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.entries import EpisodeEvent
from stockdrift.stock.judge import Code
from stockdrift.stock.judging import Shift
from stockdrift.stock.levels import LevelState

_WORDS: Final = {int(code): code.name.lower() for code in Code}


class _Turn(Struct, frozen=True, eq=False):
    """Rows of one surface whose episode turned the same way, and what they stood at then."""

    surface: str
    opened: bool
    at: int
    rows: NDArray[np.int32]
    codes: NDArray[np.uint8]
    counted: NDArray[np.bool_]
    deviations: NDArray[np.int64]


class EpisodeEvents(Sequence[EpisodeEvent]):
    """The events of one entry, those that closed before those that opened, by surface and row."""

    def __init__(self, board: Board, shifts: Sequence[Shift], at: int) -> None:
        self._skus = board.catalogue.skus
        self._turns = [
            _turn(board, shift.column, rows, opened=opened, at=at)
            for shift in shifts
            for rows, opened in ((shift.closed, False), (shift.opened, True))
            if len(rows)
        ]

    def __len__(self) -> int:
        return sum(len(turn.rows) for turn in self._turns)

    def __iter__(self) -> Iterator[EpisodeEvent]:
        for turn in self._turns:
            columns = (turn.rows.tolist(), turn.codes.tolist(), turn.counted.tolist(), turn.deviations.tolist())
            for row, code, counted, deviation in zip(*columns, strict=True):
                yield EpisodeEvent(
                    self._skus[row],
                    turn.surface,
                    turn.opened,
                    turn.at,
                    _WORDS[code] if turn.opened else "",
                    deviation if counted else None,
                )

    @overload
    def __getitem__(self, index: int) -> EpisodeEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[EpisodeEvent]: ...
    def __getitem__(self, index: int | slice) -> EpisodeEvent | Sequence[EpisodeEvent]:
        return list(self)[index]


def _turn(board: Board, index: int, rows: NDArray[np.int32], *, opened: bool, at: int) -> _Turn:
    column = board.columns[index]
    expected = column.yardstick.expected(board.atp[rows], rows)
    deviations = np.maximum(column.quantities[rows], 0).astype(np.int64) - expected
    counted = column.states[rows] == LevelState.COUNTED
    return _Turn(column.rules.name, opened, at, rows, column.codes[rows], counted, deviations)
