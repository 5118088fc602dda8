"""The trend of drift and the samples it is made of, against brute force."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.gauge import SAMPLES, STEP, Trend, sample
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome, Reading
from stockdrift.stock.snapshot import freeze, thaw
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, surface, tell


def test_a_sample_counts_each_way_to_stand() -> None:
    monitor = Monitor(rules(surface("embed")))
    stock: dict[str, Level] = {f"S{number:02}": 5 for number in range(15)} | {"gone": 0}
    shown = {sku: 9 if sku < "S03" else 1 if sku < "S08" else level for sku, level in stock.items()}
    tell(monitor, reading(MASTER, stock))
    tell(monitor, reading("embed", {**shown, "gone": 1, "S14": LevelState.UNKNOWN, "S13": LevelState.UNKNOWN}, T0 + 1))
    found = sample(monitor.board, T0 + 1)
    assert (found.known, found.drifting, found.oversell, found.over, found.under, found.unknown) == (
        True,
        9,
        1,
        3,
        5,
        2,
    )
    gauge = monitor.picture(T0 + 2).gauge
    assert (gauge.drifting, gauge.in_sync, gauge.unknown, gauge.tracked) == (9, 5, 2, 16)
    assert (gauge.oversell, gauge.over, gauge.under) == (1, 3, 5)


def test_in_flight_are_counted_however_they_are_off() -> None:
    monitor = Monitor(rules(surface("shop", lag=HOUR)))
    tell(monitor, reading(MASTER, {"A": 9, "B": 3, "C": 2}))
    tell(monitor, reading("shop", {"A": 9, "B": 3, "C": 2}, T0 + 1))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 0}, T0 + MINUTE))
    gauge = monitor.picture(T0 + MINUTE).gauge
    assert (gauge.over, gauge.under, gauge.oversell, gauge.in_flight) == (1, 1, 1, 3)


def test_the_change_is_against_ten_minutes_ago() -> None:
    monitor = Monitor(rules(surface("shop", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 5}))
    assert monitor.picture(T0).gauge.change is None
    tell(monitor, reading("shop", {"A": 9, "B": 5, "C": 5}, T0 + MINUTE))
    tell(monitor, reading("shop", {"A": 9, "B": 9, "C": 9}, T0 + 5 * MINUTE))
    changes = [monitor.picture(T0 + minutes * MINUTE).gauge.change for minutes in (10, 11, 14, 15)]
    assert changes == [None, 2, 2, 0]


def test_the_change_does_not_jump_with_what_jumped_ten_minutes_ago() -> None:
    monitor = Monitor(rules(surface("shop", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 5}))
    tell(monitor, reading("shop", {"A": 9, "B": 5, "C": 5}, T0 + MINUTE))
    for place in range(4):  # three drift for seven seconds of each eighteen
        tell(monitor, reading("shop", {"A": 9, "B": 9, "C": 9}, T0 + 5 * MINUTE + place * 18_000))
        tell(monitor, reading("shop", {"A": 9, "B": 5, "C": 5}, T0 + 5 * MINUTE + place * 18_000 + 7_000))
    moments = range(T0 + 14 * MINUTE, T0 + 17 * MINUTE, 1_000)
    assert {monitor.picture(moment).gauge.change for moment in moments} == {0}


@given(
    st.lists(st.tuples(st.integers(1, 40), st.none() | st.integers(0, 5)), max_size=30),
    st.integers(-20, 400),
    st.integers(1, 60),
)
def test_what_stood_for_most_of_a_time_against_brute_force(
    steps: list[tuple[int, int | None]], moment: int, half: int
) -> None:
    trend, now, stood = Trend(), 0, dict.fromkeys(range(-200, 1_500))
    for wait, value in steps:
        now += wait
        trend.note(now, value or 0, known=value is not None)
        stood |= dict.fromkeys(range(now, 1_500), value)
    values = [stood[at] for at in range(moment - half, moment + half)]
    known = sorted(value for value in values if value is not None)
    expected = known[len(known) // 2] if 2 * len(known) >= len(values) else None
    assert trend.around(moment, 2 * half) == expected


def test_without_a_sku_that_is_tracked_nothing_is_known() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": LevelState.UNLIMITED}))
    tell(monitor, reading("shop", {"A": 5}, T0 + 1))
    assert not monitor.picture(T0 + 2).gauge.known


def test_a_step_of_the_trend_counts_from_its_own_moment_and_an_hour_of_them_is_kept() -> None:
    trend = Trend()
    for place in range(60):
        trend.note(T0 + place * STEP, place % 2, known=True)
    assert [trend.at(T0 + 59 * STEP + off) for off in (-1, 0, 1)] == [0, 1, 1]
    assert trend.at(T0 + 58 * STEP) == 0
    now = T0 + 59 * STEP
    assert trend.steps()[0] == (now - (SAMPLES + 1) * STEP, (59 - SAMPLES - 1) % 2), "and one step more"
    assert trend.samples(now) == [1] * SAMPLES


def test_a_sample_of_the_trend_holds_what_ended_as_it_began() -> None:
    trend = Trend()
    trend.note(T0, 7, known=True)
    trend.note(T0 + STEP, 3, known=True)
    trend.note(T0 + 2 * STEP, 9, known=True)
    assert trend.samples(T0 + 2 * STEP)[-3:] == [7, 7, 9]
    assert trend.samples(T0 + 2 * STEP)[0] is None


def test_what_was_over_as_a_sample_began_is_in_the_one_before() -> None:
    trend = Trend()
    for value in (7, 3):
        trend.note(T0, value, known=True)
    assert trend.samples(T0 + STEP)[-2:] == [7, 3]


def test_not_knowing_for_a_while_begins_no_other_time_of_drift() -> None:
    trend = Trend()
    trend.note(T0, 3, known=True)
    trend.note(T0 + 1, 0, known=False)
    trend.note(T0 + 2, 0, known=False)
    trend.note(T0 + 3, 4, known=True)
    assert trend.since == T0
    trend.note(T0 + 4, 0, known=False)
    trend.note(T0 + 5, 0, known=True)
    assert trend.since == T0 + 5


def test_time_in_which_something_was_unknown_is_not_counted_as_clean() -> None:
    trend = Trend()
    for at, drifting, known, unknown, since in (
        (0, 0, True, 0, 0),
        (1, 0, True, 3, None),
        (2, 0, True, 1, None),
        (3, 0, True, 0, 3),
        (4, 0, True, 0, 3),
        (5, 0, False, 0, 3),
        (6, 0, True, 0, 6),
        (7, 0, True, 1, None),
        (8, 2, True, 1, 8),
        (9, 1, True, 0, 8),
        (10, 0, True, 0, 10),
    ):
        trend.note(at, drifting, known=known, unknown=unknown)
        assert trend.since == since


def test_a_surface_that_said_nothing_for_a_while_begins_the_calm_anew() -> None:
    monitor = Monitor(rules(surface("shop"), surface("other")))
    for name in (MASTER, "shop", "other"):
        tell(monitor, reading(name, {"A": 5}, T0))
    assert monitor.picture(T0 + 1).gauge.since == T0
    tell(monitor, Reading("shop", Outcome.FAILED, T0 + 10, T0 + 20, reason="HTTP 500"))
    assert monitor.picture(T0 + 30).gauge.since is None
    tell(monitor, reading("shop", {"A": 5}, T0 + 40))
    assert monitor.picture(T0 + 50).gauge.since == T0 + 40
    assert thaw(freeze(monitor)).trend.since == T0 + 40


@given(st.lists(st.tuples(st.integers(1, 10 * MINUTE), st.integers(0, 5)), min_size=1, max_size=60))
def test_the_trend_against_brute_force(steps: list[tuple[int, int]]) -> None:
    trend, now, noted = Trend(), T0, []
    for wait, value in steps:
        now += wait
        trend.note(now, value, known=True)
        noted.append((now, value))

    def at(moment: int) -> int | None:
        return next((value for when, value in reversed(noted) if when <= moment), None)

    expected = []
    for place in range(SAMPLES, 0, -1):
        begin, end = now - place * STEP, now - (place - 1) * STEP
        values = [at(begin), *(value for when, value in noted if begin < when <= end)]
        known = [value for value in values if value is not None]
        expected.append(max(known) if known else None)
    assert trend.samples(now) == expected
    turns = [noted[0][0]] + [when for (_, before), (when, value) in pairwise(noted) if (before > 0) != (value > 0)]
    assert trend.since == turns[-1]
