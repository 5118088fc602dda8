"""What an Ecwid store of the sandbox sells, told from its own state and not from its wire."""

from __future__ import annotations

import pytest

from stockdrift.sandbox.store import SimulatedStore
from stockdrift.stock.reading import Outcome, Reading
from tests.sandbox.kit import Level, levels_of

shop = pytest.mark.parametrize("sandbox", [("flash-sale", 450)], indirect=True)


assorted = pytest.mark.parametrize("sandbox", [("assorted", None)], indirect=True)


def true_levels(store: SimulatedStore) -> dict[str, Level]:
    """What the master's levels are, told from the store's own state and not from its wire."""
    levels: dict[str, Level] = {}
    for place, item in enumerate(store.items):
        product = store.products[store.product_of[place]]
        unorderable = product.covered and place == product.base and any(v is not None for v in product.variations)
        if store.product_of[place] in store.deleted or unorderable:
            continue
        quantity = store.master[place]
        if not product.enabled:
            levels[item.sku] = "disabled"
        elif quantity is None:
            levels[item.sku] = "unlimited"
        else:
            levels[item.sku] = quantity
    return levels


def complete(reading: Reading) -> dict[str, Level]:
    assert (reading.outcome, reading.reason) == (Outcome.COMPLETE, "")
    return levels_of(reading)
