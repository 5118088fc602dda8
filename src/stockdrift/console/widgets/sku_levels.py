"""The SKU screen's right: what each surface shows, what it should, and by which arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.links import link_of
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.grid_line import axis
from stockdrift.console.widgets.sku_hero import PHASE_INK, SkuPanel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import LevelLine, Phase, Verdict
from stockdrift.stock.reading import MASTER

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
    chosen = False

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        title_rule(rows[0], -1, width, "", self.position, focused=self.chosen, light=glyphs.light, heavy=glyphs.heavy)
        if self.sku is None or height < 2:
            return rows
        wide = width >= 72
        self._heads(rows[1], wide, width)
        y = 2
        for level in self.sku.levels[: max(1, height - 5) if height > 2 else 0]:
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
        differs = off or unknown
        said = words.short(cell.reported, 9) if isinstance(cell.reported, int) else cell.reported
        if unknown:
            said = f"{scene.glyphs.unknown} unknown"
        name_ink = "strong" if differs else "text"
        room = min(12, 21 - cell_len(said) - 3)
        after = row.put(3, words.short_title(level.surface, room), name_ink, bold=differs)
        row.link(3, after, self._link(level.surface), name_ink, bold=differs)
        counted = off or isinstance(cell.reported, int)
        shows = "unknown" if unknown else ink if off else "strong" if counted else "muted"
        row.right(21, said, shows, bold=counted and not unknown)
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

    def _link(self, surface: str) -> str:
        """Where the SKU is in that control panel; empty where the settings name none."""
        template = self.scene.links.get(surface, "")
        return link_of(template, self.sku.line.sku) if template and self.sku is not None else ""

    def _master(self, rows: Sequence[Row], width: int) -> None:
        sku, scene = self.sku, self.scene
        if sku is None or len(rows) < 2:
            return
        master = sku.line.master
        read = "" if sku.master_read_at is None else f", read {words.age(scene.now - sku.master_read_at)} ago"
        lines = 2 if cell_len(sku.why) > width - 3 and len(rows) > 2 else 1
        row = rows[-1 - lines]
        after = row.put(1, "master ", "muted")
        row.link(1, after - 1, self._link(MASTER), "muted")
        after = row.put(after, words.count(master) if isinstance(master, int) else master, "strong", bold=True)
        room = width - after - 2
        sums = (f"{sku.master_arithmetic}{read}", sku.master_arithmetic, _NOTHING.sub("", sku.master_arithmetic))
        fits = next((one for one in sums if cell_len(one) + 3 <= room), sums[-1])
        row.put(after, words.cut(f" = {fits}", room, scene.glyphs.ellipsis), "muted")
        flow(rows[-lines:], 0, 1, width - 2, [(sku.why, "text", False)], lines, scene.glyphs.ellipsis)


_NOTHING: Final = re.compile(r" − 0 [a-z]+")  # parts that take nothing away


class JudgedPanel(SkuPanel):
    """A row for each surface: how it is judged, since when, by which tolerance; with room, when read and why."""

    WIDE: ClassVar[int] = 90
    chosen = False

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        start = 0 if self.region.x == 0 else -1
        title_rule(rows[0], start, width, "Judged", focused=self.chosen, light=glyphs.light, heavy=glyphs.heavy)
        if self.sku is None:
            return rows
        body = rows[1:]
        if len(body) > len(self.sku.levels):
            self._heads(body[0], width)
            body = body[1:]
        for row, level in zip(body, self.sku.levels, strict=False):
            self._level(row, level, width)
        return rows

    def _heads(self, row: Row, width: int) -> None:
        row.put(2, "surface", "muted")
        row.put(15, "judged", "muted")
        row.right(33, "since", "muted")
        row.put(36, "tolerance", "muted")
        if width >= self.WIDE:
            row.put(62, "read at", "muted")
            row.put(72, "as of", "muted")

    def _level(self, row: Row, level: LevelLine, width: int) -> None:
        scene, cell = self.scene, level.cell
        glyph, ink = level_tone(level, scene)
        row.put(2, words.short_title(level.surface, 12), "text")
        drifted = cell.verdict in _DRIFTED
        word = level.phase.word if drifted and level.phase is not Phase.NONE else cell.verdict.word
        row.put(15, f"{glyph} {word}", (PHASE_INK.get(level.phase, "text") if word == level.phase.word else ink))
        if drifted and level.since is not None:
            row.right(33, words.age(scene.now - level.since), "text")
        wide = width >= self.WIDE
        said = level.tolerance if wide or width >= 36 + len(level.tolerance) else level.tolerance.split(",")[0]
        row.put(36, words.cut(said, 25 if wide else width - 37, scene.glyphs.ellipsis), "muted")
        if wide:
            row.put(62, _time(level.read_at, scene), "text")
            row.put(72, _time(level.as_of, scene), "text")
            known = cell.verdict is Verdict.UNKNOWN and cell.reported != "unknown"
            why = "; ".join(filter(None, (cell.reason, f"last known {cell.reported}" if known else "")))
            row.put(82, words.cut(why, width - 84, scene.glyphs.ellipsis), "muted")


def _time(at: int | None, scene: Scene) -> str:
    return scene.glyphs.none if at is None else words.clock(at, scene.zone)
