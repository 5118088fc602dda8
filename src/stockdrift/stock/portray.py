"""From what is known to what is shown: the pictures of the first screen and of the SKU screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stockdrift.stock import exposure, gauge, grid, pace
from stockdrift.stock.column import Column
from stockdrift.stock.expect import arithmetic
from stockdrift.stock.findings import findings
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import QUANTITY_MIN, LevelState
from stockdrift.stock.picture import (
    Busiest,
    Cell,
    Companion,
    LevelLine,
    Picture,
    Severity,
    SkuLine,
    SkuPicture,
    Status,
    SurfaceLine,
    Verdict,
)
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.rules import Scope, holding_tolerance
from stockdrift.stock.words import age, several, title

if TYPE_CHECKING:
    from stockdrift.stock.known import Known


def picture(monitor: Known, now: int) -> Picture:
    """The first screen at ``now``."""
    board = monitor.board
    surfaces = [surface_line(monitor, index, now) for index in range(len(board.columns))]
    return Picture(
        at=now,
        store=board.rules.store,
        currency=board.rules.currency,
        master=surfaces[0],
        surfaces=surfaces[1:],
        gauge=gauge.gauge(monitor, now),
        findings=findings(monitor, now),
        companions=companions(monitor, surfaces[1:], now),
        tolerance=str(board.rulings.get(Scope(), board.rules.tolerance)),
        recording=monitor.recording,
        settings=monitor.settings,
        busiest=_busiest(monitor),
        notes=tuple(monitor.said.remarks.standing(board.now, RemarkKind.NOTE)),
    )


def _busiest(monitor: Known) -> Busiest | None:
    sells, board = monitor.pace(), monitor.board
    row = None if sells is None or not board.master.known else sells.fastest
    if sells is None or row is None or board.scope[row] != LevelState.COUNTED:
        return None
    catalogue = board.catalogue
    return Busiest(catalogue.skus[row], catalogue.names[row], _pace_of(sells, row), int(board.atp[row]))


def _pace_of(sells: pace.Pace, row: int) -> float:
    return float(sells.of(np.array([row], np.int32))[0])


def surface_line(monitor: Known, index: int, now: int) -> SurfaceLine:
    """The freshness of one surface, or of the master (index 0)."""
    board = monitor.board
    column = board.columns[index]
    rules = column.rules
    estimate = monitor.lags.get(index) if column.known else None
    judged = column.known and board.master.known and index > 0
    traffic = [entry for entry in monitor.traffic.get(rules.name, ()) if entry[0] > now - pace.HOUR]
    as_of = column.as_of if estimate is None else estimate.as_of
    return SurfaceLine(
        name=rules.name,
        kind=rules.kind,
        status=status(monitor, index, now),
        reason="" if column.last is None or column.known else grid.why_column_unknown(column),
        active=rules.active,
        read_at=column.read_at,
        as_of=as_of,
        lag=None if estimate is None else estimate.lag,
        allowed=rules.lag,
        stale_after=rules.stale_after,
        listed=column.listed,
        drifting=int(column.tally[Code.UNDER :].sum()) if judged else None,
        unknown=int(column.tally[Code.UNKNOWN]),
        pending=_pending(monitor, as_of) if judged and as_of is not None else None,
        errors_hour=sum(failures for _, _, failures in traffic),
        budget=None if column.last is None else column.last.traffic.budget,
        next_at=None if column.last is None or monitor.paused(rules.name) else column.last.next_at,
        bad_rows=column.bad_rows,
        confidence=None if estimate is None or not estimate.measured else estimate.confidence,
        by_severity=_by_severity(column) if judged else None,
        in_sync=int(column.tally[Code.IN_SYNC]) if judged else None,
        remarks=tuple(
            told for told in monitor.said.remarks.standing(board.now) if told.scope == Scope(column.rules.name)
        ),
        took=0 if column.last is None else max(0, column.last.read_at - column.last.started_at),
    )


def _by_severity(column: Column) -> tuple[int, int, int]:
    return int(column.tally[Code.OVERSELL]), int(column.tally[Code.OVER]), int(column.tally[Code.UNDER])


def status(monitor: Known, index: int, now: int) -> Status:
    """How one surface stands as a whole."""
    column = monitor.board.columns[index]
    if not column.rules.active:
        return Status.OFF
    if monitor.paused(column.rules.name) is not None:
        return Status.PAUSED
    if column.last is None:
        return Status.NOT_READ
    if column.last.outcome is Outcome.FAILED:
        return Status.NO_ANSWER
    if column.last.outcome is Outcome.PARTIAL:
        return Status.PARTIAL
    if not column.usable(now):
        return Status.STALE
    estimate = monitor.lags.get(index)
    late = estimate is not None and estimate.bracket(column.rules.lag) is not None
    return Status.LATE if late else Status.ON_TIME


def companions(monitor: Known, surfaces: Sequence[SurfaceLine], now: int) -> list[Companion]:
    """The companion strip. What cannot be known is ``?``, never 0."""
    board = monitor.board
    known = board.master.known
    out = board.ground.between(QUANTITY_MIN, 0, board.size)
    live, hidden = int(board.counts[Standing.OVERSELL]), gauge.left_out(board, Code.OVERSELL)
    aside = int(np.count_nonzero(board.standings[hidden] != Standing.OVERSELL))  # of others a surface is ignored
    low = board.ground.between(1, board.rules.low_stock, board.size)
    burst = monitor.stock_outs(now)
    active = [line for line in surfaces if line.active]
    answering = sum(line.status in {Status.ON_TIME, Status.LATE} and line.overdue(now) is None for line in active)
    pending = sum(line.pending or 0 for line in active)
    requests = [entry for traffic in monitor.traffic.values() for entry in traffic if entry[0] > now - pace.HOUR]
    asked, failed = sum(entry[1] for entry in requests), sum(entry[2] for entry in requests)
    risk = exposure.revenue_at_risk(monitor)
    return [
        Companion(
            "out of stock",
            f"{out:,}" if known else "?",
            _live(live, aside) if known else "",
            "oversell" if live or aside else "",
        ),
        Companion("low stock", f"{low:,}" if known else "?"),
        Companion(
            "stock-outs",
            "?" if not known else f"{burst} in 1 h" if burst else "no burst",
            tone="late" if burst >= 5 else "",
        ),
        Companion("surfaces", f"{answering}", f"of {len(surfaces)}", "unknown" if answering < len(active) else ""),
        Companion(
            "pending",
            f"{pending:,}" if known else "?",
            "> 100" if pending > 100 else "",
            "late" if pending > 100 else "",
        ),
        Companion(
            "API errors",
            "—" if not asked else f"{100 * failed / asked:.1f} %",
            tone="late" if asked and failed / asked > 0.03 else "",
        ),
        _untracked(monitor, len(hidden)),
        Companion(
            "at risk",
            "?" if not known else "—" if risk is None else f"{risk:.2f}",
            tone="oversell" if live else "over" if risk else "",
        ),
    ]


def _live(live: int, hidden: int) -> str:
    """How many of what is out of stock are sold all the same; those that are ignored are live like any other."""
    aside = "ignored" if hidden and not live else f"{hidden:,} ignored" if hidden else ""
    return f"{live + hidden:,} live, {aside}" if aside else f"{live:,} live"


def _untracked(monitor: Known, hidden: int) -> Companion:
    """What is not counted; what is ignored among it is said, and in red where some of it (``hidden``) oversell."""
    left_out = len(gauge.left_out(monitor.board))
    return Companion(
        "untracked",
        f"{int(monitor.board.counts[Standing.OUT_OF_SCOPE]):,}",
        f"{left_out:,} ignored" if left_out else "",
        "oversell" if hidden else "",
    )


def sku(monitor: Known, row: int, now: int) -> SkuPicture:
    """The SKU screen of ``row``."""
    board = monitor.board
    line = grid.lines(monitor, [row])[0]
    sells = monitor.pace()
    price = float(board.catalogue.prices[row])
    return SkuPicture(
        line=line,
        levels=[_level(monitor, index, row, now) for index in range(1, len(board.columns))],
        master_arithmetic=_master_arithmetic(monitor, row),
        master_read_at=board.master.read_at,
        why=why(monitor, line),
        pace=None if sells is None else _pace_of(sells, row),
        price=None if np.isnan(price) else price,
    )


def why(monitor: Known, line: SkuLine) -> str:
    """Why a SKU drifts, or why it is not counted, in one sentence."""
    board = monitor.board
    match Standing(int(board.standings[line.row])):
        case Standing.OUT_OF_SCOPE:
            return f"Not counted: the master says {line.master}."
        case Standing.IGNORED:
            return _why_ignored(monitor, line)
        case Standing.ABSENT:
            return "Not counted: neither the master nor any surface lists it."
        case Standing.UNCOVERED:
            return "Not drifting: no active surface lists it."
        case Standing.UNKNOWN:
            reason = next((cell.reason for cell in line.cells if cell.verdict is Verdict.UNKNOWN), "")
            reason = reason or f"the master is unknown: {grid.why_column_unknown(board.master)}"
            return f"Unknown: {reason}."
        case Standing.IN_SYNC:
            agreeing = sum(cell.verdict is Verdict.IN_SYNC for cell in line.cells)
            aside = sum(cell.ignored is not None for cell in line.cells)
            rest = f"; {several(aside, 'surface')} ignored" if aside else ""
            return f"In sync: {several(agreeing, 'surface')} read back as expected{rest}."
        case Standing.ORPHAN:
            return f"{_surface(monitor, line)} sells it, and the master does not know it."
        case _:
            return _why_drifting(monitor, line)


def _why_ignored(monitor: Known, line: SkuLine) -> str:
    found = monitor.board.ignores.of("", line.sku, monitor.board.now)
    where = "" if found is not None else " on every surface that could be compared"
    found = found or next((cell.ignored for cell in line.cells if cell.ignored is not None), None)
    if found is None:
        return "Ignored."
    text = f"Ignored{where} by {found.by or 'the settings'}: {found.reason}"
    oversells = line.row in gauge.left_out(monitor.board, Code.OVERSELL)
    return text + (". It oversells all the same." if oversells else ".")


def _why_drifting(monitor: Known, line: SkuLine) -> str:
    cell = line.cells[line.worst]
    name = _surface(monitor, line)
    if cell.severity is Severity.OVERSELL:
        shown = cell.reported if isinstance(cell.reported, int) else f"as {cell.reported}"
        return f"{name} still sells {shown}, and there is nothing left: the next buyer cannot be served."
    if cell.deviation is None:
        return f"{name} says {cell.reported}, and {cell.expected} are expected."
    estimate = monitor.lags.get(line.worst + 1)
    phase = monitor.phase_of(line.worst + 1, line.row)
    because = {
        "in flight": "what the master said within the lag allowed: expected to clear",
        "late": f"what the master said {age(estimate.lag) if estimate else ''} before: the whole surface is behind",
        "new": "and the master's history explains it by nothing yet",
        "persistent": "for longer than the lag allowed, and no lag explains it",
        "stuck": cell.reason,
    }.get(phase.word, "")
    pair = f" ({cell.reason})" if cell.reason and cell.reason != because else ""
    return f"{name} shows {cell.reported} where {cell.expected} are expected{pair}, {because}."


def _surface(monitor: Known, line: SkuLine) -> str:
    return title(monitor.board.columns[line.worst + 1].rules.name) if line.worst >= 0 else "A surface"


def _level(monitor: Known, index: int, row: int, now: int) -> LevelLine:
    board = monitor.board
    column = board.columns[index]
    sku_name = board.catalogue.skus[row]
    found: Cell = grid.cell(monitor, index, row)
    line = surface_line(monitor, index, now)
    scoped = board.scope[row] == LevelState.COUNTED
    since = int(column.since[row])
    return LevelLine(
        surface=column.rules.name,
        kind=column.rules.kind,
        cell=found,
        arithmetic=arithmetic(int(board.atp[row]), column.yardstick.allotment_of(row)) if scoped else "—",
        tolerance=_tolerance_words(monitor, column, sku_name),
        phase=monitor.phase_of(index, row),
        since=board.times[since] if since else None,
        read_at=column.read_at,
        as_of=line.as_of,
    )


def _tolerance_words(monitor: Known, column: Column, sku_name: str) -> str:
    """The tolerance that holds, and where it comes from."""
    board = monitor.board
    name = column.rules.name
    holding = holding_tolerance(board.rules, board.rulings, name, sku_name)
    if holding.scope.sku:
        return f"{holding.value}, {'for this SKU here' if holding.scope.surface else 'for this SKU'}"
    return f"{holding.value}, from {title(name) if holding.scope.surface else 'the store'}"


def _master_arithmetic(monitor: Known, row: int) -> str:
    board = monitor.board
    name = board.catalogue.skus[row]
    if name in board.rules.bundles:
        parts = [f"{sku_name} ÷ {units}" for sku_name, units in sorted(board.rules.bundles[name].items())]
        return "the least of " + ", ".join(parts)
    if row in board.parts:
        on_hand, *less = board.parts[row]
        # A part below 0 is sold beyond what is there.
        told = [str(part) if part >= 0 else f"(−{-part})" for part in less]
        named = zip(told, ("committed", "reserved", "damaged"), strict=True)
        return " − ".join([f"{on_hand} on hand", *(f"{part} {name}" for part, name in named)])
    return "as the master states it"


def _pending(monitor: Known, as_of: int) -> int | None:
    """Master changes since the moment that a surface shows; first records are no changes.

    None where that moment lies before our first read of the master: what changed in between nobody has counted.
    """
    if monitor.history.first_at is None or as_of < monitor.history.first_at:
        return None
    recent = monitor.history.since(as_of)
    return int((monitor.history.previous[recent] >= 0).sum())
