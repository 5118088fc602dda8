"""From levels to verdicts: one byte per level and per SKU, ordered so that the worst is the largest."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.levels import LevelState

_COUNTED: Final = np.uint8(LevelState.COUNTED)


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
_SCOPE_OF_MASTER: Final = np.full(256, _UNSURE, np.uint8)
_SCOPE_OF_MASTER[LevelState.COUNTED] = _IN_SCOPE
_SCOPE_OF_MASTER[LevelState.UNLISTED] = _ABSENT
for _state in (LevelState.UNLIMITED, LevelState.DISABLED, LevelState.PREORDER, LevelState.BACKORDER):
    _SCOPE_OF_MASTER[_state] = _OUT


def deviations(
    states: NDArray[np.uint8], quantities: NDArray[np.int32], expected: NDArray[np.int32]
) -> NDArray[np.int32]:
    """``max(reported, 0) − expected`` of counted levels, 0 elsewhere. Both lie in [0, 2³¹), so this cannot overflow."""
    return np.where(states == _COUNTED, np.maximum(quantities, 0) - expected, 0).astype(np.int32, copy=False)


def judge(
    atp: NDArray[np.int32],
    master: NDArray[np.uint8],
    states: NDArray[np.uint8],
    quantities: NDArray[np.int32],
    expected: NDArray[np.int32],
    tolerated: NDArray[np.int32] | int,
    *,
    compare_preorder: bool = False,
) -> NDArray[np.uint8]:
    """Codes of one surface's levels while master and surface are both known. All columns are parallel.

    Where ATP ≤ 0 the tolerance does not apply: whatever still sells is an oversell.
    """
    short = atp <= 0
    off = deviations(states, quantities, expected)
    codes = np.full(len(states), Code.NOT_COMPARED, np.uint8)

    counted = states == _COUNTED
    codes[counted] = Code.IN_SYNC
    codes[counted & (off > tolerated) & ~short] = Code.OVER
    codes[counted & (off < -np.asarray(tolerated, np.int64)) & ~short] = Code.UNDER
    codes[counted & (quantities > 0) & short] = Code.OVERSELL

    if not counted.all():
        sells = states == LevelState.IN
        if compare_preorder:
            sells |= (states == LevelState.PREORDER) | (states == LevelState.BACKORDER)
        codes[sells] = np.where(short[sells], Code.OVERSELL, Code.IN_SYNC)
        out = states == LevelState.OUT
        codes[out] = np.where(expected[out] > 0, Code.UNDER, Code.IN_SYNC)
        unlimited = states == LevelState.UNLIMITED
        codes[unlimited] = np.where(short[unlimited], Code.OVERSELL, Code.OVER)
        codes[states == LevelState.UNKNOWN] = Code.UNKNOWN

    scope = _SCOPE_OF_MASTER[master]
    if scope.any():
        listed = (states != LevelState.UNLISTED) & (states != LevelState.DISABLED)
        codes[(scope == _UNSURE) & listed] = Code.UNKNOWN
        codes[scope == _OUT] = Code.NOT_COMPARED
        orphaned = counted & (quantities > 0) | (states == LevelState.UNLIMITED) | (states == LevelState.IN)
        absent = scope == _ABSENT
        codes[absent] = np.where(orphaned[absent], Code.ORPHAN, Code.NOT_COMPARED)
    return codes


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
    for one in range(len(codes)):
        for other in range(one + 1, len(codes)):
            apart = np.abs(off[one].astype(np.int64) - off[other]) > np.maximum(tolerated[one], tolerated[other])
            both = agreeing[one] & agreeing[other] & apart
            if both.any():
                for this in (one, other):
                    above = off[this] > 0
                    codes[this][both & above] = Code.OVER
                    codes[this][both & (off[this] < 0)] = Code.UNDER


def standing(codes: Sequence[NDArray[np.uint8]], master: NDArray[np.uint8], *, master_known: bool) -> NDArray[np.uint8]:
    """Standings of SKUs from the codes of their levels on the active surfaces; ``master`` holds the master's states."""
    worst = np.full(len(master), Standing.UNCOVERED, np.uint8)
    for column in codes:
        np.maximum(worst, column, out=worst)
    scope = _SCOPE_OF_MASTER[master]
    if not master_known:
        worst = np.where((scope == _IN_SCOPE) | (worst != Standing.UNCOVERED), Standing.UNKNOWN, worst).astype(np.uint8)
    if scope.any():
        worst[scope == _UNSURE] = Standing.UNKNOWN
        worst[scope == _OUT] = Standing.OUT_OF_SCOPE
        worst[(scope != _IN_SCOPE) & (worst == Standing.UNCOVERED)] = Standing.ABSENT
    return worst
