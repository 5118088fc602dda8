"""The SKU grid: draws the rows in view and asks for no others, however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console.columns import Columns
from stockdrift.console.paint import Row
from stockdrift.console.scene import ANSWERING, Scene
from stockdrift.console.widgets.empty import paint_empty
from stockdrift.console.widgets.grid_line import age_of, paint_line, paint_since
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import SkuLine

_WHEEL = 3
_MOST_KEPT = 1_000


class SkuGrid(Panel):
    """Line by line on its own cells: a key that moves the cursor draws two of them.

    Painted rows are kept until what they say, the columns or the theme are others.
    """

    FOLLOWS_CURSOR = True

    class Moved(Message):
        """The list was scrolled or clicked: ``by`` rows, or to ``index``; ``opened`` on the cursor's own row."""

        def __init__(self, by: int = 0, index: int | None = None, *, opened: bool = False) -> None:
            super().__init__()
            self.by = by
            self.index = index
            self.opened = opened

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._kept: dict[tuple[int, bool], tuple[tuple[SkuLine, str], Row, str]] = {}
        self._kept_for: tuple[object, ...] = ()
        self._top = 0  # as painted

    def sync(self) -> None:
        """Paints; where the list was scrolled, what it shows already is moved by the terminal."""
        listing = self.scene.listing
        by, height = self._top - listing.top, len(self._rows)
        if 0 < abs(by) < height == self.size.height and self.display and self.cells.scroll_lines(self, by):
            fresh = [self.row(0)] * abs(by)
            self._rows = [*fresh, *self._rows[:-by]] if by > 0 else [*self._rows[-by:], *fresh]
        super().sync()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The visible lines, or why there are none; the scroll bar is the last column."""
        scene = self.scene
        listing = scene.listing
        if listing.height != height:
            listing.resize(height)
        self._top = listing.top
        if scene.model is None or not len(listing.rows):
            rows = [self.row(width) for _ in range(height)]
            paint_empty(rows, width, scene)
            return rows
        columns = scene.columns(width)
        barred = width >= 30 and len(listing.rows) > height
        self._forget(columns, barred=barred)
        lines = listing.visible(scene.model, scene.picture)
        rows = [self._line(line, columns, cursor=listing.top + y == listing.index) for y, line in enumerate(lines)]
        rows += [self._below(columns, width) for _ in range(height - len(rows))]
        if barred:
            self._thumb(rows, height)
        return rows

    def _forget(self, columns: Columns, *, barred: bool) -> None:
        scene = self.scene
        picture = scene.picture
        told = () if picture is None else (
            picture.currency,
            picture.master.status in ANSWERING,
            *(surface.name for surface in picture.surfaces),
        )  # fmt: skip
        chosen = (scene.theme, scene.focus, scene.listing.marks_version, tuple(scene.column_order))
        state = (scene.model, columns, *chosen, told, barred)
        if state != self._kept_for or len(self._kept) > _MOST_KEPT:
            self._kept.clear()
            self._kept_for = state

    def _line(self, line: SkuLine, columns: Columns, *, cursor: bool) -> Row:
        scene = self.scene
        age, told = age_of(line, columns, scene), (line, scene.change_of(line.row))
        before, kept, aged = self._kept.get((line.row, cursor), (None, None, ""))
        if kept is None or before != told:
            kept = self.row(columns.width, "cursor" if cursor else "background")
            paint_line(kept, columns, line, scene)
            if cursor:
                kept.put(0, scene.glyphs.cursor, "accent" if scene.focus == "grid" else "muted")
            if self._kept_for[-1]:
                kept.put(columns.width - 1, scene.glyphs.axis, "rule")
        elif aged != age:
            kept = kept.copy()
            paint_since(kept, columns, age)
        else:
            return kept
        self._kept[line.row, cursor] = told, kept, age
        return kept

    def _below(self, columns: Columns, width: int) -> Row:
        row = self.row(width)
        if columns.line is not None:
            row.put(columns.line, self.scene.glyphs.axis, "rule")
        return row

    def _thumb(self, rows: list[Row], height: int) -> None:
        """Where in the list this is. The bar itself is part of each row, so that these stay as they are."""
        listing, total = self.scene.listing, len(self.scene.listing.rows)
        size = max(1, round(height * height / total))
        start = round((height - size) * listing.top / max(1, total - height))
        for y in range(start, min(start + size, height)):
            rows[y] = rows[y].copy()
            rows[y].put(rows[y].width - 1, self.scene.glyphs.line, "muted")

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.post_message(self.Moved(_WHEEL))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.post_message(self.Moved(-_WHEEL))

    def on_click(self, event: Click) -> None:
        """Moves the cursor to the row; a second click opens it. On the scroll bar it goes to that place of the list."""
        listing = self.scene.listing
        if self._kept_for and self._kept_for[-1] and event.x == self.size.width - 1:
            share = event.y / max(1, self.size.height - 1)
            self.post_message(self.Moved(round(share * (len(listing.rows) - self.size.height)) - listing.top))
            return
        index = self.scene.listing.top + event.y
        if index < len(self.scene.listing.rows):
            self.post_message(self.Moved(index=index, opened=event.chain > 1))
