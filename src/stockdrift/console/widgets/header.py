"""Row 0: who we are, which store, who answers, what time it is."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import ANSWERING, Scene
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import Status
from stockdrift.stock.words import several


class Header(Panel):
    """``clock`` is the wall clock's time; it goes on while the scene is frozen."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.clock = scene.now  # until it is told better: a screen that opens shows no other time for a blink

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """Store left, state right; the clock is the last thing, so that a second costs eight cells. In History, a
        banner that says so.
        """
        if self.scene.replay is not None:
            return [self._past(width)]
        row = self.row(width, "panel")
        scene = self.scene
        left = row.put(1, scene.glyphs.mark, "accent", bold=True)
        left = row.put(left + 1, "stockdrift", "accent", bold=True)
        edge = self._clock(row, width)
        store = scene.picture.store if scene.picture else ""
        for glyph, text, ink, least in (*self._state(width), *self._failed(width), *self._mode()):
            start = edge - len(text) - len(glyph)
            if start - 2 < left + least:
                break
            row.put(start, f"{glyph} {text}", ink)
            edge = start - 4
        row.put(left + 3, words.cut(store, edge - left - 3, scene.glyphs.ellipsis), "strong", bold=True)
        return [row]

    def _past(self, width: int) -> Row:
        """Inverted: which moment this is, how long ago, that nothing can be changed, and how to get out."""
        scene = self.scene
        row = Row(scene.theme, width, on="accent")
        day = words.day(scene.now, scene.zone)
        when = words.clock(scene.now, scene.zone)
        if day != words.day(self.clock or scene.now, scene.zone):
            when = f"{day} {when}"
        out = scene.key("back")
        ago = f"not live, {words.age(max(0, self.clock - scene.now))} ago"
        said = [(f"REPLAY  {when}", 4, True), (ago, 3, False), ("actions barred", 3, False), (f"{out} live", 0, False)]
        for leaves in (2, 1):  # what is told elsewhere goes first
            if sum(len(text) + gap for text, gap, _ in said) + 24 > width:
                del said[leaves]
        x = width - 2 - sum(len(text) + gap for text, gap, _ in said) + (0 if width >= 24 else 1)
        if x > 18:
            left = row.put(row.put(1, scene.glyphs.mark, "background", bold=True) + 1, "stockdrift", "background",
                           bold=True)  # fmt: skip
            store = scene.picture.store if scene.picture else ""
            if x - left > 8:
                row.put(left + 3, words.cut(store, x - left - 5, scene.glyphs.ellipsis), "background", bold=True)
        x = max(x, 0)
        for text, gap, bold in said:
            x = row.put(x, text, "background", bold=bold) + gap
        row.put(x - len(f"{out} live"), out, "background", bold=True)
        return row

    def _clock(self, row: Row, width: int) -> int:
        """Paints date and time; returns the last cell that is free left of them."""
        time, scene = words.clock(self.clock, self.scene.zone), self.scene
        if width < 100:
            return row.right(width - 2, time, "strong", bold=True) - 4
        start = row.right(width - 2, words.zone_name(self.clock, scene.zone)[:6], "muted")
        start = row.right(start - 2, time, "strong", bold=True)
        return row.right(start - 3, words.day(self.clock, scene.zone), "muted") - 4

    def _state(self, width: int) -> list[tuple[str, str, str, int]]:
        picture, glyphs = self.scene.picture, self.scene.glyphs
        if picture is None:
            return [(glyphs.unknown, "no reading yet", "unknown", 8)]
        if self.scene.trouble.startswith(words.NOT_RECORDING) or not picture.recording:
            return [(glyphs.unknown, "not recording", "unknown", 8)]  # nothing comes that could be judged
        active = [surface for surface in picture.surfaces if surface.active]
        waited = self.scene.missing_since
        missed = [surface for surface in active if self.scene.missed(surface)]
        good = sum(surface.status in ANSWERING for surface in active) - len(missed)
        if picture.master.status not in ANSWERING:
            glyph = glyphs.unknown if picture.master.status is Status.NOT_READ else glyphs.failed
            return [(glyph, f"master {_SHORT.get(picture.master.status, picture.master.status.value)}", "unknown", 8)]
        if not active:
            return [(glyphs.unknown, "no surface", "unknown", 8)]
        if waited is not None and (good + len(missed) == len(active)):
            who = f"{len(missed)} of {len(active)}" if missed else "master"
            said = f"{who}: no answer for {self.scene.age(waited)}"
            return [(glyphs.late, said if width >= 100 else f"no answer {self.scene.age(waited)}", "late", 8)]
        text = f"{good} of {len(active)} polls answer" if width >= 100 else f"{good}/{len(active)} polls"
        return [(glyphs.ok, text, "ok", 8) if good == len(active) else (glyphs.unknown, text, "unknown", 8)]

    def _any_takes_writes(self) -> bool:
        """A console that may write is no more than one that may plan where no surface lets itself be written to."""
        rules = self.scene.model.rules if self.scene.model is not None else None
        return rules is None or any(surface.writable and surface.write for surface in rules.surfaces)

    def _failed(self, width: int) -> list[tuple[str, str, str, int]]:
        """Actions that failed wait for somebody: how many, and the key that leads to them."""
        scene = self.scene
        failed, key = scene.dead_letters, scene.key("actions")
        if not failed:
            return []
        said = f"{several(failed, 'action')} failed, {key}" if width >= 160 else f"{words.count(failed)} failed, {key}"
        return [(scene.glyphs.flag, said, "oversell", 2)]

    def _mode(self) -> list[tuple[str, str, str, int]]:
        if self.scene.frozen_at is not None:
            return [
                (self.scene.glyphs.late, f"frozen {words.clock(self.scene.frozen_at, self.scene.zone)}", "late", 14)
            ]
        if self.scene.writing and not self._any_takes_writes():
            return [(self.scene.glyphs.actor, "no surface takes writes", "muted", 14)]
        if self.scene.writing:
            return [(self.scene.glyphs.ok, f"writing as {self.scene.writing}", "late", 14)]
        return [(self.scene.glyphs.actor, "read-only", "muted", 14)]


_SHORT = {Status.NOT_READ: "not read yet"}
