"""From levels to verdicts: one byte per level and per SKU, ordered so that the worst is the largest."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.levels import LevelState


class Code(IntEnum):
    """Of a level, in an order that makes a SKU's standing the largest of its levels' codes."""

    NOT_COMPARED = 0
    IN_SYNC = 1
    UNKNOWN = 2
    ORPHAN = 3
    UNDER = 4
    OVER = 5
    OVERSELL = 6


class Standing(IntEnum):
    """Of a SKU over all its active surfaces. The first seven are the codes; ``UNCOVERED`` is listed nowhere."""

    UNCOVERED = 0
    IN_SYNC = 1
    UNKNOWN = 2
    ORPHAN = 3
    UNDER = 4
    OVER = 5
    OVERSELL = 6
    OUT_OF_SCOPE = 7  # the master does not count it: unlimited, disabled, pre-order
    ABSENT = 8  # neither the master lists it nor any surface sells it
    IGNORED = 9  # somebody said so, for a reason and until a moment


DRIFTING: Final = np.uint8(Code.UNDER)
"""Codes and standings from here up to OVERSELL drift."""

_IN_SCOPE, _ABSENT, _OUT, _UNSURE = 0, 1, 2, 3
_SCOPE_OF_MASTER: Final = np.full(256, _UNSURE, np.uint16)
_SCOPE_OF_MASTER[LevelState.COUNTED] = _IN_SCOPE
_SCOPE_OF_MASTER[LevelState.UNLISTED] = _ABSENT
for _state in (LevelState.UNLIMITED, LevelState.DISABLED, LevelState.PREORDER, LevelState.BACKORDER):
    _SCOPE_OF_MASTER[_state] = _OUT

# The situation of a level is one number: its state, the SKU's scope, and five questions with yes or no. What it amounts
# to is looked up, so that a column is judged by a few passes over it and one look into a small table.
_SCOPE, _SHORT, _SELLS, _WANTED, _ABOVE, _BELOW = 4, 6, 7, 8, 9, 10
_STATE: Final = (1 << _SCOPE) - 1
_SITUATIONS: Final = 1 << 11


def ground(atp: NDArray[np.int32], master: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """What the levels of a SKU have in common: its scope by the master's state, and whether nothing is left."""
    found: NDArray[np.uint16] = _SCOPE_OF_MASTER[master] << np.uint16(_SCOPE)
    found |= _bit(atp <= 0, _SHORT)
    return found


def judge(
    common: NDArray[np.uint16],
    states: NDArray[np.uint8],
    quantities: NDArray[np.int32],
    expected: NDArray[np.int32],
    tolerated: NDArray[np.int32] | int,
    *,
    compare_preorder: bool = False,
) -> NDArray[np.uint8]:
    """Codes of one surface's levels while master and surface are both known. All columns are parallel; ``common`` is
    the :func:`ground` of their SKUs, ``tolerated`` the units that each may be off. Several surfaces' levels are judged
    at once as lines below each other.
    """
    off = deviations(quantities, expected)
    situation = common | states
    situation |= _bit(quantities > 0, _SELLS)
    situation |= _bit(expected > 0, _WANTED)
    situation |= _bit(off > tolerated, _ABOVE)
    situation |= _bit(off < -tolerated, _BELOW)
    codes: NDArray[np.uint8] = _codes(compare_preorder)[situation]
    return codes


def deviations(quantities: NDArray[np.int32], expected: NDArray[np.int32]) -> NDArray[np.int32]:
    """``max(reported, 0) − expected``, which means something of counted levels. Both lie in [0, 2³¹): no overflow."""
    off: NDArray[np.int32] = np.maximum(quantities, 0)
    off -= expected
    return off


def _bit(yes: NDArray[np.bool_], place: int) -> NDArray[np.uint16]:
    return yes.astype(np.uint16) << np.uint16(place)


def _code(situation: int, *, compare_preorder: bool) -> Code:
    """The rule for a single level. Where ATP ≤ 0 no tolerance applies: whatever still sells is an oversell."""
    state, scope = situation & _STATE, situation >> _SCOPE & 3
    short, sells = situation & 1 << _SHORT, situation & 1 << _SELLS
    if scope == _OUT:
        return Code.NOT_COMPARED
    if scope == _ABSENT:
        orphaned = (state == LevelState.COUNTED and sells) or state in {LevelState.UNLIMITED, LevelState.IN}
        return Code.ORPHAN if orphaned else Code.NOT_COMPARED
    if state in {LevelState.UNLISTED, LevelState.DISABLED}:
        return Code.NOT_COMPARED
    if scope == _UNSURE:
        return Code.UNKNOWN
    if compare_preorder and state in {LevelState.PREORDER, LevelState.BACKORDER}:
        state = LevelState.IN
    match state:
        case LevelState.COUNTED if short:
            return Code.OVERSELL if sells else Code.IN_SYNC
        case LevelState.COUNTED:
            return Code.OVER if situation & 1 << _ABOVE else Code.UNDER if situation & 1 << _BELOW else Code.IN_SYNC
        case LevelState.UNLIMITED:
            return Code.OVERSELL if short else Code.OVER
        case LevelState.IN:
            return Code.OVERSELL if short else Code.IN_SYNC
        case LevelState.OUT:
            return Code.UNDER if situation & 1 << _WANTED else Code.IN_SYNC
        case LevelState.PREORDER | LevelState.BACKORDER:
            return Code.NOT_COMPARED
        case _:
            return Code.UNKNOWN


@cache
def _codes(compare_preorder: bool) -> NDArray[np.uint8]:
    """The code of every situation."""
    return np.array([_code(number, compare_preorder=compare_preorder) for number in range(_SITUATIONS)], np.uint8)


def unjudged(states: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Codes while surface or master is unknown. What the last complete read did not list stays unlisted; what it
    listed may have changed in any way since.
    """
    return np.where(states == LevelState.UNLISTED, Code.NOT_COMPARED, Code.UNKNOWN).astype(np.uint8)


def pair_up(
    codes: Sequence[NDArray[np.uint8]],
    off: Sequence[NDArray[np.int32]],
    tolerated: Sequence[NDArray[np.int32] | int],
    counted: Sequence[NDArray[np.bool_]],
) -> None:
    """Marks, in place, levels that agree with the master and not with each other (reason *pair*).

    Only levels that are each within their own tolerance are paired: one that deviates by itself is the cause, and what
    it differs from is not. Two that agree can be apart by more than the larger tolerance only on opposite sides.
    """
    agreeing = [(code == Code.IN_SYNC) & count for code, count in zip(codes, counted, strict=True)]
    above = np.logical_or.reduce([here & (this > 0) for here, this in zip(agreeing, off, strict=True)])
    below = np.logical_or.reduce([here & (this < 0) for here, this in zip(agreeing, off, strict=True)])
    at = np.flatnonzero(above & below)
    if not len(at):
        return
    here = [agree[at] for agree in agreeing]
    this = [deviation[at].astype(np.int64) for deviation in off]
    allowed = [one[at] if isinstance(one, np.ndarray) else one for one in tolerated]
    for one in range(len(codes)):
        for other in range(one + 1, len(codes)):
            apart = np.abs(this[one] - this[other]) > np.maximum(allowed[one], allowed[other])
            both = here[one] & here[other] & apart
            for which in (one, other):
                codes[which][at[both & (this[which] > 0)]] = Code.OVER
                codes[which][at[both & (this[which] < 0)]] = Code.UNDER


def standing(codes: Sequence[NDArray[np.uint8]], master: NDArray[np.uint8], *, master_known: bool) -> NDArray[np.uint8]:
    """Standings of SKUs from the codes of their levels on the active surfaces; ``master`` holds the master's states."""
    situation = _SCOPE_OF_MASTER[master] << np.uint16(_SCOPE)
    if codes:
        worst = codes[0].copy()
        for column in codes[1:]:
            np.maximum(worst, column, out=worst)
        situation |= worst
    standings: NDArray[np.uint8] = _all_standings(master_known)[situation]
    return standings


def _standing(worst: int, scope: int, *, master_known: bool) -> Standing:
    """The rule for a single SKU, by the worst of its levels' codes."""
    if scope == _OUT:
        return Standing.OUT_OF_SCOPE
    if scope == _UNSURE:
        return Standing.UNKNOWN
    if scope == _ABSENT and worst == Code.NOT_COMPARED:
        return Standing.ABSENT
    return Standing(worst) if master_known else Standing.UNKNOWN


@cache
def _all_standings(master_known: bool) -> NDArray[np.uint8]:
    """The standing of every pair of scope and worst code."""
    worst = [min(code, Code.OVERSELL) for code in range(1 << _SCOPE)]
    return np.array(
        [_standing(code, scope, master_known=master_known) for scope in range(4) for code in worst], np.uint8
    )
