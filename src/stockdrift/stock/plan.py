"""What a resync would write: from what a surface shows to what it should show, and what is left out, with the why.

A plan writes nothing. It is made of what is known at one moment, shown, confirmed by a person, and then recorded as an
:class:`~stockdrift.stock.actions.ActionAsked`; the service that carries it out makes the same checks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stockdrift.stock.actions import LOST, WRITTEN, Action, ActionAsked, RowChange
from stockdrift.stock.column import Column
from stockdrift.stock.freeze import Offset, no_zones
from stockdrift.stock.grid import cell
from stockdrift.stock.guards import Barrier, asks_whom_to_trust, barriers, bulk, refusals
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Phase, Severity, Verdict
from stockdrift.stock.rules import SurfaceRules
from stockdrift.stock.words import several

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row that will be written: ``why`` is the phase, or what made it drift."""

    sku: str
    name: str
    severity: Severity
    before: int
    after: int
    why: str

    @property
    def change(self) -> RowChange:
        """As an action records it."""
        return RowChange(self.sku, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A SKU that was asked for and is not written; ``settled`` where there is nothing to be done about it."""

    sku: str
    why: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``refusals`` are why nothing at all may be sent, each with what to do; ``barriers`` bar it too, unless a person
    lets each down by typing its name. ``typed`` is what has to be typed besides before anything may be sent, empty
    where nothing has to; ``because`` says why. ``listed`` counts the SKUs that the surface lists.

    ``asks_trust`` where the operator has to say first whom he trusts, and the plan has to be made again with it;
    ``trust`` is whom he trusts. ``undoes`` and ``retries`` as in :class:`~stockdrift.stock.actions.ActionAsked`.
    """

    kind: str
    surface: str
    rows: Sequence[PlanRow]
    skipped: Sequence[Skipped]
    refusals: Sequence[str]
    typed: str
    because: str
    listed: int
    advice: str = ""
    barriers: Sequence[Barrier] = ()
    asks_trust: bool = False
    trust: str = ""
    undoes: str = ""
    retries: str = ""

    @property
    def zeroed(self) -> int:
        """Rows that will be set to 0."""
        return sum(row.after == 0 for row in self.rows)

    def asked(
        self,
        at: int,
        operator: str,
        key: str,
        reason: str,
        note: str = "",
        *,
        typed: str = "",
        overrides: Sequence[str] = (),
    ) -> ActionAsked:
        """The action that carries it out, as ``operator`` confirmed it: with what he ``typed``, and the names of the
        barriers that he let down.
        """
        rows = tuple(row.change for row in self.rows)
        return ActionAsked(
            at, operator, key, self.kind, self.surface, reason, note, rows, typed,
            undoes=self.undoes, retries=self.retries, trust=self.trust, overrides=tuple(overrides),
        )  # fmt: skip


_ANY: Final = Severity.UNDER
_SELLS_NOTHING: Final = frozenset({LevelState.UNLISTED, LevelState.DISABLED, LevelState.OUT})


def resync(
    monitor: Monitor,
    surface: str,
    skus: Sequence[str] | None,
    now: int,
    *,
    trust: str = "",
    offset: Offset = no_zones,
) -> Plan:
    """A plan that brings ``skus`` on ``surface`` (None: all that drift there) to what they should show.

    ``trust`` is what the operator answered where the surface is set to ask (master, surface; empty: nothing yet),
    ``offset`` knows the zones of freeze windows; without it each window that needs one bars the plan.
    """
    found = _Planner(monitor, surface, now, offset, trust)
    if skus is None:
        skus = found.drifting()
    for sku in dict.fromkeys(skus):
        found.resync(sku)
    return found.plan("resync")


def contain(monitor: Monitor, surface: str, skus: Sequence[str], now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that sets ``skus`` to 0 on ``surface``: what oversells stops selling, whatever the master says."""
    found = _Planner(monitor, surface, now, offset)
    for sku in dict.fromkeys(skus):
        found.contain(sku)
    return found.plan("contain")


def rollback(monitor: Monitor, action: Action, now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that takes back what ``action`` wrote, where the surface still shows it. What was taken back once is not
    taken back again.
    """
    found = _Planner(monitor, action.asked.surface, now, offset)
    undone = monitor.ledger.undone(action.key)
    for change, state in zip(action.asked.rows, action.states, strict=True):
        if state in WRITTEN:
            found.restore(change, done=change.sku in undone)
    made = found.plan("rollback")
    why = _cannot_undo(action, len(found.rows), len(found.skipped))
    return replace(made, undoes=action.key, refusals=[*([why] if why else []), *made.refusals])


def retry(monitor: Monitor, action: Action, now: int, *, trust: str = "", offset: Offset = no_zones) -> Plan:
    """A plan that tries once more what failed of ``action``, from what is shown now to what is right now."""
    asked = action.asked
    found = _Planner(monitor, asked.surface, now, offset, trust or asked.trust)
    for change, state in zip(asked.rows, action.states, strict=True):
        if state not in LOST:
            continue
        match asked.kind:
            case "contain":
                found.contain(change.sku)
            case "rollback":
                found.restore(RowChange(change.sku, change.after, change.before))
            case _:
                found.resync(change.sku)
    made = found.plan(asked.kind)
    why = [] if monitor.ledger.is_dead(action) else ["Nothing of it is left to be tried once more."]
    return replace(made, undoes=asked.undoes, retries=action.key, refusals=[*why, *made.refusals])


def _cannot_undo(action: Action, rows: int, skipped: int) -> str:
    if action.open:
        return "It is not at its end: stop it first, or wait."
    if not rows and not skipped:
        return "It wrote nothing: there is nothing to take back."
    if not rows:
        return f"Nothing of it can be taken back: {several(skipped, 'row')} moved on, or back already."
    return ""


class _Planner:
    """Collects the rows of one plan."""

    def __init__(self, monitor: Monitor, surface: str, now: int, offset: Offset = no_zones, trust: str = "") -> None:
        self._monitor = monitor
        self._offset = offset
        self._trust = trust
        self._board = monitor.board
        self._now = now
        self._surface = surface
        self._index = self._board.column_of(surface)
        self.rows: list[PlanRow] = []
        self.skipped: list[Skipped] = []

    @property
    def _column(self) -> Column | None:
        return None if self._index is None else self._board.columns[self._index]

    def drifting(self) -> list[str]:
        """SKUs that drift on the surface."""
        if not self._index:
            return []
        rows, _ = self._monitor.phases_of(self._index)
        return [self._board.catalogue.skus[row] for row in rows.tolist()]

    def resync(self, sku: str) -> None:
        """One SKU, to what the surface should show of it."""
        row = self._writable(sku)
        if row is None or self._index is None:
            return
        here = cell(self._monitor, self._index, row)
        if here.severity < _ANY:
            self._skip(sku, here.reason or here.verdict.word, settled=here.verdict is Verdict.IN_SYNC)
        elif here.expected is None or not isinstance(here.reported, int):
            self._skip(sku, here.reason or "there is no quantity to write")
        elif self._monitor.phase_of(self._index, row) is Phase.IN_FLIGHT:
            self._skip(sku, "in flight: wait for the next read")
        elif here.reported == here.expected:
            self._skip(sku, here.reason)
        elif self._trust == "surface":
            self._skip(sku, f"you trust {self._surface}: it shows {here.reported}, the master makes {here.expected}")
        else:
            self._add(row, here.severity, here.reported, here.expected, self._monitor.phase_of(self._index, row).word)

    def contain(self, sku: str) -> None:
        """One SKU, to 0."""
        row = self._writable(sku, containing=True)
        if row is None or self._index is None:
            return
        here = cell(self._monitor, self._index, row)
        if isinstance(here.reported, int) and here.reported <= 0:
            self._skip(sku, "it shows 0 already", settled=True)
        elif isinstance(here.reported, int):
            self._add(row, here.severity, here.reported, 0, "contained")

    def restore(self, change: RowChange, *, done: bool = False) -> None:
        """One row of an earlier action, back to what was shown before it; ``done`` where that was done already."""
        row = self._writable(change.sku)
        if row is None or self._index is None:
            return
        here = cell(self._monitor, self._index, row)
        if done:
            self._skip(change.sku, "it was rolled back already")
        elif here.reported != change.after:
            self._skip(change.sku, f"{self._surface} has moved on: it shows {here.reported}, not {change.after}")
        elif change.before == change.after:
            self._skip(change.sku, "nothing was changed")
        else:
            self._add(row, here.severity, change.after, change.before, "rollback")

    def plan(self, kind: str) -> Plan:
        """What was collected, with what stands in its way."""
        column = self._column
        changes = [row.change for row in self.rows]
        found = refusals(self._monitor, kind, self._surface, changes, self._trust)
        if column is None:
            return Plan(kind, self._surface, self.rows, self.skipped, found, "", "", 0)
        because = "" if found else bulk(self._board.rules.actions, changes, column.listed)
        return Plan(
            kind,
            self._surface,
            sorted(self.rows, key=lambda row: (-row.severity, row.sku)),
            self.skipped,
            found,
            typed=self._surface if because else "",
            because=because,
            listed=column.listed,
            advice=_advice(column.rules, kind),
            barriers=barriers(self._monitor, self._surface, changes, self._now, self._offset),
            asks_trust=asks_whom_to_trust(column.rules, kind, self._trust),
            trust=self._trust if column.rules.conflict == "ask" else "",
        )

    def _writable(self, sku: str, *, containing: bool = False) -> int | None:
        """The row of ``sku`` where its level on the surface is known, else None with the why kept."""
        row = self._board.catalogue.row_of(sku)
        column = self._column
        if row is None:
            self._skip(sku, "no such SKU was ever seen")
        elif column is None:
            self._skip(sku, f"there is no surface called {self._surface}")
        elif not column.known or column.states[row] == LevelState.UNKNOWN:
            self._skip(sku, f"unknown: {cell(self._monitor, self._index or 0, row).reason or 'not read'}")
        elif column.states[row] != LevelState.COUNTED:
            word = LevelState(int(column.states[row])).word
            settled = containing and column.states[row] in _SELLS_NOTHING
            self._skip(sku, f"{self._surface} says {word}, which is no quantity", settled=settled)
        else:
            return row
        return None

    def _skip(self, sku: str, why: str, *, settled: bool = False) -> None:
        self.skipped.append(Skipped(sku, why, settled))

    def _add(self, row: int, severity: Severity, before: int, after: int, why: str) -> None:
        catalogue = self._board.catalogue
        self.rows.append(PlanRow(catalogue.skus[row], catalogue.names[row], severity, before, after, why))


def _advice(rules: SurfaceRules, kind: str) -> str:
    """What a person should know of a surface before writing to it."""
    if rules.overwritten:
        return f"The next feed will overwrite what is written to {rules.name}: mend the feed as well."
    if kind == "rollback":
        return f"What {rules.name} shows then is what it showed before, not what the master says."
    return ""
