"""Rows as sets: ascending, each there once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.texts import BLOCK


def distinct(numbers: NDArray[Any]) -> NDArray[Any]:
    """Each of ``numbers`` once, ascending. ``np.unique`` would load numpy's masked arrays first, a fiftieth of what a
    start of the console takes.
    """
    ascending = np.sort(numbers)
    new = np.ones(len(ascending), np.bool_)
    new[1:] = ascending[1:] != ascending[:-1]
    found: NDArray[Any] = ascending[new]
    return found


def union(one: NDArray[np.int32], other: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Rows below ``size`` that are among ``one`` or ``other``."""
    if not len(other):
        return one
    if not len(one):
        return other
    among = np.zeros(size, np.bool_)
    among[one] = True
    among[other] = True
    return set_rows(among)


def either(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rows that are among ``one`` or ``other``, and not among both."""
    return np.sort(np.concatenate([one[~among(one, other)], other[~among(other, one)]]))


def set_rows(flags: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The rows whose flag is set. By blocks: numpy's own numbers are twice as long as rows are."""
    blocks = range(0, len(flags), BLOCK)
    found = [(np.flatnonzero(flags[begin : begin + BLOCK]) + begin).astype(np.int32) for begin in blocks]
    return np.concatenate([np.empty(0, np.int32), *found])


def among(rows: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each of ``rows``, in any order, is one of ``others``."""
    if not len(others):
        return np.zeros(len(rows), np.bool_)
    places = np.minimum(np.searchsorted(others, rows), len(others) - 1)
    found: NDArray[np.bool_] = others[places] == rows
    return found
