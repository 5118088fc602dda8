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
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.reading import BadRow, Covers, Outcome, Reading, Traffic
from stockdrift.stock.text import clean, clean_sku

PAGE: Final = 100
PER_MINUTE: Final = 600
"""Requests a minute that a token may make."""

FIELDS: Final = (
    "total,count,offset,limit,items(id,sku,name,price,quantity,unlimited,enabled,outOfStockVisibilityBehaviour,"
    "updateTimestamp,options(type,choices(text)),"
    "combinations(sku,price,quantity,unlimited,outOfStockVisibilityBehaviour,options(value)))"
)
"""What is asked for: a hundredth of what a product holds."""

_BAD_ROWS_KEPT: Final = 100
_LONGEST_SAID: Final = 60
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


class Page(msgspec.Struct):
    """An answer to a search. The counts have no defaults: an answer without them is not one."""

    total: int
    count: int
    offset: int
    items: list[Product]


@dataclass(slots=True)
class Levels:
    """The columns of a reading as products fill them.

    ``to_shoppers``: what they see, who find a pre-order where nothing is left. To the owner it is a quantity, so that
    what other surfaces still sell of it is an oversell.
    """

    to_shoppers: bool = False
    skus: list[str] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    bad_count: int = 0

    def add(self, row: int, product: Product) -> Sequence[str]:
        """Adds the levels of ``product``, the ``row``-th of the source; returns the SKUs that it holds."""
        before = len(self.skus)
        name, price = clean(product.name or ""), _price(product.price)
        own = [variation for variation in product.combinations or () if variation.sku and clean_sku(variation.sku)]
        for variation in own:
            chosen = ", ".join(clean(option.value) for option in variation.options or () if option.value)
            cost = _price(variation.price)
            self._level(
                row,
                clean_sku(variation.sku or ""),
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
                clean_sku(product.sku or ""),
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
        self._append(sku, "", math.nan, LevelState.UNKNOWN, 0)

    def reading(
        self, surface: str, *, started_at: int, read_at: int, covers: Covers = Covers.ALL, traffic: Traffic
    ) -> Reading:
        """The columns as a complete reading."""
        return Reading(
            surface=surface,
            outcome=Outcome.COMPLETE,
            started_at=started_at,
            read_at=read_at,
            covers=covers,
            skus=self.skus,
            states=np.array(self.states, np.uint8),
            quantities=np.array(self.quantities, np.int32),
            names=self.names,
            prices=self.prices,
            bad_rows=self.bad_rows,
            bad_count=self.bad_count,
            traffic=traffic,
        )

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
            self._bad(row, "", f"product {product_id} has no SKU")
            return
        quantity = 0
        if not enabled:
            state = LevelState.DISABLED
        elif unlimited:
            state = LevelState.UNLIMITED
        else:
            said = _text(raw)
            found = parse_quantity(said)
            if found is None:
                self._bad(row, sku, said or "no quantity")
                state = LevelState.UNKNOWN
            elif found <= 0 and behaviour == "ALLOW_PREORDER" and self.to_shoppers:
                state = LevelState.PREORDER
            else:
                state, quantity = LevelState.COUNTED, found
        self._append(sku, name, price, state, quantity)

    def _append(self, sku: str, name: str, price: float, state: LevelState, quantity: int) -> None:
        self.skus.append(sku)
        self.names.append(name)
        self.prices.append(price)
        self.states.append(state)
        self.quantities.append(quantity)

    def _bad(self, row: int, sku: str, said: str) -> None:
        self.bad_count += 1
        if len(self.bad_rows) < _BAD_ROWS_KEPT:
            self.bad_rows.append(BadRow(row, sku, clean(said)[:_LONGEST_SAID]))


def _covered(product: Product, own: int) -> bool:
    """Whether the ``own`` variations with SKUs of their own stand for every choice that a shopper can make. Where the
    options are not stated, nobody can know.
    """
    fixed = [option for option in product.options or () if option.type in _FIXED_CHOICES and option.choices]
    if not own or not fixed or own != len(product.combinations or ()):
        return False
    return own >= math.prod(len(option.choices or ()) for option in fixed)


def _text(raw: msgspec.Raw) -> str:
    """What stands in a raw JSON value: a number's digits, a string's text, nothing for null or absent."""
    held = bytes(raw)
    if held in (b"", b"null"):
        return ""
    if held[:1] == b'"':
        return str(msgspec.json.decode(held))
    return held.decode("utf-8", "replace")


def _price(raw: msgspec.Raw) -> float:
    try:
        price = float(_text(raw) or "nan")
    except ValueError:
        return math.nan
    return price if 0 <= price < math.inf else math.nan
