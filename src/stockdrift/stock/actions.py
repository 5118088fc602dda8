"""Actions: what an operator had written to a surface, row by row, as the journal tells it.

An action is asked once (:class:`ActionAsked`), with every row that it may write and what each showed when it was
confirmed. What became of it follows in steps (:class:`ActionStep`), recorded before anything is sent and after each
answer; nothing else says that something was sent. The :class:`Ledger` puts them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final


class RowState(StrEnum):
    """Where one row of an action stands. Only ``IN_SYNC`` was read back and is as it should be."""

    WAITING = "not sent"  # nothing was sent yet
    SENT = "sent"  # recorded before it goes out; what came back is not known yet
    ACCEPTED = "accepted"  # the surface took it; accepted is not applied
    APPLIED = "applied"  # read back: the surface shows what was written
    IN_SYNC = "in sync"  # read back, and it is what the surface should show
    VERIFIED = "verified"  # read back as written, by an action that sets what the master does not say
    OVERTAKEN = "overtaken"  # read back as written, and the master has moved on since: what drifts now is new
    STUCK = "stuck"  # accepted, and the surface shows something else, or shows it no more
    REJECTED = "rejected"  # the surface refused this row
    STALE = "stale"  # it showed something else than when it was confirmed: not sent, to be confirmed anew
    NEEDLESS = "needless"  # it shows what was to be written already: not sent
    STOPPED = "stopped"  # not sent, for the operator or the collector stopped the action
    REFUSED = "refused"  # not sent, for a guard stood before it
    FAILED = "failed"  # read back after a send without an answer: the surface shows what it showed before


UNSENT: Final = frozenset({RowState.STALE, RowState.NEEDLESS, RowState.STOPPED, RowState.REFUSED})
"""States of rows that ended without having been sent."""

_GOOD: Final = frozenset({RowState.IN_SYNC, RowState.VERIFIED, RowState.OVERTAKEN})
ENDED: Final = UNSENT | _GOOD | {RowState.STUCK, RowState.REJECTED, RowState.FAILED}
"""States that no step follows."""

_READ_BACK: Final = _GOOD | {RowState.APPLIED, RowState.STUCK}

_FOLLOWS: Final = {
    RowState.WAITING: UNSENT | {RowState.SENT},
    RowState.SENT: _READ_BACK | {RowState.ACCEPTED, RowState.REJECTED, RowState.STALE, RowState.FAILED},
    RowState.ACCEPTED: _READ_BACK,
    RowState.APPLIED: _READ_BACK - {RowState.APPLIED},
}


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of an action: what the surface showed when it was confirmed, and what it shall show."""

    sku: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ActionAsked:
    """An operator confirmed an action. ``key`` names it for good, and makes its sends idempotent where a vendor can.

    ``kind`` is resync, contain or rollback; ``undoes`` is the key of the action that a rollback takes back. ``typed``
    is what the operator typed where a guard asked for it. ``number`` as of every entry.
    """

    at: int
    operator: str
    key: str
    kind: str
    surface: str
    reason: str
    note: str
    rows: Sequence[RowChange]
    typed: str = ""
    undoes: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class ActionStopAsked:
    """An operator asks that of the action ``key`` nothing more be sent."""

    at: int
    operator: str
    key: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ActionStep:
    """The rows at ``places`` of the action ``key`` are in ``state`` from here on; ``why`` is in words, or empty.

    ``sent`` and ``answer`` are what went over the wire and what came back, without secrets.
    """

    at: int
    key: str
    state: RowState
    places: Sequence[int]
    why: str = ""
    sent: str = ""
    answer: str = ""
    number: int = 0


ActionEntry = ActionAsked | ActionStopAsked | ActionStep


class ActionError(ValueError):
    """A step that cannot follow what was recorded before it. The journal tells what no service of ours would do."""


@dataclass(slots=True)
class Action:
    """One action with where its rows stand: ``states``, ``whys`` and ``since`` are parallel to ``asked.rows``."""

    asked: ActionAsked
    states: list[RowState]
    whys: list[str]
    since: list[int]
    sent_at: list[int | None]
    steps: list[ActionStep] = field(default_factory=list)
    stop: ActionStopAsked | None = None

    @property
    def key(self) -> str:
        """Its name for good."""
        return self.asked.key

    @property
    def open(self) -> bool:
        """Whether a step is still to come."""
        return any(state not in ENDED for state in self.states)

    @property
    def verified(self) -> bool:
        """Whether every row that was to be written was read back as it should be, or was so already."""
        return all(state in _GOOD or state is RowState.NEEDLESS for state in self.states)

    def places(self, *states: RowState) -> list[int]:
        """The places of the rows that are in one of ``states``."""
        return [place for place, state in enumerate(self.states) if state in states]

    def take(self, step: ActionStep) -> None:
        """Takes over a step. Raises ActionError where it cannot follow; then nothing has changed."""
        for place in step.places:
            if not 0 <= place < len(self.states):
                raise ActionError(f"action {self.key} has no row {place}")
            here = self.states[place]
            if step.state not in _FOLLOWS.get(here, frozenset()):
                raise ActionError(f"row {place} of action {self.key} is {here}: {step.state} cannot follow")
        self.steps.append(step)
        for place in step.places:
            self.states[place], self.whys[place], self.since[place] = step.state, step.why, step.at
            if step.state is RowState.SENT:
                self.sent_at[place] = step.at


def plain(entry: ActionEntry) -> dict[str, Any]:
    """An entry as JSON can hold it."""
    return {"entry": type(entry).__name__, **asdict(entry)}


def of_plain(found: dict[str, Any]) -> ActionEntry:
    """The entry that :func:`plain` made plain. Raises KeyError, TypeError or ValueError where it is none."""
    values = dict(found)
    match values.pop("entry"):
        case "ActionAsked":
            return ActionAsked(**{**values, "rows": tuple(RowChange(**row) for row in values["rows"])})
        case "ActionStep":
            return ActionStep(**{**values, "state": RowState(values["state"]), "places": tuple(values["places"])})
        case "ActionStopAsked":
            return ActionStopAsked(**values)
        case other:
            raise ValueError(f"{other!r} is no entry of an action")


class Ledger:
    """All actions of a journal, in the order in which they were asked."""

    def __init__(self) -> None:
        self._actions: dict[str, Action] = {}
        self.oddities = 0  # steps that could not follow what was recorded before them

    def __len__(self) -> int:
        return len(self._actions)

    def apply(self, entry: ActionEntry) -> Action | None:
        """Takes over an entry; returns its action, None for one of an action that was never asked.

        An action that is asked twice was asked once: the second has no effect, nor has a step that cannot follow.
        """
        if isinstance(entry, ActionAsked):
            if entry.key not in self._actions:
                count = len(entry.rows)
                self._actions[entry.key] = Action(
                    entry, [RowState.WAITING] * count, [""] * count, [entry.at] * count, [None] * count
                )
            return self._actions[entry.key]
        action = self._actions.get(entry.key)
        if action is not None and isinstance(entry, ActionStep):
            try:
                action.take(entry)
            except ActionError:
                self.oddities += 1  # no service of ours tells such a thing: what stands already stands
        elif action is not None and action.stop is None and isinstance(entry, ActionStopAsked):
            action.stop = entry
        return action

    def get(self, key: str) -> Action | None:
        """The action called ``key``."""
        return self._actions.get(key)

    def open_on(self, surface: str) -> list[Action]:
        """Actions on ``surface`` that are not at their end, oldest first."""
        return [action for action in self._actions.values() if action.asked.surface == surface and action.open]

    def entries(self) -> list[ActionEntry]:
        """All that it was told, action by action: told again, it makes the same ledger."""
        found: list[ActionEntry] = []
        for action in self._actions.values():
            found += [action.asked, *([action.stop] if action.stop else []), *action.steps]
        return found

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())
