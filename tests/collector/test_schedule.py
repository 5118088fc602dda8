from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.collector.schedule import Cadence, first_waits

SECOND, MINUTE = 1_000, 60_000


class Steady(random.Random):
    """No chance at all: the middle of each range."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.mark.parametrize(
    ("every", "waits"),
    [
        (2 * SECOND, [2, 4, 8, 8, 8]),
        (30 * SECOND, [30, 60, 120, 120, 120]),
        (5 * MINUTE, [60, 120, 240, 300, 300]),
        (15 * MINUTE, [60, 120, 240, 480, 900, 900]),
    ],
)
def test_waits_grow_while_reads_fail_and_are_as_before_once_they_do_not(every: int, waits: list[int]) -> None:
    cadence = Cadence(every, Steady())
    assert cadence.wait(complete=True, took=0) == every
    assert [cadence.wait(complete=False, took=0) for _ in waits] == [wait * SECOND for wait in waits]
    assert cadence.wait(complete=True, took=0) == every
    assert cadence.wait(complete=False, took=0) == waits[0] * SECOND


def test_the_time_that_a_read_took_counts_and_a_slow_source_still_has_a_rest() -> None:
    cadence = Cadence(40 * SECOND, Steady())
    assert cadence.wait(complete=True, took=15 * SECOND) == 25 * SECOND
    assert cadence.wait(complete=True, took=39 * SECOND) == 10 * SECOND
    assert cadence.wait(complete=True, took=300 * SECOND) == 10 * SECOND


@given(st.integers(1, 10**8), st.lists(st.booleans(), max_size=60), st.integers(0, 2**32))
def test_jitter_is_a_tenth_and_the_same_for_the_same_seed(every: int, outcomes: list[bool], seed: int) -> None:
    one, same, plain = (
        Cadence(every, random.Random(seed)),
        Cadence(every, random.Random(seed)),
        Cadence(every, Steady()),
    )
    for complete in outcomes:
        wait = one.wait(complete=complete, took=0)
        middle = plain.wait(complete=complete, took=0)
        assert wait == same.wait(complete=complete, took=0)
        assert 0.9 * middle - 1 <= wait <= 1.1 * middle + 1
        assert middle <= max(every, min(4 * every, 2 * MINUTE))


@given(st.integers(0, 40), st.integers(0, 2**32))
def test_first_reads_are_spread_over_a_second(count: int, seed: int) -> None:
    names = [f"surface {number}" for number in range(count)]
    waits = first_waits(names, random.Random(seed))
    assert list(waits) == names
    assert list(waits.values()) == sorted(waits.values())
    for place, wait in enumerate(waits.values()):
        assert place * 1000 // count <= wait <= (place + 1) * 1000 // count + 1
