"""Likely cause, or what comes next when nothing drifts, or the surface under the cursor in detail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from textual.events import Click
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene, paused_text
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import overdue_words, status_glyph, status_ink, status_word, waits
from stockdrift.stock.picture import Finding, Picture, Status, SurfaceLine
from stockdrift.stock.reading import MASTER
from stockdrift.stock.words import several

_ROWS = 5

_COUNT = re.compile(r"\d[\d,]*(?: [a-z]+)+(?: [+−]\d+)?")  # "2 lost update", "2 manual override +4"

Part = tuple[str, str, bool]
"""Text, colour token, bold."""


class CausePanel(Panel):
    """Five rows: title, three of text, the keys that help. In History the first three."""

    class Chosen(Message):
        """A likely cause was clicked; ``place`` is its place among all. ``opened`` by a second click."""

        def __init__(self, place: int, *, opened: bool) -> None:
            super().__init__()
            self.place = place
            self.opened = opened

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._told: list[int] = []  # of which cause each row of text speaks, from the first on

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(max(height, _ROWS))]
        scene = self.scene
        picture = scene.picture
        self._told = []
        if picture is None:
            self._title(rows[0], width, "Next", "")
            rows[1].put(1, "Waiting for the first reading of the master.", "muted")
        elif scene.focus == "surfaces" and scene.surface is not None:
            self._surface(rows, width, scene.surface)
        elif scene.findings:
            shown = scene.findings[min(scene.finding_cursor, len(scene.findings) - 1) :]
            self._findings(rows, width, shown, min(height, _ROWS - 1))
        else:
            self._next(rows, width, picture)
        return rows[:height]

    def _title(self, row: Row, width: int, title: str, right: str) -> None:
        glyphs, focused = self.scene.glyphs, self.scene.focus == "cause"
        title_rule(row, -1, width, title, right, focused=focused, light=glyphs.light, heavy=glyphs.heavy)

    def _minute(self, at: int) -> str:
        return self.scene.minute_of(at)

    def _findings(self, rows: Sequence[Row], width: int, findings: Sequence[Finding], stop: int) -> None:
        first = findings[0]
        title = "Likely causes" if len(self.scene.findings) > 1 else "Likely cause"
        self._title(rows[0], width, self.scene.tense(title, f"{title}, as known then"), first.title)
        y = 1
        for place, finding in enumerate(findings, len(self.scene.findings) - len(findings)):
            begun = y
            parts: list[Part] = [
                (finding.lead, finding.tone or "strong", True),
                (finding.said(self._minute), "text", False),
            ]
            rows[y].put(1, self.scene.glyphs.tone(finding.tone), finding.tone or "text")
            y = flow(rows, y, 3, width - 2, parts, stop, self.scene.glyphs.ellipsis)
            if finding.also and y < stop:
                y = flow(rows, y, 3, width - 2, _counted(finding.also), stop, self.scene.glyphs.ellipsis)
            self._told += [place] * (y - begun)
            if y >= stop:
                break
        surface = next((finding.surface for finding in findings if finding.surface), "")
        named = words.title(surface) if surface and surface != MASTER else ""
        picture, keys = self.scene.picture, []
        if named and picture is not None and any(one.name == surface and one.drifting for one in picture.surfaces):
            keys.append((self.scene.key("resync-surface"), f"plan resync of {named}"))
        if first.listing:
            keys.append((self.scene.key("evidence"), "evidence"))
        if named:
            keys.append((self.scene.key("surface"), f"open {named}"))
            keys.append((self.scene.key("reread"), "read it again"))
        put_keys(rows[4], 3, width - 2, keys or [(self.scene.key("panel-surfaces"), "surfaces")])

    def on_click(self, event: Click) -> None:
        """Says which cause was clicked."""
        if 0 < event.y <= len(self._told):
            self.post_message(self.Chosen(self._told[event.y - 1], opened=event.chain > 1))

    def _surface(self, rows: Sequence[Row], width: int, surface: SurfaceLine) -> None:
        scene = self.scene
        name, ink = words.title(surface.name), status_ink(surface, scene)
        kind = words.kind_word(surface.kind) or surface.kind
        self._title(rows[0], width, f"{name} {kind}", status_word(surface, scene))
        rows[1].put(1, status_glyph(surface, scene), ink)
        missed = overdue_words([surface], scene).removeprefix(f"{name} ")
        said = (
            (paused_text(surface, scene.zone) if surface.pause else surface.reason)
            or missed
            or {
                Status.ON_TIME: _on_time(surface),
                Status.OFF: "is switched off in the settings; it is not compared",
            }.get(surface.status, surface.status.value)
        )
        apart = surface.reason and not surface.pause
        lead: list[Part] = [(f"{name}:" if apart else name, ink, True), (said, "text", False)]
        flow(rows, 1, 3, width - 2, lead, 2, scene.glyphs.ellipsis)
        facts: list[Part] = [
            (f"{words.count(surface.listed)} listed,", "text", False),
            (f"{words.count(surface.unknown)} unknown,", "unknown" if surface.unknown else "muted", False),
            (
                f"{words.count(surface.bad_rows)} bad row{'' if surface.bad_rows == 1 else 's'}",
                "late" if surface.bad_rows else "muted",
                False,
            ),
        ]
        flow(rows, 2, 3, width - 2, facts, 3, scene.glyphs.ellipsis)
        times: list[Part] = [
            ("read", "muted", False),
            (f"{_moment(surface.read_at, scene)},", "text", False),
            ("next", "muted", False),
            (f"{scene.glyphs.none if surface.pause else _moment(surface.next_at, scene)},", "text", False),
            (f"up to {words.age(surface.allowed)} behind is normal", "muted", False),
        ]
        flow(rows, 3, 3, width - 2, times, 4, scene.glyphs.ellipsis)
        put_keys(
            rows[4],
            3,
            width - 2,
            [
                (self.scene.key("reread"), f"read {name} again"),
                *([(self.scene.key("pause"), "resume")] if surface.pause else []),
                (self.scene.key("tolerance"), "its tolerance"),
                (self.scene.key("panel"), "SKUs"),
            ],
        )

    def _next(self, rows: Sequence[Row], width: int, picture: Picture) -> None:
        scene = self.scene
        self._title(rows[0], width, scene.tense("Next", "Next, as known then"), "")
        active = [surface for surface in picture.surfaces if surface.active]
        read = [surface for surface in active if surface.read_at is not None]
        if not picture.gauge.known or not read:
            master = picture.master
            said = "Reading the master and its surfaces." if master.status is Status.NOT_READ else scene.banner[1]
            flow(rows, 1, 1, width - 2, [(said or "Nothing can be compared yet.", "text", False)], 3,
                 scene.glyphs.ellipsis)  # fmt: skip
            put_keys(rows[4], 1, width - 2, [(self.scene.key("reread-all"), "read everything now")])
            return
        coming = [surface for surface in active if surface.next_at is not None]
        soon = min(coming, key=lambda surface: surface.next_at or 0) if coming else None
        missed = [surface for surface in scene.read if scene.missed(surface)]
        if missed:
            self._overdue(rows, width, missed)
        else:
            self._oldest(rows, width, read)
            if soon is not None:
                x = rows[2].put(1, "next read ", "muted")
                x = rows[2].put(x, words.title(soon.name))
                rows[2].put(x, f", in {words.age((soon.next_at or 0) - scene.now)}", "muted")
        tracked = words.count(picture.gauge.tracked)
        put_keys(
            rows[4],
            1,
            width - 2,
            [
                (self.scene.key("everything"), f"all {tracked} SKUs"),
                (self.scene.key("panel"), "a surface"),
                (self.scene.key("reread-all"), "read all again"),
            ],
        )

    def _oldest(self, rows: Sequence[Row], width: int, read: Sequence[SurfaceLine]) -> None:
        scene = self.scene
        oldest = max(read, key=lambda surface: (scene.now - (surface.read_at or 0)) / max(1, surface.allowed))
        age = words.age(scene.now - (oldest.read_at or 0))
        sentence = f"{words.title(oldest.name)} is the oldest read, {age} of its {words.age(oldest.allowed)} allowed."
        rest, ink = waits(scene)
        row = 1 if ink == "text" else 3  # what waits gets a row of its own
        flow(rows, 1, 1, width - 2, [(f"{sentence} {rest if scene.calm and row == 1 else ''}", "text", False)], 2,
             scene.glyphs.ellipsis)  # fmt: skip
        if row > 1:
            rows[row].put(1, rest, ink, bold=True)

    def _overdue(self, rows: Sequence[Row], width: int, missed: Sequence[SurfaceLine]) -> None:
        """A read that does not come back is no calm, though what was read before still counts for a while."""
        scene = self.scene
        until = words.age(min(surface.stale_after for surface in missed))
        parts: list[Part] = [
            (f"{overdue_words(missed, scene)}.", "late", True),
            (f"What was read before counts until it is {until} old, then it is unknown.", "text", False),
        ]
        flow(rows, 1, 1, width - 2, parts, 3, scene.glyphs.ellipsis)


def _on_time(surface: SurfaceLine) -> str:
    """What a surface that is on time shows may be wrong all the same."""
    said = "answers, and is no further behind than it may be"
    if not surface.drifting:
        return said
    return f"{said}; {several(surface.drifting, 'SKU')} {'drifts' if surface.drifting == 1 else 'drift'} there"


def _moment(at: int | None, scene: Scene) -> str:
    return scene.glyphs.unknown if at is None else words.clock(at, scene.zone)


def _counted(text: str) -> list[Part]:
    """What else is so: how many of what stands out, who they are does not."""
    parts: list[Part] = []
    at = 0
    for found in _COUNT.finditer(text):
        parts += [(text[at : found.start()], "muted", False), (found[0], "strong", True)]
        at = found.end()
    return [*parts, (text[at:], "muted", False)]


def flow(rows: Sequence[Row], y: int, x: int, edge: int, parts: Sequence[Part], stop: int, ellipsis: str) -> int:
    """Sets ``parts`` word by word from row ``y`` in the cells ``x`` up to and without ``edge``; returns the row after
    the last. A word that is wider than that, such as a path, goes on in the next row. What does not fit before row
    ``stop`` ends in an ellipsis.
    """
    at = x
    for text, ink, bold in parts:
        for word in (piece for whole in text.split() for piece in chop_cells(whole, max(2, edge - x))):
            need = cell_len(word) + (1 if at > x else 0)
            if at + need > edge and at > x:
                if y + 1 >= stop:
                    rows[y].put(min(at, edge - 1), ellipsis, "muted")
                    return y + 1
                y, at = y + 1, x
                need = cell_len(word)
            start = at + (1 if at > x else 0)
            at = rows[y].put(start, words.cut(word, edge - start, ellipsis), ink, bold=bold)
    return y + 1


def put_keys(row: Row, x: int, edge: int, keys: Sequence[tuple[str, str]]) -> None:
    """Keys with what they do, as many as fit."""
    for key, does in keys:
        if x + len(key) + 1 + cell_len(does) > edge:
            return
        x = row.put(x, key, "accent", bold=True)
        x = row.put(x + 1, does) + 3
