"""A checkpoint that is told briefly, for most of its levels are the master's, is known as the store it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stockdrift.stock.admission import admit
from stockdrift.stock.brief import Apart, Runs, whole
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.stock.snapshot import freeze, seen, thaw
from stockdrift.store.sqlite import open_journal

SIZE = 700
T0 = 1_776_772_800_000
RULES = Rules(SurfaceRules(MASTER, stale_after=10**9), [SurfaceRules(name, stale_after=10**9) for name in ("a", "b")])


def read(monitor: Monitor, surface: str, rows: Sequence[int] | NDArray[np.int64], quantities: NDArray[np.int32],
         states: NDArray[np.uint8] | None = None, covers: Covers = Covers.CHANGED) -> None:  # fmt: skip
    at = max(monitor.board.now, T0) + 60_000
    found = Reading(
        surface,
        Outcome.COMPLETE,
        at,
        at,
        covers,
        skus=[f"SKU-{row}" for row in rows],
        states=np.full(len(rows), LevelState.COUNTED, np.uint8) if states is None else states,
        quantities=quantities,
    )
    monitor.apply(admit(found, monitor.board))


def store(kind: str) -> Monitor:
    """Most of ``a`` and ``b`` is as the master says; ``kind`` is what makes it harder."""
    monitor, chance = Monitor(RULES), np.random.default_rng(4)
    base, everything = chance.integers(1, 300, SIZE).astype(np.int32), np.arange(SIZE)
    if kind == "large":
        base[7], base[8] = 2**31 - 1, -(2**31)
    for surface in (MASTER, "a", "b"):
        shown, states = base.copy(), np.full(SIZE, LevelState.COUNTED, np.uint8)
        if surface != MASTER:
            shown[chance.choice(SIZE, 9, replace=False)] += 3
        if kind == "unrelated" and surface == "a":
            shown = chance.integers(0, 300, SIZE).astype(np.int32)
        if kind in ("unlimited", surface):
            states[::50], shown[::50] = LevelState.UNLIMITED, 0
        read(monitor, surface, everything, shown, states, Covers.ALL)
    if kind == "sold":
        for _ in range(3):
            rows = np.sort(chance.choice(SIZE, 5, replace=False))
            read(monitor, MASTER, rows, base[rows] - 1)
    return monitor


@pytest.mark.parametrize("kind", ["alike", "sold", "unlimited", "a", "unrelated", "large"])
async def test_it_is_known_as_it_was(kind: str, tmp_path: Path) -> None:
    live = store(kind)
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    await journal.write_checkpoint(1, seen(live))
    found = await journal.checkpoint()
    await journal.close()
    assert found is not None
    columns = found[1].columns
    assert isinstance(columns["surface/b/quantities"], Apart)
    assert isinstance(columns["history/highs"], Runs)
    again, copied = thaw(found[1], take=True), thaw(freeze(live))
    for _ in range(2):
        for monitor in (again, copied):
            assert told(monitor) == told(live)
        for monitor in (again, copied, live):
            read(monitor, "b", [1, 3, 600], np.array([5, 2**31 - 1, 9], np.int32))
            read(monitor, MASTER, [1, 600], np.array([5, 8], np.int32))


def told(monitor: Monitor) -> object:
    rows, history = monitor.order(everything=True), monitor.history
    return (
        monitor.picture(monitor.board.now),
        monitor.lines(rows),
        {name: whole(history.column(name)).tolist() for name in history.COLUMNS},
        history.previous.tolist(),
        history.newest(np.arange(SIZE, dtype=np.int32)).tolist(),
        [(column.states[:SIZE].tolist(), column.quantities[:SIZE].tolist()) for column in monitor.board.columns],
    )
