"""The loop: each source read when it is due, or at once when an operator asks."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Final

from stockdrift.collector.actions import ActionService
from stockdrift.collector.attempt import Brought, attempt, broken
from stockdrift.collector.keeper import Keeper
from stockdrift.collector.memory import trim
from stockdrift.collector.recorder import Recorder
from stockdrift.collector.schedule import Cadence, first_waits
from stockdrift.stock.entries import Entry, Poll, Remarked, RereadAsked
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Rules, Scope
from stockdrift.store.base import Journal, Retention
from stockdrift.surfaces.base import Connector, Occupies
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.writer import Writer

_NO_WRITERS: Final[Mapping[str, Writer]] = {}

_log = logging.getLogger(__name__)

_LISTEN: Final = 0.1  # s between looks for what consoles wrote
_AGAIN: Final = 1.0  # s between tries to record a reading
_MASTER_FIRST: Final = 5.0  # s that surfaces wait for the first reading of the master
_REST: Final = 1.0  # s between looks whether a paused source is to be read again
_FAREWELL: Final = 1.0  # s for the last note and for closing
_LARGE: Final = 100_000  # rows of a reading that took tens of MB


class Collector:
    """Reads ``connectors`` (the master under its name, and the active surfaces) into ``journal`` by ``rules``, and
    carries out what operators ask for by ``writers``: those of the surfaces that may be written.

    ``retention`` None keeps everything. ``failing`` is told since when (ms) and why nothing can be recorded, and an
    empty reason when it can again.
    """

    def __init__(
        self,
        rules: Rules,
        connectors: Mapping[str, Connector],
        journal: Journal,
        clock: Clock,
        rng: random.Random,
        retention: Retention | None = None,
        failing: Callable[[int, str], None] = lambda since, why: None,
        writers: Mapping[str, Writer] = _NO_WRITERS,
    ) -> None:
        self.recorder = Recorder(journal, rules, clock, self._hear, failing)
        self._keeper = Keeper(journal, self.recorder, retention, clock) if retention else None
        self._actions = ActionService(self.recorder, writers, self._reread, clock)
        self._clock = clock
        self._rng = rng
        self._tasks: asyncio.TaskGroup | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._master_read = asyncio.Event()
        self._sources = {
            name: _Source(name, connector, Cadence(rules.surface(name).every, rng), self.recorder, clock)
            for name, connector in connectors.items()
            if rules.surface(name).active
        }

    async def run(self) -> None:
        """Collects until it is cancelled; then says so in the journal. Raises JournalError where it cannot begin."""
        heard = await self.recorder.resume()
        _log.info("Collecting from %s; %d entries recorded so far.", ", ".join(self._sources), heard)
        surfaces = [name for name in self._sources if name != MASTER]
        waits = first_waits(surfaces, self._rng)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                if self._keeper:
                    tasks.create_task(self._keeper.run())
                tasks.create_task(self._actions.run())
                self._tasks = tasks
                self._start(self._sources[MASTER])
                for name in surfaces:
                    self._start(self._sources[name], waits[name] / 1000)
        finally:
            await self._end()

    async def adopt(
        self, rules: Rules, connectors: Mapping[str, Connector], writers: Mapping[str, Writer] = _NO_WRITERS
    ) -> None:
        """Goes on by ``rules`` while it runs. ``connectors`` are those of sources that are new, or read otherwise than
        before; an active source without one keeps its own. What is being read from others is dropped. ``writers`` are
        all that there are from now on: nothing is written by those before.
        """
        active = {one.name: one for one in (rules.master, *rules.surfaces) if one.active}
        gone = [name for name in self._sources if name not in active or name in connectors]
        for name in gone:
            await self._stop(name)
        await self.recorder.adopt(rules)
        await self._actions.adopt(writers)  # after the rules: what was confirmed of one place is not written to another
        for name, source in self._sources.items():
            if source.adopt(active[name].every, self._rng) and self._pause_of(name) is None:
                source.asked.set()
        if MASTER in connectors:
            self._master_read.clear()
        for name, connector in connectors.items():
            cadence = Cadence(active[name].every, self._rng)
            self._sources[name] = _Source(name, connector, cadence, self.recorder, self._clock)
            self._start(self._sources[name], None if name == MASTER else 0)

    def _start(self, source: _Source, wait: float | None = None) -> None:
        if self._tasks is not None:
            self._running[source.name] = self._tasks.create_task(self._collect(source, wait))

    async def _stop(self, name: str) -> None:
        """Ends the reading of a source: nothing that it still brings is recorded."""
        source, task = self._sources.pop(name), self._running.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        await source.close()

    async def _collect(self, source: _Source, wait: float | None = None) -> None:
        if wait is not None:
            # Judged against nothing, a surface's first levels could only be unknown.
            await _within(_MASTER_FIRST, self._master_read)
            await _within(wait, source.asked)  # the spread is a courtesy; who asks does not wait for it
        while True:
            try:
                await self._let_rest(source)
                await source.turn(self._master_read if source.name == MASTER else None)
            except Exception:  # the loop outlives every bug of ours
                _log.exception("%s: internal error", source.name)
                await asyncio.sleep(_AGAIN)

    async def _let_rest(self, source: _Source) -> None:
        """Waits while the source is paused: until its end, until an operator has it read on, or asks for a reading."""
        while not source.asked.is_set() and (pause := self._pause_of(source.name)) is not None:
            left = _REST if pause.until is None else (pause.until - self._clock()) / 1000
            await _within(min(left, _REST), source.asked)

    def _pause_of(self, name: str) -> Remark | None:
        if name == MASTER:
            return None
        return self.recorder.monitor.said.remarks.of(RemarkKind.PAUSE, Scope(name), self._clock())

    async def _listen(self) -> None:
        while True:
            try:
                await self.recorder.follow()
            except Exception:
                _log.exception("internal error while following the journal")
                await asyncio.sleep(_AGAIN)
            await asyncio.sleep(_LISTEN)

    def _hear(self, entry: Entry) -> None:
        self._actions.hear(entry)
        if isinstance(entry, RereadAsked):
            self._reread(entry.surface)
        elif isinstance(entry, Remarked) and entry.kind is RemarkKind.PAUSE and entry.remark is None:
            self._reread(entry.scope.surface)

    def _reread(self, surface: str) -> None:
        """Has ``surface`` read now, paused or not: somebody asks for it, or a write is to be read back. Empty: all
        that are not paused.
        """
        for source in self._sources.values():
            if surface == source.name or (not surface and self._pause_of(source.name) is None):
                source.asked.set()

    async def _end(self) -> None:
        try:
            async with asyncio.timeout(_FAREWELL):
                await self.recorder.say("stopped")
                await self._actions.close()
                for source in self._sources.values():
                    await source.close()
        except TimeoutError:
            _log.warning("Ended without a last note: the journal or a source did not answer in time.")
        _log.info("Stopped.")


class _Source:
    """One source: reads it, has it recorded, waits until it is due again."""

    def __init__(self, name: str, connector: Connector, cadence: Cadence, recorder: Recorder, clock: Clock) -> None:
        self.name = name
        self.asked = asyncio.Event()
        self._connector = connector
        self._cadence = cadence
        self._recorder = recorder
        self._clock = clock
        self._known = False  # the journal holds a whole reading of this connector's, to which changes can be added
        self._failures = 0
        self._large = False  # what was read last

    async def turn(self, read: asyncio.Event | None = None) -> None:
        """One reading, and the wait after it. ``read`` is set between the two."""
        try:
            due = await self._read(read)  # which forgets what it read: while waiting, a large store would be held twice
            if self._large:
                await asyncio.to_thread(trim)
        finally:
            if isinstance(self._connector, Occupies):
                self._connector.leave()
        await _within(due - asyncio.get_running_loop().time(), self.asked)

    async def _read(self, read: asyncio.Event | None) -> float:
        """Has one reading recorded; returns when the next is due, by the loop's clock."""
        loop = asyncio.get_running_loop()
        whole = self.asked.is_set() or not self._known or not self._connector.delta
        self.asked.clear()
        began = loop.time()
        covers = Covers.ALL if whole else Covers.CHANGED
        brought = Brought(await attempt(self.name, self._connector, covers, self._clock))
        took = round((loop.time() - began) * 1000)
        wait = self._cadence.wait(complete=brought.reading.outcome is Outcome.COMPLETE, took=took)
        due = loop.time() + wait / 1000
        self._large = len(brought.reading.skus) >= _LARGE
        if self._large:
            await asyncio.to_thread(trim)  # what reading it took, before admitting it takes as much
        poll = await self._record(brought, brought.reading.read_at + wait, due)
        if read:
            read.set()
        self._settle(brought.reading, poll)
        return due

    def adopt(self, every: int, rng: random.Random) -> bool:
        """Reads each ``every`` ms from now on; True where that is another pace than before."""
        changed = self._cadence.every != every
        if changed:
            self._cadence = Cadence(every, rng)
        return changed

    async def close(self) -> None:
        """Gives back what the connector holds."""
        await self._connector.close()

    async def _record(self, brought: Brought, next_at: int, due: float) -> Poll | None:
        """Has a reading recorded, again and again while the journal cannot be written and no newer one is due."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                poll = await self._recorder.record(brought.reading, next_at=next_at, recorded=brought.let_go)
            except Exception as error:
                reading = brought.reading
                if reading.outcome is Outcome.FAILED:
                    raise
                brought = Brought(broken(self.name, error, reading.started_at, reading.read_at))
                continue
            if poll is not None or self.asked.is_set() or loop.time() >= due:
                return poll
            await _within(min(_AGAIN, due - loop.time()), self.asked)

    def _settle(self, reading: Reading, poll: Poll | None) -> None:
        if poll is not None and poll.outcome is Outcome.COMPLETE:
            self._known = True
        elif poll is None or reading.outcome is Outcome.COMPLETE:
            # The connector takes it for read, the journal does not have it: changes since would lie in the air.
            self._known = False
        if poll is None:
            return
        if poll.outcome is Outcome.COMPLETE:
            if self._failures:
                _log.info("%s: complete again after %d incomplete reads.", self.name, self._failures)
            self._failures = 0
        else:
            if not self._failures:
                _log.warning("%s: %s: %s", self.name, poll.outcome, poll.reason)
            self._failures += 1


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Waits for ``event``, at most ``seconds``."""
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await event.wait()
    except TimeoutError:
        pass
