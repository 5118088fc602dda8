"""How far actions are, row by row: what the ledger says, in the order in which an operator wants it. No drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from stockdrift.console.model import Model
from stockdrift.stock.actions import GOOD, LOST, PENDING, UNSENT, Action, RowChange, RowState

STAGES: Final = ("sent", "accepted", "applied", "in sync")
"""What a row goes through, in this order."""

_STAGE: Final = {
    RowState.SENT: 1,
    RowState.ACCEPTED: 2,
    RowState.APPLIED: 3,
    RowState.IN_SYNC: 4,
    RowState.VERIFIED: 4,
    RowState.OVERTAKEN: 3,  # read back as written, and not in sync
    RowState.STUCK: 3,
    RowState.REJECTED: 2,
    RowState.FAILED: 2,
    RowState.UNDELIVERED: 1,
}


class Step(Struct, frozen=True):
    """One row: ``stage`` is how many of :data:`STAGES` it reached, ``lost`` whether the last of these is where it came
    to a bad end. ``took`` is from its send to its end (ms), None where it is under way; ``sent_at`` None: not sent.
    """

    action: Action
    place: int
    state: RowState
    stage: int
    lost: bool
    why: str
    sent_at: int | None
    took: int | None

    @property
    def change(self) -> RowChange:
        """What was to be written."""
        return self.action.asked.rows[self.place]

    @property
    def word(self) -> str:
        """Its state in a word; undone by another app it is stuck."""
        return "stuck" if self.lost and self.state in GOOD else str(self.state)


class Progress(Struct):
    """Of the actions ``keys``. ``steps`` are made anew where the model has news, and only then."""

    keys: Sequence[str]
    actions: Sequence[Action] = ()
    steps: Sequence[Step] = ()
    counts: Counter[str] = field(default_factory=Counter)
    _version: int = -1

    def update(self, model: Model) -> None:
        """Takes over what the model knows."""
        if model.version == self._version and self.actions:
            return
        self._version = model.version
        self.actions = [action for key in self.keys if (action := model.ledger.get(key)) is not None]
        steps = [_step(model, action, place) for action in self.actions for place in range(len(action.states))]
        self.steps = sorted(steps, key=_rank)
        self.counts = Counter(_group(step) for step in steps)

    @property
    def open(self) -> bool:
        """Whether anything is still to come."""
        return any(action.open for action in self.actions)

    @property
    def unsent(self) -> int:
        """Rows that can still be stopped."""
        return 0 if self.stopping else self.counts["not yet sent"]

    @property
    def stopping(self) -> bool:
        """Whether all of them were asked to stop."""
        return bool(self.actions) and all(action.stop is not None for action in self.actions)

    @property
    def started_at(self) -> int | None:
        """When the first was asked."""
        return min((action.asked.at for action in self.actions), default=None)

    @property
    def ended_at(self) -> int | None:
        """When the last came to its end; None while one is open."""
        ends = [action.ended_at for action in self.actions]
        return None if not ends or None in ends else max(end for end in ends if end is not None)

    @property
    def good(self) -> int:
        """Rows that were read back as they should be. What the master has overtaken drifts, and is none of them."""
        return self.counts["in sync"] + self.counts["verified"]

    @property
    def kind(self) -> str:
        """Of all of them."""
        return self.actions[0].asked.kind if self.actions else ""

    @property
    def surfaces(self) -> Sequence[str]:
        """Where they write."""
        return list(dict.fromkeys(action.asked.surface for action in self.actions))


def _step(model: Model, action: Action, place: int) -> Step:
    state, sku = action.states[place], action.asked.rows[place].sku
    why, lost, since = action.whys[place], state in LOST, action.since[place]
    stage = _STAGE.get(state, 0)
    if state is RowState.STUCK and not any(
        step.state is RowState.APPLIED and place in step.places for step in action.steps
    ):
        stage = 3
    elif state is RowState.STUCK:
        stage = 4
    undone = model.aftermath.of(action.asked.surface, sku) if state in GOOD else None
    if undone is not None and undone.key == action.key:
        lost, why, stage = True, undone.why, 4
    sent_at = action.sent_at[place]
    ended = state in GOOD or state in LOST
    took = since - sent_at if ended and sent_at is not None else None
    return Step(action, place, state, stage, lost, why, sent_at, took)


def _rank(step: Step) -> tuple[bool, int]:
    """What is stuck first, then what is furthest; those alike stay as they were planned."""
    return (not step.lost, -step.stage)


def _group(step: Step) -> str:
    if step.lost:
        return "stuck"
    if step.state in PENDING:
        return "not yet sent"
    return "left out" if step.state in UNSENT else str(step.state)
