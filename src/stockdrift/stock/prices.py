"""A column of prices in half of the room that floating-point numbers take."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_NONE: Final = -(2**31)
_MOST: Final = 2**31 - 1
_HUNDREDTHS: Final = 100.0


class Prices:
    """Reads as a column of float64 by row, NaN where no price is known. Holds whole hundredths in 32 bits for as long
    as that is exact for all of them; and while none is known, one for all.
    """

    __slots__ = ("_held",)

    def __init__(self, size: int) -> None:
        self._held: NDArray[Any] = np.broadcast_to(np.int32(_NONE), size)

    def copy(self) -> Prices:
        """One that changes by itself."""
        column = Prices(len(self))
        if self._held.flags.writeable:
            column._held = self._held.copy()
        return column

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, rows: NDArray[Any] | slice | int) -> NDArray[np.float64]:
        held = self._held[rows]
        return held if held.dtype == np.float64 else np.where(held == _NONE, np.nan, held / _HUNDREDTHS)

    def put(self, rows: NDArray[Any] | slice, prices: NDArray[np.float64]) -> None:
        """Writes prices, parallel to ``rows``."""
        if np.isnan(prices).all() and not self._held.flags.writeable:
            return
        hundredths = _hundredths(prices) if self._held.dtype != np.float64 else None
        if hundredths is None:
            self._held = self[:]
        elif not self._held.flags.writeable:
            self._held = self._held.copy()
        self._held[rows] = prices if hundredths is None else hundredths

    def extend(self, count: int) -> None:
        """Adds so many rows without a price."""
        if self._held.flags.writeable:
            more = np.nan if self._held.dtype == np.float64 else _NONE
            self._held = np.concatenate([self._held, np.full(count, more, self._held.dtype)])
        else:
            self._held = np.broadcast_to(np.int32(_NONE), len(self) + count)


def _hundredths(prices: NDArray[np.float64]) -> NDArray[np.int32] | None:
    """What :class:`Prices` holds of them; None where that would not be exact."""
    known = ~np.isnan(prices)
    wanted = prices[known]
    with np.errstate(over="ignore"):
        scaled = np.rint(wanted * _HUNDREDTHS)
    if (np.abs(scaled) > _MOST).any() or (scaled / _HUNDREDTHS != wanted).any():
        return None
    found = np.full(len(prices), _NONE, np.int32)
    found[known] = scaled
    return found
