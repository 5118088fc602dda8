"""How often a picture is taken: soon where something is new, seldom where nothing is, less often where it is dear."""

from __future__ import annotations

import pytest

from stockdrift.console.cadence import AGED, AGED_AT_MOST, LATEST, SOONEST, Cadence


def waits(cadence: Cadence, now: int, *, news: bool) -> int:
    """Ms after ``now`` at which the next one is due."""
    return next(ms for ms in range(40_000) if cadence.due(now + ms, news=news))


@pytest.mark.parametrize(
    ("cost", "soon", "seldom"),
    [
        (0, SOONEST, AGED),
        (1, SOONEST, AGED),
        (8, 800, AGED_AT_MOST),
        (2, SOONEST, 10_000),
        (4, 400, 20_000),
        (30, LATEST, AGED_AT_MOST),
        (5_000, LATEST, AGED_AT_MOST),
    ],
)
def test_what_is_dear_is_drawn_less_often_and_still_within_a_second(cost: float, soon: int, seldom: int) -> None:
    cadence = Cadence()
    cadence.taken(1_000_000, cost)
    assert waits(cadence, 1_000_000, news=True) == soon
    assert waits(cadence, 1_000_000, news=False) == seldom


def test_the_first_is_due_at_once_and_a_clock_that_was_set_back_stops_nothing() -> None:
    cadence = Cadence()
    assert cadence.due(1_000_000, news=True)
    cadence.taken(1_000_000, 1)
    assert cadence.due(500_000, news=True)
    assert cadence.due(500_000, news=False)
