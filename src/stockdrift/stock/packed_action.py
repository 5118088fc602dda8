"""An action as a checkpoint holds it: its rows as columns, the rows that a step speaks of as runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from stockdrift.stock.actions import (
    Action,
    ActionAsked,
    ActionDismissed,
    ActionEntry,
    ActionStep,
    ActionStopAsked,
    RowChange,
    RowState,
)

_ASKED: Final = (
    "at", "operator", "key", "kind", "surface", "reason", "note", "typed", "undoes", "retries", "trust", "number",
)  # fmt: skip


def pack(action: Action) -> dict[str, Any]:
    """All that was recorded of ``action``, as JSON can hold it."""
    asked, stop, dismissed = action.asked, action.stop, action.dismissed
    return {
        "asked": {name: getattr(asked, name) for name in _ASKED},
        "overrides": list(asked.overrides),
        "settled": list(asked.settled),
        "skus": [change.sku for change in asked.rows],
        "before": [change.before for change in asked.rows],
        "after": [change.after for change in asked.rows],
        "steps": [
            [step.at, str(step.state), _runs(step.places), step.why, step.sent, step.answer, step.number]
            for step in action.steps
        ],
        "stop": None if stop is None else [stop.at, stop.operator, stop.number],
        "dismissed": None
        if dismissed is None
        else [dismissed.at, dismissed.operator, dismissed.reason, dismissed.number],
    }


def unpack(found: dict[str, Any]) -> Iterator[ActionEntry]:
    """The entries of an action that :func:`pack` packed. Raises KeyError, TypeError or ValueError where it is none."""
    key = found["asked"]["key"]
    columns = zip(found["skus"], found["before"], found["after"], strict=True)
    rows = tuple(RowChange(sku, before, after) for sku, before, after in columns)
    settled = tuple(found.get("settled", ()))  # an older checkpoint has none
    yield ActionAsked(**found["asked"], rows=rows, overrides=tuple(found["overrides"]), settled=settled)
    if found["stop"] is not None:
        at, operator, number = found["stop"]
        yield ActionStopAsked(at, operator, key, number)
    for at, state, runs, why, sent, answer, number in found["steps"]:
        yield ActionStep(at, key, RowState(state), tuple(_places(runs)), why, sent, answer, number)
    if found["dismissed"] is not None:
        at, operator, reason, number = found["dismissed"]
        yield ActionDismissed(at, operator, key, reason, number)


def _runs(places: Sequence[int]) -> list[int]:
    """``places`` as first and last of each stretch in which they ascend by one."""
    runs: list[int] = []
    for place in places:
        if runs and place == runs[-1] + 1:
            runs[-1] = place
        else:
            runs += [place, place]
    return runs


def _places(runs: Sequence[int]) -> Iterable[int]:
    for first, last in zip(runs[::2], runs[1::2], strict=True):
        yield from range(first, last + 1)
