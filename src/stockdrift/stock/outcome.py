"""What came of an action in a few words: the one place that turns the states of its rows into what people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from stockdrift.stock.actions import GOOD, LOST, PENDING, UNSENT, Action, RowState, arrow
from stockdrift.stock.words import several

_WELL: Final = frozenset({RowState.IN_SYNC, RowState.VERIFIED})

UNDONE: Final = "undone by another app"


def outcome(action: Action, undone: Collection[str] = (), *, left: int = 0) -> str:
    """How ``action`` stands, the worst first, each state by its own word: ``5 rejected, dead letter, 6 in sync``.

    ``undone`` are the SKUs of which another app has undone it since, ``left`` the rows for which it is a dead letter;
    fewer than failed where the others were tried once more. Of one that is under way it says how far it is:
    ``19 of 33 so far, 2 unsent``.
    """
    counts = Counter(_words(action, undone))
    if action.open:
        good = sum(counts[state] for state in GOOD)
        left = sum(counts[state] for state in PENDING)
        return f"{good} of {len(action.states)} so far{f', {left} unsent' if left else ''}"
    parts = [f"{counts[word]} {word}" for word in (*_listed(LOST), UNDONE) if counts[word]]
    if action.dismissed is not None:
        parts.append("dismissed")
    elif left:
        part = left < sum(counts[state] for state in LOST)
        parts.append(f"dead letter for {several(left, 'row')}" if part else "dead letter")
    parts += [f"{counts[word]} {word}" for word in (*_listed(GOOD), *_listed(UNSENT)) if counts[word]]
    return ", ".join(parts)


def row_texts(action: Action, undone: Collection[str] = (), *, well: bool = True) -> list[str]:
    """Each row from what to what, and where it stands, the worst first: ``MEL-090  23 → 18  rejected: no such item``.
    Without ``well`` those that ended as they should are left out.
    """
    rows = list(zip(action.asked.rows, action.states, _words(action, undone), action.whys, strict=True))
    rows.sort(key=lambda row: (row[1] not in LOST and row[2] != UNDONE, row[1] in GOOD, row[1] in UNSENT))
    kind = action.asked.kind
    width = max((len(change.sku) for change, *_ in rows), default=0)
    span = max((len(arrow(kind, change)) for change, *_ in rows), default=0)
    return [
        f"{change.sku:<{width}}  {arrow(kind, change):<{span}}  {word}{f': {why}' if why else ''}"
        for change, state, word, why in rows
        if well or word == UNDONE or state not in _WELL
    ]


def _words(action: Action, undone: Collection[str]) -> list[str]:
    """Where each row stands."""
    return [
        UNDONE if state in GOOD and change.sku in undone else str(state)
        for change, state in zip(action.asked.rows, action.states, strict=True)
    ]


def _listed(among: frozenset[RowState]) -> Iterator[str]:
    return (str(state) for state in RowState if state in among)
