"""What a monitor notices of each entry, and of time: nothing that is shown may stay as it was when it changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from stockdrift.commands.check_text import text_of
from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionStep, RowChange, RowState
from stockdrift.stock.entries import CollectorNote, Entry, Ignoring, Remarked, RulesChanged, Ruling
from stockdrift.stock.gauge import Sample
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Phase, SettingsNote
from stockdrift.stock.reading import MASTER, Outcome, Traffic
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.report import report
from stockdrift.stock.rules import Ignore, Rules, Scope, Tolerance
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, MINUTE, SECOND, T0, reading, rules, surface, tell

HELD = rules(surface("embed", stale_after=HOUR), surface("shop", stale_after=HOUR))
ASKED = ActionAsked(T0 + 9, "ann", "one", "resync", "embed", "recount", "", (RowChange("A", 9, 5),))


def watched(held: Rules = HELD) -> Monitor:
    monitor = Monitor(held)
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}))
    tell(monitor, reading("embed", {"A": 9, "B": 5}, T0 + 1))
    return monitor


@pytest.mark.parametrize(
    "entry",
    [
        CollectorNote(T0 + 9, "not recording", "disk full"),
        Ruling(T0 + 9, "ann", Scope(), Tolerance(4)),
        Ignoring(T0 + 9, "ann", Scope("", "A"), Ignore("x", T0 + HOUR)),
        Remarked(T0 + 9, "ann", RemarkKind.CLAIM, Scope("", "A"), Remark("", None, "ann", T0 + 9)),
        RulesChanged(T0 + 9, rules(surface("embed", stale_after=MINUTE))),
        ASKED,
    ],
    ids=lambda entry: type(entry).__name__,
)
def test_whatever_is_told_makes_another_version_and_none_comes_twice(entry: Entry) -> None:
    monitor = watched()
    versions = [monitor.version]
    monitor.apply(entry)
    versions.append(monitor.version)
    monitor.become(watched())
    versions.append(monitor.version)
    monitor.restore_said([Ruling(T0, "ann", Scope(), Tolerance(1))])
    versions.append(monitor.version)
    assert versions == sorted(set(versions))


def test_time_makes_another_version_where_something_turns_by_it_and_only_then() -> None:
    monitor = watched()
    monitor.apply(Remarked(T0 + 9, "ann", RemarkKind.SNOOZE, Scope("", "A"), Remark("", T0 + MINUTE, "ann", T0 + 9)))
    seen = [monitor.version]
    for now, turns in ((T0 + MINUTE - 1, False), (T0 + MINUTE, True), (T0 + HOUR, False), (T0 + HOUR + 2, True)):
        assert monitor.tick(now) == turns
        assert not monitor.tick(now), "it was told already"
        seen.append(monitor.version)
    assert seen == [seen[0], seen[0], seen[2], seen[2], seen[4]]
    assert seen[0] < seen[2] < seen[4]


def test_a_tick_at_the_moment_of_the_entry_or_of_the_tick_before_is_no_clock_set_back() -> None:
    monitor = watched()
    monitor.tick(T0 + 1)
    trend = monitor.trend
    for now in (T0 + 1, T0 + 5, T0 + 5):
        monitor.tick(now)
        assert monitor.trend is trend, "what time alone has done is gone on with"
    monitor.tick(T0 + 4)
    assert monitor.trend is not trend


def test_what_the_collector_said_of_the_settings_stands_until_it_starts_anew() -> None:
    monitor = watched()
    told: list[SettingsNote | None] = []
    for event, text in (("settings reloaded", "2 rules"), ("settings refused", "bad"), ("other", "x"), ("started", "")):
        monitor.apply(CollectorNote(T0 + 9, event, text))
        told.append(monitor.picture(T0 + 9).settings)
    refused = SettingsNote(T0 + 9, "bad", refused=True)
    assert told == [
        SettingsNote(T0 + 9, "2 rules", refused=False), refused, refused, SettingsNote(T0 + 9, "", refused=False),
    ]  # fmt: skip


def test_an_entry_of_an_action_that_nobody_knows_or_that_is_no_step_leaves_the_aftermath_alone() -> None:
    monitor = watched()
    monitor.apply(ActionStep(T0 + 9, "nobody's", RowState.STUCK, (0,)))
    monitor.apply(ASKED)
    for state in (RowState.SENT, RowState.ACCEPTED, RowState.STUCK):
        monitor.apply(ActionStep(T0 + 9, "one", state, (0,), "it shows 9, not 5"))
    monitor.apply(ActionDismissed(T0 + 10, "ann", "one", "known"))
    assert [stuck.sku for stuck in monitor.aftermath] == ["A"]
    assert monitor.phase_of(1, 0) is Phase.STUCK


def test_the_counts_are_told_of_entries_and_not_of_time_that_may_be_taken_back() -> None:
    told: list[Sample] = []
    monitor = Monitor(HELD, told.append)
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("embed", {"A": 9}, T0 + 1))
    assert [(one.at, one.drifting) for one in told][-1] == (T0 + 1, 1)
    before = len(told)
    monitor.tick(T0 + 2 * HOUR)
    assert len(told) == before
    tell(monitor, reading("shop", {"A": 5}, T0 + 2 * HOUR))
    assert [(one.at, one.known) for one in told[before:]][-1] == (T0 + 2 * HOUR, False)
    assert any(one.at == T0 + HOUR + 1 and not one.known for one in told[before:]), "at the moment at which it turned"


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (rules(surface("embed", stale_after=HOUR, every=SECOND)), {"embed"}),
        (rules(surface("embed", stale_after=HOUR), surface("shop", stale_after=HOUR, source="x")), {"embed"}),
        (rules(surface("shop", stale_after=HOUR, every=SECOND), surface("embed", source="x")), {"shop"}),
    ],
)
def test_of_a_surface_that_is_gone_or_read_from_elsewhere_episodes_end_and_its_past_lag_is_forgotten(
    later: Rules, kept: set[str]
) -> None:
    monitor = watched()
    tell(monitor, reading("shop", {"A": 7, "B": 5}, T0 + 2))
    tell(monitor, reading(MASTER, {"A": 5, "B": 4}, T0 + MINUTE))
    for name in ("embed", "shop"):
        tell(monitor, reading(name, {"A": 9, "B": 4}, T0 + 2 * MINUTE))
    assert set(monitor.trails) == {"embed", "shop"}
    events = monitor.apply(RulesChanged(T0 + 3 * MINUTE, later))
    assert {event.surface for event in events if not event.opened} == {"embed", "shop"} - kept
    assert set(monitor.trails) == kept


@pytest.mark.parametrize("when", [T0 - MINUTE, T0 + MINUTE])
def test_a_bundle_that_is_put_together_otherwise_is_a_change_of_the_master(when: int) -> None:
    held = rules(surface("embed", stale_after=HOUR), bundles={"set": {"A": 1}})
    monitor = watched(held)
    tell(monitor, reading(MASTER, {"A": 6, "B": 5, "set": 1}, T0 + 2))
    monitor.apply(RulesChanged(when, replace(held, bundles={"set": {"A": 2}})))
    row = monitor.row_of("set") or 0
    assert monitor.history.of_row(row) == [(T0 + 2, 1, 6), (max(when, T0 + 2), 1, 3)]


def polled(monitor: Monitor, at: int, outcome: Outcome, requests: int = 0, failures: int = 0) -> None:
    read = reading("embed", {"A": 5, "B": 5} if outcome is Outcome.COMPLETE else {}, at, outcome=outcome)
    tell(monitor, replace(read, traffic=Traffic(requests=requests, failures=failures)))


def test_a_read_that_came_to_nothing_is_a_failure_even_where_no_request_failed_and_an_hour_of_them_is_counted() -> None:
    monitor = watched()
    reads: Sequence[tuple[int, Outcome, int, int]] = (
        (0, Outcome.FAILED, 0, 0), (10, Outcome.COMPLETE, 5, 0), (20, Outcome.PARTIAL, 3, 2),
        (30, Outcome.COMPLETE, 9, 1),
    )  # fmt: skip
    for minute, outcome, requests, failures in reads:
        polled(monitor, T0 + (minute + 1) * MINUTE, outcome, requests, failures)
    assert list(monitor.traffic["embed"])[1:] == [
        (T0 + MINUTE, 1, 1), (T0 + 11 * MINUTE, 5, 0), (T0 + 21 * MINUTE, 3, 2), (T0 + 31 * MINUTE, 9, 1),
    ]  # fmt: skip
    polled(monitor, T0 + 61 * MINUTE, Outcome.COMPLETE, 1)
    assert monitor.traffic["embed"][0][0] == T0 + MINUTE, "a whole hour"
    polled(monitor, T0 + 61 * MINUTE + 1, Outcome.COMPLETE, 1)
    assert monitor.traffic["embed"][0][0] == T0 + 11 * MINUTE


def test_a_surface_is_reported_with_its_age_and_with_an_error_while_its_last_read_was_none() -> None:
    monitor = watched()
    (embed, shop) = report(monitor, T0 + 1 + SECOND)["surfaces"]
    assert (embed["freshness_s"], embed["error"]) == (1.0, None)
    assert (shop["freshness_s"], shop["error"]) == (None, None)
    for outcome, reason in ((Outcome.FAILED, "HTTP 503"), (Outcome.PARTIAL, "cut off")):
        tell(monitor, reading("embed", {}, T0 + 2, outcome=outcome, reason=reason))
        assert report(monitor, T0 + 3)["surfaces"][0]["error"] == reason


def test_a_sku_is_reported_with_what_is_so_of_it_and_null_for_what_is_not() -> None:
    monitor = watched()
    (drifts, agrees) = report(monitor, T0 + 2, everything=True)["skus"]
    assert (drifts["sku"], drifts["severity"], drifts["phase"]) == ("A", "OVER", "new")
    assert (agrees["sku"], agrees["severity"], agrees["phase"]) == ("B", None, None)
    embed, shop = agrees["levels"]["embed"], agrees["levels"]["shop"]
    assert (embed["reason"], embed["as_of"], embed["read_at"]) == (None, None, "2026-04-21T12:00:00.001Z")
    assert (shop["reason"], shop["read_at"]) == ("not read yet", None)


def test_what_a_read_left_unknown_is_reported_by_its_reason_and_nothing_while_the_surface_is_unknown() -> None:
    monitor = watched()
    assert report(monitor, T0 + 2)["surfaces"][0]["unknown_because"] == {}
    tell(monitor, reading("embed", [("A", 5), ("B", LevelState.UNKNOWN), ("B2", 1), ("B2", 2)], T0 + 3))
    bad = {"its row is not a whole quantity": {"count": 1, "skus": ["B"]}}
    assert report(monitor, T0 + 4)["surfaces"][0]["unknown_because"] == bad | {
        "listed more than once": {"count": 1, "skus": ["B2"]}
    }
    tell(monitor, reading("embed", {}, T0 + 5, outcome=Outcome.FAILED))
    embed, shop = report(monitor, T0 + 6)["surfaces"]
    assert (embed["unknown_because"], shop["unknown_because"]) == ({}, {})


def test_what_operators_said_is_reported_where_counts_follow_from_it() -> None:
    monitor = watched()
    monitor.apply(Ruling(T0 + 2, "ann", Scope("embed"), Tolerance(1)))
    for kind in RemarkKind:
        scope = Scope("shop") if kind is RemarkKind.PAUSE else Scope("embed", "A")
        monitor.apply(Remarked(T0 + 3, "ben", kind, scope, Remark("so", None, "ben", T0 + 3)))
    said = report(monitor, T0 + 4)["said"]
    assert [(one["by"], one["surface"], one["sku"]) for one in said] == [("ann", "embed", None), ("ben", "shop", None)]


def test_a_read_that_does_not_come_back_is_overdue_once_it_takes_longer_than_reads_do() -> None:
    monitor = watched()
    tell(monitor, reading("embed", {"A": 5, "B": 5}, T0 + 2), next_at=T0 + 30 * SECOND)
    patience = 5 * SECOND + 2 * 100  # a reading of these takes 100 ms
    at = T0 + 30 * SECOND + patience
    before, embed = (report(monitor, moment)["surfaces"][0] for moment in (at - 1, at))
    assert (before["overdue_s"], embed["overdue_s"]) == (None, 5.2)
    assert embed["status"] == "on time", "what was read before counts until it is stale"
    words = text_of(report(monitor, at))
    assert re.search(r"embed +overdue +2 +0 +0 +no answer for 5s", words)
    tell(monitor, reading("embed", {}, at, outcome=Outcome.FAILED, reason="timed out"), next_at=at + SECOND)
    failed = report(monitor, at + MINUTE)["surfaces"][0]
    assert (failed["status"], failed["overdue_s"]) == ("no answer", None), "that says it already"
