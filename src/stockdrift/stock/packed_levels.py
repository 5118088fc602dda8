"""Levels as one number each: the quantity, or below all quantities the state that stands in its place.

A million levels of a shop take two bytes each, state and all, and are compared by one pass over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.levels import LevelState
from stockdrift.stock.texts import BLOCK

Rows = NDArray[Any] | slice | int

_KINDS: Final = (np.int16, np.int32, np.int64)
_RESERVED: Final = 16
"""The least numbers of a kind are no quantities: the number above the least by so many is a state."""

_STATES: Final = np.array([*range(_RESERVED), LevelState.COUNTED], np.uint8)


class PackedLevels:
    """A column of levels by row: ``numbers``, of the least kind that could hold all of them so far. That is 16 bits,
    32, or 64 for the sixteen least quantities there are. Of a level that is no quantity none is kept.
    """

    __slots__ = ("numbers",)

    def __init__(self, size: int, state: LevelState) -> None:
        """``size`` levels that are all ``state``, which is not ``COUNTED``."""
        self.numbers: NDArray[Any] = np.full(size, _least(_KINDS[0]) + state, _KINDS[0])

    @classmethod
    def of(cls, states: NDArray[np.uint8], quantities: NDArray[np.int32]) -> PackedLevels:
        """A column of these levels."""
        column = cls(len(states), LevelState.UNKNOWN)
        column.put(slice(None), states, quantities)
        return column

    @classmethod
    def together(cls, columns: Sequence[PackedLevels], rows: NDArray[Any] | slice) -> PackedLevels:
        """A copy of the levels of ``rows`` in all of ``columns``, a line each."""
        kind = max((column.numbers.dtype for column in columns), key=lambda kind: kind.itemsize)
        taken = cls(0, LevelState.UNKNOWN)
        taken.numbers = np.stack([_widened(column.numbers[rows], kind) for column in columns])
        return taken

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def floor(self) -> int:
        """The least number that is a quantity."""
        return _least(self.numbers.dtype) + _RESERVED

    @property
    def states(self) -> States:
        """What each level is."""
        return States(self)

    @property
    def quantities(self) -> Quantities:
        """Quantities, 0 where there is none."""
        return Quantities(self)

    def put(self, rows: NDArray[Any] | slice, states: NDArray[np.uint8], quantities: NDArray[np.int32]) -> None:
        """Writes levels, parallel to ``rows``."""
        self.put_quantities(rows, quantities)
        others = np.flatnonzero(states != LevelState.COUNTED)
        if len(others):
            others_rows = others + (rows.start or 0) if isinstance(rows, slice) else rows[others]
            self.numbers[others_rows] = states[others].astype(self.numbers.dtype) + _least(self.numbers.dtype)

    def put_quantities(self, rows: NDArray[Any] | slice, quantities: NDArray[np.int32]) -> None:
        """Writes levels that are quantities, parallel to ``rows``."""
        self._hold(int(quantities.min(initial=0)), int(quantities.max(initial=0)))
        self.numbers[rows] = quantities

    def put_state(self, rows: NDArray[Any] | slice, state: LevelState) -> None:
        """Writes one ``state``, which is not ``COUNTED``, to all of ``rows``."""
        self.numbers[rows] = _least(self.numbers.dtype) + state

    def become(self, other: PackedLevels) -> None:
        """Takes over all levels of ``other``, which are as many."""
        if self.numbers.dtype == other.numbers.dtype:
            self.numbers[:] = other.numbers
        else:
            self.numbers = other.numbers.copy()

    def take(self, rows: NDArray[Any] | slice) -> PackedLevels:
        """A copy of the levels of ``rows``."""
        taken = PackedLevels(0, LevelState.UNKNOWN)
        taken.numbers = self.numbers[rows].copy()
        return taken

    def differ(self, rows: NDArray[Any] | slice, levels: PackedLevels) -> NDArray[np.bool_]:
        """Which of the levels of ``rows`` are others than those of ``levels``, parallel to them."""
        kind = np.promote_types(self.numbers.dtype, levels.numbers.dtype)
        different: NDArray[np.bool_] = _widened(self.numbers[rows], kind) != _widened(levels.numbers, kind)
        return different

    def write(self, rows: NDArray[Any] | slice, levels: PackedLevels) -> NDArray[np.bool_]:
        """Takes over ``levels``, parallel to ``rows``; returns which of them are others than before."""
        different = self.differ(rows, levels)
        self.numbers = _widened(self.numbers, levels.numbers.dtype)
        self.numbers[rows] = _widened(levels.numbers, self.numbers.dtype)
        return different

    def are(self, state: LevelState, rows: NDArray[Any] | slice) -> NDArray[np.bool_]:
        """Which of the levels of ``rows`` are ``state``, which is not ``COUNTED``."""
        found: NDArray[np.bool_] = self.numbers[rows] == _least(self.numbers.dtype) + state
        return found

    def between(self, least: int, most: int, size: int) -> int:
        """How many of the first ``size`` levels are quantities from ``least`` to ``most``."""
        least, found = max(least, self.floor), 0
        for begin in range(0, size, BLOCK):  # what lies in between stays in the processor's cache
            numbers = self.numbers[begin : min(begin + BLOCK, size)]
            found += int(np.count_nonzero((numbers >= least) & (numbers <= most)))
        return found

    def grow(self, size: int, state: LevelState) -> None:
        """Makes it ``size`` levels; those that are new are ``state``, which is not ``COUNTED``."""
        kind = self.numbers.dtype
        larger = np.full(size, _least(kind) + state, kind)
        larger[: len(self)] = self.numbers
        self.numbers = larger

    def _hold(self, least: int, most: int) -> None:
        """Sees to it that quantities from ``least`` to ``most`` can be written."""
        for kind in _KINDS:
            if _least(kind) + _RESERVED <= least and most <= np.iinfo(kind).max:
                self.numbers = _widened(self.numbers, np.dtype(kind))
                return


class States:
    """Reads as a column of states."""

    __slots__ = ("_levels",)

    def __init__(self, levels: PackedLevels) -> None:
        self._levels = levels

    def __getitem__(self, rows: Rows) -> NDArray[np.uint8]:
        numbers = self._levels.numbers[rows]
        least = _least(numbers.dtype)
        found: NDArray[np.uint8] = _STATES[np.minimum(numbers, least + _RESERVED) - least]
        return found


class Quantities:
    """Reads as a column of quantities."""

    __slots__ = ("_levels",)

    def __init__(self, levels: PackedLevels) -> None:
        self._levels = levels

    def __getitem__(self, rows: Rows) -> NDArray[np.int32]:
        numbers = self._levels.numbers[rows]
        return np.where(numbers < _least(numbers.dtype) + _RESERVED, 0, numbers).astype(np.int32)


def grow_together(columns: Sequence[PackedLevels], size: int, state: LevelState) -> None:
    """Makes each of ``columns`` ``size`` levels; those that are new are ``state``, which is not ``COUNTED``.

    Columns of the same kind come to lie in one block. The system gives a large one its memory in few large pages: to
    touch many small columns first takes five times as long, and of a start that was a tenth.
    """
    for kind in _KINDS:
        alike = [column for column in columns if column.numbers.dtype == kind]
        block = np.full((len(alike), size), _least(kind) + state, kind)
        for column, larger in zip(alike, block, strict=True):
            larger[: len(column)] = column.numbers
            column.numbers = larger


def _least(kind: Any) -> int:
    return int(np.iinfo(kind).min)


def _widened(numbers: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    """The same levels in numbers of ``kind``, or as they are where theirs is no narrower."""
    least = _least(numbers.dtype)
    if least <= _least(kind):
        return numbers
    wider = numbers.astype(kind)
    wider[numbers < least + _RESERVED] += _least(kind) - least
    return wider
