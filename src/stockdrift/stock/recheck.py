"""The checks that stand before a write and after it: does the plan still hold, and what did the surface make of it?

Pure: the service that writes asks them of what was last recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockdrift.stock import plan
from stockdrift.stock.actions import Action, RowState
from stockdrift.stock.grid import cell
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Severity

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor


def refusal(monitor: Monitor, action: Action) -> str:
    """Why nothing of ``action`` may be sent, as a sentence; empty where it may."""
    asked, rules = action.asked, monitor.rules.actions
    if asked.reason not in rules.reasons:
        return f"The reason {asked.reason!r} is none of: {', '.join(rules.reasons)}."
    if not asked.rows:
        return "There is nothing to write."
    if len({change.sku for change in asked.rows}) < len(asked.rows):
        return "A SKU is there twice."
    skus = {change.sku for change in asked.rows}
    for other in monitor.ledger.open_on(asked.surface):
        if other is not action and other.asked.number < asked.number:
            shared = skus & {change.sku for change in other.asked.rows}
            if shared:
                return f"{other.asked.operator} is writing {min(shared)} there already."
    found = plan.of_rows(monitor, asked.kind, asked.surface, asked.rows, asked.at)
    if found.refusals:
        return found.refusals[0]
    if found.typed and asked.typed != found.typed:
        return f"{found.because} The name of the surface was not typed."
    return ""


def recheck(monitor: Monitor, action: Action, place: int) -> tuple[RowState, str]:
    """``WAITING`` where row ``place`` may be sent as it was confirmed; else the state it ends in, and why."""
    asked = action.asked
    change = asked.rows[place]
    reported, expected, known = _level(monitor, asked.surface, change.sku)
    if not known:
        return RowState.STALE, "its level is unknown now"
    if asked.kind == "resync" and expected != change.after:  # even where it shows that by now
        return RowState.STALE, f"it should show {'?' if expected is None else expected} now, not {change.after}"
    if reported == change.after:
        return RowState.NEEDLESS, f"it shows {change.after} already"
    if reported != change.before:
        return RowState.STALE, f"it shows {reported} now, not {change.before}"
    return RowState.WAITING, ""


def seen(monitor: Monitor, action: Action, place: int, *, late: bool) -> tuple[RowState, str]:
    """What the last read says of row ``place``, which was sent before that read began; its own state where it says
    nothing yet. ``late`` where what was accepted should be seen by now.
    """
    asked = action.asked
    change, here = asked.rows[place], action.states[place]
    reported, expected, known = _level(monitor, asked.surface, change.sku)
    if not known:
        return (RowState.STUCK, "its level is unknown since") if late else (here, "")
    if reported == change.after:
        index = monitor.board.column_of(asked.surface)
        row = monitor.row_of(change.sku)
        drifts = index is not None and row is not None and cell(monitor, index, row).severity is not Severity.NONE
        if asked.kind != "resync":
            return RowState.VERIFIED, ""
        if not drifts:
            return RowState.IN_SYNC, ""
        return RowState.OVERTAKEN, f"it should show {'?' if expected is None else expected} by now"
    if here is RowState.SENT and reported == change.before:
        return (RowState.FAILED, f"it still shows {reported}: nothing was written") if late else (here, "")
    if late or here is RowState.APPLIED:
        return RowState.STUCK, f"it shows {reported}, not {change.after}"
    return here, ""


def _level(monitor: Monitor, surface: str, sku: str) -> tuple[int | str, int | None, bool]:
    """What the surface shows of the SKU, what it should show, and whether the former is known."""
    index, row = monitor.board.column_of(surface), monitor.row_of(sku)
    if index is None or row is None:
        return "unknown", None, False
    column = monitor.board.columns[index]
    here = cell(monitor, index, row)
    known = column.known and column.states[row] != LevelState.UNKNOWN
    expected = here.expected if monitor.board.master.known else None
    return here.reported, expected, bool(known)
