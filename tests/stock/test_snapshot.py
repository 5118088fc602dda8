"""A monitor that was frozen and thawed goes on as if nothing had happened."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stockdrift.stock import board
from stockdrift.stock.brief import Apart, Brief, all_alike, runs_of
from stockdrift.stock.entries import CollectorNote
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Reading
from stockdrift.stock.report import report
from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import Snapshot, freeze, levels_of, thaw
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell
from tests.stock.strategies import Ruled, any_rules, runs
from tests.stock.test_oracle import play, step_into


def through_json(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, values=json.loads(json.dumps(snapshot.values)))


@settings(max_examples=150, deadline=None)
@given(any_rules, runs(), st.integers(0, 14), st.booleans())
def test_thawed_it_goes_on_alike(rules: Rules, run: Sequence[Reading | Ruled | int], cut: int, take: bool) -> None:
    whole, _, _ = play(rules, run[:cut])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board, "_FIRST_CAPACITY", 1)  # as of many rows: columns as long as the catalogue
        thawed = thaw(through_json(freeze(whole)), take=take)
    assert_alike(whole, thawed)
    now = whole.board.now
    for step in run[cut:]:
        now = step_into(whole, step, now)
        step_into(thawed, step, now)
        assert_alike(whole, thawed)


@settings(max_examples=100, deadline=None)
@given(any_rules, runs())
def test_polls_that_are_not_asked_for_any_more_are_dropped(rules: Rules, run: Sequence[Reading | Ruled | int]) -> None:
    whole, _, _ = play(rules, run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board, "TIMES", 3)
        short, _, _ = play(rules, run)
    assert_alike(whole, short)
    open_now = {since for column in short.board.columns for since in column.since.values.tolist()}
    assert len(short.board.times) <= max(3, 2 * (len(open_now) + len(short.board.columns) + 2))


def assert_alike(one: Monitor, other: Monitor) -> None:
    now = one.board.now
    assert other.picture(now) == one.picture(now)
    assert report(other, now, everything=True) == report(one, now, everything=True)
    everything = one.order(everything=True)
    assert other.lines(everything) == one.lines(everything)
    assert [other.sku(row, now) for row in everything] == [one.sku(row, now) for row in everything]


def told() -> Monitor:
    """One of which there is everything to keep."""
    monitor = Monitor(rules(surface("shop", lag=MINUTE, stale_after=HOUR)))
    for minute in range(7):
        stock = {f"S{number}": 40 if number < minute else 50 for number in range(6)}
        tell(monitor, reading(MASTER, stock, T0 + minute * MINUTE))
    tell(monitor, reading("shop", {f"S{number}": 50 for number in range(6)}, T0 + 8 * MINUTE))
    monitor.apply(CollectorNote(T0 + 9 * MINUTE, "settings refused", "line 3"))
    return monitor


@pytest.mark.parametrize("take", [False, True])
def test_what_was_measured_and_what_became_of_the_settings_is_kept(take: bool) -> None:
    monitor = told()
    assert monitor.lags[1] is not None
    thawed = thaw(through_json(freeze(monitor)), take=take)
    assert (thawed.lags, thawed.settings) == (monitor.lags, monitor.settings)
    bare = thaw(through_json(freeze(Monitor(monitor.rules))), take=take)
    assert (bare.lags, bare.settings) == ({}, None)


def test_a_snapshot_can_be_thawed_again_unless_its_texts_were_taken() -> None:
    snapshot = freeze(told())
    tell(thaw(snapshot), reading("shop", {"new": 5}, T0 + HOUR))
    assert len(snapshot.skus) == 6
    assert thaw(snapshot, take=True).board.catalogue.skus is snapshot.skus


def test_why_levels_are_unknown_takes_no_room_where_it_is_the_same_for_all() -> None:
    monitor = told()
    assert [column.reasons.strides for column in thaw(freeze(monitor)).board.columns] == [(0,), (0,)]
    shown = {f"S{number}": 50 for number in range(1, 6)}
    tell(monitor, reading("shop", {"S0": LevelState.UNKNOWN, **shown}, T0 + 10 * MINUTE))
    thawed = thaw(freeze(monitor))
    assert [column.reasons.strides for column in thawed.board.columns] == [(0,), (1,)]
    assert thawed.board.columns[1].reasons[:6].tolist() == monitor.board.columns[1].reasons[:6].tolist()


def alike(count: int) -> NDArray[np.uint8]:
    """States that are all quantities, as a checkpoint tells them."""
    return np.broadcast_to(np.uint8(LevelState.COUNTED), count)


def test_levels_are_the_masters_but_for_where_they_are_told_apart_from_it_and_from_nothing_else() -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed"), surface("feed")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 6, "C": 7}))
    tell(monitor, reading("shop", {"A": 5, "B": 60_000, "C": 7}, T0 + 1))
    tell(monitor, reading("embed", {"A": 1, "B": 2, "C": 9}, T0 + 1))
    tell(monitor, reading("feed", {"A": 1, "B": 2, "C": LevelState.OUT}, T0 + 1))
    frozen = freeze(monitor)
    columns = {name: frozen.columns[name] for name in frozen.columns}
    master = columns[levels_of(MASTER, "quantities")]
    assert isinstance(master, np.ndarray)
    place = np.array([1], np.int32)
    told: dict[str, Brief] = {
        levels_of(MASTER, "states"): alike(3),
        levels_of("shop", "states"): alike(3),
        levels_of("shop", "quantities"): Apart(master, place, np.array([60_000 - 6], np.int32)),
        levels_of("embed", "states"): alike(3),  # apart from another column than the master's
        levels_of("embed", "quantities"): Apart(np.array([1, 1, 9], np.int32), place, np.array([1], np.int32)),
        levels_of("feed", "quantities"): Apart(master, np.arange(3, dtype=np.int32), np.array([-4, -4, -7], np.int32)),
    }
    plainly = {levels_of("shop", "quantities"): columns[levels_of("shop", "quantities")]}
    for some in (told, told | plainly):
        assert_alike(monitor, thaw(replace(frozen, columns=columns | some)))
    tell(monitor, reading(MASTER, {"A": 5, "B": 6, "C": LevelState.UNLIMITED}, T0 + 2))
    again = freeze(monitor)
    kept = {name: again.columns[name] for name in again.columns}
    base = kept[levels_of(MASTER, "quantities")]
    assert isinstance(base, np.ndarray)
    apart = Apart(base, np.array([1, 2], np.int32), np.array([60_000 - 6, 7], np.int32))
    kept |= {levels_of("shop", "states"): alike(3), levels_of("shop", "quantities"): apart}
    assert_alike(monitor, thaw(replace(again, columns=kept)))


def test_a_column_is_known_to_be_alike_where_one_number_stands_for_all() -> None:
    assert all_alike(alike(3), LevelState.COUNTED)
    assert not all_alike(alike(3), LevelState.OUT)
    assert not all_alike(alike(0), LevelState.COUNTED)
    assert not all_alike(alike(3).copy(), LevelState.COUNTED), "nobody has looked"
    assert not all_alike(runs_of(alike(3)), LevelState.COUNTED)
