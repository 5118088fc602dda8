"""An Ecwid store as a shopper sees it: the embed widget and the Instant Site, through a public token.

A public token (``public_…``) reads the same search as a secret one and receives enabled products only (docs.ecwid.com,
*App settings*). What is hidden when out of stock does not come at all: it is then not on this surface. Each read is a
whole one, for a product that is disabled or hidden leaves the answer without a trace in its changes.

That a storefront's answer states quantities is how the documented examples look; where a shop keeps them to itself,
the rows are bad and the levels unknown.
"""

from __future__ import annotations

from stockdrift.settings.systems import EcwidStorefrontSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.ecwid_pages import EcwidPages
from stockdrift.surfaces.ecwid_wire import Levels
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.whole import whole_reading


class EcwidStorefrontConnector:
    """Reads what one storefront shows. Never through the master's token: settings give it a public one."""

    delta = False

    def __init__(self, name: str, settings: EcwidStorefrontSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._token = settings.token
        self._clock = clock or http.clock
        self._pages = EcwidPages(http, settings.api, settings.store_id, settings.token)

    async def read(self, covers: Covers) -> Reading:
        """All products that a shopper sees; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._pages.take_traffic)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _levels(self) -> Levels:
        if not self._token.get_secret_value().startswith("public_"):
            raise SurfaceFault("not a public token: it would show the master, not what a shopper sees", Fault.REFUSED)
        products = await self._pages.all()
        if not products:
            raise SurfaceFault("no products", Fault.EMPTY)
        levels = Levels(to_shoppers=True)
        for row, product in enumerate(products, 1):
            levels.add(row, product)
        return levels
