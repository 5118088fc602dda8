"""What every panel is: rows of cells that are painted anew and of which only those that differ are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene


class Panel(Widget):
    """Paints ``scene`` on its own cells. :meth:`sync` draws what has changed since the last time, and only that."""

    FOLLOWS_CURSOR: ClassVar[bool] = False
    """Whether it shows where in the list the cursor is, or what is under it."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Panel { width: auto; height: auto; }"

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.scene = scene
        self._rows: Sequence[Row] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """``height`` rows of ``width`` cells."""
        raise NotImplementedError

    @property
    def painted(self) -> Sequence[Row]:
        """What it shows."""
        return self._rows

    def row(self, width: int, on: str = "background") -> Row:
        """An empty row."""
        return Row(self.scene.theme, width, on)

    def sync(self) -> None:
        """Paints, and asks Textual to draw the cells that differ."""
        width, height = self.size
        if not (width and height) or not self.display:
            return
        before = self._rows
        self._rows = rows = self.paint(width, height)
        if len(before) != len(rows):
            self.refresh()
            return
        regions: list[Region] = []
        for y, (old, new) in enumerate(zip(before, rows, strict=True)):
            regions += [Region(first, y, last - first, 1) for first, last in new.differs(old)]
        if regions:
            self.refresh(*regions)

    def repaint(self) -> None:
        """Draws all of it anew."""
        self._rows = ()
        self.refresh()

    def on_resize(self, _event: Resize) -> None:
        """A new size is a new painting."""
        self.repaint()

    def render_line(self, y: int) -> Strip:
        """One line for Textual."""
        width, height = self.size
        if len(self._rows) != height or (self._rows and self._rows[0].width != width):
            self._rows = self.paint(width, height)
        return self._rows[y].strip() if y < len(self._rows) else Strip.blank(width)
