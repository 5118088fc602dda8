"""The form in which SKUs are ignored: why, until when, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.events import Key, Paste
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.until import parse_until
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.rules import Ignore
from stockdrift.stock.text import clean

ROWS: Final = 6
"""What it needs to be shown whole."""

_FIELDS: Final = ("reason", "until", "where")
_LABEL: Final = 2
_VALUE: Final = 11
_LONGEST: Final = 200
_USUAL: Final = "7d"


class IgnoreForm(Panel):
    """Takes every key while it is shown. ``skus`` are those it is about."""

    can_focus = True

    class Done(Message):
        """``skus`` are to be ignored on ``surface`` (empty: everywhere); ``ignore`` None: typing was given up."""

        def __init__(self, skus: Sequence[str], surface: str, ignore: Ignore | None) -> None:
            super().__init__()
            self.skus = skus
            self.surface = surface
            self.ignore = ignore

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(scene, id)
        self.skus: Sequence[str] = ()
        self._texts = {"reason": "", "until": _USUAL}
        self._offered: set[str] = set()  # fields whose text nobody typed: the first letter takes its place
        self._field = 0
        self._surface = 0  # 0 is everywhere
        self._standing: Ignore | None = None
        self._now = 0
        self._error = ""

    def ask(self, skus: Sequence[str], standing: Ignore | None, now: int) -> None:
        """Begins anew for ``skus``; ``standing`` is by what they are ignored now, from ``now`` ends count."""
        self.skus, self._standing, self._now = skus, standing, now
        self._texts = {"reason": standing.reason if standing else "", "until": _USUAL}
        self._offered = {"until"}
        self._field, self._surface, self._error = 0, 0, ""

    @property
    def _surfaces(self) -> Sequence[str]:
        picture = self.scene.picture
        return ["", *(surface.name for surface in picture.surfaces if surface.active)] if picture else [""]

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """All of it; where there is no room, the field in question and what is wrong."""
        about = self.skus[0] if len(self.skus) == 1 else f"{words.count(len(self.skus))} SKUs"
        title = self.row(width, "panel")
        glyphs = self.scene.glyphs
        title_rule(title, 0, width, f"Ignore {about}", focused=True, light=glyphs.light, heavy=glyphs.heavy)
        fields = [self._text(width, "reason"), self._text(width, "until"), self._where(width)]
        rows = [title, *fields, self._said(width), self._keys(width)]
        if height >= len(rows):
            return [*rows, *(self.row(width, "panel") for _ in range(height - len(rows)))]
        return [fields[self._field], self._said(width), *fields][:height]

    def _text(self, width: int, name: str) -> Row:
        row, here = self._labelled(width, name)
        shown = self._texts[name]
        room = max(4, width - _VALUE - (32 if name == "until" else 4))
        while cell_len(shown) > room:
            shown = shown[1:]
        after = row.put(_VALUE, shown, "strong")
        if here:
            after = row.put(after, " ", "background", on="text")
        if name == "until" and (moment := self._moment()) is not None:
            zone = self.scene.zone
            told = f"{words.day(moment, zone)} {words.minute(moment, zone)}" if moment > self._now else "at once"
            row.put(max(after + 2, _VALUE + 14), told, "muted")
        return row

    def _where(self, width: int) -> Row:
        row, here = self._labelled(width, "where")
        x = _VALUE
        for place, name in enumerate(self._surfaces):
            text = words.title(name) if name else "everywhere"
            chosen = place == self._surface
            if x + cell_len(text) + 2 > width:
                break
            x = row.put(x, text, ("accent" if here else "strong") if chosen else "muted", bold=chosen) + 3
        return row

    def _labelled(self, width: int, name: str) -> tuple[Row, bool]:
        row = self.row(width, "panel")
        here = _FIELDS[self._field] == name
        if here:
            row.put(0, self.scene.glyphs.cursor, "accent", bold=True)
        row.put(_LABEL, name.capitalize(), "strong" if here else "muted", bold=here)
        return row, here

    def _said(self, width: int) -> Row:
        row = self.row(width, "panel")
        ellipsis = self.scene.glyphs.ellipsis
        if self._error:
            row.put(
                _LABEL, words.cut(f"{self.scene.glyphs.flag} {self._error}", width - 4, ellipsis), "late", bold=True
            )
            return row
        text = "Left out of every count until then, and listed with l as ignored. An oversell among them is still told."
        if self._standing is not None:
            end = words.minute(self._standing.until, self.scene.zone)
            day = words.day(self._standing.until, self.scene.zone)
            text = f"Ignored by {self._standing.by or 'the settings'} until {day} {end}. Until: now ends that."
        row.put(_LABEL, words.cut(text, width - 4, ellipsis), "muted")
        return row

    def _keys(self, width: int) -> Row:
        row = self.row(width, "panel")
        x = _LABEL
        for key, does in (("Enter", "ignore"), ("Tab", "next field"), ("← →", "where"), ("Esc", "leave it")):
            if x + cell_len(key) + len(does) + 1 > width:
                break
            x = row.put(x, key, "accent", bold=True)
            x = row.put(x + 1, does, "muted") + 3
        return row

    def _moment(self) -> int | None:
        try:
            return parse_until(self._texts["until"], self._now, self.scene.zone)
        except ValueError:
            return None

    def on_key(self, event: Key) -> None:
        """Edits, goes from field to field, ends."""
        event.stop()
        event.prevent_default()
        name = _FIELDS[self._field]
        step = {"tab": 1, "down": 1, "shift+tab": -1, "up": -1}.get(event.key)
        side = {"right": 1, "left": -1, "space": 1}.get(event.key)
        if event.key in ("escape", "ctrl+c"):
            self.post_message(self.Done(self.skus, "", None))
        elif event.key == "enter":
            self._enter()
        elif step is not None:
            self._field = (self._field + step) % len(_FIELDS)
        elif name == "where":
            if side is not None:
                self._surface = (self._surface + side) % len(self._surfaces)
        elif event.key in ("backspace", "ctrl+h"):
            self._set(name, self._texts[name][:-1])
        elif event.key == "ctrl+u":
            self._set(name, "")
        elif event.key == "ctrl+w":
            self._set(name, self._texts[name].rstrip().rpartition(" ")[0])
        elif event.is_printable and event.character:
            self._add(name, event.character)
        self.sync()

    def on_paste(self, event: Paste) -> None:
        """Adds what is pasted, cleaned."""
        event.stop()
        name = _FIELDS[self._field]
        if name in self._texts:
            self._add(name, clean(event.text))
            self.sync()

    def _add(self, name: str, text: str) -> None:
        self._set(name, text if name in self._offered else self._texts[name] + text)

    def _set(self, name: str, text: str) -> None:
        self._texts[name], self._error = text[:_LONGEST], ""
        self._offered.discard(name)

    def _enter(self) -> None:
        reason = clean(self._texts["reason"])
        if not reason:
            self._field, self._error = 0, "Say why: whoever asks later wants to know"
            return
        try:
            until = parse_until(self._texts["until"], self._now, self.scene.zone)
        except ValueError as error:
            self._field, self._error = 1, str(error)
            return
        self.post_message(self.Done(self.skus, self._surfaces[self._surface], Ignore(reason, until)))
