"""How far a resync is: counts, a bar, a line for each row with its four stages, what is stuck first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stockdrift.console import words
from stockdrift.console.digits import big
from stockdrift.console.paint import Row
from stockdrift.console.progress import Step
from stockdrift.console.widgets.cause import Part, flow
from stockdrift.console.widgets.modal import LEFT, ROOMY
from stockdrift.console.widgets.progress_rows import FULL, ProgressRows, progress_columns, seconds

_BESIDE: Final = 23
_KINDS: Final = {"unlist": "Taking down", "relist": "Putting up"}
_GROUPS: Final = (("in sync", "applied", "accepted"), ("sent", "not yet sent", "stuck"))
_STRETCHES: Final = (
    ("in sync", "ok", True), ("verified", "ok", True), ("overtaken", "late", True), ("applied", "late", True),
    ("accepted", "late", False), ("sent", "text", False), ("not yet sent", "track", False),
    ("left out", "track", False), ("stuck", "oversell", True),
)  # fmt: skip


class ProgressBox(ProgressRows):
    """``progress`` is what it shows. ``focus_on`` is rows, stop or hide; ``cursor`` follows its row."""

    can_focus = True
    focus_on = "rows"
    _held: tuple[str, int] | None = None

    @property
    def step(self) -> Step | None:
        """The row under the cursor."""
        steps = self.progress.steps
        return steps[self.cursor] if self.cursor < len(steps) else None

    def move_to(self, index: int) -> None:
        """The cursor to a row."""
        self.cursor = max(0, min(index, len(self.progress.steps) - 1))
        found = self.step
        self._held = (found.action.key, found.place) if found is not None and self.cursor else None

    def title(self) -> tuple[str, str]:
        """See :class:`Modal`."""
        scene, progress = self.scene, self.progress
        kind, where = _KINDS.get(progress.kind, progress.kind.capitalize()), progress.surfaces
        name = words.title(where[0]) if len(where) == 1 else f"{len(where)} surfaces"
        started, ended = progress.started_at, progress.ended_at
        if started is None:
            return f"{kind} of {name}", ""
        if ended is not None:
            return f"{kind} of {name}", f"ended {words.clock(ended, scene.zone)}, after {seconds(ended - started)}"
        return f"{kind} of {name}", f"started {words.clock(started, scene.zone)}, {seconds(scene.now - started)} ago"

    def inside(self, width: int, height: int) -> Sequence[Row]:
        """See :class:`Modal`."""
        roomy = height >= ROOMY
        columns = progress_columns(width, self.scene.sku_width)
        top = [
            self.blank(width),
            *(self._hero(width) if roomy else self._short_hero(width)),
            self.heads(width, columns),
        ]
        if roomy:
            rule = self.blank(width)
            rule.fill(2, width - 2, self.scene.glyphs.light)
            top.append(rule)
        tail = self._tail(width, roomy=roomy)
        self.above = len(top)
        room = max(0, height - len(top) - len(tail))
        self._hold(room)
        rows = [
            self.line(width, columns, place)
            for place in range(self.top, min(self.top + room, len(self.progress.steps)))
        ]
        rows += [self.blank(width) for _ in range(room - len(rows))]
        self.scroll_bar(rows, width - 2, self.top, len(self.progress.steps))
        return [*top, *rows, self._rule(width), *tail[1:]]

    def _hold(self, room: int) -> None:
        """The cursor stays on its row though the order is another."""
        steps = self.progress.steps
        self.room = max(1, room)
        if self._held is not None:
            found = self.step
            if found is None or (found.action.key, found.place) != self._held:
                at = [(step.action.key, step.place) for step in steps]
                self.cursor = at.index(self._held) if self._held in at else 0
        self.cursor = max(0, min(self.cursor, len(steps) - 1))
        self.top = max(self.cursor - room + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, len(steps) - room))

    # -- the upper part -----------------------------------------------------------------------------------------

    def _said(self) -> tuple[str, str]:
        total = words.count(len(self.progress.steps))
        rows = "row" if len(self.progress.steps) == 1 else "rows"
        if not self.equal:
            return f"of {total} {rows} verified", ", read back as written"
        return f"of {total} {rows} in sync", ", read back and equal"

    def _hero(self, width: int) -> Sequence[Row]:
        rows = [self.blank(width) for _ in range(7)]
        number = words.count(self.progress.good)
        digits = big(number, self.scene.glyphs.block)
        for y, line in enumerate(digits, 1):
            rows[y].put(LEFT, line, "ok")
        x = _BESIDE if digits else rows[1].put(LEFT, number, "ok", bold=True) + 1
        lead, rest = self._said()
        rows[1].put(rows[1].put(x, lead, "strong", bold=True), rest, "muted")
        self._bar(rows[3], _BESIDE, min(_BESIDE + 66 + max(0, width - FULL), width - 3))
        for row, groups in zip((rows[4], rows[5]), _GROUPS, strict=True):
            for x, group in zip((23, 42, 61), groups, strict=True):
                self._count(row, x, self.good if group == "in sync" else group)
        if self.progress.counts["overtaken"]:
            self._count(rows[4], 78, "overtaken")
        if self.progress.counts["left out"]:
            self._count(rows[5], 78, "left out")
        return rows

    def _short_hero(self, width: int) -> Sequence[Row]:
        rows = [self.blank(width), self.blank(width)]
        x = rows[0].put(LEFT, words.count(self.progress.good), "ok", bold=True)
        x = rows[0].put(x + 1, self._said()[0], "strong", bold=True) + 2
        for group, _ink, _heavy in _STRETCHES[2:]:
            count = self.progress.counts[group]
            text = f"{self._glyph(group)[0]} {words.count(count)} {group}"
            if count and x + len(text) < width - 2:
                x = rows[0].put(x, text, self._glyph(group)[1]) + 2
        self._bar(rows[1], LEFT, width - 3)
        return rows

    def _count(self, row: Row, x: int, group: str) -> None:
        glyph, ink = self._glyph(group)
        count = self.progress.counts[group]
        ink = ink if count else "muted"
        row.put(x, glyph, ink)
        text = words.count(count)
        after = row.right(x + 3, text, ink, bold=bool(count)) + len(text) if len(text) <= 2 else row.put(
            x + 2, text, ink, bold=True)  # fmt: skip
        row.put(after + 1, group, "text" if count else "muted")

    def _glyph(self, group: str) -> tuple[str, str]:
        glyphs = self.scene.glyphs
        return {
            "in sync": (glyphs.ok, "ok"),
            "verified": (glyphs.ok, "ok"),
            "overtaken": (glyphs.late, "late"),
            "applied": (glyphs.late, "late"),
            "accepted": (glyphs.in_flight, "late"),
            "sent": (glyphs.actor, "text"),
            "stuck": (glyphs.oversell, "oversell"),
        }.get(group, (glyphs.light, "muted"))

    def _bar(self, row: Row, x: int, stop: int) -> None:
        """Every row of the action has its part of it."""
        total, at, begin = max(1, len(self.progress.steps)), 0, x
        for group, ink, heavy in _STRETCHES:
            at += self.progress.counts[group]
            end = begin + round((stop - begin) * at / total)
            row.fill(x, end, self.scene.glyphs.heavy if heavy else self.scene.glyphs.light, ink)
            x = max(x, end)

    # -- below --------------------------------------------------------------------------------------------------

    def _rule(self, width: int) -> Row:
        row = self.blank(width)
        row.fill(2, width - 2, self.scene.glyphs.light)
        count = len(self.progress.steps)
        if count:
            last = min(self.top + self.room, count)
            row.right(width - 5, f" {self.top + 1}–{last} of {words.count(count)}, stuck first ", "muted")
        return row

    def _tail(self, width: int, *, roomy: bool) -> Sequence[Row]:
        rows = [self.blank(width), *(self.blank(width) for _ in range(3 if roomy else 1))]
        step = self.step
        if step is not None:
            parts: list[Part] = self._explained(step)
            flow(rows, 1, LEFT, width - 3, parts, len(rows), self.scene.glyphs.ellipsis)
        blank = [self.blank(width)] if roomy else []
        return [*rows, *blank, self._buttons(width), self.blank(width)]

    def _explained(self, step: Step) -> list[Part]:
        """What is to be said of the row under the cursor."""
        sku, surface = step.change.sku, words.title(step.action.asked.surface)
        ink = "oversell" if step.lost else self.ink(step)
        is_word = f"{sku} is {step.word}." if step.word not in ("failed", "undelivered") else f"{sku} {step.word}."
        parts: list[Part] = [(self.state_glyph(step), ink, True), (is_word, ink, True)]
        if step.why:
            parts.append((f"{step.why[:1].upper()}{step.why[1:].rstrip('.')}.", "text", False))
        sent, answer = step.action.wires()[step.place]
        if answer:
            parts.append((f"{surface} answered: {answer.rstrip('.')}.", "muted", False))
        elif sent and not step.why:
            parts.append((f"Sent: {sent.rstrip('.')}.", "muted", False))
        parts += [(self.scene.key("open"), "accent", True), ("evidence", "text", False)]
        if step.lost:
            parts += [(self.scene.key("contain"), "accent", True), ("contain", "text", False)]
        return parts

    def _buttons(self, width: int) -> Row:
        row, unsent = self.blank(width), self.progress.unsent
        x = LEFT
        hide = "Hide, keep going" if self.progress.open else "Close"
        if unsent:
            stop = f"Stop the {words.count(unsent)} unsent"
            x = self.button(row, x, len(stop) + 7, stop, chosen=self.focus_on == "stop") + 3
        x = self.button(row, x, len(hide) + 4, hide, chosen=self.focus_on == "hide")
        key = self.scene.key("back")
        does = "stop what is not sent" if unsent else "hide" if self.progress.open else "close"
        if x + len(key) + len(does) + 4 < width:
            start = width - 3 - len(does)
            row.put(start, does, "muted")
            row.put(start - 1 - len(key), key, "accent", bold=True)
        return row
