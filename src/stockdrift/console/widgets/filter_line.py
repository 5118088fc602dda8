"""The line in which a filter is typed, in the footer's place."""

from __future__ import annotations

from collections.abc import Sequence

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
        row.put(1, "/", "accent", bold=True)
        room = max(4, width - 34)
        shown = self.text
        while cell_len(shown) > room:
            shown = shown[1:]
        x = row.put(3, shown, "strong")
        row.put(x, " ", "background", on="text")
        if width >= 50:
            x = row.right(width - 2, "Esc clear", "muted")
            row.put(x, "Esc", "accent", bold=True)
            x = row.right(x - 3, "Enter keep", "muted")
            row.put(x, "Enter", "accent", bold=True)
        return [row]

    def on_key(self, event: Key) -> None:
        """Edits."""
        event.stop()
        event.prevent_default()
        if event.key in ("enter", "escape", "ctrl+c"):
            self.post_message(self.Done(kept=event.key == "enter"))
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
            self.post_message(self.Changed(text))
