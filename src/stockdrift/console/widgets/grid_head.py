"""The grid's title and column heads."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.columns import Columns
from stockdrift.console.listing import SORTS
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.panel import Panel


class GridHead(Panel):
    """Two rows: the rule with what is listed, in which order and how much of it; the heads (one row: no heads)."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        self._title(rows[0], width)
        if height > 1 and len(self.scene.listing.rows):
            self._heads(rows[1], self.scene.columns(width))
        return rows

    def _title(self, row: Row, width: int) -> None:
        scene, listing, glyphs = self.scene, self.scene.listing, self.scene.glyphs
        title = "All SKUs" if listing.everything else "Drifting SKUs"
        if listing.text:
            title += f" with “{words.cut(listing.text, 24, glyphs.ellipsis)}”"
        focused = scene.focus == "grid"
        title_rule(row, 0, width, title, focused=focused, light=glyphs.light, heavy=glyphs.heavy)
        total = len(listing.rows)
        start = width - 2
        if not total:
            start = row.right(width - 2, " none ", "muted")
        else:
            first = listing.top + 1
            last = min(listing.top + listing.height, total)
            start = row.right(start - 1, f" {words.count(total)} ")
            start = row.right(start - 1, " of", "muted")
            start = row.right(start - 1, f" {words.count(first)}–{words.count(last)}")
        left = 3 + cell_len(title) + 3
        if total and width >= 100:
            text = f" {SORTS[listing.sort]}  "
            if start - cell_len(text) > left:
                start = row.right(start - 1, text, "muted")
        if listing.waiting:
            text = f" ↓ {words.count(listing.waiting)} new "
            if start - cell_len(text) > left:
                row.right(start - 2, text, "accent", bold=True)

    def _heads(self, row: Row, columns: Columns) -> None:
        row.put(columns.sku, "SKU", "muted")
        if columns.name is not None:
            row.put(columns.name, "name", "muted")
        if columns.line is not None:
            row.put(columns.line, self.scene.glyphs.axis, "rule")
        if columns.master is not None:
            row.right(columns.master, "master", "muted")
        for surface in columns.surfaces:
            row.right(surface.head, surface.label, "muted")
        if columns.worst is not None:
            row.put(columns.worst, "worst", "muted")
        if columns.shows is not None:
            head = "shows" if columns.worst is not None else "shows/master"
            row.right(columns.shows + (columns.worst is not None), head, "muted")
        if columns.axis is not None:
            row.put(columns.axis, f" under {self.scene.glyphs.axis} over", "muted")
        if columns.phase is not None:
            row.put(columns.phase, "phase", "muted")
        for edge, text in (
            (columns.off, "off"),
            (columns.since, "since"),
            (columns.out_in, "out in"),
            (columns.risk, "risk"),
        ):
            if edge is not None:
                row.right(edge, text, "muted")
