"""Levels in as few bytes as hold them, against plain lists of states and quantities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState
from stockdrift.stock.packed_levels import PackedLevels, grow_together

_EDGES = [2**15 - 1, 2**15, -(2**15) + 15, -(2**15) + 16, -(2**15), QUANTITY_MAX, QUANTITY_MIN, QUANTITY_MIN + 16]
_QUANTITY = st.integers(-3, 5) | st.sampled_from(_EDGES) | st.integers(QUANTITY_MIN, QUANTITY_MAX)
_COUNTED = st.tuples(st.just(LevelState.COUNTED), _QUANTITY)
_OTHER = st.sampled_from([state for state in LevelState if state is not LevelState.COUNTED])
_LEVEL = _COUNTED | st.tuples(_OTHER, st.just(0))
_COLUMN = st.lists(_LEVEL, min_size=1, max_size=12)

Level = tuple[LevelState, int]


def packed(levels: list[Level]) -> PackedLevels:
    column = PackedLevels(len(levels), LevelState.UNKNOWN)
    put(column, slice(0, len(levels)), levels)
    return column


def put(column: PackedLevels, rows: Any, levels: list[Level]) -> None:
    column.put(
        rows,
        np.array([state for state, _ in levels], np.uint8),
        np.array([quantity for _, quantity in levels], np.int32),
    )


def levels_in(column: PackedLevels) -> list[Level]:
    states, quantities = column.states[:], column.quantities[:]
    assert (states.dtype.name, quantities.dtype.name) == ("uint8", "int32")
    return [(LevelState(state), quantity) for state, quantity in zip(states, quantities.tolist(), strict=True)]


@given(_COLUMN, st.data())
def test_what_is_written_is_read_whatever_was_written_before(levels: list[Level], data: st.DataObject) -> None:
    column = packed(levels)
    assert levels_in(column) == levels
    for _ in range(data.draw(st.integers(0, 3))):
        rows = sorted(data.draw(st.sets(st.integers(0, len(levels) - 1))))
        again = data.draw(st.lists(_LEVEL, min_size=len(rows), max_size=len(rows)))
        put(column, np.array(rows, np.int32), again)
        for row, level in zip(rows, again, strict=True):
            levels[row] = level
        assert levels_in(column) == levels
    for row, (state, quantity) in enumerate(levels):
        assert (int(column.states[row]), int(column.quantities[row])) == (state, quantity)


@given(_COLUMN, _COLUMN, st.data())
def test_levels_taken_over_and_which_of_them_are_others(
    levels: list[Level], others: list[Level], data: st.DataObject
) -> None:
    count = min(len(levels), len(others))
    places = data.draw(st.permutations(range(len(levels))))[:count]
    others = [data.draw(st.sampled_from([other, levels[place]])) for place, other in zip(places, others, strict=False)]
    column = packed(levels)
    different = column.write(np.array(places, np.int32), packed(others))
    assert different.tolist() == [levels[place] != other for place, other in zip(places, others, strict=True)]
    for place, other in zip(places, others, strict=True):
        levels[place] = other
    assert levels_in(column) == levels


@given(_COLUMN, _OTHER, st.data())
def test_rows_of_one_state_new_rows_and_copies(levels: list[Level], state: LevelState, data: st.DataObject) -> None:
    column = packed(levels)
    copy = column.take(slice(None))
    rows = sorted(data.draw(st.sets(st.integers(0, len(levels) - 1))))
    column.put_state(np.array(rows, np.int32), state)
    column.grow(len(levels) + 2, state)
    told = [(state, 0) if row in rows else level for row, level in enumerate(levels)]
    assert levels_in(column) == [*told, (state, 0), (state, 0)]
    assert len(column) == len(levels) + 2
    assert levels_in(copy) == levels
    assert levels_in(column.take(np.array(rows, np.int32))) == [(state, 0)] * len(rows)


@given(_COLUMN, _QUANTITY, _QUANTITY, st.integers(0, 12))
def test_quantities_between_two(levels: list[Level], least: int, most: int, size: int) -> None:
    counted = [quantity for state, quantity in levels[:size] if state is LevelState.COUNTED]
    assert packed(levels).between(least, most, size) == sum(least <= quantity <= most for quantity in counted)


@pytest.mark.parametrize(
    ("quantity", "size"),
    [(2**15 - 1, 2), (2**15, 4), (-(2**15) + 16, 2), (-(2**15) + 15, 4), (QUANTITY_MAX, 4), (QUANTITY_MIN + 16, 4),
     (QUANTITY_MIN + 15, 8), (QUANTITY_MIN, 8)],
)  # fmt: skip
def test_a_level_takes_as_few_bytes_as_hold_all(quantity: int, size: int) -> None:
    column = packed([(LevelState.COUNTED, 3), (LevelState.OUT, 0), (LevelState.COUNTED, quantity)])
    assert column.numbers.itemsize == size
    put(column, slice(0, 1), [(LevelState.COUNTED, 4)])
    assert column.numbers.itemsize == size
    assert levels_in(column) == [(LevelState.COUNTED, 4), (LevelState.OUT, 0), (LevelState.COUNTED, quantity)]


@pytest.mark.parametrize("least", [-(2**15) + 16, -(2**31) + 16])
def test_the_least_number_of_a_kind_stays_a_quantity_as_the_kind_grows(least: int) -> None:
    levels = PackedLevels(3, LevelState.UNLISTED)
    counted = np.full(1, LevelState.COUNTED, np.uint8)
    levels.put(np.array([0]), counted, np.array([least], np.int32))
    kind = levels.numbers.dtype
    levels.put(np.array([1]), counted, np.array([least - 1], np.int32))
    assert levels.numbers.dtype.itemsize == 2 * kind.itemsize
    assert levels.quantities[np.arange(3)].tolist() == [least, least - 1, 0]
    assert levels.states[np.arange(3)].tolist() == [LevelState.COUNTED, LevelState.COUNTED, LevelState.UNLISTED]


@pytest.mark.parametrize(("own", "others"), [(5, 7), (5, 70_000), (70_000, 5)])
def test_it_becomes_another_whatever_that_is_made_of_and_shares_nothing_with_it(own: int, others: int) -> None:
    one, other = (packed([(LevelState.COUNTED, level), (LevelState.OUT, 0)]) for level in (own, others))
    one.become(other)
    other.put_state(slice(0, 2), LevelState.DISABLED)
    assert one.quantities[np.arange(2)].tolist() == [others, 0]
    assert one.states[np.arange(2)].tolist() == [LevelState.COUNTED, LevelState.OUT]


def test_a_column_of_levels() -> None:
    narrow = [(LevelState.IN, 0), (LevelState.COUNTED, 7), (LevelState.UNKNOWN, 0)]
    column = packed(narrow)
    assert levels_in(PackedLevels.of(column.states[:], column.quantities[:])) == narrow


def test_a_stretch_of_rows() -> None:
    column = packed([(LevelState.COUNTED, row) for row in range(6)])
    held, narrow = column.numbers, [(LevelState.IN, 0), (LevelState.COUNTED, 7), (LevelState.UNKNOWN, 0)]
    put(column, slice(2, 5), narrow)
    assert levels_in(column)[1:] == [(LevelState.COUNTED, 1), *narrow, (LevelState.COUNTED, 5)]
    assert column.numbers is held, "what fits is written in its place"
    assert column.are(LevelState.UNKNOWN, slice(0, 6)).tolist() == [False] * 4 + [True, False]
    assert column.are(LevelState.IN, np.array([1, 2])).tolist() == [False, True]


def test_both_ends_are_between() -> None:
    column = packed([(LevelState.COUNTED, row) for row in range(-3, 4)])
    assert [column.between(-1, 2, size) for size in (2, 3, 6, 7)] == [0, 1, 4, 4]


def test_columns_that_grow_together_are_what_each_would_be_by_itself() -> None:
    narrow, wide = (packed([(LevelState.COUNTED, level), (LevelState.OUT, 0)]) for level in (5, 70_000))
    grow_together([narrow, wide], 4, LevelState.UNLISTED)
    for column, level in ((narrow, 5), (wide, 70_000)):
        unlisted = (LevelState.UNLISTED, 0)
        assert levels_in(column) == [(LevelState.COUNTED, level), (LevelState.OUT, 0), unlisted, unlisted]
    assert narrow.numbers.dtype.itemsize < wide.numbers.dtype.itemsize
