"""How levels went: the master and the surfaces that differ from it, as steps over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from stockdrift.console import plot, words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.sku_hero import SkuPanel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import SkuPicture, Verdict
from stockdrift.stock.reading import MASTER
from stockdrift.stock.timeline import SkuHistory, TimelineEvent, level_at

_LEFT, _RIGHT = 5, 17  # cells left and right of the plot
_DAY: Final = 86_400_000
_LEAST_SPAN: Final = 60_000
_MOST_LINES: Final = 3  # besides the master
_LEAST_CELLS: Final = 10
_DRIFTED: Final = (Verdict.DRIFTED, Verdict.IN_FLIGHT)
_MARKED: Final = ("failed", "partial", "recovered", "drift", "missed")
_MARK_GAP: Final = 2


class Curve(Struct, frozen=True):
    """One line of the plot; ``now`` is what it stands at, None where that is not known or no quantity."""

    name: str
    ink: str
    steps: plot.Steps
    now: int | None


class StepPlot(SkuPanel):
    """Title with its legend, marks, plot, times. To its right stands what each line is at now, and how far off."""

    FOLLOWS_CURSOR = True

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.history: SkuHistory | None = None
        self.missing = ""
        self.failed = False
        self.below_divider = False
        self.chosen = False
        self._drawn: tuple[object, plot.Canvas] | None = None

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        scene, glyphs, history = self.scene, self.scene.glyphs, self.history
        title = "Levels" if history is None or history.begin is None else f"Levels {self._since(history)}"
        start = 0 if self.region.x == 0 else -1
        title_rule(rows[0], start, width, title, focused=self.chosen, light=glyphs.light, heavy=glyphs.heavy)
        if self.below_divider and not self.chosen:
            rows[0].put(DIVIDER, glyphs.tee_up, "rule")
        cells, body = width - _LEFT - _RIGHT, rows[2 : height - 1]
        if self.sku is None or history is None or history.begin is None or self.missing:
            self._say(rows, width, self.missing or "The journal says nothing of it yet")
            return rows
        curves = curves_of(self.sku, history, scene.now)
        self._legend(rows[0], curves, width, cell_len(title) + 4)
        begin = max(history.begin, scene.now - _DAY)
        begin, end = plot.window(begin, scene.now, 2 * cells, _LEAST_SPAN)
        values = [value for curve in curves for at, value in _within(curve.steps, begin, end) if value is not None]
        if len(body) < 3 or cells < _LEAST_CELLS:
            self._say(rows, width, "There is no room for the plot here")
            return rows
        if not values:
            self._say(rows, width, f"Nothing was known of its levels {self._since(history)}")
            return rows
        low = min(0, *values)
        scale = plot.Scale(low, max(*values, low + 4), len(body))
        for value in plot.ticks(scale.low, scale.top, max(1, min(4, len(body) // 3))):
            row = body[scale.row(value)]
            row.fill(_LEFT, _LEFT + cells, glyphs.dotted, "track")
            row.right(_LEFT - 2, words.short(value, 4), "muted")
        self._marks(rows[1], body, history, begin, end, cells)
        self._lines(body, curves, begin, end, scale, cells)
        self._labels(body, curves, scale, _LEFT + cells + 1)
        for at in plot.time_ticks(begin, end, scene.zone, max(1, cells // 16)):
            x = _LEFT + plot.place(at, begin, end, cells) - 2
            if _LEFT <= x <= _LEFT + cells - 5:
                rows[-1].put(x, words.minute(at, scene.zone), "muted")
        return rows

    def _since(self, history: SkuHistory) -> str:
        scene = self.scene
        if history.begin is None:
            return ""
        begin = max(history.begin, scene.now - _DAY)
        if words.day(begin, scene.zone) == words.day(scene.now, scene.zone):
            return "today"
        return f"of the last {words.age(max(_LEAST_SPAN, scene.now - begin))}"

    def _say(self, rows: Sequence[Row], width: int, text: str) -> None:
        if len(rows) > 1:
            row = rows[len(rows) // 2]
            row.put(2, words.cut(text, width - 4, self.scene.glyphs.ellipsis), "unknown" if self.failed else "muted")

    def _legend(self, row: Row, curves: Sequence[Curve], width: int, after: int) -> None:
        """The lines that are drawn, from the right; then those surfaces that agree, as far as there is room."""
        glyphs, sku = self.scene.glyphs, self.sku
        if sku is None:
            return
        drawn = {curve.name for curve in curves}
        agree = [
            words.short_title(level.surface, 12)
            for level in sku.levels
            if level.surface not in drawn and level.cell.verdict is Verdict.IN_SYNC
        ]
        ordered = sorted(curves, key=lambda one: one.name != MASTER)
        parts = [(f"{glyphs.heavy} {_called(curve.name)}", curve.ink, True) for curve in ordered]
        if agree:
            parts.append((f"{', '.join(agree)} {'agrees' if len(agree) == 1 else 'agree'}", "muted", False))
        while parts and sum(cell_len(text) + 3 for text, _, _ in parts) + after + 4 > width:
            parts.pop()
        x = width - 1 - sum(cell_len(text) + 3 for text, _, _ in parts)
        for text, ink, bold in parts:
            row.put(x, " " * (cell_len(text) + 3))
            x = row.put(x + 1, text, ink, bold=bold) + 2
        if parts:
            row.put(width - 2, glyphs.light * 2, "rule")

    def _marks(self, row: Row, body: Sequence[Row], history: SkuHistory, begin: int, end: int, cells: int) -> None:
        """What happened to the lines, newest first, each at its time with a guide below; words where there is room."""
        free = _LEFT + cells + _RIGHT
        for event in self._worth_marking(history):
            if begin <= event.at <= end:
                x = _LEFT + plot.place(event.at, begin, end, cells)
                text = f"{words.minute(event.at, self.scene.zone)} {event.word}"
                if x + 2 > free:
                    continue  # another stands here
                for line in body:
                    line.put(x, self.scene.glyphs.guide, "track")
                row.put(x, self.scene.glyphs.event(event.word, event.tone), event.tone)
                if x + 2 + len(text) <= free:
                    row.put(x + 2, text, "muted")
                free = x - _MARK_GAP

    def _worth_marking(self, history: SkuHistory) -> Sequence[TimelineEvent]:
        shown = {MASTER}
        worst = self.sku.line.worst if self.sku else -1
        if self.sku is not None and worst >= 0:
            shown.add(self.sku.levels[worst].surface)
        marks = [event for event in history.events if event.surface in shown and event.word in _MARKED]
        if self.sku is not None and worst >= 0:
            level = self.sku.levels[worst]
            if level.as_of is not None:
                marks.append(TimelineEvent(level.as_of, f"{words.short_title(level.surface, 12)}'s as of", "late",
                                           level.surface, ""))  # fmt: skip
        return sorted(marks, key=lambda event: -event.at)

    def _lines(
        self, body: Sequence[Row], curves: Sequence[Curve], begin: int, end: int, scale: plot.Scale, cells: int
    ) -> None:
        glyphs = self.scene.glyphs
        key = ([(curve.name, curve.steps) for curve in curves], begin, end, scale, cells)
        if self._drawn is None or self._drawn[0] != key:
            cut = [_until(curve.steps, self.scene.now) for curve in curves]
            self._drawn = (key, plot.steps_on(cut, begin, end, scale, cells))
        for y, line in enumerate(self._drawn[1]):
            for x, cell in enumerate(line):
                if cell is not None:
                    body[y].put(_LEFT + x, cell.sign(glyphs.brush), curves[cell.line].ink)

    def _labels(self, body: Sequence[Row], curves: Sequence[Curve], scale: plot.Scale, x: int) -> None:
        taken: dict[str, int] = {}
        for curve in curves:
            if curve.now is None or not scale.low <= curve.now <= scale.top:
                continue
            y = scale.row(curve.now)
            free = [row for row in sorted(range(len(body)), key=lambda row: abs(row - y)) if row not in taken.values()]
            if not free:
                continue
            taken[curve.name] = free[0]
            label = f"{words.short(curve.now, 5)} {_called(curve.name, 10)}"
            body[free[0]].put(x, words.cut(label, _RIGHT - 2), curve.ink, bold=True)
        self._bracket(body, curves, taken, x)

    def _bracket(self, body: Sequence[Row], curves: Sequence[Curve], taken: dict[str, int], x: int) -> None:
        """Between the master and the surface that is worst: how far apart they are."""
        sku, worst = self.sku, curves[0].name
        if sku is None or worst == MASTER or worst not in taken or MASTER not in taken:
            return
        cell = sku.line.cells[sku.line.worst]
        if cell.deviation is None:
            return
        between = range(min(taken[worst], taken[MASTER]) + 1, max(taken[worst], taken[MASTER]))
        for y in between:
            if y not in taken.values():
                body[y].put(x + 1, self.scene.glyphs.axis, curves[0].ink)
        if between:
            ink = SEVERITY_INK[cell.severity]
            off = f"{self.scene.glyphs.tone(ink)} {words.signed(cell.deviation)}"
            said = f"{off} {cell.severity.word}"
            middle = between[len(between) // 2]
            if middle not in taken.values():  # a word is whole or left out: the glyph says it as well
                body[middle].put(x + 3, said if cell_len(said) <= _RIGHT - 5 else words.cut(off, _RIGHT - 5), ink)


def curves_of(sku: SkuPicture, history: SkuHistory, now: int) -> list[Curve]:
    """The lines that are drawn, the one that matters most first: what drifts, worst first, then the master.

    Where nothing drifts now, the surfaces that did within the history are drawn beside the master, quietly.
    """
    steps = dict(history.steps)
    by_name = {level.surface: level for level in sku.levels}
    drifting = sorted(
        (level for level in sku.levels if level.cell.verdict in _DRIFTED),
        key=lambda level: (-level.cell.severity, -abs(level.cell.deviation or 0)),
    )
    if sku.line.worst >= 0:
        drifting.sort(key=lambda level: level.surface != sku.levels[sku.line.worst].surface)
    named = [(level.surface, SEVERITY_INK[level.cell.severity]) for level in drifting]
    if not named:
        once = dict.fromkeys(
            episode.surface for episode in history.episodes if (episode.closed_at or now) >= (history.begin or 0)
        )
        named = [(name, "muted") for name in once if name in by_name]
    named = named[:_MOST_LINES]
    place = len(drifting[:_MOST_LINES])
    named.insert(place, (MASTER, "strong"))
    found = []
    for name, ink in named:
        line = steps.get(name, ())
        found.append(Curve(name, ink, line, level_at(line, now)))
    return found


def _called(name: str, width: int = 40) -> str:
    return "master" if name == MASTER else words.short_title(name, width)


def _until(steps: plot.Steps, now: int) -> plot.Steps:
    """The steps up to ``now``: what comes after is not known yet."""
    return [*((at, value) for at, value in steps if at <= now), (now + 1, None)]


def _within(steps: plot.Steps, begin: int, end: int) -> list[tuple[int, int | None]]:
    before = [step for step in steps if step[0] <= begin][-1:]
    return [*before, *(step for step in steps if begin < step[0] <= end)]
