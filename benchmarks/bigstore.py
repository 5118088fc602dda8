"""A store of a million SKUs on eight surfaces, for figures of the core."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.admission import admit
from stockdrift.stock.entries import Changes, Poll
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.stock.texts import Texts

SKUS = 1_000_000
SURFACES = 8
DRIFTING = 10_000
T0 = 1_776_772_800_000
_HOUR = 3_600_000


def store(*, named: bool = False) -> Monitor:
    """A monitor that has read everything once, by the way that readings take; one SKU in a hundred drifts."""
    names = [f"s{number}" for number in range(SURFACES)]
    monitor = Monitor(
        Rules(SurfaceRules(MASTER, stale_after=_HOUR), [SurfaceRules(name, stale_after=_HOUR) for name in names])
    )
    chance = np.random.default_rng(7)
    skus = Texts.of([f"SKU-{number:08}" for number in range(SKUS)])
    titles = Texts.of([f"Sea Salt candle No. {number % 5_000}" for number in range(SKUS)]) if named else ()
    quantities = chance.integers(1, 300, SKUS).astype(np.int32)
    for number, name in enumerate([MASTER, *names]):
        shown = quantities.copy()
        if number:
            off = chance.choice(SKUS, DRIFTING // SURFACES, replace=False)
            shown[off] = np.maximum(shown[off] + chance.integers(1, 9, len(off)), 0)
        reading = Reading(
            name,
            Outcome.COMPLETE,
            T0 + number,
            T0 + number,
            skus=skus,
            states=np.full(SKUS, LevelState.COUNTED, np.uint8),
            quantities=shown,
            names=titles if not number else (),
            prices=np.full(SKUS, 9.9).tolist() if named and not number else (),
        )
        monitor.apply(admit(reading, monitor.board))
    return monitor


def poll(surface: str, rows: NDArray[np.int32], quantities: NDArray[np.int32], at: int) -> Poll:
    """A complete read in which ``rows`` have changed."""
    count = len(rows)
    changes = Changes(rows, np.full(count, LevelState.COUNTED, np.uint8), quantities, np.zeros(count, np.uint8))
    return Poll(surface, Outcome.COMPLETE, Covers.ALL, at, at, listed=SKUS, changes=changes)
