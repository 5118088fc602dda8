"""How far a resync is: counts, a bar, a line for each row with its four stages, what is stuck first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.digits import big
from stockdrift.console.paint import Row
from stockdrift.console.progress import STAGES, Progress, Step
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import Part, flow
from stockdrift.console.widgets.modal import LEFT, ROOMY, Modal
from stockdrift.console.widgets.plan_rows import value
from stockdrift.stock.actions import GOOD, RowState

_BESIDE: Final = 23
_FULL: Final = 96
_KINDS: Final = {"unlist": "Taking down", "relist": "Putting up"}
_GROUPS: Final = (("in sync", "applied", "accepted"), ("sent", "not yet sent", "stuck"))
_STRETCHES: Final = (
    ("in sync", "ok", True), ("applied", "late", True), ("accepted", "late", False), ("sent", "text", False),
    ("not yet sent", "track", False), ("left out", "track", False), ("stuck", "oversell", True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where they are in a box of some width; ``name`` is None where there is no room for it."""

    name: int | None
    name_stop: int
    arrow: int
    dots: tuple[int, int, int, int]
    glyph: int
    took: int


def _columns(width: int, sku_width: int) -> _Columns:
    name = LEFT + sku_width + 2
    if width >= _FULL:
        by = width - _FULL
        return _Columns(name, 31 + by, 36 + by, (44 + by, 53 + by, 63 + by, 73 + by), 76 + by, 92 + by)
    glyph = width - 20
    first = glyph - 15
    arrow = first - 8
    found = (first, first + 4, first + 8, first + 12)
    return _Columns(name if arrow - 6 - name >= 8 else None, arrow - 6, arrow, found, glyph, width - 4)


class ProgressBox(Modal):
    """``progress`` is what it shows. ``focus_on`` is rows, stop or hide; ``cursor`` follows its row."""

    can_focus = True
    cursor = 0
    top = 0
    room = 1
    focus_on = "rows"

    class Scrolled(Message):
        """The mouse scrolled by so many rows, or chose the row ``index``."""

        def __init__(self, by: int = 0, index: int | None = None) -> None:
            super().__init__()
            self.by = by
            self.index = index

    def __init__(self, scene: Scene, behind: Sequence[str], progress: Progress, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, behind, id)
        self.progress = progress
        self._held: tuple[str, int] | None = None

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
            return f"{kind} of {name}", f"ended {words.clock(ended, scene.zone)}, after {_seconds(ended - started)}"
        return f"{kind} of {name}", f"started {words.clock(started, scene.zone)}, {_seconds(scene.now - started)} ago"

    def inside(self, width: int, height: int) -> Sequence[Row]:
        """See :class:`Modal`."""
        roomy = height >= ROOMY
        columns = _columns(width, self.scene.sku_width)
        top = [
            self.blank(width),
            *(self._hero(width) if roomy else self._short_hero(width)),
            self._heads(width, columns),
        ]
        if roomy:
            rule = self.blank(width)
            rule.fill(2, width - 2, self.scene.glyphs.light)
            top.append(rule)
        tail = self._tail(width, roomy=roomy)
        room = max(0, height - len(top) - len(tail))
        self._hold(room)
        rows = [
            self._line(width, columns, place)
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
        if self.progress.kind not in ("resync", "refresh", "retry"):
            return f"of {total} {rows} verified", ", read back as written"
        return f"of {total} {rows} in sync", ", read back and equal"

    def _hero(self, width: int) -> Sequence[Row]:
        rows = [self.blank(width) for _ in range(7)]
        number = words.count(self.progress.good)
        digits = big(number)
        for y, line in enumerate(digits, 1):
            rows[y].put(LEFT, line, "ok")
        x = _BESIDE if digits else rows[1].put(LEFT, number, "ok", bold=True) + 1
        lead, rest = self._said()
        rows[1].put(rows[1].put(x, lead, "strong", bold=True), rest, "muted")
        self._bar(rows[3], _BESIDE, min(_BESIDE + 66 + max(0, width - _FULL), width - 3))
        for row, groups in zip((rows[4], rows[5]), _GROUPS, strict=True):
            for x, group in zip((23, 42, 61), groups, strict=True):
                self._count(row, x, group)
        if self.progress.counts["left out"]:
            self._count(rows[5], 78, "left out")
        return rows

    def _short_hero(self, width: int) -> Sequence[Row]:
        rows = [self.blank(width), self.blank(width)]
        x = rows[0].put(LEFT, words.count(self.progress.good), "ok", bold=True)
        x = rows[0].put(x + 1, self._said()[0], "strong", bold=True) + 2
        for group, _ink, _heavy in _STRETCHES[1:]:
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

    # -- the rows -----------------------------------------------------------------------------------------------

    def _heads(self, width: int, columns: _Columns) -> Row:
        row = self.blank(width)
        several = len(self.progress.surfaces) > 1
        row.put(LEFT, "SKU", "muted")
        if columns.name is not None:
            row.put(columns.name, "surface" if several else "name", "muted")
        row.right(columns.arrow + 3, "change", "muted")
        if width >= _FULL:
            first, second, third, last = columns.dots
            for x, word in zip((first - 2, second - 4, third - 3, last - 3), STAGES, strict=True):
                row.put(x, word, "muted")
        else:
            row.put(columns.dots[0], "progress", "muted")
        row.right(columns.took, "took", "muted")
        return row

    def _line(self, width: int, columns: _Columns, place: int) -> Row:
        scene, step = self.scene, self.progress.steps[place]
        here = place == self.cursor
        row = self.row(width, "cursor" if here else "panel")
        if here:
            row.put(1, scene.glyphs.cursor, "accent")
        room = (columns.name or columns.arrow - 6) - LEFT - 1
        row.put(LEFT, words.cut_middle(step.change.sku, room, scene.glyphs.ellipsis), "strong", bold=True)
        if columns.name is not None:
            several = len(self.progress.surfaces) > 1
            name = words.title(step.action.asked.surface) if several else self._named(step)
            row.put(columns.name, words.cut(name, columns.name_stop - columns.name, scene.glyphs.ellipsis), "text")
        row.right(columns.arrow - 2, value(step.action.asked.kind, step.change.before, 5), "muted")
        row.put(columns.arrow, "→", "muted")
        row.right(columns.arrow + 3, value(step.action.asked.kind, step.change.after, 3), "strong", bold=True)
        ink = self._stages(row, columns, step)
        glyph = self._state_glyph(step)
        row.put(columns.glyph, glyph, ink)
        word = "not sent" if step.state is RowState.WAITING else step.word
        shown = self._shown(step) if step.lost and step.word == "stuck" else None
        text = word if shown is None else f"{word} at {words.short(shown, 5)}"
        row.put(
            columns.glyph + 2,
            words.cut(text, columns.took - columns.glyph - (3 if step.sent_at is None else 6), scene.glyphs.ellipsis),
            ink,
        )
        if shown is None or width < _FULL:
            self._took(row, columns, step)
        return row

    def _took(self, row: Row, columns: _Columns, step: Step) -> None:
        lasting = step.took
        if lasting is None and step.sent_at is not None:
            lasting = max(0, self.scene.now - step.sent_at)
        row.right(columns.took, self.scene.glyphs.none if lasting is None else _seconds(lasting), "muted")

    def _stages(self, row: Row, columns: _Columns, step: Step) -> str:
        """The four dots, joined as far as the row came; returns the colour of its state."""
        glyphs = self.scene.glyphs
        ink = "oversell" if step.lost else self._ink(step)
        dots = columns.dots
        for place, x in enumerate(dots):
            reached = place < step.stage
            if place:
                row.fill(dots[place - 1] + 1, x, glyphs.heavy if reached else glyphs.light, ink if reached else "track")
            last = step.lost and place == step.stage - 1
            row.put(x, glyphs.oversell if last else glyphs.ok if reached else glyphs.actor, ink if reached else "rule")
        return ink

    @staticmethod
    def _ink(step: Step) -> str:
        if step.state in GOOD:
            return "ok"
        if step.state in (RowState.APPLIED, RowState.ACCEPTED, RowState.STALE):
            return "late"
        return "text" if step.state is RowState.SENT else "muted"

    def _state_glyph(self, step: Step) -> str:
        glyphs = self.scene.glyphs
        if step.lost:
            return glyphs.oversell
        if step.state in GOOD:
            return glyphs.ok
        return {
            RowState.APPLIED: glyphs.late,
            RowState.ACCEPTED: glyphs.in_flight,
            RowState.SENT: glyphs.actor,
            RowState.STALE: glyphs.flag,
        }.get(step.state, glyphs.light)

    def _found(self, step: Step) -> int | None:
        model = self.scene.model
        return None if model is None else model.row_of(step.change.sku)

    def _named(self, step: Step) -> str:
        row, model = self._found(step), self.scene.model
        return model.lines([row])[0].name if row is not None and model is not None else ""

    def _shown(self, step: Step) -> int | None:
        """What the surface shows of it now."""
        row, model, picture = self._found(step), self.scene.model, self.scene.picture
        if row is None or model is None or picture is None:
            return None
        names = [surface.name for surface in picture.surfaces]
        if step.action.asked.surface not in names:
            return None
        reported = model.lines([row])[0].cells[names.index(step.action.asked.surface)].reported
        return reported if isinstance(reported, int) else None

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
        ink = "oversell" if step.lost else self._ink(step)
        is_word = f"{sku} is {step.word}." if step.word not in ("failed", "undelivered") else f"{sku} {step.word}."
        parts: list[Part] = [(self._state_glyph(step), ink, True), (is_word, ink, True)]
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

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.post_message(self.Scrolled(3))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.post_message(self.Scrolled(-3))

    def on_click(self, event: Click) -> None:
        """A click in the list chooses a row."""
        place = self.place
        index = event.y - place.y - (10 if place.height >= ROOMY else 4)
        if 0 <= index < self.room and place.x < event.x < place.right:
            self.post_message(self.Scrolled(index=self.top + index))


def _seconds(ms: int) -> str:
    """``18 s``, as long as these are seconds."""
    return f"{max(0, ms) // 1_000} s" if ms < 60_000 else words.age(ms)
