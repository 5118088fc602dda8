"""Help: what every key does, from the registry, under headings; the filters and the states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.help_text import FILTERS, GROUPS, STATES
from stockdrift.console.keys import BY_ID
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.panel import Panel

_WHEEL = 3
_ENDLESS = 10_000  # lines: more than there will ever be
_TWO_COLUMNS = 170  # from so many cells on


class KeyTable(Panel):
    """Keys under headings, filters, the states; ``top`` is the first line that is shown."""

    top = 0

    def __init__(self, scene: Scene, screen: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._for = screen

    def lines(self, width: int) -> list[Row]:
        """All of it; where it is wide, in two columns."""
        if width < _TWO_COLUMNS:
            return [row for part in self._parts(width) for row in part]
        half = width // 2
        parts = self._parts(half)
        left: list[Row] = []
        right: list[Row] = []
        most = sum(len(part) for part in parts) / 2
        for part in parts:
            beside = left if not right and len(left) + len(part) / 2 <= most else right
            beside.extend(part)
        rows = [self.row(width) for _ in range(max(len(left), len(right)))]
        for x, column in ((0, left), (half, right)):
            for row, own in zip(rows, column, strict=False):
                row.paste(x, own)
        return rows

    def _parts(self, width: int) -> list[list[Row]]:
        """Each with its heading, and a blank line after it."""
        parts = []
        for heading, names in GROUPS.items():
            here = [BY_ID[name] for name in names if self._for in BY_ID[name].screens]
            rows = []
            for key in here:
                told = self._told(width, keys.meaning(key, self._for), "text")
                told[0].right(10, self.scene.key(key.id), "accent", bold=True)
                rows += told
            if here:
                parts.append(self._part(heading, rows, width))
        filtered = "filter" in [key.id for key in keys.KEYS if self._for in key.screens]
        if filtered and self._for not in ("logs", "actions"):
            rows = []
            for example, meaning in FILTERS:
                told = self._told(width, meaning, "muted", 18)
                told[0].put(2, example, "strong", bold=True)
                rows += told
            parts.append(self._part(f"Filters, after {self.scene.key('filter')}", rows, width))
        rows = []
        for tone, word, meaning in STATES:
            told = self._told(width, meaning, "muted")
            told[0].put(2, f"{self.scene.glyphs.tone(tone)} {word}", tone, bold=tone == "oversell")
            rows += told
        return [*parts, self._part("States", rows, width)]

    def _part(self, heading: str, rows: list[Row], width: int) -> list[Row]:
        title = self.row(width)
        title.put(2, heading, "strong", bold=True)
        return [title, *rows, self.row(width)]

    def _told(self, width: int, sentence: str, ink: str, x: int = 13) -> list[Row]:
        """The sentence from cell ``x`` on, in as many rows as it takes: half of one helps nobody."""
        rows = []
        for line in wrap(sentence, max(20, width - x - 2)):
            row = self.row(width)
            row.put(x, words.cut(line, width - x - 2, self.scene.glyphs.ellipsis), ink)
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

    def action_first(self) -> None:
        """To the beginning."""
        self.action_move(-self.query_one(KeyTable).top)

    def action_last(self) -> None:
        """To the end."""
        self.action_move(_ENDLESS)

    def action_page(self, by: int) -> None:
        """Scrolls by pages."""
        self.action_move(by * max(1, self.size.height - 4))
