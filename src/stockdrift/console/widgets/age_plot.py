"""How old what shoppers see was, over the last day: a line, and filled what is beyond the allowance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.cells import cell_len

from stockdrift.console import plot, words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.surface_panels import SurfacePanel, span
from stockdrift.stock.entries import PollSummary
from stockdrift.stock.freshness import oldest_ages, shown_since
from stockdrift.stock.reading import Outcome

DAY: Final = 86_400_000

_MINUTE: Final = 60_000
_LEFT, _RIGHT = 6, 6  # cells left and right of the plot
_LEAST_SPAN: Final = 600_000
_LEAST_CELLS: Final = 10
_UNITS: Final = tuple(
    number * size
    for size, numbers in (
        (1_000, (1, 5, 10, 15, 30)),
        (60_000, (1, 2, 5, 10, 15, 30)),
        (3_600_000, (1, 2, 3, 6, 12)),
        (86_400_000, (1, 2, 5, 10, 30, 90, 365)),
    )
    for number in numbers
)


class AgePlot(SurfacePanel):
    """Title, plot, times. ``lag_at`` says how far behind the surface was found at a moment."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.lag_at: Callable[[int], int | None] = _nothing
        self.missing = ""
        self.failed = False
        self.below_divider = False
        self._made: tuple[object, Sequence[int | None]] = (None, ())

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        scene, glyphs, surface = self.scene, self.scene.glyphs, self.surface
        cells, body = width - _LEFT - _RIGHT, rows[2 if height > 8 else 1 : height - (2 if height > 12 else 1)]
        begin, end = self._span(cells)
        reach = reach_words(scene.now - self.polls[-1].read_at) if self.polls else ""
        title = f"Age of what shoppers see, {reach}" if reach else "Age of what shoppers see"
        title_rule(rows[0], 0, width, title, focused=self.chosen, light=glyphs.light, heavy=glyphs.heavy)
        if self.below_divider and not self.chosen:
            rows[0].put(DIVIDER, glyphs.tee_up, "rule")
        if surface is None or self.polls is None or self.missing:
            self._say(rows, width, self.missing)
            return rows
        if len(body) < 3 or cells < _LEAST_CELLS:
            self._say(rows, width, "There is no room for the plot here")
            return rows
        ages = self.ages(self.polls, begin, end, 2 * cells)
        if all(age is None for age in ages):
            self._say(rows, width, "No complete read of it is on record")
            return rows
        self._legend(rows[0], width, cell_len(title) + 5)
        most = max(age for age in ages if age is not None)
        unit = next((size for size in _UNITS if max(most, surface.allowed) <= 4 * size), _UNITS[-1])
        top = max(unit, -(-max(most, surface.allowed) // unit) * unit)
        for value in range(0, top + 1, unit):
            row = body[_row(value, top, len(body))]
            row.fill(_LEFT, _LEFT + cells, glyphs.dotted, "track")
            row.right(_LEFT - 2, span(value) if value else "0", "muted")
        allowed = body[_row(min(surface.allowed, top), top, len(body))]
        allowed.fill(_LEFT, _LEFT + cells, glyphs.dotted, "strong")
        for y, line in enumerate(plot.area_on(ages, surface.allowed, top, cells, len(body))):
            for x, cell in enumerate(line):
                if cell is not None:
                    body[y].put(_LEFT + x, cell.sign(glyphs.brush), "late" if cell.line == plot.BEYOND else "ok")
        self._unknown(body[-1], ages)
        self._peaks(body, ages, top)
        self._times(rows[height - (2 if height > 12 else 1)], begin, end, cells)
        return rows

    def ages(self, polls: Sequence[PollSummary], begin: int, end: int, halves: int) -> list[int | None]:
        """The greatest age (ms) in each of ``halves`` equal stretches, the last of them at now: there it is what the
        number above says. ``polls`` are newest first. None after now, for the plot's end is a little later.
        """
        newest = next((poll for poll in polls if poll.outcome is Outcome.COMPLETE), None)
        found = self._oldest(polls, begin, end, halves)
        last = plot.place(self.scene.now, begin, end, halves)
        age = None if newest is None else self.scene.now - shown_since(newest, self.lag_at(newest.read_at))
        return [*found[:last], None if found[last] is None else age, *[None] * (halves - last - 1)]

    def _oldest(self, polls: Sequence[PollSummary], begin: int, end: int, halves: int) -> Sequence[int | None]:
        """The ages, made anew where there was a read or the plot's end has moved on."""
        newest = polls[0].number if polls else 0
        name = self.surface.name if self.surface else ""
        key = (name, newest, len(polls), begin, end, halves)
        if self._made[0] != key:
            self._made = (key, oldest_ages([*reversed(polls)], begin, end, halves, self.lag_at))
        return self._made[1]

    def _span(self, cells: int) -> tuple[int, int]:
        """From when to when: the last day, or since the first read."""
        now = self.scene.now
        oldest = self.polls[-1].read_at if self.polls else now
        return plot.window(max(now - DAY, oldest), now, 2 * cells, _LEAST_SPAN)

    def _say(self, rows: Sequence[Row], width: int, text: str) -> None:
        if len(rows) > 1:
            row = rows[len(rows) // 2]
            row.put(2, words.cut(text, width - 4, self.scene.glyphs.ellipsis), "unknown" if self.failed else "muted")

    def _legend(self, row: Row, width: int, after: int) -> None:
        surface, glyphs = self.surface, self.scene.glyphs
        if surface is None or self.polls is None:
            return
        told = surface.as_of is not None or surface.lag is not None
        about = "each read that is fresh brings it down" if told else "at least: from our reads, which tell no more"
        for said in (f"{glyphs.dotted} {span(surface.allowed)} allowed   {about}",
                     f"{glyphs.dotted} {span(surface.allowed)} allowed"):  # fmt: skip
            if after + cell_len(said) + 4 < width:
                start = row.right(width - 3, f" {said} ", "muted")
                row.put(start + 1, f"{glyphs.dotted} {span(surface.allowed)} allowed", "strong")
                break

    def _unknown(self, row: Row, ages: Sequence[int | None]) -> None:
        """Where it is not known there is a question mark, and no line."""
        for x in range(len(ages) // 2):
            if ages[2 * x] is None and ages[2 * x + 1] is None:
                row.put(_LEFT + x, self.scene.glyphs.unknown, "unknown")

    def _peaks(self, body: Sequence[Row], ages: Sequence[int | None], top: int) -> None:
        """How old it became at most, at the worst stretches beyond the allowance, where there is room for it."""
        surface = self.surface
        if surface is None:
            return
        stretch: list[tuple[int, int]] = []
        ends: list[tuple[int, int]] = []
        for half, age in enumerate([*ages, None]):
            if age is not None and age > surface.allowed:
                stretch.append((age, half))
            elif stretch:
                ends.append(max(stretch))
                stretch = []
        most = max((age for age, _ in ends), default=0)
        taken: list[tuple[int, int, int]] = []
        for age, half in sorted(ends, reverse=True):
            if 2 * age < most:
                break
            said = f"{self.scene.glyphs.late} {words.age(age)}"
            y = max(0, _row(age, top, len(body)) - 1)
            x = max(_LEFT, _LEFT + half // 2 - len(said) - 1)
            row = body[y]
            free = all(sign in (" ", self.scene.glyphs.dotted) for sign in row.chars[x : x + len(said) + 1])
            if free and not any(y == other and x < stop + 2 and x + len(said) > start - 2
                                for other, start, stop in taken):  # fmt: skip
                row.put(x, said, "late", bold=True)
                row.put(x - 1, " ")
                row.put(x + len(said), " ")
                taken.append((y, x, x + len(said)))

    def _times(self, row: Row, begin: int, end: int, cells: int) -> None:
        zone = self.scene.zone
        now = _LEFT + cells - 5
        row.put(now, words.minute(self.scene.now, zone), "strong", bold=True)
        for at in plot.time_ticks(begin, end, zone, max(1, cells // 14)):
            x = _LEFT + plot.place(at, begin, end, cells) - 2
            if x >= _LEFT - 2 and x + 5 < now - 1 and at // _MINUTE != self.scene.now // _MINUTE:
                row.put(x, words.minute(at, zone), "muted")


def _row(value: int, top: int, rows: int) -> int:
    most = plot.DOTS * rows - 1
    return rows - 1 - round(value / max(1, top) * most) // plot.DOTS


def reach_words(recorded: int) -> str:
    """The span of the axis where so much (ms) is on record, in minutes or hours."""
    ms = min(DAY, max(_LEAST_SPAN, recorded))
    return f"{round(ms / 3_600_000)} h" if ms >= 2 * 3_600_000 else f"{ms // 60_000} m"


def _nothing(_moment: int) -> int | None:
    return None
