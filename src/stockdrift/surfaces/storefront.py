"""What the storefronts share that are read page by page, product by product, as a shopper would."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.columns import Columns
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.whole import whole_reading


class _Product(Protocol):
    @property
    def id(self) -> str: ...


ProductT = TypeVar("ProductT", bound=_Product)


class ProductColumns(Columns, Generic[ProductT]):
    """Columns that are filled product by product."""

    def add(self, row: int, product: ProductT) -> None:
        """Adds the levels of ``product``, the ``row``-th of the source."""
        raise NotImplementedError


class Storefront(Generic[ProductT]):
    """A connector whose subclass says how a page of products is fetched, and which levels they make."""

    size: int
    """Products of a page."""

    def __init__(self, name: str, endpoint: Endpoint, clock: Clock) -> None:
        self._name = name
        self._endpoint = endpoint
        self._clock = clock

    async def products(self, offset: int, size: int) -> Page[ProductT]:
        """The page of ``size`` products from ``offset`` on. Raises SurfaceFault."""
        raise NotImplementedError

    def levels(self) -> ProductColumns[ProductT]:
        """No levels yet."""
        raise NotImplementedError

    async def read(self, covers: Covers) -> Reading:
        """All products that a shopper sees; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._filled, self._endpoint.take_traffic)

    async def knock(self) -> None:
        """Asks for one product only. Raises SurfaceFault."""
        await self.products(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _filled(self) -> Columns:
        products = await Pages("products", self.size, lambda product: product.id, self._page).all()
        if not products:
            raise SurfaceFault("no products", Fault.EMPTY)
        levels = self.levels()
        for row, product in enumerate(products, 1):
            levels.add(row, product)
        return levels

    async def _page(self, offset: int) -> Page[ProductT]:
        return await self.products(offset, self.size)
