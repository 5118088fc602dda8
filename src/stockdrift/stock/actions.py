"""Actions: what an operator had written to a surface, row by row, as the journal tells it.

An action is asked once (:class:`ActionAsked`), with every row that it may write and what each showed when it was
confirmed. What became of it follows in steps (:class:`ActionStep`), recorded before anything is sent and after each
answer; nothing else says that something was sent. The :class:`~stockdrift.stock.ledger.Ledger` puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct, field


class RowState(StrEnum):
    """Where one row of an action stands. Only ``IN_SYNC`` was read back and is as it should be."""

    WAITING = "not sent"  # nothing was sent yet, or it was recorded and taken back before it went out
    DEFERRED = "deferred"  # certainly not sent, and to be sent later: it was throttled, or the budget is short
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
    UNDELIVERED = "undelivered"  # certainly not sent, however often it was tried


UNSENT: Final = frozenset({RowState.STALE, RowState.NEEDLESS, RowState.STOPPED, RowState.REFUSED})
"""States of rows that ended without having been sent."""

GOOD: Final = frozenset({RowState.IN_SYNC, RowState.VERIFIED, RowState.OVERTAKEN})
"""States of rows that were read back as written, and are at their end."""

LOST: Final = frozenset({RowState.STUCK, RowState.REJECTED, RowState.FAILED, RowState.UNDELIVERED})
"""States of rows that were to be written and did not take: what makes an action a dead letter."""

ENDED: Final = UNSENT | GOOD | LOST
"""States that no step follows."""

TOOK: Final = GOOD | {RowState.APPLIED}
"""States of rows that were read back as written."""

WRITTEN: Final = TOOK | {RowState.STUCK}
"""States of rows that the surface accepted: what a rollback may take back, where they are shown."""

PENDING: Final = (RowState.WAITING, RowState.DEFERRED)
"""States of rows that are still to be sent."""

_LATER: Final = frozenset({RowState.DEFERRED, RowState.UNDELIVERED})
_UNGONE: Final = _LATER | {RowState.WAITING}  # after sent: it was recorded, and certainly did not go out

_FOLLOWS: Final = {
    RowState.WAITING: UNSENT | _LATER | {RowState.SENT},
    RowState.DEFERRED: UNSENT | _LATER | {RowState.SENT},
    RowState.SENT: WRITTEN | _UNGONE | {RowState.ACCEPTED, RowState.REJECTED, RowState.STALE, RowState.FAILED},
    RowState.ACCEPTED: WRITTEN,
    RowState.APPLIED: WRITTEN - {RowState.APPLIED},
}


LISTED, DOWN = 1, 0
"""What the rows of an action say that takes listings down (``unlist``) or up (``relist``)."""

LISTING: Final = frozenset({"unlist", "relist"})
KINDS: Final = LISTING | {"resync", "contain", "rollback", "refresh"}
"""What an action can be."""

FOR_GOOD: Final = LISTING | {"refresh"}
"""Kinds that no rollback takes back: a listing has its counterpart, and a refresh has written nothing."""


class RowChange(Struct, frozen=True):
    """One row of an action: what the surface showed when it was confirmed, and what it shall show. A quantity, or
    LISTED or DOWN where the action is about the listing.
    """

    sku: str
    before: int
    after: int


def shown(kind: str, value: int | str) -> str:
    """What a row of an action of ``kind`` says, as a person reads it."""
    if kind in LISTING:
        return "listed" if value == LISTED else "down"
    return value if isinstance(value, str) else f"{value:,}".replace("-", "−")


def arrow(kind: str, change: RowChange) -> str:
    """A row of an action of ``kind`` as a person reads it: ``9 → 5``."""
    return f"{shown(kind, change.before)} → {shown(kind, change.after)}"


class ActionAsked(Struct, frozen=True):
    """An operator confirmed an action. ``key`` names it for good, and makes its sends idempotent where a vendor can.

    ``kind`` is resync, contain, rollback, unlist, relist or refresh; ``undoes`` is the key of the action that a
    rollback takes back, ``retries`` that of the failed one that is tried once more. ``typed`` is what the operator
    typed where a guard asked for it, ``overrides`` are the barriers that he let down by their names, ``trust`` whom he
    trusts where the surface is set to ask: master or surface. ``settled`` are SKUs that were to be tried once more and
    showed already what they should: there was nothing to write. ``number`` as of every entry.
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
    retries: str = ""
    trust: str = ""
    overrides: Sequence[str] = ()
    number: int = 0
    settled: Sequence[str] = ()


class ActionStopAsked(Struct, frozen=True):
    """An operator asks that of the action ``key`` nothing more be sent."""

    at: int
    operator: str
    key: str
    number: int = 0


class ActionDismissed(Struct, frozen=True):
    """An operator needs the failed action ``key`` no more, for ``reason``: it is a dead letter no longer."""

    at: int
    operator: str
    key: str
    reason: str
    number: int = 0


class ActionStep(Struct, frozen=True):
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


ActionEntry = ActionAsked | ActionStopAsked | ActionStep | ActionDismissed


class ActionError(ValueError):
    """A step that cannot follow what was recorded before it. The journal tells what no service of ours would do."""


class Action(Struct):
    """One action with where its rows stand: ``states``, ``whys``, ``since``, ``sent_at`` (None: it never went out, for
    all that is known) and ``tries`` are parallel to ``asked.rows``.
    """

    asked: ActionAsked
    states: list[RowState]
    whys: list[str]
    since: list[int]
    sent_at: list[int | None]
    tries: list[int]  # how often each row was on its way out
    steps: list[ActionStep] = field(default_factory=list)
    stop: ActionStopAsked | None = None
    dismissed: ActionDismissed | None = None

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
        return all(state in GOOD or state is RowState.NEEDLESS for state in self.states)

    @property
    def failed(self) -> bool:
        """Whether it is at its end and something that was to be written did not take."""
        return not self.open and not LOST.isdisjoint(self.states)

    @property
    def ended_at(self) -> int | None:
        """When its last row came to its end; None while it is open."""
        return None if self.open else max(self.since, default=self.asked.at)

    def places(self, *states: RowState) -> list[int]:
        """The places of the rows that are in one of ``states``."""
        return [place for place, state in enumerate(self.states) if state in states]

    def wires(self) -> list[tuple[str, str]]:
        """What was sent last of each row, and what came back; each empty where there was nothing."""
        found = [("", "")] * len(self.states)
        for step in self.steps:
            for place in step.places if step.sent or step.answer else ():
                found[place] = (step.sent, "") if step.sent else (found[place][0], step.answer)
        return found

    def take(self, step: ActionStep) -> None:
        """Takes over a step. Raises ActionError where it cannot follow; then nothing has changed."""
        outside = next((place for place in step.places if not 0 <= place < len(self.states)), None)
        if outside is not None:
            raise ActionError(f"action {self.key} has no row {outside}")
        for here in {self.states[place] for place in step.places}:
            if step.state not in _FOLLOWS.get(here, frozenset()):
                raise ActionError(f"a row of action {self.key} is {here}: {step.state} cannot follow")
        self.steps.append(step)
        for place in step.places:
            here = self.states[place]
            self.states[place], self.whys[place], self.since[place] = step.state, step.why, step.at
            if step.state is RowState.SENT:
                self.sent_at[place] = step.at
                self.tries[place] += 1
            elif here is RowState.SENT and step.state in _UNGONE:
                self.sent_at[place] = None
                self.tries[place] -= step.state is RowState.WAITING
