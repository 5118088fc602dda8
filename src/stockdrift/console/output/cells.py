"""Text as cells, one code point a cell, so that lines are compared, cut and joined as strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style

from stockdrift.console.output.palette import MOST, Palette, PaletteFullError

# Lone surrogates are in no text that can be written, so they can stand for what is no single code point.
TAIL: Final = "\ud800"
"""The second half of a wide glyph."""
UNKNOWN: Final = "\ud801"
"""Nobody knows what stands there."""

_FIRST_GLYPH: Final = 0xD802
_LAST_GLYPH: Final = 0xDFFF
_STAND_IN: Final = re.compile("[\ud800-\udfff]")
# Signs that move the cursor, stand for none, or join their neighbours to a width nobody agrees on.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200d\ufe0f\ud800-\udfff]")


class NotCellsError(Exception):
    """A text that moves the cursor, or is none: it cannot be told as cells."""


class Alphabet:
    """Turns segments into cells and cells into text. Raises PaletteFullError where no sign is left."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._glyphs: dict[str, str] = {}
        self._texts: dict[int, str] = {ord(TAIL): "", ord(UNKNOWN): ""}
        self._known: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._doubtful: dict[str, bool] = {}

    def cells(self, segments: Iterable[Segment]) -> tuple[str, str]:
        """Characters and styles of segments, a code point a cell each. Raises NotCellsError, PaletteFullError."""
        chars: list[str] = []
        styles: list[str] = []
        for text, style, control in segments:
            if control:
                raise NotCellsError
            if text:
                key = (text, *self.palette.of(style))
                found = self._known.get(key)
                if found is None:
                    if len(self._known) >= MOST:
                        self._known.clear()
                    found = self._known[key] = self._told(*key)
                chars.append(found[0])
                styles.append(found[1])
        return "".join(chars), "".join(styles)

    def row(self, chars: Sequence[str], styles: Sequence[Style]) -> tuple[str, str]:
        """The same of characters that stand in a cell each, empty for the second half of a wide one."""
        text = "".join(chars)
        if _CONTROL.search(text):
            raise NotCellsError
        if len(text) != len(chars) or "" in chars:
            text = "".join(char if len(char) == 1 else self._sign(char) if char else TAIL for char in chars)
        found: list[str] = []
        of, before, look, blank = self.palette.of, None, "", ""
        for char, style in zip(chars, styles, strict=True):
            if style is not before:
                before, (look, blank) = style, of(style)
            found.append(blank if char == " " else look)
        return text, "".join(found)

    def text(self, cells: str) -> str:
        """What to write so that ``cells`` appear."""
        return cells.translate(self._texts) if _STAND_IN.search(cells) else cells

    def doubtful(self, cell: str) -> bool:
        """Whether terminals disagree about how wide this is: glyphs of several code points, wide pictures."""
        if cell.isascii():
            return False
        found = self._doubtful.get(cell)
        if found is None:
            text = self.text(cell)
            found = len(text) > 1 or (
                bool(text) and get_character_cell_size(text) == 2 and unicodedata.category(text) == "So"
            )
            if len(self._doubtful) >= MOST:
                self._doubtful.clear()
            self._doubtful[cell] = found
        return found

    def _told(self, text: str, style: str, blank: str) -> tuple[str, str]:
        if _CONTROL.search(text):
            raise NotCellsError
        chars = text if text.isascii() else self._spread(text)
        if " " not in chars or style == blank:
            return chars, style * len(chars)
        return chars, "".join(blank if char == " " else style for char in chars)

    def _spread(self, text: str) -> str:
        found: list[str] = []
        for char in text:
            width = get_character_cell_size(char)
            if width:
                found.append(char)
                if width == 2:
                    found.append(TAIL)
            elif found:
                place = -2 if found[-1] == TAIL else -1
                found[place] = self._sign(self.text(found[place]) + char)
        return "".join(found)

    def _sign(self, glyph: str) -> str:
        sign = self._glyphs.get(glyph)
        if sign is None:
            code = _FIRST_GLYPH + len(self._glyphs)
            if code > _LAST_GLYPH:
                raise PaletteFullError
            sign = self._glyphs[glyph] = chr(code)
            self._texts[code] = glyph
        return sign
