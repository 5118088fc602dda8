"""What a scenario is made of: the surfaces of a store, how it sells, and what goes wrong when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct, field

from stockdrift.sandbox.catalogue import Catalogue

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

MASTER: Final = "master"
"""The name under which faults and levels of the master are filed."""


class SurfacePlan(Struct, frozen=True):
    """A surface. Times are simulated milliseconds.

    ``native`` surfaces follow the master after ``delay``. Feeds and marketplaces publish a table every ``period``,
    holding what the master stood at ``delay`` earlier. ``lag`` is what the settings file allows it.
    """

    name: str
    kind: str = "native"  # native | feed | marketplace
    delay: int = 2 * SECOND
    period: int = 0
    lag: int = 30 * SECOND
    file: str = ""  # the feed's file name; its ending is the format that settings point at
    quantity_column: str = "inventory"
    catalog_id: int = 0  # a Meta catalogue of that number holds it too, and is what the settings file reads
    calls_per_hour: int = 100  # that the catalogue allows
    store_id: int = 0  # it is an Ecwid store of its own, of that number, seen by a secret token


class Window(Struct, frozen=True):
    """From ``start`` until ``end`` (ms after the store opens) ``fault`` holds on ``surfaces``.

    ``fault`` is a name of :mod:`stockdrift.sandbox.faults`, or ``"stall"``: the feed is not generated.
    """

    start: int
    end: int
    surfaces: Sequence[str]
    fault: str

    def holds(self, at: int) -> bool:
        """Whether it holds at ``at``."""
        return self.start <= at < self.end


class Drift(Struct, frozen=True):
    """A drift put in on purpose: ``cause`` is ``lost update`` (the surface keeps what it shows from ``start`` on),
    ``manual override`` (it shows ``offset`` more than it should) or ``as it opens`` (it shows ``offset`` more at
    opening, until the SKU's next update).
    """

    surface: str
    sku: str
    cause: str
    start: int
    offset: int = 0


class Delivery(Struct, frozen=True):
    """Stock that comes in: ``units`` of ``sku`` at ``at``."""

    at: int
    sku: str
    units: int


class Selling(Struct, frozen=True):
    """How it sells. ``pace`` is sales a minute as a polyline of (ms after opening, rate); beyond its ends it is level.

    ``weights`` are the shares of the SKUs in the campaign, by SKU; the rest of the shop takes ``background`` (a
    polyline too) of all sales, evenly.
    """

    pace: Sequence[tuple[int, float]] = ()
    weights: Sequence[tuple[str, float]] = ()
    background: Sequence[tuple[int, float]] = ()


class Plan(Struct, frozen=True):
    """A whole scenario, ready to run. ``unlisted`` names the SKUs that a surface does not list."""

    name: str
    store: str
    currency: str
    catalogue: Catalogue
    surfaces: Sequence[SurfacePlan]
    history: int = 0  # simulated ms before the store opens
    selling: Selling = Selling()
    windows: Sequence[Window] = ()
    drifts: Sequence[Drift] = ()
    deliveries: Sequence[Delivery] = ()
    unlisted: dict[str, frozenset[str]] = field(default_factory=dict)


class Scenario(Struct, frozen=True):
    """A scenario by name. ``make`` takes the seed and the number of counted SKUs."""

    name: str
    about: str
    skus: int
    fixed: bool  # the number of SKUs is part of the scenario
    make: Callable[[int, int], Plan]


def along(line: Sequence[tuple[int, float]], at: int) -> float:
    """The height of a polyline at ``at``; 0 where there is none."""
    if not line:
        return 0.0
    if at <= line[0][0]:
        return line[0][1]
    for (left, low), (right, high) in pairwise(line):
        if at < right:
            return low + (high - low) * (at - left) / (right - left)
    return line[-1][1]
