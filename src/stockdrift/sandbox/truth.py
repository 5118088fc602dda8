"""What is really so, for tests: the master, what each surface shows and since when, and what was put in on purpose."""

from __future__ import annotations

from typing import Any

from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.store import SimulatedStore


def truth(store: SimulatedStore) -> dict[str, Any]:
    """The truth now, ready for JSON. Times are Unix ms on the reader's clock; a quantity of None is unlimited."""
    return {
        "scenario": store.plan.name,
        "seed": store.seed,
        "now": store.shown_time(store.now),
        "faults": {name: store.fault(name) for name in (MASTER, *store.surface_names)},
        "as_of": {name: store.shown_time(shown.as_of) for name, shown in store.shown.items() if shown.plan.period},
        "injected": [
            {
                "surface": drift.surface,
                "sku": drift.sku,
                "cause": drift.cause,
                "offset": drift.offset,
                "since": store.shown_time(store.opens_at + drift.start),
            }
            for drift in store.injected
        ],
        "skus": [_sku(store, place) for place in range(len(store.items))],
    }


def _sku(store: SimulatedStore, place: int) -> dict[str, Any]:
    item, product = store.items[place], store.products[store.product_of[place]]
    return {
        "sku": item.sku,
        "name": item.name,
        "price": item.price,
        "enabled": product.enabled,
        "deleted": store.product_of[place] in store.deleted,
        "master": store.master[place],
        "since": store.shown_time(store.master_since[place]),
        "surfaces": {
            name: {
                "shows": shown.quantities[place],
                "since": store.shown_time(shown.since[place]),
                "listed": store.lists(name, place),
            }
            for name, shown in store.shown.items()
        },
    }
