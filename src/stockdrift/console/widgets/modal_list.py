"""A box with a list that scrolls, by the mouse too."""

from __future__ import annotations

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console.widgets.modal import Modal

_WHEEL = 3


class ModalList(Modal):
    """``top`` is the first row of the list that is shown, ``room`` how many are, ``above`` how many rows of the box
    stand above it, all as last painted.
    """

    top = 0
    room = 1
    above = 0

    class Scrolled(Message):
        """The mouse scrolled by so many rows, or chose the row ``index``."""

        def __init__(self, by: int = 0, index: int | None = None) -> None:
            super().__init__()
            self.by = by
            self.index = index

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.post_message(self.Scrolled(_WHEEL))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.post_message(self.Scrolled(-_WHEEL))

    def on_click(self, event: Click) -> None:
        """A click in the list chooses a row."""
        place = self.place
        index = event.y - place.y - self.above
        if 0 <= index < self.room and place.x < event.x < place.right:
            self.post_message(self.Scrolled(index=self.top + index))
