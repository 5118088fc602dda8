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
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Carrier, Http
from stockdrift.surfaces.medusa_wire import PAGE, PRODUCT_FIELDS, ShownLevels, ShownProduct, ShownProducts
from stockdrift.surfaces.pages import Page
from stockdrift.surfaces.storefront import Storefront

_KEY: Final[Carrier] = ("x-publishable-api-key", "")


class MedusaStorefrontConnector(Storefront[ShownProduct]):
    """Reads what one publishable key shows."""

    delta = False
    size = PAGE

    def __init__(self, name: str, settings: MedusaStorefrontSettings, http: Http, clock: Clock | None = None) -> None:
        endpoint = http.endpoint(settings.url, settings.token, carrier=_KEY, refusal=_refusal)
        super().__init__(name, endpoint, clock or http.clock)

    def levels(self) -> ShownLevels:
        """No levels yet."""
        return ShownLevels()

    async def products(self, offset: int, size: int) -> Page[ShownProduct]:
        """The page of ``size`` products from ``offset`` on. Raises SurfaceFault."""
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
