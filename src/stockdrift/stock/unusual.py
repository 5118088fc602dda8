"""What stands out among the actions of a day: what somebody should ask about before it becomes a habit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from stockdrift.stock.actions import WRITTEN, Action
from stockdrift.stock.words import several

AGAIN: Final = 3  # times that one SKU is written on one surface
BUSY: Final = 5  # actions of one operator
FAR_ABOVE: Final = 3  # times those of the next


class Unusual(Struct, frozen=True):
    """One thing that stands out. ``kind`` is adjusted again, operator, override or rollback; ``keys`` name its actions;
    ``operator``, ``surface`` and ``sku`` are empty where it is of no single one. ``text`` says it in a clause.
    """

    kind: str
    text: str
    operator: str = ""
    surface: str = ""
    sku: str = ""
    keys: tuple[str, ...] = ()


def unusual(actions: Iterable[Action], begin: int, end: int) -> list[Unusual]:
    """What stands out among ``actions`` that were asked from ``begin`` to before ``end`` (ms).

    A SKU that was written on a surface :data:`AGAIN` times or more; an operator with :data:`BUSY` actions or more, and
    :data:`FAR_ABOVE` times those of the next one; each barrier that was let down; each rollback.
    """
    asked = [action for action in actions if begin <= action.asked.at < end]
    return [*_overrides(asked), *_rollbacks(asked), *_again(asked), *_busiest(asked)]


def _overrides(actions: Iterable[Action]) -> Iterator[Unusual]:
    for action in actions:
        asked = action.asked
        for name in asked.overrides:
            text = f"{asked.operator} wrote {several(len(asked.rows), 'row')} to {asked.surface} in spite of {name}"
            yield Unusual("override", text, asked.operator, asked.surface, keys=(action.key,))


def _rollbacks(actions: Iterable[Action]) -> Iterator[Unusual]:
    for action in actions:
        asked = action.asked
        if asked.kind == "rollback":
            text = f"{asked.operator} took back {several(len(asked.rows), 'row')} on {asked.surface}"
            yield Unusual("rollback", text, asked.operator, asked.surface, keys=(asked.undoes, action.key))


def _again(actions: Iterable[Action]) -> Iterator[Unusual]:
    written: dict[tuple[str, str], list[Action]] = defaultdict(list)
    for action in actions:
        for change, state in zip(action.asked.rows, action.states, strict=True):
            if state in WRITTEN:
                written[action.asked.surface, change.sku].append(action)
    for (surface, sku), these in sorted(written.items(), key=lambda found: (-len(found[1]), found[0])):
        if len(these) >= AGAIN:
            who = ", ".join(dict.fromkeys(action.asked.operator for action in these))
            text = f"{sku} on {surface} was written {len(these)} times, by {who}"
            yield Unusual("adjusted again", text, "", surface, sku, tuple(action.key for action in these))


def _busiest(actions: Iterable[Action]) -> Iterator[Unusual]:
    by_operator = Counter(action.asked.operator for action in actions)
    ranked = by_operator.most_common()
    if len(ranked) < 2:
        return
    (who, count), (_, following) = ranked[:2]
    if count >= BUSY and count >= FAR_ABOVE * following:
        rest = f"{ranked[1][0]} for {following}"
        if len(ranked) > 2:
            rest = f"none of the {len(ranked) - 1} others for more than {following}"
        text = f"{who} asked for {count} actions, {rest}"
        keys = tuple(action.key for action in actions if action.asked.operator == who)
        yield Unusual("operator", text, who, keys=keys)
