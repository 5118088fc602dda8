"""The grid's title and column heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from rich.cells import cell_len
from textual.events import Click
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.columns import Columns, heads
from stockdrift.console.listing import sort_words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.rules import Scope, Tolerance

_LEAST_SKU: Final = 24
"""Fewer cells of the rule are not enough for a SKU that has no room in its column."""


class GridHead(Panel):
    """Two rows: the rule with what is listed, in which order and how much of it, and a SKU whole that is cut below; the
    heads (one row: no heads).
    """

    FOLLOWS_CURSOR = True

    joint = 0
    """The column at which a line above ends on the rule; 0 for none."""

    class Chosen(Message):
        """A head was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        self._title(rows[0], width)
        if height > 1 and len(self.scene.listing.rows):
            self._heads(rows[1], self.scene.columns(width))
        return rows

    def _title(self, row: Row, width: int) -> None:
        scene, listing, glyphs = self.scene, self.scene.listing, self.scene.glyphs
        at = "" if scene.replay is None else words.clock(scene.now, scene.zone)
        title = (
            scene.tense("All SKUs", f"All SKUs at {at}")
            if listing.everything
            else scene.tense("Drifting SKUs", f"SKUs that drifted at {at}")
        )
        if listing.text:
            title += f" with “{words.cut(listing.text, 24, glyphs.ellipsis)}”"
        focused = scene.focus == "grid" and scene.replay is None  # there the keys are the scrubber's as well
        title_rule(row, 0, width, title, focused=focused, light=glyphs.light, heavy=glyphs.heavy)
        if self.joint > cell_len(title) + 5:
            row.put(self.joint, glyphs.tee_up, "rule")
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
        whole = self._whole_sku(width)
        if whole and start - left > _LEAST_SKU:
            left = (
                row.put(left, f" {words.cut_middle(whole, start - left - 4, glyphs.ellipsis)} ", "strong", bold=True)
                + 1
            )
        if total and width >= 100:
            text = f" {sort_words(listing.sort)}{', reversed' if listing.reverse else ''}  "
            if start - cell_len(text) > left:
                start = row.right(start - 1, text, "muted")
        if listing.waiting:
            text = f" ↓ {words.count(listing.waiting)} new "
            if start - cell_len(text) > left:
                row.right(start - 2, text, "accent", bold=True)
                return
        for text, ink in (self._marks(), self._tolerance(), self._snoozed(), self._since()):
            if text and left + cell_len(text) < start:
                left = row.put(left, text, ink, bold=ink == "accent") + 1

    def _whole_sku(self, width: int) -> str:
        """The SKU under the cursor where its column has no room for it; else nothing."""
        scene, row = self.scene, self.scene.listing.row
        if row is None or scene.model is None:
            return ""
        (sku,) = scene.model.skus(np.array([row], np.int32))
        return sku if cell_len(sku) > scene.columns(width).sku_width else ""

    def _marks(self) -> tuple[str, str]:
        listing = self.scene.listing
        count = len(listing.marks)
        hidden = count - listing.marks_listed
        if not count:
            return "", ""
        why = "by the filter" if listing.text else "in this list"
        rest = "" if not hidden else f", {words.count(hidden)} {'hidden' if listing.text else 'not'} {why}"
        return f" {words.count(count)} marked{rest} ", "accent"

    def _tolerance(self) -> tuple[str, str]:
        """What is off by so little is not listed and counts as in sync: that is said where it is not nought; and where
        an operator has said otherwise than the settings, of the store or of a surface, by whom.
        """
        scene, picture = self.scene, self.scene.picture
        if picture is None or scene.model is None:
            return "", ""
        places = [Scope(), *(Scope(surface.name) for surface in picture.surfaces)]
        ruled = [found for scope in places if (found := scene.model.said.ruling(scope)) is not None]
        if not ruled:
            return ("", "") if picture.tolerance == str(Tolerance()) else (f" tolerance {picture.tolerance} ", "muted")
        first, more = ruled[0], f", {len(ruled) - 1} more" if len(ruled) > 1 else ""
        where = f" on {words.title(first.scope.surface)}" if first.scope.surface else ""
        return f" tolerance{where} {first.tolerance} by {words.person(first.operator)}{more} ", "late"

    def _snoozed(self) -> tuple[str, str]:
        """What rests is not in the list, and never out of sight."""
        gauge = self.scene.picture.gauge if self.scene.picture else None
        if gauge is None or not gauge.snoozed or self.scene.listing.text or self.scene.listing.everything:
            return "", ""
        return f" {words.count(gauge.snoozed)} snoozed ", "late"

    def _since(self) -> tuple[str, str]:
        changes = self.scene.changes
        if not changes:
            return "", ""
        counted = (
            (len(changes.new), "new"), (len(changes.worse), "worse"), (changes.cleared, "cleared"),
            (changes.lost, "now unknown"),
        )  # fmt: skip
        said = ", ".join(f"{words.count(count)} {word}" for count, word in counted if count)
        return f" since {words.minute(changes.since, self.scene.zone)}: {said} ", "text"

    def _heads(self, row: Row, columns: Columns) -> None:
        scene = self.scene
        if columns.line is not None:
            row.put(columns.line, scene.glyphs.axis, "rule")
        for head in heads(columns, scene.glyphs.axis):
            if head.id == scene.column and scene.focus == "grid":
                row.put(head.start, head.text, "accent", bold=True, on="cursor")
            else:
                row.put(head.start, head.text, "text" if head.id == scene.listing.sort else "muted")

    def on_click(self, event: Click) -> None:
        """A head was meant, if the second row was."""
        if event.y != 1:
            return
        for head in heads(self.scene.columns(self.size.width), self.scene.glyphs.axis):
            if head.start - 1 <= event.x <= head.stop:
                self.post_message(self.Chosen(head.id))
                return
