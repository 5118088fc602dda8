"""What Medusa's APIs answer, and the levels that this states.

Source: docs.medusajs.com, *Admin API* and *Store API*, and Medusa 2.21 itself: a variant's availability is, over its
inventory items, the least of available ÷ required, each available being stocked − reserved over the locations that
count.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from stockdrift.stock.levels import LevelState, whole_quantity
from stockdrift.stock.text import clean
from stockdrift.surfaces.columns import Columns, Parts, price_of, sku_of, text_of
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.locations import Kept
from stockdrift.surfaces.storefront import ProductColumns

PAGE: Final = 100

_LEVEL: Final = "inventory_items.inventory.location_levels"
VARIANT_FIELDS: Final = ",".join(
    (
        "id,sku,title,manage_inventory,allow_backorder,product.title,product.status,product.sales_channels.id",
        "prices.amount,prices.currency_code,prices.rules,inventory_items.required_quantity",
        f"{_LEVEL}.location_id,{_LEVEL}.stocked_quantity,{_LEVEL}.reserved_quantity",
    )
)
_USERS: Final = "inventory_items.inventory.variants"
WRITE_FIELDS: Final = f"{VARIANT_FIELDS},inventory_items.inventory_item_id,product.id,{_USERS}.id,{_USERS}.sku"
STORE_FIELDS: Final = "id,supported_currencies.currency_code,supported_currencies.is_default"
LOCATION_FIELDS: Final = "id,name,sales_channels.id,sales_channels.name"
PRODUCT_FIELDS: Final = ",".join(
    (
        "id,title,variants.id,variants.sku,variants.title,variants.manage_inventory,variants.allow_backorder",
        "+variants.inventory_quantity",
    )
)

_NOTHING: Final = msgspec.Raw(b"null")
_LONGEST_SAID: Final = 160


class Named(msgspec.Struct):
    """A sales channel."""

    id: str
    name: str = ""


class Location(msgspec.Struct):
    """A stock location, and the sales channels that it serves."""

    id: str
    name: str = ""
    sales_channels: list[Named] | None = None


class Locations(msgspec.Struct):
    """A page of stock locations."""

    stock_locations: list[Location]
    count: int
    offset: int


class Channels(msgspec.Struct):
    """A page of sales channels."""

    sales_channels: list[Named]
    count: int


class _Currency(msgspec.Struct):
    currency_code: str
    is_default: bool = False


class _Store(msgspec.Struct):
    supported_currencies: list[_Currency] | None = None


class Stores(msgspec.Struct):
    """The store itself: there is one."""

    stores: list[_Store]

    @property
    def currency(self) -> str:
        """The store's default currency; empty where it has none."""
        held = [currency for store in self.stores for currency in store.supported_currencies or ()]
        return next((currency.currency_code for currency in held if currency.is_default), "")


class _Product(msgspec.Struct):
    """``id`` comes only where it is asked for."""

    status: str  # without it nothing could be told from what is not sold
    title: str = ""
    sales_channels: list[Named] | None = None
    id: str = ""


class _Price(msgspec.Struct):
    amount: msgspec.Raw = _NOTHING
    currency_code: str = ""
    rules: dict[str, object] | None = None


class _LocationLevel(msgspec.Struct):
    location_id: str
    stocked: msgspec.Raw = msgspec.field(name="stocked_quantity")
    reserved: msgspec.Raw = msgspec.field(name="reserved_quantity")


class _User(msgspec.Struct):
    id: str
    sku: str | None = None


class _Inventory(msgspec.Struct):
    location_levels: list[_LocationLevel] | None = None
    variants: list[_User] | None = None


class Item(msgspec.Struct):
    """What a variant takes of an inventory item. ``id`` comes only where it is asked for."""

    required_quantity: int
    inventory: _Inventory | None = None
    id: str = msgspec.field(default="", name="inventory_item_id")

    def shared_with(self, variant: str) -> list[str]:
        """What else takes of it beside ``variant`` (an id), by SKU, else by id. Comes only where it is asked for."""
        users = self.inventory.variants or () if self.inventory is not None else ()
        return [sku_of(one.sku) or one.id for one in users if one.id != variant]


class Variant(msgspec.Struct):
    """A variant as staff see it, with what it is made of."""

    id: str
    manage_inventory: bool
    allow_backorder: bool
    product: _Product | None
    inventory_items: list[Item] | None
    sku: str | None = None
    title: str | None = None
    prices: list[_Price] | None = None


class Variants(msgspec.Struct):
    """A page of variants."""

    variants: list[Variant]
    count: int
    offset: int


class _Said(msgspec.Struct):
    message: str = ""


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault | None:
    """What the store says of a request that it does not take: the ``message`` of its error answer."""
    del headers
    if status in (401, 403, 408, 429) or status >= 500:
        return None
    try:
        said = " ".join(msgspec.json.decode(body, type=_Said).message.split())
    except (msgspec.DecodeError, RecursionError):
        return None
    if not said:
        return None
    told = said if len(said) <= _LONGEST_SAID else said[: _LONGEST_SAID - 1] + "…"
    kind = Fault.MISSING if status == 404 else Fault.REJECTED
    return SurfaceFault(f"HTTP {status}: the store says: {told}", kind, status=status)


class Levels(Columns):
    """The columns of a reading as variants fill them. ``locations`` holds the ids of those that count and ``channel``
    the id of the sales channel that sells; None where all do.
    """

    def __init__(self, locations: Collection[str] | None, channel: str | None, currency: str) -> None:
        super().__init__()
        self._locations = locations
        self._channel = channel
        self._currency = currency

    def add(self, row: int, variant: Variant) -> None:
        """Adds the level of ``variant``, the ``row``-th of the source. What the channel does not sell is not listed."""
        product = variant.product
        if product is None:
            return  # it is being deleted
        if self._channel is not None and self._channel not in {one.id for one in product.sales_channels or ()}:
            return
        sku = sku_of(variant.sku)
        if not sku:
            self.bad(row, "", f"variant {variant.id} has no SKU")
            return
        parts: Parts | None = (0, 0, 0, 0)
        if product.status != "published":
            state = LevelState.DISABLED
        elif not variant.manage_inventory:
            state = LevelState.UNLIMITED
        else:
            state, parts = LevelState.COUNTED, self._parts(variant)
        if parts is None:
            self.bad(row, sku, "no inventory item, or one whose quantities are not whole")
            state, parts = LevelState.UNKNOWN, (0, 0, 0, 0)
        name = name_of(product.title, variant.title)
        self.append_parts(row, sku, name, self._price(variant), state, parts)

    def _parts(self, variant: Variant) -> Parts | None:
        """On hand and reserved; of a kit the units that its scarcest item makes, as on hand."""
        stocks = [self._stock(item) for item in variant.inventory_items or ()]
        if not stocks or None in stocks:
            return None
        known = [stock for stock in stocks if stock is not None]
        if len(known) == 1 and known[0][2] == 1:
            stocked, reserved, _ = known[0]
            return stocked, 0, reserved, 0
        return min((stocked - reserved) // required for stocked, reserved, required in known), 0, 0, 0

    def _stock(self, item: Item) -> tuple[int, int, int] | None:
        """Stocked, reserved, and how many one variant takes; None where that is not told."""
        kept = self.kept(item)
        if kept is None or item.required_quantity < 1:
            return None
        return sum(one.on_hand for one in kept), sum(one.promised for one in kept), item.required_quantity

    def kept(self, item: Item) -> list[Kept] | None:
        """What stands at the locations that count, in their order; None where that is not told in whole numbers."""
        levels = None if item.inventory is None else item.inventory.location_levels
        if levels is None:
            return None
        if self._locations is not None:
            by_location = {level.location_id: level for level in levels}
            levels = [by_location[location] for location in self._locations if location in by_location]
        found = []
        for level in levels:
            has, holds = _whole(level.stocked), _whole(level.reserved)
            if has is None or holds is None:
                return None
            found.append(Kept(level.location_id, has, holds))
        return found

    def _price(self, variant: Variant) -> float:
        """The price in the store's currency that no rule narrows down."""
        prices = (price for price in variant.prices or () if price.currency_code == self._currency and not price.rules)
        return next((price_of(price.amount) for price in prices), math.nan)


class Shown(msgspec.Struct):
    """A variant as shoppers see it. ``quantity`` is null where nothing is counted."""

    id: str
    manage_inventory: bool
    allow_backorder: bool
    quantity: msgspec.Raw = msgspec.field(default=_NOTHING, name="inventory_quantity")
    sku: str | None = None
    title: str | None = None


class ShownProduct(msgspec.Struct):
    """A product as shoppers see it."""

    id: str
    title: str
    variants: list[Shown] | None


class ShownProducts(msgspec.Struct):
    """A page of products."""

    products: list[ShownProduct]
    count: int
    offset: int


class ShownLevels(ProductColumns[ShownProduct]):
    """The columns of a reading as a storefront's products fill them."""

    def add(self, row: int, product: ShownProduct) -> None:
        """Adds the levels of ``product``, the ``row``-th of the source."""
        if product.variants is None:
            self.bad(row, "", f"the variants of product {product.id} are not told")
        for variant in product.variants or ():
            sku = sku_of(variant.sku)
            if not sku:
                self.bad(row, "", f"variant {variant.id} has no SKU")
                continue
            quantity = 0
            if not variant.manage_inventory:
                state = LevelState.UNLIMITED
            else:
                found = _whole(variant.quantity)
                if found is None:
                    self.bad(row, sku, text_of(variant.quantity) or "no quantity")
                    state = LevelState.UNKNOWN
                elif found <= 0 and variant.allow_backorder:
                    state = LevelState.BACKORDER
                else:
                    state, quantity = LevelState.COUNTED, found
            self.append(sku, name_of(product.title, variant.title), math.nan, state, quantity)


def name_of(product: str, variant: str | None) -> str:
    """A variant's name for the screen: the product's, and its own where that says more."""
    title, own = clean(product), clean(variant or "")
    return f"{title}, {own}" if own and own not in ("Default", "Default variant", title) else title


def _whole(raw: msgspec.Raw) -> int | None:
    try:
        return whole_quantity(msgspec.json.decode(raw))
    except msgspec.DecodeError:
        return None
