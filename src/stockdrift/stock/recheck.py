"""The checks that stand before a write and after it: does the plan still hold, and what did the surface make of it?

Pure: the service that writes asks them of what was last recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.stock.actions import DOWN, FOR_GOOD, KINDS, LISTED, LISTING, WRITTEN, Action, RowChange, RowState, shown
from stockdrift.stock.aftermath import RIVAL
from stockdrift.stock.freeze import Offset
from stockdrift.stock.grid import cells
from stockdrift.stock.guards import barriers, bulk, refusals
from stockdrift.stock.levels import HIDDEN, LevelState
from stockdrift.stock.picture import Verdict
from stockdrift.stock.words import age

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

_DOWN: Final = frozenset(state.word for state in HIDDEN)


def refusal(monitor: Known, action: Action, now: int, offset: Offset) -> str:
    """Why nothing (more) of ``action`` may be sent at ``now``, as a sentence; empty where it may. ``offset`` knows the
    zones of freeze windows. Asked before each send: a guard that comes up meanwhile stands before the rest.
    """
    return _unsound(monitor, action) or _crossed(monitor, action) or _barred(monitor, action, now, offset)


def _unsound(monitor: Known, action: Action) -> str:
    """Why ``action`` is none that a sound plan would have asked for."""
    asked, rules = action.asked, monitor.rules.actions
    if asked.reason not in rules.reasons:
        return f"The reason {asked.reason!r} is none of: {', '.join(rules.reasons)}."
    if not asked.rows:
        return "There is nothing to write."
    if len({change.sku for change in asked.rows}) < len(asked.rows):
        return "A SKU is there twice."
    if asked.kind not in KINDS:
        return f"There is no action called {asked.kind!r}."
    if asked.kind == "contain" and any(change.after for change in asked.rows):
        return "A containment sets to 0, and to nothing else."
    return _unsound_rollback(monitor, action) if asked.kind == "rollback" else ""


def _unsound_rollback(monitor: Known, action: Action) -> str:
    """A rollback writes back just what an action has written, and once."""
    asked = action.asked
    undone = monitor.ledger.get(asked.undoes)
    if undone is None or undone.asked.surface != asked.surface:
        return "There is no such action to roll back."
    if undone.asked.kind in FOR_GOOD:
        return f"A {undone.asked.kind} is not rolled back."
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


def _crossed(monitor: Known, action: Action) -> str:
    """Who is writing one of its SKUs there already."""
    skus = {change.sku for change in action.asked.rows}
    for other in monitor.ledger.open_on(action.asked.surface):
        if other.asked.number < action.asked.number:
            shared = skus & {change.sku for change in other.asked.rows}
            if shared:
                return f"{other.asked.operator} is writing {min(shared)} there already."
    return ""


def _barred(monitor: Known, action: Action, now: int, offset: Offset) -> str:
    """What of the guards stands before it."""
    asked = action.asked
    found = refusals(monitor, asked.kind, asked.surface, asked.rows, asked.trust)
    if found:
        return found[0]
    for barrier in barriers(monitor, asked.surface, asked.rows, now, offset):
        if barrier.name not in asked.overrides:
            lasting = "" if barrier.until is None else f", for another {age(barrier.until - now)}"
            return f"{barrier.why}{lasting}."
    index = monitor.board.column_of(asked.surface)
    listed = 0 if index is None else monitor.board.columns[index].listed
    because = "" if asked.kind == "refresh" else bulk(monitor.rules.actions, asked.rows, listed)
    if because and asked.typed != asked.surface:
        return f"{because} The name of the surface was not typed."
    return ""


def recheck(monitor: Known, action: Action, places: Sequence[int]) -> dict[int, tuple[RowState, str]]:
    """Of each of ``places``: ``WAITING`` where the row may be sent as it was confirmed; else the state it ends in, and
    why.
    """
    rows = action.asked.rows
    levels = _levels(monitor, action, [rows[place].sku for place in places])
    return {place: _recheck(action.asked.kind, rows[place], level) for place, level in zip(places, levels, strict=True)}


def _recheck(kind: str, change: RowChange, level: _Level | None) -> tuple[RowState, str]:
    if level is None:
        return RowState.STALE, "its level is unknown now"
    if kind == "resync" and level.expected != change.after:  # even where it shows that by now
        return RowState.STALE, f"it should show {level.due} now, not {change.after}"
    if level.reported == change.after:
        return RowState.NEEDLESS, f"it shows {shown(kind, change.after)} already"
    if level.reported != change.before:
        return RowState.STALE, f"it shows {shown(kind, level.reported)} now, not {shown(kind, change.before)}"
    return RowState.WAITING, ""


def seen(monitor: Known, action: Action, places: Mapping[int, bool]) -> dict[int, tuple[RowState, str]]:
    """What the last read says of rows that were sent before that read began; the state they have where it says nothing
    yet. ``places`` tells of each whether it is late: whether what was accepted should be seen by now.
    """
    rows = action.asked.rows
    levels = _levels(monitor, action, [rows[place].sku for place in places])
    return {
        place: _seen(action, place, level, late=late)
        for (place, late), level in zip(places.items(), levels, strict=True)
    }


def _seen(action: Action, place: int, level: _Level | None, *, late: bool) -> tuple[RowState, str]:
    kind, change, here = action.asked.kind, action.asked.rows[place], action.states[place]
    if level is None:
        return (RowState.STUCK, "its level is unknown since") if late else (here, "")
    before, after, now = (shown(kind, value) for value in (change.before, change.after, level.reported))
    if kind == "refresh":
        return _refreshed(change, here, level, late=late)
    if level.reported == change.after:
        return (RowState.VERIFIED, "") if kind != "resync" else _shown(change, level, late=late)
    if here is RowState.SENT and level.reported == change.before:
        return (RowState.FAILED, f"it still shows {now}: nothing was written") if late else (here, "")
    if here is RowState.APPLIED:
        return RowState.STUCK, f"{RIVAL}it showed {after}, and now {now}"
    if late and level.reported != change.before:
        strange = f"it shows {now}, neither {before} as before nor {after} as written"
        return RowState.STUCK, f"{strange}: another app may write this listing"
    return (RowState.STUCK, f"it shows {now}, not {after}") if late else (here, "")


def _refreshed(change: RowChange, here: RowState, level: _Level, *, late: bool) -> tuple[RowState, str]:
    """Whether the surface was made anew: it is in sync, with whatever the master has by now."""
    if level.verdict is Verdict.IN_SYNC:
        return RowState.IN_SYNC, ""
    if not late:
        return here, ""
    if level.reported == change.before:
        return RowState.STUCK, f"it still shows {change.before}: it was not refreshed"
    return RowState.STUCK, f"it shows {level.reported} by now, and is not in sync"


def _shown(change: RowChange, level: _Level, *, late: bool) -> tuple[RowState, str]:
    """What it means that the surface shows what a resync wrote. In sync it is only by a master that is known."""
    if level.verdict is Verdict.UNKNOWN:
        why = "it shows what was written, and the master is unknown"
        return (RowState.VERIFIED, why) if late else (RowState.APPLIED, why)
    if level.verdict is Verdict.NOT_COMPARED:
        return RowState.VERIFIED, level.reason or "it is compared with nothing now"
    if level.verdict is Verdict.IN_SYNC or level.expected == change.after:
        return RowState.IN_SYNC, ""
    return RowState.OVERTAKEN, f"it should show {level.due} by now"


class _Level(Struct, frozen=True):
    """What a surface shows of a SKU, and what it should show (None: not known)."""

    reported: int | str
    expected: int | None
    verdict: Verdict
    reason: str

    @property
    def due(self) -> str:
        """What it should show, for a sentence."""
        return "?" if self.expected is None else str(self.expected)


def _levels(monitor: Known, action: Action, skus: Sequence[str]) -> list[_Level | None]:
    """How each of ``skus`` stands on the surface of ``action``, in the terms of its rows; None where it is unknown."""
    board, lists = monitor.board, action.asked.kind in LISTING
    index, rows = board.column_of(action.asked.surface), board.catalogue.rows_of(skus)
    if index is None or not board.columns[index].known:
        return [None] * len(skus)
    seen_rows = rows[rows >= 0]
    told = seen_rows[board.columns[index].states[seen_rows] != LevelState.UNKNOWN]
    found = {}
    for row, here in zip(told.tolist(), cells(monitor, index, told), strict=True):
        reported = here.reported if not lists else DOWN if here.reported in _DOWN else LISTED
        expected = here.expected if board.master.known else None
        found[row] = _Level(reported, expected, here.verdict, here.reason)
    return [found.get(row) for row in rows.tolist()]
