"""What the journal says of one SKU or one surface, kept while its screen is open: each look reads only what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stockdrift.stock import gauge
from stockdrift.stock.entries import Entry, PollSummary
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.timeline import SkuHistory, level_of, timeline
from stockdrift.stock.values import replace
from stockdrift.store.base import Journal

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped
    from stockdrift.stock.likeness import Alike

MOST_ENTRIES: Final = 5_000
"""So many entries are looked at, the newest; of a store with five surfaces they are some hours."""

MOST_POLLS: Final = 3_000
"""So many reads of a surface are looked at: at one every 30 seconds they are a day."""

_NEWS: Final = 50  # reads, among which those known already are looked for
_CHUNK: Final = 500  # entries at a time: in between others have their turn at the journal


async def told_of(
    journal: Journal, record: RowRecord, monitor: Monitor, position: int, sku: str, since: int
) -> SkuHistory:
    """What ``journal`` says of ``sku`` since then (ms) up to entry ``position``, by which ``monitor`` stands.

    ``record`` holds the SKU's entries. Raises JournalError.
    """
    row, board = record.row, monitor.board
    rules = monitor.rules
    present = {
        column.rules.name: level_of(int(column.states[row]), int(column.quantities[row])) for column in board.columns
    }
    master = [(at, level_of(state, atp)) for at, state, atp in monitor.history.of_row(row)]
    entries = [entry for entry in await record.entries(since) if entry.number <= position]
    episodes = await journal.episodes(sku)
    history = timeline(entries, row, sku, rules, present, master, episodes, whole=record.whole)
    return replace(history, terms=monitor.terms_of(sku))


class RowRecord:
    """Entries of the journal about one row of the catalogue, ascending, without a gap up to the newest."""

    def __init__(self, journal: Journal, row: int, before: int | None = None) -> None:
        """Entries numbered ``before`` and later are not looked at."""
        self.row = row
        self._before = before
        self._journal = journal
        self._entries: list[Entry] = []
        self._first: int | None = None  # the number of the journal's first entry, once it was seen

    @property
    def whole(self) -> bool:
        """Whether the journal holds nothing before the entries that were given last."""
        return bool(self._entries) and self._entries[0].number == self._first

    async def entries(self, since: int) -> Sequence[Entry]:
        """Those from ``since`` (ms) on, at most :data:`MOST_ENTRIES`. Raises JournalError."""
        known = self._entries[-1].number if self._entries else 0
        fresh: list[Entry] = []  # newest first
        before = self._before
        joined = False
        while len(fresh) < MOST_ENTRIES:
            limit = min(_CHUNK, MOST_ENTRIES - len(fresh))
            chunk = await self._journal.about(self.row, after=known, before=before, limit=limit)
            if not chunk:
                joined = True
                if not known and fresh:
                    self._first = fresh[-1].number
                break
            fresh += chunk
            before = chunk[-1].number
            if chunk[-1].at < since:
                break
        whole = [*(self._entries if joined else ()), *fresh[::-1]]
        first = next((place for place, entry in enumerate(whole) if entry.at >= since), len(whole))
        self._entries = whole[max(first, len(whole) - MOST_ENTRIES) :]
        return self._entries


class PollRecord:
    """The reads of one surface."""

    def __init__(self, journal: Journal, surface: str) -> None:
        self.surface = surface
        self.whole = False
        self._journal = journal
        self._polls: list[PollSummary] = []  # newest first

    async def polls(self, since: int) -> Sequence[PollSummary]:
        """Those from ``since`` (ms) on, newest first, at most :data:`MOST_POLLS`. Raises JournalError."""
        known = self._polls[0].number if self._polls else 0
        found = list(await self._journal.polls(self.surface, _NEWS))
        if known and any(poll.number <= known for poll in found):
            found = [poll for poll in found if poll.number > known] + self._polls
        elif len(found) == _NEWS:
            found = list(await self._journal.polls(self.surface, MOST_POLLS))
            self.whole = len(found) < MOST_POLLS
        else:
            self.whole = True
        kept = [poll for poll in found[:MOST_POLLS] if poll.read_at >= since]
        self.whole = self.whole and len(kept) == len(found)
        self._polls = kept
        return self._polls


class Mappings:
    """How the SKUs of surfaces go with the master's. What looks alike is looked for again only among more SKUs."""

    def __init__(self) -> None:
        self._groups: Sequence[Alike] = ()
        self._of = 0  # SKUs

    async def of(self, monitor: Monitor, surface: str) -> Mapped | None:
        """Of ``surface`` as ``monitor`` knows it; None before it and the master were read completely."""
        from stockdrift.stock.coverage import mapped
        from stockdrift.stock.likeness import alike

        board = monitor.board
        if board.size != self._of:  # in a thread: of a million SKUs it takes a second
            size = board.size
            self._groups, self._of = await asyncio.to_thread(alike, board.catalogue.skus), size
        index = board.column_of(surface)
        return mapped(board, index, self._groups) if index else None


async def counted(journal: Journal, live: Monitor, begin: int, end: int) -> Sequence[Sample]:
    """The counts from ``begin`` to ``end`` (ms), and the last before: as they were recorded, and after the last of
    these as ``live`` judges now. Raises JournalError.
    """
    found = list(await journal.samples(begin, end))
    steps = live.trend.steps()
    if steps and begin <= steps[-1][0] <= end and (not found or steps[-1][0] > found[-1].at):
        found.append(gauge.sample(live.board, steps[-1][0]))
    return found
