"""The entries of the journal: everything that the core is ever told, in the order in which it was told.

Live, attached, replayed and headless all feed the same entries to the same :class:`~stockdrift.stock.monitor.Monitor`.
``number`` is the entry's place in the journal (from 1, ascending, unique; gaps are allowed); 0 before it has one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionStep, ActionStopAsked
from stockdrift.stock.reading import BadRow, Call, Covers, Outcome, Traffic
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Rules, Scope, Tolerance


def _no_rows() -> NDArray[np.int32]:
    return np.empty(0, np.int32)


def _no_bytes() -> NDArray[np.uint8]:
    return np.empty(0, np.uint8)


class Changes(Struct, frozen=True, eq=False):
    """The levels that a poll changed: parallel columns, ``rows`` ascending and unique.

    A row is a SKU's place in the catalogue, the same for all surfaces for the life of a journal. ``parts`` is None or
    parallel: on hand, committed, reserved, damaged.
    """

    rows: NDArray[np.int32] = field(default_factory=_no_rows)
    states: NDArray[np.uint8] = field(default_factory=_no_bytes)
    quantities: NDArray[np.int32] = field(default_factory=_no_rows)
    reasons: NDArray[np.uint8] = field(default_factory=_no_bytes)
    parts: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.rows)


class Naming(Struct, frozen=True, eq=False):
    """What the master newly says of SKUs: parallel columns, ``rows`` ascending. An unknown price is NaN."""

    rows: NDArray[np.int32] = field(default_factory=_no_rows)
    names: Sequence[str] = ()
    prices: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))


class Poll(Struct, frozen=True, eq=False):
    """A reading as it was admitted: its outcome, and what it changed against what was known before.

    ``new_skus`` take the next free rows of the catalogue, in this order, before ``changes`` are applied.
    ``listed`` counts the SKUs that the surface listed. ``next_at`` is when the collector means to read again.
    """

    surface: str
    outcome: Outcome
    covers: Covers
    started_at: int
    read_at: int
    reason: str = ""
    as_of: int | None = None
    listed: int = 0
    new_skus: Sequence[str] = ()
    changes: Changes = field(default_factory=Changes)
    naming: Naming = field(default_factory=Naming)
    bad_rows: Sequence[BadRow] = ()
    bad_count: int = 0
    nameless: int = 0
    traffic: Traffic = Traffic()
    next_at: int | None = None
    number: int = 0

    @property
    def at(self) -> int:
        """When the entry came to be: the end of the read."""
        return self.read_at


class PollSummary(Struct, frozen=True):
    """A poll without its changes, for a request log. ``changed`` counts levels; the rest is as in :class:`Poll`."""

    number: int
    surface: str
    outcome: Outcome
    reason: str
    started_at: int
    read_at: int
    listed: int
    changed: int
    requests: int
    failures: int
    bytes: int
    covers: Covers = Covers.ALL
    as_of: int | None = None
    bad_rows: int = 0
    throttled: int = 0
    budget: float | None = None
    calls: Sequence[Call] = ()


class SurfaceLog(Struct, frozen=True):
    """The reads of a surface, newest first; ``whole`` where the journal has none before them."""

    surface: str
    polls: Sequence[PollSummary] = ()
    whole: bool = False


class RulesChanged(Struct, frozen=True):
    """The settings that hold from here on."""

    at: int
    rules: Rules
    number: int = 0


class Ruling(Struct, frozen=True):
    """An operator's tolerance for a scope; ``tolerance`` None takes an earlier ruling back. ``undoes`` names it."""

    at: int
    operator: str
    scope: Scope
    tolerance: Tolerance | None
    undoes: int = 0
    number: int = 0
    reason: str = ""


class BufferRuling(Struct, frozen=True):
    """An operator's safety buffer, in units, for a surface, a SKU, or a SKU on a surface; ``units`` None takes an
    earlier one back. ``undoes`` names it.
    """

    at: int
    operator: str
    scope: Scope
    units: int | None
    undoes: int = 0
    number: int = 0
    reason: str = ""


class Ignoring(Struct, frozen=True):
    """An operator leaves a SKU out, on one surface or on all; ``ignore`` None takes an earlier entry back.

    One whose end lies not after ``at`` ends what the settings ignore. ``undoes`` names the entry taken back.
    """

    at: int
    operator: str
    scope: Scope
    ignore: Ignore | None
    undoes: int = 0
    number: int = 0


class Remarked(Struct, frozen=True):
    """An operator says of ``scope`` what changes no verdict; ``remark`` None takes back what was said before, and
    ``undoes`` names that.
    """

    at: int
    operator: str
    kind: RemarkKind
    scope: Scope
    remark: Remark | None
    undoes: int = 0
    number: int = 0


Saying = Ruling | BufferRuling | Ignoring | Remarked
"""What an operator says that stands until it is taken back, or its end has come."""


class RereadAsked(Struct, frozen=True):
    """An operator asks the collector to read ``surface`` (empty: all of them) now."""

    at: int
    operator: str
    surface: str
    number: int = 0


class CollectorNote(Struct, frozen=True):
    """The collector speaks of itself: ``event`` is started, stopped, not recording, recording, settings reloaded,
    settings refused.
    """

    at: int
    event: str
    text: str = ""
    number: int = 0


Entry = (
    Poll
    | RulesChanged
    | Saying
    | RereadAsked
    | CollectorNote
    | ActionAsked
    | ActionStopAsked
    | ActionStep
    | ActionDismissed
)


class EpisodeEvent(Struct, frozen=True):
    """A SKU began or ceased to drift on a surface, as the monitor saw it when an entry was applied.

    ``deviation`` is None where there is none to measure (in-or-out, unlimited). A ``closed`` event closes the open
    episode of that SKU and surface.
    """

    sku: str
    surface: str
    opened: bool
    at: int
    severity: str
    deviation: int | None


class Episode(Struct, frozen=True):
    """One stretch of drift of one SKU on one surface, as the journal keeps it. ``closed_at`` None: still open.

    ``deviation`` is what it was off by when it opened, None where there was none to measure.
    """

    sku: str
    surface: str
    severity: str
    opened_at: int
    closed_at: int | None
    deviation: int | None
