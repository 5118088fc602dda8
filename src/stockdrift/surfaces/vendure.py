"""A Vendure shop as its staff see it: every variant of a channel, read through the Admin API.

Source: docs.vendure.io, *Admin API* and *Stock control*, and a running Vendure 3.7 (tests/real). Each read is a whole
one: a variant's ``updatedAt`` does not move when an order allocates stock.

What the shop would sell is ATP: on hand, less what orders have allocated, less the out-of-stock threshold. A threshold
above 0 is held back (*reserved*); one below 0 lets the shop sell that many more than it has.
"""

from __future__ import annotations

from stockdrift.settings.systems import VendureSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.vendure_api import VendureApi
from stockdrift.surfaces.vendure_wire import PAGE, VARIANTS, Levels, Variant, Variants
from stockdrift.surfaces.whole import whole_reading


class VendureConnector:
    """Reads one channel: the master, or another shop as a surface. Logs in by itself where it has no API key."""

    delta = False

    def __init__(self, name: str, settings: VendureSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._locations = settings.stock_locations
        self._clock = clock or http.clock
        self._api = VendureApi(settings, http)

    async def read(self, covers: Covers) -> Reading:
        """All variants; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._api.take_traffic)

    async def knock(self) -> None:
        """Asks for what a read asks for, and for one variant only. Raises SurfaceFault."""
        await self._empty_levels()
        await self._variants(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _empty_levels(self) -> Levels:
        return Levels(await self._api.shop(locations=bool(self._locations)), self._locations)

    async def _levels(self) -> Levels:
        levels = await self._empty_levels()
        variants = await Pages("variants", PAGE, lambda variant: variant.id, self._page).all()
        if not variants:
            raise SurfaceFault("no variants", Fault.EMPTY)
        for row, variant in enumerate(variants, 1):
            levels.add(row, variant)
        return levels

    async def _page(self, offset: int) -> Page[Variant]:
        return await self._variants(offset, PAGE)

    async def _variants(self, offset: int, size: int) -> Page[Variant]:
        wanted = {"skip": offset, "take": size, "locations": bool(self._locations)}
        found = await self._api.ask(Variants, VARIANTS, wanted)
        return Page(offset, found.variants.total, found.variants.items)
