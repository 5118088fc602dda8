"""The SKU under the cursor beside the list: who it is, what each surface shows of it, and the master's arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.grid_line import axis
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.sku_hero import PHASE_INK, SkuPanel, phase_glyph
from stockdrift.console.widgets.sku_levels import level_tone
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import LevelLine, Phase, Severity, SkuPicture, Verdict

_DRIFTED = (Verdict.DRIFTED, Verdict.IN_FLIGHT)
_NOTHING = re.compile(r" − 0 [a-z]+")  # what takes nothing away: the screen of the SKU names it
_AROUND = 9
"""Rows besides those of the levels."""


class PreviewDivider(Panel):
    """A line between the first screen and its preview; at the rows ``tees`` a rule of the first screen ends in it."""

    tees: tuple[int, ...] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        for y, row in enumerate(rows):
            glyphs = self.scene.glyphs
            row.put(0, glyphs.tee_left if y in self.tees else glyphs.axis if y else glyphs.tee_down, "rule")
        return rows


class PreviewPanel(SkuPanel):
    """Title, name and severity, SKU and phase, a row for each surface, the master."""

    FOLLOWS_CURSOR = True

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        title_rule(rows[0], -1, width, "Preview", light=glyphs.light, heavy=glyphs.heavy)
        sku = self.sku
        if sku is None or height < _AROUND:
            if height > 2:
                rows[2].put(2, "Nothing is under the cursor", "muted")
            return rows
        self._identity(rows[2], rows[3], sku, width)
        rows[5].put(4, "surface", "muted")
        rows[5].right(22, "shows", "muted")
        rows[5].right(32, "expected", "muted")
        rows[5].put(34, f"under {glyphs.axis} over", "muted")
        rows[5].right(width - 3, "read", "muted")
        for row, level in zip(rows[6 : height - 3], sku.levels, strict=False):
            self._level(row, level, width)
        self._master(rows[-2:], sku, width)
        return rows

    def _identity(self, first: Row, second: Row, sku: SkuPicture, width: int) -> None:
        line, scene = sku.line, self.scene
        worst = line.cells[line.worst] if line.worst >= 0 else None
        start = width - 2
        if worst is not None and line.severity is not Severity.NONE:
            ink = SEVERITY_INK[line.severity]
            off = "" if worst.deviation is None else f" {words.signed(worst.deviation)}"
            start = first.right(width - 3, f"{scene.glyphs.tone(ink)} {line.severity.word}{off}", ink, bold=True)
        name = line.name or line.sku
        first.put(2, words.cut(name, start - 4, scene.glyphs.ellipsis), "strong", bold=True)
        start = width - 2
        if line.phase is not Phase.NONE and line.severity > Severity.ORPHAN:
            since = "" if line.since is None else f" {words.age(scene.now - line.since)}"
            sign = phase_glyph(line.phase, scene.glyphs)
            start = second.right(
                width - 3, f"{sign} {line.phase.word}{since}".strip(), PHASE_INK.get(line.phase, "text")
            )
        currency = scene.picture.currency if scene.picture else ""
        said = [line.sku if line.name else ""]
        said.append("" if sku.price is None else words.price(sku.price, currency))
        said.append("" if sku.pace is None else f"{sku.pace:.3g} sold an hour")
        second.put(2, words.cut("   ".join(filter(None, said)), start - 4, scene.glyphs.ellipsis), "text")

    def _level(self, row: Row, level: LevelLine, width: int) -> None:
        scene, cell = self.scene, level.cell
        glyph, ink = level_tone(level, scene)
        off, unknown = cell.verdict in _DRIFTED, cell.verdict is Verdict.UNKNOWN
        row.put(2, glyph, ink)
        if unknown:
            start = row.right(22, scene.glyphs.unknown, "unknown")
            row.fill(34, 40, scene.glyphs.dotted, "track")
            row.put(40, scene.glyphs.axis, "muted")
            row.fill(41, 47, scene.glyphs.dotted, "track")
        else:
            said = words.short(cell.reported, 9) if isinstance(cell.reported, int) else cell.reported
            start = row.right(22, words.cut(said, 12), ink if off else "text", bold=off)
            axis(row, 34, cell.deviation if off else None, cell.severity, scene)
        title = words.short_title(level.surface, min(12, start - 5))
        row.put(4, title, "strong" if off or unknown else "text", bold=off or unknown)
        row.right(32, scene.glyphs.none if cell.expected is None else words.short(cell.expected, 9), "muted")
        row.right(width - 3, words.age(None if level.read_at is None else scene.now - level.read_at), "muted")

    def _master(self, rows: Sequence[Row], sku: SkuPicture, width: int) -> None:
        master = sku.line.master
        text = words.count(master) if isinstance(master, int) else master
        arithmetic = _NOTHING.sub("", sku.master_arithmetic)
        parts = [("master", "muted", False), (text, "strong", True), (f"= {arithmetic}", "muted", False)]
        if cell_len(arithmetic) == 0:
            parts.pop()
        flow(rows, 0, 2, width - 2, parts, 2, self.scene.glyphs.ellipsis)
