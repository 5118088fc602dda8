"""What a resync would write: from what a surface shows to what it should show, and what is left out, with the why.

A plan writes nothing. It is made of what is known at one moment, shown, confirmed by a person, and then recorded as an
:class:`~stockdrift.stock.actions.ActionAsked`; the service that carries it out makes the same checks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stockdrift.stock.actions import RowChange
from stockdrift.stock.column import Column
from stockdrift.stock.grid import cell, why_column_unknown
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Phase, Severity
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import WHOLE, ActionRules, SurfaceRules

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
    """A SKU that was asked for and is not written."""

    sku: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """``refusals`` are why nothing at all may be sent, each with what to do. ``typed`` is what has to be typed before
    it may be, empty where nothing has to; ``because`` says why. ``listed`` counts the SKUs that the surface lists.
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

    @property
    def zeroed(self) -> int:
        """Rows that will be set to 0."""
        return sum(row.after == 0 for row in self.rows)


_ANY: Final = Severity.UNDER


def resync(monitor: Monitor, surface: str, skus: Sequence[str] | None, now: int) -> Plan:
    """A plan that brings ``skus`` on ``surface`` (None: all that drift there) to what they should show."""
    found = _Planner(monitor, surface, now)
    if skus is None:
        skus = found.drifting()
    for sku in dict.fromkeys(skus):
        found.resync(sku)
    return found.plan("resync")


def contain(monitor: Monitor, surface: str, skus: Sequence[str], now: int) -> Plan:
    """A plan that sets ``skus`` to 0 on ``surface``: what oversells stops selling, whatever the master says."""
    found = _Planner(monitor, surface, now)
    for sku in dict.fromkeys(skus):
        found.contain(sku)
    return found.plan("contain")


def rollback(monitor: Monitor, surface: str, written: Sequence[RowChange], now: int) -> Plan:
    """A plan that takes back what an action wrote, where the surface still shows it."""
    found = _Planner(monitor, surface, now)
    for change in written:
        found.restore(change)
    return found.plan("rollback")


def of_rows(monitor: Monitor, kind: str, surface: str, changes: Sequence[RowChange], now: int) -> Plan:
    """The plan that holds just ``changes``: what stands in the way of an action that was confirmed already."""
    found = _Planner(monitor, surface, now)
    found.rows += [PlanRow(change.sku, "", Severity.NONE, change.before, change.after, "") for change in changes]
    return found.plan(kind)


class _Planner:
    """Collects the rows of one plan."""

    def __init__(self, monitor: Monitor, surface: str, now: int) -> None:
        self._monitor = monitor
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
            self._skip(sku, here.reason or here.verdict.word)
        elif here.expected is None or not isinstance(here.reported, int):
            self._skip(sku, here.reason or "there is no quantity to write")
        elif self._monitor.phase_of(self._index, row) is Phase.IN_FLIGHT:
            self._skip(sku, "in flight: wait for the next read")
        elif here.reported == here.expected:
            self._skip(sku, here.reason)
        else:
            self._add(row, here.severity, here.reported, here.expected, self._monitor.phase_of(self._index, row).word)

    def contain(self, sku: str) -> None:
        """One SKU, to 0."""
        row = self._writable(sku)
        if row is None or self._index is None:
            return
        here = cell(self._monitor, self._index, row)
        if not isinstance(here.reported, int):
            self._skip(sku, f"{self._surface} says {here.reported}: there is no quantity to set to 0")
        elif here.reported <= 0:
            self._skip(sku, "it shows 0 already")
        else:
            self._add(row, here.severity, here.reported, 0, "contained")

    def restore(self, change: RowChange) -> None:
        """One row of an earlier action, back to what was shown before it."""
        row = self._writable(change.sku)
        if row is None or self._index is None:
            return
        here = cell(self._monitor, self._index, row)
        if here.reported != change.after:
            self._skip(change.sku, f"{self._surface} has moved on: it shows {here.reported}, not {change.after}")
        elif change.before == change.after:
            self._skip(change.sku, "nothing was changed")
        else:
            self._add(row, here.severity, change.after, change.before, "rollback")

    def plan(self, kind: str) -> Plan:
        """What was collected, with what stands in its way."""
        column = self._column
        refusals = self._refusals(kind)
        listed = 0 if column is None else column.listed
        typed, because = "", ""
        if column is not None and not refusals:
            because = _why_typed(self._board.rules.actions, self.rows, listed)
            typed = self._surface if because else ""
        rows = sorted(self.rows, key=lambda row: (-row.severity, row.sku))
        advice = "" if column is None else _advice(column.rules)
        return Plan(kind, self._surface, rows, self.skipped, refusals, typed, because, listed, advice)

    def _writable(self, sku: str) -> int | None:
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
            self._skip(sku, f"{self._surface} says {word}, which is no quantity")
        else:
            return row
        return None

    def _skip(self, sku: str, why: str) -> None:
        self.skipped.append(Skipped(sku, why))

    def _add(self, row: int, severity: Severity, before: int, after: int, why: str) -> None:
        catalogue = self._board.catalogue
        self.rows.append(PlanRow(catalogue.skus[row], catalogue.names[row], severity, before, after, why))

    def _refusals(self, kind: str) -> list[str]:
        board, column = self._board, self._column
        if self._surface == MASTER:
            return ["The master's own stock is never written: it is what the surfaces are measured by."]
        if column is None:
            return [f"There is no surface called {self._surface}."]
        found = [*_cannot_write(column.rules)]
        if not column.known:
            found.append(f"{self._surface} is unknown ({why_column_unknown(column)}): read it again first.")
        if kind == "resync":
            if not board.master.known:
                found.append(f"The master is unknown ({why_column_unknown(board.master)}): nothing to write from.")
            if column.rules.conflict != "master":
                found.append(_trusts(column.rules))
        return found


def _cannot_write(rules: SurfaceRules) -> list[str]:
    if not rules.active:
        return [f"{rules.name} is switched off in the settings."]
    if not rules.writable:
        return [f"stockdrift cannot write to {rules.name}. {rules.refresh}".rstrip()]
    if not rules.write:
        return [f"{rules.name} is read-only: set write = true on it, and start the collector with --write."]
    return []


def _trusts(rules: SurfaceRules) -> str:
    if rules.conflict == "ask":
        return f"{rules.name} is set to ask whom to trust: contain its SKUs, or set conflict to master."
    return f"{rules.name} is the one to be trusted by its settings: correct the master where it is kept."


def _why_typed(rules: ActionRules, rows: Sequence[PlanRow], listed: int) -> str:
    """Why the surface's name has to be typed; empty where it need not be."""
    zeroed = sum(row.after == 0 for row in rows)
    if len(rows) > rules.confirm_rows:
        return f"Above {rules.confirm_rows} rows."
    if listed and len(rows) > 1 and len(rows) * WHOLE > rules.confirm_share * listed:
        return f"Above {rules.confirm_share / 100:g} % of what the surface lists."
    if zeroed > rules.confirm_zeroes:
        return f"{zeroed} rows are set to 0."
    return ""


def _advice(rules: SurfaceRules) -> str:
    """What a person should know of a surface before writing to it."""
    if rules.overwritten:
        return f"The next feed will overwrite what is written to {rules.name}: mend the feed as well."
    return ""
