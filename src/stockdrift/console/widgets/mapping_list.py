"""How the SKUs of a surface go with the master's: how many do, and one by one those that do not, or may be meant
otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

import numpy as np
from numpy.typing import NDArray

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.grid_line import STATE_WORDS
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.stock.picture import SkuLine
from stockdrift.stock.words import several

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped

ORPHAN, ALIKE, UNSOLD, MISSING = "orphan", "alike", "unsold", "not listed"

_SKU: Final = 15  # where it begins


class Strays(Sequence[tuple[str, int]]):
    """What does not go with the master's SKUs, as (word, catalogue row): orphans first, then what looks alike (the
    number of the group in the row's stead), what is listed unsold, and what is not listed. Made of what is looked at.
    """

    def __init__(self, found: Mapped | None) -> None:
        self._parts: list[tuple[str, NDArray[np.int32]]] = []
        if found is not None:
            groups = np.arange(len(found.alike), dtype=np.int32)
            self._parts = [(ORPHAN, found.orphans), (ALIKE, groups), (UNSOLD, found.unsold), (MISSING, found.missing)]
        self._ends = np.cumsum([len(rows) for _, rows in self._parts], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    @overload
    def __getitem__(self, index: int) -> tuple[str, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[str, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, int] | list[tuple[str, int]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        number = int(np.searchsorted(self._ends, place, "right"))
        word, rows = self._parts[number]
        return word, int(rows[place - (int(self._ends[number - 1]) if number else 0)])

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Where ``value`` is: its part is ascending. Raises ValueError where it is not."""
        before = 0
        for word, rows in self._parts:
            if isinstance(value, tuple) and value[0] == word:
                place = int(np.searchsorted(rows, value[1]))
                if place < len(rows) and rows[place] == value[1] and start <= before + place:
                    return before + place
            before += len(rows)
        raise ValueError(f"{value} is not among them")


class MappingPanel(RecordList):
    """``found`` is None where it is not known, and ``missing`` says why; ``column`` is the surface's place among them,
    None of the master.
    """

    HEADS = 1

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.column: int | None = None
        self.missing = ""
        self.failed = False
        self._found: Mapped | None = None
        self._strays = Strays(None)
        self._lines: tuple[object, dict[int, SkuLine]] = (None, {})

    @property
    def found(self) -> Mapped | None:
        """What is shown."""
        return self._found

    @found.setter
    def found(self, found: Mapped | None) -> None:
        if found is not self._found:
            self._found, self._strays = found, Strays(found)

    @property
    def row_meant(self) -> int | None:
        """The catalogue row of the SKU under the cursor: of a group, of its first."""
        return self._row_of(*self._strays[self.cursor]) if self.cursor < len(self._strays) else None

    def title(self) -> str:
        """See :class:`RecordList`."""
        return self.scene.tense("SKU mapping", "SKU mapping then")

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return self._strays

    def heads(self, row: Row, width: int) -> None:
        """The counts, as many as there is room for."""
        found = self._found
        if found is None:
            return
        told = found.coverage
        others = ((len(found.alike), ALIKE), (len(found.unsold), UNSOLD), (len(found.missing), MISSING))
        said = [
            f"{words.count(told.listed)} of {words.count(told.tracked)} listed",
            *([several(len(found.orphans), ORPHAN)] if len(found.orphans) else ()),
            *(f"{words.count(number)} {word}" for number, word in others if number),
        ]
        row.put(2, words.fitting(said, width - 3, self.scene.glyphs.ellipsis), "muted")

    def below(self) -> tuple[str, str]:
        """What there is to say of the whole."""
        if self.column is None:
            return "All surfaces' SKUs are held against these", "muted"
        if self._found is None:
            return self.missing, "unknown" if self.failed else "muted"
        if len(self._strays):
            return "", "muted"
        told = self._found.coverage
        if not told.own:
            return f"{self.scene.glyphs.unknown} It lists no SKU at all", "unknown"
        return f"{self.scene.glyphs.ok} Each is the master's, and none looks alike", "ok"

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """Asks for the lines in view, and no others."""
        model = self.scene.model
        shown = self._strays[max(0, self.top - height) : self.top + 2 * height]
        rows = [self._row_of(word, number) for word, number in shown]
        if model is not None and self._lines[0] != (model.version, rows):
            self._lines = ((model.version, rows), {line.row: line for line in model.lines(rows)} if rows else {})
        return super().paint(width, height)

    def _row_of(self, word: str, number: int) -> int:
        return number if word != ALIKE or self._found is None else self._found.alike[number].rows[0]

    def item(self, row: Row, index: int, width: int) -> None:
        """One SKU, or one group of them."""
        scene, glyphs = self.scene, self.scene.glyphs
        word, number = self._strays[index]
        ink = "late" if word == ORPHAN else "text" if word == ALIKE else "muted"
        row.put(2, f"{glyphs.flag if word in (ORPHAN, ALIKE) else glyphs.none} {word}", ink)
        if word == ALIKE and self._found is not None:
            group = self._found.alike[number]
            end = row.right(width - 2, words.fitting(group.differ_in, 16, glyphs.ellipsis), "muted")
            row.put(_SKU, words.cut(" = ".join(group.skus), end - _SKU - 2, glyphs.ellipsis), "strong", bold=True)
            return
        line = self._lines[1].get(number)
        if line is None and scene.model is not None:  # the cursor has scrolled further than was asked for
            (line,) = scene.model.lines([number])
        if line is None:
            return
        shows = self._level(line.master, "master ") if word == MISSING else self._shown(line)
        end = row.right(width - 2, shows, ink)
        row.put(_SKU, words.cut_middle(line.sku, end - _SKU - 2, glyphs.ellipsis), "strong", bold=True)

    def _shown(self, line: SkuLine) -> str:
        if self.column is None or self.column >= len(line.cells):
            return ""
        return self._level(line.cells[self.column].reported, "shows ")

    @staticmethod
    def _level(level: int | str, before: str) -> str:
        return f"{before}{words.short(level, 6) if isinstance(level, int) else STATE_WORDS.get(level, level)}"
