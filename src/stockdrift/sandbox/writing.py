"""Writes that reach the simulated surfaces: what a shop makes of a row, and every way in which that goes wrong.

A write fault is put on a surface like any other fault; while it holds, the surface is read as ever. Of the faults of
reading, those that are a status refuse a write too, and those that spoil an answer lose that of a write which was
carried out. Nothing here knows a wire format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.sandbox.plan import MASTER

if TYPE_CHECKING:
    from stockdrift.sandbox.store import SimulatedStore

WRITE_FAULTS: Final = (
    "write_accepted_late",  # taken, and under way for ACCEPTING before it is carried out
    "write_applied_late",  # done by its own word, and shown after APPLYING
    "write_half",  # every other row is refused
    "write_lost_answer",  # carried out, and the connection is closed instead of an answer
    "write_lost",  # not carried out, and the connection is closed
    "write_throttled",  # 429 with Retry-After, or what the vendor has for it
    "write_moved",  # another application changes the row between the last reading and the write
    "write_forbidden",  # the token has no scope to write
    "write_ignored",  # done by its own word, and never shown
    "write_overwritten",  # carried out, and OVERWRITING later another application puts back what stood there
)
"""All names, for ``POST /control/faults``."""

ACCEPTING: Final = 8_000
APPLYING: Final = 20_000
OVERWRITING: Final = 1_500
"""Reader's milliseconds."""

REFUSED: Final = "The item does not comply with the shop's policy"
"""What is said of a row that is refused."""


class Write(Struct, frozen=True):
    """A quantity that was set by an API, for tests and people to look back at. ``at`` is simulated."""

    at: int
    surface: str
    sku: str
    quantity: int
    by: str


class Writing:
    """The rows that are written to the surfaces of one store. ``log`` holds them all, in order."""

    def __init__(self, store: SimulatedStore) -> None:
        self._store = store
        self._moved: set[tuple[str, int]] = set()
        self.log: list[Write] = []

    def begins_in(self, surface: str) -> int:
        """Reader's ms until what is accepted now is carried out."""
        return ACCEPTING if self._store.fault(surface) == "write_accepted_late" else 0

    def take(self, surface: str, place: int, quantity: int, number: int = 0) -> str:
        """Carries out one row, the ``number``-th of its request; returns why not where it is refused."""
        fault = self._store.fault(surface)
        if fault == "write_half" and number % 2:
            return REFUSED
        if fault == "write_moved":
            self.move(surface, place)
        if fault == "write_ignored":
            return ""
        before = self._store.quantity(surface, place)
        delay = self.begins_in(surface) + (APPLYING if fault == "write_applied_late" else 0)
        self._later(delay, surface, place, quantity, "api")
        if fault == "write_overwritten" and before is not None:
            self._later(delay + OVERWRITING, surface, place, before, "another application")
        return ""

    def turn(self, surface: str, place: int, listed: bool, number: int = 0) -> str:
        """Takes a listing down or puts it up; returns why not where it is refused."""
        fault = self._store.fault(surface)
        if fault == "write_half" and number % 2:
            return REFUSED
        if fault == "write_ignored":
            return ""
        delay = self.begins_in(surface) + (APPLYING if fault == "write_applied_late" else 0)
        if delay:
            self._store.later(delay, lambda: self._store.hide(surface, place, not listed))
        else:
            self._store.hide(surface, place, not listed)
        return ""

    def move(self, surface: str, place: int) -> None:
        """Another application sells one, once for each row while the fault holds."""
        held = self._store.quantity(surface, place)
        if self._store.fault(surface) != "write_moved" or held is None or (surface, place) in self._moved:
            return
        self._moved.add((surface, place))
        self._set(surface, place, held - 1, "another application")

    def _later(self, delay: int, surface: str, place: int, quantity: int, by: str) -> None:
        if delay:
            self._store.later(delay, lambda: self._set(surface, place, quantity, by))
        else:
            self._set(surface, place, quantity, by)

    def _set(self, surface: str, place: int, quantity: int, by: str) -> None:
        store = self._store
        if surface != MASTER:
            store.shown[surface].mend(place)
        store.set_quantity(surface, store.items[place].sku, quantity)
        self.log.append(Write(store.now, surface, store.items[place].sku, quantity, by))
