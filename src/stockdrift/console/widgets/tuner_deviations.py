"""The tuner's middle: SKUs by the size of their deviation, and those that would no longer drift."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.console.widgets.tuner_panels import TunerPanel
from stockdrift.stock.picture import Severity, SkuLine
from stockdrift.stock.tuning import BINS
from stockdrift.stock.words import several


class Histogram(TunerPanel):
    """SKUs by the size of their deviation: those that would leave thinly drawn, those that would drift on in colour."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """A title, bars with their counts, the axis, the sizes."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, prospect = self.scene.glyphs, self.tuner.prospect
        title_rule(rows[0], 0, width, "SKUs by size of their deviation", focused=True, light=glyphs.light,
                   heavy=glyphs.heavy)  # fmt: skip
        bars = prospect.bars if prospect is not None else ()
        tall, step = height - 7, max(4, (width - 6) // max(1, len(bars) or 14))
        most = max((bar.leaving + bar.staying for bar in bars), default=0)
        if tall < 2:
            return rows
        base = height - 4
        rows[base].fill(5, min(width - 1, 6 + step * len(bars)), "▔" if glyphs.heavy == "━" else glyphs.light)
        rows[base].right(3, "0", "muted")
        if most:
            rows[base - tall].right(3, words.short(most, 4), "muted")
        if not most:
            rows[base - tall // 2].put(7, self.waiting or "Nothing is off by a quantity", "muted")
        for place, bar in enumerate(bars):
            x = 6 + place * step
            if x + step > width:
                break
            self._bar(rows, x, step - 1, base, tall, bar.leaving, bar.staying, most)
            label = f"{bar.least}+" if bar.least > 10 else str(bar.least)
            rows[base + 1].put(x + max(0, (step - 1 - len(label)) // 2), label, "muted")
        if most:
            self._line(rows, base, step)
        rows[base + 2].right(min(width - 4, 6 + step * len(bars)), "units from expected", "muted")
        return rows

    def _line(self, rows: Sequence[Row], base: int, step: int) -> None:
        """What is looked at, between what it allows and what it does not."""
        tuner = self.tuner
        place = next((place for place, least in enumerate(BINS) if least > tuner.chosen.units), len(BINS))
        if tuner.percent or not place or not tuner.chosen.units:
            return
        x = 5 + place * step
        for row in rows[1:base]:
            row.put(x, self.scene.glyphs.line, "accent", bold=True)
        rows[1].put(x + 1, f" {several(tuner.chosen.units, 'unit')}"[: max(0, rows[1].width - x - 1)], "accent",
                    bold=True)  # fmt: skip

    def _bar(
        self, rows: Sequence[Row], x: int, wide: int, base: int, tall: int, leaving: int, staying: int, most: int
    ) -> None:
        count = leaving + staying
        if not count:
            return
        sparks = self.scene.glyphs.sparks
        eighths = max(1, round(count * tall * len(sparks) / most))
        grey = round(leaving * tall * len(sparks) / most)
        full, part = divmod(eighths, len(sparks))
        for y in range(full + bool(part)):
            leaves = (y + 1) * len(sparks) <= grey or not staying
            glyph = self.scene.glyphs.hidden if leaves else sparks[-1] if y < full else sparks[part - 1]
            rows[base - 1 - y].fill(x, x + wide, glyph, "muted" if leaves else "over")
        top = base - 1 - full - bool(part)
        text = words.short(count, wide)
        rows[top].put(x + (wide - len(text)) // 2, text, "strong" if staying else "muted")


class LeavingPanel(TunerPanel):
    """The SKUs that would no longer drift, the most dangerous first."""

    lines: Sequence[SkuLine] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """A head, and a row for each as long as there is room."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, outlook = self.scene.glyphs, self.tuner.outlook
        beside = self.region.x > 0
        count = 0 if outlook is None else len(outlook.leaving)
        text = f"would leave {words.count(count)}" if outlook is not None else "would leave"
        if beside:
            rows[0].fill(0, width, glyphs.heavy, "accent")
            rows[0].put(0, glyphs.turn, "accent")
            for row in rows[1:]:
                row.put(0, glyphs.axis, "rule")
            self._legend(rows[0], width)
            rows[1].put(2, text, "strong", bold=True)
            rows[1].right(width - 11, "off", "muted")
            rows[1].right(width - 2, "out in", "muted")
        else:
            title_rule(rows[0], 0, width, text, light=glyphs.light, heavy=glyphs.heavy)
        room = height - (2 if beside else 1)
        shown = self.lines[: room if count <= room else room - 1]
        for y, line in enumerate(shown, height - room):
            row = rows[y]
            ink = SEVERITY_INK[line.severity]
            row.put(2, f"{glyphs.tone(ink)} {line.severity.word}", ink, bold=line.severity is Severity.OVERSELL)
            row.put(14, words.cut_middle(line.sku, width - 30), "strong", bold=True)
            off = max((one.deviation for one in line.cells if one.deviation is not None), key=abs, default=None)
            row.right(width - 11, "" if off is None else words.signed(off), "over" if (off or 0) > 0 else "under")
            row.right(width - 2, words.out_in(line.out_in), "muted")
        if count > len(shown) and room > 0:
            rows[-1].put(2, f"and {words.count(count - len(shown))} more", "muted")
        return rows

    def _legend(self, row: Row, width: int) -> None:
        glyphs = self.scene.glyphs
        at = row.right(width - 3, " still drift ", "over")
        at = row.right(at - 1, f" {glyphs.sparks[-1]}", "over")
        at = row.right(at - 1, " would leave ", "muted")
        row.right(at - 1, f" {glyphs.hidden}", "muted")
