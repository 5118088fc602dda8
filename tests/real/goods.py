"""What is on the shelves of the Vendure shop and the Medusa store: more than a page, and one of every awkward kind."""

from __future__ import annotations

from typing import Final, TypedDict


class Good(TypedDict, total=False):
    """One thing to sell. ``stock`` is by stock location; the first one named is where orders are taken from."""

    sku: str
    title: str
    price: str
    enabled: bool
    tracked: bool
    stock: dict[str, int]
    threshold: int  # Vendure: on hand at which it counts as sold out
    backorder: bool  # Medusa: sells on when nothing is left


MAIN: Final = "Warehouse"
BACK: Final = "Cellar (back)"
"""No sales channel of the Medusa store sells from it."""


def good(sku: str, title: str, **stock: int) -> Good:
    """A plain candle in the main location."""
    return {
        "sku": sku,
        "title": title,
        "price": "18.00",
        "enabled": True,
        "tracked": True,
        "stock": {MAIN: stock.pop("main"), **({BACK: stock.pop("back")} if "back" in stock else {})},
    }


GOODS: Final[list[Good]] = [
    good("SEA-220", "Sea Salt 220ml", main=9, back=2),
    good("AMB-220", "Amber Noir 220ml", main=7),
    good("FIG-220", "Fig & Vetiver 220ml", main=2),
    good("MNT-REF", 'Wild Mint, refill "8 oz" – Größe M', main=15),
    good("OUT-001", "Sold out", main=0),
    {**good("HELD-001", "Held back", main=10), "threshold": 3},
    {**good("BACK-001", "Sold on", main=0), "threshold": -5, "backorder": True},
    {**good("GIFT-CARD", "Gift card", main=0), "tracked": False},
    {**good("OFF-001", "Not sold any more", main=4), "enabled": False},
    *(good(f"WICK-{number:03}", f"Wick {number}", main=5 + number) for number in range(145)),
]

PLAIN: Final = [item["sku"] for item in GOODS if item["tracked"] and item["enabled"]]
"""Those that both systems count."""
