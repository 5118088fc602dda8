"""The ledger: the actions of a journal with what became of them, and how they belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stockdrift.stock.actions import (
    ENDED,
    LOST,
    TOOK,
    UNSENT,
    Action,
    ActionAsked,
    ActionDismissed,
    ActionEntry,
    ActionError,
    ActionStep,
    ActionStopAsked,
    RowState,
)
from stockdrift.stock.packed_action import pack, unpack


class Ledger:
    """The actions of a journal, in the order in which they were asked."""

    def __init__(self) -> None:
        self._actions: dict[str, Action] = {}
        self._packed: dict[str, tuple[int, dict[str, Any]]] = {}  # by key: what is said of it, after so many entries
        self._dead: list[Action] | None = None  # put together when it is asked for
        self.oddities = 0  # steps that could not follow what was recorded before them

    def __len__(self) -> int:
        return len(self._actions)

    def apply(self, entry: ActionEntry) -> Action | None:
        """Takes over an entry; returns its action, None for one of an action that was never asked.

        An action that is asked twice was asked once: the second has no effect, nor has a step that cannot follow.
        """
        self._dead = None
        if isinstance(entry, ActionAsked):
            if entry.key not in self._actions:
                count = len(entry.rows)
                self._actions[entry.key] = Action(
                    entry, [RowState.WAITING] * count, [""] * count, [entry.at] * count, [None] * count, [0] * count
                )
            return self._actions[entry.key]
        action = self._actions.get(entry.key)
        match entry:
            case _ if action is None:
                pass
            case ActionStep():
                try:
                    action.take(entry)
                except ActionError:
                    self.oddities += 1  # no service of ours tells such a thing: what stands already stands
            case ActionStopAsked() if action.stop is None:
                action.stop = entry
            case ActionDismissed() if action.dismissed is None:
                action.dismissed = entry
        return action

    def get(self, key: str) -> Action | None:
        """The action called ``key``."""
        return self._actions.get(key)

    def find(self, short: str) -> list[Action]:
        """Actions whose key begins with ``short``, oldest first."""
        return [action for key, action in self._actions.items() if key.startswith(short)] if short else []

    def open_on(self, surface: str) -> list[Action]:
        """Actions on ``surface`` that are not at their end, oldest first."""
        return [action for action in self._actions.values() if action.asked.surface == surface and action.open]

    def dead_letters(self) -> Sequence[Action]:
        """Actions of which failed what nobody has dismissed, nor tried once more, oldest first."""
        if self._dead is None:
            self._dead = [action for action in self._actions.values() if self.is_dead(action)]
        return self._dead

    def is_dead(self, action: Action) -> bool:
        """Whether ``action`` is a dead letter: something of it is :meth:`left`."""
        return bool(self.left(action))

    def left(self, action: Action) -> list[int]:
        """The places of the rows for which ``action`` is a dead letter: what failed, except what was tried once more.
        One more try that came to nothing, for the row was never sent, is none. When it was dismissed nothing is left.
        """
        if not action.failed or action.dismissed is not None:
            return []
        tried = {sku for one in self.retries_of(action.key) for sku in seen_to(one)}
        return [place for place in action.places(*LOST) if action.asked.rows[place].sku not in tried]

    def retries_of(self, key: str) -> list[Action]:
        """Actions that try the action ``key`` once more, oldest first."""
        return [action for action in self._actions.values() if key and action.asked.retries == key]

    def undoers_of(self, key: str) -> list[Action]:
        """Rollbacks of the action ``key``, oldest first."""
        return [action for action in self._actions.values() if key and action.asked.undoes == key]

    def undone(self, key: str, before: int | None = None) -> set[str]:
        """SKUs that a rollback of the action ``key`` has written, or may still write; where ``before`` is given only
        one whose number is smaller.
        """
        return {
            change.sku
            for action in self.undoers_of(key)
            if before is None or action.asked.number < before
            for change, state in zip(action.asked.rows, action.states, strict=True)
            if state in TOOK or state not in ENDED
        }

    def forget(self, before: int) -> None:
        """Lets go of actions that came to their end before ``before`` (ms)."""
        gone = [
            key for key, action in self._actions.items() if (ended := action.ended_at) is not None and ended < before
        ]
        self._dead = None
        for key in gone:
            del self._actions[key]
            self._packed.pop(key, None)

    def packed(self) -> list[dict[str, Any]]:
        """All that it was told, action by action, as JSON can hold it. What is said of an action that came to its end
        is put together once.
        """
        found = []
        for key, action in self._actions.items():
            told = len(action.steps) + bool(action.stop) + bool(action.dismissed)
            kept = self._packed.get(key)
            if kept is None or kept[0] != told:
                kept = self._packed[key] = told, pack(action)
            found.append(kept[1])
        return found

    def restore(self, packed: Iterable[dict[str, Any]]) -> None:
        """Takes over what :meth:`packed` gave. Raises KeyError, TypeError or ValueError where it is none."""
        for found in packed:
            for entry in unpack(found):
                self.apply(entry)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())


def seen_to(action: Action) -> Iterator[str]:
    """SKUs that ``action`` has written or may still write, or that showed already what they should."""
    for change, state in zip(action.asked.rows, action.states, strict=True):
        if state not in UNSENT or state is RowState.NEEDLESS:
            yield change.sku
    yield from action.asked.settled
