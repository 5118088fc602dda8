"""The panels of the tuner: how many would drift, where it applies, who would leave, what each tolerance would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.cells import cell_len
from textual.events import Click
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.digits import big
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.tuner import UNITS, Tuner, short
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.rules import Scope, Tolerance

_ROOMY = 72  # cells from which on there is room for whole words
_RULE = (
    "The most specific wins: SKU on surface, SKU, surface, store. None applies where nothing is left: "
    "no oversell is ever hidden."
)


class TunerPanel(Panel):
    """A panel of the tuner. ``clickable`` is what stands in which of its rows, by their number."""

    class Chosen(Message):
        """A scope was clicked, by its place, or a tolerance."""

        def __init__(self, chosen: int | Tolerance) -> None:
            super().__init__()
            self.chosen = chosen

    def __init__(self, scene: Scene, tuner: Tuner, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.tuner = tuner
        self.waiting = ""  # why there is no prospect
        self.clickable: dict[int, int | Tolerance] = {}

    def on_click(self, event: Click) -> None:
        """Says what was clicked."""
        if event.y in self.clickable:
            self.post_message(self.Chosen(self.clickable[event.y]))

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
        glyph, changes = self.scene.glyphs.in_flight, self.tuner.changes
        for text in (f" {glyph} preview, not applied ", f" {glyph} not applied ") if changes else (" as it is now ",):
            if after + cell_len(text) + 3 < width:
                row.right(width - 3, text, "late" if changes else "muted", bold=changes)
                break

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
        self.clickable = {2 + y: first + y for y in range(min(room, len(tuner.scopes) - first))}
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
        self.clickable = {y: one.tolerance for y, one in enumerate(prospect.outlooks[first:last], 2)}
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
            self._said(row, after + (24 if width >= _ROOMY else 22), width, outlook.tolerance, here=here)
        return rows

    def _risk(self, risk: float | None) -> str:
        picture = self.scene.picture
        if risk is None or picture is None:
            return self.scene.glyphs.none
        return words.money(risk, picture.currency, 10)

    def _said(self, row: Row, x: int, width: int, tolerance: Tolerance, *, here: bool) -> None:
        if here and self.tuner.changes:
            after = row.put(x, self.scene.key("open"), "accent", bold=True)
            row.put(after + 1, f"apply to {self.subject}" if width >= _ROOMY else "apply", "text")
        elif tolerance == self.tuner.held:
            row.put(x, "applied now" if width >= _ROOMY else "now", "muted")
