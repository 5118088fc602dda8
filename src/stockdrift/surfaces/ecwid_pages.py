"""Reading all pages of a search, and proof that they are all: counted, each product once, under one total, and each
page beginning with the product that the page before ended with. Where one is added and another deleted between two
pages the total stays, and only that seam shows that a product slipped through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from pydantic import SecretStr

from stockdrift.stock.reading import Traffic
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.ecwid_wire import FIELDS, PAGE, PER_MINUTE, Page, Product
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http

_AT_ONCE: Final = 4
"""Pages under way at a time: enough to hide the way there and back, few enough to stay a polite guest."""


_STEP: Final = PAGE - 1
"""From page to page: they share one product."""

_MOST: Final = 2_000_000
"""Products. A source that claims more would be read for days."""


class Moved(Exception):  # noqa: N818 - not an error: the shop changed while it was read
    """Products were added or deleted during the read. ``reason`` says how that showed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class EcwidPages:
    """Searches the products of one store with one token, within the token's allowance."""

    def __init__(self, http: Http, api: str, store_id: int, token: SecretStr) -> None:
        base = f"{api.rstrip('/')}/{store_id}"
        self._http = http
        self._endpoint = http.endpoint(base, token, http.budget(base, token, PER_MINUTE))

    async def all(self) -> Sequence[Product]:
        """Every product, in the order in which they were added.

        That order moves only where a product is added or deleted, which shows in the total or where pages meet; then
        all is read once more. Raises SurfaceFault: what the wire brings, and pages missing, repeated or miscounted.
        """
        try:
            return await self._once()
        except Moved:
            pass
        try:
            return await self._once()
        except Moved as again:
            raise SurfaceFault(again.reason, Fault.CUT) from None

    async def changed(self, since: int) -> Sequence[Product] | None:
        """The products updated at or after ``since`` (Unix seconds), or None where they changed faster than they could
        be read. Raises SurfaceFault.
        """
        try:
            return await self._once(since)
        except Moved:
            return None

    def take_traffic(self) -> Traffic:
        """What has gone over the wire since this was last asked."""
        return self._endpoint.take_traffic()

    async def _once(self, updated_from: int | None = None) -> Sequence[Product]:
        wanted: dict[str, str | int] = {"limit": PAGE, "sortBy": "ADDED_TIME_ASC", "responseFields": FIELDS}
        if updated_from is not None:
            wanted["updatedFrom"] = updated_from
        first = await self._page(wanted, 0)
        pages = {0: first}
        if first.total > _MOST:
            raise SurfaceFault(f"a total of {first.total:,} products, more than are read", Fault.LARGE)
        offsets = range(_STEP, first.total - 1, _STEP)
        await self._rest(wanted, offsets, pages, first)
        products = _joined([pages[offset] for offset in (0, *offsets)])
        if len(products) != first.total:
            raise SurfaceFault(f"{len(products):,} products came where the total is {first.total:,}", Fault.CUT)
        return products

    async def _rest(
        self, wanted: Mapping[str, str | int], offsets: Sequence[int], pages: dict[int, Page], first: Page
    ) -> None:
        """Fetches the pages at ``offsets`` into ``pages``, a few at a time; the first fault ends it."""
        waiting = iter(offsets)

        async def reader() -> None:
            for offset in waiting:
                page = await self._page(wanted, offset)
                if page.total != first.total:
                    raise Moved(f"the number of products went from {first.total:,} to {page.total:,} during the read")
                if not page.items:
                    raise SurfaceFault(_missing(offset, first.total), Fault.CUT)
                pages[offset] = page

        readers = [asyncio.create_task(reader()) for _ in range(min(_AT_ONCE, len(offsets)))]
        try:
            await asyncio.gather(*readers)
        except SurfaceFault as fault:
            # Something did come: what is left is a part, whatever ended it.
            came = sum(len(page.items) for page in pages.values())
            reason = f"{came:,} of {first.total:,} products came: {fault.reason}"
            raise SurfaceFault(reason, Fault.CUT, status=fault.status, retry_after=fault.retry_after) from None
        finally:
            for task in readers:
                task.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def _page(self, wanted: Mapping[str, str | int], offset: int) -> Page:
        answer = await self._endpoint.get("products", {**wanted, "offset": offset}, {"Accept": "application/json"})
        page = decode_json(answer, Page, max_depth=self._http.max_depth)
        if page.count != len(page.items):
            raise SurfaceFault(f"{len(page.items):,} products where the page counts {page.count:,}", Fault.CUT)
        if page.offset != offset:
            raise SurfaceFault(f"the page at {page.offset:,} came for the one at {offset:,}", Fault.CUT)
        if page.total < 0:
            raise SurfaceFault(f"a total of {page.total:,} products", Fault.SHAPE)
        return page


def _joined(pages: Sequence[Page]) -> list[Product]:
    """The products of all pages, each once. Raises SurfaceFault where one repeats, Moved where two do not meet."""
    products = list(pages[0].items)
    seen = {product.id for product in products}
    repeated = len(seen) < len(products)
    for before, page in pairwise(pages):
        rest = page.items[1:]
        identities = {product.id for product in rest}
        if repeated or len(identities) < len(rest) or not seen.isdisjoint(identities):
            break
        if page.items[0].id != before.items[-1].id:
            raise Moved(f"products moved between the pages at {before.offset:,} and {page.offset:,} during the read")
        products += rest
        seen |= identities
    else:
        if not repeated:
            return products
    raise SurfaceFault("a page repeats products that came before", Fault.CUT)


def _missing(offset: int, total: int) -> str:
    return f"the page at {offset:,} of {total:,} products is empty"
