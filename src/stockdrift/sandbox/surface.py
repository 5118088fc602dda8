"""What one surface of the simulated store shows."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.sandbox.plan import SurfacePlan


class Shown:
    """Quantities by item (None: sells without counting), and since when each is shown.

    ``generated_at`` is when a feed's file was written, ``as_of`` the moment of the master that it holds, and
    ``generation`` counts its files.
    """

    def __init__(self, plan: SurfacePlan, quantities: Sequence[int | None], at: int) -> None:
        self.plan = plan
        self.quantities = list(quantities)
        self.since = [at] * len(self.quantities)
        self.frozen: set[int] = set()  # items that keep what they show: updates are lost
        self.hidden: set[int] = set()  # items whose listing was taken down
        self.offsets: dict[int, int] = {}  # items that somebody changed by hand
        self.generated_at = at
        self.as_of = at
        self.generation = 0

    def set(self, place: int, quantity: int | None, at: int) -> None:
        """Shows ``quantity`` from ``at`` on."""
        if quantity != self.quantities[place]:
            self.quantities[place] = quantity
            self.since[place] = at
            self.generation += 1

    def mend(self, place: int) -> None:
        """Whoever writes an item ends what kept it from following the master."""
        self.frozen.discard(place)
        self.offsets.pop(place, None)

    def follow(self, place: int, quantity: int | None, at: int) -> bool:
        """An update of the master arrives. Returns whether what is shown has changed."""
        if place in self.frozen:
            return False
        before = self.quantities[place]
        self.set(place, quantity if quantity is None else quantity + self.offsets.get(place, 0), at)
        return self.quantities[place] != before

    def take(self, snapshot: Sequence[int | None], taken_at: int, at: int) -> None:
        """A whole file holding ``snapshot`` is published."""
        for place, quantity in enumerate(snapshot):
            if quantity != self.quantities[place] or place in self.offsets:
                self.follow(place, quantity, at)
        self.publish(taken_at, at)

    def publish(self, taken_at: int, at: int) -> None:
        """The file is written anew."""
        self.as_of = taken_at
        self.generated_at = at
        self.generation += 1
