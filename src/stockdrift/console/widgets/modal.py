"""A box upon a screen that stands still: the screen below in one grey, and inside the frame what is to be decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from textual.events import Key
from textual.geometry import Region

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.theme import FAINT
from stockdrift.console.widgets.panel import Panel

LEFT: Final = 3
"""Where text begins in a box."""

ROOMY: Final = 30
"""Rows from which on a box is as drawn; with fewer its parts stand closer."""

CLOSE: Final = 18
"""Rows below which only the essential stands."""

_WIDEST, _MARGIN, _LEAST = 120, 12, 104


def box(width: int, height: int) -> Region:
    """Where the box lies in a screen of ``width`` × ``height``: 96 × 34 at 120 × 40, all of a small one."""
    wide = width if width < _LEAST else min(_WIDEST, width - 2 * _MARGIN)
    tall = height - 6 if height >= 36 else height - 2 if height >= 4 else height
    return Region((width - wide) // 2, (height - tall) // 2, wide, tall)


def text_of(panels: Iterable[Panel], width: int, height: int) -> list[str]:
    """What ``panels`` show on a screen of ``width`` × ``height``, without any style."""
    rows = [[" "] * width for _ in range(height)]
    for panel in panels:
        if panel.display:
            region = panel.region
            for y, painted in enumerate(panel.painted, region.y):
                if 0 <= y < height:
                    stop = min(width, region.x + painted.width)
                    rows[y][region.x : stop] = painted.chars[: stop - region.x]
    return ["".join(row) for row in rows]


class Modal(Panel):
    """``behind`` is the text of the screen below, as it stood when the box was opened."""

    def __init__(self, scene: Scene, behind: Sequence[str], id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.behind = behind

    def title(self) -> tuple[str, str]:
        """What stands in the frame, left and right."""
        raise NotImplementedError

    def inside(self, width: int, height: int) -> Sequence[Row]:
        """At most ``height`` rows of ``width`` cells, of which the first and the last lie under the frame."""
        raise NotImplementedError

    @property
    def place(self) -> Region:
        """The box, in cells of this panel."""
        return box(self.app.size.width, self.app.size.height).translate((-self.region.x, -self.region.y))

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self._backdrop(y, width) for y in range(height)]
        place = self.place
        for y, row in enumerate(self._framed(place.width, place.height), place.y):
            if 0 <= y < height:
                rows[y].paste(place.x, row)
        return rows

    def _backdrop(self, y: int, width: int) -> Row:
        row = self.row(width)
        y += self.region.y
        if y < len(self.behind) and not self.scene.theme.colourless:
            row.put(0, self.behind[y][:width], FAINT)
        return row

    def _framed(self, width: int, height: int) -> Sequence[Row]:
        glyphs = self.scene.glyphs
        rows = list(self.inside(width, height))[:height]
        rows += [self.row(width, "panel") for _ in range(height - len(rows))]
        corners = glyphs.corners
        for row in rows:
            row.put(0, glyphs.line, "accent")
            row.put(width - 1, glyphs.line, "accent")
        for row, left, right in ((rows[0], corners[0], corners[1]), (rows[-1], corners[2], corners[3])):
            row.fill(1, width - 1, glyphs.heavy, "accent")
            row.put(0, left, "accent")
            row.put(width - 1, right, "accent")
        said, told = self.title()
        room = width - 8 - (cell_len(told) + 4 if told else 0)
        if room < cell_len(said):
            told, room = "", width - 8
        rows[0].put(2, f" {words.cut(said, room, glyphs.ellipsis)} ", "accent", bold=True)
        if told:
            rows[0].right(width - 4, f" {told} ", "muted")
        return rows

    def blank(self, width: int) -> Row:
        """An empty line inside."""
        return self.row(width, "panel")

    async def on_key(self, event: Key) -> None:
        """Does what the key means before the next one is looked at: letters of one burst may belong to the field to
        which a key before them leads, and keys behind one that closed the box to the screen that is seen now.
        """
        bound = self.app.screen.active_bindings.get(event.key)
        if bound is not None and bound.enabled:
            event.stop()
            event.prevent_default()
            await self.app.run_action(bound.binding.action, bound.node)

    def labelled(self, width: int, label: str, *, here: bool = False) -> Row:
        """A line that begins with what it is."""
        row = self.blank(width)
        row.put(LEFT, label, "strong" if here else "muted", bold=here)
        return row

    def button(self, row: Row, x: int, width: int, text: str, *, chosen: bool, off: bool = False) -> int:
        """Paints a button of ``width`` cells; returns the cell after it."""
        on = "accent" if chosen else "cursor"
        ink = "panel" if chosen else "muted" if off else "text"
        glyphs = self.scene.glyphs
        label = f"{glyphs.choice} {text} {glyphs.choice_end}" if chosen else text
        row.put(x, words.cut(label, width).center(width), ink, bold=chosen, on=on)
        return x + width

    def scroll_bar(self, rows: Sequence[Row], x: int, top: int, total: int) -> None:
        """Beside a list of which not all is shown."""
        room = len(rows)
        if total > room > 0:
            size = max(1, room * room // total)
            first = round(top * (room - size) / max(1, total - room))
            for y, row in enumerate(rows):
                inside = first <= y < first + size
                row.put(x, self.scene.glyphs.line if inside else self.scene.glyphs.axis, "muted" if inside else "rule")
