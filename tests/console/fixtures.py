"""The figures of the drawings, as the pictures, histories and logs that the console is given."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from stockdrift.console.log_lines import CollectorLog, LogLine
from stockdrift.stock.advice import Terms
from stockdrift.stock.coverage import Coverage, Mapped
from stockdrift.stock.entries import Episode, PollSummary, SurfaceLog
from stockdrift.stock.likeness import Alike
from stockdrift.stock.picture import (
    Cell,
    Companion,
    Finding,
    GaugeLine,
    Phase,
    Picture,
    Severity,
    SkuLine,
    Status,
    SurfaceLine,
    Verdict,
)
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import Remark, RemarkKind, Told
from stockdrift.stock.rules import Scope
from stockdrift.stock.timeline import SkuHistory, Steps, TimelineEvent
from stockdrift.stock.values import replace

NOW = int(datetime(2026, 11, 27, 10, 42, 7, tzinfo=UTC).timestamp() * 1000)
S, M, H, D = 1_000, 60_000, 3_600_000, 86_400_000
SURFACES = ("facebook", "amazon", "instagram", "instant-site", "embed")
FACEBOOK, AMAZON, INSTAGRAM = 0, 1, 2

_P, _L = Phase.PERSISTENT, Phase.LATE
# SKU, name, master, where it drifts, what is shown there, Amazon, phase, since, minutes to oversell, risk
ROWS: tuple[tuple[str, str, int, int, int, str, Phase, int, float | None, float | None], ...] = (
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
CALM = tuple((f"C{n:02}-220", f"Calm candle {n}") for n in range(63))


def sku_line(row: int) -> SkuLine:
    """Row ``row`` of the fixture's catalogue: the first 37 drift, the others agree."""
    if row >= len(ROWS):
        sku, name = CALM[row - len(ROWS)]
        agreed = [Cell(5, 5, 0, Severity.NONE, Verdict.IN_SYNC) for _ in SURFACES]
        return SkuLine(row, sku, name, 5, Severity.NONE, Phase.NONE, None, agreed, -1, None, None)
    sku, name, master, where, shown, amazon, phase, since, out_in, risk = ROWS[row]
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
        replace(line, status=Status.ON_TIME, drifting=0, in_sync=1284, unknown=0, pending=0, errors_hour=0, reason="",
                lag=2 * S, as_of=None, read_at=NOW - age, next_at=NOW + 26 * S)
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
                      "Facebook was read again, after 1 in vain"),
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
