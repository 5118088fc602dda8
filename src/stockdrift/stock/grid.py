"""The drilldown grid: which rows, in which order, and what stands in those that are on screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.board import Column
from stockdrift.stock.expect import expected_units
from stockdrift.stock.filter import parse
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine, Verdict
from stockdrift.stock.reading import Outcome

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor

ORDERS: Final = ("danger", "sku", "name", "master", "deviation", "since", "risk")

_SEVERITY: Final = {
    Code.ORPHAN: Severity.ORPHAN,
    Code.UNDER: Severity.UNDER,
    Code.OVER: Severity.OVER,
    Code.OVERSELL: Severity.OVERSELL,
}
_ENDLESS: Final = 1e18


def order(monitor: Monitor, *, everything: bool, text: str, by: str, reverse: bool) -> NDArray[np.int32]:
    """Rows that match the filter ``text``, sorted by one of :data:`ORDERS`, ties by SKU. Raises ValueError for another
    order, FilterError for a filter that means nothing. One that asks for the unknown finds those that do not drift too.

    ``danger``: OVERSELL, then OVER by minutes to oversell and deviation, UNDER by deviation, orphans, then the rest.
    """
    board = monitor.board
    wanted = parse(text, monitor.surface_names())
    if everything:
        rows = np.flatnonzero(board.standings[: board.size] != Standing.ABSENT).astype(np.int32)
    else:
        least = Standing.UNKNOWN if wanted.asks_for_unknown else Standing.ORPHAN
        rows = board.rows_where(least, Standing.OVERSELL)
    rows = wanted.select(monitor, rows)
    skus = [board.catalogue.skus[row] for row in rows.tolist()]
    keys: list[NDArray[Any]] = [np.argsort(np.argsort(np.array(skus, dtype=object), kind="stable"), kind="stable")]
    match by:
        case "danger":
            keys += [-_size(monitor, rows), _minutes(monitor, rows), -_danger(monitor, rows)]
        case "sku":
            pass
        case "name":
            names = np.array([board.catalogue.names[row].casefold() for row in rows.tolist()], dtype=object)
            keys.append(np.unique(names, return_inverse=True)[1] if len(names) else keys[0])
        case "master":
            keys.append(board.atp[rows])
        case "deviation":
            keys.append(-_size(monitor, rows))
        case "since":
            keys.append(_since(monitor, rows))
        case "risk":
            keys.append(-np.nan_to_num(_at_risk(monitor, rows), nan=-1.0))
        case _:
            raise ValueError(f"no such order: {by!r}")
    sorted_rows: NDArray[np.int32] = rows[np.lexsort(keys)]
    return sorted_rows[::-1] if reverse else sorted_rows


def lines(monitor: Monitor, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
    """The rows as they are shown."""
    wanted = np.asarray(rows, np.int32)
    minutes = _minutes(monitor, wanted).tolist()
    risk = _at_risk(monitor, wanted).tolist()
    return [
        _line(monitor, row, out_in, at_risk)
        for row, out_in, at_risk in zip(wanted.tolist(), minutes, risk, strict=True)
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
    )


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


def _line(monitor: Monitor, row: int, out_in: float, at_risk: float) -> SkuLine:
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
        out_in=out_in if out_in < _ENDLESS and severity in {Severity.OVER, Severity.OVERSELL} else None,
        at_risk=None if math.isnan(at_risk) or severity not in {Severity.OVER, Severity.OVERSELL} else at_risk,
        unknown=standing is Standing.UNKNOWN,
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


def _danger(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    rank = np.zeros(len(Standing), np.int64)
    rank[[Standing.ORPHAN, Standing.UNDER, Standing.OVER, Standing.OVERSELL]] = [2, 3, 4, 5]
    rank[Standing.UNKNOWN] = 1
    ranked: NDArray[np.int64] = rank[monitor.board.standings[rows]]
    return ranked


def _size(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Largest deviation in size over the levels that make the SKU's severity."""
    board = monitor.board
    size = np.zeros(len(rows), np.int64)
    standings = board.standings[rows]
    for column in board.surfaces:
        drifts = (column.codes[rows] == standings) & (standings >= Standing.ORPHAN)
        expected = (
            column.yardstick.expected(board.atp[rows], rows)
            if _ascending(rows)
            else _expected_any(column, board.atp, rows)
        )
        off = np.where(
            column.states[rows] == LevelState.COUNTED,
            np.maximum(column.quantities[rows], 0).astype(np.int64) - expected,
            0,
        )
        size = np.maximum(size, np.where(drifts, np.abs(off), 0))
    return size


def _ascending(rows: NDArray[np.int32]) -> bool:
    return bool((rows[1:] > rows[:-1]).all())


def _expected_any(column: Column, atp: NDArray[np.int32], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    unique, inverse = np.unique(rows, return_inverse=True)
    found: NDArray[np.int32] = column.yardstick.expected(atp[unique], unique)[inverse]
    return found


def _excess(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Units that surfaces show beyond what is there, the most of any one surface."""
    board = monitor.board
    excess = np.zeros(len(rows), np.int64)
    for column in board.surfaces:
        over = (column.codes[rows] == Code.OVER) | (column.codes[rows] == Code.OVERSELL)
        counted = column.states[rows] == LevelState.COUNTED
        beyond = np.where(counted, column.quantities[rows].astype(np.int64) - np.maximum(board.atp[rows], 0), 1)
        excess = np.maximum(excess, np.where(over, np.maximum(beyond, 0), 0))
    return excess


def _minutes(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.float64]:
    """Minutes until the stock that is really there is gone at the present pace; endless where there is none."""
    board = monitor.board
    minutes = np.full(len(rows), _ENDLESS)
    pace = monitor.pace()
    if pace is not None:
        sells = pace[rows] > 0
        minutes[sells] = np.maximum(board.atp[rows][sells], 0) / pace[rows][sells] * 60.0
    minutes[board.standings[rows] == Standing.OVERSELL] = 0.0
    minutes[board.standings[rows] < Standing.OVER] = _ENDLESS
    return minutes


def _at_risk(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.float64]:
    """Units at risk × price; NaN where the price is unknown."""
    risk: NDArray[np.float64] = _excess(monitor, rows) * monitor.board.catalogue.prices[rows]
    return risk


def _since(monitor: Monitor, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Ordinal of the poll that opened the oldest episode still drifting."""
    oldest = np.full(len(rows), np.iinfo(np.int64).max)
    for column in monitor.board.surfaces:
        since = column.since[rows].astype(np.int64)
        oldest = np.where(since > 0, np.minimum(oldest, since), oldest)
    return oldest


def revenue_at_risk(monitor: Monitor) -> float | None:
    """Over all SKUs that show too much; None where no price is known."""
    rows = monitor.board.rows_where(Standing.OVER, Standing.OVERSELL)
    risk = _at_risk(monitor, rows)
    return float(np.nansum(risk)) if len(rows) == 0 or not np.isnan(risk).all() else None
