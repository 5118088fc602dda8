"""A Medusa 2 store as its staff see it: every variant and what it is made of, read through the Admin API.

Source: docs.medusajs.com, *Admin API*, and a running Medusa 2.21 (tests/real). Each read is a whole one: an inventory
item's ``updated_at`` does not move with its stock.
"""

from __future__ import annotations

from stockdrift.settings.systems import MedusaSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.medusa_api import MedusaApi
from stockdrift.surfaces.medusa_wire import PAGE, VARIANT_FIELDS, Levels, Variant, Variants
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.whole import whole_reading


class MedusaConnector:
    """Reads a store: the master, or another store as a surface. Logs in by itself where it has no API key."""

    delta = False

    def __init__(self, name: str, settings: MedusaSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._clock = clock or http.clock
        self._api = MedusaApi(settings, http)

    async def read(self, covers: Covers) -> Reading:
        """All variants; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._api.take_traffic)

    async def knock(self) -> None:
        """Asks for what a read asks for, and for one variant only. Raises SurfaceFault."""
        await self._api.levels()
        await self._variants(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _levels(self) -> Levels:
        levels = await self._api.levels()
        variants = await Pages("variants", PAGE, lambda variant: variant.id, self._page).all()
        if not variants:
            raise SurfaceFault("no variants", Fault.EMPTY)
        for row, variant in enumerate(variants, 1):
            levels.add(row, variant)
        return levels

    async def _page(self, offset: int) -> Page[Variant]:
        return await self._variants(offset, PAGE)

    async def _variants(self, offset: int, size: int) -> Page[Variant]:
        wanted: dict[str, str | int] = {"limit": size, "offset": offset, "order": "id", "fields": VARIANT_FIELDS}
        found = await self._api.get(Variants, "admin/product-variants", wanted)
        return Page(found.offset, found.count, found.variants)
