"""Surfaces that say what a test tells them to, a journal that fails when told to, and a clock that no one waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from stockdrift.stock.entries import Entry, Episode, EpisodeEvent, PollSummary
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.report import report
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.stock.snapshot import Snapshot
from stockdrift.store.base import Journal, JournalError, Mark, Retention, Tidied
from tests.stock.scene import HOUR, T0, Level, reading

SOON = 20  # ms between reads, so that tests see many


class Clock:
    """Ten milliseconds later at each look."""

    def __init__(self, at: int = T0) -> None:
        self.at = at

    def __call__(self) -> int:
        self.at += 10
        return self.at


def rules(*names: str, every: int = SOON, **more: object) -> Rules:
    surfaces = tuple(SurfaceRules(name, every=every, stale_after=HOUR) for name in names or ("embed", "facebook"))
    return Rules(SurfaceRules(MASTER, every=every, stale_after=HOUR), surfaces, **more)  # type: ignore[arg-type]


@dataclass
class FakeConnector:
    """Answers each read with ``levels``, or as ``answer`` says instead. ``asked`` holds what was asked so far."""

    name: str
    clock: Clock
    levels: Mapping[str, Level] = field(default_factory=lambda: {"A": 3, "B": 5})
    delta: bool = False
    answer: Callable[[Covers], Awaitable[Reading]] | None = None
    asked: list[Covers] = field(default_factory=list)
    closed: int = 0

    async def read(self, covers: Covers) -> Reading:
        self.asked.append(covers)
        if self.answer:
            return await self.answer(covers)
        return reading(self.name, self.levels, self.clock(), covers=covers)

    async def close(self) -> None:
        self.closed += 1

    def failing(self, reason: str = "HTTP 503", outcome: Outcome = Outcome.FAILED) -> None:
        async def answer(covers: Covers) -> Reading:
            return reading(self.name, {}, self.clock(), outcome=outcome, reason=reason)

        self.answer = answer


class FlakyJournal:
    """A journal as it is, except that what ``broken`` names fails."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.broken: set[str] = set()
        self.tries = 0

    def _check(self, *names: str) -> None:
        if self.broken.intersection(names):
            self.tries += 1
            raise JournalError("The journal cannot be written: the disk is full.")

    async def append(self, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent] = ()) -> Sequence[int]:
        self._check("append")
        return await self._journal.append(entries, episodes)

    async def record_episodes(
        self, episodes: Sequence[EpisodeEvent], through: int, samples: Sequence[Sample] = ()
    ) -> None:
        self._check("record_episodes")
        await self._journal.record_episodes(episodes, through, samples)

    async def judged_through(self) -> int:
        return await self._journal.judged_through()

    async def read(self, after: int = 0, limit: int = 500) -> Sequence[Entry]:
        self._check("read")
        return await self._journal.read(after, limit)

    async def write_checkpoint(self, number: int, snapshot: Snapshot, *, based_on: int = 0) -> None:
        self._check("append")
        await self._journal.write_checkpoint(number, snapshot, based_on=based_on)

    async def checkpoint(self, at_most: int | None = None) -> tuple[int, Snapshot] | None:
        return await self._journal.checkpoint(at_most)

    async def times(self, after: int = 0, limit: int = 20_000) -> Sequence[tuple[int, int]]:
        return await self._journal.times(after, limit)

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        return await self._journal.samples(begin, end)

    async def checkpoints(self) -> Sequence[Mark]:
        return await self._journal.checkpoints()

    async def beginning(self) -> Mark | None:
        return await self._journal.beginning()

    async def tidy(self, kept: Retention, now: int) -> Tidied:
        self._check("append")
        return await self._journal.tidy(kept, now)

    async def has_news(self) -> bool:
        return await self._journal.has_news()

    async def episodes(self, sku: str | None = None, *, only_open: bool = False, limit: int = 200) -> Sequence[Episode]:
        return await self._journal.episodes(sku, only_open=only_open, limit=limit)

    async def polls(self, surface: str, limit: int = 100, *, before: int | None = None) -> Sequence[PollSummary]:
        return await self._journal.polls(surface, limit, before=before)

    async def about(self, row: int, *, after: int = 0, before: int | None = None, limit: int = 500) -> Sequence[Entry]:
        return await self._journal.about(row, after=after, before=before, limit=limit)

    async def close(self) -> None:
        await self._journal.close()


async def until(met: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Waits for a condition; fails where it is not met in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = met()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)


async def everything(journal: Journal) -> list[Entry]:
    entries: list[Entry] = []
    while found := await journal.read(entries[-1].number if entries else 0):
        entries += found
    return entries


def known(monitor: Monitor, at: int = 0) -> dict[str, object]:
    """All that a monitor would report at a moment; by default that of its last entry."""
    return report(monitor, at or monitor.board.now, everything=True)
