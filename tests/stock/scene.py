"""Readings and monitors for tests, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stockdrift.stock.admission import admit
from stockdrift.stock.entries import Poll
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, SurfaceRules, Tolerance

T0 = 1_776_772_800_000  # 21 Apr 2026, noon, UTC
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000

Level = int | LevelState

FACEBOOK = SurfaceRules("facebook", kind="feed", lag=HOUR, every=15 * MINUTE, stale_after=45 * MINUTE)


def surface(name: str, **more: object) -> SurfaceRules:
    return SurfaceRules(name, **more)  # type: ignore[arg-type]


def rules(*surfaces: SurfaceRules, tolerance: Tolerance = Tolerance(), **more: object) -> Rules:
    return Rules(
        master=SurfaceRules(MASTER, stale_after=HOUR),
        surfaces=surfaces
        or (SurfaceRules("embed"), SurfaceRules("facebook", kind="feed", lag=HOUR, every=15 * MINUTE)),
        tolerance=tolerance,
        **more,  # type: ignore[arg-type]
    )


def reading(
    name: str,
    levels: Mapping[str, Level] | Sequence[tuple[str, Level]],
    at: int = T0,
    *,
    covers: Covers = Covers.ALL,
    outcome: Outcome = Outcome.COMPLETE,
    reason: str = "",
    as_of: int | None = None,
    names: Mapping[str, str] | None = None,
    prices: Mapping[str, float] | None = None,
) -> Reading:
    pairs = list(levels.items()) if isinstance(levels, Mapping) else list(levels)
    return Reading(
        surface=name,
        outcome=outcome,
        started_at=at - 100,
        read_at=at,
        covers=covers,
        reason=reason,
        as_of=as_of,
        skus=[sku for sku, _ in pairs],
        states=np.array(
            [level if isinstance(level, LevelState) else LevelState.COUNTED for _, level in pairs], np.uint8
        ),
        quantities=np.array([0 if isinstance(level, LevelState) else level for _, level in pairs], np.int32),
        names=[(names or {}).get(sku, sku) for sku, _ in pairs] if names is not None else (),
        prices=[(prices or {}).get(sku, float("nan")) for sku, _ in pairs] if prices is not None else (),
    )


def tell(monitor: Monitor, read: Reading, *, next_at: int | None = None) -> Poll:
    """Admits a reading and applies what it amounts to, as the collector does."""
    poll = admit(read, monitor.board, next_at=next_at)
    monitor.apply(poll)
    return poll
