"""A Meta catalogue as a surface: what Facebook and Instagram shops sell from, read through the Graph API.

Source and open questions: :mod:`stockdrift.surfaces.meta_wire`. Meta's own page on this edge has warned that its paging
may repeat or miss products, so a read counts only where every item came once and their number is the catalogue's
``summary.total_count``. Each read is a whole one.

Reading a catalogue may cost 20,000 calls an hour and more (*Rate Limits*, Catalog Management), less where they take
much time at Meta; ``calls_per_hour`` is how many we make. All readers of one token share them, and stay away for as
long as the usage headers ask.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from stockdrift.settings.systems import MetaSettings
from stockdrift.stock.reading import Covers, Reading, Traffic
from stockdrift.stock.values import replace
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.meta_wire import FIELDS, TOO_MUCH, Item, ItemPage, Levels, refusal, usage
from stockdrift.surfaces.pages import MOST, Moved, settled
from stockdrift.surfaces.whole import whole_reading

_PAGE: Final = 500
_SMALLEST_PAGE: Final = 25
_HOUR: Final = 3_600_000
_EMPTY_PAGES: Final = 3
"""A page may come empty in the middle: items that the token may not see are taken out after they were counted off."""


class MetaConnector:
    """Reads the items of one catalogue."""

    delta = False

    def __init__(self, name: str, settings: MetaSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._settings = settings
        self._http = http
        self._clock = clock or http.clock
        self._base = f"{settings.api.rstrip('/')}/{settings.catalog_id}"
        self._budget = http.budget(settings.api, settings.token, settings.calls_per_hour, _HOUR)
        self._endpoint = http.endpoint(self._base, settings.token, self._budget, refusal=refusal)
        self._size = _PAGE
        self._used = 0.0

    async def read(self, covers: Covers) -> Reading:
        """All items; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._traffic)

    async def knock(self) -> None:
        """Asks for one item only. Raises SurfaceFault."""
        await self._page("", 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    def _traffic(self) -> Traffic:
        """With the share of the allowance that Meta counts, where that is more than ours: others use it too."""
        traffic = self._endpoint.take_traffic()
        return replace(traffic, budget=max(traffic.budget or 0.0, self._used))

    async def _levels(self) -> Levels:
        items = await settled(self._items)
        levels = Levels(counts=self._settings.levels == "quantity")
        for row, item in enumerate(items, 1):
            levels.add(row, item)
        return levels

    async def _items(self) -> list[Item]:
        """Every item once. Raises SurfaceFault, and Moved where items came or went meanwhile."""
        page = await self._fitting("")
        total = _total(page)
        items: list[Item] = []
        seen: set[str] = set()
        cursors: set[str] = set()
        empty = 0
        while True:
            items += page.data
            seen.update(item.id for item in page.data)
            if len(seen) < len(items):
                raise SurfaceFault("a page repeats items that came before", Fault.CUT)
            if not page.next:
                break
            empty = 0 if page.data else empty + 1
            self._check_next(page, cursors, empty)
            if len(items) > total:
                raise Moved(f"more than {total:,} items came, and there is another page")
            cursors.add(page.after)
            page = await self._following(page.after, len(items), total)
        if len(items) != total:
            raise SurfaceFault(f"{len(items):,} items came where the total is {total:,}", Fault.CUT)
        return items

    async def _following(self, after: str, came: int, total: int) -> ItemPage:
        try:
            page = await self._fitting(after)
        except SurfaceFault as fault:
            # Something did come: what is left is a part, whatever ended it.
            reason = f"{came:,} of {total:,} items came: {fault.reason}"
            raise SurfaceFault(reason, Fault.CUT, status=fault.status, retry_after=fault.retry_after) from None
        if page.summary and page.summary.total_count != total:
            raise Moved(f"the number of items went from {total:,} to {page.summary.total_count:,} during the read")
        return page

    def _check_next(self, page: ItemPage, cursors: set[str], empty: int) -> None:
        """Raises SurfaceFault where the way on leads elsewhere, back, or nowhere."""
        ours, theirs = urlsplit(self._base), urlsplit(page.next)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise SurfaceFault("the next page is on another host, which is not asked", Fault.REDIRECT)
        if not page.after:
            raise SurfaceFault("there is a next page, and no cursor for it", Fault.CUT)
        if page.after in cursors:
            raise SurfaceFault("a cursor repeats: the pages go round in a circle", Fault.CUT)
        if empty >= _EMPTY_PAGES:
            raise SurfaceFault(f"{empty} empty pages in a row", Fault.CUT)

    async def _fitting(self, after: str) -> ItemPage:
        """The page behind ``after``, as large as the API gives them."""
        while True:
            try:
                return await self._page(after, self._size)
            except SurfaceFault as fault:
                if TOO_MUCH not in fault.reason or self._size <= _SMALLEST_PAGE:
                    raise
            self._size = max(_SMALLEST_PAGE, self._size // 2)

    async def _page(self, after: str, size: int) -> ItemPage:
        wanted: dict[str, str | int] = {"fields": FIELDS, "limit": size, "summary": "true"}
        if after:
            wanted["after"] = after
        answer = await self._endpoint.get("products", wanted, {"Accept": "application/json"})
        self._used, wait = usage(answer.headers)
        if wait:
            self._budget.pause(self._http.clock(), wait)
        return decode_json(answer, ItemPage, max_depth=self._http.max_depth)


def _total(page: ItemPage) -> int:
    """How many items the catalogue says it has. Raises SurfaceFault where that proves nothing."""
    if page.summary is None:
        raise SurfaceFault("the answer does not say how many items there are", Fault.SHAPE)
    total = page.summary.total_count
    if total <= 0 and not page.data:
        raise SurfaceFault("no items", Fault.EMPTY)
    if not 0 <= total <= MOST:
        raise SurfaceFault(f"a total of {total:,} items", Fault.LARGE if total > 0 else Fault.SHAPE)
    return total
