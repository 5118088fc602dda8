"""The line in which a filter is typed, in the footer's place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.events import Key, Paste
from textual.message import Message

from stockdrift.console.paint import Row
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.text import clean

_LONGEST = 80


class FilterLine(Panel):
    """Takes every key while it is shown: Enter keeps the filter, Esc clears it. The list follows as one types."""

    can_focus = True
    PROMPT: ClassVar[str] = "/"

    class Changed(Message):
        """The text is now ``text``."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Message):
        """Typing is over: ``kept`` by Enter, or given up by Esc."""

        def __init__(self, *, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    text = ""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The text with its cursor left, what Enter and Esc do right."""
        row = self.row(width, "panel")
        self.paint_text(row, max(4, width - 34))
        if width >= 50:
            x = row.right(width - 2, "Esc clear", "muted")
            row.put(x, "Esc", "accent", bold=True)
            x = row.right(x - 3, "Enter keep", "muted")
            row.put(x, "Enter", "accent", bold=True)
        return [row]

    def paint_text(self, row: Row, room: int) -> int:
        """The end of the text, as much as ``room`` cells hold, and the cursor; returns the cell after it."""
        row.put(1, self.PROMPT, "accent", bold=True)
        shown = self.text
        while cell_len(shown) > room:
            shown = shown[1:]
        return row.put(row.put(3, shown, "strong"), " ", "background", on="text")

    def finish(self, *, kept: bool) -> None:
        """Typing is over."""
        self.post_message(self.Done(kept=kept))

    def changed(self) -> None:
        """The text is another."""
        self.post_message(self.Changed(self.text))

    def on_key(self, event: Key) -> None:
        """Edits."""
        event.stop()
        event.prevent_default()
        if event.key in ("enter", "escape", "ctrl+c"):
            self.finish(kept=event.key == "enter")
        elif event.key in ("backspace", "ctrl+h"):
            self._set(self.text[:-1])
        elif event.key == "ctrl+w":
            self._set(self.text.rstrip().rpartition(" ")[0])
        elif event.key == "ctrl+u":
            self._set("")
        elif event.is_printable and event.character:
            self._set(self.text + event.character)

    def on_paste(self, event: Paste) -> None:
        """Adds what is pasted, cleaned."""
        event.stop()
        self._set(self.text + clean(event.text))

    def _set(self, text: str) -> None:
        text = text[:_LONGEST]
        if text != self.text:
            self.text = text
            self.sync()
            self.changed()
