"""The line in which a command is typed, in the footer's place, and above it the palette: what the text can become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.events import Click, Key, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.commands import Offer
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.filter_line import FilterLine

ROWS: Final = 12
"""Of the line with its palette: a title, ten commands, the line."""

_KEY, _SAID = 26, 29  # the last cell of the key's, the first of what it does
_PAGE: Final = {"pagedown": 1, "pageup": -1}


class CommandLine(FilterLine):
    """Enter runs what is highlighted, or what is typed; up and down highlight, Tab takes the next into the line, Esc
    leaves. ``offers`` says what a text can become.
    """

    PROMPT = ":"
    HINT: ClassVar = "Tab completes, up and down choose, Enter runs, Esc leaves"

    class Entered(Message):
        """``text`` is to be run; None where it was given up."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

    def __init__(self, scene: Scene, offers: Callable[[str], Sequence[Offer]], id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self._offered = offers
        self._round: Sequence[Offer] = ()  # what Tab goes through, as long as nothing is typed
        self._chosen: int | None = None  # the offer that was highlighted by hand
        self._top = 0

    def open(self, text: str = "") -> None:
        """Begins anew with ``text`` typed."""
        self.text = text
        self._forget()

    @property
    def rows(self) -> int:
        """How many it wants: a title, what is offered as far as ten, the line."""
        return min(ROWS, 2 + len(self._offers))

    @property
    def _offers(self) -> Sequence[Offer]:
        return self._round or self._offered(self.text)

    @property
    def _at(self) -> int:
        """Which offer is highlighted: the one that was chosen, else the nearest; -1 for none. What changes something is
        not highlighted by itself as long as the text may mean another.
        """
        found, text = self._offers, self.text.strip()
        if self._chosen is not None:
            return max(0, min(self._chosen, len(found) - 1))
        if not text or not found:
            return -1
        nearest = found[0]
        sure = nearest.text == text or sum(offer.text.startswith(text) for offer in found) == 1
        changes = nearest.key is not None and nearest.key.changes
        return 0 if not changes or (sure and nearest.text.startswith(text)) else -1

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """What is offered, and in the last row the text."""
        room = height - 2
        line = self.row(width, "panel")
        x = self.paint_text(line, max(4, width - 4 - (len(self.HINT) if width >= 2 * len(self.HINT) else 0)))
        if x + len(self.HINT) + 3 < width:
            line.right(width - 2, self.HINT, "muted")
        if room < 1:
            return [line] * height
        found, at = self._offers, self._at
        self._top = max(0, min(self._top, at, len(found) - room), at - room + 1)
        rows = [self.row(width, "panel") for _ in range(height)]
        last = min(self._top + room, len(found))
        right = f"{self._top + 1}–{last} of {len(found)}" if len(found) > room else ""
        title = "Commands" if found else "No such command"
        glyphs = self.scene.glyphs
        title_rule(rows[0], 0, width, title, right, focused=True, light=glyphs.light, heavy=glyphs.heavy)
        for y, index in enumerate(range(self._top, last), 1):
            if index == at:
                rows[y] = self.row(width, "cursor")
                rows[y].put(0, glyphs.cursor, "accent")
            self._offer(rows[y], found[index], width)
        rows[-1] = line
        return rows

    def _offer(self, row: Row, offer: Offer, width: int) -> None:
        ellipsis = self.scene.glyphs.ellipsis
        x = row.put(2, words.cut(offer.text, width - 4, ellipsis), "strong", bold=True)
        if offer.open:
            row.put(x, ellipsis, "muted")
        if offer.key is not None:
            row.right(_KEY, self.scene.key(offer.key.id), "accent", bold=True)
        if x < _SAID:
            row.put(_SAID, words.cut(offer.said, width - _SAID - 1, ellipsis), "text")

    def on_key(self, event: Key) -> None:
        """What is highlighted moves, or the text is edited."""
        page = max(1, self.size.height - 3)
        if event.key == "tab":
            self._complete()
        elif event.key in ("down", "ctrl+n", "up", "ctrl+p"):
            self._highlight(1 if event.key in ("down", "ctrl+n") else -1)
        elif event.key in _PAGE:
            self._highlight(page * _PAGE[event.key])
        else:
            return
        event.stop()
        event.prevent_default()
        self.sync()

    def _complete(self) -> None:
        """Takes what is highlighted into the line; again, the next one."""
        found, at = self._offers, self._at
        if found:
            at = (at + 1) % len(found) if self._round else max(0, at)
            self.text = found[at].text
            self._forget()
            if not found[at].open:
                self._round, self._chosen = found, at

    def _highlight(self, by: int) -> None:
        self._chosen = max(0, min(self._at + by, len(self._offers) - 1)) if self._offers else None

    def finish(self, *, kept: bool) -> None:
        """Says what is to be run; where that wants a word more, has it typed."""
        found, at = self._offers, self._at
        text: str | None = self.text if kept else None
        if kept and 0 <= at < len(found):
            offer = found[at]
            if offer.open and len(self.text.rstrip()) < len(offer.text):
                self.text = offer.text
                self.changed()
                return
            text = self.text if offer.open else offer.text
        self.post_message(self.Entered(text))

    def changed(self) -> None:
        """Other text, other offers; nothing is to be done until Enter."""
        self._forget()
        self.sync()

    def _forget(self) -> None:
        self._round, self._chosen, self._top = (), None, 0

    def on_click(self, event: Click) -> None:
        """Runs the command that is clicked."""
        index = self._top + event.y - 1
        if 0 < event.y < self.size.height - 1 and index < len(self._offers):
            self._chosen = index
            self.finish(kept=True)

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """The next one."""
        self._highlight(1)
        self.sync()

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """The one before."""
        self._highlight(-1)
        self.sync()
