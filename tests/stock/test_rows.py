"""Rows as sets, held against Python's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stockdrift.stock import rows
from stockdrift.stock.rows import among, distinct, either, set_rows, union

SIZE = 12
some = st.sets(st.integers(0, SIZE - 1)).map(sorted)
unordered = st.lists(st.integers(0, SIZE - 1), max_size=20)


def column(numbers: list[int]) -> NDArray[np.int32]:
    return np.array(numbers, np.int32)


@given(unordered)
def test_distinct_numbers_are_those_of_a_set(numbers: list[int]) -> None:
    found = distinct(column(numbers))
    assert found.tolist() == sorted(set(numbers))
    assert found.dtype == np.int32


@given(some, some)
def test_a_union_is_that_of_sets(one: list[int], other: list[int]) -> None:
    found = union(column(one), column(other), SIZE)
    assert found.tolist() == sorted({*one, *other})


@given(some, some)
def test_in_either_is_in_one_of_two_sets_alone(one: list[int], other: list[int]) -> None:
    assert either(column(one), column(other)).tolist() == sorted({*one} ^ {*other})


@given(unordered, some)
def test_among_is_member_of_a_set(numbers: list[int], others: list[int]) -> None:
    assert among(column(numbers), column(others)).tolist() == [number in others for number in numbers]


def test_rows_are_those_whose_flag_is_set_in_whichever_block_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 2)
    for flags in ([], [1], [0, 1, 1, 0, 1], [1, 1, 1, 1, 1, 1, 0, 1]):
        found = set_rows(np.array(flags, np.bool_))
        assert found.dtype == np.int32
        assert found.tolist() == [row for row, flag in enumerate(flags) if flag]
