from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.surfaces.backoff import backoff, retry_after
from stockdrift.surfaces.budget import Budget

from .http_support import START


def spend(budget: Budget, now: int, count: int) -> list[int]:
    """Sends ``count`` requests one after the other, each when its turn has come: the times of sending."""
    sent = []
    for _ in range(count):
        now += budget.reserve(now)
        sent.append(now)
    return sent


def test_a_burst_passes_then_requests_flow_at_the_rate_left() -> None:
    sent = spend(Budget(600), START, 70)
    assert sent[:60] == [START] * 60
    gaps = {after - before for before, after in pairwise(sent[60:])}
    assert gaps <= {111, 112}  # 540 a minute


@given(st.integers(1, 2_000), st.lists(st.integers(0, 5_000), min_size=1, max_size=300))
def test_no_minute_holds_more_than_the_allowance(per_minute: int, idle: list[int]) -> None:
    budget, now, sent = Budget(per_minute), START, []
    for pause in idle:
        now += pause
        now += budget.reserve(now)
        sent.append(now)
    for first, begin in enumerate(sent):
        within = sum(1 for at in sent[first:] if at < begin + 60_000)
        assert within <= max(per_minute + 1, 2)  # a request on the edge of two minutes is in both


def test_share_counts_the_last_minute() -> None:
    budget = Budget(600)
    spend(budget, START, 60)
    assert budget.share(START) == pytest.approx(0.1)
    assert budget.share(START + 59_999) == pytest.approx(0.1)
    assert budget.share(START + 60_000) == 0.0


def test_a_429_halves_the_allowance_which_comes_back() -> None:
    budget = Budget(600)
    spend(budget, START, 30)
    budget.throttled(START)
    assert budget.share(START) == pytest.approx(30 / 300)
    assert budget.reserve(START) == pytest.approx(222, abs=1)  # 270 a minute, and no burst
    for _ in range(10):
        budget.throttled(START)
    assert 0 < budget.reserve(START) < 10_000  # however often refused, it tries on
    later = START + 10 * 60_000
    assert [budget.reserve(later) for _ in range(60)] == [0] * 60


def test_retry_after_pauses_every_user_and_says_so() -> None:
    budget = Budget(600)
    budget.throttled(START, 7_000)
    assert budget.paused_for(START + 3_000) == 4_000
    assert budget.share(START + 3_000) == 1.0
    assert budget.reserve(START + 3_000) == 4_000
    assert budget.paused_for(START + 7_000) == 0


def test_a_clock_that_is_set_back_neither_gives_nor_blocks() -> None:
    budget = Budget(600)
    spend(budget, START, 60)
    hour_ago = START - 3_600_000
    assert budget.reserve(hour_ago) == pytest.approx(111, abs=1)
    assert budget.reserve(hour_ago + 1_000) == 0


def test_an_allowance_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one request"):
        Budget(0)


class Fixed(random.Random):
    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def test_backoff_doubles_with_up_to_a_quarter_more_up_to_the_cap() -> None:
    assert [backoff(tries, 60_000, Fixed(0.0)) for tries in range(1, 9)] == [
        1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]  # fmt: skip
    assert [backoff(tries, 60_000, Fixed(0.999999)) for tries in (1, 2, 3, 4)] == [1_250, 2_500, 5_000, 10_000]
    assert backoff(10_000, 60_000, Fixed(0.5)) == 60_000


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, 0),
        ("", 0),
        ("120", 120_000),
        (" 7 ", 7_000),
        ("-3", 0),
        ("1.5", 0),
        ("soon", 0),
        ("Tue, 21 Apr 2026 00:01:30 GMT", 90_000),
        ("Mon, 20 Apr 2026 23:00:00 GMT", 0),
        ("Tue, 99 Apr 2026 00:01:30 GMT", 0),
        ("9" * 400, 999_999_999_000),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header: str | None, wait: int) -> None:
    assert retry_after(header, START) == wait
