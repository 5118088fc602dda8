"""The drilldown grid: what stands in the rows that are on screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.column import Column
from stockdrift.stock.expect import expected_units
from stockdrift.stock.exposure import ENDLESS, at_risk, minutes_to_oversell
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine, Verdict
from stockdrift.stock.reading import Outcome
from stockdrift.stock.rules import Ignore

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor

_SEVERITY: Final = {
    Code.ORPHAN: Severity.ORPHAN,
    Code.UNDER: Severity.UNDER,
    Code.OVER: Severity.OVER,
    Code.OVERSELL: Severity.OVERSELL,
}


def lines(monitor: Monitor, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
    """The rows as they are shown."""
    wanted = np.asarray(rows, np.int32)
    minutes = minutes_to_oversell(monitor, wanted).tolist()
    risk = at_risk(monitor, wanted).tolist()
    return [
        _line(monitor, row, out_in, revenue)
        for row, out_in, revenue in zip(wanted.tolist(), minutes, risk, strict=True)
    ]


def cell(monitor: Monitor, index: int, row: int) -> Cell:
    """One level, with its expected quantity and its verdict."""
    board = monitor.board
    column = board.columns[index]
    code = Code(int(column.codes[row]))
    state = LevelState(int(column.states[row]))
    counted = state is LevelState.COUNTED
    scoped = board.scope[row] == LevelState.COUNTED
    expected = expected_units(int(board.atp[row]), column.yardstick.allotment_of(row)) if scoped else None
    quantity = int(column.quantities[row])
    comparable = counted and expected is not None and code not in {Code.NOT_COMPARED, Code.UNKNOWN}
    return Cell(
        reported=quantity if counted else state.word,
        expected=expected,
        deviation=max(quantity, 0) - expected if comparable and expected is not None else None,
        severity=_SEVERITY.get(code, Severity.NONE),
        verdict=_verdict(monitor, index, row, code),
        reason=_reason(monitor, column, row, code, state),
        ignored=ignored(monitor, column, row),
    )


def ignored(monitor: Monitor, column: Column, row: int) -> Ignore | None:
    """By what a level is left out now; None where it is not, or where nothing is left out there."""
    board = monitor.board
    if not len(column.hidden.rows) or not column.rules.active:
        return None
    return board.ignores.of(column.rules.name, board.catalogue.skus[row], board.now)


def master_says(monitor: Monitor, row: int) -> int | str:
    """The master's ATP, or its state's word; ``unknown`` while the master as a whole is."""
    board = monitor.board
    state = LevelState(int(board.scope[row]))
    return int(board.atp[row]) if state is LevelState.COUNTED else state.word


def worst_of(cells: Sequence[Cell]) -> int:
    """Index of the most dangerous cell, the largest deviation among equals; −1 where none deviates."""
    best = max(
        range(len(cells)),
        key=lambda place: (cells[place].severity, abs(cells[place].deviation or 0), -place),
        default=-1,
    )
    return best if best >= 0 and cells[best].severity is not Severity.NONE else -1


def _line(monitor: Monitor, row: int, out_in: float, revenue: float) -> SkuLine:
    board = monitor.board
    standing = Standing(int(board.standings[row]))
    cells = [cell(monitor, index, row) for index in range(1, len(board.columns))]
    opened = [
        int(column.since[row]) for column in board.surfaces if column.since[row] and column.codes[row] >= Code.UNDER
    ]
    severity = _SEVERITY.get(Code(standing), Severity.NONE) if standing <= Standing.OVERSELL else Severity.NONE
    return SkuLine(
        row=row,
        sku=board.catalogue.skus[row],
        name=board.catalogue.names[row],
        master=master_says(monitor, row),
        severity=severity,
        phase=Phase(int(monitor.row_phases()[row])),
        since=board.times[min(opened)] if opened else None,
        cells=cells,
        worst=worst_of(cells),
        out_in=out_in if out_in < ENDLESS and severity in {Severity.OVER, Severity.OVERSELL} else None,
        at_risk=None if math.isnan(revenue) or severity not in {Severity.OVER, Severity.OVERSELL} else revenue,
        unknown=standing is Standing.UNKNOWN,
        ignored=standing is Standing.IGNORED,
    )


def _verdict(monitor: Monitor, index: int, row: int, code: Code) -> Verdict:
    if code is Code.IN_SYNC:
        return Verdict.IN_SYNC
    if code is Code.UNKNOWN:
        return Verdict.UNKNOWN
    if code >= Code.UNDER:
        return Verdict.IN_FLIGHT if monitor.phase_of(index, row) is Phase.IN_FLIGHT else Verdict.DRIFTED
    return Verdict.NOT_COMPARED


def _reason(monitor: Monitor, column: Column, row: int, code: Code, state: LevelState) -> str:
    board = monitor.board
    if not column.rules.active:
        return "the surface is not active"
    left_out = ignored(monitor, column, row)
    if left_out is not None:
        return f"ignored: {left_out.reason}"
    if code is Code.UNKNOWN:
        return _why_unknown(monitor, column, row)
    if code is Code.ORPHAN:
        return "orphan: the master does not know this SKU"
    if code in {Code.UNDER, Code.OVER} and state is LevelState.COUNTED:
        expected = expected_units(int(board.atp[row]), column.yardstick.allotment_of(row))
        off = max(int(column.quantities[row]), 0) - expected
        tolerated = column.yardstick.tolerated(np.array([expected], np.int32), np.array([row], np.int32))
        if abs(off) <= int(np.asarray(tolerated).max()):
            return "pair: differs from another surface"
    if code is Code.NOT_COMPARED:
        scope = LevelState(int(board.scope[row]))
        if scope in {LevelState.UNLIMITED, LevelState.DISABLED, LevelState.PREORDER, LevelState.BACKORDER}:
            return f"the master says {scope.word}"
        return state.word if state is not LevelState.COUNTED else "the master does not list this SKU"
    return ""


def _why_unknown(monitor: Monitor, column: Column, row: int) -> str:
    board = monitor.board
    if not column.known:
        return why_column_unknown(column)
    if not board.master.known:
        return f"the master is unknown: {why_column_unknown(board.master)}"
    if column.states[row] == LevelState.UNKNOWN:
        return UnknownReason(int(column.reasons[row])).words
    return f"the master's level is unknown: {UnknownReason(int(board.master.reasons[row])).words or 'a component is'}"


def why_column_unknown(column: Column) -> str:
    """Why none of a column's levels may be judged."""
    if column.last is None:
        return "not read yet"
    if column.last.outcome is not Outcome.COMPLETE:
        return column.last.reason or f"the last read was {column.last.outcome}"
    return "no complete read for longer than allowed"
