"""The list by itself: how often a long one is put in order, what waits under a moving cursor, which lines are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console import listing as listing_module
from stockdrift.console.listing import HOLD, MANY_EVERY, Listing
from stockdrift.console.model import Model

T0 = 1_000_000


@dataclass
class Ordered:
    """A model that has an order, and counts what it is asked for."""

    rows: list[int]
    version: int = 0
    orders: int = 0
    asked: list[int] = field(default_factory=list)

    def order(self, **_how: object) -> Any:
        self.orders += 1
        return np.array(self.rows, np.int32)

    def lines(self, rows: list[int]) -> list[str]:
        self.asked += rows
        return [f"{row} of {self.version}" for row in rows]


def visible(listing: Listing, model: Model, shown: object) -> list[str]:
    return cast("list[str]", listing.visible(model, shown))


def listed(rows: list[int], height: int = 3) -> tuple[Listing, Ordered, Model]:
    fake = Ordered(rows)
    listing, model = Listing(height=height), cast("Model", fake)
    listing.update(model, T0, force=True)
    return listing, fake, model


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)), st.randoms(use_true_random=False))
def test_what_a_new_order_would_add_is_counted(fresh: set[int], shown: set[int], chance: Any) -> None:
    one, other = list(fresh), list(shown)
    chance.shuffle(one)
    chance.shuffle(other)
    assert listing_module._missing(np.array(one, np.int32), np.array(other, np.int32)) == len(fresh - shown)


def test_a_long_list_is_put_in_order_now_and_then_and_only_where_something_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing_module, "MANY", 4)
    listing, fake, model = listed([3, 1, 2, 0])
    fake.rows = [0, 1, 2, 3]
    assert not listing.due(model, T0 + MANY_EVERY), "nothing was judged since"
    fake.version += 1
    assert not listing.due(model, T0 + MANY_EVERY - 1)
    listing.update(model, T0 + MANY_EVERY - 1)
    assert fake.orders == 1
    assert listing.due(model, T0 + MANY_EVERY)
    listing.update(model, T0 + MANY_EVERY)
    assert listing.rows.tolist() == [0, 1, 2, 3]
    fake.version += 1
    assert listing.due(model, T0), "a clock that was set back stops nothing"


def test_under_a_moving_cursor_what_is_new_waits_and_is_taken_on_though_nothing_was_judged_since() -> None:
    listing, fake, model = listed([0, 1, 2])
    listing.move(1, T0)
    fake.rows, fake.version = [5, 0, 1, 2, 7], 1
    listing.update(model, T0 + HOLD - 1)
    assert (listing.rows.tolist(), listing.waiting) == ([0, 1, 2], 2)
    assert listing.due(model, T0 + HOLD)
    listing.update(model, T0 + HOLD)
    assert (listing.rows.tolist(), listing.waiting, listing.row) == ([5, 0, 1, 2, 7], 0, 1)


def test_a_key_asks_for_the_lines_it_brings_in_and_a_picture_for_all() -> None:
    listing, fake, model = listed(list(range(9)))
    first, second = object(), object()
    assert visible(listing, model, first) == ["0 of 0", "1 of 0", "2 of 0"]
    fake.version += 1
    listing.move(3, T0)
    assert visible(listing, model, first) == ["1 of 0", "2 of 0", "3 of 1"]
    assert fake.asked == [0, 1, 2, 3]
    assert visible(listing, model, second) == ["1 of 1", "2 of 1", "3 of 1"]
    other = cast("Model", Ordered(fake.rows, version=9))
    assert visible(listing, other, second) == ["1 of 9", "2 of 9", "3 of 9"]
