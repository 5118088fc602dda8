"""What every panel is: rows of cells that are painted anew and of which only those that differ are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from stockdrift.console.moment import FOREVER
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene

if TYPE_CHECKING:
    from stockdrift.console.output.application import CellApp


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
        self._holds_until = 0

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """``height`` rows of ``width`` cells."""
        raise NotImplementedError

    @property
    def painted(self) -> Sequence[Row]:
        """What it shows."""
        return self._rows

    @property
    def cells(self) -> CellApp[int]:
        """The app, as what draws lines."""
        return cast("CellApp[int]", self.app)

    def row(self, width: int, on: str = "background") -> Row:
        """An empty row."""
        return Row(self.scene.theme, width, on)

    def sync(self) -> None:
        """Paints, and asks Textual to draw the cells that differ."""
        width, height = self.size
        if not (width and height) or not self.display:
            return
        before, rows = self._rows, self._paint(width, height)
        if len(before) != len(rows):
            self.refresh()
            return
        changed = {y: row for y, row in enumerate(rows) if row != before[y]}
        if changed and not self.cells.draw_lines(self, changed):
            stretches = ((y, *ends) for y, row in changed.items() for ends in row.differs(before[y]))
            self.refresh(*(Region(first, y, last - first, 1) for y, first, last in stretches))

    def grow_old(self) -> None:
        """The same, where nothing but time has passed: what reads the same then is not painted."""
        if self.scene.moment >= self._holds_until:
            self.sync()

    def _paint(self, width: int, height: int) -> Sequence[Row]:
        self.scene.holds_until = FOREVER
        self._rows = self.paint(width, height)
        self._holds_until = self.scene.holds_until
        return self._rows

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
            self._paint(width, height)
        return self._rows[y].strip() if y < len(self._rows) else Strip.blank(width)
