"""A store for the console's tests, with the figures of the drawings, behind the same interface as the monitor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stockdrift.console.log_lines import CollectorLog, LogLine
from stockdrift.console.model import Planned
from stockdrift.stock.actions import Action
from stockdrift.stock.advice import Terms
from stockdrift.stock.aftermath import Aftermath
from stockdrift.stock.coverage import Coverage, Mapped
from stockdrift.stock.entries import Episode, PollSummary, SurfaceLog
from stockdrift.stock.filter import parse
from stockdrift.stock.gauge import Sample
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.likeness import Alike
from stockdrift.stock.look import Changes, Look
from stockdrift.stock.passage import Moment, Passage
from stockdrift.stock.picture import (
    Cell,
    Companion,
    Finding,
    GaugeLine,
    LevelLine,
    Phase,
    Picture,
    Severity,
    SkuLine,
    SkuPicture,
    Status,
    SurfaceLine,
    Verdict,
)
from stockdrift.stock.plan import Plan
from stockdrift.stock.planner import PlanRow, Skipped
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import Remark, RemarkKind, Remarks, Told
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.sayings import Sayings
from stockdrift.stock.telling import Spoken
from stockdrift.stock.timeline import SkuHistory, Steps, TimelineEvent
from stockdrift.stock.tuning import Prospect
from stockdrift.stock.wanted import Wanted
from tests.console.prospects import drawn_prospect

NOW = int(datetime(2026, 11, 27, 10, 42, 7, tzinfo=UTC).timestamp() * 1000)
S, M, H, D = 1_000, 60_000, 3_600_000, 86_400_000
SURFACES = ("facebook", "amazon", "instagram", "instant-site", "embed")
FACEBOOK, AMAZON, INSTAGRAM = 0, 1, 2

_P, _L = Phase.PERSISTENT, Phase.LATE
# SKU, name, master, where it drifts, what is shown there, Amazon, phase, since, minutes to oversell, risk
_ROWS: tuple[tuple[str, str, int, int, int, str, Phase, int, float | None, float | None], ...] = (
    ("FIG-220", "Fig & Vetiver 220ml", 0, FACEBOOK, 2, "—", _P, 3 * H + 10 * M, 0, 48),
    ("CLV-090", "Clove & Orange 90ml", 0, FACEBOOK, 6, "—", _L, 41 * M, 0, 84),
    ("SEA-220", "Sea Salt 220ml", 3, FACEBOOK, 11, "?", _L, 3 * H + 2 * M, 14, 192),
    ("WAX-MLT", "Wax melts, spiced", 5, FACEBOOK, 19, "—", _L, 2 * H + 48 * M, 22, 126),
    ("NOE-300", "Noël three-wick", 8, FACEBOOK, 31, "—", _L, 3 * H + 7 * M, 31, 276),
    ("MYR-220", "Myrrh & Smoke 220ml", 4, FACEBOOK, 9, "—", _L, H + 55 * M, 38, 120),
    ("TEA-220", "White Tea 220ml", 6, FACEBOOK, 13, "—", _P, 2 * H + 20 * M, 44, 84),
    ("ADV-024", "Advent, 24 doors", 12, FACEBOOK, 40, "?", _L, 3 * H + 5 * M, 52, 196),
    ("CDR-220", "Cedarwood 220ml", 9, FACEBOOK, 16, "—", _L, 2 * H + 31 * M, 66, 72),
    ("PEP-090", "Peppermint 90ml", 7, FACEBOOK, 10, "—", _L, 58 * M, 72, 36),
    ("BEE-006", "Beeswax tapers, 6", 14, INSTAGRAM, 18, "—", _P, 2 * D + 3 * H, 90, 32),
    ("ROS-220", "Rose & Oud 220ml", 11, FACEBOOK, 15, "—", _L, H + 17 * M, 108, 24),
    ("LAV-RFL", "Lavender refill", 16, FACEBOOK, 22, "—", _L, 2 * H + 4 * M, 130, 18),
    ("MEL-090", "Melissa 90ml", 21, INSTAGRAM, 25, "—", _P, 2 * D + 3 * H, 145, 16),
    ("SND-220", "Sandalwood 220ml", 18, FACEBOOK, 23, "—", _L, H + 41 * M, 182, 12),
    ("TOM-220", "Tomato Leaf 220ml", 20, FACEBOOK, 24, "—", _L, 2 * H + 15 * M, 220, 12),
    ("MNT-090", "Wild Mint 90ml", 60, FACEBOOK, 20, "—", _L, 2 * H + 40 * M, None, None),
    ("WPN-220", "Winter Pine 220ml", 48, FACEBOOK, 12, "—", _L, 3 * H + 10 * M, None, None),
    ("SNO-220", "First Snow 220ml", 36, FACEBOOK, 8, "—", _L, H + 10 * M, None, None),
    ("EUC-090", "Eucalyptus 90ml", 40, FACEBOOK, 16, "—", _L, 55 * M, None, None),
    ("HRB-220", "Kitchen Herbs 220ml", 24, FACEBOOK, 10, "—", _L, 47 * M, None, None),
    *((f"X{n:02}-220", f"Candle number {n}", 20 + n, FACEBOOK, 21 + n, "—", _L, n * M, None, 0.0) for n in range(16)),
)
_CALM = tuple((f"C{n:02}-220", f"Calm candle {n}") for n in range(63))


def sku_line(row: int) -> SkuLine:
    """Row ``row`` of the fixture's catalogue: the first 37 drift, the others agree."""
    if row >= len(_ROWS):
        sku, name = _CALM[row - len(_ROWS)]
        agreed = [Cell(5, 5, 0, Severity.NONE, Verdict.IN_SYNC) for _ in SURFACES]
        return SkuLine(row, sku, name, 5, Severity.NONE, Phase.NONE, None, agreed, -1, None, None)
    sku, name, master, where, shown, amazon, phase, since, out_in, risk = _ROWS[row]
    off = shown - master
    severity = Severity.UNDER if off < 0 else Severity.OVERSELL if master <= 0 else Severity.OVER
    cells = [Cell(master, master, 0, Severity.NONE, Verdict.IN_SYNC) for _ in SURFACES]
    cells[where] = Cell(shown, master, off, severity, Verdict.DRIFTED)
    if amazon == "?":
        cells[AMAZON] = Cell(master, master, None, Severity.NONE, Verdict.UNKNOWN, "no answer")
    else:
        cells[AMAZON] = Cell("unlisted", master, None, Severity.NONE, Verdict.NOT_COMPARED, "unlisted")
    return SkuLine(row, sku, name, master, severity, phase, NOW - since, cells, where, out_in, risk)


def surface(name: str, kind: str, status: Status, read: int, allowed: int, **more: object) -> SurfaceLine:
    """A surface read ``read`` ms ago."""
    line = SurfaceLine(
        name=name, kind=kind, status=status, reason="", active=True, read_at=NOW - read, as_of=None, lag=None,
        allowed=allowed, stale_after=2 * M, listed=1221, drifting=0, unknown=0, pending=0, errors_hour=0, budget=0.34,
        next_at=NOW + 18 * S,
    )  # fmt: skip
    return replace(line, **more)  # type: ignore[arg-type]


def troubled(now: int = NOW) -> Picture:
    """The first drawing: 37 of 1,284 SKUs drift, nearly all on one feed that is three hours behind."""
    native = surface("instant-site", "native", Status.ON_TIME, 12 * S, 30 * S, lag=2 * S)
    return Picture(
        at=now,
        store="Candle & Co",
        currency="GBP",
        master=surface("master", "native", Status.ON_TIME, 12 * S, 30 * S, listed=1284),
        surfaces=[
            surface("facebook", "feed", Status.LATE, 3 * H + 10 * M, H, lag=3 * H + 10 * M, drifting=35, pending=412,
                    confidence=0.94, by_severity=(2, 28, 5), as_of=NOW - 3 * H - 10 * M,
                    errors_hour=3, budget=0.12, next_at=NOW + 49 * M),
            surface("amazon", "marketplace", Status.NO_ANSWER, 41 * M, 15 * M, lag=None, drifting=None, pending=None,
                    errors_hour=17, budget=1.0, reason="HTTP 503", unknown=43, next_at=NOW + 2 * M),
            surface("instagram", "feed", Status.ON_TIME, 8 * M, 15 * M, lag=8 * M, drifting=2, pending=6, budget=0.12),
            native,
            replace(native, name="embed"),
        ],
        gauge=GaugeLine(
            known=True, tracked=1284, drifting=37, in_flight=0, in_sync=1204, unknown=43, uncovered=0, untracked=60,
            orphans=0, oversell=2, over=30, under=5, change=9, since=NOW - 3 * H - 10 * M - 7 * S,
            trend=[12] * 9 + [18] * 6 + [22] * 2 + [26] * 4 + [33] * 2 + [37],
        ),
        findings=[
            Finding("late", "feed lag, 94 % agree", "Facebook is 3h10m behind",
                    "as a whole: 33 of its 35 match the master at {at}.",
                    "Not lag: 2 lost update FIG-220 TEA-220  2 manual override +4 BEE-006 MEL-090", "facebook",
                    NOW - 3 * H - 10 * M - 7 * S, "surface:facebook"),
        ],
        companions=[
            Companion("out of stock", "18", "2 live", "oversell"),
            Companion("low stock", "41"),
            Companion("stock-outs", "no burst"),
            Companion("surfaces", "4", "of 5", "unknown"),
            Companion("pending", "412", "> 100", "late"),
            Companion("webhooks", "99.3 %"),
            Companion("API errors", "0.4 %"),
            Companion("untracked", "60"),
            Companion("at risk", "1348.00", "", "oversell"),
        ],
        tolerance="0 units",
    )  # fmt: skip


def calm() -> Picture:
    """The second drawing: nothing drifts."""
    picture = troubled()
    gauge = replace(
        picture.gauge, drifting=0, in_sync=1284, unknown=0, oversell=0, over=0, under=0, change=0,
        since=NOW - 8 * H - 18 * M, trend=[0] * 24,
    )  # fmt: skip
    quiet = [
        replace(line, status=Status.ON_TIME, drifting=0, unknown=0, pending=0, errors_hour=0, reason="", lag=2 * S,
                as_of=None, read_at=NOW - age, next_at=NOW + 26 * S)
        for line, age in zip(picture.surfaces, (49 * M, M, 6 * M, 4 * S, 4 * S), strict=True)
    ]  # fmt: skip
    companions = [
        Companion("out of stock", "11", "0 live"),
        Companion("low stock", "29"),
        Companion("surfaces", "5", "of 5"),
        Companion("pending", "7"),
        Companion("at risk", "0.00"),
    ]
    return replace(picture, gauge=gauge, surfaces=quiet, findings=[], companions=companions)


def blank() -> Picture:
    """The first second: nothing was read."""
    picture = troubled()

    def unread(line: SurfaceLine) -> SurfaceLine:
        return replace(
            line, status=Status.NOT_READ, read_at=None, as_of=None, lag=None, drifting=None, pending=None, next_at=None,
            listed=0, unknown=0, errors_hour=0, budget=None, reason="",
        )  # fmt: skip

    gauge = replace(
        picture.gauge, known=False, tracked=0, drifting=0, in_sync=0, unknown=0, untracked=0, oversell=0, over=0,
        under=0, change=None, since=None, trend=[None] * 24,
    )  # fmt: skip
    return replace(
        picture, master=unread(picture.master), surfaces=[unread(line) for line in picture.surfaces], gauge=gauge,
        findings=[], companions=[],
    )  # fmt: skip


def masterless() -> Picture:
    """The master stopped answering: everything is unknown."""
    picture = troubled()
    gauge = replace(
        picture.gauge, known=False, drifting=0, in_sync=0, unknown=1284, oversell=0, over=0, under=0, change=None
    )
    master = replace(picture.master, status=Status.NO_ANSWER, reason="HTTP 401: the token was refused")
    surfaces = [replace(line, drifting=None) for line in picture.surfaces]
    return replace(picture, gauge=gauge, master=master, surfaces=surfaces, findings=[])


def at(hour: int, minute: int, second: int = 0, days: int = 0) -> int:
    """A moment of the drawings' day, or of a day before."""
    return NOW - NOW % D + hour * H + minute * M + second * S - days * D


def sea_salt() -> SkuHistory:
    """What the drawing of the SKU screen shows: the master falls from 14 to 3, Facebook stays at 11."""
    sold = [(7, 1), (7, 16), (7, 28), (7, 41), (8, 8), (8, 34), (9, 4), (9, 20), (9, 48), (10, 11), (10, 30)]
    master: list[tuple[int, int]] = [(at(7, 1), 14)]
    for hour, minute in sold[1:3]:
        master.append((at(hour, minute), master[-1][1] - (1 if minute == 16 else 2)))
    for hour, minute in sold[3:]:
        master.append((at(hour, minute), master[-1][1] - 1))
    facebook = [(at(7, 1), 14), (at(7, 32), 11)]
    amazon = [(at(7, 1), 1), (at(10, 1), None)]
    falls = [
        TimelineEvent(moment, "fell", "", "master", f"master {before} to {after}, −{before - after}")
        for (_, before), (moment, after) in pairwise(master)
    ]
    events = [
        TimelineEvent(at(7, 32), "changed", "", "facebook", "Facebook 14 to 11"),
        TimelineEvent(at(7, 41), "drift", "over", "facebook", "Facebook over, +1"),
        TimelineEvent(at(8, 31), "failed", "unknown", "facebook", "Facebook: HTTP 503"),
        TimelineEvent(at(8, 46), "recovered", "ok", "facebook",
                      "Facebook was read again, after 1 read that did not succeed"),
        TimelineEvent(at(10, 1), "failed", "unknown", "amazon", "Amazon: HTTP 503"),
        *falls,
    ]  # fmt: skip
    episodes = [
        Episode("SEA-220", "facebook", "over", at(7, 41), None, 1),
        Episode("SEA-220", "facebook", "over", at(18, 2, days=3), at(18, 13, days=3), 2),
        Episode("SEA-220", "amazon", "under", at(11, 40, days=6), at(11, 52, days=6), -4),
        Episode("SEA-220", "facebook", "over", at(9, 31, days=13), at(9, 58, days=13), 1),
    ]
    steps: list[tuple[str, Steps]] = [("master", master), ("facebook", facebook), ("amazon", amazon),
             *((name, master) for name in ("instagram", "instant-site", "embed"))]  # fmt: skip
    terms = [Terms("facebook", 900_000, 0)]
    return SkuHistory("SEA-220", at(7, 1), True, steps, sorted(events, key=lambda event: -event.at), episodes, terms)


def candle_mapping(name: str) -> Mapped | None:
    """Facebook lists 1,221 of the 1,284, sells one SKU that the master does not know, and has a SKU like another."""
    if name != "facebook":
        return None
    orphans, unsold, missing = (np.array(found, np.int32) for found in ([40], [41], range(50, 70)))
    group = Alike((sku_line(2).sku, sku_line(2).sku.casefold()), ("case",), (2, 40))
    return Mapped(Coverage(tracked=1_284, listed=1_221, own=1_223, known=1_221), orphans, unsold, missing, [group])


def feed_log() -> SurfaceLog:
    """Facebook's feed, read every quarter of an hour for a day; two of the last reads failed, one was slow."""
    polls = []
    for number in range(97):
        read_at = NOW - 7 * S - (96 - number) * 15 * M
        failed = number in (90, 93)
        polls.append(
            PollSummary(
                number + 1, "facebook", Outcome.FAILED if failed else Outcome.COMPLETE, "HTTP 503" if failed else "",
                read_at - (5_000 if failed else 1_310 if number == 95 else 212), read_at, 0 if failed else 1221,
                number % 5, 4 if failed else 1, 4 if failed else int(number == 95), 60_000, budget=0.12,
            )
        )  # fmt: skip
    return SurfaceLog("facebook", polls[::-1], False)


def collector_log() -> CollectorLog:
    """What a collector writes of a morning."""
    said = [
        (at(6, 0), "info", "Collecting 5 surfaces and the master into drift.db"),
        (at(8, 31), "warning", "facebook: HTTP 503, trying again in 1.2 s (2 of 4)"),
        (at(8, 31, 5), "error", "facebook: failed: HTTP 503 four times: " + "the server is busy, " * 12 + "so it said"),
        (at(8, 46), "info", "facebook: complete again"),
        (at(10, 1), "error", "amazon: failed: HTTP 503"),
    ]
    return CollectorLog(
        "/var/lib/drift.db.log", [LogLine(when, "collector", level, text) for when, level, text in said]
    )


@dataclass
class FakeModel:
    """What the monitor offers, over made-up lines."""

    shown: Picture = field(default_factory=troubled)
    rows: list[int] = field(default_factory=lambda: list(range(len(_ROWS))))
    names: dict[int, SkuLine] = field(default_factory=dict)
    version: int = 1
    asked: list[list[int]] = field(default_factory=list)  # the rows of each call of lines()
    ledger: Ledger = field(default_factory=Ledger)
    aftermath: Aftermath = field(default_factory=Aftermath)
    said: Sayings = field(default_factory=Sayings)

    @property
    def rules(self) -> Rules:
        surfaces = [
            SurfaceRules(line.name, kind=line.kind, lag=line.allowed, stale_after=line.stale_after)
            for line in self.shown.surfaces
        ]
        return Rules(SurfaceRules("master"), surfaces, store=self.shown.store, currency=self.shown.currency)

    def tick(self, now: int) -> bool:
        return False

    def picture(self, now: int) -> Picture:
        return replace(self.shown, at=now)

    def order(
        self, *, everything: bool = False, text: str = "", by: str = "danger", reverse: bool = False
    ) -> NDArray[np.int32]:
        rows = list(range(len(_ROWS) + len(_CALM))) if everything else list(self.rows)
        for term in parse(text, SURFACES).terms:
            if term.kind == "surface":
                places = [SURFACES.index(name) for name in term.wanted]
                rows = [row for row in rows if any(self.line(row).cells[place].severity for place in places)]
            elif term.kind == "severity":
                rows = [row for row in rows if self.line(row).severity.word == term.wanted[0]]
            else:
                held = term.value.casefold()
                rows = [row for row in rows if held in f"{self.line(row).sku} {self.line(row).name}".casefold()]
        if by in ("sku", "name"):
            rows.sort(key=lambda row: getattr(self.line(row), by))
        if reverse:
            rows.reverse()
        return np.array(rows, np.int32)

    def _drifts_on(self, row: int, names: Sequence[str]) -> bool:
        cells = zip(SURFACES, self.line(row).cells, strict=True)
        return any(cell.verdict is Verdict.DRIFTED for name, cell in cells if name in names)

    def prospect(self, scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> Prospect:
        return drawn_prospect(scope, tolerances, chosen)

    def tolerance_of(self, surface: str) -> Tolerance:
        return Tolerance()

    def allotment_of(self, surface: str) -> Allotment:
        return Allotment()

    def lag_at(self, surface: str, moment: int) -> int | None:
        """Facebook's feed was fetched each hour until 07:32; each read found it as old as that."""
        if surface != "facebook":
            return None
        return moment - at(7, 32) if moment >= at(7, 32) else (moment - at(7, 32)) % H

    def row_of(self, sku: str) -> int | None:
        return next((row for row in range(len(_ROWS) + len(_CALM)) if self.line(row).sku == sku), None)

    def line(self, row: int) -> SkuLine:
        return self.names.get(row) or sku_line(row)

    def lines(self, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
        self.asked.append([int(row) for row in rows])
        return [self.line(int(row)) for row in rows]

    def look(self, at: int) -> Look:
        rows = np.array(sorted(self.rows), np.int32)
        return Look(at, rows, np.array([self.line(int(row)).severity for row in rows], np.uint8))

    def changes(self, since: Look) -> Changes:
        now = self.look(since.at)
        before = dict(zip(since.rows.tolist(), since.standings.tolist(), strict=True))
        here = dict(zip(now.rows.tolist(), now.standings.tolist(), strict=True))
        new = [row for row in here if row not in before]
        worse = [row for row in here if row in before and here[row] > before[row]]
        cleared = sum(row not in here for row in before)
        return Changes(since.at, np.array(new, np.int32), np.array(worse, np.int32), cleared, 0)

    def sku(self, row: int, now: int) -> SkuPicture:
        line = self.line(row)
        levels = [
            LevelLine(
                name, surface.kind, cell, "ATP 3 − buffer 0", "0 units, from the store",
                line.phase if cell.verdict is Verdict.DRIFTED else Phase.NONE, line.since, surface.read_at, None,
            )
            for name, surface, cell in zip(SURFACES, self.shown.surfaces, line.cells, strict=True)
        ]  # fmt: skip
        return SkuPicture(
            line, levels, "9 on hand − 5 committed − 1 reserved − 0 damaged", NOW - 12 * S,
            "Facebook shows what the master said 3h10m before: the whole surface is behind.", 2.9, 24.0,
        )  # fmt: skip


def remarked() -> Picture:
    """The picture in trouble after people have spoken: Amazon paused, some SKUs snoozed and known, a note left."""
    picture = troubled()
    pause = Remark("Seller Central is down", at(14, 0), "ben@10.0.0.7", at(9, 50))
    note = Remark("Meta knows of the late feed; call Sam if it is not back by noon", None, "anna@desk", at(8, 2))
    surfaces = [
        replace(line, status=Status.PAUSED, next_at=None, remarks=(Told(RemarkKind.PAUSE, Scope("amazon"), pause),))
        if line.name == "amazon"
        else line
        for line in picture.surfaces
    ]
    gauge = replace(picture.gauge, snoozed=3, acknowledged=2)
    return replace(picture, surfaces=surfaces, gauge=gauge, notes=(Told(RemarkKind.NOTE, Scope(), note),))


def remarks_on(row: int, *kinds: RemarkKind) -> SkuLine:
    """A line of which somebody said something."""
    line = sku_line(row)
    told = [
        Told(kind, Scope("", line.sku), Remark("seen on the shelf", at(14, 0), "maya@10.0.0.7", at(10, 5)))
        for kind in kinds
    ]
    return replace(line, remarks=tuple(told))


START = int(datetime(2026, 11, 27, 6, 0, tzinfo=UTC).timestamp() * 1000)


def course() -> list[Sample]:
    """The counts of the drawing: eight SKUs for twelve minutes, then more and more from 07:32 on, at last oversold."""
    steps = [(0, 0), (30, 3), (33, 6), (36, 8), (39, 5), (42, 0), (92, 3)]
    steps += [(100 + 5 * n, min(37, 3 + n * 2 // 3)) for n in range(36)] + [(275, 33), (279, 37)]
    return [
        Sample(START + minute * M, True, drifting, 2 if minute >= 265 else 0, max(0, drifting - 2), 0, 0)
        for minute, drifting in steps
    ]


@dataclass
class FakePast:
    """A morning of recorded time, an entry each half minute; the model remembers where it was taken."""

    model: FakeModel = field(default_factory=FakeModel)
    passage: Passage = field(default_factory=Passage)
    counts: list[Sample] = field(default_factory=course)
    gone: list[Moment] = field(default_factory=list)
    due: list[tuple[int, int]] = field(
        default_factory=lambda: [(n + 1, START + n * 30 * S) for n in range((NOW - START) // (30 * S) + 1)]
    )
    broken: Exception | None = None
    looked_back: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None  # while it is not set, no jump arrives
    closed: bool = False

    async def refresh(self) -> bool:
        due, self.due = self.due, []
        self.passage.extend(due)
        return bool(due)

    async def go(self, moment: Moment) -> None:
        if self.broken:
            raise self.broken
        if self.held is not None:
            await self.held.wait()
        self.gone.append(moment)
        self.model.version += 1
        gauge = replace(self.model.shown.gauge, since=START + 92 * M)
        self.model.shown = replace(self.model.shown, gauge=gauge)

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        self.looked_back.append(sku)
        return sea_salt() if sku == "SEA-220" else SkuHistory(sku)

    async def mapping(self, name: str) -> Mapped | None:
        return candle_mapping(name)

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        self.looked_back.append(name)
        return feed_log() if name == "facebook" else SurfaceLog(name)

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        before = [one for one in self.counts if one.at < begin][-1:]
        return [*before, *(one for one in self.counts if begin <= one.at <= end)]

    async def close(self) -> None:
        self.closed = True


_LOST = ("FIG-220", "TEA-220")


def resync_plan(surface: str, skus: Sequence[str] = ()) -> Plan:
    """What the drawing plans for Facebook; of another surface, what drifts there; of ``skus`` those alone."""
    place = SURFACES.index(surface)
    found = [line for line in map(sku_line, range(len(_ROWS))) if line.cells[place].severity]
    rows = [
        PlanRow(line.sku, line.name, line.severity, int(line.cells[place].reported), int(line.master),
                "lost update" if line.sku in _LOST else "feed lag")
        for line in found if not skus or line.sku in skus
    ]  # fmt: skip
    skipped: list[Skipped] = []
    if not skus and surface == "facebook":
        rows = rows[:33]
        skipped = [Skipped("OAK-300", "sold 12 s ago, wait for its read"), Skipped("JAS-220", "in flight")]
    bulk = len(rows) > 25
    return Plan("resync", surface, rows, skipped, (), surface if bulk else "", "Above 25 rows." if bulk else "", 1221)


@dataclass
class FakeActing:
    """Plans as the drawing has them; remembers what was asked for."""

    operator: str = "maya@10.0.0.7"
    barred: str = "This console is read-only: start it with stockdrift watch --write."
    wanted: list[Wanted] = field(default_factory=list)
    asked: list[tuple[Plan, str, str, str, Sequence[str]]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    dismissed: list[tuple[str, str]] = field(default_factory=list)
    plan: Plan | None = None  # in place of what would be planned
    held: asyncio.Event | None = None  # while it is not set, no plan is made
    broken: Exception | None = None
    doubt: str = ""

    async def plans(self, wanted: Sequence[Wanted]) -> Planned:
        self.wanted += wanted
        if self.held is not None:
            await self.held.wait()
        if self.broken:
            raise self.broken
        made = [
            self.plan or replace(resync_plan(one.surface, one.skus), kind=one.kind, trust=one.trust) for one in wanted
        ]
        return Planned(made, NOW, (), self.doubt)

    async def ask(self, plan: Plan, reason: str, note: str, *, typed: str = "", overrides: Sequence[str] = ()) -> str:
        self.asked.append((plan, reason, note, typed, overrides))
        return f"key-{len(self.asked)}"

    async def stop(self, keys: Sequence[str]) -> None:
        self.stopped += keys

    async def dismiss(self, key: str, reason: str) -> None:
        self.dismissed.append((key, reason))

    def csv(self, found: Sequence[Action | Spoken]) -> bytes:
        from stockdrift.commands.actions import csv_text

        return csv_text(found).encode()


@dataclass
class FakeSource:
    """Delivers what a test puts into ``model`` and remembers what it was asked."""

    model: FakeModel = field(default_factory=FakeModel)
    trouble: str = ""
    broken: Exception | None = None
    hangs: bool = False
    rereads: list[str] = field(default_factory=list)
    rulings: dict[Scope, Tolerance] = field(default_factory=dict)
    ignores: dict[Scope, Ignore] = field(default_factory=dict)
    said: list[tuple[Scope, Ignore | None]] = field(default_factory=list)
    ruled: list[tuple[Scope, Tolerance | None]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # of what was ruled
    buffers: dict[Scope, int] = field(default_factory=dict)
    held: list[tuple[Scope, int | None, str]] = field(default_factory=list)
    standing: Remarks = field(default_factory=Remarks)
    remarks: list[tuple[RemarkKind, Scope, Remark | None]] = field(default_factory=list)
    recorded: FakePast = field(default_factory=FakePast)
    looked_back: list[str] = field(default_factory=list)
    log: CollectorLog = field(default_factory=collector_log)
    counts: list[Sample] = field(default_factory=list)
    acting: FakeActing = field(default_factory=FakeActing)
    silent: Exception | None = None  # what the journal answers when it is asked what was

    async def catch_up(self) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        if self.broken:
            raise self.broken
        return False

    async def ask_reread(self, surface: str) -> None:
        self.rereads.append(surface)

    async def rule(self, scope: Scope, tolerance: Tolerance | None, reason: str = "") -> None:
        self.ruled.append((scope, tolerance))
        self.reasons.append(reason)
        if tolerance is None:
            self.rulings.pop(scope, None)
        else:
            self.rulings[scope] = tolerance
        hidden = min(6 * self.rulings.get(Scope(), Tolerance()).units, 35)
        gauge = replace(self.model.shown.gauge, drifting=37 - hidden)
        self.model.shown = replace(self.model.shown, gauge=gauge)
        self.model.version += 1

    async def ignore(self, scope: Scope, ignore: Ignore | None) -> None:
        self.said.append((scope, ignore))
        if ignore is None:
            self.ignores.pop(scope, None)
        else:
            self.ignores[scope] = ignore

    async def hold_back(self, scope: Scope, units: int | None, reason: str = "") -> None:
        self.held.append((scope, units, reason))
        if units is None:
            self.buffers.pop(scope, None)
        else:
            self.buffers[scope] = units

    def held_back(self, scope: Scope) -> int | None:
        return self.buffers.get(scope)

    def buffer(self, scope: Scope) -> int:
        return self.buffers.get(scope, 0)

    async def remark(self, kind: RemarkKind, scope: Scope, remark: Remark | None) -> None:
        self.remarks.append((kind, scope, remark))
        self.standing.say(kind, scope, remark)

    def remarked(self, kind: RemarkKind, scope: Scope) -> Remark | None:
        return self.standing.of(kind, scope, NOW)

    def ignoring(self, scope: Scope) -> Ignore | None:
        return self.ignores.get(scope)

    def ignored(self, scope: Scope) -> Ignore | None:
        return self.ignores.get(scope)

    def ruling(self, scope: Scope) -> Tolerance | None:
        return self.rulings.get(scope)

    def tolerance(self, scope: Scope) -> Tolerance:
        return self.rulings.get(scope, Tolerance())

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        if self.silent:
            raise self.silent
        return [sample for sample in self.counts if sample.at <= end]

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        self.looked_back.append(sku)
        if self.silent:
            raise self.silent
        return sea_salt() if sku == "SEA-220" else SkuHistory(sku)

    async def collector_log(self) -> CollectorLog:
        if self.silent:
            raise self.silent
        return self.log

    async def mapping(self, name: str) -> Mapped | None:
        return candle_mapping(name)

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        self.looked_back.append(name)
        if self.silent:
            raise self.silent
        return feed_log() if name == "facebook" else SurfaceLog(name)

    def past(self) -> FakePast:
        return self.recorded
