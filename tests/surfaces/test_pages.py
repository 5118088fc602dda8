"""Counted pages of a list that changes while it is read: what is taken for whole is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.pages import MOST, Page, Pages

SIZE = 4


class Shelf:
    """A list by the time of addition, to which things happen before the pages that ``events`` names: an item is added
    at the end, or the one at a place is deleted.
    """

    def __init__(self, count: int, events: dict[int, list[int | None]]) -> None:
        self.items = list(range(count))
        self.always = set(self.items)  # what was there from the first page to the last
        self.events = events
        self.fetched = 0
        self._next = count

    async def fetch(self, offset: int) -> Page[int]:
        for place in self.events.get(self.fetched, ()):
            if place is None:
                self.items.append(self._next)
                self._next += 1
            elif self.items:
                self.always.discard(self.items.pop(place % len(self.items)))
        self.fetched += 1
        return Page(offset, len(self.items), self.items[offset : offset + SIZE])

    @property
    def pages(self) -> Pages[int]:
        return Pages("things", SIZE, lambda item: item, self.fetch)


Event = st.none() | st.integers(0, 40)


@given(st.integers(0, 30), st.dictionaries(st.integers(1, 12), st.lists(Event, max_size=3), max_size=4))
async def test_nothing_that_was_there_throughout_is_missing_or_twice(
    count: int, events: dict[int, list[int | None]]
) -> None:
    shelf = Shelf(count, events)
    found: Sequence[int] | None = None
    with contextlib.suppress(SurfaceFault):
        found = await shelf.pages.all()
    if found is None:
        assert events, "a list that keeps still is read"
        return
    assert len(set(found)) == len(found)
    assert shelf.always <= set(found)


@given(st.integers(0, 60))
async def test_a_list_that_keeps_still_is_read_in_order_and_as_few_pages(count: int) -> None:
    shelf = Shelf(count, {})
    assert list(await shelf.pages.all()) == list(range(count))
    assert shelf.fetched == 1 + max(0, -(-(count - SIZE) // (SIZE - 1)))


@pytest.mark.parametrize(
    ("total", "offset", "items", "reason"),
    [
        (5, 0, range(3), "the page at 3 of 5 things is empty"),
        (4, 0, range(3), "3 things came where the total is 4"),
        (3, 0, range(4), "4 things came where the total is 3"),
        (3, 4, range(3), "the page at 4 came for the one at 0"),
        (-1, 0, range(0), "a total of -1 things"),
        (MOST + 1, 0, range(4), "a total of 2,000,001 things, more than are read"),
    ],
)
async def test_what_counts_wrong_is_not_believed(total: int, offset: int, items: range, reason: str) -> None:
    async def fetch(asked: int) -> Page[int]:
        return Page(asked or offset, total, [] if asked else list(items))

    with pytest.raises(SurfaceFault) as caught:
        await Pages("things", SIZE, lambda item: item, fetch).all()
    assert caught.value.reason.endswith(reason)
