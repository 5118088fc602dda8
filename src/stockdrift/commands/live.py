"""The console's source: a journal that is followed, a monitor that judges it, requests that are written into it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from stockdrift.collector.follow import Follower
from stockdrift.commands.acting import LiveActing
from stockdrift.commands.log_tail import LogTail
from stockdrift.commands.past import Mappings, PollRecord, RowRecord, counted, told_of
from stockdrift.commands.replay import RecordedPast
from stockdrift.console.log_lines import CollectorLog
from stockdrift.stock.entries import BufferRuling, Entry, Ignoring, Remarked, RereadAsked, Ruling, Saying, SurfaceLog
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.quiet import gravity
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope, Tolerance, holding_buffer, holding_tolerance
from stockdrift.stock.timeline import SkuHistory
from stockdrift.stock.values import replace
from stockdrift.store.base import Journal, JournalError

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped

_ONLY_READ = "The journal cannot be written from here: it is only read."


class LiveSource:
    """A :class:`stockdrift.console.model.Source`.

    ``journal`` is the connection that ``follower`` reads; ``writer`` another one, so that what it writes is news to the
    first, and None where the journal cannot be written. ``trouble`` says why nothing is being collected; ``clock``
    gives ms since the epoch; ``connect`` opens one more connection to read by; ``barred`` says why nothing may be
    written to surfaces from here.
    """

    def __init__(
        self,
        follower: Follower,
        journal: Journal,
        writer: Journal | None,
        *,
        trouble: Callable[[], str],
        operator: str,
        clock: Callable[[], int],
        connect: Callable[[], Awaitable[Journal]],
        log: LogTail | None = None,
        barred: Callable[[], str] = lambda: "",
    ) -> None:
        self._follower = follower
        self._monitor = follower.monitor
        self._journal = journal
        self._writer = writer
        self._trouble = trouble
        self._operator = operator
        self._clock = clock
        self._connect = connect
        self._first_rules = follower.monitor.rules
        self._abreast = False
        self._record: RowRecord | None = None
        self._polls: PollRecord | None = None
        self._mappings = Mappings()
        self._log = log
        self.acting = LiveActing(
            self._monitor, self._append, self.catch_up, operator=operator, clock=clock, barred=self._barred(barred)
        )

    def _barred(self, barred: Callable[[], str]) -> Callable[[], str]:
        return barred if self._writer is not None else lambda: _ONLY_READ

    @property
    def model(self) -> Monitor:
        """The judged board."""
        return self._monitor

    @property
    def trouble(self) -> str:
        """Why nothing new may be coming, as a sentence; empty while all is well."""
        return self._trouble()

    async def catch_up(self) -> bool:
        """Applies what is new. Raises JournalError."""
        if self._abreast and not await self._journal.has_news():
            return False
        self._abreast = False  # until it is done: what fails half-way is read again
        count = await self._follower.catch_up()
        self._abreast = True
        return count > 0

    def past(self) -> RecordedPast:
        """The journal as History goes through it."""
        return RecordedPast(self._connect, self._first_rules, self._monitor)

    async def ask_reread(self, surface: str) -> None:
        """Writes the request into the journal, from where the collector takes it. Raises JournalError."""
        await self._write(RereadAsked(self._clock(), self._operator, surface))

    async def rule(self, scope: Scope, tolerance: Tolerance | None, reason: str = "") -> None:
        """Writes an operator's ruling into the journal. Raises JournalError."""
        await self._say(Ruling(self._clock(), self._operator, scope, tolerance, reason=reason))

    def ruling(self, scope: Scope) -> Tolerance | None:
        """What operators have ruled for exactly this scope."""
        return self._monitor.board.rulings.get(scope)

    def tolerance(self, scope: Scope) -> Tolerance:
        """What holds for ``scope``, whoever set it; for a SKU, what holds for it on surfaces that set none."""
        monitor = self._monitor
        return holding_tolerance(monitor.rules, monitor.board.rulings, scope.surface, scope.sku).value

    async def ignore(self, scope: Scope, ignore: Ignore | None) -> None:
        """Writes into the journal what an operator leaves out. Raises JournalError."""
        at = self._clock()
        if ignore is not None and not ignore.by:
            ignore = replace(ignore, by=self._operator, since=at)
        await self._say(Ignoring(at, self._operator, scope, ignore))

    def ignoring(self, scope: Scope) -> Ignore | None:
        """What operators have said of exactly this scope."""
        return self._monitor.board.ignores.rulings.get(scope)

    def ignored(self, scope: Scope) -> Ignore | None:
        """By what ``scope`` is ignored now, whoever said so."""
        return self._monitor.board.ignores.of(scope.surface, scope.sku, self._clock())

    async def hold_back(self, scope: Scope, units: int | None, reason: str = "") -> None:
        """Writes an operator's safety buffer into the journal. Raises JournalError."""
        await self._say(BufferRuling(self._clock(), self._operator, scope, units, reason=reason))

    def held_back(self, scope: Scope) -> int | None:
        """The safety buffer that operators have ruled for exactly this scope."""
        return self._monitor.said.buffers.get(scope)

    def buffer(self, scope: Scope) -> int:
        """The safety buffer that holds for ``scope``; for a SKU everywhere, what was ruled of it."""
        if not scope.surface:
            return self._monitor.said.buffers.get(scope, 0)
        return holding_buffer(self._monitor.rules, self._monitor.said.buffers, scope.surface, scope.sku).value

    async def remark(self, kind: RemarkKind, scope: Scope, remark: Remark | None) -> None:
        """Writes a remark into the journal. Who, when and how grave it is now are filled in. Raises JournalError."""
        at = self._clock()
        if remark is not None and not remark.by:
            remark = replace(remark, by=self._operator, since=at, worst=gravity(self._monitor, scope))
        await self._say(Remarked(at, self._operator, kind, scope, remark))

    def remarked(self, kind: RemarkKind, scope: Scope) -> Remark | None:
        """What stands of exactly this scope."""
        return self._monitor.said.remarks.of(kind, scope, self._clock())

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """The counts from ``begin`` to ``end`` (ms), and the last before. Raises JournalError."""
        return await counted(self._journal, self._monitor, begin, end)

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        """What the journal says of ``sku`` from ``since`` (ms) on, or as far back as is looked. Raises JournalError.

        The polls are unpacked in the journal's own thread, some hundreds at a time; of those seen before, none again.
        """
        row = self._monitor.row_of(sku)
        if row is None:
            return SkuHistory(sku)
        position = self._follower.position  # what is known now goes with the entries up to here, and with no other
        record = self._record
        if record is None or record.row != row:
            record = RowRecord(self._journal, row)
        told = await told_of(self._journal, record, self._monitor, position, sku, since)
        self._record = record  # now that it is whole
        return told

    async def collector_log(self) -> CollectorLog:
        """The last lines of the log of a collector that a console started. Raises OSError."""
        if self._log is None:
            return CollectorLog("", (), "The log of the collector is not known here.")
        return await asyncio.to_thread(self._log.read)

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        """The reads of a surface from ``since`` (ms) on, newest first, as far as judged. Raises JournalError."""
        position = self._follower.position
        record = self._polls
        if record is None or record.surface != name:
            record = PollRecord(self._journal, name)
        polls = [poll for poll in await record.polls(since) if poll.number <= position]
        self._polls = record  # now that it is whole
        return SurfaceLog(name, polls, record.whole)

    async def mapping(self, name: str) -> Mapped | None:
        """How the SKUs of a surface go with the master's; None where that is not known."""
        return await self._mappings.of(self._monitor, name)

    async def _say(self, entry: Saying) -> None:
        await self._write(self._monitor.said.completed(entry))

    async def _write(self, entry: Entry) -> None:
        await self._append([entry])

    async def _append(self, entries: Sequence[Entry]) -> None:
        if self._writer is None:
            raise JournalError(_ONLY_READ)
        await self._writer.append(entries)
