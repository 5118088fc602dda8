"""The plan: what will be written where, what is left out, what it takes to allow it; nothing is sent yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.events import Key, Paste
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.plan_form import Item
from stockdrift.console.widgets.modal import LEFT, ROOMY
from stockdrift.console.widgets.plan_foot import PlanFoot
from stockdrift.console.widgets.plan_rows import heads, paint_item, plan_columns
from stockdrift.stock.text import clean

_KINDS: Final = {"rollback": "roll back", "unlist": "take down on", "relist": "put up on"}


class PlanBox(PlanFoot):
    """Takes letters while a text is typed; all other keys are the screen's. ``cursor`` is the row that ``d`` drops,
    None until one is chosen.
    """

    can_focus = True
    cursor: int | None = None

    class Typed(Message):
        """The text of the field in focus changed."""

    def title(self) -> tuple[str, str]:
        """See :class:`Modal`."""
        form = self.form
        where = form.surfaces
        on = words.title(where[0]) if len(where) == 1 else f"on {len(where)} surfaces"
        return f"Plan: {_KINDS.get(form.kind, form.kind)} {on}", "nothing is sent yet"

    # -- the list -----------------------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """The cursor, so many rows down."""
        self.move_to(self.top if self.cursor is None else self.cursor + by)

    def move_to(self, index: int) -> None:
        """The cursor to a row."""
        count = len(self.form.items)
        self.cursor = max(0, min(index, count - 1)) if count else None

    @property
    def item(self) -> Item | None:
        """What is under the cursor."""
        items = self.form.items
        return items[self.cursor] if self.cursor is not None and self.cursor < len(items) else None

    def _window(self, room: int) -> Sequence[Item]:
        items = self.form.items
        self.room = max(1, room)
        if self.cursor is not None:
            self.cursor = max(0, min(self.cursor, len(items) - 1)) if items else None
        if self.cursor is not None:
            self.top = max(self.cursor - room + 1, min(self.top, self.cursor))
        self.top = max(0, min(self.top, len(items) - room))
        return items[self.top : self.top + room]

    # -- painting -----------------------------------------------------------------------------------------------

    def inside(self, width: int, height: int) -> Sequence[Row]:
        """See :class:`Modal`."""
        head = self.hero(width) if height >= ROOMY else self.short_hero(width)
        tail = self.tail(width, height)
        columns = plan_columns(width, self.scene.sku_width)
        titles = self.blank(width)
        heads(titles, columns, several=len(self.form.surfaces) > 1, written=self.form.kind != "refresh")
        top = [self.blank(width), *head, titles]
        if height >= ROOMY:
            rule = self.blank(width)
            rule.fill(2, width - 2, self.scene.glyphs.light)
            top.append(rule)
        self.above = len(top)
        room = max(0, height - len(top) - 1 - len(tail))
        rows = []
        for place, item in enumerate(self._window(room), self.top):
            row = self.row(width, "cursor" if place == self.cursor else "panel")
            if place == self.cursor:
                row.put(1, self.scene.glyphs.cursor, "accent")
            paint_item(row, self.scene, columns, item, several=len(self.form.surfaces) > 1)
            rows.append(row)
        if not rows and room:
            rows.append(self._waiting(width))
        rows += [self.blank(width) for _ in range(room - len(rows))]
        self.scroll_bar(rows, width - 3, self.top, len(self.form.items))
        return [*top, *rows, self.rule(width), *tail]

    def _waiting(self, width: int) -> Row:
        form, row = self.form, self.blank(width)
        if form.failed:
            row.put(LEFT, words.cut(form.failed, width - 6, self.scene.glyphs.ellipsis), "unknown")
        elif not form.ready:
            names = ", ".join(words.title(one.surface) for one in form.wanted)
            row.put(LEFT, words.cut(f"Reading {names} and the master anew …", width - 6, self.scene.glyphs.ellipsis))
        return row

    # -- keys --------------------------------------------------------------------------------------------------

    def on_key(self, event: Key) -> None:  # type: ignore[override]  # Textual calls those of both classes
        """Letters, while a text is typed; all other keys are the screen's."""
        if not self.screen.is_current:
            return
        form = self.form
        edits = {
            "backspace": form.text[:-1],
            "ctrl+h": form.text[:-1],
            "ctrl+u": "",
            "ctrl+w": form.text.rstrip().rpartition(" ")[0],
        }
        if form.typing and event.key in edits:
            form.write(edits[event.key])
        elif form.typing and event.is_printable and event.character:
            form.write(form.text + event.character)
        else:
            return  # to what a box does with keys
        event.stop()
        event.prevent_default()
        self.post_message(self.Typed())

    def on_paste(self, event: Paste) -> None:
        """Adds to a note what is pasted, cleaned; a name that is to be typed is not pasted."""
        event.stop()
        if self.form.focus == "note":
            self.form.write(self.form.note + clean(event.text))
            self.post_message(self.Typed())
