"""The record of actions: who, when, what, where, whether it was verified; below it the whole of the one in focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.action_lines import ActionLine
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import Part, flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.stock.actions import Action
from stockdrift.stock.telling import Spoken, sentence


class ActionsPanel(RecordList):
    """A line each, newest first. ``filtered`` is the filter that holds."""

    HEADS = 1
    chosen = True

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.lines: Sequence[ActionLine] = ()
        self.filtered = ""
        self._fitted: tuple[Sequence[ActionLine], int, Mapping[str, tuple[int, int]]] = ((), 0, {})

    def title(self) -> str:
        """See :class:`RecordList`."""
        said = self.scene.tense("Actions", "Actions, as they stood")
        return f"{said} with “{self.filtered}”" if self.filtered else said

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return [line.key for line in self.lines]

    def below(self) -> tuple[str, str]:
        """Why there is none."""
        if self.lines:
            return "", "muted"
        return ("No action matches" if self.filtered else "Nothing was written or said yet"), "muted"

    def heads(self, row: Row, width: int) -> None:
        """See :class:`RecordList`."""
        row.put(2, "when", "muted")
        for name, (x, _stop) in self._places(width).items():
            row.put(x, name, "muted")

    def item(self, row: Row, index: int, width: int) -> None:
        """One line."""
        scene, line = self.scene, self.lines[index]
        row.put(2, words.moment(line.at, scene.now, scene.zone), "muted")
        for name, (x, stop) in self._places(width).items():
            text, ink = self._texts(line)[name]
            row.put(x, words.cut(text, stop - x - 1, scene.glyphs.ellipsis), ink, bold=ink == "strong")

    def _texts(self, line: ActionLine) -> Mapping[str, tuple[str, str]]:
        """What stands in each column, and its colour."""
        return {
            "who": (words.person(line.who), "text"),
            "what": (line.kind, "strong"),
            "where": (line.about, "text"),
            "change": (line.what, "text"),
            "came of it": (f"{self._glyph(line)} {line.outcome}", line.tone or "muted"),
            "why": (line.why, "muted"),
        }

    def _places(self, width: int) -> Mapping[str, tuple[int, int]]:
        """Where each column begins and the next does, fitted to the lines that there are."""
        lines, at, places = self._fitted
        if lines is not self.lines or at != width:
            needs: dict[str, int] = {}
            for texts in map(self._texts, self.lines):
                for name, (text, _ink) in texts.items():
                    needs[name] = max(needs.get(name, 0), cell_len(text) + 1)
            places = fitted(_drawn(width), needs, width)
            self._fitted = self.lines, width, places
        return places

    def _glyph(self, line: ActionLine) -> str:
        return self.scene.glyphs.tone(line.tone) if line.tone else self.scene.glyphs.actor


def _drawn(width: int) -> Mapping[str, int]:
    """Where each column begins as drawn; what has no room is left out, and stands below the list."""
    if width >= 160:
        return {"who": 12, "what": 22, "where": 33, "change": 60, "came of it": 80, "why": 116}
    if width >= 112:
        return {"who": 12, "what": 20, "where": 30, "change": 53, "came of it": 68, "why": 98}
    if width >= 76:
        return {"who": 12, "what": 20, "where": 30, "came of it": 50}
    return {"what": 12, "where": 22, "came of it": 38}


def fitted(starts: Mapping[str, int], needs: Mapping[str, int], width: int) -> Mapping[str, tuple[int, int]]:
    """Columns that begin at ``starts``, each up to the next one or ``width``, so that none is cut while others have
    room to spare: what a column does not need, but for one cell of air, goes from the left to those that need more.
    """
    stops = [*list(starts.values())[1:], width]
    rooms = {name: stop - x for (name, x), stop in zip(starts.items(), stops, strict=True)}
    spare = {name: max(0, room - max(needs.get(name, 0), len(name)) - 1) for name, room in rooms.items()}
    for name in rooms:
        missing = min(max(0, needs.get(name, 0) - rooms[name]), sum(spare.values()))
        rooms[name] += missing
        for giver in rooms:
            given = min(spare[giver], missing)
            spare[giver], rooms[giver], missing = spare[giver] - given, rooms[giver] - given, missing - given
    places, x = {}, min(starts.values())
    for name, room in rooms.items():
        places[name] = x, x + room
        x += room
    return places


class ActionDetail(Panel):
    """The action in focus, as much of it as there is room for."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.line: ActionLine | None = None

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """A rule, then what was asked, what was sent, and what came back."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        one = self.line.one if self.line is not None else None
        title_rule(rows[0], 0, width, "In full", one.key[:8] if isinstance(one, Action) else "", light=glyphs.light)
        if one is not None and height > 1:
            parts = self._said(one) if isinstance(one, Spoken) else self._written(one)
            flow(rows[1:], 0, 2, width - 2, parts, height - 1, glyphs.ellipsis)
        return rows

    def _said(self, one: Spoken) -> list[Part]:
        said: list[Part] = [(f"{sentence(one.entry)}.", "text", False)]
        if one.before:
            said.append((f"Before: {one.before}.", "muted", False))
        return said

    def _written(self, action: Action) -> list[Part]:
        asked, line, dot = action.asked, self.line, self.scene.glyphs.dot
        parts: list[Part] = [
            (f"{asked.operator}:", "strong", True),
            (line.why if line else asked.reason, "text", False),
        ]
        parts += [(f"{dot} {text}", "text", False) for text in _clauses(action)]
        wire = [step for step in action.steps if step.sent or step.answer]
        if wire:
            sent = next((step.sent for step in reversed(wire) if step.sent), "")
            answer = next((step.answer for step in reversed(wire) if step.answer), "")
            parts += [(f"{dot} sent", "muted", False), (sent, "text", False)] if sent else []
            parts += [(f"{dot} came back", "muted", False), (answer, "text", False)] if answer else []
        why = next((why for why in action.whys if why), "")
        if why:
            parts.append((f"{dot} {why}", "late", False))
        return parts


def _clauses(action: Action) -> list[str]:
    asked, dismissed = action.asked, action.dismissed
    found = [f"in spite of {name}" for name in asked.overrides]
    found += [f"“{asked.typed}” typed"] if asked.typed else []
    found += [f"trusting the {asked.trust}"] if asked.trust else []
    found += [f"takes back {asked.undoes[:8]}"] if asked.undoes else []
    found += [f"tries {asked.retries[:8]} once more"] if asked.retries else []
    found += [f"stopped by {action.stop.operator}"] if action.stop is not None else []
    found += [f"dismissed by {dismissed.operator}: {dismissed.reason}"] if dismissed is not None else []
    return found
