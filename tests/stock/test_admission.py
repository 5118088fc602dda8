"""What a reading amounts to: what differs from what is known, and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from stockdrift.stock.admission import admit
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Reading
from stockdrift.stock.values import replace
from tests.stock.scene import T0, Level, reading, rules, surface, tell

Parts = Mapping[str, tuple[int, int, int, int]]


def stated(levels: Mapping[str, Level], parts: Parts, at: int = T0, covers: Covers = Covers.ALL) -> Reading:
    """A reading of a master that says what its levels are made of."""
    columns = np.array([parts[sku] for sku in levels], np.int32).reshape(-1, 4)
    return replace(reading(MASTER, levels, at), parts=columns, covers=covers)


def changed(read: Reading, monitor: Monitor) -> dict[str, tuple[int, int]]:
    """State and quantity of the SKUs that ``read`` changes, in the order of their rows."""
    poll = admit(read, monitor.board)
    skus = [*monitor.board.catalogue.skus, *poll.new_skus]
    found = poll.changes
    assert found.rows.tolist() == sorted(found.rows.tolist())
    parallel = zip(found.rows.tolist(), found.states.tolist(), found.quantities.tolist(), strict=True)
    return {skus[row]: (state, quantity) for row, state, quantity in parallel}


def test_a_level_that_is_made_of_other_parts_has_changed_though_its_sum_has_not() -> None:
    monitor = Monitor(rules(surface("shop")))
    levels, parts = {"A": 4, "B": 5}, {"A": (9, 5, 0, 0), "B": (5, 0, 0, 0)}
    tell(monitor, stated(levels, parts))
    assert changed(stated(levels, parts, T0 + 1), monitor) == {}
    other = {**parts, "A": (8, 4, 0, 0)}
    assert changed(stated(levels, other, T0 + 1), monitor) == {"A": (LevelState.COUNTED, 4)}
    assert changed(stated({"A": 4, "B": 6}, {**parts, "B": (6, 0, 0, 0)}, T0 + 1), monitor) == {"B": (1, 6)}
    tell(monitor, stated({"B": 5}, {"B": (4, -1, 0, 0)}, T0 + 1, covers=Covers.CHANGED))
    assert monitor.sku(1, T0 + 1).master_arithmetic.startswith("4 on hand")
    assert monitor.sku(0, T0 + 1).master_arithmetic.startswith("9 on hand")


def test_only_what_differs_changes_and_what_is_new_always_does() -> None:
    monitor = Monitor(rules(surface("shop", max_shrink=10_000)))
    tell(monitor, reading("shop", {"A": 4, "B": 5, "C": LevelState.OUT}))
    again: dict[str, Level] = {"A": 4, "B": 6, "C": LevelState.OUT, "D": 0, "E": LevelState.DISABLED}
    assert changed(reading("shop", again, T0 + 1), monitor) == {
        "B": (LevelState.COUNTED, 6), "D": (LevelState.COUNTED, 0), "E": (LevelState.DISABLED, 0),
    }  # fmt: skip
    assert changed(reading("shop", {"C": 5, "A": 4}, T0 + 1), monitor) == {
        "B": (LevelState.UNKNOWN, 0), "C": (LevelState.COUNTED, 5),
    }  # fmt: skip


@pytest.mark.parametrize("size", [3, 200])
def test_a_few_rows_and_many_are_counted_alike(size: int) -> None:
    """Of a SKU that is named twice the first mention counts for its place, and its level is unknown."""
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {f"S{number:03}": 5 for number in range(size)}))
    twice = [("S002", 7), ("S000", 4), ("S002", 8)]
    (unknown, counted) = (LevelState.UNKNOWN, LevelState.COUNTED)
    assert changed(reading("shop", twice), monitor) == {"S000": (counted, 4), "S002": (unknown, 0)} | {
        f"S{number:03}": (LevelState.UNLISTED, 0) for number in range(size) if number not in (0, 2)
    }


@pytest.mark.parametrize(
    ("names", "prices", "told"),
    [
        (None, None, {}),
        ({"A": "x", "B": "", "C": "z"}, None, {"A": ("x", None), "C": ("z", None)}),
        (None, {"A": 1.0, "C": 3.0}, {"A": ("", 1.0), "C": ("", 3.0)}),
        ({"A": "x", "B": "", "C": ""}, {"A": 1.0}, {"A": ("x", 1.0)}),
        ({"A": "", "B": "", "C": ""}, {}, {}),
    ],
)
def test_names_and_prices_are_told_where_there_are_any(
    names: Mapping[str, str] | None, prices: Mapping[str, float] | None, told: dict[str, tuple[str, float | None]]
) -> None:
    """Of new SKUs; then, of the same once more, nothing; and then what is another."""
    monitor = Monitor(rules(surface("shop")))
    levels = dict.fromkeys("ABC", 5)
    first = tell(monitor, reading(MASTER, levels, names=names, prices=prices)).naming
    found = zip(first.rows.tolist(), list(first.names), np.asarray(first.prices).tolist(), strict=True)
    assert {"ABC"[row]: (name, None if price != price else price) for row, name, price in found} == told
    assert not len(admit(reading(MASTER, levels, T0 + 1, names=names, prices=prices), monitor.board).naming.rows)
    other = admit(reading(MASTER, levels, T0 + 1, names={"B": "new", **(names or {})} | {"B": "new"}), monitor.board)
    assert 1 in other.naming.rows.tolist()


def test_of_two_who_hear_the_same_first_reading_each_numbers_what_comes_later_by_himself() -> None:
    one, other = Monitor(rules(surface("shop"))), Monitor(rules(surface("shop")))
    other.apply(tell(one, reading(MASTER, {"A": 1, "B": 2})))
    tell(one, reading(MASTER, {"A": 1, "B": 2, "C": 3}, T0 + 1))
    assert [one.row_of(sku) for sku in "ABCD"] == [0, 1, 2, None]
    assert [other.row_of(sku) for sku in "ABCD"] == [0, 1, None, None]
    tell(other, reading(MASTER, {"A": 1, "B": 2, "D": 3}, T0 + 1))
    assert [other.row_of(sku) for sku in "ABCD"] == [0, 1, None, 2]
    assert [one.row_of(sku) for sku in "ABCD"] == [0, 1, 2, None]
