"""Which SKU stands in which row, and what the master calls it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.entries import Naming


class Catalogue:
    """Every SKU ever seen in a journal, each with a row that it keeps. Rows are dense and start at 0."""

    def __init__(self) -> None:
        self.skus: list[str] = []
        self.names: list[str] = []
        self.prices = np.empty(0, np.float64)
        self._rows: dict[str, int] = {}
        self.named = 0  # how often names were taken over
        self._blob: _Blob | None = None

    def __len__(self) -> int:
        return len(self.skus)

    def add(self, skus: Iterable[str]) -> None:
        """Gives the next free rows to ``skus``, in their order. Raises ValueError where one has a row already."""
        for sku in skus:
            if self._rows.setdefault(sku, len(self.skus)) != len(self.skus):
                raise ValueError(f"the SKU {sku!r} has a row already")
            self.skus.append(sku)
        self.names.extend([""] * (len(self.skus) - len(self.names)))
        grown = np.full(len(self.skus), np.nan)
        grown[: len(self.prices)] = self.prices
        self.prices = grown

    def row_of(self, sku: str) -> int | None:
        """The row of ``sku``, or None where it was never seen."""
        return self._rows.get(sku)

    def rows_of(self, skus: Sequence[str]) -> NDArray[np.int32]:
        """Rows of ``skus``, −1 where one was never seen."""
        get = self._rows.get
        return np.fromiter((get(sku, -1) for sku in skus), np.int32, len(skus))

    def name(self, naming: Naming) -> None:
        """Takes over names and prices."""
        self.named += 1
        for row, name in zip(naming.rows.tolist(), naming.names, strict=True):
            self.names[row] = name
        self.prices[naming.rows] = naming.prices

    def suspicious_pairs(self) -> list[tuple[str, ...]]:
        """SKUs that differ only in case: reported, never merged."""
        folded: defaultdict[str, list[str]] = defaultdict(list)
        for sku in self.skus:
            folded[sku.casefold()].append(sku)
        return [tuple(group) for group in folded.values() if len(group) > 1]

    def matching(self, text: str) -> NDArray[np.int32]:
        """Rows whose SKU or name contains ``text``, case-folded, ascending."""
        if self._blob is None or self._blob.state != (len(self.skus), self.named):
            self._blob = _Blob((len(self.skus), self.named), self.skus, self.names)
        return self._blob.rows(text)


class _Blob:
    """All SKUs and all names as one text, a line each, so that one search finds all: a million in tens of ms."""

    def __init__(self, state: tuple[int, int], skus: Sequence[str], names: Sequence[str]) -> None:
        self.state = state
        self._size = len(skus)
        lines = "\n".join(skus) + "\n" + "\n".join(names)
        if lines.count("\n") != max(2 * self._size - 1, 1):  # cleaned text has no line ends; what was not is told apart
            lines = "\n".join(text.replace("\n", " ") for text in (*skus, *names))
        self._text = lines.casefold().encode("utf-8", "surrogatepass")
        self._ends = np.flatnonzero(np.frombuffer(self._text, np.uint8) == ord("\n"))
        self._found: tuple[str, NDArray[np.int32]] | None = None

    def rows(self, text: str) -> NDArray[np.int32]:
        """Rows of the lines that contain ``text``."""
        if self._found is None or self._found[0] != text:
            wanted = re.escape(text.casefold().encode("utf-8", "surrogatepass"))
            starts = np.fromiter((match.start() for match in re.finditer(wanted + rb"[^\n]*", self._text)), np.int64)
            lines = np.searchsorted(self._ends, starts)
            self._found = text, np.unique(lines % max(self._size, 1)).astype(np.int32)
        return self._found[1]
