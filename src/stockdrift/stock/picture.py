"""What a screen shows, as plain values: made by the monitor, drawn by the console, dumped by tests and exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum
from typing import Final

from msgspec import Struct

from stockdrift.stock.remarks import Remark, RemarkKind, Told
from stockdrift.stock.rules import Ignore


class Severity(IntEnum):
    """How dangerous, ascending. ``ORPHAN`` is listed with the drifting and not counted with them."""

    NONE = 0
    ORPHAN = 1
    UNDER = 2
    OVER = 3
    OVERSELL = 4

    @property
    def word(self) -> str:
        """As on screen and in JSON (there in capitals)."""
        return self.name.lower()


class Phase(IntEnum):
    """Is it real? Ascending in earnest."""

    NONE = 0
    IN_FLIGHT = 1
    NEW = 2
    LATE = 3
    PERSISTENT = 4
    STUCK = 5

    @property
    def word(self) -> str:
        """As on screen and in JSON."""
        return self.name.lower().replace("_", " ")


class Verdict(IntEnum):
    """Of one level."""

    NOT_COMPARED = 0
    IN_SYNC = 1
    UNKNOWN = 2
    IN_FLIGHT = 3
    DRIFTED = 4

    @property
    def word(self) -> str:
        """As on screen and in JSON."""
        return self.name.lower().replace("_", " ")


class Status(StrEnum):
    """How a surface stands as a whole."""

    ON_TIME = "on time"
    LATE = "late"  # it answers, and what it shows is older than allowed
    NO_ANSWER = "no answer"  # its last read failed
    PARTIAL = "partial"  # its last read brought only part
    STALE = "stale"  # no complete read for longer than stale_after
    NOT_READ = "not read yet"
    OFF = "off"  # configured, not active
    PAUSED = "paused"  # an operator has it not read on schedule


PATIENCE: Final = 5_000
"""Ms after which a read that was due is missed, besides what reads of that surface take."""


class Cell(Struct, frozen=True):
    """One level of one SKU as a row of the grid shows it.

    ``reported`` is the quantity, or the state's word; the last one known where the verdict is unknown.
    """

    reported: int | str
    expected: int | None
    deviation: int | None
    severity: Severity
    verdict: Verdict
    reason: str = ""
    ignored: Ignore | None = None  # by what it is left out


class SkuLine(Struct, frozen=True):
    """A row of the grid. ``cells`` stand in the order of the picture's surfaces *as configured*.

    ``out_in`` is minutes to oversell (0 = now), None where there is no pace or no danger. ``at_risk`` is in the
    store's currency, None where the price is unknown. ``worst`` indexes ``cells``, −1 where none deviates.
    """

    row: int
    sku: str
    name: str
    master: int | str
    severity: Severity
    phase: Phase
    since: int | None
    cells: Sequence[Cell]
    worst: int
    out_in: float | None
    at_risk: float | None
    unknown: bool = False  # not drifting, and something unknown keeps it from being in sync
    ignored: bool = False  # out of scope, because somebody said so
    remarks: Sequence[Told] = ()  # that stand of it: what its drift is covered by, who has claimed it, notes on it

    def said(self, kind: RemarkKind) -> Remark | None:
        """What stands of it of that kind, the most specific."""
        return next((told.remark for told in self.remarks if told.kind is kind), None)


class SurfaceLine(Struct, frozen=True):
    """A surface in the freshness panel. A count that cannot be known is None and drawn as ``?``."""

    name: str
    kind: str
    status: Status
    reason: str  # of the last read, where it was not complete
    active: bool
    read_at: int | None  # the last complete read
    as_of: int | None  # the moment of the master that it shows, as far as known
    lag: int | None  # ms; how old what it shows was when read
    allowed: int  # ms; the lag that is normal
    stale_after: int  # ms
    listed: int
    drifting: int | None
    unknown: int
    pending: int | None  # master changes since its as-of
    errors_hour: int  # failed requests in the last hour
    budget: float | None  # share of the vendor's allowance in use, 0 to 1
    next_at: int | None
    bad_rows: int = 0
    confidence: float | None = None  # share of what could tell that agrees on the lag; None where it was not measured
    by_severity: tuple[int, int, int] | None = None  # drifting as oversell, over, under; None as ``drifting``
    in_sync: int | None = None  # tracked SKUs that agree here; None as ``drifting``
    remarks: Sequence[Told] = ()  # that stand of the surface as a whole
    took: int = 0  # ms that the last read took

    def overdue(self, now: int) -> int | None:
        """For how many ms at ``now`` a read that was due has not answered, once that is longer than reads take; None
        where none is missed. What was read before still counts until it is stale: this says only that nobody answers.
        """
        return None if self.missed_at is None or now < self.missed_at else now - (self.next_at or 0)

    @property
    def missed_at(self) -> int | None:
        """From when on that is so, as long as nothing comes; None where no read is due."""
        if self.next_at is None or self.status not in (Status.ON_TIME, Status.LATE):
            return None
        return self.next_at + PATIENCE + 2 * self.took

    @property
    def pause(self) -> Remark | None:
        """By what it is paused now."""
        return next((told.remark for told in self.remarks if told.kind is RemarkKind.PAUSE), None)


class GaugeLine(Struct, frozen=True):
    """The hero figures. ``trend`` has 24 samples of the last hour, oldest first, None before recording began.

    ``known`` is False where there is no "in sync" at all: no good master read, no active surface, no tracked SKU.
    """

    known: bool
    tracked: int
    drifting: int
    in_flight: int
    in_sync: int
    unknown: int
    uncovered: int
    untracked: int
    orphans: int
    oversell: int
    over: int
    under: int
    change: int | None  # drifting now − ten minutes ago
    since: int | None  # when it last went from none drifting to some, or back
    trend: Sequence[int | None]
    ignored: int = 0  # SKUs left out, everywhere or on a surface, because somebody said so
    ignored_oversell: int = 0  # of these, those that oversell where they are left out
    snoozed: int = 0  # SKUs among the drifting (and the orphans) that somebody lets rest: counted, and not listed first
    snoozed_oversell: int = 0  # of these, those that oversell
    acknowledged: int = 0  # SKUs among the drifting (and the orphans) that somebody knows of
    silent: int = 0  # active surfaces that say nothing now, or that nobody reads, though no SKU may be unknown by it


class Finding(Struct, frozen=True):
    """A likely cause in words: ``lead`` is its first clause, ``evidence`` the rest. ``surface`` is what it is about.

    ``{at}`` in ``evidence`` stands for ``moment`` in the operator's zone: the core knows no zone.
    """

    tone: str  # late | over | oversell | under | unknown | ok: the state whose colour and glyph it takes
    title: str  # "feed lag, 94 % agree"
    lead: str
    evidence: str
    also: str = ""
    surface: str = ""
    moment: int | None = None
    listing: str = ""  # a filter that lists the SKUs it speaks of

    def said(self, clock: Callable[[int], str]) -> str:
        """The evidence, its moment written by ``clock`` (ms since the epoch to text)."""
        return self.evidence if self.moment is None else self.evidence.replace("{at}", clock(self.moment))


class Companion(Struct, frozen=True):
    """One slot of the companion strip. ``tone`` as in :class:`Finding`, or empty."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


class SettingsNote(Struct, frozen=True):
    """What became of the settings last: taken over by the collector, or ``refused`` with the reason as ``text``."""

    at: int
    text: str
    refused: bool


class Busiest(Struct, frozen=True):
    """The SKU that sells fastest: units an hour, and what is left of it."""

    sku: str
    name: str
    pace: float
    left: int


class Picture(Struct, frozen=True):
    """The first screen, without the grid's rows (the grid asks for those that are visible)."""

    at: int
    store: str
    currency: str
    master: SurfaceLine
    surfaces: Sequence[SurfaceLine]  # as configured
    gauge: GaugeLine
    findings: Sequence[Finding]
    companions: Sequence[Companion]
    tolerance: str  # the store's, in words
    recording: bool = True  # False: the collector says that it cannot write the journal
    settings: SettingsNote | None = None
    busiest: Busiest | None = None  # None where nothing is known to sell
    notes: Sequence[Told] = ()  # handover notes that stand, the newest last


class LevelLine(Struct, frozen=True):
    """One surface on the SKU screen."""

    surface: str
    kind: str
    cell: Cell
    arithmetic: str  # "ATP 3 × 50 % − 0"
    tolerance: str  # "0 units, from the store"
    phase: Phase
    since: int | None
    read_at: int | None
    as_of: int | None


class SkuPicture(Struct, frozen=True):
    """The SKU screen: the line of the grid, its levels one by one, the master's own arithmetic."""

    line: SkuLine
    levels: Sequence[LevelLine]
    master_arithmetic: str  # "9 on hand − 5 committed − 1 reserved − 0 damaged", or "as the master states it"
    master_read_at: int | None
    why: str  # in one sentence: why it drifts, or why it is not counted
    pace: float | None  # units an hour by which the master falls
    price: float | None
