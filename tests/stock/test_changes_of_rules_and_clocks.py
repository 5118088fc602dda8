"""Rules that change while it runs, SKUs that come up while a surface is silent, clocks that are set back."""

from __future__ import annotations

from stockdrift.stock.entries import EpisodeEvent, RulesChanged
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Verdict
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.report import exit_code
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, T0, reading, rules, surface, tell


def test_a_bundle_that_the_settings_bring_is_judged_at_once_and_alike_after_a_checkpoint() -> None:
    before = rules(surface("shop"))
    monitor = Monitor(before)
    tell(monitor, reading(MASTER, {"A": 4, "SET": 10}))
    tell(monitor, reading("shop", {"A": 4, "SET": 10}, T0 + 1))
    bundled = replace(before, bundles={"SET": {"A": 2}})
    events = monitor.apply(RulesChanged(T0 + 2, bundled))
    assert [(event.sku, event.opened, event.deviation) for event in events] == [("SET", True, 8)]
    assert monitor.lines(monitor.order())[0].master == 2
    assert thaw(freeze(monitor)).picture(T0 + 3) == monitor.picture(T0 + 3)
    assert monitor.history.of_row(1)[-1][2] == 2
    monitor.apply(RulesChanged(T0 + 4, before))
    assert exit_code(monitor) == 0


def test_episodes_of_a_surface_that_is_gone_end() -> None:
    monitor = Monitor(rules(surface("shop"), surface("feed")))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("feed", {"A": 9}, T0 + 1))
    events = monitor.apply(RulesChanged(T0 + 2, rules(surface("shop"))))
    assert list(events) == [EpisodeEvent("A", "feed", False, T0 + 2, "", 5)]


def test_what_comes_up_while_a_surface_is_silent_is_not_known_there() -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("shop", {"A": 4}, T0 + 1))
    tell(monitor, reading("embed", {"A": 4}, T0 + 1))
    tell(monitor, reading("shop", {}, T0 + 2, outcome=Outcome.FAILED, reason="HTTP 500"))
    tell(monitor, reading(MASTER, {"A": 4, "NEW": 7}, T0 + 3))
    tell(monitor, reading("embed", {"A": 4, "NEW": 7}, T0 + 4))
    new = monitor.lines([1])[0]
    assert [cell.verdict for cell in new.cells] == [Verdict.UNKNOWN, Verdict.IN_SYNC]
    assert new.unknown
    tell(monitor, reading("shop", {"A": 4}, T0 + 5))  # asked now, and it does not list it
    assert not monitor.lines([1])[0].unknown
    assert monitor.picture(T0 + 6).gauge.in_sync == 2


def test_what_was_disabled_when_a_surface_last_answered_is_not_known_now() -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("embed", {"A": 4}, T0 + 1))
    tell(monitor, reading("shop", {"A": LevelState.DISABLED}, T0 + 1))
    assert monitor.picture(T0 + 2).gauge.in_sync == 1
    tell(monitor, reading("shop", {}, T0 + 3, outcome=Outcome.FAILED))
    assert monitor.picture(T0 + 4).gauge.unknown == 1


def test_a_clock_that_was_set_back_makes_nothing_young() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 4}, T0 + 24 * HOUR))
    tell(monitor, reading("shop", {"A": 4}, T0 + 24 * HOUR + 1))
    assert monitor.picture(T0 + 24 * HOUR + 2).gauge.in_sync == 1
    monitor.tick(T0)
    assert monitor.picture(T0).gauge.unknown == 1
    tell(monitor, reading(MASTER, {"A": 4}, T0 + 1))
    tell(monitor, reading("shop", {"A": 4}, T0 + 2))
    assert monitor.picture(T0 + 3).gauge.in_sync == 1


def test_a_surface_may_have_any_name() -> None:
    monitor = Monitor(rules(surface("history"), surface("times")))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("history", {"A": 9}, T0 + 1))
    assert thaw(freeze(monitor)).picture(T0 + 2) == monitor.picture(T0 + 2)
