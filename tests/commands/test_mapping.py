"""What ``stockdrift mapping`` says."""

from __future__ import annotations

from stockdrift.commands.mapping import report, text_of
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome
from tests.stock.scene import HOUR, T0, reading, rules, surface, tell


def test_coverage_orphans_and_what_looks_alike() -> None:
    monitor = Monitor(rules(surface("shop"), surface("late")))
    tell(monitor, reading(MASTER, {"SEA-1": 1, "B": 2}))
    tell(monitor, reading("shop", {"sea 1": 4, "B": 2, "OLD": 0}, T0 + 1))
    said = text_of(report(monitor, T0 + 2))
    assert "whole read" not in said
    assert "lists 1 of the 2 tracked SKUs\n  the master knows 1 of its 3 SKUs\n  orphans: sea 1\n  unsold: OLD" in said
    assert "late\n  not read completely yet" in said
    assert "  SEA-1 | sea 1: case, spaces, separators" in said


def test_what_does_not_answer_any_more_is_told_with_the_age_of_what_is_known() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 1}))
    tell(monitor, reading("shop", {"A": 1}, T0 + 1))
    tell(monitor, reading("shop", {}, T0 + HOUR, outcome=Outcome.FAILED, reason="HTTP 503"))
    said = text_of(report(monitor, T0 + HOUR))
    assert "shop: no answer; what follows is of its last whole read, 59m ago" in said
    assert "master:" not in said
