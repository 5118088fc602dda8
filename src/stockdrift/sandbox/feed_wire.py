"""Feeds as shops hand them to Google, to Meta and to marketplaces, in every format that is asked for by its ending.

Names are those of Meta's and Google's product feeds (``id``, ``title``, ``availability``, ``price`` as ``"24.00 GBP"``,
``inventory`` or ``quantity_to_sell_on_facebook``). ``Last-Modified`` tells when the file was written; formats with a
place for it tell in themselves as of which moment of the master.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from email.utils import formatdate
from typing import Final

from msgspec import Struct

from stockdrift.sandbox.faults import Row, shape_rows
from stockdrift.sandbox.feed_text import FORMS, Feed
from stockdrift.sandbox.plan import SurfacePlan
from stockdrift.sandbox.reply import Manner, Reply
from stockdrift.sandbox.store import SimulatedStore

PACKED: Final = ".gz"


class File(Struct, frozen=True):
    """A feed's file as it is asked for: of which surface, in which form, packed or not."""

    surface: str
    form: str
    packed: bool


class FeedWire:
    """Serves the feed files of a store, each written once per generation."""

    def __init__(self, store: SimulatedStore) -> None:
        self._store = store
        self._surfaces = {plan.file.rpartition(".")[0]: plan.name for plan in store.plan.surfaces if plan.file}
        self._written: dict[tuple[File, str | None], tuple[int, bytes]] = {}

    def file(self, name: str) -> File | None:
        """What is called ``name``: ``facebook.tsv``, and the same as ``facebook.rss`` or ``facebook.json.gz``."""
        stem, _, form = name.removesuffix(PACKED).rpartition(".")
        surface = self._surfaces.get(stem)
        return File(surface, form, name.endswith(PACKED)) if surface and form in FORMS else None

    def answer(self, file: File, fault: str | None, headers: Mapping[str, str]) -> Reply:
        """The file as it stands, or 304 where it is the one that the reader has (RFC 9110, 13.2.2)."""
        shown = self._store.shown[file.surface]
        body = self._body(file, fault, shown.generation)
        modified = formatdate(self._store.shown_time(shown.generated_at) / 1_000, usegmt=True)
        validators = {"Last-Modified": modified, "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
        known, since = headers.get("if-none-match"), headers.get("if-modified-since")
        if fault is None and (validators["ETag"] == known if known else since == modified):
            return Reply(304, validators)
        kind = "application/gzip" if file.packed else FORMS[file.form].media_type
        manner = Manner.SHORT if fault == "wrong_count" else Manner.WHOLE
        return Reply(200, {"Content-Type": kind, **validators}, body, manner)

    def _body(self, file: File, fault: str | None, generation: int) -> bytes:
        written = self._written.get((file, fault))
        if written is None or written[0] != generation:
            body = self._write(file, fault)
            written = (generation, gzip.compress(body, 6, mtime=0) if file.packed else body)
            self._written[file, fault] = written
        return written[1]

    def _write(self, file: File, fault: str | None) -> bytes:
        shown = self._store.shown[file.surface]
        rows = self._rows(file.surface, shown.plan)
        rows = shape_rows(fault, rows, quantity=shown.plan.quantity_column, name="title")
        columns = ["id", "title", "availability", "condition", "price", shown.plan.quantity_column, "brand"]
        feed = Feed(self._store.plan.store, self._store.shown_time(shown.as_of), columns, rows)
        return FORMS[file.form].write(feed)

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
