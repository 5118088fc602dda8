"""What became of a SKU, against the board that heard the same polls."""

from __future__ import annotations

from itertools import pairwise
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.admission import admit
from stockdrift.stock.entries import (
    BufferRuling,
    CollectorNote,
    Entry,
    Episode,
    Ignoring,
    PollSummary,
    Remarked,
    RereadAsked,
    RulesChanged,
    Ruling,
)
from stockdrift.stock.freshness import KEPT, STRETCH, LagTrail, oldest_ages
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome, Reading
from stockdrift.stock.remarks import Remark
from stockdrift.stock.rules import Rules, Scope, Tolerance
from stockdrift.stock.timeline import Level, SkuHistory, level_at, level_of, timeline
from stockdrift.stock.values import replace
from tests.stock.scene import MINUTE, SECOND, T0, reading, rules, surface, tell
from tests.stock.strategies import SKUS, HeldBack, LeftOut, Remarks, Ruled, Step, any_rules, runs


def history_of(monitor: Monitor, entries: list[Entry], sku: str, episodes: list[Episode] | None = None) -> SkuHistory:
    row = monitor.row_of(sku)
    assert row is not None
    present = {
        column.rules.name: level_of(int(column.states[row]), int(column.quantities[row]))
        for column in monitor.board.columns
    }
    known: list[tuple[int, Level]] = [(at, level_of(state, atp)) for at, state, atp in monitor.history.of_row(row)]
    return timeline(entries, row, sku, monitor.rules, present, known, episodes or [])


def board_says(monitor: Monitor, index: int, sku: str, now: int) -> int | None:
    """What may be said of a level now: nothing where it is stale or its last read failed."""
    row = monitor.row_of(sku)
    assert row is not None
    board = monitor.board
    column = board.columns[index]
    if not column.usable(now):
        return None
    state, quantity = column.states[row], column.quantities[row]
    if index == 0:
        state, quantity = board.scope[row], board.atp[row]
    return int(quantity) if state == LevelState.COUNTED else None


@settings(max_examples=150, deadline=None)
@given(any_rules, runs(), st.integers(0, 80))
def test_every_step_is_what_the_board_said_then(store: Rules, run: list[Step], wait: int) -> None:
    monitor, entries, now = Monitor(store), [], T0  # type: Monitor, list[Entry], int
    said: list[tuple[int, int, str, int | None]] = []
    for step in run:
        if isinstance(step, Reading):
            now = step.read_at
            poll = admit(step, monitor.board)
            monitor.apply(poll)
            entries.append(poll)
        elif isinstance(step, Ruled):
            entries.append(Ruling(now, "ann", step.scope, step.tolerance))
        elif isinstance(step, LeftOut):
            entries.append(Ignoring(now, "ann", step.scope, step.ignore))
        elif isinstance(step, HeldBack):
            entries.append(BufferRuling(now, "ann", step.scope, step.units))
        elif isinstance(step, Remarks):
            remark = None if step.taken_back else Remark("seen", step.until, "ann", now)
            entries.append(Remarked(now, "ann", step.kind, step.scope, remark))
        else:
            now = step
            monitor.tick(now)
        said += [(now, index, sku, board_says(monitor, index, sku, now)) for index in range(4) for sku in SKUS
                 if monitor.row_of(sku) is not None]  # fmt: skip
    now += wait
    said += [(now, index, sku, board_says(monitor, index, sku, now)) for index in range(4) for sku in SKUS
             if monitor.row_of(sku) is not None]  # fmt: skip
    latest = {(at, index, sku): level for at, index, sku, level in said}
    for sku in SKUS:
        if monitor.row_of(sku) is None:
            continue
        steps = dict(history_of(monitor, entries, sku).steps)
        for (at, index, about), level in latest.items():
            if about == sku and monitor.board.columns[index].rules.active:
                name = monitor.board.columns[index].rules.name
                assert level_at(steps.get(name, ()), at) == level, (name, sku, at)
        for line in steps.values():
            assert [at for at, _ in line] == sorted({at for at, _ in line})
            assert all(one[1] != other[1] for one, other in pairwise(line))


@settings(max_examples=60, deadline=None)
@given(any_rules, runs(), st.integers(0, 13))
def test_what_a_part_of_the_entries_says_all_of_them_say(store: Rules, run: list[Step], skipped: int) -> None:
    monitor, entries = Monitor(store), []  # type: Monitor, list[Entry]
    for step in run:
        if isinstance(step, Reading):
            poll = admit(step, monitor.board)
            monitor.apply(poll)
            entries.append(poll)
    later = entries[skipped:]
    for sku in SKUS:
        if monitor.row_of(sku) is None or not later:
            continue
        whole, part = history_of(monitor, entries, sku), history_of(monitor, later, sku)
        for (name, line), (_, shorter) in zip(whole.steps, part.steps, strict=True):
            for entry in later:
                known = level_at(shorter, entry.at)
                assert known is None or known == level_at(line, entry.at), (name, sku)


def candle() -> tuple[Monitor, list[Entry]]:
    """Sea Salt sells, Facebook stays behind, fails twice and comes back."""
    monitor = Monitor(rules())
    reads = [
        reading(MASTER, {"SEA": 5}, T0),
        reading("facebook", {"SEA": 5}, T0 + SECOND),
        reading(MASTER, {"SEA": 4}, T0 + MINUTE),
        reading("facebook", {}, T0 + MINUTE + SECOND, outcome=Outcome.FAILED, reason="HTTP 503"),
        reading("facebook", {}, T0 + MINUTE + 2 * SECOND, outcome=Outcome.FAILED, reason="HTTP 503"),
        reading("facebook", {"SEA": 4}, T0 + MINUTE + 3 * SECOND),
        reading(MASTER, {"SEA": 40}, T0 + 2 * MINUTE),
    ]
    entries: list[Entry] = [tell(monitor, read) for read in reads]
    return monitor, entries


def told(history: SkuHistory) -> list[tuple[str, str]]:
    return [(event.word, event.text) for event in reversed(history.events)]


def test_events_are_what_was_read() -> None:
    monitor, entries = candle()
    assert told(history_of(monitor, entries, "SEA")) == [
        ("shows", "master shows 5"),
        ("shows", "Facebook shows 5"),
        ("fell", "master 5 to 4, −1"),
        ("failed", "Facebook: HTTP 503"),
        ("recovered", "Facebook was read again, after 2 in vain"),
        ("changed", "Facebook 5 to 4"),
        ("rose", "master 4 to 40, +36"),
    ]


def test_a_failed_read_is_a_gap_and_no_level() -> None:
    monitor, entries = candle()
    facebook = dict(history_of(monitor, entries, "SEA").steps)["facebook"]
    assert facebook[:3] == [(T0 + SECOND, 5), (T0 + MINUTE + SECOND, None), (T0 + MINUTE + 3 * SECOND, 4)]


def test_a_level_that_nothing_read_again_ends_when_it_is_stale() -> None:
    monitor, entries = candle()
    facebook = dict(history_of(monitor, entries, "SEA").steps)["facebook"]
    stale = monitor.rules.surface("facebook").stale_after
    last = T0 + MINUTE + 3 * SECOND
    assert level_at(facebook, last + stale) == 4
    assert level_at(facebook, last + stale + 1) is None


def test_where_the_record_begins_late_what_was_before_is_not_claimed() -> None:
    monitor, entries = candle()
    history = history_of(monitor, entries[4:], "SEA")
    assert ("changed", "Facebook 5 to 4") not in told(history), "that it showed 5 is not in these entries"
    assert ("shows", "Facebook shows 4") in told(history)
    master = dict(history_of(monitor, entries[6:], "SEA").steps)[MASTER]
    assert master[0] == (T0 + 2 * MINUTE, 40)
    assert told(history_of(monitor, entries[6:], "SEA")) == [("rose", "master 4 to 40, +36")], "the core remembers 4"


@pytest.mark.parametrize("back", [0, SECOND])
def test_what_was_heard_last_holds_where_the_clock_stood_or_was_set_back(back: int) -> None:
    monitor = Monitor(rules())
    entries: list[Entry] = [
        tell(monitor, reading("embed", {"SEA": 7}, T0 - MINUTE)),
        tell(monitor, reading("embed", {"SEA": 5}, T0)),
        tell(monitor, reading("embed", {"SEA": 3}, T0 - back)),
    ]
    embed = dict(history_of(monitor, entries, "SEA").steps)["embed"]
    assert embed[:2] == [(T0 - MINUTE, 7), (T0 - back, 3)]
    assert level_at(embed, T0) == 3


def test_what_operators_and_the_collector_said_is_told() -> None:
    monitor, entries = candle()
    entries += [
        RereadAsked(T0 + 3 * MINUTE, "ann", ""),
        Ruling(T0 + 4 * MINUTE, "ann", Scope("facebook", ""), Tolerance(2)),
        Ruling(T0 + 5 * MINUTE, "ann", Scope("", "OTHER"), Tolerance(9)),
        Ruling(T0 + 6 * MINUTE, "ben", Scope("", "SEA"), None),
        CollectorNote(T0 + 7 * MINUTE, "not recording", "the disk is full"),
    ]
    assert told(history_of(monitor, entries, "SEA"))[-4:] == [
        ("read asked", "ann asked for the master and every surface"),
        ("tolerance", "ann set Facebook to 2 units"),
        ("tolerance", "ben set SEA to as the settings have it"),
        ("collector", "not recording: the disk is full"),
    ]


def test_episodes_are_events_as_far_as_the_record_reaches() -> None:
    monitor, entries = candle()
    episodes = [
        Episode("SEA", "facebook", "over", T0 + MINUTE, T0 + 2 * MINUTE, 1),
        Episode("SEA", "facebook", "under", T0 - 9 * MINUTE, T0 - 8 * MINUTE, -4),
    ]
    history = history_of(monitor, entries, "SEA", episodes)
    events = told(history)
    assert ("drift", "Facebook over, +1") in events
    assert ("ended", "Facebook no longer drifts, after 1m") in events
    assert not any("under" in text for _word, text in events)
    assert events.index(("fell", "master 5 to 4, −1")) < events.index(("drift", "Facebook over, +1"))
    assert len(history.episodes) == 2


def test_a_bundle_whose_part_was_unknown_is_not_said_to_have_stood_as_it_stands_now() -> None:
    monitor = Monitor(rules(bundles={"SET": {"SEA": 1}}))
    reads = [
        reading(MASTER, {"SET": 0, "SEA": LevelState.UNKNOWN}, T0),
        reading(MASTER, {"SET": 0, "SEA": LevelState.UNKNOWN}, T0 + SECOND),
        reading(MASTER, {"SET": 0, "SEA": 4}, T0 + 2 * SECOND),
    ]
    entries: list[Entry] = [tell(monitor, read) for read in reads]
    for begin in range(3):
        steps = dict(history_of(monitor, entries[begin:], "SET").steps)[MASTER]
        assert [level_at(steps, T0 + second * SECOND) for second in range(begin, 3)] == [None, None, 4][begin:]


def test_a_bundle_falls_with_its_parts() -> None:
    monitor = Monitor(rules(bundles={"SET": {"SEA": 2}}))
    entries: list[Entry] = [
        tell(monitor, reading(MASTER, {"SEA": 5, "SET": 99}, T0)),
        tell(monitor, reading(MASTER, {"SEA": 3, "SET": 99}, T0 + MINUTE)),
    ]
    history = history_of(monitor, entries, "SET")
    assert told(history) == [
        ("shows", "master shows 2"),
        ("fell", "master 2 to 1, −1, put together from its parts"),
    ]
    assert dict(history.steps)[MASTER][:2] == [(T0, 2), (T0 + MINUTE, 1)]


def test_an_unknown_level_says_why() -> None:
    monitor = Monitor(rules())
    entries: list[Entry] = [
        tell(monitor, reading("embed", {"SEA": 5}, T0)),
        tell(monitor, reading("embed", [("SEA", 5), ("SEA", 6)], T0 + SECOND)),
    ]
    assert told(history_of(monitor, entries, "SEA"))[-1] == ("changed", "Embed 5 to unknown: listed more than once")


polls = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from([Outcome.COMPLETE, Outcome.COMPLETE, Outcome.FAILED]),
              st.none() | st.integers(-30, 5)),
    max_size=12,
)  # fmt: skip


def summaries(steps: list[tuple[int, Outcome, int | None]]) -> list[PollSummary]:
    at, found = 0, []
    for number, (wait, outcome, as_of) in enumerate(steps, 1):
        at += wait
        found.append(
            PollSummary(number, "facebook", outcome, "", at - 1, at, 0, 0, 1, 0, 0,
                        as_of=None if as_of is None else at + as_of)
        )  # fmt: skip
    return found


@given(polls, st.integers(0, 60), st.integers(1, 300), st.integers(1, 20))
def test_ages_against_brute_force(
    steps: list[tuple[int, Outcome, int | None]], begin: int, span: int, cells: int
) -> None:
    log, end = summaries(steps), begin + span
    found = oldest_ages(log, begin, end, cells)
    complete = [poll for poll in log if poll.outcome is Outcome.COMPLETE and poll.read_at < end]

    def ages(at: int) -> list[int]:
        """At ``at``, and just before it where a read came at that moment."""
        last = [poll for poll in complete if poll.read_at <= at][-1:]
        last += [poll for poll in complete if poll.read_at < at][-1:]
        return [max(0, at - min(poll.read_at if poll.as_of is None else poll.as_of, poll.read_at)) for poll in last]

    for cell, age in enumerate(found):
        low, high = begin + span * cell / cells, begin + span * (cell + 1) / cells
        inside = [one for at in range(begin, end + 1) if low <= at < high for one in ages(at)]
        around = [one for at in range(begin, end + 1) if low - 1 <= at <= high for one in ages(at)]
        assert (age is None) <= (not inside)
        if age is not None:
            assert max(inside, default=0) <= age <= max(around)


@pytest.mark.parametrize(("begin", "end"), [(10, 10), (10, 5)])
def test_no_time_has_no_ages(begin: int, end: int) -> None:
    assert oldest_ages(summaries([(1, Outcome.COMPLETE, None)]), begin, end, 3) == [None] * 3


@given(st.lists(st.tuples(st.integers(0, 3 * 86_400_000), st.none() | st.integers(0, 10**7)), max_size=30),
       st.integers(1, 5))  # fmt: skip
def test_a_trail_holds_what_the_newest_reads_found_and_before_them_the_most_of_each_stretch_of_a_day(
    notes: list[tuple[int, int | None]], exact: int
) -> None:
    trail = LagTrail()
    notes = sorted(dict(notes).items())
    with mock.patch("stockdrift.stock.freshness.EXACT", exact):
        for at, lag in notes:
            trail.note(at, lag)
    again = LagTrail(trail.stretches(), trail.reads())
    assert (again.stretches(), again.reads()) == (trail.stretches(), trail.reads())
    newest = max((at for at, lag in notes if lag is not None), default=0)
    for at, found in notes[-exact:]:
        assert trail.at(at) == found
    for at, _ in notes[:-exact]:
        inside = [lag for other, lag in notes if other // STRETCH == at // STRETCH and lag is not None]
        if at // STRETCH >= (newest - KEPT) // STRETCH:
            assert trail.at(at) == max(inside, default=None)
        else:
            assert trail.at(at) is None


def test_a_read_that_was_behind_makes_no_other_read_of_its_stretch_older() -> None:
    trail = LagTrail()
    trail.note(1_000, 9_000)
    trail.note(2_000, 0)
    log = summaries([(1_000, Outcome.COMPLETE, None), (1_000, Outcome.COMPLETE, None)])
    assert oldest_ages(log, 1_000, 3_000, 2, trail.at) == [10_000, 10_000]
    assert oldest_ages(log, 2_001, 3_001, 2, trail.at) == [501, 1_001], "what was read last was fresh"


def test_a_clock_that_is_set_back_does_not_shake_a_trail() -> None:
    trail = LagTrail()
    trail.note(5 * STRETCH, 7)
    trail.note(3 * STRETCH, 9)
    assert trail.stretches() == [(5, 7)]


def test_what_was_measured_outranks_a_surface_s_own_word() -> None:
    log = summaries([(1_000, Outcome.COMPLETE, -10)])
    assert oldest_ages(log, 1_000, 1_100, 1) == [110]
    assert oldest_ages(log, 1_000, 1_100, 1, lambda _at: 400) == [500]


def test_what_another_source_does_not_list_is_not_drawn_as_the_one_before_it_had_it() -> None:
    store = rules(surface("facebook", source="old"))
    monitor, entries = Monitor(store), []  # type: Monitor, list[Entry]
    for entry in (
        reading(MASTER, {"SEA": 5, "AMB": 7}, T0),
        reading("facebook", {"SEA": 5, "AMB": 7}, T0 + SECOND),
        RulesChanged(T0 + MINUTE, rules(surface("facebook", source="new"))),
        reading("facebook", {"AMB": 7}, T0 + MINUTE + SECOND),
        reading("facebook", {"AMB": 7}, T0 + 2 * MINUTE),
    ):
        entries.append(admit(entry, monitor.board) if isinstance(entry, Reading) else entry)
        monitor.apply(entries[-1])
    told = history_of(monitor, entries, "SEA")
    assert dict(told.steps)["facebook"] == [(T0 + SECOND, 5), (T0 + MINUTE + SECOND, None)]
    assert [event.text for event in told.events if event.word == "changed"] == ["Facebook 5 to unlisted"]


def test_the_times_that_a_surface_missed_are_events_of_their_own() -> None:
    monitor = Monitor(rules(surface("feed")))
    entries: list[Entry] = [tell(monitor, reading(MASTER, {"A": 1}))]
    for number in range(5):
        at = T0 + number * MINUTE
        entries.append(tell(monitor, replace(reading("feed", {"A": 2}, at + SECOND), as_of=at)))
    last = T0 + 4 * MINUTE
    for number, stuck in ((2, 1), (8, 7)):
        entries.append(tell(monitor, replace(reading("feed", {"A": 2}, last + number * MINUTE), as_of=last)))
        told = [event for event in history_of(monitor, entries, "A").events if event.word == "missed"]
        times = [event.at for event in told][::-1]
        if stuck == 1:
            assert times == [last + MINUTE]
            assert told[0].text == "Feed was not made anew when due"
        else:
            assert times == [last + MINUTE]
            assert told[0].text == "Feed was not made anew when due, 7 times in a row"
        assert {(event.tone, event.surface) for event in told} == {("late", "feed")}


def test_a_trail_is_kept_for_a_day_and_the_stretch_in_which_that_begins() -> None:
    trail = LagTrail()
    for moment in (0, STRETCH, KEPT, KEPT + STRETCH):
        trail.note(moment, 1)
    assert [number for number, _ in trail.stretches()] == [1, KEPT // STRETCH, KEPT // STRETCH + 1]


def test_the_age_that_was_reached_as_a_stretch_begins_is_in_it() -> None:
    log = summaries([(1_000, Outcome.COMPLETE, None), (1_500, Outcome.COMPLETE, None)])
    begin = log[1].read_at
    assert oldest_ages(log, begin, begin + 100, 1) == [1_500]
