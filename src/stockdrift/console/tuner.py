"""What the tuner holds: the scope that is tuned, the tolerance that is looked at, and what each tolerance would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from stockdrift.console.model import Model
from stockdrift.stock.rules import WHOLE, Scope, Tolerance
from stockdrift.stock.tuning import Outlook, Prospect
from stockdrift.stock.values import replace

UNITS: Final = (0, 1, 2, 3, 4, 5, 8)
PERCENTS: Final = (0, 100, 200, 500, 1_000, 2_000, 5_000)
"""Tolerances that the table compares: units, and percentages in basis points."""

_POINT: Final = 100  # basis points


class Tuner(Struct):
    """``scopes`` are those that Tab goes through, the ``place``-th is tuned. ``held`` is what holds for it now,
    ``chosen`` what is looked at. ``percent``: the keys move the percentage, and the units are its floor.
    """

    scopes: Sequence[Scope]
    place: int = 0
    held: Tolerance = Tolerance()
    chosen: Tolerance = Tolerance()
    percent: bool = False
    prospect: Prospect | None = None  # of the table's tolerances, in their order
    table: Sequence[Tolerance] = ()
    _outlooks: dict[Tolerance, Outlook] = field(default_factory=dict)
    _of: tuple[Scope, int] | None = None

    @property
    def scope(self) -> Scope:
        """What is tuned."""
        return self.scopes[self.place]

    @property
    def changes(self) -> bool:
        """Whether what is looked at is not what holds."""
        return self.chosen != self.held

    @property
    def outlook(self) -> Outlook | None:
        """What the tolerance that is looked at would do."""
        return self._outlooks.get(self.chosen) if self.prospect is not None else None

    def look(self, model: Model) -> None:
        """Has worked out what is not known yet of what each tolerance would do as things are now."""
        if self._of != (self.scope, model.version):
            self._of = self.scope, model.version
            self._outlooks, self.prospect = {}, None
        if self.prospect is not None:
            return
        wanted = self.candidates()
        missing = [tolerance for tolerance in wanted if tolerance not in self._outlooks]
        found = model.prospect(self.scope, missing, self.chosen)
        self._outlooks.update(zip(missing, found.outlooks, strict=True))
        self.table = wanted
        self.prospect = replace(found, outlooks=[self._outlooks[tolerance] for tolerance in wanted])

    def turn(self, place: int, held: Tolerance) -> None:
        """To another scope, and what holds for it."""
        self.place, self.held, self.chosen = place % len(self.scopes), held, held
        self.percent = held.percent > 0
        self.prospect = None

    def step(self, by: int) -> None:
        """A unit, or a percentage point, more or less."""
        if self.percent:
            percent = min(max(0, self.chosen.percent + by * _POINT), WHOLE)
            self.chosen = replace(self.chosen, percent=percent)
        else:
            self.chosen = Tolerance(max(0, self.chosen.units + by))
        self.prospect = None

    def toggle_percent(self) -> None:
        """From units to a percentage with the units as its floor, and back."""
        self.percent = not self.percent
        if not self.percent:
            self.chosen = Tolerance(self.chosen.units)
        self.prospect = None

    def candidates(self) -> list[Tolerance]:
        """The tolerances to compare, ascending: those of the table, what holds, what is looked at."""
        if self.percent:
            found = {Tolerance(self.chosen.units, percent) for percent in PERCENTS}
        else:
            found = {Tolerance(units) for units in UNITS}
        return sorted(found | {self.held, self.chosen}, key=lambda one: (one.percent, one.units))

    def row_of(self, room: int) -> tuple[int, int]:
        """Which rows of the table are shown in ``room`` rows: the first, and the one after the last. What is looked at
        is among them.
        """
        here = self.table.index(self.chosen) if self.chosen in self.table else 0
        first = max(0, min(here - room // 2, len(self.table) - room))
        return first, min(first + room, len(self.table))


def short(tolerance: Tolerance) -> str:
    """A tolerance in a column: ``3``, or ``5 %``, or ``5 % ≥ 2``."""
    if not tolerance.percent:
        return f"{tolerance.units:,}"
    return f"{tolerance.percent / 100:g} %" + (f" ≥ {tolerance.units:,}" if tolerance.units else "")
