"""What is on screen now: the picture, the moment, and what the operator chose. Screens write it, panels read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from msgspec import field

from stockdrift.console import words
from stockdrift.console.arrangement import AS_SHIPPED, Arrangement
from stockdrift.console.columns import SKU_MIN, Columns, columns, sku_width
from stockdrift.console.glyphs import FULL, Glyphs
from stockdrift.console.keymap import shown
from stockdrift.console.keys import BY_ID
from stockdrift.console.listing import Listing
from stockdrift.console.moment import Moment
from stockdrift.console.theme import Theme
from stockdrift.stock.look import Changes, Look
from stockdrift.stock.picture import Finding, Picture, Status, SurfaceLine
from stockdrift.stock.remarks import Told

if TYPE_CHECKING:
    from stockdrift.console.day import Day
    from stockdrift.console.log_lines import LogLine
    from stockdrift.console.model import Model
    from stockdrift.console.replay import Replay

_DANGER = {
    Status.NO_ANSWER: 0,
    Status.LATE: 0,
    Status.STALE: 0,
    Status.PARTIAL: 0,
    Status.PAUSED: 0,
    Status.NOT_READ: 1,
    Status.ON_TIME: 3,
    Status.OFF: 4,
}
ANSWERING = (Status.ON_TIME, Status.LATE)
"""The states of a surface that answers."""

COLUMNS_REST = 60_000
"""Columns take their order by themselves when they have been out of it, and no key was pressed, for so long (ms)."""


class Scene(Moment):
    """``frozen_at`` is when the operator froze the screen; then ``moment`` stands still and only the clock goes on."""

    theme: Theme
    glyphs: Glyphs = FULL
    picture: Picture | None = None
    model: Model | None = None
    listing: Listing = field(default_factory=Listing)
    surface_order: Sequence[int] = ()  # as the surfaces panel shows them
    column_order: Sequence[int] = ()  # as the grid does; stands still under the operator's eyes
    misplaced_at: int | None = None  # since when a column has stood left of one that is much worse
    arranged: Arrangement = AS_SHIPPED
    column: str = ""  # the id of the column that the operator chose, empty for none
    surface_cursor: int = 0
    surface_top: int = 0
    finding_cursor: int = 0
    day: Day | None = None  # how the day went, looked up while nothing drifts
    asking: bool = False  # a form is open, and takes every key
    roomy: bool = False  # the screen is so wide that all columns have room
    preview_toggled: bool = False  # the preview is wanted where it is not by itself, or is not where it is
    looked: Look | None = None  # what drifted when the operator last looked
    changes: Changes | None = None  # since then
    focus: str = "grid"
    frozen_at: int | None = None
    replay: Replay | None = None  # where in recorded time this is; None for what is live
    sku_width: int = SKU_MIN
    writing: str = ""  # as whom this console may write; empty where it may not
    trouble: str = ""
    message: str = ""
    links: Mapping[str, str] = field(default_factory=dict)  # into control panels, by surface; {sku} is the SKU
    told: deque[LogLine] = field(default_factory=lambda: deque(maxlen=500))  # what the console said
    keymap: Mapping[str, str] = field(default_factory=dict)  # the operator's own keys, by id
    _columns: tuple[object, Columns] | None = None
    _compared: tuple[object, ...] = ()

    def key(self, name: str) -> str:
        """What stands for the key of the registry whose id is ``name``."""
        return shown(BY_ID[name], self.keymap)

    def tense(self, now: str, then: str) -> str:
        """How a thing is said: as it is, or as it was."""
        return now if self.replay is None else then

    def compare(self) -> None:
        """Takes stock of what has changed since the operator last looked."""
        if self.model is not None and self.looked is not None:
            compared = (self.model, self.model.version, self.looked)
            if compared != self._compared:
                self.changes, self._compared = self.model.changes(self.looked), compared

    def change_of(self, row: int) -> str:
        """``new`` or ``worse`` where a catalogue row is so since the operator last looked, else empty."""
        if self.changes is not None:
            for rows, word in ((self.changes.new, "new"), (self.changes.worse, "worse")):
                place = int(np.searchsorted(rows, row))
                if place < len(rows) and rows[place] == row:
                    return word
        return ""

    @property
    def settled(self) -> bool:
        """Whether the master and every active surface were read since the start, well or not."""
        picture = self.picture
        return (
            picture is not None
            and picture.gauge.known
            and not any(line.status is Status.NOT_READ for line in picture.surfaces)
        )

    @property
    def calm(self) -> bool:
        """Nothing drifts, nothing is unknown, no surface is silent or paused, and that is known."""
        gauge = self.picture.gauge if self.picture else None
        if gauge is None or not gauge.known or gauge.drifting or gauge.unknown or gauge.orphans or gauge.silent:
            return False
        return not self.paused

    @property
    def dead_letters(self) -> int:
        """Actions that failed, and that nobody has tried once more or dismissed."""
        return 0 if self.model is None else len(self.model.ledger.dead_letters())

    @property
    def read(self) -> Sequence[SurfaceLine]:
        """What is read: the master and the active surfaces."""
        picture = self.picture
        return [] if picture is None else [picture.master, *(one for one in picture.surfaces if one.active)]

    def missed(self, surface: SurfaceLine) -> bool:
        """Whether a read that was due has not answered, for longer than reads take."""
        at = surface.missed_at
        if at is not None and self.moment < at:
            self.holds(at)
        return at is not None and self.moment >= at

    @property
    def missing_since(self) -> int | None:
        """When the first of the reads that are missed was due; None where none is missed."""
        return min((one.next_at for one in self.read if self.missed(one) and one.next_at is not None), default=None)

    @property
    def notes(self) -> Sequence[Told]:
        """The handover notes that stand, the oldest first."""
        return self.picture.notes if self.picture else ()

    @property
    def paused(self) -> Sequence[SurfaceLine]:
        """The surfaces that an operator has paused, as configured."""
        return [line for line in self.picture.surfaces if line.active and line.pause] if self.picture else ()

    def show(self, picture: Picture) -> None:
        """Takes on a new picture; puts the surfaces in order, worst first, those alike staying where they are."""
        before = self.picture
        self.picture = picture
        kind, _, name = self.listing.sort.partition(":")
        if kind == "surface" and name not in {surface.name for surface in picture.surfaces}:
            self.listing.sort = "danger"  # remembered from when there was such a surface
        everyone = range(len(picture.surfaces))
        if len(self.surface_order) != len(picture.surfaces):
            self.surface_order = list(everyone)
        if self.focus != "surfaces":
            if self.calm:
                self.surface_order = sorted(everyone, key=lambda index: picture.surfaces[index].allowed)
            else:
                self.surface_order = sorted(
                    self.surface_order, key=lambda index: _badness(picture.surfaces[index], picture.at)
                )
        settled = before is not None and before.gauge.known and before.gauge.drifting > 0
        if len(self.column_order) != len(picture.surfaces) or not settled:
            self.order_columns()

    def order_columns(self) -> None:
        """Puts the grid's columns in order: the operator's own, else the worst first. When the screen opens, and when
        the operator asks for another list.
        """
        if self.picture:
            surfaces, at = self.picture.surfaces, self.picture.at
            own = {name: place for place, name in enumerate(self.arranged.surfaces)}
            self.column_order = sorted(
                range(len(surfaces)),
                key=lambda index: (
                    own.get(surfaces[index].name, len(own)),
                    -(surfaces[index].drifting or 0),
                    _badness(surfaces[index], at),
                ),
            )
            self._columns = None
            self.misplaced_at = None

    def tidy_columns(self, now: int, key_at: int) -> None:
        """Puts the columns in order where they have long been out of it and the operator has long pressed no key, the
        last at ``key_at`` (ms).
        """
        if not self._misplaced():
            self.misplaced_at = None
            return
        if self.misplaced_at is None or now < self.misplaced_at:
            self.misplaced_at = now
        if min(now - self.misplaced_at, now - key_at) >= COLUMNS_REST and not self.column:
            self.order_columns()

    def _misplaced(self) -> bool:
        """Whether a column stands left of one whose surface drifts more, in powers of two, or drifts alone."""
        if self.picture is None or self.arranged.surfaces:
            return False
        sizes = [(self.picture.surfaces[index].drifting or 0).bit_length() for index in self.column_order]
        return any(left < right for left, right in pairwise(sizes))

    def measure_skus(self, *, anew: bool = True) -> None:
        """Makes the SKU column as wide as the listed SKUs ask for; where not ``anew``, no narrower than it is."""
        if self.model is not None and len(self.listing.rows):
            sample = self.listing.rows[:: max(1, len(self.listing.rows) // 200)][:200]
            wanted = sku_width([len(sku) for sku in self.model.skus(sample)])
            self.sku_width = wanted if anew else max(wanted, self.sku_width)

    def columns(self, width: int) -> Columns:
        """The grid's columns at ``width``."""
        names = tuple(surface.name for surface in self.picture.surfaces) if self.picture else ()
        key = (width, names, tuple(self.column_order), self.sku_width, self.arranged, self.roomy)
        if self._columns is None or self._columns[0] != key:
            self._columns = (key, columns(width, names, self.column_order, self.sku_width, self.arranged,
                                           axis=self.roomy))  # fmt: skip
        return self._columns[1]

    @property
    def surface(self) -> SurfaceLine | None:
        """The surface under the cursor of the surfaces panel."""
        if not self.picture or not self.surface_order:
            return None
        return self.picture.surfaces[self.surface_order[min(self.surface_cursor, len(self.surface_order) - 1)]]

    @property
    def findings(self) -> Sequence[Finding]:
        """The likely causes that are told: none in a calm store, but for an oversell that is ignored."""
        if self.picture is None:
            return ()
        return [found for found in self.picture.findings if found.title == "ignored" or not self.calm]

    @property
    def finding(self) -> Finding | None:
        """The likely cause under the cursor."""
        return self.findings[min(self.finding_cursor, len(self.findings) - 1)] if self.findings else None

    @property
    def banner(self) -> tuple[str, str]:
        """What stands above all else, as (state, sentence); both empty when nothing does."""
        return self.alarm if self.alarm[1] or not self.paused else ("unknown", _paused(self.paused, self.zone))

    @property
    def alarm(self) -> tuple[str, str]:
        """The banner where it says that figures grow old or mean nothing: no note and no message stands before it."""
        if self.trouble.startswith(words.NOT_RECORDING):
            return "oversell", self.trouble
        if self.picture and not self.picture.recording:
            return "oversell", "Not recording: the collector cannot write the journal. What you see grows old."
        if self.trouble:
            return "late", self.trouble
        settings = self.picture.settings if self.picture else None
        if settings is not None and settings.refused:
            return "late", f"Settings refused, those before hold on: {settings.text}"
        if self.picture is None:
            return "", ""
        master = self.picture.master
        if master.status in ANSWERING or master.status is Status.NOT_READ:
            return "", ""
        what = {
            Status.NO_ANSWER: "The master does not answer",
            Status.PARTIAL: "The master's last read is not whole",
            Status.STALE: "The master was not read for too long",
        }.get(master.status, f"The master is {master.status.value}")
        return "unknown", f"{what}{': ' + master.reason if master.reason else ''}. Nothing counts as in sync."


def _paused(surfaces: Sequence[SurfaceLine], zone: tzinfo | None) -> str:
    """Which surfaces nobody reads, by whom, until when and why: paused is not calm."""
    said = "; ".join(f"{words.title(surface.name)} {paused_text(surface, zone)}" for surface in surfaces)
    return f"{said}. What is not read is not known."


def paused_text(surface: SurfaceLine, zone: tzinfo | None) -> str:
    """``is paused by anna until Sat 21 Nov 14:00: its API is down``; empty where it is not."""
    pause = surface.pause
    if pause is None:
        return ""
    until = f" until {words.day(pause.until, zone)} {words.minute(pause.until, zone)}" if pause.until else ""
    return f"is paused by {pause.by}{until}" + (f": {pause.text}" if pause.text else "")


def _badness(surface: SurfaceLine, now: int) -> tuple[int, int]:
    rank = _DANGER[surface.status]
    if rank and surface.overdue(now) is not None:
        return 1, 0
    if rank == 0:
        return 0, 0 if surface.status is Status.LATE else 1
    if rank == 3 and surface.drifting:
        return 2, -surface.drifting.bit_length()  # in powers of two: near neighbours do not change places
    return rank, 0
