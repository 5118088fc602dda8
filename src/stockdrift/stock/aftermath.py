"""After a write: SKUs that are stuck on a surface, and whoever puts back what we wrote.

Stuck is a SKU whose last action there was accepted and did not take, or did and was undone by another app, until a read
shows it in sync or another action is asked. It follows from the entries alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from msgspec import Struct, to_builtins

from stockdrift.stock.actions import FOR_GOOD, GOOD, LISTING, Action, ActionAsked, ActionStep, RowState
from stockdrift.stock.column import Column
from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState
from stockdrift.stock.pace import HOUR
from stockdrift.stock.picture import Phase
from stockdrift.stock.words import age

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

RIVAL: Final = "another app writes this listing: "
"""How the why of what another app undid begins."""

_CLEARS: Final = frozenset({Phase.IN_FLIGHT, Phase.LATE})
"""Phases of a drift that the master itself explains."""


class Stuck(Struct, frozen=True):
    """``why`` is a clause. ``rival`` where another app undid what the action ``key`` had written; ``at`` is when it was
    found (ms).
    """

    surface: str
    sku: str
    key: str
    at: int
    why: str
    rival: bool = False


class Written(Struct, frozen=True):
    """A row that was read back as written, watched for an hour: who undoes it now is neither we nor the master."""

    surface: str
    sku: str
    key: str
    sent_at: int
    seen_at: int
    before: int
    after: int


Place = tuple[str, str]
"""A surface and a SKU."""


class Aftermath:
    """What became of writes after their end, fed by the monitor with every entry."""

    def __init__(self) -> None:
        self._stuck: dict[Place, Stuck] = {}
        self._written: dict[Place, Written] = {}

    def __iter__(self) -> Iterator[Stuck]:
        return iter(self._stuck.values())

    def __len__(self) -> int:
        return len(self._stuck)

    def of(self, surface: str, sku: str) -> Stuck | None:
        """How ``sku`` is stuck on ``surface``; None where it is not."""
        return self._stuck.get((surface, sku))

    def undone(self, key: str) -> set[str]:
        """SKUs of which another app has undone the action ``key``."""
        return {stuck.sku for stuck in self._stuck.values() if stuck.rival and stuck.key == key}

    def asked(self, entry: ActionAsked) -> None:
        """Another action is asked: what it writes is judged anew. One about listings leaves quantities as they are."""
        if entry.kind in LISTING:
            return
        for change in entry.rows:
            self._stuck.pop((entry.surface, change.sku), None)
            self._written.pop((entry.surface, change.sku), None)

    def stepped(self, action: Action, step: ActionStep) -> None:
        """Rows of ``action`` came to where ``step`` says; those that could not are left out."""
        surface = action.asked.surface
        for place in step.places if action.asked.kind not in LISTING else ():
            if not 0 <= place < len(action.states) or action.states[place] is not step.state:
                continue
            change = action.asked.rows[place]
            if step.state is RowState.STUCK:
                self._stuck[surface, change.sku] = Stuck(surface, change.sku, action.key, step.at, step.why)
            elif step.state in GOOD and action.asked.kind not in FOR_GOOD:
                sent_at = action.sent_at[place] or step.at
                self._written[surface, change.sku] = Written(
                    surface, change.sku, action.key, sent_at, step.at, change.before, change.after
                )

    def polled(self, monitor: Known, at: int) -> None:
        """After a complete read of a surface or the master that ended at ``at``, and was judged: what is in sync is
        stuck no longer, and what was undone is.
        """
        for place, code, _ in _codes(monitor, self._stuck):
            if code == Code.IN_SYNC:
                del self._stuck[place]
        late = [place for place, written in self._written.items() if at - written.seen_at > HOUR]
        for place in late:
            del self._written[place]
        for place, code, row in _codes(monitor, self._written):
            if code >= Code.UNDER and (why := _undone(monitor, self._written[place], row)):
                self._stuck[place] = Stuck(*place, self._written.pop(place).key, at, why, rival=True)

    def keep(self, surfaces: Iterable[str]) -> None:
        """Other settings: of surfaces that are gone, or are read from elsewhere, nothing is known any more."""
        kept = set(surfaces)
        self._stuck = {place: stuck for place, stuck in self._stuck.items() if place[0] in kept}
        self._written = {place: written for place, written in self._written.items() if place[0] in kept}

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "stuck": [to_builtins(stuck) for stuck in self._stuck.values()],
            "written": [to_builtins(written) for written in self._written.values()],
        }

    def restore(self, found: dict[str, Any]) -> None:
        """Takes over what :meth:`plain` gave."""
        self._stuck = {(one["surface"], one["sku"]): Stuck(**one) for one in found.get("stuck", ())}
        self._written = {(one["surface"], one["sku"]): Written(**one) for one in found.get("written", ())}


def _codes(monitor: Known, places: Iterable[Place]) -> list[tuple[Place, int, int]]:
    """How each of ``places`` is judged now, with the SKU's row; those of which nothing is known are left out."""
    board = monitor.board
    known = [place for place in places if board.column_of(place[0]) is not None]
    rows = board.catalogue.rows_of([sku for _, sku in known])
    columns = (board.columns[board.column_of(surface) or 0] for surface, _ in known)
    found = zip(known, columns, rows.tolist(), strict=True)
    return [(place, int(column.codes[row]), row) for place, column, row in found if row >= 0]


def _undone(monitor: Known, written: Written, row: int) -> str:
    """Why another app must have undone a write to ``row``, which drifts again, as a clause; empty where it need not
    have.

    The surface shows what neither we wrote nor the master has said since. One that shows less than was
    written may have sold it.
    """
    index = monitor.board.column_of(written.surface) or 0
    column = monitor.board.columns[index]
    if column.last is None or column.last.started_at <= written.seen_at:
        return ""
    shown = int(column.quantities[row])
    if column.states[row] != LevelState.COUNTED or (shown <= written.after and shown != written.before):
        return ""
    if monitor.phase_of(index, row) in _CLEARS or max(shown, 0) in _said_since(monitor, column, row, written.sent_at):
        return ""
    then = f"{age(column.last.read_at - written.seen_at)} later {shown}, which the master has not said since"
    return f"{RIVAL}it showed {written.after}, as we wrote, and {then}"


def _said_since(monitor: Known, column: Column, row: int, since: int) -> set[int]:
    """What the surface should have shown of ``row`` at some time from ``since`` on."""
    records = monitor.history.of_row(row)
    begins = max((place for place, (first, _, _) in enumerate(records) if first <= since), default=0)
    atps = [atp for _, state, atp in records[begins:] if state == LevelState.COUNTED]
    rows = np.full(len(atps), row, np.int32)
    return set(column.yardstick.expected(np.array(atps, np.int32), rows).tolist()) if atps else set()
