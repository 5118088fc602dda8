"""Recorded time against its plain meaning, over any run of entries, with clocks that are set back."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.passage import Moment, Passage

BACK = 30_000


@st.composite
def journals(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Numbers with gaps; times that mostly ascend, jitter a little, and at times are set back."""
    number, at, found = 0, 1_000_000, []
    for _ in range(draw(st.integers(0, 25))):
        number += draw(st.integers(1, 3))
        at += draw(st.sampled_from([0, 0, 1, 10, 5_000, 60_000, -10, -29_000, -BACK, -BACK - 1, -500_000]))
        found.append((number, at))
    return found


def plainly(entries: Sequence[tuple[int, int]]) -> list[list[Moment]]:
    """Eras of entries at the time at which each was known."""
    eras: list[list[Moment]] = []
    for number, at in entries:
        if not eras or at < eras[-1][-1].at - BACK:
            eras.append([])
        known = max([at, *(moment.at for moment in eras[-1])])
        eras[-1].append(Moment(number, known))
    return eras


def passage_of(entries: Sequence[tuple[int, int]], cut: int) -> Passage:
    passage = Passage()
    passage.extend(entries[:cut])
    passage.extend(entries[cut:])
    return passage


def shown(eras: Sequence[Sequence[Moment]]) -> list[Moment]:
    """Each step: the last entry of each time of each era."""
    return [
        moment
        for era in eras
        for moment, following in zip(era, [*era[1:], None], strict=True)
        if following is None or following.at != moment.at
    ]


@settings(max_examples=400, deadline=None)
@given(journals(), st.integers(0, 25), st.integers(400_000, 2_000_000))
def test_a_time_is_found_in_the_latest_era_that_had_begun(
    entries: list[tuple[int, int]], cut: int, moment: int
) -> None:
    passage = passage_of(entries, cut)
    eras = plainly(entries)
    for when in {moment, *(at + off for _, at in entries for off in (-1, 0))}:
        begun = [era for era in eras if era[0].at <= when]
        expected = Moment([known.number for known in begun[-1] if known.at <= when][-1], when) if begun else None
        assert passage.at(when) == expected
        assert passage.came_again(when) == (sum(era[0].at <= when <= era[-1].at for era in eras) > 1)


@settings(max_examples=400, deadline=None)
@given(journals(), st.integers(0, 25))
def test_steps_go_through_every_moment_and_back(entries: list[tuple[int, int]], cut: int) -> None:
    passage = passage_of(entries, cut)
    steps = shown(plainly(entries))
    assert passage.first == (steps[0] if steps else None)
    assert passage.last == (steps[-1] if steps else None)
    assert passage.newest == (entries[-1][0] if entries else 0)
    for here, following in zip(steps, [*steps[1:], None][: len(steps)], strict=True):
        assert passage.after(here) == following
        assert passage.after(Moment(here.number, here.at + 5)) == following
        assert passage.before(Moment(here.number, here.at + 5)) == here
    for here, earlier in zip(steps, [None, *steps][: len(steps)], strict=True):
        assert passage.before(here) == earlier
    assert passage.before(Moment(0, 0)) is None


def test_an_entry_that_ends_late_is_not_shown_before_the_one_that_was_recorded_earlier() -> None:
    passage = Passage()
    passage.extend([(1, 100), (2, 90), (3, 200)])
    assert passage.at(95) is None
    assert passage.at(100) == Moment(2, 100)
    assert passage.at(150) == Moment(2, 150)
    assert passage.at(10_000) == Moment(3, 10_000)
