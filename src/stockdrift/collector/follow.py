"""Following the journal: every entry, in order, into a monitor."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from stockdrift.stock.entries import Entry, EpisodeEvent
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.snapshot import thaw
from stockdrift.store.base import Journal, JournalError

_log = logging.getLogger(__name__)

_BATCH: Final = 200
_SLICE: Final = 0.01  # s of judging, after which others on the event loop have their turn

Listener = Callable[[Entry, Sequence[EpisodeEvent]], None]


class Follower:
    """Keeps ``monitor`` abreast of ``journal``. ``heard`` is told each entry after it was applied, and what it opened
    or closed.
    """

    def __init__(self, journal: Journal, monitor: Monitor, heard: Listener | None = None) -> None:
        self.monitor = monitor
        self.position = 0
        """The number of the last entry applied."""
        self._journal = journal
        self._heard = heard
        self._turn = asyncio.Lock()

    async def catch_up(self, until: int | None = None) -> int:
        """Applies all entries that were recorded since, up to number ``until`` where that is given; returns how many.
        Raises JournalError, and can go on later.
        """
        count = 0
        async with self._turn:
            if not self.position:
                await self.begin(until)
            rest_at = time.perf_counter() + _SLICE
            while entries := await self._next(until):
                for entry in entries:
                    events = self.monitor.apply(entry)
                    self.position = entry.number
                    count += 1
                    if self._heard:
                        self._heard(entry, events)
                    if time.perf_counter() >= rest_at:
                        await asyncio.sleep(0)
                        rest_at = time.perf_counter() + _SLICE
        return count

    async def _next(self, until: int | None) -> Sequence[Entry]:
        if until is None:
            return await self._journal.read(self.position, _BATCH)
        if until <= self.position:
            return ()
        entries = await self._journal.read(self.position, min(_BATCH, until - self.position))
        return [entry for entry in entries if entry.number <= until]  # numbers may have gaps

    async def begin(self, until: int | None) -> None:
        """From the newest checkpoint, where there is one: what lies before it need not be heard again."""
        try:
            found = await self._journal.checkpoint(until)
        except JournalError as error:
            _log.warning("%s Replaying the whole journal instead.", error)
            return
        if found is not None:
            number, snapshot = found
            try:
                self.monitor.become(await asyncio.to_thread(thaw, snapshot))
            except (AttributeError, KeyError, TypeError, ValueError):  # of another shape than this program's
                _log.warning("The checkpoint at entry %d does not fit. Replaying the whole journal instead.", number)
                return
            self.position = number
