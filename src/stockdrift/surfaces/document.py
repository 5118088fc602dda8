"""What a feed's bytes come to, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from msgspec import Struct

from stockdrift.settings.sources import FeedColumns
from stockdrift.surfaces.collected import Collected, Row, Table
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.header import Layout

BATCH: Final = 16_384
"""Rows that are made columns at once."""

_GAP: Final = 64  # blank lines that are worth keeping a batch together for
_SAID: Final = 200  # characters of an item that are looked at where it names no SKU


class Document(Struct, frozen=True):
    """``generated_at`` is the feed's own word for when it was made, Unix ms. ``says_when`` is true where a document of
    this kind, or of these settings, would say it: then no other time stands in for one that is missing.
    """

    table: Table
    form: str
    generated_at: int | None = None
    says_when: bool = False


class Items:
    """Takes the items of a document one by one, each as the cells of its row, and makes columns of them."""

    def __init__(self, layout: Layout) -> None:
        self._collected = Collected(layout)
        self._sku = layout.sku
        self._rows: list[Row] = []
        self._first = 1

    def add(self, number: int, cells: Row, said: Callable[[], str]) -> None:
        """Takes the item of this ``number``, from 1 and rising. ``said`` tells what stands in an item without SKU."""
        missing = number - self._first - len(self._rows)
        if missing > _GAP:
            self._flush()
            self._first = number
        elif missing:
            self._rows += [[]] * missing  # lines without an item are blank rows
        cells.append("" if cells[self._sku].strip() else said()[:_SAID] or "(nothing)")
        self._rows.append(cells)
        if len(self._rows) >= BATCH:
            self._flush()

    def table(self) -> Table:
        """The columns. Raises SurfaceFault where there was no item."""
        self._flush()
        table = self._collected.table()
        if not table.rows:
            raise SurfaceFault("no items in it", Fault.EMPTY)
        return table

    def _flush(self) -> None:
        self._collected.add(np.arange(self._first, self._first + len(self._rows)), self._rows)
        self._first += len(self._rows)
        self._rows = []


def missing_columns(columns: FeedColumns, present: Iterable[str]) -> set[str]:
    """Names that the settings give to columns, and that nothing ``present`` bears."""
    named = {getattr(columns, role) for role in FeedColumns.model_fields} - {None}
    folded = {name.casefold() for name in present}
    return {name for name in named if name.casefold() not in folded}
