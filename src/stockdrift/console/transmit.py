"""What goes over the wire: the cells that changed and no others, with as few escape sequences as will do.

Textual sends a changed line from the left edge of its widget, every piece of it with its whole style and a reset.
Over SSH that is several times what is needed, so partial updates are written here.
"""

from __future__ import annotations

from rich.color import Color
from rich.console import Console as RichConsole
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor
from textual.strip import Strip

_RESET = "\x1b[0m"
_ATTRIBUTES = (("bold", "1", "22"), ("italic", "3", "23"), ("underline", "4", "24"), ("reverse", "7", "27"))


class TightCompositor(Compositor):
    """Textual's compositor, whose partial updates are :class:`TightUpdate`."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """The cells that changed, None where none did."""
        update = super().render_partial_update()
        return None if update is None else TightUpdate(update.chops, update.spans, update.chop_ends)


class TightUpdate(ChopsUpdate):
    """Writes spans of changed cells, from their first to their last."""

    def render_segments(self, console: RichConsole) -> str:
        """The escape sequences for a terminal with the colours of ``console``."""
        pen = Pen(console)
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, x1), min(end, x2)
                if strip is not None and first < last:
                    pen.move(first, y)
                    pen.write(strip if (first, last) == (x, end) else strip.crop(first - x, last - x))
        return pen.done()


class Pen:
    """Writes strips and remembers the style it writes in, so that only what differs is said."""

    _codes: dict[tuple[object, Style], tuple[str, str, tuple[bool, ...]]] = {}  # noqa: RUF012 (styles are few)

    def __init__(self, console: RichConsole) -> None:
        self._system = console._color_system
        self._written: list[str] = []
        self._state: tuple[str, str, tuple[bool, ...]] | None = None

    def move(self, x: int, y: int) -> None:
        """To a cell, counted from 0."""
        self._written.append(f"\x1b[{y + 1};{x + 1}H")

    def write(self, strip: Strip) -> None:
        """Text and its styles."""
        for segment in strip:
            if segment.text and not segment.control:
                self._change(self._of(segment.style or Style.null()))
                self._written.append(segment.text)

    def done(self) -> str:
        """All that was written, the style given back."""
        return "".join(self._written) + (_RESET if self._state is not None else "")

    def _change(self, wanted: tuple[str, str, tuple[bool, ...]]) -> None:
        state = self._state
        if wanted == state:
            return
        fore, back, attributes = wanted
        codes: list[str] = []
        if state is None:
            codes.append("0")
            state = ("39", "49", (False,) * len(_ATTRIBUTES))
        if fore != state[0]:
            codes.append(fore)
        if back != state[1]:
            codes.append(back)
        for (_name, on, off), now, before in zip(_ATTRIBUTES, attributes, state[2], strict=True):
            if now != before:
                codes.append(on if now else off)
        if codes:
            self._written.append(f"\x1b[{';'.join(codes)}m")
        self._state = wanted

    def _of(self, style: Style) -> tuple[str, str, tuple[bool, ...]]:
        key = (self._system, style)
        found = self._codes.get(key)
        if found is None:
            attributes = tuple(bool(getattr(style, name)) for name, _on, _off in _ATTRIBUTES)
            found = (self._colour(style.color, True), self._colour(style.bgcolor, False), attributes)
            self._codes[key] = found
        return found

    def _colour(self, colour: Color | None, foreground: bool) -> str:
        if colour is None or self._system is None:
            return "39" if foreground else "49"
        return ";".join(colour.downgrade(self._system).get_ansi_codes(foreground))
