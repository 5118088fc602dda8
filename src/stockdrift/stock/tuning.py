"""What another tolerance would do, before it is applied: which SKUs would no longer drift, and how far each is off.

Only rows on which a surface shows something else than it should are looked at: no tolerance can make the others drift.
They are judged as they would be, by the same rules as always, once for each tolerance that is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock import judge
from stockdrift.stock.expect import yardstick
from stockdrift.stock.exposure import at_risk
from stockdrift.stock.judge import DRIFTING, Code, Standing
from stockdrift.stock.judging import exceptions, judged_by
from stockdrift.stock.levels import LevelState
from stockdrift.stock.rules import Scope, Tolerance

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

BINS: Final = (*range(1, 11), 11, 16, 21, 31)
"""Units off from which on a bar of the histogram counts: one by one up to 10, then 11–15, 16–20, 21–30 and more."""


class Outlook(Struct, frozen=True, eq=False):
    """What ``tolerance`` would do for a scope. ``leaving`` are the rows that drift now and would not, ``joining`` those
    that do not and would, both ascending; ``leaving_on`` counts the levels that would no longer drift, by surface.
    ``risk`` is what the leaving put at risk, None where no price is known.
    """

    tolerance: Tolerance
    drifting: int
    leaving: NDArray[np.int32]
    joining: NDArray[np.int32]
    leaving_on: Sequence[int]
    risk: float | None


class Bar(Struct, frozen=True):
    """SKUs that are off by ``least`` units or more, up to the next bar: so many would leave, so many drift on."""

    least: int
    leaving: int
    staying: int


class Prospect(Struct, frozen=True, eq=False):
    """``now`` is how many SKUs drift as things are ruled, ``beyond`` those that drift whatever the tolerance: they
    sell what is not there, or say in where nothing is left. ``bars`` are of the outlook that was chosen.
    """

    now: int
    beyond: int
    outlooks: Sequence[Outlook]
    bars: Sequence[Bar]


def prospect(monitor: Known, scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> Prospect:
    """What each of ``tolerances`` would do if it were ruled for ``scope``; the bars are those of ``chosen``."""
    board = monitor.board
    found = list(exceptions(board, board.surfaces)) if board.size else []
    rows = np.concatenate(found) if found else np.empty(0, np.int32)
    before = board.standings[rows]
    drifts = _drifts(before)
    now = int(board.counts[Standing.UNDER : Standing.OVERSELL + 1].sum())
    outlooks = []
    for tolerance in tolerances:
        codes, standings = _judged(monitor, scope, tolerance, rows)
        will = _drifts(standings)
        leaving = rows[drifts & ~will]
        outlooks.append(
            Outlook(
                tolerance,
                now + int(np.count_nonzero(will)) - int(np.count_nonzero(drifts)),
                leaving,
                rows[will & ~drifts],
                [_calmed(monitor, index, rows, codes[index]) for index in range(1, len(board.columns))],
                _risk(monitor, leaving),
            )
        )
    beyond, bars = _histogram(monitor, scope, rows, chosen)
    return Prospect(now, beyond, outlooks, bars)


def _judged(
    monitor: Known, scope: Scope, tolerance: Tolerance, rows: NDArray[np.int32]
) -> tuple[dict[int, NDArray[np.uint8]], NDArray[np.uint8]]:
    board = monitor.board
    rulings = {**board.rulings, scope: tolerance}
    measured = {
        index: yardstick(board.rules, column.rules, rulings, board.buffers, board.catalogue)
        for index, column in enumerate(board.columns)
        if index and scope.surface in ("", column.rules.name)
    }
    return judged_by(board, rows, measured)


def _drifts(standings: NDArray[np.uint8]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (standings >= DRIFTING) & (standings <= Standing.OVERSELL)
    return found


def _calmed(monitor: Known, index: int, rows: NDArray[np.int32], codes: NDArray[np.uint8]) -> int:
    """Levels of one surface that drift now and would not."""
    before = monitor.board.columns[index].codes[rows]
    return int(np.count_nonzero((before >= DRIFTING) & (codes < DRIFTING)))


def _risk(monitor: Known, rows: NDArray[np.int32]) -> float | None:
    risk = at_risk(monitor, rows)
    return None if len(risk) and np.isnan(risk).all() else float(np.nansum(risk))


def _histogram(monitor: Known, scope: Scope, rows: NDArray[np.int32], tolerance: Tolerance) -> tuple[int, list[Bar]]:
    """The SKUs that drift without any tolerance in ``scope``, by the largest deviation that it could allow."""
    board = monitor.board
    strict, _ = _judged(monitor, scope, Tolerance(), rows)
    _, chosen = _judged(monitor, scope, tolerance, rows)
    size, fixed = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
    reached = _reached(monitor, scope, rows)
    atp = board.atp[rows]
    for index, codes in strict.items():
        column = board.columns[index]
        drifting = codes >= DRIFTING
        off = np.abs(judge.deviations(column.quantities[rows], column.yardstick.expected(atp, rows)).astype(np.int64))
        measured = drifting & (column.states[rows] == LevelState.COUNTED) & (codes != Code.OVERSELL)
        tolerable = measured & reached[index]
        np.maximum(size, np.where(tolerable, off, 0), out=size)
        fixed |= drifting & ~measured
    counted, stays = ~fixed, _drifts(chosen)  # what does not drift is off by nothing, and in no bar
    places = np.searchsorted(BINS, size, side="right") - 1
    bars = [
        Bar(
            least,
            int(np.count_nonzero(counted & (places == place) & ~stays)),
            int(np.count_nonzero(counted & (places == place) & stays)),
        )
        for place, least in enumerate(BINS)
    ]
    return int(np.count_nonzero(fixed)), bars


def _reached(monitor: Known, scope: Scope, rows: NDArray[np.int32]) -> dict[int, NDArray[np.bool_]]:
    """By surface column, which of ``rows`` a ruling for ``scope`` reaches: those for which nothing nearer is set."""
    board = monitor.board
    named = board.catalogue.row_of(scope.sku) if scope.sku else None
    found = {}
    for index, column in enumerate(board.columns):
        if not index:
            continue
        name, rules = column.rules.name, column.rules
        here = np.full(len(rows), scope.surface in ("", name))
        if scope.sku:
            here &= rows == (-1 if named is None else named)
            if not scope.surface and (Scope(name, scope.sku) in board.rulings or scope.sku in rules.tolerances):
                here[:] = False
        else:
            here &= ~np.isin(rows, column.yardstick.lenient_rows)
            if not scope.surface and (Scope(name) in board.rulings or rules.tolerance is not None):
                here[:] = False
        found[index] = here
    return found
