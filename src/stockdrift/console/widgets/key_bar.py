"""The footer: the keys that work now, to be pressed or clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Click
from textual.message import Message

from stockdrift.console.footers import FOOTERS, leaving
from stockdrift.console.keys import BY_ID, KEYS
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.panel import Panel

Works = Callable[[str], str | None]
"""The label under which a key works now (empty: its own), or None where it does not."""


class KeyBar(Panel):
    """One line; where room is short, keys that Help has as well go first."""

    class Pressed(Message):
        """A key was clicked that does ``action``."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, scene: Scene, screen: str, works: Works, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._screen_name = screen
        self._works = works
        self._places: list[tuple[int, int, str]] = []  # from, to and without, and what a click there does

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        self._places = []
        if self.scene.asking:  # the form says which keys it takes
            return [self.row(width, "panel")]
        shown = []
        for name in FOOTERS[self._screen_name]:
            if BY_ID[name].changes and self.scene.replay is not None:
                continue
            label = self._works(name)
            if label is not None:
                shown.append((name, self.scene.key(name), label or BY_ID[name].label))
        for name in leaving(self._screen_name):
            if sum(len(key) + len(label) + 3 for _name, key, label in shown) <= width:
                break
            shown = [entry for entry in shown if entry[0] != name]
        row = self.row(width, "panel")
        x = 1
        for name, key, label in shown:
            if x + len(key) + len(label) + 1 >= width:
                break
            self._place(name, key, x, x + len(key) + 1 + len(label))
            x = row.put(x, key, "accent", bold=True)
            x = row.put(x + 1, label, "muted") + 2
        return [row]

    def _place(self, name: str, key: str, start: int, stop: int) -> None:
        """What a click does: the key's action; where an entry stands for several keys, that of the one clicked."""
        if BY_ID[name].action:
            self._places.append((start, stop, BY_ID[name].action))
            return
        for one in key.split():
            for other in KEYS:
                there = other.action and self._screen_name in other.screens
                if there and self.scene.key(other.id).split()[0] == one:
                    at = start + key.index(one)
                    self._places.append((at, at + len(one), other.action))

    def on_click(self, event: Click) -> None:
        """As if the key were pressed."""
        for start, stop, action in self._places:
            if start <= event.x < stop:
                self.post_message(self.Pressed(action))
