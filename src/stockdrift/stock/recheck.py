"""The checks that stand before a write and after it: does the plan still hold, and what did the surface make of it?

Pure: the service that writes asks them of what was last recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockdrift.stock.actions import WRITTEN, Action, RowChange, RowState
from stockdrift.stock.freeze import Offset
from stockdrift.stock.grid import cell
from stockdrift.stock.guards import barriers, bulk, refusals
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Cell, Verdict

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor


def refusal(monitor: Monitor, action: Action, now: int, offset: Offset) -> str:
    """Why nothing (more) of ``action`` may be sent at ``now``, as a sentence; empty where it may. ``offset`` knows the
    zones of freeze windows. Asked before each send: a guard that comes up meanwhile stands before the rest.
    """
    return _unsound(monitor, action) or _crossed(monitor, action) or _barred(monitor, action, now, offset)


def _unsound(monitor: Monitor, action: Action) -> str:
    """Why ``action`` is none that a sound plan would have asked for."""
    asked, rules = action.asked, monitor.rules.actions
    if asked.reason not in rules.reasons:
        return f"The reason {asked.reason!r} is none of: {', '.join(rules.reasons)}."
    if not asked.rows:
        return "There is nothing to write."
    if len({change.sku for change in asked.rows}) < len(asked.rows):
        return "A SKU is there twice."
    return _unsound_rollback(monitor, action) if asked.kind == "rollback" else ""


def _unsound_rollback(monitor: Monitor, action: Action) -> str:
    """A rollback writes back just what an action has written, and once."""
    asked = action.asked
    undone = monitor.ledger.get(asked.undoes)
    if undone is None or undone.asked.surface != asked.surface:
        return "There is no such action to roll back."
    if undone.open:
        return "The action to be rolled back is not at its end."
    wrote = {
        RowChange(change.sku, change.after, change.before)
        for change, state in zip(undone.asked.rows, undone.states, strict=True)
        if state in WRITTEN
    }
    if not wrote.issuperset(asked.rows):
        return "It would take back what the action did not write."
    twice = monitor.ledger.undone(asked.undoes, asked.number) & {change.sku for change in asked.rows}
    return f"{min(twice)} was rolled back already." if twice else ""


def _crossed(monitor: Monitor, action: Action) -> str:
    """Who is writing one of its SKUs there already."""
    skus = {change.sku for change in action.asked.rows}
    for other in monitor.ledger.open_on(action.asked.surface):
        if other is not action and other.asked.number < action.asked.number:
            shared = skus & {change.sku for change in other.asked.rows}
            if shared:
                return f"{other.asked.operator} is writing {min(shared)} there already."
    return ""


def _barred(monitor: Monitor, action: Action, now: int, offset: Offset) -> str:
    """What of the guards stands before it."""
    asked = action.asked
    found = refusals(monitor, asked.kind, asked.surface, asked.rows, asked.trust)
    if found:
        return found[0]
    for barrier in barriers(monitor, asked.surface, asked.rows, now, offset):
        if barrier.name not in asked.overrides:
            return f"{barrier.why}."
    index = monitor.board.column_of(asked.surface)
    listed = 0 if index is None else monitor.board.columns[index].listed
    because = bulk(monitor.rules.actions, asked.rows, listed)
    if because and asked.typed != asked.surface:
        return f"{because} The name of the surface was not typed."
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
    reported, _, known = _level(monitor, asked.surface, change.sku)
    if not known:
        return (RowState.STUCK, "its level is unknown since") if late else (here, "")
    if reported == change.after:
        return _shown(monitor, action, place, late=late)
    if here is RowState.SENT and reported == change.before:
        return (RowState.FAILED, f"it still shows {reported}: nothing was written") if late else (here, "")
    if here is RowState.APPLIED:
        return RowState.STUCK, f"another app writes this listing: it showed {change.after}, and now {reported}"
    if late and reported != change.before:
        strange = f"it shows {reported}, neither {change.before} as before nor {change.after} as written"
        return RowState.STUCK, f"{strange}: another app may write this listing"
    return (RowState.STUCK, f"it shows {reported}, not {change.after}") if late else (here, "")


def _shown(monitor: Monitor, action: Action, place: int, *, late: bool) -> tuple[RowState, str]:
    """What it means that the surface shows what row ``place`` wrote. In sync it is only by a master that is known."""
    asked = action.asked
    change = asked.rows[place]
    if asked.kind != "resync":
        return RowState.VERIFIED, ""
    _, expected, _ = _level(monitor, asked.surface, change.sku)
    here = _cell(monitor, asked.surface, change.sku)
    verdict = Verdict.UNKNOWN if here is None else here.verdict
    if verdict is Verdict.UNKNOWN:
        why = "it shows what was written, and the master is unknown"
        return (RowState.VERIFIED, why) if late else (RowState.APPLIED, why)
    if verdict is Verdict.NOT_COMPARED:
        return RowState.VERIFIED, (here.reason if here else "") or "it is compared with nothing now"
    if verdict is Verdict.IN_SYNC or expected == change.after:
        return RowState.IN_SYNC, ""
    return RowState.OVERTAKEN, f"it should show {'?' if expected is None else expected} by now"


def _cell(monitor: Monitor, surface: str, sku: str) -> Cell | None:
    index, row = monitor.board.column_of(surface), monitor.row_of(sku)
    return None if index is None or row is None else cell(monitor, index, row)


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
