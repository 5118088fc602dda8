"""A morning of recorded time behind the console's interface of the past: the counts of the drawing of History."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stockdrift.stock.coverage import Mapped
from stockdrift.stock.entries import Episode, SurfaceLog
from stockdrift.stock.gauge import Sample
from stockdrift.stock.passage import Moment, Passage
from stockdrift.stock.timeline import SkuHistory
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fixtures import (
    NOW,
    M,
    S,
    at,
    candle_mapping,
    feed_log,
    sea_salt,
)

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
    late: list[int] = field(default_factory=lambda: [at(8, 31), at(9, 31), at(10, 31)])  # times that were missed

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

    async def episodes(self, sku: str) -> Sequence[Episode]:
        return sea_salt().episodes if sku == "SEA-220" else ()

    async def missed(self) -> Sequence[int]:
        return self.late

    async def close(self) -> None:
        self.closed = True
