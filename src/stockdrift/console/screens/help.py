"""Help: what every key does, from the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.panel import Panel

_SIGNS = (
    ("oversell", "oversell", "a surface sells what the master does not have"),
    ("over", "over", "a surface shows more than it should: it will oversell"),
    ("under", "under", "a surface shows less than it should: lost sales"),
    ("late", "late", "behind the master by more than is allowed, or in flight"),
    ("unknown", "unknown", "not read, not read whole, or too old: never taken for agreement"),
    ("ok", "in sync", "read back, and as expected"),
)


_WHEEL = 3


class KeyTable(Panel):
    """Keys, then the states; ``top`` is the first line that is shown."""

    top = 0

    def __init__(self, scene: Scene, screen: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._for = screen

    def lines(self, width: int) -> list[Row]:
        """All of it."""
        glyphs = self.scene.glyphs
        rows = []
        for key in keys.KEYS:
            if key.tooltip and self._for in key.screens:
                told = self._told(width, keys.meaning(key, self._for), "text")
                told[0].right(10, self.scene.key(key.id), "accent", bold=True)
                rows += told
        rows.append(self.row(width))
        for tone, word, meaning in _SIGNS:
            told = self._told(width, meaning, "muted")
            told[0].put(2, f"{glyphs.tone(tone)} {word}", tone, bold=tone == "oversell")
            rows += told
        return rows

    def _told(self, width: int, sentence: str, ink: str) -> list[Row]:
        """The sentence in as many rows as it takes: half of one helps nobody."""
        rows = []
        for line in wrap(sentence, max(20, width - 15)):
            row = self.row(width)
            row.put(13, words.cut(line, width - 15, self.scene.glyphs.ellipsis), ink)
            rows.append(row)
        return rows

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """A title and what fits."""
        title = self.row(width)
        glyphs = self.scene.glyphs
        lines = self.lines(width)
        self.top = max(0, min(self.top, len(lines) - height + 1))
        last = min(self.top + height - 1, len(lines))
        right = f"{self.top + 1}–{last} of {len(lines)}" if len(lines) > height - 1 else ""
        title_rule(title, 0, width, "Keys", right, focused=True, light=glyphs.light, heavy=glyphs.heavy)
        rows = [title, *lines[self.top : self.top + height - 1]]
        return [*rows, *(self.row(width) for _ in range(height - len(rows)))][:height]

    def scroll(self, by: int) -> None:
        """So many lines down."""
        self.top += by
        self.sync()

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.scroll(_WHEEL)

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.scroll(-_WHEEL)


class HelpScreen(PanelScreen):
    """Opened from a screen, whose keys it explains."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("help")]

    def __init__(self, scene: Scene, about: str) -> None:
        super().__init__(scene)
        self._about = about

    def compose(self) -> ComposeResult:
        """Header, keys, footer."""
        yield Header(self.scene, "header")
        yield KeyTable(self.scene, self._about, "keys")
        yield KeyBar(self.scene, "help", lambda _name: "", "footer")

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """The keys take what header and footer leave."""
        slim = height < 4
        return {
            "header": None if slim else Region(0, 0, width, 1),
            "keys": Region(0, 0 if slim else 1, width, height if slim else height - 2),
            "footer": None if slim else Region(0, height - 1, width, 1),
        }

    def action_move(self, by: int) -> None:
        """Scrolls."""
        self.query_one(KeyTable).scroll(by)

    def action_page(self, by: int) -> None:
        """Scrolls by pages."""
        self.action_move(by * max(1, self.size.height - 4))
