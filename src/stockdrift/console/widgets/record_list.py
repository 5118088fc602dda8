"""A list of what was recorded: a title, items that are scrolled through, newest first, and what stands below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.panel import Panel

_WHEEL = 3


class RecordList(Panel):
    """The cursor stays on its item when newer ones come above it, but follows the newest while it stands there.

    ``chosen`` is whether it has the focus; only then the cursor is shown. ``edge`` is the column of a divider on its
    right, None where there is none; ``tees`` rows of it beside which other panels begin.
    """

    HEADS: ClassVar[int] = 0
    """Rows of column heads."""

    class Moved(Message):
        """The list was scrolled or clicked: ``by`` items, or to ``index``; ``opened`` on the cursor's own item."""

        def __init__(self, panel: RecordList, by: int = 0, index: int | None = None, *, opened: bool = False) -> None:
            super().__init__()
            self.panel = panel
            self.by = by
            self.index = index
            self.opened = opened

    chosen = False
    edge: int | None = None
    tees: tuple[int, ...] = ()
    cursor = 0
    top = 0
    _held: object = None

    def title(self) -> str:
        """What stands in the rule."""
        raise NotImplementedError

    def keys(self) -> Sequence[object]:
        """What tells each item from the others, in order."""
        raise NotImplementedError

    def item(self, row: Row, index: int, width: int) -> None:
        """Paints one."""
        raise NotImplementedError

    def heads(self, row: Row, width: int) -> None:
        """Paints the heads of the columns."""

    def below(self) -> tuple[str, str]:
        """A line after the last item, or in their stead: text and colour."""
        return "", "muted"

    def move(self, by: int) -> None:
        """The cursor, so many items down."""
        self.move_to(self.cursor + by)

    def page(self, by: int) -> None:
        """The cursor, so many pages down."""
        self.move(by * max(1, self._room(self.size.height) - 1))

    def move_to(self, index: int) -> None:
        """The cursor to an item."""
        keys = self.keys()
        self.cursor = max(0, min(index, len(keys) - 1))
        self._held = keys[self.cursor] if self.cursor else None

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        glyphs = self.scene.glyphs
        rows = [self.row(width) for _ in range(height)]
        keys, (text, ink) = self.keys(), self.below()
        room = self._room(height)
        self._hold(keys, room, len(keys) + bool(text))
        stop = width if self.edge is None else self.edge
        shown = min(len(keys) - self.top, room)
        right = f"{self.top + 1}–{self.top + shown} of {words.count(len(keys))}" if len(keys) > room > 0 else ""
        start = 0 if self.edge is not None or self.region.x == 0 else -1
        title_rule(rows[0], start, stop, self.title(), right, focused=self.chosen, light=glyphs.light,
                   heavy=glyphs.heavy)  # fmt: skip
        if self.HEADS and height > 1:
            self.heads(rows[1], stop)
        for y in range(room):
            index, at = self.top + y, 1 + self.HEADS + y
            if index < len(keys):
                if self.chosen and index == self.cursor:
                    rows[at] = self.row(width, "cursor")
                    rows[at].put(0, glyphs.cursor, "accent")
                self.item(rows[at], index, stop)
            elif index == len(keys) and text:
                rows[at].put(2, words.cut(text, stop - 3, glyphs.ellipsis), ink)
        if self.edge is not None:
            self._divide(rows)
        return rows

    def _divide(self, rows: Sequence[Row]) -> None:
        glyphs, edge = self.scene.glyphs, self.edge or 0
        for y, row in enumerate(rows):
            row.put(edge, glyphs.axis, "rule", on="background")
            if y == 0:
                row.put(edge, glyphs.turn if self.chosen else glyphs.light, "accent" if self.chosen else "rule")
            elif y in self.tees:
                row.put(edge, glyphs.tee_right, "rule")

    def _room(self, height: int) -> int:
        return max(0, height - 1 - self.HEADS)

    def _hold(self, keys: Sequence[object], room: int, lines: int) -> None:
        if self._held is not None and not (self.cursor < len(keys) and keys[self.cursor] == self._held):
            before = self.cursor
            try:
                self.cursor = keys.index(self._held)
                self.top += self.cursor - before
            except ValueError:  # it has left the list
                self._held = None
        self.cursor = max(0, min(self.cursor, len(keys) - 1))
        self.top = min(self.top, self.cursor)
        last = self.cursor + (1 if self.cursor == len(keys) - 1 and lines > len(keys) else 0)
        self.top = max(0, self.top, last - room + 1)
        self.top = max(0, min(self.top, lines - room))

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """Scrolls."""
        self.post_message(self.Moved(self, _WHEEL))

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """Scrolls."""
        self.post_message(self.Moved(self, -_WHEEL))

    def on_click(self, event: Click) -> None:
        """Moves the cursor to the item; a second click opens it."""
        index = self.top + event.y - 1 - self.HEADS
        here = event.y > self.HEADS and index < len(self.keys())
        self.post_message(self.Moved(self, index=index if here else None, opened=here and event.chain > 1))
