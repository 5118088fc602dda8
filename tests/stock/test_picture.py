"""What is shown: trend, companions, order and lines of the grid, findings, words."""

from __future__ import annotations

import pytest

from stockdrift.stock.admission import admit
from stockdrift.stock.entries import CollectorNote, EpisodeEvent, Poll, RulesChanged, Ruling
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Companion, Severity, Status, Verdict
from stockdrift.stock.reading import MASTER, Outcome, Traffic
from stockdrift.stock.report import exit_code, report
from stockdrift.stock.rules import Allotment, Scope, Tolerance
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.words import age, several, title
from tests.stock.scene import HOUR, MINUTE, SECOND, T0, Level, reading, rules, surface, tell

S = LevelState


def companion(monitor: Monitor, label: str, now: int) -> Companion:
    return next(one for one in monitor.picture(now).companions if one.label == label)


def busy() -> Monitor:
    """Two surfaces: an oversell, an over that sells fast, one that sells slowly, an under, one that agrees."""
    monitor = Monitor(rules(surface("embed"), surface("shop", lag=HOUR), currency="GBP", low_stock=4))
    stock: dict[str, Level] = {"gone": 2, "fast": 40, "slow": 12, "under": 9, "same": 7, "free": S.UNLIMITED}
    prices = {"gone": 10.0, "fast": 2.0, "slow": 3.0, "under": 5.0, "same": 1.0}
    names = {"fast": "Fast one", "gone": "Gone one"}
    tell(monitor, reading(MASTER, stock, names=names, prices=prices))
    later = {**stock, "gone": 0, "fast": 20, "slow": 11, "same": 3}
    tell(monitor, reading(MASTER, later, T0 + 30 * MINUTE, names=names, prices=prices))
    now = T0 + 30 * MINUTE + SECOND
    tell(monitor, reading("embed", later, now))
    tell(monitor, reading("shop", {**later, "gone": 2, "fast": 40, "slow": 14, "under": 5, "ghost": 3}, now))
    return monitor


NOW = T0 + 31 * MINUTE


def test_the_most_dangerous_comes_first() -> None:
    monitor = busy()
    lines = monitor.lines(monitor.order())
    assert [(line.sku, line.severity) for line in lines] == [
        ("gone", Severity.OVERSELL),
        ("fast", Severity.OVER),
        ("slow", Severity.OVER),
        ("under", Severity.UNDER),
        ("ghost", Severity.ORPHAN),
    ]
    assert [line.out_in for line in lines] == [0.0, pytest.approx(30.0), pytest.approx(330.0), None, None]
    assert [line.at_risk for line in lines] == [20.0, 40.0, 9.0, None, None]
    assert [line.cells[line.worst].deviation for line in lines[:4]] == [2, 20, 3, -4]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("sku", ["fast", "ghost", "gone", "slow", "under"]),
        ("master", ["ghost", "gone", "under", "slow", "fast"]),
        ("deviation", ["fast", "under", "slow", "gone", "ghost"]),
        ("risk", ["fast", "gone", "slow", "under", "ghost"]),
    ],
)
def test_the_grid_sorts(by: str, expected: list[str]) -> None:
    monitor = busy()
    assert [line.sku for line in monitor.lines(monitor.order(by=by))] == expected
    assert [line.sku for line in monitor.lines(monitor.order(by=by, reverse=True))] == expected[::-1]


def test_size_is_of_the_levels_that_make_the_severity() -> None:
    monitor = Monitor(rules(surface("embed"), surface("shop")))
    tell(monitor, reading(MASTER, {"A": 50, "B": 50}))
    tell(monitor, reading("embed", {"A": 52, "B": 55}, T0 + 1))
    tell(monitor, reading("shop", {"A": 10, "B": 50}, T0 + 1))
    assert [line.sku for line in monitor.lines(monitor.order())] == ["B", "A"]


def test_an_order_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        busy().order(by="colour")


def test_the_grid_filters_by_sku_and_name() -> None:
    monitor = busy()
    assert [line.sku for line in monitor.lines(monitor.order(text="ONE"))] == ["gone", "fast"]
    assert len(monitor.order(everything=True)) == 7
    assert [line.sku for line in monitor.lines(monitor.order(text="nothing"))] == []


def test_companions_count_what_needs_no_more_than_this() -> None:
    monitor = busy()
    assert companion(monitor, "out of stock", NOW) == Companion("out of stock", "1", "1 live", "oversell")
    assert companion(monitor, "low stock", NOW).value == "1"  # same, at 3
    assert companion(monitor, "stock-outs", NOW).value == "1 in 1 h"
    assert companion(monitor, "untracked", NOW).value == "1"
    assert companion(monitor, "surfaces", NOW).value == "2"
    assert companion(monitor, "at risk", NOW).value == "69.00"


def test_without_a_master_nothing_is_counted_and_nothing_is_calm() -> None:
    monitor = busy()
    tell(monitor, reading(MASTER, {}, NOW, outcome=Outcome.FAILED, reason="HTTP 503"))
    picture = monitor.picture(NOW)
    assert companion(monitor, "out of stock", NOW).value == "?"
    assert (picture.gauge.known, picture.gauge.in_sync, picture.gauge.drifting) == (False, 0, 0)
    assert picture.findings[0].lead == "Everything is unknown: the master is."
    assert picture.findings[0].evidence == "HTTP 503."
    assert monitor.lines([0])[0].cells[0].reason == "the master is unknown: HTTP 503"
    assert exit_code(monitor) == 2


def test_a_silent_surface_is_a_finding_with_its_reason() -> None:
    monitor = busy()
    tell(monitor, reading("embed", {}, NOW, outcome=Outcome.FAILED, reason="no answer within 30 s"))
    finding = monitor.picture(NOW).findings[-1]
    assert (finding.lead, finding.evidence) == ("Embed was last read 59s ago.", "No answer within 30 s.")
    assert monitor.picture(NOW).surfaces[0].status is Status.NO_ANSWER


def test_drift_on_several_surfaces_is_counted_by_surface() -> None:
    monitor = Monitor(rules(surface("embed"), surface("shop")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 3, "C": 3}))
    tell(monitor, reading("embed", {"A": 4, "B": 3, "C": 3}, T0 + 1))
    tell(monitor, reading("shop", {"A": 3, "B": 5, "C": 2}, T0 + 1))
    (finding,) = monitor.picture(T0 + 2).findings
    assert (finding.lead, finding.evidence) == ("Drift on 2 surfaces:", "Shop 2, Embed 1.")


def test_what_drifts_on_every_surface_is_not_laid_on_one() -> None:
    monitor = Monitor(rules(surface("embed"), surface("shop")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 3, "C": 3}))
    for name in ("embed", "shop"):
        tell(monitor, reading(name, {"A": 5, "B": 5, "C": 5}, T0 + 1))
    (finding,) = monitor.picture(T0 + 2).findings
    assert (finding.lead, finding.evidence) == ("Drift on 2 surfaces:", "Embed 3, Shop 3.")


def test_traffic_of_the_last_hour_is_counted() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3}))
    for minute, failures in ((0, 3), (50, 2), (90, 1)):
        poll = reading("embed", {"A": 3}, T0 + minute * MINUTE)
        monitor.apply(
            Poll(
                "embed", Outcome.COMPLETE, poll.covers, poll.started_at, poll.read_at,
                traffic=Traffic(requests=10, failures=failures, budget=0.5),
            )
        )  # fmt: skip
    line = monitor.picture(T0 + 90 * MINUTE).surfaces[0]
    assert (line.errors_hour, line.budget) == (3, 0.5)


def test_episodes_open_and_close_with_their_evidence() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3}))
    opened = monitor.apply(admit(reading("embed", {"A": 5}, T0 + 1), monitor.board))
    assert list(opened) == [EpisodeEvent("A", "embed", True, T0 + 1, "over", 2)]
    assert list(monitor.apply(admit(reading("embed", {"A": 6}, T0 + 2), monitor.board))) == []
    closed = monitor.apply(admit(reading("embed", {"A": 3}, T0 + 3), monitor.board))
    assert [(event.opened, event.at) for event in closed] == [(False, T0 + 3)]


def test_rules_may_change_while_it_runs() -> None:
    monitor = busy()
    lenient = rules(surface("shop", lag=HOUR, tolerance=Tolerance(units=3)), surface("new"))
    monitor.apply(RulesChanged(NOW, lenient))
    assert monitor.surface_names() == ["shop", "new"]
    assert [line.sku for line in monitor.lines(monitor.order())] == ["gone", "fast", "under", "ghost"]
    assert monitor.picture(NOW).surfaces[1].status is Status.NOT_READ
    same = monitor.version
    monitor.apply(RulesChanged(NOW, lenient))
    assert monitor.version == same


def test_a_collector_that_cannot_record_says_so() -> None:
    monitor = busy()
    monitor.apply(CollectorNote(NOW, "not recording", "disk full"))
    assert not monitor.picture(NOW).recording
    monitor.apply(CollectorNote(NOW, "recording"))
    assert monitor.picture(NOW).recording


def test_the_sku_screen_shows_its_arithmetic_and_says_why() -> None:
    monitor = Monitor(
        rules(surface("shop", allotment=Allotment(share=5_000, buffer=1), tolerances={"A": Tolerance(units=1)}))
    )
    tell(monitor, reading(MASTER, {"A": 9, "B": 1, "C": S.UNLIMITED, "D": 2}))
    tell(monitor, reading("shop", {"A": 8, "B": 0, "C": 4}, T0 + 1))
    shown = monitor.sku(0, T0 + 2)
    (level,) = shown.levels
    assert (level.arithmetic, level.cell.expected, level.cell.deviation) == ("ATP 9 × 50 % − 1", 3, 5)
    assert level.tolerance == "1 unit, for this SKU here"
    assert shown.why.startswith("Shop shows 8 where 3 are expected, ")
    assert monitor.sku(1, T0 + 2).why == "In sync: 1 surface read back as expected."
    assert monitor.sku(2, T0 + 2).why == "Not counted: the master says unlimited."
    assert monitor.sku(3, T0 + 2).why == "Not drifting: no active surface lists it."
    assert monitor.sku(2, T0 + 2).line.cells[0].verdict is Verdict.NOT_COMPARED
    monitor.apply(Ruling(T0 + 3, "op", Scope("", ""), Tolerance(units=7)))
    assert monitor.sku(1, T0 + 3).levels[0].tolerance == "7 units, from the store"
    assert monitor.picture(T0 + 3).tolerance == "7 units"


def test_uncovered_alone_is_no_failure_and_no_surface_no_agreement() -> None:
    monitor = Monitor(rules(surface("shop"), surface("off", active=False)))
    tell(monitor, reading(MASTER, {"A": 9, "B": 2}))
    tell(monitor, reading("shop", {"A": 9}, T0 + 1))
    assert exit_code(monitor) == 0
    assert report(monitor, T0 + 2)["uncovered"] == 1
    nothing = Monitor(rules(surface("off", active=False)))
    tell(nothing, reading(MASTER, {"A": 9}))
    assert exit_code(nothing) == 2
    assert not nothing.picture(T0 + 1).gauge.known


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0s"), (59_999, "59s"), (60_000, "1m"), (11_400_000, "3h10m"), (36_000_000, "10h"), (183_600_000, "2d03h"),
     (45 * 86_400_000, "45d"), (None, "—"), (-5, "0s")],
)  # fmt: skip
def test_ages_are_short(ms: int | None, said: str) -> None:
    assert age(ms) == said


def test_names_and_counts_are_said() -> None:
    assert [title(name) for name in ("facebook", "instant-site", "eBay", "my_shop")] == [
        "Facebook",
        "Instant Site",
        "eBay",
        "My Shop",
    ]
    assert (several(1, "SKU"), several(1284, "SKU")) == ("1 SKU", "1,284 SKUs")


def test_what_changed_since_a_look_is_new_worse_cleared_or_no_longer_known() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 5, "D": 5, "E": 0}))
    tell(monitor, reading("shop", {"A": 6, "B": 6, "C": 5, "D": 4, "E": 0}, T0 + 1))
    before = monitor.look(T0 + 1)
    skus = monitor.board.catalogue.skus
    tell(monitor, reading("shop", {"A": 5, "B": 6, "C": 5, "D": 6, "E": 1}, T0 + 2))
    changes = monitor.changes(before)
    assert [skus[row] for row in changes.new] == ["E"]
    assert [skus[row] for row in changes.worse] == ["D"]
    assert (changes.since, changes.cleared, changes.lost) == (T0 + 1, 1, 0)
    assert not monitor.changes(monitor.look(T0 + 2))
    tell(monitor, reading(MASTER, {}, T0 + 3, outcome=Outcome.FAILED))
    lost = monitor.changes(before)
    assert (len(lost.new), lost.cleared, lost.lost) == (0, 0, 3)


def test_a_surface_s_line_tells_its_drift_by_severity_and_how_sure_its_lag_is() -> None:
    monitor = busy()
    lines = [line for line in monitor.picture(monitor.board.now).surfaces if line.drifting is not None]
    assert any(line.drifting for line in lines)
    for line in lines:
        assert line.by_severity is not None
        assert sum(line.by_severity) == line.drifting
        assert line.confidence is None or (line.lag is not None and 0.6 <= line.confidence <= 1)
    blind = Monitor(rules())
    assert all(line.by_severity is None and line.confidence is None for line in blind.picture(T0).surfaces)


def test_the_tolerance_of_a_surface_is_what_was_ruled_last_and_most_closely() -> None:
    monitor = Monitor(rules(tolerance=Tolerance(1)))
    assert monitor.tolerance_of("facebook") == Tolerance(1)
    monitor.apply(Ruling(T0, "ann", Scope(), Tolerance(2)))
    assert monitor.tolerance_of("facebook") == Tolerance(2)
    monitor.apply(Ruling(T0, "ann", Scope("facebook", ""), Tolerance(5)))
    assert (monitor.tolerance_of("facebook"), monitor.tolerance_of("embed")) == (Tolerance(5), Tolerance(2))


def test_a_monitor_remembers_how_far_behind_each_read_was() -> None:
    monitor = Monitor(rules())
    stock = {f"S{n}": 50 for n in range(6)}
    monitor.apply(admit(reading(MASTER, stock, T0), monitor.board))
    for n in range(6):
        sold = stock | {f"S{m}": 40 for m in range(n + 1)}
        monitor.apply(admit(reading(MASTER, sold, T0 + (n + 1) * MINUTE), monitor.board))
    monitor.apply(admit(reading("facebook", stock, T0 + 8 * MINUTE), monitor.board))
    (line,) = [line for line in monitor.picture(monitor.board.now).surfaces if line.name == "facebook"]
    assert line.lag is not None
    assert monitor.lag_at("facebook", T0 + 8 * MINUTE) == line.lag
    assert monitor.lag_at("facebook", T0 + HOUR) is None
    assert thaw(freeze(monitor)).lag_at("facebook", T0 + 8 * MINUTE) == line.lag, "a checkpoint remembers it too"
    assert monitor.lag_at("nobody's", T0) is None
