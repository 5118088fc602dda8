"""Exposure: how soon a SKU will oversell at its present pace, and what that puts at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

ENDLESS: Final = 1e18
"""Minutes to oversell of what will not."""


def minutes_to_oversell(monitor: Known, rows: NDArray[np.int32]) -> NDArray[np.float64]:
    """Minutes until the stock that is really there is gone at the present pace; endless where there is none."""
    board = monitor.board
    minutes = np.full(len(rows), ENDLESS)
    pace = monitor.pace()
    if pace is not None:
        hourly = pace.of(rows)
        sells = np.flatnonzero(hourly)
        minutes[sells] = np.maximum(board.atp[rows[sells]], 0) / hourly[sells] * 60.0
    minutes[board.standings[rows] == Standing.OVERSELL] = 0.0
    minutes[board.standings[rows] < Standing.OVER] = ENDLESS
    return minutes


def at_risk(monitor: Known, rows: NDArray[np.int32]) -> NDArray[np.float64]:
    """Units at risk × price; NaN where the price is unknown."""
    risk: NDArray[np.float64] = _excess(monitor, rows) * monitor.board.catalogue.prices[rows]
    return risk


def revenue_at_risk(monitor: Known) -> float | None:
    """Over all SKUs that show too much; None where no price is known."""
    rows = monitor.board.rows_where(Standing.OVER, Standing.OVERSELL)
    risk = at_risk(monitor, rows)
    return float(np.nansum(risk)) if len(rows) == 0 or not np.isnan(risk).all() else None


def _excess(monitor: Known, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Units that surfaces show beyond what is there, the most of any one surface."""
    board = monitor.board
    excess = np.zeros(len(rows), np.int64)
    for column in board.surfaces:
        codes = column.codes[rows]
        places = np.flatnonzero((codes == Code.OVER) | (codes == Code.OVERSELL))
        over = rows[places]
        counted = column.states[over] == LevelState.COUNTED
        beyond = np.where(counted, column.quantities[over].astype(np.int64) - np.maximum(board.atp[over], 0), 1)
        excess[places] = np.maximum(excess[places], beyond)
    return excess
