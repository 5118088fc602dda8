"""What an operator changed about the grid's columns: which are hidden, and in which order the others stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from stockdrift.stock.values import replace

TAIL: Final = {"phase": 12, "since": 6, "out-in": 7, "risk": 6}
"""Columns right of the surfaces, with the cells they take, gap and all."""

HIDEABLE: Final = ("name", "deviation", *TAIL)
"""Columns that can be hidden, besides those of surfaces; ``deviation`` is its axis."""
_SURFACE: Final = "surface:"


class Arrangement(Struct, frozen=True):
    """Columns by their ids; a surface's is ``surface:NAME``.

    ``surfaces`` is the operator's own order of names; empty: the worst first. ``tail`` are those right of them.
    """

    hidden: frozenset[str] = frozenset()
    surfaces: tuple[str, ...] = ()
    tail: tuple[str, ...] = tuple(TAIL)


AS_SHIPPED: Final = Arrangement()


def without(arranged: Arrangement, column: str) -> Arrangement | None:
    """``column`` hidden; None where it has to stay: what says which SKU it is, what the master has, and how bad."""
    if column in HIDEABLE or column.startswith(_SURFACE):
        return replace(arranged, hidden=arranged.hidden | {column})
    return None


def moved(arranged: Arrangement, column: str, by: int, surfaces: Sequence[str]) -> Arrangement | None:
    """``column`` one place to the left (−1) or right (1) among its like, over hidden ones; None where it cannot.

    ``surfaces`` are the names of all surfaces as their columns stand now.
    """
    if column.startswith(_SURFACE):
        names = [_SURFACE + name for name in surfaces]
        order = _swapped(names, column, by, arranged.hidden)
        if order is None:
            return None
        return replace(arranged, surfaces=tuple(name.removeprefix(_SURFACE) for name in order))
    order = _swapped(arranged.tail, column, by, arranged.hidden)
    return None if order is None else replace(arranged, tail=tuple(order))


def _swapped(columns: Sequence[str], column: str, by: int, hidden: frozenset[str]) -> list[str] | None:
    if column not in columns:
        return None
    order = list(columns)
    here = there = order.index(column)
    while True:
        there += by
        if not 0 <= there < len(order):
            return None
        if order[there] not in hidden:
            break
    order.insert(there, order.pop(here))
    return order
