"""Feeds as shops hand them to Meta and to marketplaces: delimited text with a header row.

Column names are those of Meta's and Google's product feeds (``id``, ``title``, ``availability``, ``price`` as
``"24.00 GBP"``, ``inventory`` or ``quantity_to_sell_on_facebook``). ``Last-Modified`` tells when the file was written.
"""

from __future__ import annotations

import csv
import io
from email.utils import formatdate
from typing import Final

from stockdrift.sandbox.faults import Row, shape_rows
from stockdrift.sandbox.plan import SurfacePlan
from stockdrift.sandbox.reply import Manner, Reply
from stockdrift.sandbox.store import SimulatedStore

_TYPES: Final = {"tsv": "text/tab-separated-values;charset=utf-8", "csv": "text/csv;charset=utf-8"}


class FeedWire:
    """Serves the feed files of a store, each written once per generation."""

    def __init__(self, store: SimulatedStore) -> None:
        self._store = store
        self._plans = {plan.file: plan for plan in store.plan.surfaces if plan.file}
        self._written: dict[tuple[str, str | None], tuple[int, bytes]] = {}

    def surface_of(self, file: str) -> str | None:
        """The surface whose feed is called ``file``."""
        plan = self._plans.get(file)
        return plan.name if plan else None

    def answer(self, surface: str, fault: str | None, if_modified_since: str | None) -> Reply:
        """The file as it stands, or 304 where it is the one that the reader has."""
        shown = self._store.shown[surface]
        modified = formatdate(self._store.shown_time(shown.generated_at) / 1_000, usegmt=True)
        if if_modified_since == modified and fault is None:
            return Reply(304, {"Last-Modified": modified})
        headers = {"Content-Type": _TYPES[shown.plan.file.rpartition(".")[2]], "Last-Modified": modified}
        manner = Manner.SHORT if fault == "wrong_count" else Manner.WHOLE
        return Reply(200, headers, self._file(surface, fault, shown.generation), manner)

    def _file(self, surface: str, fault: str | None, generation: int) -> bytes:
        written = self._written.get((surface, fault))
        if written is None or written[0] != generation:
            written = (generation, self._write(surface, fault))
            self._written[surface, fault] = written
        return written[1]

    def _write(self, surface: str, fault: str | None) -> bytes:
        plan = self._store.shown[surface].plan
        rows = shape_rows(fault, self._rows(surface, plan), quantity=plan.quantity_column, name="title")
        columns = ["id", "title", "availability", "condition", "price", plan.quantity_column, "brand"]
        text = io.StringIO()
        if plan.file.endswith(".tsv"):
            writer = csv.DictWriter(text, columns, dialect="excel-tab", lineterminator="\n")
        else:
            writer = csv.DictWriter(text, columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()

    def _rows(self, surface: str, plan: SurfacePlan) -> list[Row]:
        """One row a counted SKU. What sells without counting is not handed to feeds: they could not say so."""
        store, rows = self._store, []
        for place, item in enumerate(store.items):
            quantity = store.shown[surface].quantities[place]
            if quantity is None or not item.sku or not store.lists(surface, place):
                continue
            if not store.products[store.product_of[place]].enabled:
                continue
            rows.append(
                {
                    "id": item.sku,
                    "title": item.name,
                    "availability": "in stock" if quantity > 0 else "out of stock",
                    "condition": "new",
                    "price": f"{item.price:.2f} {store.plan.currency}",
                    plan.quantity_column: str(quantity),
                    "brand": store.plan.store,
                }
            )
        return rows
