"""An Ecwid store as its owner sees it: the REST API with a secret token.

Whole reads (*sweeps*) come every ``sweep_every``; between them only products that changed are asked for. The question
"changed since when" is put by the vendor's own times: since the newest ``updateTimestamp`` that has come, less an
overlap for rows that become searchable late. So the product of that newest time must be in every honest answer; where
it is not, the answer is not believed and a sweep follows. Deleted products are found by the next sweep.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import ceil
from typing import Final

from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.stock.rules import WHOLE
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.ecwid_holdings import Holdings
from stockdrift.surfaces.ecwid_pages import EcwidPages
from stockdrift.surfaces.ecwid_wire import Levels, Product
from stockdrift.surfaces.faults import Fault, SurfaceFault, reading_of_fault
from stockdrift.surfaces.http import Http

_OVERLAP: Final = 60
"""Seconds. Each delta asks again for what changed in the minute before the newest change, and in the time that the
read before it took: a product may have changed after its own page was read and before the last one was.
"""


class EcwidConnector:
    """Reads the products of a store: master stock, or the stock of another store as a surface."""

    delta = True

    def __init__(self, name: str, settings: EcwidSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock or http.clock
        self._pages = EcwidPages(http, settings.api, settings.store_id, settings.token)
        self._holdings: Holdings | None = None  # None: no sweep to build on
        self._size = 0  # products in the largest recent sweep that can be believed
        self._swept_at = 0
        self._took = 0  # seconds of the last read that can be believed

    async def read(self, covers: Covers) -> Reading:
        """All products, or those that changed since the last complete read; all of them where a sweep is due."""
        started_at = self._clock()
        try:
            levels, read = await self._read(covers, started_at)
        except SurfaceFault as fault:
            return reading_of_fault(
                self._name,
                fault,
                started_at=started_at,
                read_at=self._clock(),
                traffic=self._pages.take_traffic(),
            )
        return levels.reading(
            self._name,
            started_at=started_at,
            read_at=self._clock(),
            covers=read,
            traffic=self._pages.take_traffic(),
        )

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _read(self, covers: Covers, started_at: int) -> tuple[Levels, Covers]:
        holdings = self._holdings
        due = abs(started_at - self._swept_at) >= self._settings.sweep_every  # a clock may be set back
        began = asyncio.get_running_loop().time()
        if covers is Covers.CHANGED and holdings is not None and not due:
            products = await self._pages.changed(holdings.newest - _OVERLAP - self._took)
            levels = _changes(products, holdings) if products is not None else None
            if levels is not None:
                self._took = self._seconds(started_at, began)
                return levels, Covers.CHANGED
        levels = await self._sweep(started_at)
        self._took = self._seconds(started_at, began)
        return levels, Covers.ALL

    def _seconds(self, started_at: int, began: float) -> int:
        """How long a read took at the most, by our clock or by one that nobody sets."""
        return ceil(max(self._clock() - started_at, (asyncio.get_running_loop().time() - began) * 1_000) / 1_000)

    async def _sweep(self, started_at: int) -> Levels:
        self._holdings = None  # until this sweep is whole, there is nothing that changes could be added to
        products = await self._pages.all()
        if not products:
            raise SurfaceFault("no products", Fault.EMPTY)
        levels, holdings = Levels(), Holdings()
        for row, product in enumerate(products, 1):
            holdings.hold(product, levels.add(row, product))
        # A collapsed sweep is not admitted. Changes on top of it would be, and would pass for a whole: so the next
        # read is a sweep again, until the shop is back to its size or a restart lets the operator decide.
        if len(products) * WHOLE >= self._size * (WHOLE - self._settings.max_shrink):
            self._holdings, self._size, self._swept_at = holdings, len(products), started_at
        return levels


def _changes(products: Sequence[Product], holdings: Holdings) -> Levels | None:
    """The levels of changed products, or None where they cannot be told without the whole catalogue."""
    if not holdings.anchored(products):
        return None
    levels = Levels()
    held = [(product, levels.add(row, product)) for row, product in enumerate(products, 1)]
    if not all(holdings.fits(product, skus) for product, skus in held):
        return None
    for product, skus in held:
        for sku in holdings.shared(skus):
            levels.repeat(sku)
        holdings.hold(product, skus)
    return levels
