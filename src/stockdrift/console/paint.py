"""A row of cells to paint on: what every panel is made of."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from stockdrift.console import words
from stockdrift.console.theme import Theme

_NEAR: Final = 9  # cells: moving the cursor costs about as much
_MOST_MARKS: Final = 3  # a base and two marks: towers of them would reach into other lines


class Row:
    """One line of the screen, cell by cell. What lies outside is not painted, so nothing can break a column.

    A wide character takes its cell and an empty one; a combining one joins the cell before it. Text is never markup.
    """

    __slots__ = ("_strip", "chars", "on", "styles", "theme", "width")

    def __init__(self, theme: Theme, width: int, on: str = "background") -> None:
        self.theme = theme
        self.width = width
        self.on = on
        self.chars = [" "] * width
        self.styles = [theme.style("text", on)] * width
        self._strip: Strip | None = None

    def put(self, x: int, text: str, ink: str = "text", *, bold: bool = False, on: str = "") -> int:
        """Paints ``text`` from cell ``x``; returns the cell after it."""
        self._strip = None
        style = self.theme.style(ink, on or self.on, bold=bold)
        if text.isascii():
            end = x + len(text)
            start, stop = max(x, 0), min(end, self.width)
            if start < stop:
                self._unpair(start, stop)
                self.chars[start:stop] = text[start - x : stop - x]
                self.styles[start:stop] = [style] * (stop - start)
            return end
        return self._put_wide(x, words.drawable(text), style)

    def _put_wide(self, x: int, text: str, style: Style) -> int:
        for character in text:
            size = get_character_cell_size(character)
            if size == 0:
                if 0 < x <= self.width:
                    base = x - 1 if self.chars[x - 1] else x - 2
                    if len(self.chars[base]) < _MOST_MARKS:
                        self.chars[base] += character
                continue
            if x >= 0 and x + size <= self.width:
                self._unpair(x, x + size)
                self.chars[x] = character
                self.styles[x] = style
                if size == 2:
                    self.chars[x + 1] = ""
                    self.styles[x + 1] = style
            x += size
        return x

    def _unpair(self, start: int, stop: int) -> None:
        """Wide characters of which only a half will be painted over become blanks."""
        if self.chars[start] == "":
            self.chars[start - 1] = " "
        if stop < self.width and self.chars[stop] == "":
            self.chars[stop] = " "

    def link(self, start: int, stop: int, link: str, ink: str, *, bold: bool = False) -> None:
        """Has the cells from ``start`` up to and without ``stop`` lead to an address; nothing where it is empty."""
        if link:
            self._strip = None
            start, stop = max(0, start), min(stop, self.width)
            self.styles[start:stop] = [self.theme.linked(ink, self.on, bold=bold, link=link)] * max(0, stop - start)

    def right(self, edge: int, text: str, ink: str = "text", *, bold: bool = False, on: str = "") -> int:
        """Paints ``text`` so that its last cell is ``edge``; returns the cell it begins at."""
        start = edge + 1 - (len(text) if text.isascii() else cell_len(text))
        self.put(start, text, ink, bold=bold, on=on)
        return start

    def fill(self, start: int, stop: int, glyph: str, ink: str = "rule", *, on: str = "", bold: bool = False) -> None:
        """Paints the cells from ``start`` up to and without ``stop``."""
        if stop > start:
            self.put(start, glyph * (stop - start), ink, on=on, bold=bold)

    def paste(self, x: int, other: Row) -> None:
        """Paints the cells of ``other`` from cell ``x`` on, as they are."""
        stop = min(self.width, x + other.width)
        if 0 <= x < stop:
            self._strip = None
            self._unpair(x, stop)
            self.chars[x:stop] = other.chars[: stop - x]
            self.styles[x:stop] = other.styles[: stop - x]

    def copy(self) -> Row:
        """The same row, to be painted further."""
        row = Row.__new__(Row)
        row.theme, row.width, row.on = self.theme, self.width, self.on
        row.chars, row.styles, row._strip = self.chars.copy(), self.styles.copy(), None
        return row

    def __eq__(self, other: object) -> bool:
        """Whether both show the same."""
        if not isinstance(other, Row):
            return NotImplemented
        return self is other or (self.chars == other.chars and self.styles == other.styles)

    __hash__ = None  # type: ignore[assignment]  # it is painted on

    def differs(self, other: Row) -> list[tuple[int, int]]:
        """The stretches of cells (first, after last) in which the rows differ; those that are near count as one."""
        if self == other:
            return []
        if self.width != other.width:
            return [(0, self.width)]
        stretches: list[tuple[int, int]] = []
        for x in range(self.width):
            if self.chars[x] != other.chars[x] or self.styles[x] is not other.styles[x]:
                if stretches and x - stretches[-1][1] < _NEAR:
                    stretches[-1] = (stretches[-1][0], x + 1)
                else:
                    stretches.append((x, x + 1))
        if "" in self.chars or "" in other.chars:
            return [(0, self.width)] if stretches else []  # never cut through a wide character
        return stretches

    @property
    def text(self) -> str:
        """What stands there, without styles."""
        return "".join(self.chars)

    def strip(self) -> Strip:
        """The row for Textual, cells of one style in one segment. A blank takes on its neighbour's foreground."""
        if self._strip is None:
            segments: list[Segment] = []
            run: list[str] = []
            style = self.styles[0] if self.styles else Style.null()
            for character, own in zip(self.chars, self.styles, strict=True):
                if own is not style and not (character == " " and _blank_alike(own, style)):
                    if run:
                        segments.append(Segment("".join(run), style))
                    run = []
                    style = own
                run.append(character)
            if run:
                segments.append(Segment("".join(run), style))
            self._strip = Strip(segments, self.width)
        return self._strip


@lru_cache(4_096)
def _blank_alike(one: Style, other: Style) -> bool:
    return one.bgcolor == other.bgcolor and one.reverse == other.reverse and one.link == other.link


def title_rule(
    row: Row,
    start: int,
    stop: int,
    label: str,
    right: str = "",
    *,
    focused: bool = False,
    light: str = "─",
    heavy: str = "━",
) -> None:
    """A hairline from ``start`` to ``stop`` (exclusive) with a title in it, heavy and in the accent when focused."""
    glyph, ink = (heavy, "accent") if focused else (light, "rule")
    row.fill(start, stop, glyph, ink)
    if label:
        row.put(start + 1, f" {words.cut(label, stop - start - 6)} ", "accent" if focused else "strong", bold=True)
    if right and cell_len(label) + cell_len(right) + 8 < stop - start:
        row.right(stop - 3, f" {right} ", "muted")
