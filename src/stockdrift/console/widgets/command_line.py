"""The line in which a command is typed, in the footer's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Key
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.filter_line import FilterLine


class CommandLine(FilterLine):
    """Enter runs what is typed, Esc leaves, Tab completes; ``completions`` says what a text can become."""

    PROMPT = ":"

    class Entered(Message):
        """``text`` is to be run; None where it was given up."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

    def __init__(self, scene: Scene, completions: Callable[[str], Sequence[str]], id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._completions = completions
        self._round: Sequence[str] = ()

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The text, and right of it what it can become."""
        row = self.row(width, "panel")
        x = self.paint_text(row, width - 4) + 2
        if not self.text:
            hint = "a command by its name or its words; Tab completes, Enter runs, Esc leaves"
            row.put(x, words.cut(hint, width - x - 1, self.scene.glyphs.ellipsis), "muted")
        for name in self._round or self._completions(self.text):
            if x + len(name) >= width:
                break
            chosen = name == self.text
            x = row.put(x, name, "accent" if chosen else "muted", bold=chosen) + 2
        return [row]

    def on_key(self, event: Key) -> None:
        """Tab goes through what the text can become; all else edits."""
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            self._round = self._round or self._completions(self.text)
            if self._round:
                place = self._round.index(self.text) + 1 if self.text in self._round else 0
                self.text = self._round[place % len(self._round)]
                self.sync()
        else:
            self._round = ()

    def finish(self, *, kept: bool) -> None:
        """Says what is to be run."""
        self.post_message(self.Entered(self.text if kept else None))

    def changed(self) -> None:
        """Nothing is to be done until Enter."""
