"""What should be shown, and how far it may be off: the columns against the formula, SKU by SKU."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from stockdrift.stock.expect import Yardstick, expected_units
from stockdrift.stock.rules import Allotment, Tolerance

ATP = [-(2**31), -3, 0, 1, 2, 3, 7, 10, 2**31 - 1]
ALLOTMENTS = [
    Allotment(share, buffer, cap)
    for share, buffer, cap in product((10_000, 5_000, 3_333, 0), (0, 1, 2, 2**31), (None, 0, 3, 2**31))
]
MOST = 2**31 - 1


def wanted(atp: int, allotment: Allotment) -> int:
    units = max(0, (Fraction(allotment.share, 10_000) * atp).__floor__() - allotment.buffer)
    return units if allotment.cap is None else min(units, allotment.cap)


def yardstick(allotment: Allotment, own: Allotment, tolerance: Tolerance, lenience: Tolerance) -> Yardstick:
    """Row 4 has an allotment and a tolerance of its own."""
    row = np.array([4], np.int32)
    return Yardstick(allotment, row, (own,), tolerance, row, (lenience,))


@pytest.mark.parametrize("allotment", ALLOTMENTS)
def test_expected_is_the_share_less_the_buffer_within_zero_and_the_cap(allotment: Allotment) -> None:
    own = Allotment(2_500, 1, 9)
    stick = yardstick(allotment, own, Tolerance(), Tolerance())
    atp = np.array(ATP, np.int32)
    due = [wanted(units, own if row == 4 else allotment) for row, units in enumerate(ATP)]
    assert [expected_units(units, allotment) for units in ATP] == [wanted(units, allotment) for units in ATP]
    assert stick.expected(atp, slice(0, len(ATP))).tolist() == due
    backwards = np.arange(len(ATP), dtype=np.int32)[::-1]
    assert stick.expected(atp[backwards], backwards).tolist() == due[::-1]
    assert stick.expected(atp[3:], slice(3, len(ATP))).tolist() == due[3:]
    assert stick.expected(atp[5:], slice(5, len(ATP))).tolist() == due[5:]
    assert stick.expected(atp[:4], slice(0, 4)).tolist() == due[:4]
    assert [stick.allotment_of(row) for row in (3, 4, 5)] == [allotment, own, allotment]
    assert not stick.plain
    empty = np.empty(0, np.int32)
    assert Yardstick(allotment, empty, (), Tolerance(), empty, ()).plain == (allotment == Allotment())


@pytest.mark.parametrize("tolerance", [Tolerance(), Tolerance(2), Tolerance(1, 3_333), Tolerance(0, 10_000)])
@pytest.mark.parametrize("lenience", [Tolerance(), Tolerance(5), Tolerance(2**31, 1), Tolerance(0, 5_000)])
def test_tolerated_are_so_many_units_or_that_share_of_what_is_expected(
    tolerance: Tolerance, lenience: Tolerance
) -> None:
    stick = yardstick(Allotment(), Allotment(), tolerance, lenience)
    expected = np.array([0, 1, 2, 3, 4, 9, 2**31 - 1], np.int32)
    due = []
    for row, units in enumerate(expected.tolist()):
        rule = lenience if row == 4 else tolerance
        due.append(min(MOST, max(rule.units, (Fraction(rule.percent, 10_000) * units).__floor__())))
    assert np.asarray(stick.tolerated(expected, slice(0, len(due)))).tolist() == due
    assert stick.strict == (tolerance == lenience == Tolerance())
