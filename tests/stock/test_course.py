"""Columns and episodes of the counts, against a look at every single millisecond."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.course import Slot, Stretch, slots, stretches, turns
from stockdrift.stock.gauge import Sample
from stockdrift.stock.picture import Severity


def sample(
    at: int, drifting: int, *, oversell: int = 0, under: int = 0, known: bool = True, unknown: int = 0
) -> Sample:
    return Sample(at, known, drifting, oversell, drifting - oversell - under, under, unknown)


@st.composite
def courses(draw: st.DrawFn) -> list[Sample]:
    at, found = draw(st.integers(0, 30)), []
    for _ in range(draw(st.integers(0, 12))):
        drifting = draw(st.sampled_from([0, 0, 1, 2, 5]))
        oversell = draw(st.integers(0, drifting))
        under = draw(st.integers(0, drifting - oversell))
        known = draw(st.sampled_from([True] * 4 + [False]))
        unknown = draw(st.sampled_from([0, 0, 7]))
        found.append(sample(at, drifting, oversell=oversell, under=under, known=known, unknown=unknown))
        at += draw(st.integers(1, 15))
    return found


def severity(one: Sample) -> Severity:
    if one.oversell:
        return Severity.OVERSELL
    return Severity.OVER if one.over else Severity.UNDER if one.under else Severity.NONE


@settings(max_examples=400, deadline=None)
@given(courses(), st.integers(0, 40), st.integers(1, 9), st.integers(1, 12), st.integers(0, 120))
def test_a_column_shows_the_most_that_drifted_within_it(
    course: list[Sample], begin: int, width: int, count: int, until: int
) -> None:
    found = slots(course, begin, width, count, until)
    assert len(found) == count
    for index, slot in enumerate(found):
        standing = []
        for moment in range(begin + index * width, min(begin + (index + 1) * width, until + 1)):
            before = [one for one in course if one.at <= moment]
            standing += before[-1:]
        known = [one for one in standing if one.known]
        peak = max((one.drifting for one in known), default=0)
        if not standing:
            assert slot == Slot(recorded=False)
        elif peak:
            assert slot == Slot(True, peak, max(map(severity, known)))
        else:  # calm only where it was known throughout, of every SKU
            calm = all(one.known and not one.unknown for one in standing)
            assert slot == Slot(True, 0 if calm else None)


@settings(max_examples=400, deadline=None)
@given(courses(), st.integers(0, 40), st.integers(0, 80), st.integers(1, 12))
def test_an_episode_is_a_time_of_more_drift_than_at_the_calmest_moment(
    course: list[Sample], begin: int, length: int, apart: int
) -> None:
    end = begin + length
    found = stretches(course, begin, end, apart)
    seen = [one for one in course if one.known and one.at <= end]
    inside = [one for one in seen if one.at > begin] + [one for one in seen if one.at <= begin][-1:]
    calmest = min((one.drifting for one in inside), default=0)
    for moment in range(begin, end + 1):
        known = [one for one in seen if one.at <= moment]
        here = [one for one in found if one.begin <= moment and (one.end is None or moment < one.end)]
        assert len(here) <= 1
        if known and known[-1].drifting > calmest:
            assert here
            assert here[0].peak >= known[-1].drifting
            assert here[0].severity >= severity(known[-1])
    for one, following in pairwise(found):
        assert one.end is not None
        assert following.begin - one.end >= (apart if calmest else 1)
    for one in found:  # no episode lasts over a moment at which nothing drifted
        assert not any(
            step.drifting == 0 and one.begin <= step.at and (one.end is None or step.at < one.end) for step in inside
        )
    for one in found:
        assert any(max(begin, step.at) == one.begin and step.drifting > calmest for step in inside)
        assert one.end is None or any(step.at == one.end and step.drifting <= calmest for step in inside)
    assert turns(found) == sorted(
        {moment for one in found for moment in (one.begin, one.end, one.oversell_at) if moment is not None}
    )


def test_not_knowing_for_a_while_neither_ends_an_episode_nor_hides_it() -> None:
    course = [sample(0, 2), sample(10, 5), sample(20, 0, known=False), sample(30, 6, oversell=1), sample(50, 2)]
    assert stretches(course, 0, 100, 1) == [Stretch(10, 50, 6, Severity.OVERSELL, 30)]
    assert [slot.drifting for slot in slots(course, 0, 10, 6, 100)] == [2, 5, None, 6, 6, 2]


def test_a_store_that_always_drifts_a_little_has_episodes_all_the_same() -> None:
    course = [sample(0, 2), sample(10, 3), sample(12, 2), sample(14, 4), sample(30, 2), sample(60, 9)]
    assert stretches(course, 5, 100, 5) == [
        Stretch(10, 30, 4, Severity.OVER, None),
        Stretch(60, None, 9, Severity.OVER, None),
    ]


def test_a_store_that_is_never_clean_has_one_episode_where_two_are_closer_than_that() -> None:
    course = [sample(0, 1), sample(10, 3), sample(20, 1), sample(25, 2), sample(30, 1)]
    assert [(one.begin, one.end) for one in stretches(course, 0, 100, 5)] == [(10, 20), (25, 30)]
    assert [(one.begin, one.end) for one in stretches(course, 0, 100, 6)] == [(10, 30)]


def test_a_clean_moment_ends_an_episode_however_short_it_is() -> None:
    course = [sample(0, 0), sample(10, 109), sample(2_000, 0), sample(2_001, 109), sample(9_000, 0), sample(9_002, 87)]
    found = stretches(course, 0, 20_000, 5_000)
    assert [(one.begin, one.end) for one in found] == [(10, 2_000), (2_001, 9_000), (9_002, None)]


def test_no_drift_while_some_skus_are_not_known_is_no_calm() -> None:
    course = [sample(0, 0), sample(10, 0, unknown=3), sample(20, 0), sample(30, 1, unknown=3)]
    assert [slot.drifting for slot in slots(course, 0, 10, 4, 100)] == [0, None, 0, 1]
