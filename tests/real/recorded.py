"""What a collector at work has recorded, as soon as it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from stockdrift.stock.entries import Episode
from stockdrift.stock.reading import Outcome
from stockdrift.store.base import Journal, JournalError
from stockdrift.store.sqlite import open_journal
from tests.real.conftest import Note

EVERY: Final = 1_000  # ms between the collector's polls
JITTER: Final = 100  # ms: the collector spreads its polls by a tenth
SLACK: Final = 500  # ms for a busy machine to wake a process that is due


class Change:
    """Changes stock in a shop and waits for the journal to show what that opened or closed, timing it."""

    def __init__(self, journal: Journal, note: Note) -> None:
        self._journal = journal
        self._note = note

    async def opens(self, what: str, source: str, sku: str, act: Callable[[], object]) -> None:
        """``act`` begins an episode of ``sku``, which the first poll of ``source`` after it must show."""
        assert not await self._journal.episodes(sku, only_open=True)
        await self._timed(what, source, sku, act, lambda episode: None if episode.closed_at else episode.opened_at)

    async def closes(self, what: str, source: str, sku: str, act: Callable[[], object]) -> None:
        """``act`` ends the open episode of ``sku``."""
        assert await self._journal.episodes(sku, only_open=True)
        await self._timed(what, source, sku, act, lambda episode: episode.closed_at)

    async def _timed(
        self, what: str, source: str, sku: str, act: Callable[[], object], moment: Callable[[Episode], int | None]
    ) -> None:
        await asyncio.to_thread(act)
        changed_at = now()
        seen_at = 0

        async def seen() -> bool:
            nonlocal seen_at
            episodes = await self._journal.episodes(sku, limit=1)
            seen_at = (episodes and moment(episodes[0])) or 0
            return bool(seen_at)

        await until(seen)
        recorded_at = now()
        polls = await self._journal.polls(source)
        missed = [poll for poll in polls if poll.started_at > changed_at and poll.read_at < seen_at]
        assert not missed, f"{what}: polls after the change that did not show it: {missed}"
        (poll,) = [poll for poll in polls if poll.read_at == seen_at]
        took = poll.read_at - poll.started_at
        assert seen_at - changed_at <= EVERY + JITTER + took + SLACK, what
        self._note(
            f"collect: {what}: {sku} in a reading {max(seen_at - changed_at, 0)} ms after the change, "
            f"in the journal after {recorded_at - changed_at} ms (polled every {EVERY} ms; the read took {took} ms)"
        )


async def opened(path: Path) -> Journal:
    """The journal, once the collector has made it."""
    journal: Journal | None = None

    async def is_there() -> bool:
        nonlocal journal
        try:
            journal = await open_journal(path, writable=False)
        except JournalError:
            return False
        return True

    await until(is_there)
    assert journal is not None
    return journal


async def last_outcome(journal: Journal, source: str, outcome: Outcome) -> bool:
    polls = await journal.polls(source, 1)
    return bool(polls) and polls[0].outcome is outcome


async def until(holds: Callable[[], Awaitable[bool]], patience: float = 20.0) -> None:
    """Waits for what happens in another process, looking often."""
    async with asyncio.timeout(patience):
        while not await holds():  # noqa: ASYNC110 - the event is in another process
            await asyncio.sleep(0.01)


def now() -> int:
    """Unix time, ms: the clock that the collector stamps its readings with."""
    return time.time_ns() // 1_000_000
