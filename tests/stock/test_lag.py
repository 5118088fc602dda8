"""The measured lag against a plain count of votes, and what is made of a measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stockdrift.stock import lag
from stockdrift.stock.lag import VOTERS, LagEstimate, estimate
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell

SKUS = ("A", "B", "C")
Stock = dict[str, int | None]
"""What the master has; None: it is unlimited."""

Span = tuple[int, int, int | None]
"""From the last read of the value before to the first read of the value after (ms), and the value."""


def spans_of(reads: Sequence[tuple[int, Stock]], sku: str, read_at: int) -> list[Span]:
    """What the master possibly held of ``sku``, and when, as far as that began by ``read_at``; oldest first."""
    found: list[Span] = []
    never: Stock = {sku: -9}
    for (before, old), (at, new) in pairwise([(0, never), *reads]):
        if old[sku] != new[sku]:
            if found:
                found[-1] = (found[-1][0], min(at, read_at), found[-1][2])
            found.append((before, read_at, new[sku]))
    return [span for span in found if span[0] <= read_at]


def counted(
    reads: Sequence[tuple[int, Stock]], shown: Mapping[str, int], read_at: int, window: int
) -> tuple[int, int, float]:
    """The latest of the stretches that most weight covers, and its share of all."""
    opening, votes, total = read_at - window, [], 0.0
    for sku in SKUS:
        spans = spans_of(reads, sku, read_at)
        begun = [at for (_, old), (at, new) in pairwise(reads) if old[sku] != new[sku] and opening < at <= read_at]
        if not begun or sku not in shown:
            continue
        agree = [(max(low, opening), high) for low, high, level in spans if level == shown[sku] and high >= opening]
        weight = 1 - min(sum(high - low for low, high in agree) / window, 1)
        assume(weight > 0)
        total += weight
        votes += [(low, high, weight) for low, high in agree]
    if not votes:
        return opening, read_at, 0.0
    cover = {low: sum(weight for begin, end, weight in votes if begin <= low <= end) for low, _, _ in votes}
    best = max(low for low in cover if cover[low] >= max(cover.values()) - 1e-9)
    return best, min(high for low, high, _ in votes if low <= best <= high), cover[best] / total


@st.composite
def stores(draw: st.DrawFn) -> tuple[list[tuple[int, Stock]], dict[str, int], int]:
    levels = st.integers(1, 3) | st.none()
    at, reads = T0, list[tuple[int, Stock]]()
    stock: Stock = dict.fromkeys(SKUS, 2)
    for _ in range(draw(st.integers(2, 7))):
        reads.append((at, dict(stock)))
        stock |= draw(st.dictionaries(st.sampled_from(SKUS), levels, max_size=2))
        at += draw(st.sampled_from([15, 30, 60])) * MINUTE
    shown = draw(
        st.fixed_dictionaries({sku: st.integers(-1, 3) for sku in SKUS[:2]}, optional={"C": st.integers(1, 3)})
    )
    last = draw(st.sampled_from(reads[-2:]))[0]  # a read may end before another that was recorded earlier
    return reads, shown, last + draw(st.sampled_from([-1, 0, 1, 20 * MINUTE]))


@settings(max_examples=120, deadline=None)
@given(stores())
def test_it_is_where_most_of_what_the_master_changed_agrees(
    store: tuple[list[tuple[int, Stock]], dict[str, int], int],
) -> None:
    reads, shown, read_at = store
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
    for at, levels in reads:
        master = {sku: LevelState.UNLIMITED if level is None else level for sku, level in levels.items()}
        tell(monitor, reading(MASTER, master, at))
    tell(monitor, reading("shop", shown, read_at))
    found = monitor.lags[1]
    assert found is not None
    low, high, share = counted(reads, shown, read_at, HOUR)
    assert (found.low, found.high) == (low, high)
    assert found.confidence == pytest.approx(share)
    assert found.bounded == (low > read_at - HOUR)
    if found.confidence:
        now = reads[-1][1]
        later = {sku for (_, old), (at, new) in pairwise(reads) for sku in shown if at > high and old[sku] != new[sku]}
        counts = [sku for sku in later if now[sku] is not None]
        assert found.unreflected == sum(now[sku] != max(shown[sku], 0) for sku in counts)


def test_where_whoever_agrees_has_no_weight_nothing_is_measured() -> None:
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 2, "B": 2}, T0))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}, T0 + 2 * HOUR))
    tell(monitor, reading("shop", {"A": 9, "B": 2}, T0 + 2 * HOUR))
    found = monitor.lags[1]
    assert found is not None
    assert (found.measured, found.confidence) == (False, 0.0), "B held it all the time, and A never did"


def measured(confidence: float = 1.0, stated: int | None = None, **more: int) -> LagEstimate:
    held = {"read_at": 100, "low": 40, "high": 60, "bounded": True, "unreflected": 3, "drifting": 1, **more}
    return LagEstimate(confidence=confidence, stated=stated, **held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "as_of"),
    [
        (measured(), 50), (measured(0.6), 50), (measured(0.59), None), (measured(0.59, 7), 7),
        (measured(bounded=0), 60),
        (measured(stated=40), 40), (measured(stated=60), 60), (measured(stated=39), 50), (measured(stated=61), 50),
    ],
)  # fmt: skip
def test_its_own_word_counts_as_far_as_the_vote_does_not_deny_it(found: LagEstimate, as_of: int | None) -> None:
    assert found.as_of == as_of
    assert found.lag == (None if as_of is None else 100 - as_of)


@pytest.mark.parametrize(
    ("found", "allowed", "late"),
    [
        (measured(), 39, True), (measured(), 40, False), (measured(unreflected=2), 39, False),
        (measured(0.5, 40), 59, True), (measured(0.5, 40), 60, False), (measured(0.5, 40, drifting=0), 1, False),
        (measured(0.5), 1, False), (measured(1.0, 1), 40, False),
    ],
)  # fmt: skip
def test_late_is_what_is_further_behind_than_allowed(found: LagEstimate, allowed: int, late: bool) -> None:
    assert (found.bracket(allowed) is not None) == late


@pytest.mark.parametrize("count", [0, 1, VOTERS - 1, VOTERS, VOTERS + 1, 3 * VOTERS, 1_000_000])
def test_of_very_many_changes_the_newest_are_asked_and_others_evenly_among_those_before(count: int) -> None:
    asked = np.arange(count)[lag._asked(count)]
    assert len(asked) == min(count, VOTERS)
    assert len(np.unique(asked)) == len(asked)
    newest = min(count, VOTERS // 2)
    assert asked[len(asked) - newest :].tolist() == list(range(count - newest, count))
    apart = np.diff(asked[: len(asked) - newest])
    assert not len(apart) or apart.max() - apart.min() <= 1


def test_what_shows_the_master_as_it_stands_is_not_behind_however_long_it_has_stood_so() -> None:
    for quiet in (1, MINUTE, 9 * HOUR):
        assert measured(read_at=quiet, low=0, high=quiet).lag == 0
    assert measured(read_at=MINUTE + 1, low=0, high=MINUTE).lag == MINUTE // 2 + 1


def test_a_surface_that_was_never_read_has_no_lag_and_one_far_behind_is_looked_for_further_back() -> None:
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=9 * HOUR)))
    assert estimate(monitor.board, monitor.history, 1, None) is None
    for hours, level in ((0, 5), (1, 4), (4, 3)):
        tell(monitor, reading(MASTER, {"A": level, "B": level}, T0 + hours * HOUR))
    tell(monitor, reading("shop", {"A": 5, "B": 5}, T0 + 4 * HOUR))
    near = estimate(monitor.board, monitor.history, 1, None)
    assert near is not None
    assert (near.confidence, near.low) == (0.0, T0 + 3 * HOUR), "an hour, and nothing agrees"
    far = estimate(monitor.board, monitor.history, 1, measured(read_at=4 * HOUR, low=HOUR, high=3 * HOUR))
    assert far is not None
    assert (far.confidence, far.high) == (1.0, T0 + HOUR), "twice and a half of the two hours before"


@pytest.mark.parametrize(
    ("master", "shown", "read_at", "at"),
    [
        # 5 was possibly said from the very end of the read on: the master was asked at that moment, and next said 5.
        ([(0, 2), (10, 3), (20, 3), (25, 5)], 5, 20, 20),
        # 2 was said up to the very moment from which on anything is asked.
        ([(-20, 2), (0, 3), (30, 4)], 2, 60, 0),
    ],
)
def test_a_value_counts_at_the_moment_at_which_it_came_or_went(
    master: list[tuple[int, int]], shown: int, read_at: int, at: int
) -> None:
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
    for minute, level in master:
        tell(monitor, reading(MASTER, {"A": level}, T0 + minute * MINUTE))
    tell(monitor, reading("shop", {"A": shown}, T0 + read_at * MINUTE))
    found = monitor.lags[1]
    assert found is not None
    assert (found.low, found.high) == (T0 + at * MINUTE, T0 + at * MINUTE)
    assert found.confidence == pytest.approx(1)


def test_a_sku_that_changed_twice_has_one_vote() -> None:
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
    for minute, levels in ((0, {"A": 5, "B": 5}), (10, {"A": 4, "B": 4}), (20, {"A": 3, "B": 4})):
        tell(monitor, reading(MASTER, levels, T0 + minute * MINUTE))
    tell(monitor, reading("shop", {"A": 9, "B": 4}, T0 + 30 * MINUTE))
    found = monitor.lags[1]
    assert found is not None
    assert found.confidence == pytest.approx(0.5 / 1.5), "B by half, for it said so half of the hour; A denies it once"


def test_what_the_master_counts_no_more_is_no_change_that_was_missed() -> None:
    def missed(last: int | LevelState) -> int:
        monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
        for minute, levels in ((0, {"A": 5, "B": 5, "C": 5}), (10, {"A": 4, "B": 5, "C": 5}),
                               (20, {"A": 4, "B": 3, "C": last})):  # fmt: skip
            tell(monitor, reading(MASTER, levels, T0 + minute * MINUTE))
        tell(monitor, reading("shop", {"A": 5, "B": 5, "C": 5}, T0 + 30 * MINUTE))
        found = monitor.lags[1]
        assert found is not None
        assert found.confidence
        return found.unreflected

    assert missed(4) == missed(5) + 1
    assert missed(LevelState.UNLIMITED) == missed(5)
