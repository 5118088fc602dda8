"""The list that the grid shows: which rows, in which order, where the cursor is. No drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.console.model import Model
from stockdrift.stock.picture import SkuLine

SORTS: Final = {
    "danger": "by minutes to oversell",
    "deviation": "by deviation",
    "risk": "by revenue at risk",
    "since": "by age of the drift",
    "sku": "by SKU",
    "name": "by name",
    "master": "by master level",
}
"""What the grid can be ordered by, and how its title says it."""

HOLD: Final = 1_500
"""For so long (ms) after the cursor moved, the order stands still."""


def _none() -> NDArray[np.int32]:
    return np.empty(0, np.int32)


@dataclass
class Listing:
    """``rows`` are catalogue rows in screen order, ``top`` the first that is visible, ``index`` the cursor's.

    The cursor stays on its SKU when rows move, at the same height of the screen; while nobody has moved it, it stays
    on the first row. ``waiting`` counts rows that a new order would add and that are held back.
    """

    rows: NDArray[np.int32] = field(default_factory=_none)
    top: int = 0
    index: int = 0
    height: int = 1
    sort: str = "danger"
    everything: bool = False
    text: str = ""
    waiting: int = 0
    _touched: bool = False
    _moved_at: int = -HOLD
    _lines: dict[int, SkuLine] = field(default_factory=dict)
    _lines_of: int = -1

    def update(self, model: Model, now: int, *, force: bool = False) -> None:
        """Takes on the model's present order, unless the cursor is moving; ``force`` when the operator asked."""
        fresh = model.order(everything=self.everything, text=self.text, by=self.sort)
        if not force and abs(now - self._moved_at) < HOLD and len(self.rows):
            self.waiting = len(np.setdiff1d(fresh, self.rows, assume_unique=True))
            return
        self.waiting = 0
        if np.array_equal(fresh, self.rows):
            self._clamp()
            return
        offset = self.index - self.top
        at = self.row
        self.rows = fresh
        if not self._touched:
            self.index = self.top = 0
        else:
            found = np.flatnonzero(fresh == (-1 if at is None else at))
            if len(found):
                self.index = int(found[0])
                self.top = self.index - offset
        self._clamp()

    @property
    def row(self) -> int | None:
        """The catalogue row under the cursor."""
        return int(self.rows[self.index]) if 0 <= self.index < len(self.rows) else None

    def resize(self, height: int) -> None:
        """The number of rows that are visible."""
        self.height = max(1, height)
        self._clamp()

    def move(self, by: int, now: int) -> None:
        """Moves the cursor by rows."""
        self.move_to(self.index + by, now)

    def move_to(self, index: int, now: int) -> None:
        """Moves the cursor to a place in the list; at the top it is free again to follow the most dangerous."""
        self.index = index
        self._moved_at = now
        self._clamp()
        self._touched = self.index > 0

    def page(self, by: int, now: int) -> None:
        """Moves cursor and window together by pages."""
        step = by * max(1, self.height - 1)
        self.top += step
        self.move_to(self.index + step, now)

    def scroll(self, by: int, now: int) -> None:
        """Moves the window; the cursor stays inside it."""
        self.top = max(0, min(self.top + by, len(self.rows) - self.height))
        self.move_to(max(self.top, min(self.index, self.top + self.height - 1)), now)

    def _clamp(self) -> None:
        last = max(0, len(self.rows) - 1)
        self.index = max(0, min(self.index, last))
        self.top = max(0, min(self.top, max(0, len(self.rows) - self.height)))
        if self.index < self.top:
            self.top = self.index
        elif self.index >= self.top + self.height:
            self.top = self.index - self.height + 1

    def visible(self, model: Model) -> list[SkuLine]:
        """The lines on screen, asked for once per version of the model."""
        if model.version != self._lines_of:
            self._lines.clear()
            self._lines_of = model.version
        wanted = [int(row) for row in self.rows[self.top : self.top + self.height]]
        missing = [row for row in wanted if row not in self._lines]
        if missing:
            for row, line in zip(missing, model.lines(missing), strict=True):
                self._lines[row] = line
        return [self._lines[row] for row in wanted]
