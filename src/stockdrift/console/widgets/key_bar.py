"""The footer: the keys that work now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stockdrift.console.footers import FOOTERS, leaving
from stockdrift.console.keys import BY_ID
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.panel import Panel

Works = Callable[[str], str | None]
"""The label under which a key works now (empty: its own), or None where it does not."""


class KeyBar(Panel):
    """One line; where room is short, keys that Help has as well go first."""

    def __init__(self, scene: Scene, screen: str, works: Works, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._screen_name = screen
        self._works = works

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
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
        for _name, key, label in shown:
            if x + len(key) + len(label) + 1 >= width:
                break
            x = row.put(x, key, "accent", bold=True)
            x = row.put(x + 1, label, "muted") + 2
        return [row]
