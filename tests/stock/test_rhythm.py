"""The times at which a surface was due, and did not show anything newer."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.entries import PollSummary
from stockdrift.stock.reading import Outcome
from stockdrift.stock.rhythm import missed, missed_by, rhythm
from tests.stock.scene import MINUTE

HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("as_ofs", "every"),
    [
        ([], None),
        ([0, 60, 120], None),
        ([0, 60, 120, 180], 60),
        ([0, 60, 120, 300, 360], 60),
        ([0, 61, 119, 181], 61),
        ([0, 60, 90, 200], None),
        ([0, 10, 500, 510, 1_900], None),
        ([0, 60, 120, 180, 3_780], 60),
        ([0, 75, 175, 300], 100),  # off by a quarter, just
        ([0, 74, 174, 300], None),
        ([0, 100, 200, 300, 337], 100),  # three of four
        ([0, 100, 200, 300, 500, 800], 100),  # twice and three times as long: missed
        ([0, 10, 110, 210, 220, 320], None),
    ],
)
def test_a_rhythm_is_one_where_most_stretches_are_alike(as_ofs: list[int], every: int | None) -> None:
    assert rhythm(as_ofs) == every


def hourly(until: int, made: list[int], every: int = 5 * MINUTE) -> list[tuple[int, int, int]]:
    """Reads every five minutes, each of which shows what was made last before it began."""
    return [(at, at + 1, max(time for time in made if time <= at)) for at in range(made[0], until, every)]


def test_the_drawing_s_feed_missed_three_times() -> None:
    made = [hour * HOUR for hour in range(8)]
    found = missed(hourly(10 * HOUR + 20 * MINUTE, made))
    assert [one.at for one in found] == [8 * HOUR, 9 * HOUR, 10 * HOUR]
    assert {one.shown for one in found} == {7 * HOUR}
    assert [one.seen_at for one in found] == [time * HOUR + 15 * MINUTE + 1 for time in (8, 9, 10)]


def test_what_was_made_late_but_made_is_not_missed() -> None:
    made = [hour * HOUR + (10 * MINUTE if hour == 5 else 0) for hour in range(9)]
    assert missed(hourly(9 * HOUR, made)) == []


def test_without_a_read_nothing_is_missed() -> None:
    reads = hourly(8 * HOUR, [hour * HOUR for hour in range(8)])
    assert missed([*reads, (12 * HOUR, 12 * HOUR + 1, 12 * HOUR)]) == []


def test_a_feed_that_is_made_for_each_read_misses_nothing() -> None:
    reads = [(at, at + 5, at + 1) for at in range(0, HOUR, MINUTE)]
    assert missed([*reads, (2 * HOUR, 2 * HOUR + 5, 2 * HOUR + 1)]) == []


def test_a_clock_that_was_set_back_tells_nothing() -> None:
    made = [hour * HOUR for hour in range(8)]
    reads = hourly(8 * HOUR, made)
    assert missed([*reads, (8 * HOUR, 8 * HOUR, HOUR), (9 * HOUR, 9 * HOUR, 2 * HOUR)]) == []


@given(st.sets(st.integers(0, 60), min_size=1), st.integers(1, 30), st.integers(1, 61))
def test_each_was_due_and_seen_to_be_missing(slots: set[int], every: int, until: int) -> None:
    made = sorted({0, *(slot * HOUR for slot in slots)})
    reads = hourly(until * HOUR, made, every * MINUTE)
    beat = rhythm(list(dict.fromkeys(shown for _, _, shown in reads)))
    found = missed(reads)
    assert beat is not None or not found
    assert all(one.at < later.at for one, later in pairwise(found))
    for one in found:
        assert beat is not None
        assert (one.at - one.shown) % beat == 0
        (read,) = [read for read in reads if read[1] == one.seen_at]
        assert read[2] == one.shown < one.at < read[0]
        assert not any(one.shown < time <= one.at for time in made)


def test_what_polls_tell_is_that_of_the_complete_ones_with_an_as_of_time() -> None:
    def poll(minute: int, as_of: int | None, outcome: Outcome = Outcome.COMPLETE) -> PollSummary:
        at = minute * MINUTE
        made = None if as_of is None else as_of * MINUTE
        return PollSummary(1, "shop", outcome, "", at, at + 1, 0, 0, 1, 0, 0, as_of=made)

    told = [poll(61, 60), poll(121, 120), poll(181, 180), poll(241, 240), poll(320, 240)]
    aside = [poll(319, 300, Outcome.PARTIAL), poll(318, 300, Outcome.FAILED), poll(317, None)]
    newest_first = sorted([*told, *aside], key=lambda one: -one.read_at)
    assert [(one.at // MINUTE, one.seen_at // MINUTE) for one in missed_by(newest_first)] == [(300, 320)]
    assert missed_by(newest_first[1:]) == []
