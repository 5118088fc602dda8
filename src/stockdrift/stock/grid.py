"""The drilldown grid: what stands in the rows that are on screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.column import Column
from stockdrift.stock.exposure import ENDLESS, at_risk, minutes_to_oversell
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine, Verdict
from stockdrift.stock.quiet import covering
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import QUIET, RemarkKind, Told
from stockdrift.stock.rules import Ignore, Scope

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

SEVERITIES: Final[dict[int, Severity]] = {
    Code.ORPHAN: Severity.ORPHAN,
    Code.UNDER: Severity.UNDER,
    Code.OVER: Severity.OVER,
    Code.OVERSELL: Severity.OVERSELL,
}
"""Of codes and standings that have one."""

_NO_VERDICT: Final = (int(Code.NOT_COMPARED), int(Code.UNKNOWN))


def lines(monitor: Known, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
    """The rows as they are shown. What they are made of is gathered by column, so that thousands may be asked for."""
    board = monitor.board
    wanted = np.asarray(rows, np.int32)
    phases = [monitor.phases_at(index, wanted) for index in range(1, len(board.columns))]
    by_surface = [cells(monitor, index, wanted, phase) for index, phase in enumerate(phases, 1)]
    opened = np.full(len(wanted), len(board.times))
    for column in board.surfaces:
        since = column.since[wanted]
        opened = np.where(column.codes[wanted] >= Code.UNDER, np.minimum(opened, since), opened)
    remarks = _Remarks(monitor)
    columns = (
        wanted.tolist(),
        board.catalogue.skus.take(wanted),
        board.catalogue.names.take(wanted),
        board.standings[wanted].tolist(),
        np.max(phases, axis=0, initial=Phase.NONE).tolist() if phases else [Phase.NONE] * len(wanted),
        opened.tolist(),
        minutes_to_oversell(monitor, wanted).tolist(),
        at_risk(monitor, wanted).tolist(),
        zip(*by_surface, strict=True) if by_surface else repeat((), len(wanted)),
    )
    return [_line(monitor, remarks, *found) for found in zip(*columns, strict=True)]


def cells(monitor: Known, index: int, rows: NDArray[np.int32], phases: NDArray[np.uint8] | None = None) -> list[Cell]:
    """The levels of one surface, each with its expected quantity and its verdict; ``phases`` are theirs, if known."""
    board = monitor.board
    column = board.columns[index]
    expected = column.yardstick.expected(board.atp[rows], rows)
    tolerated = np.broadcast_to(column.yardstick.tolerated(expected, rows), len(rows))
    in_flight = (monitor.phases_at(index, rows) if phases is None else phases) == Phase.IN_FLIGHT
    scoped = board.scope[rows] == LevelState.COUNTED
    columns = (column.codes[rows], column.states[rows], column.quantities[rows], scoped, expected, tolerated, in_flight)
    parallel = zip(rows.tolist(), *(one.tolist() for one in columns), strict=True)
    found = []
    for row, code, state, quantity, in_scope, due, allowed, flying in parallel:
        counted = state == LevelState.COUNTED
        compared = counted and in_scope and code not in _NO_VERDICT
        off = max(quantity, 0) - due if compared else None
        left_out = ignored(monitor, column, row)
        found.append(
            Cell(
                reported=quantity if counted else LevelState(state).word,
                expected=due if in_scope else None,
                deviation=off,
                severity=SEVERITIES.get(code, Severity.NONE),
                verdict=_verdict(code, in_flight=flying),
                reason=_reason(monitor, column, row, code, left_out, paired=off is not None and abs(off) <= allowed),
                ignored=left_out,
            )
        )
    return found


def cell(monitor: Known, index: int, row: int) -> Cell:
    """One level, with its expected quantity and its verdict."""
    return cells(monitor, index, np.array([row], np.int32))[0]


def ignored(monitor: Known, column: Column, row: int) -> Ignore | None:
    """By what a level is left out now; None where it is not, or where nothing is left out there."""
    board = monitor.board
    if not len(column.hidden.rows) or not column.rules.active:
        return None
    return board.ignores.of(column.rules.name, board.catalogue.skus[row], board.now)


def master_says(monitor: Known, row: int) -> int | str:
    """The master's ATP, or its state's word, as it was last read, whether or not that still holds."""
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


class _Remarks:
    """What operators said that stands, gathered once for many rows."""

    def __init__(self, monitor: Known) -> None:
        self._monitor = monitor
        standing = monitor.said.remarks.standing(monitor.board.now)
        self._any = {told.kind for told in standing}
        self._covered = {kind: set(monitor.covered(kind).tolist()) for kind in QUIET if kind in self._any}

    def of(self, row: int, sku: str, worst: int) -> Sequence[Told]:
        """Those of one SKU, whose worst level is on the surface at ``worst``."""
        if not self._any:
            return ()
        found: list[Told | None] = [
            covering(self._monitor, kind, worst + 1, row)
            for kind, rows in self._covered.items()
            if row in rows and worst >= 0
        ]
        board, remarks = self._monitor.board, self._monitor.said.remarks
        surfaces = [column.rules.name for column in board.surfaces]
        scopes = [Scope("", sku), *(Scope(name, sku) for name in surfaces)]
        claims = [*scopes, Scope(surfaces[worst])] if worst >= 0 else scopes
        for kind, where in ((RemarkKind.CLAIM, claims), (RemarkKind.NOTE, scopes)):
            for scope in where if kind in self._any else ():
                remark = remarks.of(kind, scope, board.now)
                found.append(None if remark is None else Told(kind, scope, remark))
        return tuple(told for told in found if told is not None)


def _line(
    monitor: Known,
    remarks: _Remarks,
    row: int,
    sku: str,
    name: str,
    standing: int,
    phase: int,
    opened: int,
    out_in: float,
    revenue: float,
    cells: Sequence[Cell],
) -> SkuLine:
    times = monitor.board.times
    severity = SEVERITIES.get(standing, Severity.NONE)
    dear = severity is Severity.OVER or severity is Severity.OVERSELL
    worst = worst_of(cells)
    return SkuLine(
        row=row,
        sku=sku,
        name=name,
        master=master_says(monitor, row),
        severity=severity,
        phase=Phase(phase),
        since=times[opened] if opened < len(times) else None,
        cells=cells,
        worst=worst,
        out_in=out_in if dear and out_in < ENDLESS else None,
        at_risk=revenue if dear and not math.isnan(revenue) else None,
        unknown=standing == Standing.UNKNOWN,
        ignored=standing == Standing.IGNORED,
        remarks=remarks.of(row, sku, worst),
    )


def _verdict(code: int, *, in_flight: bool) -> Verdict:
    if code == Code.IN_SYNC:
        return Verdict.IN_SYNC
    if code == Code.UNKNOWN:
        return Verdict.UNKNOWN
    if code >= Code.UNDER:
        return Verdict.IN_FLIGHT if in_flight else Verdict.DRIFTED
    return Verdict.NOT_COMPARED


def _reason(monitor: Known, column: Column, row: int, code: int, left_out: Ignore | None, *, paired: bool) -> str:
    board = monitor.board
    if not column.rules.active:
        return "the surface is not active"
    if left_out is not None:
        return f"ignored: {left_out.reason}"
    if code == Code.UNKNOWN:
        return _why_unknown(monitor, column, row)
    if code == Code.ORPHAN:
        return "orphan: the master does not know this SKU"
    stuck = monitor.aftermath.of(column.rules.name, board.catalogue.skus[row]) if code >= Code.UNDER else None
    if stuck is not None:
        return f"stuck: {stuck.why}"
    if code in {Code.UNDER, Code.OVER} and paired:
        return "pair: differs from another surface"
    if code == Code.NOT_COMPARED:
        scope, state = LevelState(int(board.scope[row])), LevelState(int(column.states[row]))
        if scope in {LevelState.UNLIMITED, LevelState.DISABLED, LevelState.PREORDER, LevelState.BACKORDER}:
            return f"the master says {scope.word}"
        return state.word if state is not LevelState.COUNTED else "the master does not list this SKU"
    return ""


def _why_unknown(monitor: Known, column: Column, row: int) -> str:
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
