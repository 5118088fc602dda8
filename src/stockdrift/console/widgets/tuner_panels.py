"""The panels of the tuner: how many would drift, where it applies, who would leave, what each tolerance would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.digits import big
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.tuner import UNITS, Tuner, short
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import Severity, SkuLine
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.tuning import BINS
from stockdrift.stock.words import several

_RULE = (
    "The most specific wins: SKU on surface, SKU, surface, store. None applies where nothing is left: "
    "no oversell is ever hidden."
)


class TunerPanel(Panel):
    """A panel of the tuner."""

    def __init__(self, scene: Scene, tuner: Tuner, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.tuner = tuner
        self.waiting = ""  # why there is no prospect

    @property
    def subject(self) -> str:
        """What is tuned, as people call it."""
        return scope_name(self.tuner.scope)


def scope_name(scope: Scope) -> str:
    """The store, a surface by its title, a SKU, a SKU on a surface."""
    if scope.sku:
        return f"{scope.sku} on {words.title(scope.surface)}" if scope.surface else scope.sku
    return words.title(scope.surface) if scope.surface else "store"


class TunerHero(TunerPanel):
    """Title, digits, words and the slider; in few rows a line and the slider."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        rows[0].fill(0, width, glyphs.light)
        after = rows[0].put(1, " Watch / ", "muted")
        after = rows[0].put(after, "Tolerance", "strong", bold=True)
        named = "the store" if self.tuner.scope == Scope() else self.subject
        after = rows[0].put(after, f" of {words.cut(named, width - after - 5, glyphs.ellipsis)} ", "muted")
        if height >= 10:
            for y, row in enumerate(rows):
                row.put(width - 1, glyphs.axis if y else glyphs.tee_down, "rule")
            self._full(rows)
        else:
            self._preview(rows[0], width, after)
            self._lines(rows, width)
        return rows

    def _preview(self, row: Row, width: int, after: int) -> None:
        text = f" {self.scene.glyphs.in_flight} preview, not applied " if self.tuner.changes else " as it is now "
        if after + cell_len(text) + 3 < width:
            row.right(width - 3, text, "late" if self.tuner.changes else "muted", bold=self.tuner.changes)

    def _ink(self) -> str:
        outlook = self.tuner.outlook
        return "muted" if outlook is None else "over" if outlook.drifting else "ok"

    def _full(self, rows: Sequence[Row]) -> None:
        prospect, outlook = self.tuner.prospect, self.tuner.outlook
        count = self.scene.glyphs.unknown if outlook is None else str(outlook.drifting)
        shape = big(count, self.scene.glyphs.block)
        for y, line in enumerate(shape):
            rows[2 + y].put(2, line, self._ink())
        if not shape:
            rows[4].put(2, words.count(outlook.drifting if outlook else 0), self._ink(), bold=True)
        rows[2].put(21, "would drift", "strong", bold=True)
        if prospect is not None and outlook is not None:
            after = rows[3].put(21, "now ", "muted")
            rows[3].put(after, words.count(prospect.now), "strong", bold=True)
            after = rows[5].put(21, words.count(len(outlook.leaving)), "strong", bold=True)
            rows[5].put(after, " would leave", "muted")
            if len(outlook.joining):
                after = rows[6].put(21, words.count(len(outlook.joining)), "over", bold=True)
                rows[6].put(after, " would join", "muted")
            elif prospect.beyond:
                after = rows[6].put(21, f"{self.scene.glyphs.oversell} {words.count(prospect.beyond)}", "oversell")
                rows[6].put(after, " in any case", "muted")
        else:
            rows[3].put(21, words.cut(self.waiting, DIVIDER - 22), "muted")
        self._slider(rows[8], 2)
        unit = "per cent" if self.tuner.percent else "units"
        rows[9].put(2, f"{unit}, applied now: {short(self.tuner.held)}", "muted")

    def _lines(self, rows: Sequence[Row], width: int) -> None:
        prospect, outlook = self.tuner.prospect, self.tuner.outlook
        if len(rows) > 1 and prospect is not None and outlook is not None:
            after = rows[1].put(1, words.count(outlook.drifting), self._ink(), bold=True)
            after = rows[1].put(after, " would drift", "strong", bold=True)
            said = [f"now {words.count(prospect.now)}", f"{words.count(len(outlook.leaving))} would leave"]
            if len(outlook.joining):
                said.append(f"{words.count(len(outlook.joining))} would join")
            if prospect.beyond:
                said.append(f"{self.scene.glyphs.oversell} {words.count(prospect.beyond)} in any case")
            rows[1].put(after + 2, words.fitting(said, width - after - 3), "muted")
        elif len(rows) > 1:
            rows[1].put(1, words.cut(self.waiting, width - 2), "muted")
        if len(rows) > 2:
            after = self._slider(rows[2], 1)
            unit = "per cent" if self.tuner.percent else "units"
            rows[2].put(after + 3, f"{unit}, now {short(self.tuner.held)}", "muted")

    def _slider(self, row: Row, x: int) -> int:
        """− 0 1 2 3 +, with what is looked at on its own ground; what is not among the steps stands at its place."""
        tuner = self.tuner
        x = row.put(x, self.scene.glyphs.minus, "accent", bold=True) + 2
        steps = [Tolerance(tuner.chosen.units, percent * 100) for percent in (0, 1, 2, 5, 10, 20)]
        if not tuner.percent:
            steps = [Tolerance(units) for units in (*UNITS[:6], 6, 8)]
        steps = sorted({*steps, tuner.chosen}, key=lambda one: (one.percent, one.units))
        for step in steps:
            text = f"{step.percent / 100:g}" if tuner.percent else words.count(step.units)
            if step == tuner.chosen:
                x = row.put(x, f" {text} ", "accent", bold=True, on="cursor") + 1
            else:
                x = row.put(x, text, "muted") + 2
        return row.put(x, "+", "accent", bold=True)


class ScopesPanel(TunerPanel):
    """Where it applies: what is set there, what would be, and how many levels would no longer drift. ``held`` is what
    is set of exactly each scope.
    """

    held: Mapping[Scope, Tolerance | None] = MappingProxyType({})

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, tuner, outlook = self.scene.glyphs, self.tuner, self.tuner.outlook
        rows[0].fill(0, width, glyphs.light)
        text = f" {glyphs.in_flight} preview, not applied " if tuner.changes else " as it is now "
        rows[0].right(width - 3, text, "late" if tuner.changes else "muted", bold=tuner.changes)
        held_edge, then_edge, leave_edge = width - 56, width - 46, width - 30
        if height > 1:
            rows[1].put(3, "applies to", "muted")
            rows[1].right(held_edge, "now", "muted")
            rows[1].right(then_edge, "then", "muted")
            rows[1].right(leave_edge, "would leave", "muted")
        names = [one.name for one in self.scene.picture.surfaces] if self.scene.picture else []
        room = max(0, height - 5)
        first = max(0, min(tuner.place - room + 1, len(tuner.scopes) - room))
        for y, (place, scope) in enumerate(list(enumerate(tuner.scopes))[first : first + room], 2):
            row, here = rows[y], place == tuner.place
            if here:
                row.put(0, glyphs.cursor, "accent", bold=True)
            row.put(3, words.cut(scope_name(scope), held_edge - 10, glyphs.ellipsis), "strong" if here else "text",
                    bold=here)  # fmt: skip
            row.right(held_edge, self._held(scope), "muted")
            if here:
                row.right(then_edge, short(tuner.chosen), "accent", bold=True)
                leaves = glyphs.unknown if outlook is None else words.count(len(outlook.leaving))
                row.right(leave_edge, leaves, "strong", bold=True)
            elif tuner.scope == Scope() and not scope.sku and scope.surface in names and outlook is not None:
                row.right(leave_edge, words.count(outlook.leaving_on[names.index(scope.surface)]), "muted")
        flow(rows[height - 3 :], 0, 1, width - 2, [(_RULE, "muted", False)], 2, glyphs.ellipsis)
        return rows

    def _held(self, scope: Scope) -> str:
        held = self.held.get(scope)
        return "not set" if held is None else short(held)


class Histogram(TunerPanel):
    """SKUs by the size of their deviation: those that would leave in grey, those that would drift on in colour."""

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
            glyph = sparks[-1] if y < full else sparks[part - 1]
            ink = "track" if (y + 1) * len(sparks) <= grey or not staying else "over"
            rows[base - 1 - y].fill(x, x + wide, glyph, ink)
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
        row.right(at - 1, f" {glyphs.sparks[-1]}", "track")


class WhatIf(TunerPanel):
    """A row for each tolerance: how many would drift, how many would leave, and what they put at risk."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, tuner, prospect = self.scene.glyphs, self.tuner, self.tuner.prospect
        title_rule(rows[0], 0, width, "What each tolerance would do", light=glyphs.light, heavy=glyphs.heavy)
        wide = width >= 104
        bar, after = (26, 58) if wide else (26, 26)
        if height < 2 or prospect is None:
            return rows
        head = rows[1]
        head.right(8 if wide else 9, "per cent" if tuner.percent else "units", "muted")
        head.right(24 if wide else 22, "would drift", "muted")
        head.right(after + 8, "leave", "muted")
        head.right(after + 20, "leave risk" if wide else "risk", "muted")
        first, last = tuner.row_of(height - 2)
        most = max([prospect.now, *(one.drifting for one in prospect.outlooks)]) or 1
        for y, outlook in enumerate(prospect.outlooks[first:last], 2):
            here = outlook.tolerance == tuner.chosen
            row = rows[y] = self.row(width, "cursor") if here else rows[y]
            if here:
                row.put(0, glyphs.cursor, "accent")
            row.right(8 if wide else 9, short(outlook.tolerance), "accent" if here else "text", bold=here)
            row.right(24 if wide else 22, words.count(outlook.drifting), "strong", bold=True)
            if wide:
                cells = round(outlook.drifting * 32 / most)
                row.fill(bar, bar + cells, glyphs.heavy, "over")
                row.fill(bar + cells, bar + 32, glyphs.light)
            row.right(after + 8, words.count(len(outlook.leaving)), "text" if len(outlook.leaving) else "muted")
            row.right(after + 20, self._risk(outlook.risk), "text" if outlook.risk else "muted")
            self._said(row, after + 24, width, outlook.tolerance, here=here)
        return rows

    def _risk(self, risk: float | None) -> str:
        picture = self.scene.picture
        if risk is None or picture is None:
            return self.scene.glyphs.none
        return words.money(risk, picture.currency, 10)

    def _said(self, row: Row, x: int, width: int, tolerance: Tolerance, *, here: bool) -> None:
        if here and self.tuner.changes:
            after = row.put(x, self.scene.key("open"), "accent", bold=True)
            row.put(after + 1, words.cut(f"apply to {self.subject}", width - after - 2), "text")
        elif tolerance == self.tuner.held:
            row.put(x, words.cut("applied now", width - x - 1), "muted")
