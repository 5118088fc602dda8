"""A Vendure shop as a shopper sees it: the Shop API, which asks for no credentials.

Source: docs.vendure.io, *Shop API*, and a running Vendure 3.7 (tests/real). It shows enabled products and variants, and
of their stock the words of the shop's display strategy: by default in or out, and low, which is in.
"""

from __future__ import annotations

from stockdrift.settings.systems import VendureStorefrontSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces import graphql
from stockdrift.surfaces.base import Capabilities
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.vendure_wire import CHANNEL, PAGE, PRODUCTS, ShownLevels, ShownProduct, ShownProducts
from stockdrift.surfaces.whole import whole_reading


class VendureStorefrontConnector:
    """Reads what one channel shows."""

    capabilities = Capabilities(exact=False)

    def __init__(self, name: str, settings: VendureStorefrontSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._clock = clock or http.clock
        self._max_depth = http.max_depth
        self._endpoint = http.endpoint(settings.url, refusal=graphql.refusal)
        self._channel = settings.channel
        self._headers = {CHANNEL: settings.channel} if settings.channel else {}

    async def read(self, covers: Covers) -> Reading:
        """All products that a shopper sees; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._endpoint.take_traffic)

    async def knock(self) -> None:
        """Asks for one product only. Raises SurfaceFault."""
        await self._products(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _levels(self) -> ShownLevels:
        products = await Pages("products", PAGE, lambda product: product.id, self._page).all()
        if not products:
            raise SurfaceFault("no products", Fault.EMPTY)
        levels = ShownLevels()
        for row, product in enumerate(products, 1):
            levels.add(row, product)
        return levels

    async def _page(self, offset: int) -> Page[ShownProduct]:
        return await self._products(offset, PAGE)

    async def _products(self, offset: int, size: int) -> Page[ShownProduct]:
        found, _ = await graphql.ask(
            self._endpoint,
            ShownProducts,
            PRODUCTS,
            {"skip": offset, "take": size},
            self._headers,
            max_depth=self._max_depth,
        )
        if self._channel not in (None, found.channel.token):
            # With a single channel a shop answers to any token (Vendure 3.7).
            raise SurfaceFault("the shop has no channel with that token", Fault.MISSING)
        return Page(offset, found.products.total, found.products.items)
