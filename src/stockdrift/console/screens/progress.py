"""What becomes of actions, as the journal tells it: live, and as it stood in History."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from stockdrift.console import keys
from stockdrift.console.progress import Progress
from stockdrift.console.scene import Scene
from stockdrift.console.screens.acting import ActingKeys
from stockdrift.console.screens.modal import ModalScreen
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.modal_list import ModalList
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.progress_box import ProgressBox

_FOCUS: Final = ("rows", "stop", "hide")


class ProgressScreen(ModalScreen, ActingKeys):
    """``keys`` are those of the actions."""

    NAME = "progress"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("progress")]

    def __init__(self, scene: Scene, of: Sequence[str]) -> None:
        super().__init__(scene)
        self.progress = Progress(of)

    def compose(self) -> ComposeResult:
        """Header, the rows, footer."""
        yield Header(self.scene, "header")
        yield ProgressBox(self.scene, (), self.progress, "box")
        yield KeyBar(self.scene, "progress", self.works, "footer")
        yield Notice(self.scene, "notice")

    @property
    def box(self) -> ProgressBox:
        """What is drawn."""
        return self.query_one(ProgressBox)

    @property
    def _unsent(self) -> int:
        return 0 if self.scene.replay is not None else self.progress.unsent

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        answers: dict[str, str | None] = {
            "back": "stop unsent" if self._unsent else "hide" if self.progress.open else "close",
            "rows": "" if len(self.progress.steps) > 1 else None,
            "open": "evidence" if self.progress.steps and self.box.focus_on == "rows" else "choose",
            "contain": self.acting_label("") if self.progress.steps else None,
            "actions": "actions log",
            "field": "buttons" if self.box.focus_on == "rows" else "",
        }
        return answers.get(name, "")

    def sync(self) -> None:
        """Looks where there is news, and draws what differs."""
        if not self.children:
            return
        if self.scene.model is not None:
            self.progress.update(self.scene.model)
        if self.box.focus_on == "stop" and not self._unsent:
            self.box.focus_on = "hide"
        super().sync()

    def rows_meant(self) -> Sequence[int]:
        """The SKU under the cursor."""
        step, model = self.box.step, self.scene.model
        row = model.row_of(step.change.sku) if step is not None and model is not None else None
        return [] if row is None else [row]

    def surface_in_focus(self) -> bool:
        """The row under the cursor is one of a surface."""
        return True

    def surface_meant(self) -> str:
        """Where the row under the cursor is written."""
        step = self.box.step
        return step.action.asked.surface if step is not None else ""

    def on_modal_list_scrolled(self, message: ModalList.Scrolled) -> None:
        """The mouse did what keys do."""
        self._move_to(self.box.cursor + message.by if message.index is None else message.index)

    def _move_to(self, index: int) -> None:
        self.box.focus_on = "rows"
        self.box.move_to(index)
        self.changed()

    def action_move(self, by: int) -> None:
        """Through the rows."""
        self._move_to(self.box.cursor + by)

    def action_page(self, by: int) -> None:
        """By pages."""
        self._move_to(self.box.cursor + by * max(1, self.box.room - 1))

    def action_first(self) -> None:
        """To the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """To the last row."""
        self._move_to(len(self.progress.steps) - 1)

    def action_field(self, by: int) -> None:
        """From the rows to the buttons, and back."""
        there = [name for name in _FOCUS if name != "stop" or self._unsent]
        here = there.index(self.box.focus_on) if self.box.focus_on in there else 0
        self.box.focus_on = there[(here + by) % len(there)]
        self.changed()

    def action_option(self, by: int) -> None:
        """From one button to the other."""
        self.action_field(by)

    def action_open(self) -> None:
        """The evidence: the SKU under the cursor; or presses the button in focus."""
        if self.box.focus_on == "stop":
            self._stop()
        elif self.box.focus_on == "hide":
            self.app.pop_screen()
        else:
            for row in self.rows_meant():
                self.console_app.open_sku(row)

    def action_back(self) -> None:
        """Stops what is not sent; where there is no such thing, leaves: what is on its way goes on."""
        if self._unsent:
            self._stop()
        else:
            self.app.pop_screen()

    def _stop(self) -> None:
        self.console_app.stop_actions([action.key for action in self.progress.actions if action.open])
