"""What tolerances would do in the store of the drawings: 37 SKUs drift, two of them sell what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.tuning import BINS, Bar, Outlook, Prospect

BEYOND: Final = 2
SIZES: Final = (1,) * 5 + (2,) * 5 + (3,) * 4 + (4,) * 5 + (5,) * 3 + (6,) * 2 + (7,) * 3 + (8,) + (12, 14, 22, 25, 28,
                                                                                                 40, 44)  # fmt: skip
"""By how much the others are off: rows 2 to 36, in this order."""


def drawn_prospect(scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> Prospect:
    """Every SKU is expected at 100, so that a percentage is as many units."""
    del scope

    def within(tolerance: Tolerance) -> list[int]:
        return [row for row, off in enumerate(SIZES, BEYOND) if off <= tolerance.allowed(100)]

    outlooks = []
    for tolerance in tolerances:
        leaving = within(tolerance)
        outlooks.append(
            Outlook(
                tolerance,
                BEYOND + len(SIZES) - len(leaving),
                np.array(leaving, np.int32),
                np.empty(0, np.int32),
                [len(leaving), 0, 0, 0, 0],
                12.0 * max(0, len(leaving) - 10),
            )
        )
    bars = []
    for least, after in zip(BINS, (*BINS[1:], 10**9), strict=True):
        here = [off for off in SIZES if least <= off < after]
        leaving = [off for off in here if off <= chosen.allowed(100)]
        bars.append(Bar(least, len(leaving), len(here) - len(leaving)))
    return Prospect(BEYOND + len(SIZES), BEYOND, outlooks, bars)
