"""What ``stockdrift mapping`` says."""

from __future__ import annotations

from stockdrift.commands.mapping import report, text_of
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.stock.scene import T0, reading, rules, surface, tell


def test_coverage_orphans_and_what_looks_alike() -> None:
    monitor = Monitor(rules(surface("shop"), surface("late")))
    tell(monitor, reading(MASTER, {"SEA-1": 1, "B": 2}))
    tell(monitor, reading("shop", {"sea 1": 4, "B": 2, "OLD": 0}, T0 + 1))
    said = text_of(report(monitor))
    assert "lists 1 of the 2 tracked SKUs\n  the master knows 1 of its 3 SKUs\n  orphans: sea 1\n  unsold: OLD" in said
    assert "late\n  not read completely yet" in said
    assert "  SEA-1 | sea 1: case, spaces, separators" in said
