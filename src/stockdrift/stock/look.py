"""What has changed since somebody last looked: which SKUs drift now that did not, which no longer do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.judge import Standing
from stockdrift.stock.rows import among

if TYPE_CHECKING:
    from stockdrift.stock.known import Known


class Look(Struct, frozen=True, eq=False):
    """What drifted at ``at`` (ms): catalogue rows, ascending, and their standings (orphans are listed too)."""

    at: int
    rows: NDArray[np.int32]
    standings: NDArray[np.uint8]


class Changes(Struct, frozen=True):
    """Since a look at ``since``. ``new`` drift and did not; ``worse`` drifted already, less dangerously: catalogue
    rows, ascending. ``cleared`` counts those that drifted and do not; ``lost`` those of which that is no longer known.
    """

    since: int
    new: NDArray[np.int32]
    worse: NDArray[np.int32]
    cleared: int
    lost: int

    def __bool__(self) -> bool:
        return bool(len(self.new) or len(self.worse) or self.cleared or self.lost)


def look(monitor: Known, at: int) -> Look:
    """What drifts now."""
    board = monitor.board
    rows = board.rows_where(Standing.ORPHAN, Standing.OVERSELL)
    return Look(at, rows, board.standings[rows].copy())


def changes(monitor: Known, then: Look) -> Changes:
    """What has changed since ``then``."""
    now = look(monitor, then.at)
    here, before = among(now.rows, then.rows), among(then.rows, now.rows)
    both = now.rows[here]
    gone = monitor.board.standings[then.rows[~before]]
    lost = int((gone == Standing.UNKNOWN).sum())
    return Changes(
        then.at,
        now.rows[~here],
        both[now.standings[here] > then.standings[before]],
        len(gone) - lost,
        lost,
    )
