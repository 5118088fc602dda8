"""Products as Ecwid's REST API v3 sends them, and the levels that they state.

Source: docs.ecwid.com, *Search products* (``GET /api/v3/{storeId}/products``), and the official Java client. What the
documentation leaves open is settled here:

- ``quantity`` is absent where ``unlimited`` is true. It may be negative.
- A variation without a SKU of its own inherits the base product's SKU and stock: it is no level, or the pool would be
  counted twice.
- The base product is what is sold where no variation matches the chosen options. So it is a level of its own, unless
  its variations have SKUs of their own and cover every choice that the options allow: then nobody can order it, and its
  quantity means nothing. Only options with a fixed set of choices form variations.
- ``ALLOW_PREORDER`` makes a product that is out of stock orderable, if the store's profile allows pre-orders at all;
  that setting is not read here. To shoppers such a level is stated as ``PREORDER``, to the owner as its quantity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.text import clean
from stockdrift.surfaces.columns import Columns, price_of, sku_of, text_of

PAGE: Final = 100
PER_MINUTE: Final = 600
"""Requests a minute that a token may make."""

FIELDS: Final = (
    "total,count,offset,limit,items(id,sku,name,price,quantity,unlimited,enabled,outOfStockVisibilityBehaviour,"
    "updateTimestamp,options(type,choices(text)),"
    "combinations(sku,price,quantity,unlimited,outOfStockVisibilityBehaviour,options(value)))"
)
"""What is asked for: a hundredth of what a product holds."""

_FIXED_CHOICES: Final = frozenset({"SELECT", "RADIO", "SIZE", "SWATCHES"})
_NOTHING: Final = msgspec.Raw(b"null")


class Choice(msgspec.Struct, gc=False):
    """One choice of an option."""

    text: str | None = None


class Option(msgspec.Struct):
    """An option that a shopper chooses."""

    type: str = ""
    choices: list[Choice] | None = None


class Chosen(msgspec.Struct, gc=False):
    """An option's value that identifies a variation."""

    value: str | None = None


class Variation(msgspec.Struct):
    """A ``combination``. Numbers stay raw: one that is broken spoils its row and not the page."""

    sku: str | None = None
    price: msgspec.Raw = _NOTHING
    quantity: msgspec.Raw = _NOTHING
    unlimited: bool | None = None
    behaviour: str | None = msgspec.field(default=None, name="outOfStockVisibilityBehaviour")
    options: list[Chosen] | None = None


class Product(msgspec.Struct):
    """A product with its variations. ``update_timestamp`` is Unix seconds."""

    id: int
    sku: str | None = None
    name: str | None = None
    price: msgspec.Raw = _NOTHING
    quantity: msgspec.Raw = _NOTHING
    unlimited: bool | None = None
    enabled: bool = True
    behaviour: str | None = msgspec.field(default=None, name="outOfStockVisibilityBehaviour")
    update_timestamp: int = msgspec.field(default=0, name="updateTimestamp")
    options: list[Option] | None = None
    combinations: list[Variation] | None = None


class Search(msgspec.Struct):
    """An answer to a search. The counts have no defaults: an answer without them is not one."""

    total: int
    count: int
    offset: int
    items: list[Product]


class Levels(Columns):
    """The columns of a reading as products fill them.

    ``to_shoppers``: what they see, who find a pre-order where nothing is left. To the owner it is a quantity, so that
    what other surfaces still sell of it is an oversell.
    """

    def __init__(self, *, to_shoppers: bool = False) -> None:
        super().__init__()
        self._to_shoppers = to_shoppers

    def add(self, row: int, product: Product) -> Sequence[str]:
        """Adds the levels of ``product``, the ``row``-th of the source; returns the SKUs that it holds."""
        before = len(self.skus)
        name, price = clean(product.name or ""), price_of(product.price)
        own = [variation for variation in product.combinations or () if sku_of(variation.sku)]
        for variation in own:
            chosen = ", ".join(clean(option.value) for option in variation.options or () if option.value)
            cost = price_of(variation.price)
            self._level(
                row,
                sku_of(variation.sku),
                f"{name}, {chosen}" if chosen else name,
                price if math.isnan(cost) else cost,
                variation.quantity,
                unlimited=bool(variation.unlimited),
                enabled=product.enabled,
                behaviour=variation.behaviour or product.behaviour,
            )
        if not _covered(product, len(own)):
            self._level(
                row,
                sku_of(product.sku),
                name,
                price,
                product.quantity,
                unlimited=bool(product.unlimited),
                enabled=product.enabled,
                behaviour=product.behaviour,
                product_id=product.id,
            )
        return self.skus[before:]

    def repeat(self, sku: str) -> None:
        """Names ``sku`` once more: the shop has it in two products, of which only one has been read."""
        self.append(sku, "", math.nan, LevelState.UNKNOWN)

    def _level(
        self,
        row: int,
        sku: str,
        name: str,
        price: float,
        raw: msgspec.Raw,
        *,
        unlimited: bool,
        enabled: bool,
        behaviour: str | None,
        product_id: int = 0,
    ) -> None:
        if not sku:
            self.bad(row, "", f"product {product_id} has no SKU")
            return
        quantity = 0
        if not enabled:
            state = LevelState.DISABLED
        elif unlimited:
            state = LevelState.UNLIMITED
        else:
            said = text_of(raw)
            found = parse_quantity(said)
            if found is None:
                self.bad(row, sku, said or "no quantity")
                state = LevelState.UNKNOWN
            elif found <= 0 and behaviour == "ALLOW_PREORDER" and self._to_shoppers:
                state = LevelState.PREORDER
            else:
                state, quantity = LevelState.COUNTED, found
        self.append(sku, name, price, state, quantity)


def _covered(product: Product, own: int) -> bool:
    """Whether the ``own`` variations with SKUs of their own stand for every choice that a shopper can make. Where the
    options are not stated, nobody can know.
    """
    fixed = [option for option in product.options or () if option.type in _FIXED_CHOICES and option.choices]
    if not own or not fixed or own != len(product.combinations or ()):
        return False
    return own >= math.prod(len(option.choices or ()) for option in fixed)
