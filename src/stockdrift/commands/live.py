"""The console's source: a journal that is followed, a monitor that judges it, requests that are written into it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from stockdrift.collector.follow import Follower
from stockdrift.commands.acting import LiveActing
from stockdrift.stock.entries import BufferRuling, Entry, Ignoring, Remarked, RereadAsked, Ruling, Saying, SurfaceLog
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.quiet import gravity
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope, Tolerance, holding_buffer, holding_tolerance
from stockdrift.stock.values import replace
from stockdrift.store.base import Journal, JournalError

if TYPE_CHECKING:
    from stockdrift.commands.log_tail import LogTail
    from stockdrift.commands.recalled import Recalled
    from stockdrift.commands.replay import RecordedPast
    from stockdrift.console.log_lines import CollectorLog
    from stockdrift.stock.coverage import Mapped
    from stockdrift.stock.timeline import SkuHistory

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
        from stockdrift.commands.replay import RecordedPast

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

    @cached_property
    def _recalled(self) -> Recalled:
        """What was recorded, for whoever looks back: loaded when somebody does, for no start needs it."""
        from stockdrift.commands.recalled import Recalled

        return Recalled(self._journal, self._follower, self._log)

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """See :meth:`Recalled.samples`."""
        return await self._recalled.samples(begin, end)

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        """See :meth:`Recalled.sku_history`."""
        return await self._recalled.sku_history(sku, since)

    async def collector_log(self) -> CollectorLog:
        """See :meth:`Recalled.collector_log`."""
        return await self._recalled.collector_log()

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        """See :meth:`Recalled.surface_log`."""
        return await self._recalled.surface_log(name, since)

    async def mapping(self, name: str) -> Mapped | None:
        """See :meth:`Recalled.mapping`."""
        return await self._recalled.mapping(name)

    async def _say(self, entry: Saying) -> None:
        await self._write(self._monitor.said.completed(entry))

    async def _write(self, entry: Entry) -> None:
        await self._append([entry])

    async def _append(self, entries: Sequence[Entry]) -> None:
        if self._writer is None:
            raise JournalError(_ONLY_READ)
        await self._writer.append(entries)
