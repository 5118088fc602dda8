"""A line in which an operator says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.message import Message

from stockdrift.console.paint import Row
from stockdrift.console.widgets.filter_line import FilterLine


class ReasonLine(FilterLine):
    """``about`` is the key of the action in question."""

    PROMPT: ClassVar[str] = "why is it needed no more?"
    about = ""

    class Entered(Message):
        """``text`` was typed of ``about``; None: given up."""

        def __init__(self, about: str, text: str | None) -> None:
            super().__init__()
            self.about = about
            self.text = text

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The question, and the text with its cursor."""
        row = self.row(width, "panel")
        x = row.put(1, self.PROMPT, "accent", bold=True) + 1
        row.put(row.put(x, self.text[-max(4, width - x - 2) :], "strong"), " ", "background", on="text")
        return [row]

    def finish(self, *, kept: bool) -> None:
        """Typing is over."""
        self.post_message(self.Entered(self.about, self.text if kept else None))

    def changed(self) -> None:
        """Nothing follows while it is typed."""
