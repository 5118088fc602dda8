"""The SKU screen's left: by how much it is off, where, since when, what it may cost."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import digits, words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.glyphs import Glyphs
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.grid_line import deviation
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine, SkuPicture, Verdict

PHASE_INK = {
    Phase.IN_FLIGHT: "late",
    Phase.LATE: "late",
    Phase.NEW: "text",
    Phase.PERSISTENT: "strong",
    Phase.STUCK: "oversell",
}


def phase_glyph(phase: Phase, glyphs: Glyphs) -> str:
    """The sign of a phase that is a state of its own; of one that only says how long it lasts, none."""
    return {Phase.IN_FLIGHT: glyphs.in_flight, Phase.LATE: glyphs.late, Phase.STUCK: glyphs.oversell}.get(phase, "")


class SkuPanel(Panel):
    """A panel of the SKU screen."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.sku: SkuPicture | None = None


class SkuHero(SkuPanel):
    """Title, digits, words, phase and risk; at its right edge the divider, except where it stands alone."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        sku, glyphs = self.sku, self.scene.glyphs
        rows[0].fill(0, width, glyphs.light)
        if sku is None:
            return rows
        room = (DIVIDER if height > 2 else width) - 4
        name = words.cut(f"{sku.line.sku} {sku.line.name}".rstrip(), room - 10, glyphs.ellipsis)
        after = rows[0].put(1, " Watch / ", "muted")
        after = rows[0].put(after, name, "strong", bold=True)
        rows[0].put(after, " ", "muted")
        if height > 2:
            for y, row in enumerate(rows):
                row.put(DIVIDER, glyphs.axis if y else glyphs.tee_down, "rule")
            self._full(rows, sku)
        elif height > 1:
            self._line(rows[1], sku, width)
        return rows

    def _worst(self, sku: SkuPicture) -> tuple[Cell | None, str]:
        worst = sku.line.worst
        return (sku.levels[worst].cell, words.title(sku.levels[worst].surface)) if worst >= 0 else (None, "")

    def _state(self, sku: SkuPicture) -> tuple[str, str, str]:
        """Ink, glyph and word of the SKU as a whole."""
        severity, glyphs = sku.line.severity, self.scene.glyphs
        if severity is Severity.ORPHAN:
            return "late", glyphs.flag, "orphan"
        if severity is Severity.NONE and sku.line.unknown:
            return "unknown", glyphs.unknown, "unknown"
        if severity is Severity.NONE and sku.line.ignored:
            return "muted", glyphs.none, "ignored"
        if severity is Severity.NONE and not any(level.cell.verdict is Verdict.IN_SYNC for level in sku.levels):
            return "muted", glyphs.none, "not compared"
        if severity is Severity.NONE:
            return "ok", glyphs.ok, "in sync"
        return SEVERITY_INK[severity], glyphs.tone(SEVERITY_INK[severity]), severity.word

    def _full(self, rows: Sequence[Row], sku: SkuPicture) -> None:
        cell, surface = self._worst(sku)
        ink, glyph, word = self._state(sku)
        number = cell.deviation if cell is not None and cell.deviation is not None else None
        text = deviation(number, 6) if number is not None else "0" if ink == "ok" else "?" if ink == "unknown" else ""
        shapes = digits.big(text, self.scene.glyphs.block)
        for y, shape in enumerate(shapes):
            rows[2 + y].put(2, shape, ink)
        if not shapes and text:
            rows[4].put(2, text, ink, bold=True)
        x = max(12, min(2 + (len(shapes[0]) if shapes else 6) + 4, 21))
        rows[2].put(x, f"{glyph} {word}", ink, bold=True)
        if cell is not None:
            rows[3].put(x, f"on {surface}"[: DIVIDER - x - 1])
            after = rows[5].put(x, "shows ", "muted")
            rows[5].put(after, _said(cell.reported), "strong", bold=True)
            if cell.expected is not None:
                after = rows[6].put(x, "should be ", "muted")
                rows[6].put(after, words.count(cell.expected), "strong", bold=True)
        self._facts(rows[8], rows[9], sku)

    def _facts(self, first: Row, second: Row, sku: SkuPicture) -> None:
        line = sku.line
        if line.phase is not Phase.NONE and line.severity > Severity.ORPHAN:
            ink = PHASE_INK.get(line.phase, "text")
            sign = phase_glyph(line.phase, self.scene.glyphs)
            after = first.put(2, f"{sign} {line.phase.word}".strip(), ink, bold=line.phase is Phase.STUCK)
            if line.since is not None:
                first.put(after + 1, words.age(self.scene.now - line.since))
        if line.out_in is not None:
            text = words.out_in(line.out_in)
            after = first.put(22, "out " if text == "now" else "out in ", "muted")
            first.put(after, text, "oversell" if text == "now" else "strong", bold=True)
        if sku.pace is not None:
            second.put(2, f"{sku.pace:.3g} an hour", "muted")
        if line.at_risk is not None and line.severity > Severity.UNDER:
            after = second.put(22, "at risk ", "muted")
            second.put(after, self._money(line.at_risk), "strong", bold=True)
        elif sku.price is not None:
            second.put(second.put(22, "price ", "muted"), self._price(sku.price), "text")

    def _price(self, amount: float) -> str:
        return words.price(amount, self.scene.picture.currency if self.scene.picture else "")

    def _money(self, amount: float) -> str:
        return words.money(amount, self.scene.picture.currency if self.scene.picture else "")

    def _line(self, row: Row, sku: SkuPicture, width: int) -> None:
        cell, surface = self._worst(sku)
        ink, glyph, word = self._state(sku)
        after = row.put(1, f"{glyph} {word}", ink, bold=True)
        if cell is None:
            return
        if cell.deviation is not None:
            after = row.put(after + 1, words.signed(cell.deviation), ink, bold=True)
        expected = "" if cell.expected is None else f", should be {words.count(cell.expected)}"
        after = row.put(after + 2, words.cut(f"{surface} shows {_said(cell.reported)}{expected}", width - after - 3))
        for text, ink in self._also(sku.line):
            if after + 3 + len(text) >= width:  # what matters most comes first
                return
            after = row.put(after + 3, text, ink)

    def _also(self, line: SkuLine) -> list[tuple[str, str]]:
        """Since when, how long it lasts and what it may cost, where there is one row for all."""
        found = []
        if line.phase is not Phase.NONE and line.severity > Severity.ORPHAN:
            since = "" if line.since is None else f" {words.age(self.scene.now - line.since)}"
            sign = phase_glyph(line.phase, self.scene.glyphs)
            found.append((f"{sign} {line.phase.word}{since}".strip(), PHASE_INK.get(line.phase, "text")))
        if line.out_in is not None:
            text = words.out_in(line.out_in)
            found.append(
                (f"out {text}" if text == "now" else f"out in {text}", "oversell" if text == "now" else "text")
            )
        if line.at_risk is not None and line.severity > Severity.UNDER:
            found.append((f"at risk {self._money(line.at_risk)}", "text"))
        return found


def _said(level: int | str) -> str:
    return words.count(level) if isinstance(level, int) else level
