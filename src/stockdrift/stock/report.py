"""What ``check --json`` prints: a contract that scripts rely on. ``schema`` grows when a meaning changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stockdrift.stock import gauge, portray
from stockdrift.stock.entries import Remarked, Saying
from stockdrift.stock.judge import Standing
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import QUIET, Remark, RemarkKind
from stockdrift.stock.telling import reason_of, until_of, value_text, word

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

SCHEMA: Final = 1

IN_SYNC, DRIFT, UNKNOWN = 0, 1, 2

_VERDICTS: Final = {
    Standing.UNCOVERED: "uncovered",
    Standing.IN_SYNC: "in sync",
    Standing.UNKNOWN: "unknown",
    Standing.ORPHAN: "orphan",
    Standing.UNDER: "drifted",
    Standing.OVER: "drifted",
    Standing.OVERSELL: "drifted",
    Standing.OUT_OF_SCOPE: "untracked",
    Standing.ABSENT: "unlisted",
    Standing.IGNORED: "ignored",
}
_REMARKS: Final = (*QUIET, RemarkKind.CLAIM)
_NAMED: Final = 5  # SKUs that are named for a reason
_NO_REASON: Final = (UnknownReason.NONE, UnknownReason.NOT_READ)
_NO_REMARKS: Final = dict.fromkeys(kind.done for kind in _REMARKS)


def report(monitor: Known, now: int, *, everything: bool = False) -> dict[str, Any]:
    """The report at ``now``; ``skus`` holds the drifting and the orphans, most dangerous first, or all of them."""
    board = monitor.board
    figures = gauge.gauge(monitor, now)
    rows = monitor.order(everything=everything, snoozed=True)
    return {
        "schema": SCHEMA,
        "store": board.rules.store,
        "taken_at": _iso(now),
        "tracked": figures.tracked,
        "drifting": figures.drifting,
        "in_sync": figures.in_sync if figures.known else 0,
        "unknown": figures.unknown,
        "uncovered": figures.uncovered,
        "in_flight": figures.in_flight,
        "untracked": figures.untracked,
        "orphans": figures.orphans,
        "ignored": figures.ignored,
        "ignored_oversell": figures.ignored_oversell,
        "snoozed": figures.snoozed,
        "acknowledged": figures.acknowledged,
        "oversell": figures.oversell,
        "over": figures.over,
        "under": figures.under,
        "said": [_said(entry) for entry in monitor.said.standing(now) if _counts(entry)],
        "master": _surface(monitor, 0, now),
        "surfaces": [_surface(monitor, index, now) for index in range(1, len(board.columns))],
        "skus": _skus(monitor, monitor.lines(rows)),
    }


def exit_code(monitor: Known) -> int:
    """0 all in sync (or uncovered), 1 drift (or an orphan), 2 none seen but something unknown, or paused, or nothing to
    compare. What is acknowledged or snoozed is drift like any other.
    """
    board = monitor.board
    figures = gauge.gauge(monitor, board.now)
    if figures.drifting or figures.orphans:
        return DRIFT
    return UNKNOWN if figures.unknown or figures.silent or not figures.known else IN_SYNC


def _counts(entry: Saying) -> bool:
    """Whether what is counted follows from it: a tolerance, a buffer, an ignored SKU, a pause."""
    return not isinstance(entry, Remarked) or entry.kind is RemarkKind.PAUSE


def _said(entry: Saying) -> dict[str, Any]:
    return {
        "kind": word(entry),
        "surface": entry.scope.surface or None,
        "sku": entry.scope.sku or None,
        "value": value_text(entry),
        "by": entry.operator,
        "reason": reason_of(entry),
        "since": _iso(entry.at),
        "until": _iso(until_of(entry)),
    }


def _surface(monitor: Known, index: int, now: int) -> dict[str, Any]:
    line = portray.surface_line(monitor, index, now)
    column = monitor.board.columns[index]
    return {
        "name": line.name,
        "kind": line.kind,
        "active": line.active,
        "status": str(line.status),
        "freshness_s": None if line.read_at is None else round((now - line.read_at) / 1000, 3),
        "overdue_s": None if (overdue := line.overdue(now)) is None else round(overdue / 1000, 3),
        "listed": line.listed,
        "drifting": line.drifting,
        "unknown": line.unknown,
        "bad_rows": line.bad_rows,
        "unknown_because": _unknown_because(monitor, index),
        "paused": _remark(line.pause),
        "error": (line.reason or None) if column.last and column.last.outcome is not Outcome.COMPLETE else None,
    }


def _unknown_because(monitor: Known, index: int) -> dict[str, Any]:
    """Of the SKUs that its last complete read left unknown: how many and which first, by reason. Empty where the column
    as a whole is unknown: ``error`` says why.
    """
    board = monitor.board
    column = board.columns[index]
    if not column.known:
        return {}
    reasons = column.reasons[: board.size]
    found = {}
    for reason in UnknownReason:
        rows = np.flatnonzero(reasons == reason) if reason not in _NO_REASON else ()
        if len(rows):
            skus = [board.catalogue.skus[int(row)] for row in rows[:_NAMED]]
            found[reason.words] = {"count": len(rows), "skus": skus}
    return found


def _remarks(line: SkuLine) -> dict[str, Any]:
    return {kind.done: _remark(line.said(kind)) for kind in _REMARKS}


def _remark(remark: Remark | None) -> dict[str, Any] | None:
    if remark is None:
        return None
    return {"by": remark.by, "reason": remark.text, "since": _iso(remark.since), "until": _iso(remark.until)}


def _skus(monitor: Known, lines: Sequence[SkuLine]) -> list[dict[str, Any]]:
    times = [
        (column.rules.name, _iso(column.read_at), _iso(column.as_of)) for column in monitor.board.surfaces
    ]  # the same for all levels of a surface
    known = monitor.board.master.known
    standings = monitor.board.standings
    return [
        {
            "sku": line.sku,
            "name": line.name,
            "master": line.master if known else LevelState.UNKNOWN.word,
            "verdict": _VERDICTS[Standing(int(standings[line.row]))],
            "severity": line.severity.name if line.severity is not Severity.NONE else None,
            "phase": line.phase.word if line.phase is not Phase.NONE else None,
            **(_remarks(line) if line.remarks else _NO_REMARKS),
            "levels": {
                name: _level(cell, read_at, as_of)
                for (name, read_at, as_of), cell in zip(times, line.cells, strict=True)
            },
        }
        for line in lines
    ]


def _level(cell: Cell, read_at: str | None, as_of: str | None) -> dict[str, Any]:
    return {
        "reported": cell.reported,
        "expected": cell.expected,
        "deviation": cell.deviation,
        "verdict": cell.verdict.word,
        "reason": cell.reason or None,
        "read_at": read_at,
        "as_of": as_of,
    }


def _iso(at: int | None) -> str | None:
    """ISO 8601 in UTC with milliseconds."""
    return None if at is None else f"{np.datetime64(at, 'ms')}Z"
