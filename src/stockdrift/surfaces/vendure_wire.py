"""What Vendure's APIs are asked, what they answer, and the levels that this states.

Source: docs.vendure.io, *Admin API*, *Shop API*, *Stock control*; as served by Vendure 3.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.text import clean
from stockdrift.surfaces.columns import Columns, Parts, price_of, sku_of
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import BEARER, Carrier
from stockdrift.surfaces.storefront import ProductColumns

PAGE: Final = 100
"""Rows of a page: what the Shop API allows by default (``shopListQueryLimit``); the Admin API allows ten times that."""

TOKEN: Final[Carrier] = BEARER
API_KEY: Final[Carrier] = ("vendure-api-key", "")
CHANNEL: Final = "vendure-token"
"""The header that names the channel. These are Vendure's defaults (``authOptions``, ``channelTokenKey``)."""

_MINOR: Final = 100
"""A price is a whole number of hundredths, whatever the currency (``MoneyStrategy.precision``)."""

LOG_IN: Final = """\
mutation LogIn($username: String!, $password: String!) {
  login(username: $username, password: $password, rememberMe: false) { __typename }
}"""

SHOP: Final = """\
query Shop($locations: Boolean!) {
  globalSettings { trackInventory outOfStockThreshold }
  activeChannel { token }
  stockLocations(options: {take: 100}) @include(if: $locations) { items { id name } }
}"""

VARIANTS: Final = """\
query Variants($skip: Int!, $take: Int!, $locations: Boolean!) {
  productVariants(options: {skip: $skip, take: $take, sort: {id: ASC}}) {
    totalItems
    items {
      id sku name enabled priceWithTax
      trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
      stockOnHand stockAllocated
      product { enabled }
      stockLevels @include(if: $locations) { stockLocationId stockOnHand stockAllocated }
    }
  }
}"""

HELD: Final = """\
query Held($skus: [String!]!) {
  productVariants(options: {take: 1000, filter: {sku: {in: $skus}}}) {
    totalItems
    items {
      id sku name enabled
      trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
      stockOnHand stockAllocated
      product { enabled }
      stockLevels { stockLocationId stockOnHand stockAllocated }
    }
  }
}"""

UPDATE: Final = """\
mutation Update($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id }
}"""

PRODUCTS: Final = """\
query Products($skip: Int!, $take: Int!) {
  activeChannel { token }
  products(options: {skip: $skip, take: $take, sort: {id: ASC}}) {
    totalItems
    items { id variants { sku name stockLevel priceWithTax } }
  }
}"""


class _Login(msgspec.Struct):
    kind: str = msgspec.field(default="", name="__typename")


class Entered(msgspec.Struct):
    """The answer to :data:`LOG_IN`."""

    login: _Login


class _Settings(msgspec.Struct):
    track_inventory: bool = msgspec.field(name="trackInventory")
    threshold: int = msgspec.field(name="outOfStockThreshold")


class _Channel(msgspec.Struct):
    token: str


class _Location(msgspec.Struct):
    id: str
    name: str


class _Locations(msgspec.Struct):
    items: list[_Location]


class Shop(msgspec.Struct):
    """The answer to :data:`SHOP`."""

    settings: _Settings = msgspec.field(name="globalSettings")
    channel: _Channel = msgspec.field(name="activeChannel")
    locations: _Locations | None = msgspec.field(default=None, name="stockLocations")


class _Product(msgspec.Struct):
    enabled: bool


class StockLevel(msgspec.Struct):
    """What stands at one stock location."""

    location: str = msgspec.field(name="stockLocationId")
    on_hand: int = msgspec.field(name="stockOnHand")
    allocated: int = msgspec.field(name="stockAllocated")


class Variant(msgspec.Struct):
    """A variant as staff see it. ``on_hand`` and ``allocated`` are over all locations of the channel; ``levels`` come
    only where they are asked for.
    """

    id: str
    sku: str
    name: str
    enabled: bool
    product: _Product
    on_hand: int = msgspec.field(name="stockOnHand")
    allocated: int = msgspec.field(name="stockAllocated")
    tracks: str = msgspec.field(name="trackInventory")
    threshold: int = msgspec.field(name="outOfStockThreshold")
    uses_global_threshold: bool = msgspec.field(name="useGlobalOutOfStockThreshold")
    levels: list[StockLevel] | None = msgspec.field(default=None, name="stockLevels")
    price: msgspec.Raw = msgspec.field(default=msgspec.Raw(b"null"), name="priceWithTax")


class _Written(msgspec.Struct):
    id: str


class Updated(msgspec.Struct):
    """The answer to :data:`UPDATE`."""

    variants: list[_Written | None] = msgspec.field(name="updateProductVariants")


class _VariantList(msgspec.Struct):
    items: list[Variant]
    total: int = msgspec.field(name="totalItems")


class Variants(msgspec.Struct):
    """The answer to :data:`VARIANTS`."""

    variants: _VariantList = msgspec.field(name="productVariants")


class Levels(Columns):
    """The columns of a reading as variants fill them. ``locations`` names those that count; all where it is empty.

    Raises SurfaceFault where the shop has no such location.
    """

    def __init__(self, shop: Shop, locations: Sequence[str] = ()) -> None:
        super().__init__()
        self._shop = shop.settings
        known = {location.name: location.id for location in (shop.locations.items if shop.locations else ())}
        missing = [name for name in locations if name not in known]
        if missing:
            there = ", ".join(sorted(known)) or "none"
            raise SurfaceFault(f"the shop has no stock location {missing[0]!r}; there are: {there}", Fault.MISSING)
        self._counts = [known[name] for name in locations]

    def add(self, row: int, variant: Variant) -> None:
        """Adds the level of ``variant``, the ``row``-th of the source."""
        sku = sku_of(variant.sku)
        if not sku:
            self.bad(row, "", f"variant {variant.id} has no SKU")
            return
        name, price = clean(variant.name), price_of(variant.price) / _MINOR
        state, parts = self.state_of(variant), self.parts_of(variant)
        if parts is None:
            self.bad(row, sku, "its stock is not told by location")
            state = LevelState.UNKNOWN
        self.append_parts(row, sku, name, price, state, parts or (0, 0, 0, 0))

    def state_of(self, variant: Variant) -> LevelState:
        """Whether it is sold, and by count."""
        if not (variant.enabled and variant.product.enabled):
            return LevelState.DISABLED
        if variant.tracks == "FALSE" or (variant.tracks == "INHERIT" and not self._shop.track_inventory):
            return LevelState.UNLIMITED
        return LevelState.COUNTED

    def parts_of(self, variant: Variant) -> Parts | None:
        """On hand, allocated, and the threshold that is held back; None where the locations that count are not told."""
        threshold = self._shop.threshold if variant.uses_global_threshold else variant.threshold
        if not self._counts:
            return variant.on_hand, variant.allocated, threshold, 0
        if variant.levels is None:
            return None
        counted = self.counted(variant)
        return sum(level.on_hand for level in counted), sum(level.allocated for level in counted), threshold, 0

    def counted(self, variant: Variant) -> list[StockLevel]:
        """Its stock at the locations that count, those first that the settings name first."""
        levels = variant.levels or []
        if not self._counts:
            return levels
        by_location = {level.location: level for level in levels}
        return [by_location[location] for location in self._counts if location in by_location]


class Shown(msgspec.Struct):
    """A variant as shoppers see it."""

    sku: str
    name: str
    level: str = msgspec.field(name="stockLevel")
    price: msgspec.Raw = msgspec.field(default=msgspec.Raw(b"null"), name="priceWithTax")


class ShownProduct(msgspec.Struct):
    """A product as shoppers see it, with the variants that they can choose."""

    id: str
    variants: list[Shown]


class _ShownList(msgspec.Struct):
    items: list[ShownProduct]
    total: int = msgspec.field(name="totalItems")


class ShownProducts(msgspec.Struct):
    """The answer to :data:`PRODUCTS`."""

    products: _ShownList
    channel: _Channel = msgspec.field(name="activeChannel")


_SAID: Final = {"IN_STOCK": LevelState.IN, "LOW_STOCK": LevelState.IN, "OUT_OF_STOCK": LevelState.OUT}
"""What Vendure's own display strategy says. A shop's own strategy may say how many."""


class ShownLevels(ProductColumns[ShownProduct]):
    """The columns of a reading as a storefront's products fill them."""

    def add(self, row: int, product: ShownProduct) -> None:
        """Adds the levels of ``product``, the ``row``-th of the source."""
        for variant in product.variants:
            sku = sku_of(variant.sku)
            if not sku:
                self.bad(row, "", f"a variant of product {product.id} has no SKU")
                continue
            quantity = parse_quantity(variant.level)
            state = _SAID.get(variant.level, LevelState.UNKNOWN if quantity is None else LevelState.COUNTED)
            if state is LevelState.UNKNOWN:
                self.bad(row, sku, variant.level or "no stock level")
            price = price_of(variant.price) / _MINOR
            self.append(sku, clean(variant.name), price, state, quantity or 0)
