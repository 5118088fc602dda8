"""A shop whose SKUs stand in every way, and actions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stockdrift.stock.actions import Action, ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import SurfaceRules, Tolerance
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, tell
from tests.stock.scene import surface as surface_rules

SHOP: Final = surface_rules(
    "shop",
    lag=MINUTE,
    stale_after=10 * HOUR,
    writable=True,
    write=True,
    listing="item",
    tolerances={"near": Tolerance(2)},
)
OLDER: Final[Mapping[str, Level]] = {
    "over": 5, "under": 5, "sold": 0, "same": 5, "near": 5, "flying": 9, "zero": 0, "owed": 0,
    "free": LevelState.UNLIMITED, "in": 5, "out": 5, "gone": 5, "off": 5, "vague": 5,
}  # fmt: skip
STOCK: Final = {**OLDER, "flying": 5}
SHOWN: Final[Sequence[tuple[str, Level]]] = [
    ("over", 9), ("under", 2), ("sold", 3), ("same", 5), ("near", 6), ("flying", 9), ("zero", 0), ("owed", -2),
    ("free", 7), ("in", LevelState.IN), ("out", LevelState.OUT), ("off", LevelState.DISABLED), ("vague", 1),
    ("vague", 2), ("orphan", 4),
]  # fmt: skip
NOW: Final = T0 + 12 * MINUTE


def store(shop: SurfaceRules = SHOP, **more: Level) -> Monitor:
    """A shop whose SKUs stand in every way; what drifts persists, but ``flying``, which the master changed just now."""
    monitor = Monitor(rules(shop))
    tell(monitor, reading(MASTER, {**OLDER, **more}, T0))
    tell(monitor, reading("shop", [*SHOWN, *((sku, 9) for sku in more)], T0 + MINUTE))
    tell(monitor, reading(MASTER, {**OLDER, **more}, T0 + 10 * MINUTE))
    tell(monitor, reading("shop", [*SHOWN, *((sku, 9) for sku in more)], T0 + 11 * MINUTE))
    tell(monitor, reading(MASTER, {**STOCK, **more}, NOW))
    return monitor


def acted(
    monitor: Monitor,
    *states: Sequence[RowState],
    kind: str = "resync",
    rows: Sequence[RowChange] = (RowChange("over", 12, 9), RowChange("under", 7, 2), RowChange("off", 1, 0)),
    key: str = "one",
    surface: str = "shop",
    **more: Any,
) -> Action:
    """An action whose rows went the way of ``states``, each."""
    asked = ActionAsked(NOW, "maya", key, kind, surface, "recount", "", rows[: len(states)], **more)
    monitor.apply(asked)
    for place, way in enumerate(states):
        for state in way:
            monitor.apply(ActionStep(NOW, key, state, (place,)))
    found = monitor.ledger.get(key)
    assert found is not None
    return found


WROTE: Final = (RowState.SENT, RowState.IN_SYNC)
LOST: Final = (RowState.SENT, RowState.FAILED)
