"""What happened to a SKU, event by event: what is told, in which words, and from when to when."""

from __future__ import annotations

import pytest

from stockdrift.stock.entries import CollectorNote, Entry, Episode, Remarked
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Scope
from stockdrift.stock.timeline import SkuHistory, TimelineEvent, as_it_stood, timeline
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, surface, tell


def test_a_history_as_it_stood_has_what_had_been_by_then_and_what_ended_later_goes_on() -> None:
    events = [TimelineEvent(at, "changed", "", "shop", str(at)) for at in (30, 20, 10)]
    episodes = [Episode("A", "shop", "over", opened, closed, 2) for opened, closed in ((20, None), (12, 20), (5, 15))]
    known = as_it_stood(SkuHistory("A", 0, events=events, episodes=episodes), 20)
    assert [event.at for event in known.events] == [20, 10]
    assert [(one.opened_at, one.closed_at) for one in known.episodes] == [(20, None), (12, 20), (5, 15)]
    before = as_it_stood(SkuHistory("A", 0, events=events, episodes=episodes), 19)
    assert [(one.opened_at, one.closed_at) for one in before.episodes] == [(12, None), (5, 15)]


def test_of_reads_that_do_not_succeed_the_first_is_told_as_what_it_was_and_then_the_recovery() -> None:
    monitor = Monitor(rules(surface("shop")))
    reads = [Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED, Outcome.COMPLETE, Outcome.FAILED, Outcome.COMPLETE]
    entries: list[Entry] = [
        tell(monitor, reading("shop", {"A": 5}, T0 + at, outcome=outcome, reason="" if at == 1 else "cut"))
        for at, outcome in enumerate(reads)
    ]
    told = timeline(entries, 0, "A", monitor.rules, {}, whole=True)
    assert [(event.at - T0, event.word) for event in told.events[::-1]] == [
        (0, "shows"), (1, "partial"), (3, "recovered"), (4, "failed"), (5, "recovered"),
    ]  # fmt: skip
    assert [event.text for event in told.events[::-1]][1:4] == [
        "Shop: no reason was given", "Shop was read again, after 2 in vain", "Shop: cut",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "word", "text"),
    [
        ((5, 3), "fell", "master 5 to 3, −2"),
        ((3, 1_500), "rose", "master 3 to 1,500, +1,497"),
        ((3, -4), "fell", "master 3 to −4, −7"),
        ((3, LevelState.UNLIMITED), "changed", "master 3 to unlimited"),
    ],
)
def test_a_change_of_the_master_says_which_way_and_by_how_much(levels: tuple[int, Level], word: str, text: str) -> None:
    monitor = Monitor(rules(surface("shop")))
    entries = [tell(monitor, reading(MASTER, {"A": level}, T0 + at)) for at, level in enumerate(levels)]
    first = timeline(entries, 0, "A", monitor.rules, {}).events[0]
    assert (first.word, first.text) == (word, text)


def test_what_drifted_before_the_entries_began_is_told_only_as_far_as_they_reach() -> None:
    monitor = Monitor(rules(surface("shop")))
    entries = [tell(monitor, reading("shop", {"A": 5}, T0))]
    episodes = [Episode("A", "shop", "over", T0 - 1, T0, 2), Episode("A", "shop", "under", T0, T0 + MINUTE, -3)]
    told = timeline(entries, 0, "A", monitor.rules, {}, episodes=episodes)
    assert [(event.at - T0, event.word, event.text) for event in told.events if event.word != "shows"] == [
        (MINUTE, "ended", "Shop no longer drifts, after 1m"), (0, "drift", "Shop under, −3"),
        (0, "ended", "Shop no longer drifts, after 0s"),
    ]  # fmt: skip
    assert timeline([], 0, "A", monitor.rules, {}, episodes=episodes).events == []
    over = timeline([replace(entries[0], read_at=T0 - 2)], 0, "A", monitor.rules, {}, episodes=episodes)
    assert [event.text for event in over.events if event.word == "drift"][-1] == "Shop over, +2"


def test_notes_are_told_of_their_sku_alone_and_a_collector_that_cannot_record_is_no_small_thing() -> None:
    monitor = Monitor(rules(surface("shop")))
    remark = Remark("ours", None, "ann", T0)
    entries: list[Entry] = [
        Remarked(T0, "ann", RemarkKind.NOTE, Scope(), remark),
        Remarked(T0 + 1, "ann", RemarkKind.NOTE, Scope("", "A"), remark),
        Remarked(T0 + 2, "ann", RemarkKind.CLAIM, Scope("shop"), remark),
        Remarked(T0 + 3, "ann", RemarkKind.CLAIM, Scope("", "B"), remark),
        CollectorNote(T0 + 4, "not recording", "disk full"),
        CollectorNote(T0 + 5, "recording"),
    ]
    told = timeline(entries, 0, "A", monitor.rules, {})
    assert [event.at - T0 for event in told.events[::-1]] == [1, 2, 4, 5]
    assert [(event.tone, event.text) for event in told.events[::-1]][2:] == [
        ("unknown", "not recording: disk full"), ("", "recording"),
    ]  # fmt: skip


@pytest.mark.parametrize(("times", "told"), [(6, 6), (7, 1)])
def test_times_missed_in_a_row_are_told_one_by_one_up_to_six(times: int, told: int) -> None:
    made = [0, 1, 2, 3, *[3] * times, 3 + times + 1]
    monitor = Monitor(rules(surface("shop", stale_after=HOUR)))
    entries = [
        tell(monitor, reading("shop", {"A": 5}, T0 + place * MINUTE + 30_000, as_of=T0 + of * MINUTE))
        for place, of in enumerate(made)
    ]
    events = [event for event in timeline(entries, 0, "A", monitor.rules, {}).events if event.word == "missed"]
    assert len(events) == told
    assert (", 7 times in a row" in events[0].text) == (times == 7)


def test_the_master_goes_on_from_what_it_was_before_the_entries() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5}, T0))
    entries = [tell(monitor, reading(MASTER, {"A": 3}, T0 + 10)), tell(monitor, reading("shop", {"A": 3}, T0 + 11))]
    told = timeline(entries, 0, "A", monitor.rules, {}, master=[(T0, 5)])
    assert [event.text for event in told.events if event.surface == MASTER] == ["master 5 to 3, −2"]
    shop_alone = timeline(entries[1:], 0, "A", monitor.rules, {MASTER: 3}, master=[(T0, 5), (T0 + 10, 3)])
    assert [event.surface for event in shop_alone.events] == ["shop"]


def test_a_level_that_no_entry_changed_held_all_the_while() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 3}, T0))
    entries = [tell(monitor, reading(MASTER, {"A": 3}, T0 + 10)), tell(monitor, reading("shop", {"A": 3}, T0 + 11))]
    told = timeline(entries, 0, "A", monitor.rules, {MASTER: 3, "shop": 3})
    assert dict(told.steps)[MASTER][0] == (T0 + 10, 3), "though nobody knows since when"
