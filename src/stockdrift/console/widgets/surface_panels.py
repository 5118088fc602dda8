"""The surface screen's upper part: how old what shoppers see is, and what is known of the surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from stockdrift.console import digits, words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import status_glyph, status_ink, status_word
from stockdrift.stock.entries import PollSummary
from stockdrift.stock.picture import Status, SurfaceLine
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.rhythm import Missed
from stockdrift.stock.rules import WHOLE, Allotment, SurfaceRules
from stockdrift.stock.words import several

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped

_HOUR: Final = 3_600_000
_MANY_PENDING: Final = 100
_VALUES = 18  # the column of values, from the panel's own edge
_SIDE = 61  # and that of budget and errors
_BAR = 17  # cells
_ROOM = _SIDE - 2 - _VALUES  # for a line of settings where it is drawn, and on the narrowest screen


class SurfacePanel(Panel):
    """A panel of the surface screen. ``polls`` are its reads, newest first, None while they are not known."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.surface: SurfaceLine | None = None
        self.polls: Sequence[PollSummary] | None = None
        self.chosen = False


def shown_age(surface: SurfaceLine, now: int) -> int | None:
    """How old (ms) what shoppers see is at least; None where it was never read."""
    if surface.read_at is None:
        return None
    read = max(0, now - surface.read_at)
    return read if surface.as_of is None else max(read, now - surface.as_of)


class SurfaceHero(SurfacePanel):
    """Title, the age in digits, what it means; at its right edge the divider, except where it stands alone."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        surface, glyphs = self.surface, self.scene.glyphs
        rows[0].fill(0, width, glyphs.light)
        if surface is None:
            return rows
        full = height > 2
        after = rows[0].put(1, " Watch / ", "muted")
        name = "Master" if surface.name == MASTER else words.title(surface.name)
        after = rows[0].put(after, words.cut(name, width - after - 12, glyphs.ellipsis), "strong", bold=True)
        kind = "" if surface.name == MASTER else words.kind_word(surface.kind)
        after = rows[0].put(after, f" {kind} " if kind else " ", "muted")
        ink = status_ink(surface, self.scene)
        if full:
            for y, row in enumerate(rows):
                row.put(DIVIDER, glyphs.axis if y else glyphs.tee_down, "rule")
            self._digits(rows, surface, ink)
        elif height > 1:
            self._say(rows[1], surface, ink, width, aged=True)
        return rows

    def _digits(self, rows: Sequence[Row], surface: SurfaceLine, ink: str) -> None:
        age = shown_age(surface, self.scene.now)
        x = 2
        for text, unit in parts_of(age):
            for y, shape in enumerate(digits.big(text, self.scene.glyphs.block)):
                rows[2 + y].put(x, shape, ink)
                end = x + len(shape)
            rows[6].put(end + 1, unit, ink)
            x = end + 5
        self._say(rows[8], surface, ink, DIVIDER)
        if surface.read_at is not None:
            about = "since our last read" if surface.as_of is None else "the age of what shoppers see"
            rows[7].put(2, about, "muted")

    def _say(self, row: Row, surface: SurfaceLine, ink: str, width: int, *, aged: bool = False) -> None:
        scene = self.scene
        word = surface.status.value if not scene.missed(surface) else status_word(surface, scene)
        after = row.put(2, f"{status_glyph(surface, scene)} {word}", ink, bold=True)
        age = shown_age(surface, scene.now)
        if surface.status in (Status.NO_ANSWER, Status.PARTIAL) and surface.reason:
            said = surface.reason
        elif surface.status is Status.STALE:
            said = f"not read for {words.age(age)}"
        elif age is None or not surface.active:
            said = ""
        elif surface.status is Status.LATE and surface.allowed:
            said = f"{age / surface.allowed:.1f} times the {span(surface.allowed)} allowed"
            said = f"{words.age(age)}, {said}" if aged else said
        else:
            said = f"{words.age(age)} of {span(surface.allowed)} allowed"
        row.put(after + 1, words.cut(said, width - after - 2, scene.glyphs.ellipsis), "muted")


def parts_of(age: int | None) -> list[tuple[str, str]]:
    """Digits and units of an age, at most three digits in all: ``3 h 10 m``."""
    if age is None:
        return [("?", "")]
    seconds = age // 1_000
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if seconds < 60:
        return [(str(seconds), "s")]
    if minutes < 60:
        return [(str(minutes), "m")]
    if hours < 10:
        return [(str(hours), "h"), (f"{minutes % 60:02}", "m")]
    if hours < 24:
        return [(str(hours), "h")]
    return [(str(days), "d"), (f"{hours % 24:02}", "h")] if days < 10 else [(str(min(days, 999)), "d")]


def span(ms: int) -> str:
    """A stretch as settings write it: ``30 s``, ``1 h``, ``1 h 30 m``."""
    seconds = ms // 1_000
    found = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            found.append(f"{number} {unit}")
    return " ".join(found[:2]) or f"{ms} ms"


class FactsPanel(SurfacePanel):
    """Lag, reads, drift, pending, settings; with room budget and errors on the right."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.rules: SurfaceRules | None = None
        self.tolerance = ""
        self.allotment = Allotment()
        self.position = ""
        self.mapped: Mapped | None = None
        self.missed: Sequence[Missed] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, surface = self.scene.glyphs, self.surface
        start = 0 if self.region.x == 0 else -1
        title_rule(rows[0], start, width, "", self.position, focused=self.chosen, light=glyphs.light,
                   heavy=glyphs.heavy)  # fmt: skip
        if surface is None:
            return rows
        wide = width >= _SIDE + _BAR + 2
        room = (_SIDE - 2 if wide else width - 1) - _VALUES
        facts = (
            self._lag,
            self._last,
            self._failed,
            self._next,
            self._drift,
            self._pending,
            self._limits,
            self._offer,
        )
        for row, fact in zip(rows[1:], facts, strict=False):
            label, parts = fact(surface)
            row.put(2, label, "muted")
            x = _VALUES
            for text, ink, bold in parts:
                said = words.fitting(text.split(", "), _VALUES + room - x, glyphs.ellipsis)
                x = row.put(x, said, ink, bold=bold) + 2
                if x >= _VALUES + room:
                    break
        if wide and height >= 5:
            self._budget(rows[1], rows[2], surface)
            self._errors(rows[4], rows[5], surface)
        if wide and height >= 9 and surface.name != MASTER:
            self._writes(rows[6])
            self._listed(rows[7], rows[8])
        return rows

    def _lag(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        if surface.name == MASTER:
            return "lag", [("none: it is what all is measured by", "muted", False)]
        if surface.lag is None:
            return "lag", [("?", "unknown", True), ("nothing has told it", "muted", False)]
        ink = "late" if surface.status is Status.LATE else "strong"
        if surface.confidence is None:
            return "stated lag", [(words.age(surface.lag), ink, True), ("by its own word", "muted", False)]
        agree = f"{round(100 * surface.confidence)} % of what changed agrees"
        return "measured lag", [(words.age(surface.lag), ink, True), (agree, "muted", False)]

    def _last(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        if surface.read_at is None:
            return "last good read", [("never", "unknown", True)]
        at = words.moment(surface.read_at, self.scene.now, self.scene.zone)
        ink = "late" if surface.bad_rows else "muted"
        said = f"{several(surface.listed, 'row')}, {words.count(surface.bad_rows)} bad"
        return "last good read", [(at, "strong", True), (said, ink, False)]

    def _failed(self, _surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        """Reads that failed since the last good one; else the times at which it should have shown something newer."""
        if self.polls is None:
            return "failed since", [("?", "unknown", False)]
        failed = []
        for poll in self.polls:
            if poll.outcome is Outcome.COMPLETE:
                break
            failed.append(poll)
        if failed:
            times = self._times([poll.read_at for poll in reversed(failed[:3])])
            return "failed since", [(several(len(failed), "read"), "unknown", True), (times, "muted", False)]
        if self.missed:
            times = self._times([one.at for one in self.missed[-3:]])
            return "missed", [(several(len(self.missed), "renewal"), "late", True), (times, "muted", False)]
        return "failed since", [("none", "muted", False)]

    def _times(self, moments: Sequence[int]) -> str:
        return ", ".join(words.minute(at, self.scene.zone) for at in moments)

    def _next(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        every = f"every {span(self.rules.every)}" if self.rules is not None else ""
        if not surface.active:
            return "next read", [("none", "muted", False), ("not active: shown, not read", "muted", False)]
        if surface.pause is not None:
            return "next read", [(self.scene.glyphs.none, "muted", False), ("paused", "unknown", False)]
        if surface.next_at is None:
            return "next read", [("?", "unknown", False), (every, "muted", False)]
        waited = surface.overdue(self.scene.now)
        if waited is not None:
            at = words.moment(surface.next_at, self.scene.now, self.scene.zone)
            return "next read", [(at, "strong", True), (f"no answer for {words.age(waited)}", "late", True)]
        left = surface.next_at - self.scene.now
        due = f"in {words.age(left)}" if left >= 0 else f"due {words.age(-left)} ago"
        at = words.moment(surface.next_at, self.scene.now, self.scene.zone)
        return "next read", [(at, "strong", True), (f"{due}, {every}", "muted", False)]

    def _drift(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        glyphs = self.scene.glyphs
        if surface.name == MASTER:
            return "drift", [(glyphs.none, "muted", False)]
        if surface.drifting is None:
            return "drift", [("?", "unknown", True), ("not known without a good read of both", "muted", False)]
        parts = []
        if surface.by_severity is not None:
            parts = [
                (f"{glyphs.tone(ink)} {words.count(number)} {ink}", ink, True)
                for number, ink in zip(surface.by_severity, ("oversell", "over", "under"), strict=True)
                if number
            ]
        elif surface.drifting:
            parts = [(words.count(surface.drifting), "over", True)]
        if surface.unknown:
            parts.append((f"{glyphs.unknown} {words.count(surface.unknown)} unknown", "unknown", False))
        return "drift", parts or [(f"{glyphs.ok} none", "ok", False)]

    def _pending(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        if surface.name == MASTER:
            return "pending", [(self.scene.glyphs.none, "muted", False)]
        if surface.pending is None:
            return "pending", [("?", "unknown", True), ("changes of the master not shown yet", "muted", False)]
        many = surface.pending > _MANY_PENDING
        text = f"{self.scene.glyphs.flag} {words.count(surface.pending)}" if many else words.count(surface.pending)
        about = "changes not shown yet" + (f", flag > {_MANY_PENDING}" if many else "")
        return "pending", [(text, "late" if many else "strong", True), (about, "muted", False)]

    def _limits(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        lag = [] if surface.name == MASTER else [f"lag {span(surface.allowed)}"]
        fewer = "" if self.rules is None else f"{self.rules.max_shrink / 100:g} %"
        stale = span(surface.stale_after)
        said = [
            ", ".join([*lag, f"{word} {stale}", *([f"partial {than}"] if fewer else [])])
            for word, than in (
                ("stale after", f"{fewer} below the last"),
                ("stale after", f"−{fewer}"),
                ("stale", f"−{fewer}"),
            )
        ]
        return "settings", [(next((one for one in said if cell_len(one) <= _ROOM), said[-1]), "text", False)]

    def _offer(self, surface: SurfaceLine) -> tuple[str, list[tuple[str, str, bool]]]:
        if self.rules is None or surface.name == MASTER:
            return "", []
        own = self.allotment
        share, buffer = f"share {own.share / 100:g} %", f"buffer {words.count(own.buffer)}"
        cap = [] if own.cap is None else [f"cap {words.count(own.cap)}"]
        said = [f"tolerance {self.tolerance}", share, buffer, *cap]
        if cell_len(", ".join(said)) > _ROOM:  # what takes nothing away goes first
            idle = {share if own.share == WHOLE else "", "" if own.buffer else buffer}
            said = [one for one in said if one not in idle]
        return "", [(", ".join(said), "text", False)]

    def _budget(self, row: Row, below: Row, surface: SurfaceLine) -> None:
        glyphs = self.scene.glyphs
        row.put(_SIDE, "budget", "muted")
        used = surface.budget
        if used is None:
            row.right(_SIDE + _BAR - 1, glyphs.none, "muted")
            return
        ink = "late" if used >= 0.9 else "ok"
        row.right(_SIDE + _BAR - 1, f"{round(used * 100)} %", "late" if used >= 0.9 else "strong", bold=True)
        below.fill(_SIDE, _SIDE + _BAR, glyphs.light, "track")
        below.fill(_SIDE, _SIDE + min(_BAR, round(used * _BAR)), glyphs.heavy, ink)

    def _errors(self, row: Row, below: Row, surface: SurfaceLine) -> None:
        row.put(_SIDE, "errors 1 h", "muted")
        number = surface.errors_hour
        row.right(_SIDE + _BAR - 1, words.short(number, 6), "strong" if number else "muted", bold=number > 0)
        if self.polls is not None:
            levels = self.scene.glyphs.sparks
            counts = errors_by_time(self.polls, self.scene.now - _HOUR, self.scene.now, _BAR)
            most = max(counts, default=0)
            for x, count in enumerate(counts):
                place = 0 if not count else -(-count * (len(levels) - 1) // most)
                below.put(_SIDE + x, levels[place], "unknown" if count else "muted")

    def _writes(self, row: Row) -> None:
        """Whether it is written from here: it can be, its settings allow it, and so does this console."""
        rules = self.rules
        if rules is None:
            return
        allowed = rules.write and self.scene.writing
        said = self.scene.glyphs.none if not rules.writable else "on" if allowed else "off"
        row.put(_SIDE, "writes", "muted")
        row.right(_SIDE + _BAR - 1, said, "strong" if allowed and rules.writable else "muted")

    def _listed(self, row: Row, below: Row) -> None:
        """Of the SKUs that the master tracks, the share that this surface lists."""
        row.put(_SIDE, "SKUs listed", "muted")
        told = self.mapped.coverage if self.mapped is not None else None
        if told is None or not told.tracked:
            row.right(_SIDE + _BAR - 1, self.scene.glyphs.unknown, "unknown", bold=True)
            return
        strange = len(self.mapped.orphans) + len(self.mapped.alike) if self.mapped is not None else 0
        ink = "late" if strange else "strong"
        row.right(_SIDE + _BAR - 1, share_words(told.listed, told.tracked), ink, bold=True)
        below.fill(_SIDE, _SIDE + _BAR, self.scene.glyphs.light, "track")
        below.fill(_SIDE, _SIDE + told.listed * _BAR // told.tracked, self.scene.glyphs.heavy, "muted")


def share_words(part: int, whole: int) -> str:
    """``95 %``; all only where it is all, and none where it is none."""
    percent = 100 * part / whole
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{'<' if percent < 1 else '>'} {1 if percent < 1 else 99} %"
    return f"{round(percent)} %"


def errors_by_time(polls: Sequence[PollSummary], begin: int, end: int, cells: int) -> list[int]:
    """Failed requests in each of ``cells`` equal stretches; a read that failed counts at least once."""
    found = [0] * cells
    for poll in polls:
        if begin < poll.read_at <= end:
            failures = max(poll.failures, int(poll.outcome is not Outcome.COMPLETE))
            found[min(cells - 1, (poll.read_at - begin) * cells // (end - begin))] += failures
    return found
