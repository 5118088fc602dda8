"""The SKU screen's right: what each surface shows, what it should, and by which arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.grid_line import axis, deviation
from stockdrift.console.widgets.sku_hero import PHASE_INK, SkuPanel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import LevelLine, Phase, Verdict

_DRIFTED = (Verdict.DRIFTED, Verdict.IN_FLIGHT)


def level_tone(level: LevelLine, scene: Scene) -> tuple[str, str]:
    """Glyph and colour of a level."""
    verdict, glyphs = level.cell.verdict, scene.glyphs
    if verdict in _DRIFTED:
        ink = SEVERITY_INK[level.cell.severity]
        return glyphs.tone(ink), ink
    if verdict is Verdict.UNKNOWN:
        return glyphs.unknown, "unknown"
    return (glyphs.ok, "ok") if verdict is Verdict.IN_SYNC else (glyphs.none, "muted")


class LevelsPanel(SkuPanel):
    """A row for each surface; below it the master's own arithmetic and why. Narrow, arithmetic and axis go."""

    position = ""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        title_rule(rows[0], -1, width, "", self.position, light=glyphs.light)
        if self.sku is None:
            return rows
        wide = width >= 72
        self._heads(rows[1], wide, width)
        y = 2
        for level in self.sku.levels[: max(1, height - 5)]:
            self._level(rows[y], level, wide, width)
            y += 1
        self._master(rows[max(y, height - 3) :], width)
        return rows

    def _heads(self, row: Row, wide: bool, width: int) -> None:
        row.put(3, "surface", "muted")
        row.right(21, "shows", "muted")
        row.right(31, "expected", "muted")
        if wide:
            row.put(34, "under    over", "muted")
        row.right(54 if wide else 41, "read", "muted")
        if width >= 64:
            row.put(57 if wide else 44, "arithmetic", "muted")

    def _level(self, row: Row, level: LevelLine, wide: bool, width: int) -> None:
        scene, cell = self.scene, level.cell
        glyph, ink = level_tone(level, scene)
        off, unknown = cell.verdict in _DRIFTED, cell.verdict is Verdict.UNKNOWN
        row.put(1, glyph, ink)
        row.put(3, words.cut(words.title(level.surface), 12, scene.glyphs.ellipsis), "strong" if off or unknown
                else "text", bold=off or unknown)  # fmt: skip
        if unknown:
            row.right(21, f"{scene.glyphs.unknown} unknown", "unknown")
        else:
            said = words.short(cell.reported, 9) if isinstance(cell.reported, int) else cell.reported
            counted = off or isinstance(cell.reported, int)
            row.right(21, said, ink if off else "strong" if counted else "muted", bold=counted)
        expected = scene.glyphs.none if cell.expected is None else words.short(cell.expected, 9)
        row.right(31, expected, "muted")
        x = 41
        if wide:
            x = 54
            axis(row, 34, cell.deviation if off else None, cell.severity, scene)
            if unknown:
                row.fill(34, 40, scene.glyphs.dotted, "track")
                row.fill(41, 47, scene.glyphs.dotted, "track")
        read = None if level.read_at is None else scene.now - level.read_at
        late = off and level.phase is Phase.LATE
        row.right(x, words.age(read), "late" if late else "muted", bold=late)
        if width >= 64:
            row.put(x + 3, words.cut(level.arithmetic, width - x - 5, scene.glyphs.ellipsis), "muted")

    def _master(self, rows: Sequence[Row], width: int) -> None:
        sku, scene = self.sku, self.scene
        if sku is None or len(rows) < 2:
            return
        master = sku.line.master
        read = "" if sku.master_read_at is None else f", read {words.age(scene.now - sku.master_read_at)} ago"
        lines = 2 if cell_len(sku.why) > width - 3 and len(rows) > 2 else 1
        row = rows[-1 - lines]
        after = row.put(1, "master ", "muted")
        after = row.put(after, words.count(master) if isinstance(master, int) else master, "strong", bold=True)
        sum_of = words.cut(f" = {sku.master_arithmetic}{read}", width - after - 2, scene.glyphs.ellipsis)
        row.put(after, sum_of, "muted")
        flow(rows[-lines:], 0, 1, width - 2, [(sku.why, "text", False)], lines, scene.glyphs.ellipsis)


class LevelFacts(SkuPanel):
    """A row for each surface: how it is judged, since when, by which tolerance, when it was read and as of when."""

    COLUMNS: ClassVar[tuple[tuple[int, str], ...]] = (
        (2, "surface"),
        (17, "verdict"),
        (32, "phase"),
        (49, "since"),
        (52, "off"),
        (60, "read at"),
        (70, "as of"),
        (80, "tolerance"),
    )

    below_divider = False

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        title_rule(rows[0], 0, width, "How each surface is judged", light=glyphs.light)
        if self.below_divider:
            rows[0].put(DIVIDER, glyphs.tee_up, "rule")
        if self.sku is None or height < 2:
            return rows
        for x, head in self.COLUMNS:
            if head == "since":
                rows[1].right(x, head, "muted")
            elif x + len(head) < width:
                rows[1].put(x, head, "muted")
        for row, level in zip(rows[2:], self.sku.levels, strict=False):
            self._level(row, level, width)
        return rows

    def _level(self, row: Row, level: LevelLine, width: int) -> None:
        scene, cell = self.scene, level.cell
        glyph, ink = level_tone(level, scene)
        row.put(2, words.cut(words.title(level.surface), 14, scene.glyphs.ellipsis), "strong", bold=True)
        row.put(17, f"{glyph} {cell.verdict.word}", ink)
        if level.phase is not Phase.NONE and cell.verdict in _DRIFTED:
            row.put(32, level.phase.word, PHASE_INK.get(level.phase, "text"))
            if level.since is not None:
                row.right(49, words.age(scene.now - level.since), "text")
        if cell.deviation and cell.verdict in _DRIFTED:
            row.put(52, deviation(cell.deviation, 6), ink, bold=True)
        row.put(60, _time(level.read_at, scene), "text")
        row.put(70, _time(level.as_of, scene), "text")
        tail = level.tolerance + (f"; {cell.reason}" if cell.reason else "")
        if cell.verdict is Verdict.UNKNOWN and cell.reported != "unknown":
            tail += f"; last known {cell.reported}"
        if width > 90:
            row.put(80, words.cut(tail, width - 82, scene.glyphs.ellipsis), "muted")


def _time(at: int | None, scene: Scene) -> str:
    return scene.glyphs.none if at is None else words.clock(at, scene.zone)
