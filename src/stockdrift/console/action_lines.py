"""The record of what operators wrote and said, a line each, as the Actions screen lists it. No drawing."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from stockdrift.console import words
from stockdrift.console.model import Model
from stockdrift.stock.actions import GOOD, LOST, Action, RowState, arrow
from stockdrift.stock.outcome import outcome
from stockdrift.stock.record import moment, recorded
from stockdrift.stock.telling import Spoken, reason_of, sentence, word
from stockdrift.stock.words import named, several


class ActionLine(Struct, frozen=True):
    """``tone`` is the state whose colour and glyph ``outcome`` takes. ``held`` is what a filter looks through."""

    one: Action | Spoken
    at: int
    who: str
    kind: str
    about: str
    what: str
    outcome: str
    tone: str
    why: str
    dead: bool
    held: str

    @property
    def key(self) -> object:
        """What tells it from the others."""
        return self.one.key if isinstance(self.one, Action) else self.one.entry.number


def action_lines(model: Model) -> list[ActionLine]:
    """All of them, newest first."""
    return [_said(one) if isinstance(one, Spoken) else _written(one, model) for one in reversed(recorded(model))]


def _said(one: Spoken) -> ActionLine:
    entry = one.entry
    before, after = one.before or "as set", one.after or "as set"
    what = f"{before} → {after}" if one.before else after
    text = sentence(entry)
    return ActionLine(
        one, moment(one), entry.operator, word(entry), named(entry.scope), what, "on record", "", reason_of(entry),
        dead=False, held=f"{text} {word(entry)} {entry.scope.surface} {entry.scope.sku}",
    )  # fmt: skip


def _written(action: Action, model: Model) -> ActionLine:
    asked = action.asked
    left = len(model.ledger.left(action))
    undone = model.aftermath.undone(action.key)
    came, tone = outcome(action, undone, left=left), _tone(action, undone)
    rows = len(asked.rows)
    about = f"{asked.rows[0].sku} on {words.title(asked.surface)}" if rows == 1 else words.title(asked.surface)
    change = asked.rows[0] if rows == 1 else None
    what = several(rows, "row") if change is None else arrow(asked.kind, change)
    why = f"{asked.reason}: {asked.note}" if asked.note else asked.reason
    skus = " ".join(row.sku for row in asked.rows)
    held = f"{asked.operator} {asked.kind} {asked.surface} {why} {came} {asked.key} {skus}"
    held += f"{' dead' if left else ''}{' open' if action.open else ''}"
    return ActionLine(
        action, asked.at, asked.operator, asked.kind, about, what, came, tone, why, dead=left > 0, held=held
    )


def _tone(action: Action, undone: Collection[str]) -> str:
    """The state whose colour and glyph the outcome takes: that of the worst."""
    states = set(action.states)
    if action.open:
        return "late"
    if undone or states & LOST:
        return "unknown" if action.dismissed is not None else "oversell"
    return "ok" if states & GOOD or states == {RowState.NEEDLESS} else "unknown"
