"""The form in which operators say what stands: how much, why, until when, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.events import Key, Paste
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.questions import IGNORE, Answer, Place, Question
from stockdrift.console.scene import Scene
from stockdrift.console.until import parse_until
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.levels import QUANTITY_MAX
from stockdrift.stock.text import clean

ROWS: Final = 6
"""What it needs to be shown whole, besides a row where its hint does not fit into one."""

NARROW: Final = 80
"""Cells in which every hint has room."""

_LABEL: Final = 2
_VALUE: Final = 11
_LONGEST: Final = 200


class SayForm(Panel):
    """Takes every key while it is shown."""

    can_focus = True

    class Done(Message):
        """``answer`` was given to ``question``, for ``place``; None: typing was given up."""

        def __init__(self, question: Question, place: Place, answer: Answer | None) -> None:
            super().__init__()
            self.question = question
            self.place = place
            self.answer = answer

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(scene, id)
        self._question = IGNORE
        self._about = ""
        self._places: Sequence[Place] = (Place("", ()),)
        self._place = 0
        self._fields: tuple[str, ...] = IGNORE.fields
        self._field = 0
        self._texts: dict[str, str] = {}
        self._offered: set[str] = set()  # fields whose text nobody typed: the first letter takes its place
        self._standing = ""
        self._now = 0
        self._error = ""

    def ask(
        self, question: Question, about: str, places: Sequence[Place], now: int, *, standing: str = "", text: str = "",
        units: str = "",
    ) -> None:  # fmt: skip
        """Begins anew: of what it is, where it may be said, and what stands already. From ``now`` ends count."""
        self._question, self._about, self._places, self._now = question, about, places, now
        self._fields = tuple(name for name in question.fields if name != "where" or len(places) > 1)
        self._texts = {"text": text, "until": question.usual.get("until", ""), "units": units}
        self._offered = {"until", "units"}
        self._field, self._place, self._error, self._standing = 0, 0, "", standing

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """All of it; where there is no room, the field in question and what is wrong."""
        title = self.row(width, "panel")
        glyphs = self.scene.glyphs
        title_rule(title, 0, width, f"{self._question.verb} {self._about}", focused=True, light=glyphs.light,
                   heavy=glyphs.heavy)  # fmt: skip
        fields = [self._where(width) if name == "where" else self._text(width, name) for name in self._fields]
        said = self._said(width, min(2, height - len(fields) - 2))
        rows = [title, *fields, *said, self._keys(width)]
        if height >= len(rows):
            return [*rows, *(self.row(width, "panel") for _ in range(height - len(rows)))]
        return [fields[self._field], *said, *fields][:height]

    def _text(self, width: int, name: str) -> Row:
        row, here = self._labelled(width, name)
        shown = self._texts[name]
        room = max(4, width - _VALUE - (32 if name == "until" else 4))
        while cell_len(shown) > room:
            shown = shown[1:]
        after = row.put(_VALUE, shown, "strong")
        if here:
            after = row.put(after, " ", "background", on="text")
        if name == "until":
            row.put(max(after + 2, _VALUE + 14), self._moment(), "muted")
        return row

    def _where(self, width: int) -> Row:
        row, here = self._labelled(width, "where")
        glyphs, ellipsis = self.scene.glyphs, self.scene.glyphs.ellipsis
        first = 0
        while first < self._place and _run(self._places[first : self._place + 1]) > width - _VALUE - 6:
            first += 1  # the chosen one is always to be seen
        x = row.put(_VALUE, ellipsis, "muted") + 1 if first else _VALUE
        for place, one in enumerate(self._places[first:], first):
            chosen = place == self._place
            last = place == len(self._places) - 1
            if x + cell_len(one.word) + (0 if last else 3) >= width and not chosen:
                row.put(x, ellipsis, "muted")
                break
            if chosen:
                row.put(x - 2, glyphs.choice, "accent", bold=True)
            x = row.put(x, one.word, ("accent" if here else "strong") if chosen else "muted", bold=chosen) + 3
        return row

    def _labelled(self, width: int, name: str) -> tuple[Row, bool]:
        row = self.row(width, "panel")
        here = self._fields[self._field] == name
        if here:
            row.put(0, self.scene.glyphs.cursor, "accent", bold=True)
        label = self._question.label if name == "text" else name.capitalize()
        row.put(_LABEL, label, "strong" if here else "muted", bold=here)
        return row, here

    def _said(self, width: int, most: int) -> Sequence[Row]:
        """What is wrong, what stands already, or what it means: in ``most`` rows, in one where that is enough."""
        part = (f"{self.scene.glyphs.flag} {self._error}", "late", True)
        part = part if self._error else (self._standing or self._question.means, "muted", False)
        rows = [self.row(width, "panel") for _ in range(max(1, most))]
        return rows[: flow(rows, 0, _LABEL, width - 2, [part], len(rows), self.scene.glyphs.ellipsis)]

    def _keys(self, width: int) -> Row:
        row = self.row(width, "panel")
        x = _LABEL
        where = [("← →", "where")] if "where" in self._fields else []
        for key, does in (("Enter", self._question.verb.lower()), ("Esc", "leave it"), ("Tab", "next field"), *where):
            if x + cell_len(key) + len(does) + 1 > width:
                break
            x = row.put(x, key, "accent", bold=True)
            x = row.put(x + 1, does, "muted") + 3
        return row

    def _moment(self) -> str:
        """The end as a date; empty where there is none, or nobody understands it."""
        if not self._texts["until"] and "until" not in self._question.needed:
            return "no end"
        try:
            moment = parse_until(self._texts["until"], self._now, self.scene.zone)
        except ValueError:
            return ""
        if moment <= self._now:
            return "at once"
        return f"{words.day(moment, self.scene.zone)} {words.minute(moment, self.scene.zone)}"

    def on_key(self, event: Key) -> None:
        """Edits, goes from field to field, ends."""
        event.stop()
        event.prevent_default()
        name = self._fields[self._field]
        step = {"tab": 1, "down": 1, "shift+tab": -1, "up": -1}.get(event.key)
        side = {"right": 1, "left": -1, "space": 1}.get(event.key)
        if event.key in ("escape", "ctrl+c"):
            self.post_message(self.Done(self._question, self._places[self._place], None))
        elif event.key == "enter":
            self._enter()
        elif step is not None:
            self._field = (self._field + step) % len(self._fields)
        elif name == "where":
            if side is not None:
                self._place = (self._place + side) % len(self._places)
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
        name = self._fields[self._field]
        if name in self._texts:
            self._add(name, clean(event.text))
            self.sync()

    def _add(self, name: str, text: str) -> None:
        self._set(name, text if name in self._offered else self._texts[name] + text)

    def _set(self, name: str, text: str) -> None:
        self._texts[name], self._error = text[:_LONGEST], ""
        self._offered.discard(name)

    def _enter(self) -> None:
        filled = {name: clean(self._texts[name]) for name in self._fields if name != "where"}
        until: int | None = None
        units: int | None = None
        for place, name in enumerate(self._fields):
            missing = self._question.needed.get(name, "") if not filled.get(name, "-") else ""
            try:
                if missing:
                    raise ValueError(missing)
                if name == "until" and filled["until"]:
                    until = parse_until(filled["until"], self._now, self.scene.zone)
                if name == "units" and filled["units"]:
                    units = _units(filled["units"])
            except ValueError as error:
                self._field, self._error = place, str(error)
                return
        answer = Answer(filled.get("text", ""), until, units)
        self.post_message(self.Done(self._question, self._places[self._place], answer))


def _units(text: str) -> int:
    """Raises ValueError, with a sentence for the operator."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= QUANTITY_MAX):
        raise ValueError("Write whole units, such as 2; empty takes what the settings say")
    return int(text)


def _run(places: Sequence[Place]) -> int:
    """The cells that these take beside each other."""
    return sum(cell_len(one.word) + 3 for one in places)
