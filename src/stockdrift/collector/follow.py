"""Following the journal: every entry, in order, into a monitor."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from stockdrift.collector.ahead import Ahead
from stockdrift.stock.entries import Entry, EpisodeEvent
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.snapshot import thaw
from stockdrift.store.base import DroppedError, EntryError, Journal, JournalError

_log = logging.getLogger(__name__)

_BATCH: Final = 200
_SLICE: Final = 0.005  # s of judging, after which others on the event loop have their turn

Listener = Callable[[Entry, Sequence[EpisodeEvent]], None]


class Follower:
    """Keeps ``monitor`` abreast of ``journal``. ``heard`` is told each entry after it was applied, and what it opened
    or closed; not those that lie before a checkpoint from which it begins.

    An entry that cannot be understood is the end of the way: rows are numbered by what came before, so that nothing
    after it can be. What is known stays as it was before that entry and grows old, unless a later checkpoint leads on.
    """

    def __init__(
        self, journal: Journal, monitor: Monitor, heard: Listener | None = None, ahead: Ahead | None = None
    ) -> None:
        self.monitor = monitor
        self.position = 0
        """The number of the last entry applied."""
        self.base = 0
        """The number of the checkpoint that holds the parts of the catalogue that were not touched since."""
        self.worked = 0.0
        """Seconds that went into applying entries."""
        self._journal = journal
        self._heard = heard
        self._ahead = ahead
        self._turn = asyncio.Lock()
        self._stuck: EntryError | None = None

    @property
    def stuck(self) -> bool:
        """Whether an entry was met that cannot be understood, and no checkpoint has led past it."""
        return self._stuck is not None

    async def catch_up(self, until: int | None = None) -> int:
        """Applies all entries that were recorded since, up to number ``until`` where that is given; returns how many.
        Raises JournalError, and can go on later.
        """
        count = 0
        async with self._turn:
            if self._stuck is not None and not await self.begin(beyond=self._stuck.number - 1):
                raise self._stuck
            self._stuck = None
            if not self.position:
                await self.begin(until)
            rest_at = time.perf_counter() + _SLICE
            while entries := await self._next(until):
                for entry in entries:
                    events = await self._apply(entry)
                    count += 1
                    if self._heard:
                        self._heard(entry, events)
                    if time.perf_counter() >= rest_at:
                        await asyncio.sleep(0)
                        rest_at = time.perf_counter() + _SLICE
        return count

    async def begin(self, until: int | None = None, *, beyond: int = 0) -> bool:
        """From the newest checkpoint that can be used, up to ``until`` and later than ``beyond``: what lies before it
        need not be heard. False where there is none.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ready = ahead.take() if ahead.ready else await asyncio.to_thread(ahead.take)
            if ready is not None and ready[0] > beyond and (until is None or ready[0] <= until):
                self.monitor.become(ready[1])
                self.position = self.base = ready[0]
                return True
        for mark in reversed(await self._journal.checkpoints()):
            if until is not None and mark.number > until:
                continue
            if mark.number <= beyond:
                break
            try:
                found = await self._journal.checkpoint(mark.number)
                if found is None:  # dropped meanwhile
                    continue
                number, snapshot = found
                self.monitor.become(await asyncio.to_thread(thaw, snapshot, take=True))
            except JournalError as error:
                _log.warning("%s Looking for one before it.", error)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # of another shape
                _log.warning("The checkpoint at entry %d does not fit. Looking for one before it.", mark.number)
            else:
                self.position = self.base = number
                return True
        return False

    async def _next(self, until: int | None) -> Sequence[Entry]:
        """The next entries. Those that retention has dropped, or that are damaged, are passed by at a checkpoint."""
        while until is None or until > self.position:
            limit = _BATCH if until is None else min(_BATCH, until - self.position)
            try:
                entries = await self._journal.read(self.position, limit)
            except DroppedError as error:
                if await self.begin(until, beyond=self.position):
                    continue
                if until is not None:
                    raise
                raise JournalError(f"{error} No checkpoint of it can be read: put a copy in its place.") from error
            except EntryError as error:
                if not await self.begin(until, beyond=error.number - 1):
                    self._stuck = error if until is None else None
                    raise
                _log.warning("%s Going on from the checkpoint after it.", error)
            else:
                return [entry for entry in entries if until is None or entry.number <= until]  # numbers may have gaps
        return ()

    async def _apply(self, entry: Entry) -> Sequence[EpisodeEvent]:
        begun = time.perf_counter()
        try:
            events = self.monitor.apply(entry)
        except Exception as error:
            _log.exception("Entry %d of the journal cannot be applied.", entry.number)
            self._stuck = EntryError(
                entry.number,
                f"Entry {entry.number} of the journal cannot be applied ({type(error).__name__}: {error}): nothing "
                "after it can be known.",
            )
            await self._go_back(entry.number - 1)
            raise self._stuck from error
        self.position = entry.number
        self.worked += time.perf_counter() - begun
        return events

    async def _go_back(self, number: int) -> None:
        """To what is known after entry ``number``: the next may have been applied by half."""
        self.position = 0
        self.monitor.become(Monitor(self.monitor.rules))
        await self.begin(number)
        while entries := await self._next(number):
            for entry in entries:
                self.monitor.apply(entry)
                self.position = entry.number
