"""The rows of actions under way: a line each, with the four stages that it goes through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.progress import STAGES, Progress, Step
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.modal import LEFT
from stockdrift.console.widgets.modal_list import ModalList
from stockdrift.console.widgets.plan_rows import value
from stockdrift.stock.actions import RowState

FULL: Final = 96
"""Cells of a box as drawn."""


class ProgressColumns(Struct, frozen=True):
    """Where they are in a box of some width; ``name`` is None where there is no room for it."""

    name: int | None
    name_stop: int
    arrow: int
    dots: tuple[int, int, int, int]
    glyph: int
    took: int


def progress_columns(width: int, sku_width: int) -> ProgressColumns:
    """In a box of ``width`` cells: surplus goes to the name."""
    name = LEFT + sku_width + 2
    if width >= FULL:
        by = width - FULL
        return ProgressColumns(name, 31 + by, 36 + by, (44 + by, 53 + by, 63 + by, 73 + by), 76 + by, 92 + by)
    glyph = width - 20
    first = glyph - 15
    arrow = first - 8
    found = (first, first + 4, first + 8, first + 12)
    return ProgressColumns(name if arrow - 6 - name >= 8 else None, arrow - 6, arrow, found, glyph, width - 4)


class ProgressRows(ModalList):
    """``progress`` is what it shows, ``cursor`` the row in focus."""

    cursor = 0

    def __init__(self, scene: Scene, behind: Sequence[str], progress: Progress, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, behind, id)
        self.progress = progress

    @property
    def equal(self) -> bool:
        """Whether what is written is what the master says, so that a row ends in sync and not merely as written."""
        return self.progress.kind in ("resync", "refresh")

    @property
    def good(self) -> str:
        """What a row is where all went well."""
        return "in sync" if self.equal else "verified"

    def heads(self, width: int, columns: ProgressColumns) -> Row:
        """The heads."""
        row = self.blank(width)
        several = len(self.progress.surfaces) > 1
        row.put(LEFT, "SKU", "muted")
        if columns.name is not None:
            row.put(columns.name, "surface" if several else "name", "muted")
        row.right(columns.arrow + 3, "change", "muted")
        if width >= FULL:
            first, second, third, last = columns.dots
            *before, _in_sync = STAGES  # which a rollback or a containment does not aim at
            for x, word in zip((first - 2, second - 4, third - 3, last - 3), [*before, self.good], strict=True):
                row.put(x, word, "muted")
        else:
            row.put(columns.dots[0], "progress", "muted")
        row.right(columns.took, "took", "muted")
        return row

    def line(self, width: int, columns: ProgressColumns, place: int) -> Row:
        """The row at a place of the list."""
        scene, step = self.scene, self.progress.steps[place]
        here = place == self.cursor
        row = self.row(width, "cursor" if here else "panel")
        if here:
            row.put(1, scene.glyphs.cursor, "accent")
        room = (columns.name or columns.arrow - 6) - LEFT - 1
        row.put(LEFT, words.cut_middle(step.change.sku, room, scene.glyphs.ellipsis), "strong", bold=True)
        if columns.name is not None:
            several = len(self.progress.surfaces) > 1
            name = words.title(step.action.asked.surface) if several else self._named(step)
            row.put(columns.name, words.cut(name, columns.name_stop - columns.name, scene.glyphs.ellipsis), "text")
        row.right(columns.arrow - 2, value(step.action.asked.kind, step.change.before, 5), "muted")
        row.put(columns.arrow, "→", "muted")
        row.right(columns.arrow + 3, value(step.action.asked.kind, step.change.after, 3), "strong", bold=True)
        ink = self._stages(row, columns, step)
        glyph = self.state_glyph(step)
        row.put(columns.glyph, glyph, ink)
        word = "not sent" if step.state is RowState.WAITING else step.word
        shown = self._shown(step) if step.lost and step.word == "stuck" else None
        text = word if shown is None else f"{word} at {words.short(shown, 5)}"
        row.put(
            columns.glyph + 2,
            words.cut(text, columns.took - columns.glyph - (3 if step.sent_at is None else 6), scene.glyphs.ellipsis),
            ink,
        )
        if shown is None or width < FULL:
            self._took(row, columns, step)
        return row

    def _took(self, row: Row, columns: ProgressColumns, step: Step) -> None:
        lasting = step.took
        if lasting is None and step.sent_at is not None:
            lasting = max(0, self.scene.now - step.sent_at)
        row.right(columns.took, self.scene.glyphs.none if lasting is None else seconds(lasting), "muted")

    def _stages(self, row: Row, columns: ProgressColumns, step: Step) -> str:
        """The four dots, joined as far as the row came; returns the colour of its state."""
        glyphs = self.scene.glyphs
        ink = "oversell" if step.lost else self.ink(step)
        dots = columns.dots
        for place, x in enumerate(dots):
            reached = place < step.stage
            if place:
                row.fill(dots[place - 1] + 1, x, glyphs.heavy if reached else glyphs.light, ink if reached else "track")
            last = step.lost and place == step.stage - 1
            row.put(x, glyphs.oversell if last else glyphs.ok if reached else glyphs.actor, ink if reached else "rule")
        return ink

    @staticmethod
    def ink(step: Step) -> str:
        """The colour of a state that is no bad end."""
        if step.state in (RowState.IN_SYNC, RowState.VERIFIED):
            return "ok"
        if step.state in (RowState.APPLIED, RowState.ACCEPTED, RowState.STALE, RowState.OVERTAKEN):
            return "late"
        return "text" if step.state is RowState.SENT else "muted"

    def state_glyph(self, step: Step) -> str:
        """Its sign."""
        glyphs = self.scene.glyphs
        if step.lost:
            return glyphs.oversell
        return {
            RowState.IN_SYNC: glyphs.ok,
            RowState.VERIFIED: glyphs.ok,
            RowState.OVERTAKEN: glyphs.late,
            RowState.APPLIED: glyphs.late,
            RowState.ACCEPTED: glyphs.in_flight,
            RowState.SENT: glyphs.actor,
            RowState.STALE: glyphs.flag,
        }.get(step.state, glyphs.light)

    def _found(self, step: Step) -> int | None:
        model = self.scene.model
        return None if model is None else model.row_of(step.change.sku)

    def _named(self, step: Step) -> str:
        row, model = self._found(step), self.scene.model
        return model.lines([row])[0].name if row is not None and model is not None else ""

    def _shown(self, step: Step) -> int | None:
        """What the surface shows of it now."""
        row, model, picture = self._found(step), self.scene.model, self.scene.picture
        if row is None or model is None or picture is None:
            return None
        names = [surface.name for surface in picture.surfaces]
        if step.action.asked.surface not in names:
            return None
        reported = model.lines([row])[0].cells[names.index(step.action.asked.surface)].reported
        return reported if isinstance(reported, int) else None


def seconds(ms: int) -> str:
    """``18 s``, as long as these are seconds."""
    return f"{max(0, ms) // 1_000} s" if ms < 60_000 else words.age(ms)
