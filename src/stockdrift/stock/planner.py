"""Collects the rows of one plan: what may be written of which SKU, and why of the others nothing is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from stockdrift.stock.actions import DOWN, LISTED, RowChange
from stockdrift.stock.column import Column
from stockdrift.stock.grid import SEVERITIES, cells
from stockdrift.stock.judge import Code
from stockdrift.stock.judging import would_be
from stockdrift.stock.levels import HIDDEN, LevelState
from stockdrift.stock.picture import Cell, Phase, Severity, Verdict

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

_SELLS_NOTHING: Final = frozenset({LevelState.UNLISTED, LevelState.DISABLED, LevelState.OUT})


class PlanRow(Struct, frozen=True):
    """A row that will be written: ``why`` is the phase, or what made it drift. ``verdict`` and ``severity`` are of what
    is shown now, ``becomes`` is how severe what is written will be, None where that is not known: a listing that is put
    up again has a quantity that no read tells.
    """

    sku: str
    name: str
    severity: Severity
    before: int
    after: int
    why: str
    verdict: Verdict
    becomes: Severity | None = None

    @property
    def change(self) -> RowChange:
        """As an action records it."""
        return RowChange(self.sku, self.before, self.after)

    @property
    def danger(self) -> Severity:
        """How severe it is, or will be where writing makes it worse than that."""
        return self.becomes if self.endangers and self.becomes is not None else self.severity

    @property
    def endangers(self) -> bool:
        """Whether, once it is written, what is not there is sold, or more than should be."""
        return self.becomes is not None and self.becomes >= Severity.OVER


class Skipped(Struct, frozen=True):
    """A SKU that was asked for and is not written; ``settled`` where there is nothing to be done about it."""

    sku: str
    why: str
    settled: bool = False


class Planner:
    """The rows of a plan for ``surface``. ``trust`` is whom the operator says that he trusts, or empty."""

    def __init__(self, monitor: Known, surface: str, trust: str = "") -> None:
        self._wanted: list[tuple[int, Cell, int, int, str]] = []  # row, what it shows, before, after, why
        self.skipped: list[Skipped] = []
        self.surface = surface
        self.trust = trust
        self._monitor = monitor
        self._board = monitor.board
        self._index = self._board.column_of(surface)

    @property
    def column(self) -> Column | None:
        """What is known of the surface; None where there is none."""
        return None if self._index is None else self._board.columns[self._index]

    def drifting(self) -> list[str]:
        """SKUs that drift on the surface."""
        if not self._index:
            return []
        rows, _ = self._monitor.phases_of(self._index)
        return list(self._board.catalogue.skus.take(rows))

    def resync(self, skus: Sequence[str]) -> None:
        """Each SKU to what the surface should show of it."""
        phases = self._phases()
        for sku, row, here in self._writable(skus):
            phase = phases.get(row, Phase.NONE)
            match here.reported, here.expected:
                case _ if here.severity < Severity.UNDER:
                    self._skip(sku, here.reason or here.verdict.word, settled=here.verdict is Verdict.IN_SYNC)
                case _ if phase is Phase.IN_FLIGHT:
                    self._skip(sku, "in flight: wait for the next read")
                case int(shows), int(due) if shows == due:
                    self._skip(sku, here.reason)
                case int(shows), int(due) if self.trust == "surface":
                    self._skip(sku, f"you trust {self.surface}: it shows {shows}, the master makes {due}")
                case int(shows), int(due):
                    self._add(row, here, shows, due, phase.word)
                case _:
                    self._skip(sku, "there is no quantity to write")

    def contain(self, skus: Sequence[str]) -> None:
        """Each SKU to 0."""
        for sku, row, here in self._writable(skus, settled=_SELLS_NOTHING):
            if isinstance(here.reported, int) and here.reported <= 0:
                self._skip(sku, "it shows 0 already", settled=True)
            elif isinstance(here.reported, int):
                self._add(row, here, here.reported, 0, "contained")

    @property
    def is_view(self) -> bool:
        """Whether nobody can write to the surface: it shows what another pool holds."""
        return self.column is not None and not self.column.rules.writable

    def turn(self, skus: Sequence[str], to: int) -> None:
        """The listing of each SKU: LISTED or DOWN."""
        told = "it is down already" if to == DOWN else "it is listed already"
        for sku, row, here, state in self._known(skus):
            if state is LevelState.UNLISTED:
                self._skip(sku, f"{self.surface} has no such listing", settled=to == DOWN)
            elif (state in HIDDEN) == (to == DOWN):
                self._skip(sku, told, settled=True)
            else:
                before, how = (LISTED, "taken down") if to == DOWN else (DOWN, "put up again")
                self._add(row, here, before, to, how)

    def restore(self, changes: Sequence[RowChange], done: AbstractSet[str] = frozenset()) -> None:
        """Rows of an earlier action back to what was shown before it; not those SKUs of which that was ``done``."""
        by_sku = {change.sku: change for change in changes}
        for sku, row, here in self._writable(list(by_sku)):
            change = by_sku[sku]
            if sku in done:
                self._skip(sku, "it was rolled back already")
            elif here.reported != change.after:
                self._skip(sku, f"{self.surface} has moved on: it shows {here.reported}, not {change.after}")
            elif change.before == change.after:
                self._skip(sku, "nothing was changed")
            else:
                self._add(row, here, change.after, change.before, "rollback")

    def _phases(self) -> Mapping[int, Phase]:
        """The phase of each row that drifts on the surface."""
        if not self._index:
            return {}
        rows, phases = self._monitor.phases_of(self._index)
        return {row: Phase(phase) for row, phase in zip(rows.tolist(), phases.tolist(), strict=True)}

    def _writable(
        self, skus: Sequence[str], *, settled: AbstractSet[LevelState] = frozenset()
    ) -> Iterator[tuple[str, int, Cell]]:
        """Those of ``skus`` whose quantity on the surface is known, with row and level; the others are skipped with the
        why, and as settled where their state is one of ``settled``.
        """
        for sku, row, here, state in self._known(skus):
            if state is LevelState.COUNTED:
                yield sku, row, here
            else:
                self._skip(sku, f"{self.surface} says {state.word}, which is no quantity", settled=state in settled)

    def _known(self, skus: Sequence[str]) -> Iterator[tuple[str, int, Cell, LevelState]]:
        """Those of ``skus`` whose level on the surface is known, with row, level and state; the others are skipped."""
        if not self._index:
            for sku in skus:
                self._skip(sku, f"there is no surface called {self.surface}")
            return
        column = self._board.columns[self._index]
        rows = self._board.catalogue.rows_of(skus)
        seen = rows[rows >= 0]
        levels = dict(zip(seen.tolist(), cells(self._monitor, self._index, seen), strict=True))
        for sku, row in zip(skus, rows.tolist(), strict=True):
            if row < 0:
                self._skip(sku, "no such SKU was ever seen")
            elif not column.known or column.states[row] == LevelState.UNKNOWN:
                self._skip(sku, f"unknown: {levels[row].reason or 'not read'}")
            else:
                yield sku, row, levels[row], LevelState(int(column.states[row]))

    def _skip(self, sku: str, why: str, *, settled: bool = False) -> None:
        self.skipped.append(Skipped(sku, why, settled))

    def _add(self, row: int, here: Cell, before: int, after: int, why: str) -> None:
        self._wanted.append((row, here, before, after, why))

    def rows(self, *, listing: bool) -> list[PlanRow]:
        """What will be written, in the order in which it was asked for; ``listing`` where the values are LISTED or
        DOWN.
        """
        catalogue, wanted = self._board.catalogue, self._wanted
        becomes = self._becoming(listing=listing)
        return [
            PlanRow(catalogue.skus[row], catalogue.names[row], here.severity, before, after, why, here.verdict, then)
            for (row, here, before, after, why), then in zip(wanted, becomes, strict=True)
        ]

    def _becoming(self, *, listing: bool) -> list[Severity | None]:
        """How severe each row will be once it is written, by the rule for all levels. What is listed again is judged as
        one that can be ordered, for how many it has is not known: that tells no more than whether it may be.
        """
        if not self._wanted:
            return []
        rows, after = (np.array([one[place] for one in self._wanted], np.int32) for place in (0, 3))
        states = np.full(len(rows), LevelState.COUNTED, np.uint8)
        if listing:
            states = np.where(after == LISTED, LevelState.IN, LevelState.DISABLED).astype(np.uint8)
        codes = would_be(self._board, self._index or 0, rows, states, after)
        codes[(states == LevelState.IN) & (codes == Code.IN_SYNC)] = Code.UNKNOWN
        return [None if code == Code.UNKNOWN else SEVERITIES.get(code, Severity.NONE) for code in codes.tolist()]
