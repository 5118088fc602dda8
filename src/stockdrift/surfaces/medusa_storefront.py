"""A Medusa 2 store as a shopper sees it: the Store API with a publishable key.

Source: docs.medusajs.com, *Store API*, and a running Medusa 2.21 (tests/real). The key names the sales channels whose
products are shown; ``inventory_quantity`` counts what their stock locations have, less what is reserved. It comes only
where the key serves a single sales channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from stockdrift.settings.systems import MedusaStorefrontSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.base import Capabilities
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Carrier, Http
from stockdrift.surfaces.medusa_wire import PAGE, PRODUCT_FIELDS, ShownLevels, ShownProduct, ShownProducts
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.whole import whole_reading

_KEY: Final[Carrier] = ("x-publishable-api-key", "")


class MedusaStorefrontConnector:
    """Reads what one publishable key shows."""

    capabilities = Capabilities()

    def __init__(self, name: str, settings: MedusaStorefrontSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._clock = clock or http.clock
        self._endpoint = http.endpoint(settings.url, settings.token, carrier=_KEY, refusal=_refusal)

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
        wanted: dict[str, str | int] = {"limit": size, "offset": offset, "order": "id", "fields": PRODUCT_FIELDS}
        found = await self._endpoint.get_json(ShownProducts, "store/products", wanted)
        return Page(found.offset, found.count, found.products)


class _Said(msgspec.Struct):
    type: str = ""
    message: str = ""


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault | None:
    """A key that is not valid is answered by 400 ``not_allowed``, not by 401."""
    del headers
    try:
        said = msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, RecursionError):
        return None
    if status == 400 and said.type == "not_allowed":
        return SurfaceFault("HTTP 400: the publishable key is refused", Fault.REFUSED, status=401)
    return None
