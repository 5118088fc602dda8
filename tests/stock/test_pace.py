"""How fast the master sells: what is a sale, over how long, and what fell to nothing lately."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.history import MasterHistory
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.pace import WINDOW, Sales, StockOuts
from stockdrift.stock.reading import MASTER
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, tell


def told(*reads: tuple[int, dict[str, Level]]) -> Monitor:
    """A master that was read at these moments (ms after noon)."""
    monitor = Monitor(rules())
    for at, levels in reads:
        tell(monitor, reading(MASTER, levels, T0 + at))
    return monitor


def paces(monitor: Monitor) -> list[float] | None:
    found = monitor.pace()
    return None if found is None else found.of(np.arange(monitor.board.size, dtype=np.int32)).round(3).tolist()


def test_what_falls_is_sold_and_nothing_else_is() -> None:
    free = LevelState.UNLIMITED
    first: dict[str, Level] = {"sells": 10, "rises": 1, "counted": free, "freed": 9, "still": 4, "owed": free}
    monitor = told(
        (0, first),
        (HOUR, {**first, "sells": 7, "rises": 8, "counted": 2, "freed": free, "owed": -2, "new": 5}),
        (2 * HOUR, {**first, "sells": 3, "rises": 8, "counted": 2, "freed": 3, "owed": -2, "new": 3}),
    )
    assert monitor.board.catalogue.skus[0] == "sells", "whose first record is the very first"
    assert paces(monitor) == [3.5, 0, 0, 0, 0, 0, 1.0]


@pytest.mark.parametrize(("observed", "known"), [(2 * MINUTE - 1, False), (2 * MINUTE, True)])
def test_less_than_two_minutes_tell_nothing(observed: int, known: bool) -> None:
    found = paces(told((0, {"A": 9}), (observed, {"A": 8})))
    assert (found == [30.0]) if known else found is None


def test_sales_of_long_ago_say_nothing_of_the_present_pace() -> None:
    monitor = told((0, {"A": 90, "B": 90}), (HOUR, {"A": 30, "B": 90}), (WINDOW + 2 * HOUR, {"A": 30, "B": 84}))
    assert paces(monitor) == [0, 1.0]


def test_every_sku_has_a_pace_those_that_came_since_none() -> None:
    monitor = told((0, {"A": 9}), (HOUR, {"A": 8}))
    assert paces(monitor) == [1.0]
    tell(monitor, reading("embed", {"A": 8, "B": 1, "C": 1}, T0 + HOUR + 1))
    assert paces(monitor) == [1.0, 0, 0]


@pytest.mark.parametrize(
    ("reads", "count"),
    [
        ([(0, {"A": 0, "B": -1}), (MINUTE, {"A": 0, "B": 0})], 0),
        ([(0, {"A": 3, "B": 3}), (MINUTE, {"A": 0, "B": -2})], 2),
        ([(0, {"A": 3, "B": 0}), (MINUTE, {"A": 3, "B": -2})], 0),
        ([(0, {"A": 3, "B": 3}), (MINUTE, {"A": 1, "B": LevelState.DISABLED})], 0),
        ([(0, {"A": 3}), (MINUTE, {"A": 0}), (2 * MINUTE, {"A": 1}), (3 * MINUTE, {"A": 0})], 1),
        ([(0, {"A": 3, "B": 3}), (MINUTE, {"A": 0, "B": 3}), (MINUTE + HOUR, {"A": 0, "B": 0})], 1),
    ],
)  # fmt: skip
def test_a_sku_is_out_of_stock_where_it_fell_to_nothing_within_the_hour(
    reads: Sequence[tuple[int, dict[str, Level]]], count: int
) -> None:
    assert StockOuts().skus(told(*reads).history, T0 + reads[-1][0]) == count


@given(seed=st.integers(0, 10_000), asked=st.lists(st.booleans(), min_size=16, max_size=16))
def test_the_sales_that_are_kept_up_are_those_that_are_counted_anew(seed: int, asked: Sequence[bool]) -> None:
    chance = random.Random(seed)
    now, monitor = 0, Monitor(rules())
    for ask in asked:
        levels: dict[str, Level] = {f"S{n}": chance.choice([0, 3, 9, LevelState.UNLIMITED]) for n in range(6)}
        tell(monitor, reading(MASTER, levels, T0 + now))
        now += chance.choice([MINUTE, 20 * MINUTE, HOUR, 2 * HOUR, 7 * HOUR])
        if ask:
            fresh = Sales().pace(monitor.history, monitor.board.master.read_at or 0)
            rows = np.arange(monitor.board.size, dtype=np.int32)
            assert paces(monitor) == (None if fresh is None else fresh.of(rows).round(3).tolist())
            assert monitor.stock_outs(T0 + now) == StockOuts().skus(monitor.history, T0 + now)


def test_they_are_counted_anew_where_old_records_were_dropped() -> None:
    monitor = told((0, {f"S{n}": 9 for n in range(400)}))
    for step in range(40):
        tell(monitor, reading(MASTER, {f"S{n}": 9 - step % 9 for n in range(400)}, T0 + (step + 1) * HOUR))
        fresh = Sales().pace(monitor.history, monitor.board.master.read_at or 0)
        assert fresh is not None
        assert paces(monitor) == fresh.of(np.arange(400, dtype=np.int32)).round(3).tolist()
    assert monitor.history.forgotten


def history_of(*reads: tuple[int, dict[str, Level]]) -> MasterHistory:
    return told(*reads).history


def test_another_history_is_counted_by_itself() -> None:
    one = history_of((0, {"A": 9, "B": 9}), (HOUR, {"A": 5, "B": 9}))
    other = history_of((0, {"A": 9, "B": 9}), (HOUR, {"A": 9, "B": 0}))
    sales, outs = Sales(), StockOuts()
    for history, pace_of, sold_out in ((one, [4.0, 0], 0), (other, [0, 9.0], 1), (one, [4.0, 0], 0)):
        found = sales.pace(history, T0 + HOUR)
        assert found is not None
        assert found.of(np.arange(2, dtype=np.int32)).tolist() == pace_of
        assert outs.skus(history, T0 + HOUR) == sold_out


def test_a_moment_before_the_last_one_is_counted_by_itself() -> None:
    history = history_of(*((n * HOUR // 2, {"A": 9 * (n % 2), "B": 1 + n % 2}) for n in range(8)))
    outs = StockOuts()
    for at in (7, 1, 6, 2, 3):
        assert outs.skus(history, T0 + at * HOUR // 2) == StockOuts().skus(history, T0 + at * HOUR // 2)


def test_records_that_have_moved_are_not_taken_for_those_that_stood_there() -> None:
    monitor = told((0, {"A": 90, "B": 90, "C": 90}))
    for step in range(1, 30):
        tell(monitor, reading(MASTER, {"A": 90 - step, "B": 90, "C": 90}, T0 + step * MINUTE))
    history = monitor.history
    sales = Sales()
    sales.pace(history, T0 + 30 * MINUTE)
    history._forget(T0 + 25 * MINUTE)
    for step in range(30, 70):
        tell(monitor, reading(MASTER, {"A": 61, "B": 90 - step, "C": 120 - step}, T0 + step * MINUTE))
    found, fresh = (one.pace(history, T0 + WINDOW + 34 * MINUTE) for one in (sales, Sales()))
    assert found is not None
    assert fresh is not None
    everyone = np.arange(3, dtype=np.int32)
    assert found.of(everyone).tolist() == fresh.of(everyone).tolist()


def test_where_nothing_sells_nothing_is_fastest() -> None:
    for last in ({"A": 9, "B": 8}, {"A": 9, "B": 9}):
        found = told((0, {"A": 9, "B": 9}), (HOUR, dict(last))).pace()
        assert found is not None
        assert found.fastest == (1 if last["B"] == 8 else None)
    monitor = told((0, {"A": 9, "B": 9}), (HOUR, {"A": 9, "B": 5}))
    for at, fastest in ((HOUR, 1), (WINDOW + 2 * HOUR, None)):
        tell(monitor, reading(MASTER, {"A": 9, "B": 5}, T0 + at))
        found = monitor.pace()
        assert found is not None
        assert found.fastest == fastest
