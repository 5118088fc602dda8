"""Two pictures of the screen, the wanted one and what the terminal shows, and what turns the second into the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import add
from typing import Final

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from stockdrift.console.output.cells import TAIL, UNKNOWN, Alphabet
from stockdrift.console.output.moves import move
from stockdrift.console.output.palette import Palette
from stockdrift.console.output.scroll import LINES, Scroll, find_scroll

_FEW: Final = 24  # lines; a whole screen comes line by line, as one reads it
_GAP: Final = 4  # cells that are as cheap to write again as to step over
_RUN: Final = re.compile(r"(.)\1*", re.DOTALL)


class CellWriter:
    """A screen of ``width`` × ``height`` cells. Cells nobody has asked for are left alone."""

    def __init__(self, width: int, height: int, system: ColorSystem = ColorSystem.TRUECOLOR) -> None:
        self.width = width
        self.height = height
        self._palette = Palette(system)
        self._alphabet = Alphabet(self._palette)
        self._nothing = UNKNOWN * width
        self._plain = self._palette.plain * width
        self._want = [self._nothing] * height
        self._want_styles = [self._plain] * height
        self._dirty: set[int] = set()
        self.invalidate()

    def invalidate(self) -> None:
        """The terminal may show anything: all of it is written again."""
        self._have = [self._nothing] * self.height
        self._have_styles = [self._plain] * self.height
        self._dirty = set(range(self.height))
        self._pen: str | None = None

    def put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        """Wants ``segments`` from cell (x, y) on. Raises NotCellsError, PaletteFullError."""
        self._want_line(x, y, *self._alphabet.cells(segments))

    def put_cells(self, x: int, y: int, chars: Sequence[str], styles: Sequence[Style]) -> None:
        """Wants these characters, each of one style and in one cell; a wide one is followed by an empty one. Raises
        NotCellsError, PaletteFullError.
        """
        self._want_line(x, y, *self._alphabet.row(chars, styles))

    def _want_line(self, x: int, y: int, chars: str, styles: str) -> None:
        if not 0 <= y < self.height or x >= self.width:
            return
        end = min(x + len(chars), self.width)
        chars, styles = chars[: end - x], styles[: end - x]
        line, looks = self._want[y], self._want_styles[y]
        if line[x:end] == chars and looks[x:end] == styles:
            return
        head, rest = line[:x], line[end:]
        # Half a wide glyph is none: terminals blank the other half.
        if line[x : x + 1] == TAIL and head:
            head = head[:-1] + " "
        if rest[:1] == TAIL:
            rest = " " + rest[1:]
        self._want[y] = head + chars + rest
        self._want_styles[y] = looks[:x] + styles + looks[end:]
        self._dirty.add(y)

    def scroll(self, scroll: Scroll) -> None:
        """Wants a part of the screen moved; what comes in is to be put before the next :meth:`flush`."""
        scroll.apply(self._want, self._nothing)
        scroll.apply(self._want_styles, self._plain)
        self._dirty.update(range(scroll.top, scroll.bottom + 1))

    def flush(self) -> str:
        """What turns the terminal's screen into the wanted one; empty where it is. Raises PaletteFullError."""
        dirty = [y for y in sorted(self._dirty) if not self._same(y)]
        self._dirty.clear()
        if not dirty:
            return ""
        written: list[str] = []
        if self._pen is None:
            written.append("\x1b]8;;\x1b\\\x1b[0m")
            self._pen = self._palette.plain
        scroll = self._scroll() if len(dirty) > LINES else None
        if scroll is not None:
            # Terminals fill what comes in with the pen's background, or do not: it counts as unknown.
            written.append(scroll.sequence)
            scroll.apply(self._have, self._nothing)
            scroll.apply(self._have_styles, self._plain)
            dirty = [y for y in range(self.height) if not self._same(y)]
        self._at: tuple[int, int] | None = None  # the first move is absolute: somebody else may have moved the cursor
        written += self._shortest(dirty)
        for y in dirty:
            self._have[y], self._have_styles[y] = self._want[y], self._want_styles[y]
        return "".join(written)

    def _scroll(self) -> Scroll | None:
        return find_scroll(list(map(add, self._have, self._have_styles)), list(map(add, self._want, self._want_styles)))

    def _shortest(self, dirty: Sequence[int]) -> Sequence[str]:
        """What writes the lines ``dirty``: one after the other, or, where they are few, style by style."""
        before = self._at, self._pen
        by_line: list[str] = []
        for y in dirty:
            self._line(y, by_line)
        if len(dirty) > _FEW or any(map(self._doubtful, dirty)):
            return by_line
        after = self._at, self._pen
        self._at, self._pen = before
        by_style: list[str] = []
        self._styles(dirty, by_style)
        if sum(map(len, by_style)) < sum(map(len, by_line)):
            return by_style
        self._at, self._pen = after
        return by_line

    def _doubtful(self, y: int) -> bool:
        """Whether a glyph of doubtful width stands in a line: what is right of it has to be written after it."""
        line = self._want[y]
        return not line.isascii() and any(map(self._alphabet.doubtful, line))

    def _styles(self, dirty: Iterable[int], written: list[str]) -> None:
        """Writes all that differs, the style that is next to the pen's first: to step over cells is mostly shorter than
        to change the pen and to change it back.
        """
        strokes: dict[str, list[tuple[int, int, int]]] = {}
        for y in dirty:
            for start, end in self._runs(y):
                for style, first, last in self._strokes(self._want_styles[y], start, end):
                    strokes.setdefault(style, []).append((y, first, last))
        while strokes:
            pen = self._pen or self._palette.plain
            style = min(strokes, key=lambda one: len(self._palette.change(pen, one)[0]))
            sequence, self._pen = self._palette.change(pen, style)
            written.append(sequence)
            line = after = -1
            for y, first, last in strokes.pop(style):
                gap = slice(after, first)
                if y == line and self._cheap(self._want[y][gap], self._want_styles[y][gap]):
                    first = after
                else:
                    written.append(self._go(first, y))
                self._text(self._want[y][first:last], first, y, written)
                line, after = y, last

    def _strokes(self, styles: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """The stretches of one style from ``start`` to ``end``. Blanks go with what stands beside them on the same
        background.
        """
        pen, begun = "", start
        for found in _RUN.finditer(styles, start, end):
            style = found[1]
            if pen and not self._palette.change(pen, style)[0]:
                continue
            if pen and not self._palette.change(style, pen)[0]:  # blanks before what they can go with
                pen = style
                continue
            if pen:
                yield pen, begun, found.start()
            pen, begun = style, found.start()
        yield pen, begun, end

    def reset(self) -> str:
        """Gives the pen back to whoever writes next; to be followed by :meth:`invalidate`."""
        return "" if self._pen in (None, self._palette.plain) else "\x1b]8;;\x1b\\\x1b[0m"

    def _same(self, y: int) -> bool:
        return self._want[y] == self._have[y] and self._want_styles[y] == self._have_styles[y]

    def _line(self, y: int, written: list[str]) -> None:
        """Writes the runs of a line that differ."""
        chars, styles = self._want[y], self._want_styles[y]
        last = -1
        for start, end in self._runs(y):
            gap = chars[last:start]
            if last < 0 or not self._cheap(gap, styles[last:start]):
                written.append(self._go(start, y))
            else:
                start = last
            self._write(chars[start:end], styles[start:end], start, y, written)
            last = end

    def _runs(self, y: int) -> Iterator[tuple[int, int]]:
        """The stretches (first, after last) that differ, widened to whole glyphs."""
        chars, styles = self._want[y], self._want_styles[y]
        have, looks = self._have[y], self._have_styles[y]
        start = -1
        for x in range(self.width):
            char = chars[x]
            differs = (char != have[x] or styles[x] != looks[x]) and char != UNKNOWN
            if differs and start < 0:
                start = x - 1 if char == TAIL else x
            elif not differs and start >= 0 and char != TAIL:
                yield start, x
                start = -1
        if start >= 0:
            yield start, self.width

    def _cheap(self, gap: str, styles: str) -> bool:
        """Whether to write over a gap is no dearer than to step over it."""
        if len(gap) > _GAP or UNKNOWN in gap or len(gap.encode("utf-8", "surrogatepass")) > _GAP + 2:
            return False
        pen = self._pen or self._palette.plain
        return (
            self._at is not None and self._at[0] >= 0 and all(not self._palette.change(pen, one)[0] for one in styles)
        )

    def _go(self, x: int, y: int) -> str:
        sequence = move(self._at, x, y)
        self._at = (x, y)
        return sequence

    def _write(self, chars: str, styles: str, x: int, y: int, written: list[str]) -> None:
        for found in _RUN.finditer(styles):
            first, last = found.span()
            sequence, self._pen = self._palette.change(self._pen or self._palette.plain, found[1])
            written.append(sequence)
            self._text(chars[first:last], x + first, y, written)

    def _text(self, cells: str, x: int, y: int, written: list[str]) -> None:
        """Cells of one style. After a glyph of doubtful width the cursor is placed anew."""
        if self._at is not None and self._at[0] < 0:
            written.append(self._go(x, y))
        if not cells.isascii():
            doubtful = self._alphabet.doubtful
            start = 0
            for place, cell in enumerate(cells):
                if doubtful(cell):
                    after = place + 2 if cells[place + 1 : place + 2] == TAIL else place + 1
                    written.append(self._alphabet.text(cells[start:after]))
                    start = after
                    self._at = (-1, y)
                    if start < len(cells):
                        written.append(self._go(x + start, y))
            cells, x = cells[start:], x + start
            if not cells:
                return
        written.append(self._alphabet.text(cells))
        end = x + len(cells)
        self._at = (end, y) if end < self.width else (-1, y)  # at the right edge terminals differ
