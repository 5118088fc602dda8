"""Which SKU stands in which row, and what the master calls it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.entries import Naming
from stockdrift.stock.index import TextIndex
from stockdrift.stock.prices import Prices
from stockdrift.stock.texts import Texts, TextStore, empty

Rows = NDArray[np.int32]

_NEW: Final = -1

PART: Final = 65_536
"""Rows that a checkpoint keeps together."""


class Catalogue:
    """Every SKU ever seen in a journal, each with a row that it keeps. Rows are dense and start at 0.

    ``skus`` and ``names`` are columns of bytes: what is taken from them one by one is made at that moment. ``touched``
    holds the parts, :data:`PART` rows each, in which anything is new since whoever keeps them cleared it.
    """

    def __init__(self) -> None:
        self.skus = TextStore()
        self.names = TextStore()
        self.prices = Prices(0)
        self.touched: set[int] = set()
        self._found_by: TextIndex | None = TextIndex(self.skus)
        self._lines: _Lines | None = None

    def __len__(self) -> int:
        return len(self.skus)

    @property
    def _index(self) -> TextIndex:
        """Made when it is first asked for: a journal that is opened to be looked at needs none."""
        if self._found_by is None:
            made = TextIndex(self.skus)
            made.put(self.skus.hashes())
            return self._take(made)
        return self._found_by

    def _take(self, made: TextIndex) -> TextIndex:
        """The index, now that it is whole; the one that somebody else has made meanwhile, where there is one: a reading
        is admitted in a thread while others ask.
        """
        if self._found_by is None:
            self._found_by = made
        return self._found_by

    @property
    def named(self) -> int:
        """Grows when names are taken over."""
        return self.names.version

    def add(self, skus: Iterable[str]) -> None:
        """Gives the next free rows to ``skus``, in their order. Raises ValueError where one has a row already."""
        texts = Texts.of(skus)
        if not len(texts):
            return
        index, texts.found_by = texts.found_by, None  # whoever hears the same entry again makes his own
        if index is not None and not len(self):  # the first reading of all: its index becomes ours
            self.skus.extend(texts)
            self._found_by = index.of(self.skus)
        else:
            self._add(texts)
        self.names.extend(empty(len(texts)))
        self.prices.extend(len(texts))
        self.touched.update(range((len(self) - len(texts)) // PART, -(-len(self) // PART)))

    def _add(self, texts: Texts) -> None:
        before, index = len(self.skus), self._index  # made of what is there, before there is more
        self.skus.extend(texts)
        rows = index.put(texts.hashes())
        taken = np.flatnonzero(rows != np.arange(before, len(self.skus)))
        if len(taken):
            self.skus.shorten(before)
            index.shorten(before)
            raise ValueError(f"the SKU {texts[int(taken[0])]!r} has a row already")

    def row_of(self, sku: str) -> int | None:
        """The row of ``sku``, or None where it was never seen."""
        row = int(self.rows_of([sku])[0])
        return None if row == _NEW else row

    def rows_of(self, skus: Sequence[str]) -> Rows:
        """Rows of ``skus``, −1 where one was never seen."""
        wanted = Texts.of(skus)
        return self._index.find(wanted, wanted.hashes()) if len(skus) else np.empty(0, np.int32)

    def rows_with_new(self, skus: Texts) -> tuple[Rows, Texts]:
        """Rows of ``skus``, those never seen numbered on as they come; and these, each once, in that order."""
        hashes = skus.hashes()
        rows = self._index.find(skus, hashes)
        unseen = np.flatnonzero(rows == _NEW)
        new = skus.take(unseen)
        index = TextIndex(new)
        first = index.put(hashes[unseen])
        fresh = first == np.arange(len(new))
        if fresh.all():
            rows[unseen] = len(self) + first
            new.found_by = index.of(empty(0))  # whose it will be; a ring of two would outlive its use
            return rows, new
        numbers = np.cumsum(fresh, dtype=np.int32) - 1
        rows[unseen] = len(self) + numbers[first]
        return rows, new.take(np.flatnonzero(fresh))

    def name(self, naming: Naming) -> None:
        """Takes over names and prices."""
        if len(naming.rows):
            self.names.replace(naming.rows, Texts.of(naming.names))
            self.prices.put(naming.rows, naming.prices)
            self.touched.update(np.unique(naming.rows // PART).tolist())

    def restore(self, skus: TextStore, names: TextStore, prices: Prices) -> None:
        """Takes over SKUs, each there once, with their names and prices: those of a snapshot, in place of its own, and
        to be changed by nobody else.
        """
        self.skus, self.names = skus, names
        self.prices = prices
        self._found_by = None
        self.touched.clear()

    def matching(self, text: str) -> Rows:
        """Rows whose SKU or name contains ``text``, case-folded, ascending."""
        versions = (self.skus.version, self.names.version)
        if self._lines is None or self._lines.versions != versions:
            self._lines = _Lines(versions, (self.skus, self.names))
        return self._lines.rows(text)


class _Lines:
    """All SKUs and all names case-folded, a line each, so that one search finds all: a million in tens of ms."""

    def __init__(self, versions: tuple[int, int], columns: Sequence[TextStore]) -> None:
        self.versions = versions
        self._columns = [_folded(column) for column in columns]
        self._found: tuple[str, Rows] | None = None

    def rows(self, text: str) -> Rows:
        """Rows of the lines that contain ``text``."""
        if self._found is None or self._found[0] != text:
            wanted = re.compile(re.escape(text.casefold().encode("utf-8", "surrogatepass")) + rb"[^\n]*\n")
            found = [
                np.searchsorted(ends, np.fromiter((match.start() for match in wanted.finditer(lines)), ends.dtype))
                for lines, ends in self._columns
            ]
            self._found = text, np.unique(np.concatenate(found)).astype(np.int32)
        return self._found[1]


def _folded(column: TextStore) -> tuple[bytes, NDArray[np.uint32]]:
    """The case-folded lines of ``column`` and the place of the end of each."""
    lines, ends = column.lines.tobytes(), column.line_ends()
    # Cleaned text has no line ends; what was not cleaned is told apart.
    if lines.isascii() and lines.count(b"\n") == len(ends):
        return lines.lower(), ends
    other = TextStore()
    other.extend(Texts.of([text.casefold().replace("\n", " ") for text in column]))
    return other.lines.tobytes(), other.line_ends()
