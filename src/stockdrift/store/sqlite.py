"""The journal in SQLite. One connection in a thread of its own; each call crosses to it once, whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import aiosqlite

from stockdrift.stock.entries import Entry, Episode, EpisodeEvent, PollSummary
from stockdrift.stock.gauge import Sample
from stockdrift.stock.snapshot import Snapshot
from stockdrift.store import checkpoint, entry_table, recall, retention, schema
from stockdrift.store.base import JournalError, Mark, Retention, Tidied
from stockdrift.store.codec import summarise
from stockdrift.store.connect import connect, descriptor_of, in_transaction, is_at_rest, is_cut, is_of, sentence

_T = TypeVar("_T")

_CARRIED_OVER: Final = 2.0  # s
_COARSE: Final = 100_000_000  # ns; what was written twice within it may bear one time
_ASK_ALL_THE_SAME: Final = 1.0  # s

_EPISODES: Final = "SELECT sku, surface, severity, opened_at, closed_at, deviation FROM episode WHERE TRUE"
_LAST: Final = 2**63 - 1  # above every entry's number
_POLLS: Final = (
    "SELECT number, at, subject, header FROM entry WHERE kind = 'poll' AND subject = ? AND number < ?"
    " ORDER BY number DESC LIMIT ?"
)


async def open_journal(path: Path, *, writable: bool) -> SqliteJournal:
    """Opens the journal at ``path``; a writable one is made, with its folder, where there is none. Raises JournalError.

    A new file can be read by its owner alone. Who is cancelled meanwhile leaves nothing open.
    """
    opening = asyncio.ensure_future(_opened(path, writable=writable))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with contextlib.suppress(JournalError):
            await (await opening).close()
        raise


async def _opened(path: Path, *, writable: bool) -> SqliteJournal:
    try:
        opened = await asyncio.to_thread(connect, path, writable=writable)
    except sqlite3.Error as error:
        raise JournalError(sentence(path, error)) from error
    # Opened before, so that this cannot fail: aiosqlite's thread would outlive its event loop.
    connection = aiosqlite.Connection(lambda: opened, iter_chunk_size=64)
    connection._thread.daemon = True  # a crash that skips close() ends the process, and what is recorded is recorded
    await connection
    journal = SqliteJournal(path, connection)
    await journal.has_news()  # what is there is none
    return journal


class SqliteJournal:
    """A :class:`~stockdrift.store.base.Journal` in one SQLite file. Made by :func:`open_journal`."""

    def __init__(self, path: Path, connection: aiosqlite.Connection) -> None:
        self.path = path
        self._connection = connection
        self._open = True
        self._version = 0
        self._schema = 0
        self._limit = 0  # bytes, where the file is held to a size
        self._identity = _identity(path)
        self._descriptor: int | None = None  # SQLite's own, to look and never to close
        self._at_rest = is_at_rest(path)
        self._short_since: float | None = None
        self._written_to = (str(path), f"{path}-wal")
        self._files: Sequence[tuple[int, int]] = ()
        self._ask_at = 0.0

    async def append(self, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent] = ()) -> Sequence[int]:
        """See :meth:`Journal.append`."""
        self._still_there()
        return await self._run(lambda connection: entry_table.append(connection, entries, episodes))

    async def record_episodes(
        self, episodes: Sequence[EpisodeEvent], through: int, samples: Sequence[Sample] = ()
    ) -> None:
        """See :meth:`Journal.record_episodes`."""

        def work(connection: sqlite3.Connection) -> None:
            entry_table.judge(connection, episodes, through)
            recall.write_samples(connection, samples)

        await self._run(lambda connection: in_transaction(connection, lambda: work(connection)))

    async def judged_through(self) -> int:
        """See :meth:`Journal.judged_through`."""
        return await self._run(lambda connection: int(connection.execute("SELECT number FROM judged").fetchone()[0]))

    async def read(self, after: int = 0, limit: int = 500) -> Sequence[Entry]:
        """See :meth:`Journal.read`. Stops early after a few megabytes: only an empty answer is the end."""
        return await self._run(lambda connection: entry_table.read(connection, after, limit))

    async def write_checkpoint(self, number: int, snapshot: Snapshot, *, based_on: int = 0) -> None:
        """See :meth:`Journal.write_checkpoint`."""
        at = int(snapshot.values["now"])

        def write(connection: sqlite3.Connection, body: bytes) -> None:
            checkpoint.write_checkpoint(connection, number, at, snapshot, body, based_on)
            recall.thin_out(connection)

        def work(connection: sqlite3.Connection) -> None:
            body = checkpoint.encode_checkpoint(snapshot)  # before the lock is taken
            in_transaction(connection, partial(write, connection, body))

        await self._run(work)

    async def checkpoints(self) -> Sequence[Mark]:
        """See :meth:`Journal.checkpoints`."""
        return await self._run(retention.checkpoints) if self._schema > 1 else ()

    async def checkpoint(self, at_most: int | None = None) -> tuple[int, Snapshot] | None:
        """See :meth:`Journal.checkpoint`. In a journal of schema 1 there are none that this program reads."""
        if self._schema == 1:
            return None
        return await self._run(lambda connection: checkpoint.read_checkpoint(connection, at_most))

    async def times(self, after: int = 0, limit: int = 20_000) -> Sequence[tuple[int, int]]:
        """See :meth:`Journal.times`."""
        return await self._run(lambda connection: recall.times(connection, after, limit))

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """See :meth:`Journal.samples`."""
        return await self._run(lambda connection: recall.samples(connection, begin, end))

    async def beginning(self) -> Mark | None:
        """See :meth:`Journal.beginning`."""
        return await self._run(retention.beginning) if self._schema > 1 else None

    async def tidy(self, kept: Retention, now: int) -> Tidied:
        """See :meth:`Journal.tidy`."""
        self._limit = retention.largest_file(kept.max_size)
        return await self._run(lambda connection: retention.tidy(connection, self.path, kept, now))

    async def has_news(self) -> bool:
        """See :meth:`Journal.has_news`."""
        if self._quiet():
            return False
        self._still_there()
        version = await self._run(_data_version)
        if version == self._version:
            return False
        # Another program may have brought it forward. News that cannot be looked at now are news again.
        self._schema = await self._run(lambda connection: schema.verify(connection, self.path))
        self._version = version
        return True

    async def episodes(self, sku: str | None = None, *, only_open: bool = False, limit: int = 200) -> Sequence[Episode]:
        """See :meth:`Journal.episodes`."""
        query = _EPISODES + (" AND sku = :sku" if sku is not None else "")
        query += (" AND closed_at IS NULL" if only_open else "") + " ORDER BY opened_at DESC, id DESC LIMIT :limit"
        values = {"sku": sku, "limit": limit}
        return await self._run(lambda connection: [Episode(*row) for row in connection.execute(query, values)])

    async def polls(self, surface: str, limit: int = 100, *, before: int | None = None) -> Sequence[PollSummary]:
        """See :meth:`Journal.polls`."""
        wanted = (surface, _LAST if before is None else before, limit)
        return await self._run(lambda connection: [summarise(*row) for row in connection.execute(_POLLS, wanted)])

    async def about(self, row: int, *, after: int = 0, before: int | None = None, limit: int = 500) -> Sequence[Entry]:
        """See :meth:`Journal.about`."""
        return await self._run(lambda connection: entry_table.about(connection, row, after, before, limit))

    async def close(self) -> None:
        """See :meth:`Journal.close`."""
        if self._open:
            self._open = False
            await self._connection.close()

    def _quiet(self) -> bool:
        """Whether the files stand as they stood before the connection was last asked: who commits writes to one of
        them. To look at them costs a tenth of asking. Times of files are coarse, so one that is young says nothing.
        """
        now, files = time.monotonic(), _written(self._written_to)
        settled = all(abs(time.time_ns() - at) > _COARSE for at, _size in files)
        if files == self._files and settled and now < self._ask_at:
            return True
        self._files, self._ask_at = files, now + _ASK_ALL_THE_SAME
        return False

    def _still_there(self) -> None:
        """A file that was removed can be written and read for as long as it is open, and then all of it is gone."""
        if _identity(self.path) != self._identity:
            raise JournalError(f"The journal {self.path} was removed or replaced while it was in use: start anew.")
        if self._descriptor is None or not is_of(self._descriptor, self._identity):
            self._descriptor = descriptor_of(self._identity)
        if self._descriptor is not None and is_cut(self._descriptor):
            # For a moment it may be so while another program carries its log over to it.
            self._short_since = self._short_since or time.monotonic()
            if time.monotonic() - self._short_since > _CARRIED_OVER:
                raise JournalError(
                    f"The journal {self.path} is damaged: it was cut. Move it away, or put a copy in its place."
                )
        else:
            self._short_since = None
        if self._at_rest and not is_at_rest(self.path):
            raise JournalError(f"The journal {self.path} could only be read, and is being written now: start anew.")

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Runs ``work`` in the connection's thread, in one crossing: a transaction is never left half done."""
        if not self._open:
            raise JournalError(f"The journal {self.path} is closed.")
        try:
            # aiosqlite offers calls one by one only; this is what each of them does with its own function.
            found: _T = await self._connection._execute(work, self._connection._conn)  # type: ignore[no-untyped-call]
        except sqlite3.Error as error:
            raise JournalError(sentence(self.path, error, self._limit)) from error
        return found


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _written(files: Sequence[str]) -> Sequence[tuple[int, int]]:
    """When each of ``files`` that is there was written last (ns), and its size."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            status = os.stat(file)  # noqa: PTH116 - ten times a second, and four times as fast
            found.append((status.st_mtime_ns, status.st_size))
    return found


def _data_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
