"""A column of numbers that are nearly everywhere 0."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]


class Sparse:
    """Reads as a column of int32; keeps the rows, ascending, whose number is not 0."""

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.rows: Rows = np.empty(0, np.int32)
        self.values: Rows = np.empty(0, np.int32)

    @overload
    def __getitem__(self, rows: int) -> int: ...
    @overload
    def __getitem__(self, rows: Rows | slice) -> Rows: ...
    def __getitem__(self, rows: int | Rows | slice) -> int | Rows:
        if isinstance(rows, slice):  # from the beginning to a stated end
            dense = np.zeros(rows.stop, np.int32)
            dense[self.rows] = self.values
            return dense
        places = np.searchsorted(self.rows, rows)
        if isinstance(rows, int | np.integer):
            return int(self.values[places]) if self._holds(int(places), int(rows)) else 0
        if not len(self.rows):
            return np.zeros(len(rows), np.int32)
        places = np.minimum(places, len(self.rows) - 1)
        return np.where(self.rows[places] == rows, self.values[places], 0).astype(np.int32)

    def __setitem__(self, rows: slice, values: Rows) -> None:
        """Takes over a whole column."""
        self.rows = np.flatnonzero(values).astype(np.int32)
        self.values = values[self.rows].astype(np.int32)

    def put(self, rows: Rows, value: int) -> None:
        """Sets ``rows``, ascending and 0 until now, to ``value``, which is not 0."""
        if not len(rows):
            return
        size = len(self.rows) + len(rows)
        places = np.searchsorted(self.rows, rows) + np.arange(len(rows))
        old = np.ones(size, np.bool_)
        old[places] = False
        merged, values = np.empty(size, np.int32), np.full(size, value, np.int32)
        merged[places] = rows
        merged[old], values[old] = self.rows, self.values
        self.rows, self.values = merged, values

    def clear(self, rows: Rows) -> None:
        """Sets ``rows``, none of which is 0, to 0."""
        if len(rows):
            kept = np.ones(len(self.rows), np.bool_)
            kept[np.searchsorted(self.rows, rows)] = False
            self.rows, self.values = self.rows[kept], self.values[kept]

    def _holds(self, place: int, row: int) -> bool:
        return place < len(self.rows) and bool(self.rows[place] == row)
