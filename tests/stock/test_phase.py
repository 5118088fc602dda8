"""Phases: in flight, new, late, persistent; and the lag that most SKUs agree on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock import lag
from stockdrift.stock.history import KEPT, MasterHistory
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Phase, Status
from stockdrift.stock.reading import MASTER
from tests.stock.scene import HOUR, MINUTE, SECOND, T0, Level, reading, rules, surface, tell

FEED = surface("facebook", kind="feed", lag=10 * MINUTE, every=MINUTE, stale_after=HOUR)


def watched(*more: object) -> Monitor:
    del more
    return Monitor(rules(FEED))


def phase(monitor: Monitor, sku: str = "A") -> Phase:
    row = monitor.row_of(sku)
    assert row is not None
    return monitor.phase_of(1, row)


def test_what_the_master_said_within_the_allowed_lag_is_in_flight() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 5}, T0 + SECOND))
    tell(monitor, reading(MASTER, {"A": 3}, T0 + MINUTE))
    assert phase(monitor) is Phase.IN_FLIGHT
    # 5 was possibly held until the read that found 3: as long as that is within ten minutes it is in flight.
    tell(monitor, reading("facebook", {"A": 5}, T0 + 11 * MINUTE))
    assert phase(monitor) is Phase.IN_FLIGHT
    assert monitor.picture(T0 + 11 * MINUTE).gauge.in_flight == 1
    tell(monitor, reading("facebook", {"A": 5}, T0 + 11 * MINUTE + 1))
    assert phase(monitor) is Phase.PERSISTENT
    assert monitor.picture(T0 + 12 * MINUTE).gauge.in_flight == 0


def test_a_surface_read_after_the_master_is_judged_after_the_next_read_of_the_master() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 5}, T0 + SECOND))
    tell(monitor, reading("facebook", {"A": 4}, T0 + MINUTE))  # a sale that the master has not shown us yet
    assert phase(monitor) is Phase.IN_FLIGHT
    tell(monitor, reading(MASTER, {"A": 5}, T0 + 2 * MINUTE))
    assert phase(monitor) is Phase.NEW


def test_unexplained_drift_is_new_and_then_persistent() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 9}, T0 + SECOND))
    assert phase(monitor) is Phase.NEW
    tell(monitor, reading(MASTER, {"A": 5}, T0 + SECOND + 10 * MINUTE))
    assert phase(monitor) is Phase.NEW
    tell(monitor, reading(MASTER, {"A": 5}, T0 + 2 * SECOND + 10 * MINUTE))
    assert phase(monitor) is Phase.PERSISTENT


def test_time_alone_makes_nothing_persistent() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 9}, T0 + SECOND))
    monitor.tick(T0 + 30 * MINUTE)
    assert phase(monitor) is not Phase.PERSISTENT


def test_a_sku_is_in_flight_only_if_all_its_drift_is() -> None:
    monitor = Monitor(rules(FEED, surface("embed", lag=30 * SECOND)))
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 5}, T0 + 1))
    tell(monitor, reading("embed", {"A": 9}, T0 + 1))
    tell(monitor, reading(MASTER, {"A": 3}, T0 + MINUTE))
    assert monitor.phase_of(1, 0) is Phase.IN_FLIGHT
    assert monitor.phase_of(2, 0) is Phase.PERSISTENT
    assert monitor.lines([0])[0].phase is Phase.PERSISTENT
    assert monitor.picture(T0 + MINUTE).gauge.in_flight == 0


class Shop:
    """A master that sells at random, and a feed generated from it at known moments: the truth of a lag."""

    def __init__(self, seed: int, skus: int = 40) -> None:
        self.random = random.Random(seed)
        self.stock: dict[str, Level] = {f"S{number:02}": self.random.randint(200, 400) for number in range(skus)}
        self.past: list[tuple[int, dict[str, Level]]] = []
        self.now = T0

    def advance(self, ms: int) -> None:
        end = self.now + ms
        while self.now < end:
            self.now += 5 * SECOND
            sku = self.random.choice(list(self.stock))
            level = self.stock[sku]
            assert isinstance(level, int)
            self.stock[sku] = level - self.random.randint(1, 3)
            self.past.append((self.now, dict(self.stock)))

    def at(self, moment: int) -> Mapping[str, Level]:
        return next((stock for at, stock in reversed(self.past) if at <= moment), self.past[0][1])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("behind", [2 * MINUTE, 25 * MINUTE, 50 * MINUTE])
def test_the_lag_is_measured(seed: int, behind: int) -> None:
    shop, monitor = Shop(seed), watched()
    for _ in range(120):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
    truth = shop.now - behind
    tell(monitor, reading("facebook", shop.at(truth), shop.now + SECOND))
    estimate = monitor.lags[1]
    assert estimate is not None
    assert estimate.low - 35 * SECOND <= truth <= estimate.high + 35 * SECOND
    assert estimate.confidence > 0.9
    line = monitor.picture(shop.now + SECOND).surfaces[0]
    assert line.lag is not None
    assert abs(line.lag - behind) < MINUTE
    assert line.status is (Status.LATE if behind > 10 * MINUTE else Status.ON_TIME)
    phases = [line.phase for line in monitor.lines(monitor.order())]
    assert set(phases) <= {Phase.LATE, Phase.IN_FLIGHT}  # a SKU that sold only lately is in flight even there
    assert (phases.count(Phase.LATE) > len(phases) / 2) == (behind > 10 * MINUTE)


@pytest.mark.parametrize("behind", [2 * MINUTE, 25 * MINUTE, 50 * MINUTE])
def test_a_few_of_many_changes_measure_the_same_lag(monkeypatch: pytest.MonkeyPatch, behind: int) -> None:
    monkeypatch.setattr(lag, "VOTERS", 64)
    shop, monitor = Shop(3), watched()
    for _ in range(120):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
    tell(monitor, reading("facebook", shop.at(shop.now - behind), shop.now + SECOND))
    estimate = monitor.lags[1]
    assert monitor.history.count > 5 * lag.VOTERS
    assert estimate is not None
    assert estimate.low - 3 * MINUTE <= shop.now - behind <= estimate.high + 3 * MINUTE
    assert estimate.confidence > 0.9
    assert monitor.picture(shop.now + SECOND).surfaces[0].status is (
        Status.LATE if behind > 10 * MINUTE else Status.ON_TIME
    )


@pytest.mark.parametrize("behind", [MINUTE // 2, 6 * MINUTE, 20 * MINUTE])
def test_where_each_sku_has_held_many_values_fewer_are_asked_and_say_the_same(
    monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    chance, monitor = random.Random(5), watched()
    stock = {f"S{n}": 100_000 for n in range(400)}
    then: dict[int, dict[str, Level]] = {}
    for step in range(120):
        stock = {sku: level - chance.randint(0, 2) for sku, level in stock.items()}
        then[step * 15 * SECOND] = dict(stock)
        tell(monitor, reading(MASTER, then[step * 15 * SECOND], T0 + step * 15 * SECOND))
    now = T0 + 119 * 15 * SECOND
    shown = then[119 * 15 * SECOND - behind]
    tell(monitor, reading("facebook", shown, now + SECOND))
    few = monitor.lags[1]
    voters = lag._changed(monitor.history, now - HOUR, now + SECOND)
    assert len(lag._affordable(monitor.history, voters, now - HOUR)) == lag.LEAST_VOTERS < len(voters)
    monkeypatch.setattr(lag, "VALUES", 10**9)
    everyone = lag.estimate(monitor.board, monitor.history, 1, None)
    assert few is not None
    assert everyone is not None
    assert (few.low, few.high, few.bounded) == (everyone.low, everyone.high, everyone.bounded)
    assert few.confidence > 0.9
    assert few.low <= now - behind <= few.high


@given(st.integers(0, 300))
def test_of_many_changes_the_newest_are_asked_and_of_those_before_some_evenly(count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lag, "VOTERS", 40)
        asked = np.arange(count)[lag._asked(count)].tolist()
    assert asked == sorted(set(asked))
    assert len(asked) == min(count, 40)
    if count > 40:
        assert asked[20:] == list(range(count - 20, count))
        before = asked[:21]  # the first of the newest included
        assert before[0] == 0
        steps = [after - one for one, after in pairwise(before)]
        assert max(steps) - min(steps) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_phases_of_a_few_rows_are_those_of_all(seed: int) -> None:
    shop, chance = Shop(seed), random.Random(seed)
    monitor = Monitor(rules(FEED, surface("embed", lag=30 * SECOND)))
    for _ in range(40):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
        for name in ("facebook", "embed"):
            wrong = dict.fromkeys(chance.sample(list(shop.stock), 5), 900)
            tell(monitor, reading(name, {**shop.at(shop.now - 9 * MINUTE), **wrong}, shop.now + SECOND))
        rows = np.array(chance.sample(range(monitor.board.size), 12), np.int32)
        for index in (1, 2):
            alone = monitor.phases_at(index, rows)
            drifting, found = monitor.phases_of(index)
            of_all = dict(zip(drifting.tolist(), found.tolist(), strict=True))
            assert alone.tolist() == [of_all.get(row, Phase.NONE) for row in rows.tolist()]
            assert monitor.phases_at(index, rows).tolist() == alone.tolist()
            assert [monitor.phase_of(index, row) for row in rows.tolist()] == alone.tolist()
        assert [line.phase for line in monitor.lines(rows)] == monitor.row_phases()[rows].tolist()


def test_a_surface_that_is_late_is_said_in_words_with_its_evidence() -> None:
    shop, monitor = Shop(1), watched()
    for _ in range(120):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
    levels = dict(shop.at(shop.now - 40 * MINUTE))
    levels["S07"] = 999  # one that lag cannot explain
    tell(monitor, reading("facebook", levels, shop.now - 20 * SECOND))
    for _ in range(24):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
    tell(monitor, reading("facebook", levels, shop.now + SECOND))
    drifting = monitor.picture(shop.now).gauge.drifting
    finding = monitor.picture(shop.now).findings[0]
    assert finding.lead in {"Facebook is 51m behind", "Facebook is 52m behind"}
    assert finding.said(lambda _: "07:32").startswith(
        f"as a whole: {drifting - 1} of its {drifting} match the master at"
    )
    assert finding.also == "Not lag: 1 persistent S07"


def test_a_surface_that_follows_is_never_called_late() -> None:
    for seed in range(10):
        shop, monitor = Shop(seed), watched()
        for turn in range(60):
            shop.advance(30 * SECOND)
            tell(monitor, reading(MASTER, shop.stock, shop.now))
            if turn % 4 == 3:
                tell(monitor, reading("facebook", shop.at(shop.now - 3 * MINUTE), shop.now + SECOND))
                assert monitor.picture(shop.now).surfaces[0].status is Status.ON_TIME


def test_a_surface_that_drifts_and_says_that_it_is_old_is_late_by_its_own_word() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 5, "B": 1}))
    tell(monitor, reading("facebook", {"A": 9, "B": 1}, T0 + SECOND, as_of=T0 - 20 * MINUTE))
    line = monitor.picture(T0 + SECOND).surfaces[0]
    assert (line.status, line.lag) == (Status.LATE, 20 * MINUTE + SECOND)
    finding = monitor.picture(T0 + SECOND).findings[0]
    assert (finding.lead, finding.title) == ("Facebook is 20m behind:", "feed lag, by its own word")
    assert finding.evidence == "made at {at} by its own word; 1 SKU drifts."
    tell(monitor, reading("facebook", {"A": 5, "B": 1}, T0 + 2 * SECOND, as_of=T0 - 20 * MINUTE))
    assert monitor.picture(T0 + 2 * SECOND).surfaces[0].status is Status.ON_TIME  # nothing moved, nothing is off


@pytest.mark.parametrize("of_moment", range(-1, 9))
def test_late_is_what_the_master_possibly_said_at_the_moment_that_the_surface_shows(of_moment: int) -> None:
    """The master said 5 until it said 7, and was asked every minute: 7 stood, possibly, from the last 5 to the first 9.
    Whatever the surface states to show of before or after, 7 is not explained by it.
    """
    monitor = Monitor(rules(surface("feed", kind="feed", lag=MINUTE, stale_after=HOUR)))
    said = [5, 5, 5, 7, 7, 9, 9, 9]
    for minute, level in enumerate(said):
        tell(monitor, reading(MASTER, {"A": level, "B": 1}, T0 + minute * MINUTE))
    read_at = T0 + 3 * HOUR  # too long after for any vote: its own word counts
    tell(monitor, reading(MASTER, {"A": 9, "B": 1}, read_at - 1))
    tell(monitor, reading("feed", {"A": 7, "B": 1}, read_at, as_of=T0 + of_moment * MINUTE))
    assert phase(monitor) is (Phase.LATE if 2 <= of_moment <= 5 else Phase.NEW)


def test_a_few_odd_skus_do_not_make_a_surface_late() -> None:
    shop, monitor = Shop(3), watched()
    for _ in range(120):
        shop.advance(30 * SECOND)
        tell(monitor, reading(MASTER, shop.stock, shop.now))
    levels = {**shop.stock, **{sku: shop.at(shop.now - 40 * MINUTE)[sku] for sku in ("S01", "S02", "S03", "S04")}}
    tell(monitor, reading("facebook", levels, shop.now + SECOND))
    assert monitor.picture(shop.now).surfaces[0].status is Status.ON_TIME


changes = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(0, 5)), min_size=1, max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    changes,
    st.integers(0, 5),
    st.integers(0, 60),
    st.sampled_from([10, 25, 60]),
)
def test_in_flight_against_brute_force(sales: list[tuple[int, int, int]], shown: int, after: int, lag: int) -> None:
    """In flight exactly if the master possibly stood at the value within the lag before the surface was read."""
    monitor = Monitor(rules(surface("feed", lag=lag, stale_after=10**6), surface("other")))
    held: list[tuple[int, int]] = []
    now, stock = T0, {f"S{number}": 2 for number in range(4)}
    for sku, wait, level in sales:
        stock[f"S{sku}"] = level
        tell(monitor, reading(MASTER, dict(stock), now))
        held.append((now, stock["S0"]))
        now += wait
    read_at = held[-1][0] + after
    poll = reading("feed", {**stock, "S0": shown}, read_at)
    tell(monitor, poll)
    if shown == held[-1][1]:
        assert phase(monitor, "S0") is Phase.NONE
        return
    spans = [
        (value, next((at for at, other in held[place + 1 :] if other != value), None))
        for place, (_, value) in enumerate(held)
    ]
    explained = any(value == shown and until is not None and until >= read_at - lag for value, until in spans)
    assert (phase(monitor, "S0") is Phase.IN_FLIGHT) == explained


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, KEPT // 40), st.integers(-2, 9)), max_size=200))
def test_history_forgets_only_what_is_long_replaced(records: list[tuple[int, int, int]]) -> None:
    import numpy as np

    history, now, truth = MasterHistory(), T0, {number: [] for number in range(5)}  # type: ignore[var-annotated]
    history._rows = history._rows[:8]  # a small first capacity, so that forgetting happens
    history._previous, history._levels = history._previous[:8], history._levels.take(slice(8))
    for row, wait, level in records:
        now += wait
        history.record(
            np.array([row], np.int32),
            np.ones(1, np.uint8),
            np.array([level], np.int32),
            last_read=now - wait,
            read_at=now,
            catalogue_size=5,
        )
        truth[row].append((now, 1, level))
    for row, wanted in truth.items():
        found = history.of_row(row)
        assert found == wanted[len(wanted) - len(found) :]
        dropped = wanted[: len(wanted) - len(found)]
        replaced_at = [at for at, _, _ in wanted[1 : len(dropped) + 1]]
        assert all(at < now - KEPT for at in replaced_at)
