"""What was written of one SKU: each action that meant it, and what became of that row, as events of its history."""

from __future__ import annotations

from collections.abc import Iterator

from stockdrift.stock.actions import GOOD, LOST, Action, ActionAsked, ActionEntry, ActionStep, RowState, arrow
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.words import title

Deed = tuple[int, str, str, str, str]
"""When (ms), what happened in a word, its tone, the surface, a clause."""


class Deeds:
    """Hears the entries of actions in order, and tells those that concern ``sku``. Of an action that was asked before
    the first entry it tells nothing: which of its rows was the SKU's is not known.
    """

    def __init__(self, sku: str) -> None:
        self._sku = sku
        self._ledger = Ledger()

    def hear(self, entry: ActionEntry) -> Iterator[Deed]:
        """The events of one entry."""
        action = self._ledger.apply(entry)
        place = None if action is None else self._place(action)
        if action is None or place is None:
            return
        asked, name = action.asked, title(action.asked.surface)
        change = asked.rows[place]
        match entry:
            case ActionAsked():
                why = f", {asked.reason}" + (f": {asked.note}" if asked.note else "")
                text = f"{asked.operator} asks for {arrow(asked.kind, change)} on {name}{why}"
                yield entry.at, asked.kind, "", asked.surface, text
            case ActionStep() if place in entry.places and entry.state is not RowState.WAITING:
                tone = "ok" if entry.state in GOOD else "over" if entry.state in LOST else ""
                text = f"{arrow(asked.kind, change)} on {name}" + (f": {entry.why}" if entry.why else "")
                yield entry.at, str(entry.state), tone, asked.surface, text

    def _place(self, action: Action) -> int | None:
        """The place of the SKU's row in ``action``."""
        return next((place for place, change in enumerate(action.asked.rows) if change.sku == self._sku), None)
