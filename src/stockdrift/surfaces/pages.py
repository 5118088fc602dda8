"""Reading all pages of a list that is counted, and proof that they are all: counted, each item once, under one total,
and each page beginning with the item that the page before ended with. Where one is added and another deleted between
two pages the total stays, and only that seam shows that an item slipped through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from itertools import pairwise
from typing import Final, Generic, TypeVar

from msgspec import Struct

from stockdrift.surfaces.faults import Fault, SurfaceFault

T = TypeVar("T")

_AT_ONCE: Final = 4
"""Pages under way at a time: enough to hide the way there and back, few enough to stay a polite guest."""

MOST: Final = 2_000_000
"""Items. A source that claims more would be read for days."""


class Moved(Exception):  # noqa: N818 - not an error: the shop changed while it was read
    """Items were added or deleted during the read. ``reason`` says how that showed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


async def settled(read: Callable[[], Awaitable[T]]) -> T:
    """What ``read`` brings; it is read once more where something moved meanwhile. Raises SurfaceFault."""
    try:
        return await read()
    except Moved:
        pass
    try:
        return await read()
    except Moved as again:
        raise SurfaceFault(again.reason, Fault.CUT) from None


class Page(Struct, Generic[T], frozen=True):
    """The items from ``offset`` on, of ``total`` in the whole list."""

    offset: int
    total: int
    items: Sequence[T]


class Pages(Struct, Generic[T], frozen=True):
    """A list at its source: what its items are called, how many a page holds, what tells them apart, and how the page
    at an offset is fetched. The order must be one that moves only where an item is added or deleted.
    """

    noun: str
    size: int
    identity: Callable[[T], Hashable]
    fetch: Callable[[int], Awaitable[Page[T]]]

    async def all(self) -> Sequence[T]:
        """Every item, in the list's order. Where items came or went meanwhile, all is read once more.

        Raises SurfaceFault: what the wire brings, and pages missing, repeated or miscounted.
        """
        return await settled(self.once)

    async def once(self) -> Sequence[T]:
        """As :meth:`all`, in one go. Raises Moved too."""
        first = await self._page(0)
        pages = {0: first}
        if first.total > MOST:
            raise SurfaceFault(f"a total of {first.total:,} {self.noun}, more than are read", Fault.LARGE)
        offsets = range(self.size - 1, first.total - 1, self.size - 1)  # from page to page they share one item
        await self._rest(offsets, pages, first)
        items = self._joined([pages[offset] for offset in (0, *offsets)])
        if len(items) != first.total:
            raise SurfaceFault(f"{len(items):,} {self.noun} came where the total is {first.total:,}", Fault.CUT)
        return items

    async def _page(self, offset: int) -> Page[T]:
        page = await self.fetch(offset)
        if page.offset != offset:
            raise SurfaceFault(f"the page at {page.offset:,} came for the one at {offset:,}", Fault.CUT)
        if page.total < 0:
            raise SurfaceFault(f"a total of {page.total:,} {self.noun}", Fault.SHAPE)
        return page

    async def _rest(self, offsets: Sequence[int], pages: dict[int, Page[T]], first: Page[T]) -> None:
        """Fetches the pages at ``offsets`` into ``pages``, a few at a time; the first fault ends it."""
        waiting = iter(offsets)

        async def reader() -> None:
            for offset in waiting:
                page = await self._page(offset)
                if page.total != first.total:
                    went = f"from {first.total:,} to {page.total:,}"
                    raise Moved(f"the number of {self.noun} went {went} during the read")
                if not page.items:
                    raise SurfaceFault(f"the page at {offset:,} of {first.total:,} {self.noun} is empty", Fault.CUT)
                pages[offset] = page

        readers = [asyncio.create_task(reader()) for _ in range(min(_AT_ONCE, len(offsets)))]
        try:
            await asyncio.gather(*readers)
        except SurfaceFault as fault:
            # Something did come: what is left is a part, whatever ended it.
            came = sum(len(page.items) for page in pages.values())
            reason = f"{came:,} of {first.total:,} {self.noun} came: {fault.reason}"
            raise SurfaceFault(reason, Fault.CUT, status=fault.status, retry_after=fault.retry_after) from None
        finally:
            for task in readers:
                task.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    def _joined(self, pages: Sequence[Page[T]]) -> list[T]:
        """The items of all pages, each once. Raises SurfaceFault where one repeats, Moved where two do not meet."""
        identity = self.identity
        items = list(pages[0].items)
        seen = {identity(item) for item in items}
        repeated = len(seen) < len(items)
        for before, page in pairwise(pages):
            rest = page.items[1:]
            identities = {identity(item) for item in rest}
            if repeated or len(identities) < len(rest) or not seen.isdisjoint(identities):
                break
            if identity(page.items[0]) != identity(before.items[-1]):
                raise Moved(
                    f"{self.noun} moved between the pages at {before.offset:,} and {page.offset:,} during the read"
                )
            items += rest
            seen |= identities
        else:
            if not repeated:
                return items
        raise SurfaceFault(f"a page repeats {self.noun} that came before", Fault.CUT)
