"""Recorded time as a line: how much drifted when, the episodes, and where we stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.keys import SPEEDS
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.replay import Replay
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.course import Stretch, joined
from stockdrift.stock.picture import Severity

MARGIN: Final = 4
"""Cells left and right of the columns."""

_DAY: Final = 86_400_000
_MINUTE: Final = 60_000
_TICKS: Final = tuple(minutes * _MINUTE for minutes in (1, 2, 5, 10, 30, 60, 120, 180, 360, 720)) + tuple(
    days * _DAY for days in (1, 2, 7, 14, 30, 90, 365)
)
_APART: Final = 14  # cells between two times on the axis, at least


def columns_at(width: int) -> int:
    """How many columns a scrubber of ``width`` cells has."""
    return max(1, width - 2 * MARGIN if width >= 40 else width)


class Scrubber(Panel):
    """Seven rows: title, three of columns, the line, the episodes' names, times. Three rows: columns, line, times; one:
    the columns.
    """

    class Sought(Message):
        """A column was clicked, or the wheel turned: ``column`` is wanted, or ``by`` columns on."""

        def __init__(self, column: int | None = None, by: int = 0) -> None:
            super().__init__()
            self.column = column
            self.by = by

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        replay = self.scene.replay
        if replay is None or not replay.count:
            return rows
        left = MARGIN if width >= 40 else 0
        if height >= 7:
            self._title(rows[0], width, replay)
            self._columns(rows[1:4], left, replay)
            self._line(rows[4], left, replay)
            self._episodes(rows[5], left, width, replay)
            self._missed(rows[5], left, width, replay)
            self._times(rows[6], left, width, replay)
            self._label(rows[1], left, replay)
            self._cursor(rows[1:4], left, replay, rows[4])
        elif height >= 3:
            self._columns(rows[:1], left, replay)
            self._line(rows[1], left, replay)
            at = words.clock(replay.asked.at, self.scene.zone)
            start = left + replay.column_of(replay.asked.at) - len(at) // 2
            start = max(0, min(start, width - len(at)))
            self._times(rows[2], left, width, replay, (start - 1, start + len(at)))
            rows[2].put(start, at, "accent", bold=True)
            self._cursor(rows[:1], left, replay, rows[1])
        else:
            self._columns(rows[:1], left, replay)
            self._cursor(rows[:1], left, replay)
        return rows

    def _title(self, row: Row, width: int, replay: Replay) -> None:
        zone, glyphs = self.scene.zone, self.scene.glyphs
        begin, end = max(replay.begin, replay.first_at), min(replay.end, replay.now)
        days = words.day(begin, zone), words.day(end, zone)
        until = words.minute(end, zone) if days[0] == days[1] else f"{days[1]} {words.minute(end, zone)}"
        right = f"{days[0]}, {words.minute(begin, zone)} to {until}, one column {_span(replay.width)}"
        title_rule(row, 0, width, "Recorded time", right, focused=True, light=glyphs.light, heavy=glyphs.heavy)
        said = f"plays {SPEEDS[replay.speed - 1]:,} times as fast" if replay.playing else ""
        if said and 17 + cell_len(said) + cell_len(right) + 8 < width:
            row.put(17, f" {said} ", "accent", bold=True)

    def _columns(self, rows: Sequence[Row], left: int, replay: Replay) -> None:
        """What drifted, in eighths of a row (or as finely as the signs allow); what lies ahead is grey."""
        sparks = self.scene.glyphs.sparks
        top = max((slot.drifting or 0 for slot in replay.slots), default=0)
        here = replay.column_of(replay.asked.at)
        for x, slot in enumerate(replay.slots):
            if not slot.drifting:
                continue
            ink = SEVERITY_INK[slot.severity] if x <= here else "track"
            levels = max(1, round(slot.drifting * len(rows) * len(sparks) / top))
            for y, row in enumerate(reversed(rows)):
                level = min(levels - y * len(sparks), len(sparks))
                if level > 0:
                    row.put(left + x, sparks[level - 1], ink)

    def _line(self, row: Row, left: int, replay: Replay) -> None:
        """Heavy in an episode, light in a calm, dotted where nothing is known, empty where nothing is recorded."""
        glyphs = self.scene.glyphs
        for x, slot in enumerate(replay.slots):
            opens = replay.begin + x * replay.width
            within = next((one for one in replay.stretches if _holds(one, opens, opens + replay.width)), None)
            glyph, ink = glyphs.light, "rule"
            if opens <= replay.first_at < opens + replay.width:
                glyph, ink = glyphs.tee_right, "muted"  # nothing is recorded before
            elif not slot.recorded:
                glyph = " "
            elif slot.drifting is None:
                glyph, ink = glyphs.dotted, "unknown"
            elif within is not None:
                glyph, ink = glyphs.heavy, SEVERITY_INK[max(slot.severity, Severity.UNDER)]
            row.put(left + x, glyph, ink)

    def _episodes(self, row: Row, left: int, width: int, replay: Replay) -> None:
        """A name below the beginning of each, as far as they do not touch; and where overselling began. Those that have
        no column between them share one.
        """
        glyphs = self.scene.glyphs
        free = 0
        found = _side_by_side(replay)
        for place, together in enumerate(found):
            one = joined(together)
            x = left + max(0, replay.column_of(one.begin))
            edge = left + replay.column_of(found[place + 1][0].begin) if place + 1 < len(found) else width - 2
            if x < free or x >= width - 2:
                continue
            severity = one.severity  # overselling has a sign of its own, where it began
            if one.oversell_at is not None and one.oversell_at > one.begin:
                severity = Severity.OVER
            row.put(x, glyphs.tone(severity.word), SEVERITY_INK[severity])
            free = x + 2
            for said in self._names(one, len(together), replay):
                if x + 2 + cell_len(said) < min(edge, width - 1):
                    free = row.put(x + 2, said) + 2
                    break
            if one.oversell_at is not None:
                x = left + max(0, replay.column_of(one.oversell_at))
                if x >= free and x + 10 < min(edge, width - 1):
                    free = row.put(row.put(x, glyphs.oversell, "oversell") + 1, "oversell") + 2

    def _missed(self, row: Row, left: int, width: int, replay: Replay) -> None:
        """When a surface was due to be made anew and was not, the newest first, where there is room left."""
        glyphs, free = self.scene.glyphs, width
        for at in reversed(replay.missed):
            x = left + replay.column_of(at)
            said = f" {words.minute(at, self.scene.zone)} missed"
            if not replay.begin <= at < min(replay.end, replay.now) or x + 2 > free:
                continue
            text = said if x + len(said) + 2 < free else ""
            if any(sign != " " for sign in row.chars[max(0, x - 1) : x + len(text) + 2]):
                text = ""
                if any(sign != " " for sign in row.chars[max(0, x - 1) : x + 2]):
                    continue
            row.put(row.put(x, glyphs.late, "late"), text)
            free = x - 1

    def _names(self, one: Stretch, episodes: int, replay: Replay) -> Sequence[str]:
        count = f"{words.count(one.peak)} {'SKU' if one.peak == 1 else 'SKUs'}"
        if episodes > 1:
            count = f"{episodes} × {count}"
        if one.end is not None:
            return f"{count}, {words.age(one.end - one.begin)}", count, words.count(one.peak)
        ends = min(replay.end, replay.now)
        return f"{count}, still open at {words.minute(ends, self.scene.zone)}", f"{count}, still open", count

    def _times(self, row: Row, left: int, width: int, replay: Replay, taken: tuple[int, int] = (0, -1)) -> None:
        """The end, the beginning of what is recorded, full hours and the like; no minute twice, and not over cells
        that are ``taken``.
        """
        zone = self.scene.zone
        end = min(replay.end, replay.now)
        occupied, told = [taken], set[int]()

        def put(at: int, column: int, text: str) -> None:
            x = left + min(column, replay.count - 1)
            start = max(0, min(x - 2, width - len(text) - 1))
            if at // _MINUTE not in told and all(
                start > last + 2 or start + len(text) + 2 <= first for first, last in occupied
            ):
                told.add(at // _MINUTE)
                occupied.append((start, row.put(start, text, "muted") - 1))

        put(end, replay.column_of(end - 1), words.minute(end, zone))
        if replay.begin < replay.first_at < end:
            put(replay.first_at, replay.column_of(replay.first_at), words.minute(replay.first_at, zone))
        tick = next((one for one in _TICKS if one >= _APART * replay.width), _TICKS[-1])
        offset = words.utc_offset(replay.begin, zone)
        at = -(-(replay.begin + offset) // tick) * tick - offset
        while at < end:
            put(at, replay.column_of(at), words.day(at, zone)[4:] if tick >= _DAY else words.minute(at, zone))
            at += tick

    def _cursor(self, rows: Sequence[Row], left: int, replay: Replay, line: Row | None = None) -> None:
        x = left + max(0, min(replay.column_of(replay.asked.at), replay.count - 1))
        for row in rows:
            row.put(x, self.scene.glyphs.line, "accent", bold=True)
        if line is not None:
            line.put(x, self.scene.glyphs.cross, "accent", bold=True)

    def _label(self, row: Row, left: int, replay: Replay) -> None:
        """The time beside the cursor; while a jump is on its way, with an ellipsis."""
        said = words.clock(replay.asked.at, self.scene.zone)
        if replay.target is not None:
            said = f"{self.scene.glyphs.ellipsis} {said}"
        x = left + max(0, min(replay.column_of(replay.asked.at), replay.count - 1))
        if x > len(said):
            row.put(x - 1 - len(said), f"{said} ", "accent", bold=True)
        else:
            row.put(x + 1, f" {said} ", "accent", bold=True)

    def on_click(self, event: Click) -> None:
        """Goes to the column."""
        replay = self.scene.replay
        column = event.x - (MARGIN if self.size.width >= 40 else 0)
        if replay is not None and 0 <= column < replay.count:
            self.post_message(self.Sought(column))

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """A column later."""
        self.post_message(self.Sought(by=1))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """A column earlier."""
        self.post_message(self.Sought(by=-1))


def _side_by_side(replay: Replay) -> Sequence[Sequence[Stretch]]:
    """The episodes by the columns that they fill without one between them."""
    found: list[list[Stretch]] = []
    for one in replay.stretches:
        last = found[-1][-1].end if found else None
        if last is not None and replay.column_of(one.begin) - replay.column_of(last) <= 1:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def _holds(one: Stretch, opens: int, closes: int) -> bool:
    return one.begin < closes and (one.end is None or one.end > opens)


def _span(ms: int) -> str:
    """``2 min 30 s``, ``1 h``, ``7 d``."""
    parts = []
    for unit, name in ((_DAY, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")):
        if ms >= unit:
            parts.append(f"{ms // unit} {name}")
            ms %= unit
    return " ".join(parts)
