"""The rows of the grid: since when, by what reason, how dangerous; and nothing told that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from stockdrift.stock.actions import ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.entries import Ignoring, Remarked
from stockdrift.stock.grid import worst_of
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Cell, Severity, SkuLine, Verdict
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope, Tolerance
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell


def line(monitor: Monitor, sku: str) -> SkuLine:
    return monitor.lines([monitor.row_of(sku) or 0])[0]


def watched(embed: dict[str, Any], shop: dict[str, Any], **master: Any) -> Monitor:
    """The master, embed a minute later, shop another minute later."""
    monitor = Monitor(rules(surface("embed"), surface("shop"), tolerance=Tolerance(master.pop("tolerance", 0))))
    tell(monitor, reading(MASTER, master))
    tell(monitor, reading("embed", embed, T0 + MINUTE))
    tell(monitor, reading("shop", shop, T0 + 2 * MINUTE))
    return monitor


def test_since_is_when_the_oldest_drift_began_that_is_still_there() -> None:
    monitor = watched({"A": 5, "B": 4, "C": 9}, {"A": 3, "B": 7, "C": 5, "X": 1}, A=5, B=5, C=5)
    assert [line(monitor, sku).since for sku in "ABCX"] == [T0 + 2 * MINUTE, T0 + MINUTE, T0 + MINUTE, None]
    tell(monitor, reading("embed", {"A": 5, "B": 5, "C": 5}, T0 + 3 * MINUTE))
    assert [line(monitor, sku).since for sku in "ABC"] == [T0 + 2 * MINUTE, T0 + 2 * MINUTE, None]


def test_a_deviation_is_of_two_quantities_that_are_compared() -> None:
    free, down = LevelState.UNLIMITED, LevelState.DISABLED
    monitor = watched({"A": 7, "B": LevelState.IN, "C": down, "X": 2}, {"A": 5}, A=free, B=5, C=5)
    for sku, reported, expected in (("A", 7, None), ("B", "in", 5), ("C", "disabled", 5), ("X", 2, None)):
        cell = line(monitor, sku).cells[0]
        assert (cell.reported, cell.expected, cell.deviation) == (reported, expected, None)


def test_a_level_that_is_ignored_says_so_where_its_surface_is_read() -> None:
    ignore = Ignore("sample", T0 + HOUR, "ann")
    monitor = Monitor(rules(surface("embed"), surface("off", active=False)))
    tell(monitor, reading(MASTER, {"A": 5}))
    for name in ("embed", "off"):
        tell(monitor, reading(name, {"A": 9}, T0 + 1))
    monitor.apply(Ignoring(T0 + 2, "ann", Scope("", "A"), ignore))
    here, off = line(monitor, "A").cells
    assert (here.ignored, here.reason) == (ignore, "ignored: sample")
    assert (off.ignored, off.reason) == (None, "the surface is not active")


def cell(severity: Severity, deviation: int | None = None) -> Cell:
    return Cell(1, 1, deviation, severity, Verdict.DRIFTED)


@pytest.mark.parametrize(
    ("cells", "worst"),
    [
        ([], -1),
        ([cell(Severity.NONE, 3)], -1),
        ([cell(Severity.UNDER, -1)], 0),
        ([cell(Severity.UNDER, -9), cell(Severity.OVER, 1)], 1),
        ([cell(Severity.OVER, 1), cell(Severity.OVER, 3), cell(Severity.OVER, 3)], 1),
        ([cell(Severity.UNDER, -1), cell(Severity.UNDER, -4)], 1),
    ],
)
def test_the_worst_level_is_the_gravest_and_of_equals_the_farthest_off(cells: list[Cell], worst: int) -> None:
    assert worst_of(cells) == worst


def test_it_runs_out_only_where_it_shows_too_much_and_sells() -> None:
    monitor = watched({"A": 9, "B": 1, "C": 5}, {"A": 5, "B": 5, "C": 5}, A=5, B=5, C=5)
    assert [line(monitor, sku).out_in for sku in "ABC"] == [None, None, None], "nobody knows how fast it sells"
    tell(monitor, reading(MASTER, {"A": 4, "B": 4, "C": 4}, T0 + 10 * MINUTE))
    tell(monitor, reading("embed", {"A": 9, "B": 1, "C": 5}, T0 + 10 * MINUTE))
    assert [line(monitor, sku).out_in for sku in "ABC"] == [pytest.approx(40), None, pytest.approx(40)]


def test_what_is_stuck_and_what_differs_from_another_surface_says_so_whichever_way_it_is_off() -> None:
    monitor = watched({"A": 1, "B": 4}, {"A": 5, "B": 6}, A=5, B=5, tolerance=1)
    monitor.apply(ActionAsked(T0 + 3 * MINUTE, "ann", "one", "resync", "embed", "recount", "", (RowChange("A", 1, 5),)))
    for state in (RowState.SENT, RowState.ACCEPTED, RowState.STUCK):
        monitor.apply(ActionStep(T0 + 3 * MINUTE, "one", state, (0,), "it shows 1, not 5"))
    assert [one.reason for one in line(monitor, "A").cells] == ["stuck: it shows 1, not 5", ""]
    assert [one.reason for one in line(monitor, "B").cells] == ["pair: differs from another surface"] * 2
    assert [one.severity for one in line(monitor, "B").cells] == [Severity.UNDER, Severity.OVER]


def test_a_level_that_the_master_leaves_unknown_says_why() -> None:
    bundled = rules(surface("shop"), bundles={"set": {"A": 1, "B": 1}})
    monitor = Monitor(bundled)
    tell(monitor, reading(MASTER, [("A", 5), ("A", 6), ("B", 5), ("set", 5)]))
    tell(monitor, reading("shop", {"A": 5, "B": 5, "set": 5}, T0 + 1))
    assert line(monitor, "A").cells[0].reason == "the master's level is unknown: listed more than once"
    assert line(monitor, "set").cells[0].reason == "the master's level is unknown: a component is"


def test_a_level_is_as_far_as_it_was_judged_and_a_sku_unknown_only_where_nothing_drifts() -> None:
    monitor = watched({"A": 1, "B": 5, "C": LevelState.UNKNOWN}, {"A": 5, "B": 5, "C": 5}, A=5, B=5, C=5)
    tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 5}, T0 + 3 * MINUTE))
    verdicts = [line(monitor, sku).cells[0].verdict for sku in "ABC"]
    assert verdicts == [Verdict.DRIFTED, Verdict.IN_SYNC, Verdict.UNKNOWN]
    assert [line(monitor, sku).unknown for sku in "ABC"] == [False, False, True]


def test_what_rests_on_one_surface_alone_is_not_told_to_rest() -> None:
    monitor = watched({"A": 9}, {"A": 7}, A=5)
    remark = Remark("x", T0 + HOUR, "ann", T0 + 3 * MINUTE)
    monitor.apply(Remarked(T0 + 3 * MINUTE, "ann", RemarkKind.SNOOZE, Scope("embed"), remark))
    assert line(monitor, "A").remarks == ()


def test_remarks_are_told_of_the_first_surface_as_of_any_other() -> None:
    monitor = watched({"A": 9, "B": 5}, {"A": 5, "B": 9}, A=5, B=5)
    for kind in (RemarkKind.SNOOZE, RemarkKind.CLAIM):
        for name in ("embed", "shop"):
            monitor.apply(
                Remarked(T0 + 3 * MINUTE, "ann", kind, Scope(name), Remark("x", T0 + HOUR, "ann", T0 + 3 * MINUTE))
            )
    for sku, name in (("A", "embed"), ("B", "shop")):
        assert [(told.kind, told.scope) for told in line(monitor, sku).remarks] == [
            (RemarkKind.SNOOZE, Scope(name)), (RemarkKind.CLAIM, Scope(name)),
        ]  # fmt: skip
    tell(monitor, reading("embed", {"A": 5, "B": 5}, T0 + 4 * MINUTE))
    assert line(monitor, "A").remarks == (), "a claim of a surface is of what drifts there"
