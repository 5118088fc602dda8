"""The list that the grid shows: which rows, in which order, where the cursor is. No drawing."""

from __future__ import annotations

from typing import Final

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from stockdrift.console import words
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
    "phase": "by phase",
    "out-in": "by minutes to oversell alone",
}
"""What the grid can be ordered by, and how its title says it; and by each surface, as ``surface:NAME``."""

MANY: Final = 100_000
"""A list of so many rows is put in order anew at most every :data:`MANY_EVERY` ms."""
MANY_EVERY: Final = 4_000


def sort_words(sort: str) -> str:
    """How the title says what the list is ordered by."""
    kind, _, name = sort.partition(":")
    return f"by how far off {words.title(name)} is" if kind == "surface" else SORTS[sort]


HOLD: Final = 1_500
"""For so long (ms) after the cursor moved, the order stands still."""


def _none() -> NDArray[np.int32]:
    return np.empty(0, np.int32)


def _missing(rows: NDArray[np.int32], among: NDArray[np.int32]) -> int:
    """How many of ``rows`` are not ``among`` others; each stands once in either, in any order."""
    there = np.zeros(int(max(rows.max(initial=0), among.max(initial=0))) + 1, np.bool_)
    there[among] = True
    return len(rows) - int(np.count_nonzero(there[rows]))


class Listing(Struct):
    """``rows`` are catalogue rows in screen order, ``top`` the first that is visible, ``index`` the cursor's.

    The cursor stays on its SKU when rows move, at the same height of the screen; while nobody has moved it, it stays
    on the first row. ``waiting`` counts rows that a new order would add and that are held back. ``marks`` are catalogue
    rows that the operator marked, listed now or not.
    """

    rows: NDArray[np.int32] = field(default_factory=_none)
    top: int = 0
    index: int = 0
    height: int = 1
    sort: str = "danger"
    reverse: bool = False
    everything: bool = False
    text: str = ""
    waiting: int = 0
    marks: NDArray[np.int32] = field(default_factory=_none)  # ascending
    marks_version: int = 0
    _ordered_at: int = -MANY_EVERY
    _ordered_by: tuple[object, ...] = ()
    _counted: tuple[tuple[NDArray[np.int32], NDArray[np.int32]] | None, int] = (None, 0)
    _touched: bool = False
    _moved_at: int = -HOLD
    _lines: dict[int, SkuLine] = field(default_factory=dict)
    _lines_of: tuple[object, object] = (None, None)

    @property
    def many(self) -> bool:
        """Whether to put it in order takes so long that it is done on its own."""
        return len(self.rows) >= MANY

    def due(self, model: Model, now: int) -> bool:
        """Whether the model's order may be another by now, and it is time to look."""
        if self.many and 0 <= now - self._ordered_at < MANY_EVERY:
            return False
        return bool(self.waiting) or self._wanted(model) != self._ordered_by

    def _wanted(self, model: Model) -> tuple[object, ...]:
        """What an order follows from."""
        return model, model.version, self.everything, self.text, self.sort, self.reverse

    def update(self, model: Model, now: int, *, force: bool = False) -> None:
        """Takes on the model's present order, unless the cursor is moving; ``force`` when the operator asked."""
        if not (force or self.due(model, now)):
            return
        fresh = model.order(everything=self.everything, text=self.text, by=self.sort, reverse=self.reverse)
        self._ordered_at, self._ordered_by = now, self._wanted(model)
        if not force and abs(now - self._moved_at) < HOLD and len(self.rows):
            self.waiting = _missing(fresh, self.rows)
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

    def mark(self) -> None:
        """Marks the SKU under the cursor, or takes its mark away."""
        if self.row is not None:
            self.marks = np.setxor1d(self.marks, np.array([self.row], np.int32), assume_unique=True)
            self.marks_version += 1

    def mark_all(self) -> None:
        """Marks all that is listed; where all of it is marked, takes the marks away."""
        change = np.setdiff1d if self.marks_listed == len(self.rows) else np.union1d
        self.marks = change(self.marks, self.rows)
        self.marks_version += 1

    def unmark(self) -> None:
        """Takes all marks away, of what is listed and of what is not."""
        self.marks = _none()
        self.marks_version += 1

    def is_marked(self, row: int) -> bool:
        """Whether a catalogue row is marked."""
        place = int(np.searchsorted(self.marks, row))
        return place < len(self.marks) and int(self.marks[place]) == row

    def lists(self, row: int) -> bool:
        """Whether a catalogue row is in the list."""
        return bool((self.rows == row).any())

    @property
    def marks_listed(self) -> int:
        """How many of the marked rows the list shows."""
        counted_for, count = self._counted
        if counted_for is None or counted_for[0] is not self.marks or counted_for[1] is not self.rows:
            count = int(np.isin(self.rows, self.marks).sum()) if len(self.marks) else 0
            self._counted = (self.marks, self.rows), count
        return count

    @property
    def marked(self) -> NDArray[np.int32]:
        """The marked rows: those that are listed in the list's order, then those that the list does not show."""
        listed = self.rows[np.isin(self.rows, self.marks)]
        return np.concatenate([listed, np.setdiff1d(self.marks, listed, assume_unique=True)])

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

    def visible(self, model: Model, shown: object) -> list[SkuLine]:
        """The lines on screen, asked for once while ``shown``, the picture around them, is the same: a key costs the
        lines that it brings in, however fast the model changes.
        """
        if self._lines_of[0] is not model or self._lines_of[1] is not shown:
            self._lines.clear()
            self._lines_of = model, shown
        wanted = [int(row) for row in self.rows[self.top : self.top + self.height]]
        missing = [row for row in wanted if row not in self._lines]
        if missing:
            for row, line in zip(missing, model.lines(missing), strict=True):
                self._lines[row] = line
        return [self._lines[row] for row in wanted]
