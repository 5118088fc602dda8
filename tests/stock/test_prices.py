"""Prices as hundredths, against a plain list."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.prices import Prices

NAN = math.nan
_PRICE = (
    st.just(NAN)
    | st.integers(-5, 500).map(lambda cents: cents / 100)
    | st.sampled_from([9.995, 1 / 3, 21_474_836.47, 21_474_836.48, -21_474_836.47, -21_474_836.48, math.inf, 1e308])
)


def read(prices: Prices) -> list[str]:
    assert prices[:].dtype == np.float64
    return list(map(repr, prices[:].tolist()))


@given(st.integers(1, 5), st.lists(st.lists(_PRICE, max_size=4), max_size=4), st.integers(0, 2), st.data())
def test_what_is_written_is_read(size: int, steps: list[list[float]], more: int, data: st.DataObject) -> None:
    column, plain = Prices(size), [NAN] * size
    for step in steps:
        rows = data.draw(st.permutations(range(len(plain))))[: len(step)]
        for row, price in zip(rows, step, strict=False):
            plain[row] = price
        column.put(np.array(rows, np.int32), np.array(step[: len(rows)], np.float64))
        copy, before = column.copy(), list(map(repr, plain))
        column.extend(more)
        plain += [NAN] * more
        assert read(column) == list(map(repr, plain))
        assert read(copy) == before
        column.put(slice(0, 1), np.array([7.5]))
        plain[0] = 7.5
        assert read(copy) == before, "a copy changes by itself"
    assert len(column) == len(plain)
    for row, price in enumerate(plain):
        assert repr(float(column[row])) == repr(price)


@pytest.mark.parametrize(
    ("price", "size"), [(9.9, 4), (21_474_836.47, 4), (-21_474_836.47, 4), (21_474_836.48, 8), (0.125, 8), (1e308, 8)]
)
def test_hundredths_are_held_in_32_bits(price: float, size: int) -> None:
    column = Prices(3)
    column.put(slice(0, 2), np.array([price, NAN]))
    assert column._held.itemsize == size
    assert read(column) == [repr(price), "nan", "nan"]


def test_while_no_price_is_known_there_is_one_for_all() -> None:
    column = Prices(1_000)
    column.put(slice(0, 500), np.full(500, NAN))
    column.extend(500)
    assert column._held.strides == column.copy()._held.strides == (0,)
    assert (len(column), column[999].tolist()) == (1_500, pytest.approx(NAN, nan_ok=True))
