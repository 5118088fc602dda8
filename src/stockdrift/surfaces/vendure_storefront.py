"""A Vendure shop as a shopper sees it: the Shop API, which asks for no credentials.

Source: docs.vendure.io, *Shop API*, and a running Vendure 3.7 (tests/real). It shows enabled products and variants, and
of their stock the words of the shop's display strategy: by default in or out, and low, which is in.
"""

from __future__ import annotations

from stockdrift.settings.systems import VendureStorefrontSettings
from stockdrift.surfaces import graphql
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.pages import Page
from stockdrift.surfaces.storefront import Storefront
from stockdrift.surfaces.vendure_wire import CHANNEL, PAGE, PRODUCTS, ShownLevels, ShownProduct, ShownProducts


class VendureStorefrontConnector(Storefront[ShownProduct]):
    """Reads what one channel shows."""

    delta = False
    size = PAGE

    def __init__(self, name: str, settings: VendureStorefrontSettings, http: Http, clock: Clock | None = None) -> None:
        super().__init__(name, http.endpoint(settings.url, refusal=graphql.refusal), clock or http.clock)
        self._max_depth = http.max_depth
        self._channel = settings.channel
        self._headers = {CHANNEL: settings.channel} if settings.channel else {}

    def levels(self) -> ShownLevels:
        """No levels yet."""
        return ShownLevels()

    async def products(self, offset: int, size: int) -> Page[ShownProduct]:
        """The page of ``size`` products from ``offset`` on. Raises SurfaceFault."""
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
