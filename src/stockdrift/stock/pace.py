"""How fast the master sells, and what that means for a SKU that shows too much."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.history import MasterHistory
from stockdrift.stock.levels import LevelState
from stockdrift.stock.rows import distinct

HOUR: Final = 3_600_000

WINDOW: Final = 6 * HOUR
"""Sales further back say nothing of the present pace."""

_LEAST_OBSERVED: Final = 120_000


def units_an_hour(history: MasterHistory, size: int, now: int) -> NDArray[np.float64] | None:
    """Units an hour by which each row's master fell within the window; None where too little was observed.

    A rise (a delivery, a correction) is not a sale and is left out.
    """
    if history.first_at is None or now - history.first_at < _LEAST_OBSERVED:
        return None
    recent = history.since(max(now - WINDOW, history.first_at))
    previous = history.previous[recent]
    compared = (previous >= 0) & (history.states[recent] == LevelState.COUNTED)
    compared &= history.states[np.maximum(previous, 0)] == LevelState.COUNTED
    fell = history.atps[np.maximum(previous, 0)].astype(np.int64) - history.atps[recent]
    sold = np.where(compared, np.maximum(fell, 0), 0)
    observed = min(WINDOW, now - history.first_at)
    units = np.bincount(history.rows[recent], weights=sold, minlength=size)[:size]
    return np.asarray(units * (HOUR / observed), np.float64)


def stock_outs(history: MasterHistory, now: int) -> int:
    """SKUs whose ATP fell to zero or below within the last hour."""
    if history.first_at is None:
        return 0
    recent = history.since(max(now - HOUR, history.first_at))  # before the first read nothing is known to fall from
    previous = history.previous[recent]
    fell = (previous >= 0) & (history.atps[recent] <= 0) & (history.atps[np.maximum(previous, 0)] > 0)
    fell &= history.states[recent] == LevelState.COUNTED
    return len(distinct(history.rows[recent][fell]))
