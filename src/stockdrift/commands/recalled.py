"""What a console asks of the journal beside the present: what was recorded of a SKU, a surface, the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockdrift.collector.follow import Follower
from stockdrift.commands.log_tail import LogTail
from stockdrift.commands.past import Mappings, PollRecord, RowRecord, counted, told_of
from stockdrift.console.log_lines import CollectorLog
from stockdrift.stock.entries import SurfaceLog
from stockdrift.stock.gauge import Sample
from stockdrift.stock.timeline import SkuHistory
from stockdrift.store.base import Journal

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped


class Recalled:
    """Of ``journal`` as far as ``follower`` has come; ``log`` is the one of a collector that a console started."""

    def __init__(self, journal: Journal, follower: Follower, log: LogTail | None) -> None:
        self._journal = journal
        self._follower = follower
        self._monitor = follower.monitor
        self._log = log
        self._record: RowRecord | None = None
        self._polls: PollRecord | None = None
        self._mappings = Mappings()

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
