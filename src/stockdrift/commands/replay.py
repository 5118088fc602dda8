"""History's source: a monitor that can be taken to any recorded moment, by following the journal up to it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from stockdrift.collector.follow import Follower
from stockdrift.commands.past import MOST_POLLS, Mappings, RowRecord, counted, told_of
from stockdrift.stock.entries import Entry, Episode, EpisodeEvent, SurfaceLog
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.passage import Moment, Passage
from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import Snapshot, freeze, thaw
from stockdrift.stock.timeline import SkuHistory, as_it_stood
from stockdrift.store.base import EntryError, Journal, JournalError

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped

_IN_PLACE: Final = 16  # entries that are applied at once, without a pause for the screen
_TRAIL_EVERY: Final = 20  # entries between two moments on the way that are kept, so that a step back is short
_TRAIL_BYTES: Final = 64 * 2**20
_TRAIL_LEAST: Final = 8  # where not even so many fit, none is kept
_LEVEL_BYTES: Final = 10
_RECORD_BYTES: Final = 25


class RecordedPast:
    """A :class:`stockdrift.console.model.Past`: the journal that ``connect`` opens, judged as it was live.

    It follows the journal as every console does, from the nearest checkpoint, and lets the time be the one that is
    asked for. ``rules`` hold before the first that are recorded; ``live`` is what the console knows now: the counts
    that are not recorded yet are its.
    """

    def __init__(self, connect: Callable[[], Awaitable[Journal]], rules: Rules, live: Monitor) -> None:
        self.passage = Passage()
        self._connect = connect
        self._live = live
        self._rules = rules
        self._monitor = Monitor(rules)
        self._number = 0
        self._moment: Moment | None = None
        self._journal: Journal | None = None
        self._trail = _Trail()
        self._mappings = Mappings()

    @property
    def model(self) -> Monitor:
        """The board as it stood at the moment that was last gone to."""
        return self._monitor

    async def refresh(self) -> bool:
        """Looks what was recorded since; opens the journal at first. Raises JournalError."""
        if self._journal is None:
            self._journal = await self._connect()
        before = len(self.passage)
        while found := await self._journal.times(self.passage.newest):
            self.passage.extend(found)
        return len(self.passage) > before

    async def go(self, moment: Moment) -> None:
        """Has the model know what was known at ``moment``, and nothing else. Raises JournalError.

        It may be given up half-way: until it is done the model stands where it stood.
        """
        journal = self._opened()
        entries = await self._in_between(journal, moment.number)
        if entries is None:
            self._monitor.become(await self._replayed(journal, moment.number))
            self._monitor.ranks = self._live.ranks.of_first(self._monitor.board.size)  # rows are numbered as they came
        else:
            for entry in entries:
                self._monitor.apply(entry)
        self._number, self._moment = moment.number, moment
        self._monitor.tick(moment.at)

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """The counts from ``begin`` to ``end`` (ms), and the last before: as they were recorded, and after the last of
        these as the console judges now. Raises JournalError.
        """
        return await counted(self._opened(), self._live, begin, end)

    async def episodes(self, sku: str) -> Sequence[Episode]:
        """The episodes of ``sku``, newest first, whenever they were. Raises JournalError."""
        return await self._opened().episodes(sku)

    async def missed(self) -> Sequence[int]:
        """When (ms, ascending) surfaces were due to be made anew and were not, as their last reads tell. Raises
        JournalError.
        """
        from stockdrift.stock.rhythm import missed_by

        found: set[int] = set()
        for rules in self._live.rules.surfaces:
            if rules.active:
                found.update(one.at for one in missed_by(await self._opened().polls(rules.name, MOST_POLLS)))
        return sorted(found)

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        """What the journal said then of ``sku`` from ``since`` (ms) on, or as far back as is looked; an episode that
        ended later is open. Raises JournalError.
        """
        row, moment = self._monitor.row_of(sku), self._moment
        if row is None or moment is None:
            return SkuHistory(sku)
        journal = self._opened()
        record = RowRecord(journal, row, before=moment.number + 1)
        told = await told_of(journal, record, self._monitor, moment.number, sku, since)
        return as_it_stood(told, moment.at)

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        """The reads of a surface from ``since`` (ms) on that were recorded then, newest first. Raises JournalError."""
        moment = self._moment
        if moment is None:
            return SurfaceLog(name)
        found = await self._opened().polls(name, MOST_POLLS, before=moment.number + 1)
        kept = [poll for poll in found if poll.read_at >= since]
        return SurfaceLog(name, kept, whole=len(kept) == len(found) < MOST_POLLS)

    async def mapping(self, name: str) -> Mapped | None:
        """How the SKUs of a surface went with the master's then; None where that was not known."""
        return await self._mappings.of(self._monitor, name)

    async def close(self) -> None:
        """Gives back the connection, and forgets."""
        if self._journal is not None:
            await self._journal.close()
        self._journal = None
        self._trail = _Trail()

    def _opened(self) -> Journal:
        if self._journal is None:
            raise JournalError("The journal is not open.")
        return self._journal

    async def _in_between(self, journal: Journal, number: int) -> Sequence[Entry] | None:
        """All entries from here to entry ``number``; None where that is far, or where one of them is missing or cannot
        be understood: then a checkpoint may lead past it.
        """
        ahead = number - self._number
        if not 0 <= ahead <= _IN_PLACE:
            return None
        found: list[Entry] = []
        last = self._number
        while last < number:  # large ones come in several goes
            try:
                chunk = await journal.read(last, number - last)
            except EntryError:
                return None
            chunk = [entry for entry in chunk if entry.number <= number]
            if not chunk:
                return None
            found += chunk
            last = chunk[-1].number
        return found

    async def _replayed(self, journal: Journal, number: int) -> Monitor:
        follower = _Replayer(journal, Monitor(self._rules), self._trail)
        await follower.catch_up(number)
        if follower.position < number:  # another program has shortened the journal meanwhile
            raise JournalError(f"The journal ends at entry {follower.position}: entry {number} is not in it any more.")
        self._trail.keep(number, follower.monitor)
        return follower.monitor


class _Trail:
    """Moments that were passed lately, as many as memory is set aside for."""

    def __init__(self) -> None:
        self._passed: OrderedDict[int, tuple[Snapshot, int]] = OrderedDict()  # and its bytes, by entry
        self._held = 0

    def keep(self, number: int, monitor: Monitor) -> None:
        """Keeps what is known after entry ``number``, where there is room for several such."""
        size = monitor.board.size * len(monitor.board.columns) * _LEVEL_BYTES + monitor.history.count * _RECORD_BYTES
        if size * _TRAIL_LEAST > _TRAIL_BYTES or number in self._passed:
            return
        self._passed[number] = freeze(monitor), size
        self._held += size
        while self._held > _TRAIL_BYTES:
            _, (_, given_up) = self._passed.popitem(last=False)
            self._held -= given_up

    def nearest(self, number: int) -> tuple[int, Snapshot] | None:
        """The last one kept that is not past entry ``number``."""
        nearest = max((passed for passed in self._passed if passed <= number), default=None)
        return None if nearest is None else (nearest, self._passed[nearest][0])


class _Replayer(Follower):
    """A follower that may begin at a moment passed before, and leaves others behind on its way."""

    def __init__(self, journal: Journal, monitor: Monitor, trail: _Trail) -> None:
        super().__init__(journal, monitor, self._pass)
        self._trail = trail
        self._applied = 0

    async def begin(self, until: int | None = None, *, beyond: int = 0) -> bool:
        """From the checkpoint or the moment passed, whichever is nearer."""
        passed = self._trail.nearest(until) if until is not None else None
        begun = False
        if passed is None or until is None or until - passed[0] > 2 * _TRAIL_EVERY:
            begun = await super().begin(until, beyond=beyond)
        if passed is not None and passed[0] > max(self.position, beyond):
            self.monitor.become(await asyncio.to_thread(thaw, passed[1]))
            self.position, begun = passed[0], True
        return begun

    def _pass(self, entry: Entry, _events: Sequence[EpisodeEvent]) -> None:
        self._applied += 1
        if self._applied % _TRAIL_EVERY == 0:
            self._trail.keep(entry.number, self.monitor)
