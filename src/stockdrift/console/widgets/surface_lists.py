"""The surface screen's lower part: its reads with what they cost, and the SKUs that drift on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.drift import badge
from stockdrift.console.widgets.grid_line import STATE_WORDS, deviation
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.entries import PollSummary
from stockdrift.stock.picture import Cell, Severity, SkuLine
from stockdrift.stock.reading import Call, Covers, Outcome
from stockdrift.stock.rhythm import Missed
from stockdrift.stock.words import several

_BAR: Final = 9  # cells
_UNCHANGED: Final = 304
_NAMED: Final = 70  # from so many cells on SKUs have their names beside them
_FULL: Final = 1_000  # ms that fill the bar, or twice the median where that is more


class ReadsPanel(RecordList):
    """A read a line, newest first: when, what it asked for, how long it took beside the others, what came of it. Below
    those in ``opened``, by number, their requests one by one.
    """

    HEADS = 1

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.polls: Sequence[PollSummary] = ()
        self.whole = False
        self.missed: Sequence[Missed] = ()
        self.opened: set[int] = set()
        self._full = _FULL
        self._lines: Sequence[tuple[PollSummary, int]] = ()
        self._made_of: tuple[Sequence[PollSummary], set[int]] = (), set()
        self.missing = ""
        self.failed = False

    def title(self) -> str:
        """See :class:`RecordList`."""
        return "Requests, read by read"

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return [(poll.number, place) for poll, place in self.lines]

    @property
    def lines(self) -> Sequence[tuple[PollSummary, int]]:
        """Each line's read, and the place of its request among ``calls``; −1 for the read itself."""
        polls, opened = self._made_of
        if polls is not self.polls or opened != self.opened:
            found: list[tuple[PollSummary, int]] = []
            for poll in self.polls:
                found.append((poll, -1))
                if poll.number in self.opened:
                    found += [(poll, place) for place in reversed(range(len(poll.calls)))]
            self._lines, self._made_of = found, (self.polls, set(self.opened))
        return self._lines

    def open(self) -> str:
        """Shows the requests of the read in focus, or no longer; what there is to say where it has none to show."""
        if not self.lines:
            return ""
        poll, place = self.lines[self.cursor]
        at = words.clock(poll.read_at, self.scene.zone)
        if place >= 0:
            call = poll.calls[place]
            return f"{words.clock(call.began, self.scene.zone)} {call.asked}: {', '.join(answered(call))}"
        if not poll.calls:
            return f"{at} {', '.join(came_of(poll))}"
        self.opened ^= {poll.number}
        left = poll.requests - len(poll.calls)
        return f"{several(left, 'request')} more, not told one by one" if left > 0 else ""

    def below(self) -> tuple[str, str]:
        """How far back was looked."""
        if self.missing:
            return self.missing, "unknown" if self.failed else "muted"
        if not self.polls:
            return "No read of it is on record", "muted"
        at = words.day_minute(self.polls[-1].read_at, self.scene.zone).strip()
        return f"The journal begins at {at}" if self.whole else f"Looked back to {at}", "muted"

    def heads(self, row: Row, width: int) -> None:
        """See :class:`RecordList`."""
        row.put(2, "at", "muted")
        row.put(12, "asked for", "muted")
        if width >= 60:
            row.put(46, "result", "muted")
            row.right(width - 2, "took", "muted")

    def item(self, row: Row, index: int, width: int) -> None:
        """One read."""
        scene, (poll, place) = self.scene, self.lines[index]
        if place >= 0:
            self._call(row, poll.calls[place], width)
            return
        row.put(2, words.moment(poll.read_at, scene.now, scene.zone), "muted")
        wide = width >= 60
        row.put(12, words.cut(asked(poll), 20 if wide else 10, scene.glyphs.ellipsis), "text")
        ink, glyph = outcome_tone(poll, scene)
        said, due = came_of(poll), self._due(poll)
        if due:
            ink, glyph, said = "late", scene.glyphs.late, [f"old, due {due}", *said]
        took = said_time(poll.read_at - poll.started_at)
        start = row.right(width - 2, took, "text")
        x = 24
        if wide:
            x = 44
            self._bar(row, poll.read_at - poll.started_at, ink)
        row.put(x, glyph, ink)
        text = words.fitting(said, start - x - 3, scene.glyphs.ellipsis)
        row.put(x + 2, text, "muted" if ink == "ok" else ink)

    def _due(self, poll: PollSummary) -> str:
        """Since when something newer was due, where this is the first read to tell that there was nothing."""
        due = [one.at for one in self.missed if one.seen_at == poll.read_at]
        return words.minute(due[-1], self.scene.zone) if due else ""

    def _call(self, row: Row, call: Call, width: int) -> None:
        """One request of a read."""
        scene, wide = self.scene, width >= 60
        row.put(4, words.moment(call.began, scene.now, scene.zone), "muted")
        row.put(14, words.cut(call.asked, 18 if wide else 8, scene.glyphs.ellipsis), "muted")
        ink, glyph = ("unknown", scene.glyphs.failed) if call.why else ("ok", scene.glyphs.ok)
        start = row.right(width - 2, said_time(call.took), "muted")
        x = 24
        if wide:
            x = 44
            self._bar(row, call.took, ink)
        row.put(x, glyph, ink)
        row.put(
            x + 2, words.fitting(answered(call), start - x - 3, scene.glyphs.ellipsis), "muted" if ink == "ok" else ink
        )

    def _bar(self, row: Row, took: int, ink: str) -> None:
        glyphs = self.scene.glyphs
        halves = min(2 * _BAR, round(2 * _BAR * took / self._full))
        row.fill(33, 33 + _BAR, glyphs.light, "track")
        tone = "muted" if ink == "ok" else ink
        row.fill(33, 33 + halves // 2, glyphs.heavy, tone)
        if halves % 2:
            row.put(33 + halves // 2, glyphs.half, tone)

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """Measures all reads first: a bar is long or short beside the others."""
        times = sorted(poll.read_at - poll.started_at for poll in self.polls if poll.outcome is Outcome.COMPLETE)
        self._full = max(_FULL, 2 * times[len(times) // 2]) if times else _FULL
        return super().paint(width, height)


def asked(poll: PollSummary) -> str:
    """What a read asked for, and by how many requests."""
    what = "changes" if poll.covers is Covers.CHANGED else "all"
    return f"{what}, {several(poll.requests, 'request')}" if poll.requests else what


def outcome_tone(poll: PollSummary, scene: Scene) -> tuple[str, str]:
    """Colour and glyph of what came of a read; one that had to try again is late, not failed."""
    if poll.outcome is not Outcome.COMPLETE:
        return "unknown", scene.glyphs.failed if poll.outcome is Outcome.FAILED else scene.glyphs.unknown
    if poll.failures or poll.bad_rows:
        return "late", scene.glyphs.late
    return "ok", scene.glyphs.ok


def came_of(poll: PollSummary) -> list[str]:
    """The result in words, what matters most first."""
    if poll.outcome is not Outcome.COMPLETE:
        return [poll.reason or str(poll.outcome)]
    parts = [several(poll.listed, "row")]
    if poll.failures:
        parts.insert(0, f"{words.count(poll.failures)} tried again")
    if poll.bad_rows:
        parts.insert(0, several(poll.bad_rows, "bad row"))
    if poll.changed:
        parts.append(f"{words.count(poll.changed)} changed")
    if poll.throttled:
        parts.append(f"held back {words.count(poll.throttled)} times")
    return parts


def answered(call: Call) -> list[str]:
    """What came back of one request."""
    if call.why:
        return [call.why]
    return [str(call.status) if call.status != _UNCHANGED else f"{call.status}, unchanged"]


def said_time(ms: int) -> str:
    """``212 ms``, ``1.31 s``, ``1m05s``."""
    ms = max(0, ms)
    if ms < 1_000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1_000:.2f} s"
    return f"{ms // 60_000}m{ms // 1_000 % 60:02}s"


class DriftingPanel(RecordList):
    """SKUs that drift on the surface, the most dangerous first. ``column`` is its place among the surfaces."""

    HEADS = 1

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.rows: Sequence[int] = ()
        self.column: int | None = None
        self.known = True
        self._lines: tuple[object, dict[int, SkuLine]] = (None, {})

    def title(self) -> str:
        """See :class:`RecordList`."""
        return "Drifting here"

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return self.rows

    def below(self) -> tuple[str, str]:
        """That there is none."""
        if self.rows:
            return "", "muted"
        if self.column is None:
            return "The master is what all is measured by", "muted"
        return ("Nothing drifts here", "muted") if self.known else ("? Not known: see why on the left", "unknown")

    def heads(self, row: Row, width: int) -> None:
        """See :class:`RecordList`."""
        if self.rows:
            row.put(14, "SKU", "muted")
            if width >= _NAMED:
                row.put(15 + self.scene.sku_width, "name", "muted")
            if self._room_for_sku(width) <= width - 40:
                row.right(width - 20, "master", "muted")
            row.right(width - 14, "shows", "muted")
            row.right(width - 9, "off", "muted")
            row.right(width - 2, "out in", "muted")

    def _room_for_sku(self, width: int) -> int:
        """The master's column gives way to SKUs that would be cut: what is shown and how far off tell as much."""
        if width >= _NAMED:
            return self.scene.sku_width
        return width - 40 if self.scene.sku_width <= width - 40 else width - 34

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """Asks for the lines in view, and no others."""
        model = self.scene.model
        rows = list(self.rows[self.top : self.top + height + 1])
        if model is not None and self._lines[0] != (model.version, rows):
            self._lines = ((model.version, rows), {line.row: line for line in model.lines(rows)} if rows else {})
        return super().paint(width, height)

    def item(self, row: Row, index: int, width: int) -> None:
        """One SKU."""
        scene, glyphs = self.scene, self.scene.glyphs
        line = self._lines[1].get(int(self.rows[index]))
        if line is None and scene.model is not None:  # the cursor has scrolled further than was asked for
            (line,) = scene.model.lines([int(self.rows[index])])
        if line is None or self.column is None or self.column >= len(line.cells):
            return
        cell = line.cells[self.column]
        ink = SEVERITY_INK[cell.severity]
        if cell.severity is Severity.OVERSELL:
            badge(row, 1, f"{glyphs.oversell} oversell")
        else:
            glyph = glyphs.flag if cell.severity is Severity.ORPHAN else glyphs.tone(ink)
            row.put(2, f"{glyph} {cell.severity.word}", ink)
        room = self._room_for_sku(width)
        row.put(14, words.cut_middle(line.sku, room, glyphs.ellipsis), "strong", bold=True)
        if width >= _NAMED:
            x = 15 + self.scene.sku_width
            row.put(x, words.cut(line.name, width - 27 - x, glyphs.ellipsis), "text")
        if room <= width - 40:
            row.right(width - 20, _level(line.master), "text")
        row.right(width - 14, _level(cell.reported), ink, bold=True)
        row.right(width - 9, _off(cell, glyphs.none), ink)
        text = words.out_in(line.out_in)
        row.right(width - 2, text, "oversell" if text == "now" else "muted" if text == "—" else "text")


def _level(level: int | str) -> str:
    return words.short(level, 6) if isinstance(level, int) else STATE_WORDS.get(level, level)


def _off(cell: Cell, none: str) -> str:
    return none if cell.deviation is None else deviation(cell.deviation, 5)
