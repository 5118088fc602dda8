"""Whether the master itself is to be doubted: too much of it went to nothing at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stockdrift.stock.levels import LevelState
from stockdrift.stock.words import several

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

_FEW: Final = 5
_PART: Final = 0.05  # of what had stock
_BACK: Final = 7  # tenths of what fell, after which it is believed again


def collapsed(monitor: Known) -> str:
    """Why the master is to be doubted, as a clause; empty where it is not.

    It is where in one of its reads 5 or more SKUs, and 5 % of those with stock, fell to 0 or below, and fewer than 70 %
    of these have come back. History forgets after hours; so does this.
    """
    board, history = monitor.board, monitor.history
    changed = np.flatnonzero(history.previous >= 0)
    fell = changed[(history.states[changed] == LevelState.COUNTED) & (history.atps[changed] <= 0)]
    fell = fell[history.atps[history.previous[fell]] > 0]
    if len(fell) < _FEW:
        return ""
    rows = history.rows[fell]
    alive = board.atp[: board.size] > 0
    reads, fallen = np.unique(history.highs(fell), return_inverse=True)
    at_once = np.bincount(fallen)
    still = np.bincount(fallen, weights=~alive[rows], minlength=len(reads))
    had = int(alive.sum()) + still
    doubtful = (at_once >= np.maximum(_FEW, _PART * had)) & (10 * still > (10 - _BACK) * at_once)
    if not doubtful.any():
        return ""
    worst = int(at_once[doubtful].max())
    return f"{several(worst, 'SKU')} of the master fell to 0 in a single read"
