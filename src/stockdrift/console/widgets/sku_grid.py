"""The SKU grid: draws the rows in view and asks for no others, however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console.columns import Columns
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.empty import paint_empty
from stockdrift.console.widgets.grid_line import paint_line
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import SkuLine

_WHEEL = 3


class SkuGrid(Panel):
    """Line by line on its own cells: a key that moves the cursor draws two of them.

    Painted rows are kept until the model, the minute, the columns or the theme are others.
    """

    class Moved(Message):
        """The list was scrolled or clicked: ``by`` rows, or to ``index``; ``opened`` on the cursor's own row."""

        def __init__(self, by: int = 0, index: int | None = None, *, opened: bool = False) -> None:
            super().__init__()
            self.by = by
            self.index = index
            self.opened = opened

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._kept: dict[tuple[int, bool], Row] = {}
        self._kept_for: tuple[object, ...] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The visible lines, or why there are none; the scroll bar is the last column."""
        scene = self.scene
        listing = scene.listing
        if listing.height != height:
            listing.resize(height)
        if scene.model is None or not len(listing.rows):
            rows = [self.row(width) for _ in range(height)]
            paint_empty(rows, width, scene)
            return rows
        columns = scene.columns(width)
        self._forget(columns)
        lines = listing.visible(scene.model)
        rows = [self._line(line, columns, cursor=listing.top + y == listing.index) for y, line in enumerate(lines)]
        rows += [self._below(columns, width) for _ in range(height - len(rows))]
        if width >= 30:
            self._scroll_bar(rows, height)
        return rows

    def _forget(self, columns: Columns) -> None:
        scene = self.scene
        shown = scene.listing.visible(scene.model) if scene.model else ()
        # Ages tick by the second only where one younger than a minute is in view.
        young = any(line.since is not None and scene.now - line.since < 60_000 for line in shown)
        moment = scene.now // (1_000 if young else 60_000)
        looked = scene.looked.at if scene.looked else 0
        version = scene.model.version if scene.model else 0
        state = (version, moment, columns, scene.theme, scene.focus, scene.listing.marks_version, looked)
        if state != self._kept_for:
            self._kept.clear()
            self._kept_for = state

    def _line(self, line: SkuLine, columns: Columns, *, cursor: bool) -> Row:
        kept = self._kept.get((line.row, cursor))
        if kept is None:
            kept = self.row(columns.width, "cursor" if cursor else "background")
            paint_line(kept, columns, line, self.scene)
            if cursor:
                kept.put(0, self.scene.glyphs.cursor, "accent" if self.scene.focus == "grid" else "muted")
            self._kept[line.row, cursor] = kept
        return kept

    def _below(self, columns: Columns, width: int) -> Row:
        row = self.row(width)
        if columns.line is not None:
            row.put(columns.line, self.scene.glyphs.axis, "rule")
        return row

    def _scroll_bar(self, rows: list[Row], height: int) -> None:
        listing, glyphs = self.scene.listing, self.scene.glyphs
        total = len(listing.rows)
        if total <= height:
            return
        size = max(1, round(height * height / total))
        start = round((height - size) * listing.top / max(1, total - height))
        for y, row in enumerate(rows):
            thumb = start <= y < start + size
            glyph, ink = (glyphs.line, "muted") if thumb else (glyphs.axis, "rule")
            x = row.width - 1
            if row.chars[x] != glyph or row.styles[x] is not row.theme.style(ink, row.on):
                row = rows[y] = row.copy()
                row.put(x, glyph, ink)

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.post_message(self.Moved(_WHEEL))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.post_message(self.Moved(-_WHEEL))

    def on_click(self, event: Click) -> None:
        """Moves the cursor to the row; a second click opens it."""
        index = self.scene.listing.top + event.y
        if index < len(self.scene.listing.rows):
            self.post_message(self.Moved(index=index, opened=event.chain > 1))
