"""What would have spared a SKU its drift, against one who tries every buffer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.advice import RECURS, SPARED, Terms, advice
from stockdrift.stock.entries import Episode

MINUTE = 60_000


def episode(severity: str, deviation: int | None, minutes: int | None = 5, surface: str = "facebook") -> Episode:
    return Episode("SEA-220", surface, severity, 0, None if minutes is None else minutes * MINUTE, deviation)


EPISODES = st.lists(
    st.builds(
        episode,
        st.sampled_from(["over", "oversell", "under"]),
        st.none() | st.integers(-9, 60),
        st.none() | st.integers(0, 60),
        st.sampled_from(["facebook", "facebook", "facebook", "amazon"]),
    ),
    min_size=RECURS,
    max_size=14,
)


def shown_beyond_stock(one: Episode, before: int, units: int) -> bool:
    """Replays the beginning of an episode: a stock that explains it, and a buffer that is ``units`` instead."""
    assert one.deviation is not None
    stock = 0 if one.severity == "oversell" else 1_000
    should = max(stock - before, 0)
    shows = should + one.deviation
    return max(shows - (units - before), 0) > stock


@given(EPISODES, st.integers(0, 5))
def test_the_buffer_is_the_least_that_spares_enough(episodes: list[Episode], before: int) -> None:
    found = advice(episodes, [Terms("facebook", 15 * MINUTE, before)])
    ours = [one for one in episodes if one.surface == "facebook"]
    over = [one for one in ours if one.severity != "under" and one.deviation is not None and one.deviation > 0]

    def spared(units: int) -> int:
        return sum(not shown_beyond_stock(one, before, units) for one in over)

    buffer = next((one for one in found if one.buffer is not None), None)
    least = next(units for units in range(before, 100) if 100 * spared(units) >= SPARED * len(over))
    if len(over) < RECURS or least == before:
        assert buffer is None
    else:
        assert buffer is not None
        assert (buffer.buffer, buffer.spared, buffer.of) == (least, spared(least), len(over))


@given(EPISODES, st.integers(0, 40))
def test_the_interval_speaks_where_most_ended_too_late(episodes: list[Episode], lag: int) -> None:
    found = advice(episodes, [Terms("facebook", lag * MINUTE, 0)])
    ours = [one for one in episodes if one.surface == "facebook"]
    ended = [one.closed_at for one in ours if one.closed_at is not None]
    late = sum(at > lag * MINUTE for at in ended)
    interval = [one for one in found if one.interval is not None]
    assert bool(interval) == (len(ended) >= RECURS and late > len(ours) - late)
    assert all((one.interval, one.spared, one.of) == (lag * MINUTE, late, len(ours)) for one in interval)


def advised(*episodes: Episode, lag: int = 15, buffer: int = 0) -> list[tuple[int | None, int | None, int, int]]:
    found = advice(episodes, [Terms("facebook", lag * MINUTE, buffer)])
    return [(one.buffer, one.interval, one.spared, one.of) for one in found]


def test_a_buffer_has_to_cover_what_is_there_already_where_nothing_was_left() -> None:
    assert advised(*[episode("over", 4)] * 3, buffer=2) == [(4, None, 3, 3)]
    assert advised(*[episode("oversell", 4)] * 3, buffer=2) == [(6, None, 3, 3)]
    assert advised(*[episode("over", 2)] * 3, buffer=2) == [], "it is held back already"
    assert advised(*[episode("over", 0)] * 3, episode("over", 1)) == [], "what was not too many tells nothing"


def test_an_interval_is_as_long_as_the_lag_and_exactly_that_is_not_too_late() -> None:
    assert advised(*[episode("under", -1, 15)] * 3) == []
    assert advised(*[episode("under", -1, 16)] * 3) == [(None, 15 * MINUTE, 3, 3)]
    later = [Episode("A", "facebook", "under", 9_000 * MINUTE, 9_010 * MINUTE, -1)] * 3
    assert advice(later, [Terms("facebook", 15 * MINUTE, 0)]) == [], "however late it began"
    ends = [episode("under", -1, minutes) for minutes in (20, 90, 40)]
    assert "the longest 1h30m" in advice(ends, [Terms("facebook", 15 * MINUTE, 0)])[0].text


@pytest.mark.parametrize("count", [RECURS - 1, RECURS])
def test_it_says_what_it_rests_on(count: int) -> None:
    found = advice([episode("over", 2, 40)] * count, [Terms("facebook", 15 * MINUTE, 0), Terms("amazon", MINUTE, 0)])
    said = """\
Facebook: hold 2 back. In 3 of 3 episodes in which it showed too many, it would have shown no more than there was
Facebook: have it brought up to date at least every 15m. 3 of 3 episodes lasted longer than that, the longest 40m, and \
then ended"""
    assert "\n".join(one.text for one in found) == (said if count == RECURS else "")
