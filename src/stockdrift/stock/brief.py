"""Columns told briefly: by where they differ from another one, or by their runs of the same number.

A checkpoint holds most of its columns so. Of a million SKUs it is quicker to go on with what differs than to make the
columns first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Apart(Struct, frozen=True, eq=False):
    """The column ``base``, with ``added`` at ``rows``, ascending."""

    base: NDArray[Any]
    rows: NDArray[np.int32]
    added: NDArray[Any]

    def numbers(self) -> NDArray[Any]:
        """What stands at ``rows``."""
        found: NDArray[Any] = self.base[self.rows] + self.added
        return found


class Runs(Struct, frozen=True, eq=False):
    """A column of ``size`` numbers: ``values[i]`` from ``begins[i]`` on. The first begins at 0; none is empty."""

    begins: NDArray[np.int64]
    values: NDArray[Any]
    size: int

    def at(self, places: NDArray[Any]) -> NDArray[Any]:
        """The numbers at ``places``."""
        found: NDArray[Any] = self.values[np.searchsorted(self.begins, places, side="right") - 1]
        return found


Brief = NDArray[Any] | Apart | Runs


def whole(column: Brief) -> NDArray[Any]:
    """The column itself."""
    match column:
        case Apart():
            made = column.base.copy()
            made[column.rows] += column.added
            return made
        case Runs():
            return np.repeat(column.values, np.diff(column.begins, append=column.size))
        case _:
            return column


def runs_of(column: Brief) -> Runs:
    """The column as its runs."""
    match column:
        case Runs():
            return column
        case _:
            numbers = whole(column)
            turns = np.ones(len(numbers), np.bool_)
            turns[1:] = numbers[1:] != numbers[:-1]
            begins = np.flatnonzero(turns)
            return Runs(begins, numbers[begins], len(numbers))


def all_alike(column: Brief, number: int) -> bool:
    """Whether the column is known to be ``number`` everywhere, without looking at all of it."""
    return isinstance(column, np.ndarray) and column.strides == (0,) and len(column) > 0 and int(column[0]) == number
