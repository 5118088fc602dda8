"""The journal in SQLite. One connection in a thread of its own; each call crosses to it once, whole."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

import aiosqlite

from stockdrift.stock.entries import Entry, Episode, EpisodeEvent, PollSummary
from stockdrift.stock.gauge import Sample
from stockdrift.stock.snapshot import Snapshot
from stockdrift.store import recall, schema
from stockdrift.store.base import JournalError
from stockdrift.store.checkpoint import decode_checkpoint, encode_checkpoint
from stockdrift.store.codec import Row, decode, decode_about, encode, summarise

_T = TypeVar("_T")

_PATIENCE: Final = 1_000  # ms to wait for another writer; its transactions take a few
_BATCH_BYTES: Final = 8 * 2**20  # packed bytes after which a read stops, so that a long one stays small in memory
_WAL_BYTES: Final = 64 * 2**20  # to which the write-ahead log shrinks again after a great poll

_EPISODES: Final = "SELECT sku, surface, severity, opened_at, closed_at, deviation FROM episode WHERE TRUE"
_POLLS: Final = (
    "SELECT number, at, subject, header FROM entry WHERE kind = 'poll' AND subject = ? ORDER BY number DESC LIMIT ?"
)
_ENTRIES: Final = "SELECT number, kind, at, subject, header, body FROM entry"
_AFTER: Final = f"{_ENTRIES} WHERE number > ? ORDER BY number LIMIT ?"
_BACK: Final = f"{_ENTRIES} WHERE number > ? AND number < ? ORDER BY number DESC LIMIT ?"
_LAST: Final = 2**63 - 1  # no entry is numbered so high

_SENTENCES: Final = {
    sqlite3.SQLITE_NOTADB: "{path} is not a stockdrift journal: it is not a database.",
    sqlite3.SQLITE_CORRUPT: "The journal {path} is damaged: {error}. Move it away, or put a copy in its place.",
    sqlite3.SQLITE_READONLY: "The journal {path} cannot be written: the file or its folder is read-only.",
    sqlite3.SQLITE_PERM: "The journal {path} cannot be opened: no permission.",
    sqlite3.SQLITE_BUSY: "The journal {path} is locked by another program.",
    sqlite3.SQLITE_LOCKED: "The journal {path} is locked by another program.",
    sqlite3.SQLITE_FULL: "The journal {path} cannot be written: the disk is full.",
    sqlite3.SQLITE_CANTOPEN: "The journal {path} cannot be opened: {error}.",
    sqlite3.SQLITE_IOERR: "The journal {path} cannot be read or written: {error}.",
}


async def open_journal(path: Path, *, writable: bool) -> SqliteJournal:
    """Opens the journal at ``path``; a writable one is made, with its folder, where there is none. Raises JournalError.

    A new file can be read by its owner alone.
    """
    try:
        opened = await asyncio.to_thread(_connect, path, writable)
    except sqlite3.Error as error:
        raise JournalError(_sentence(path, error)) from error
    # Opened before, so that this cannot fail: aiosqlite's thread would outlive its event loop.
    connection = aiosqlite.Connection(lambda: opened, iter_chunk_size=64)
    connection._thread.daemon = True  # a crash that skips close() ends the process, and what is recorded is recorded
    await connection
    journal = SqliteJournal(path, connection)
    await journal.has_news()
    return journal


class SqliteJournal:
    """A :class:`~stockdrift.store.base.Journal` in one SQLite file. Made by :func:`open_journal`."""

    def __init__(self, path: Path, connection: aiosqlite.Connection) -> None:
        self.path = path
        self._connection = connection
        self._open = True
        self._version = 0
        self._identity = _identity(path)

    async def append(self, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent] = ()) -> Sequence[int]:
        """See :meth:`Journal.append`."""
        self._still_there()
        return await self._run(lambda connection: _append(connection, entries, episodes))

    async def record_episodes(
        self, episodes: Sequence[EpisodeEvent], through: int, samples: Sequence[Sample] = ()
    ) -> None:
        """See :meth:`Journal.record_episodes`."""

        def work(connection: sqlite3.Connection) -> None:
            _judge(connection, episodes, through)
            recall.write_samples(connection, samples)

        await self._run(lambda connection: _in_transaction(connection, lambda: work(connection)))

    async def judged_through(self) -> int:
        """See :meth:`Journal.judged_through`."""
        return await self._run(lambda connection: int(connection.execute("SELECT number FROM judged").fetchone()[0]))

    async def read(self, after: int = 0, limit: int = 500) -> Sequence[Entry]:
        """See :meth:`Journal.read`. Stops early after a few megabytes: only an empty answer is the end."""
        return await self._run(lambda connection: _read(connection, after, limit))

    async def write_checkpoint(self, number: int, snapshot: Snapshot) -> None:
        """See :meth:`Journal.write_checkpoint`."""

        def work(connection: sqlite3.Connection) -> None:
            header, body = encode_checkpoint(snapshot)  # before the lock is taken
            _in_transaction(connection, lambda: recall.write_checkpoint(connection, number, header, body))

        await self._run(work)

    async def checkpoint(self, at_most: int | None = None) -> tuple[int, Snapshot] | None:
        """See :meth:`Journal.checkpoint`."""

        def work(connection: sqlite3.Connection) -> tuple[int, Snapshot] | None:
            row = recall.newest_checkpoint(connection, at_most)
            return None if row is None else (row[0], decode_checkpoint(*row))

        return await self._run(work)

    async def times(self, after: int = 0, limit: int = 20_000) -> Sequence[tuple[int, int]]:
        """See :meth:`Journal.times`."""
        return await self._run(lambda connection: recall.times(connection, after, limit))

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """See :meth:`Journal.samples`."""
        return await self._run(lambda connection: recall.samples(connection, begin, end))

    async def has_news(self) -> bool:
        """See :meth:`Journal.has_news`."""
        self._still_there()
        version = await self._run(_data_version)
        news, self._version = version != self._version, version
        return news

    async def episodes(self, sku: str | None = None, *, only_open: bool = False, limit: int = 200) -> Sequence[Episode]:
        """See :meth:`Journal.episodes`."""
        query = _EPISODES + (" AND sku = :sku" if sku is not None else "")
        query += (" AND closed_at IS NULL" if only_open else "") + " ORDER BY opened_at DESC, id DESC LIMIT :limit"
        values = {"sku": sku, "limit": limit}
        return await self._run(lambda connection: [Episode(*row) for row in connection.execute(query, values)])

    async def polls(self, surface: str, limit: int = 100) -> Sequence[PollSummary]:
        """See :meth:`Journal.polls`."""
        return await self._run(
            lambda connection: [summarise(*row) for row in connection.execute(_POLLS, (surface, limit))]
        )

    async def about(self, row: int, *, after: int = 0, before: int | None = None, limit: int = 500) -> Sequence[Entry]:
        """See :meth:`Journal.about`."""
        return await self._run(lambda connection: _about(connection, row, after, before, limit))

    async def close(self) -> None:
        """See :meth:`Journal.close`."""
        if self._open:
            self._open = False
            await self._connection.close()

    def _still_there(self) -> None:
        """A file that was removed can be written and read for as long as it is open, and then all of it is gone."""
        if _identity(self.path) != self._identity:
            raise JournalError(f"The journal {self.path} was removed or replaced while it was in use: start anew.")

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Runs ``work`` in the connection's thread, in one crossing: a transaction is never left half done."""
        if not self._open:
            raise JournalError(f"The journal {self.path} is closed.")
        try:
            # aiosqlite offers calls one by one only; this is what each of them does with its own function.
            found: _T = await self._connection._execute(work, self._connection._conn)  # type: ignore[no-untyped-call]
        except sqlite3.Error as error:
            raise JournalError(_sentence(self.path, error)) from error
        return found


def _connect(path: Path, writable: bool) -> sqlite3.Connection:
    if writable:
        _make_file(path)
    elif not path.is_file():
        raise JournalError(f"There is no journal at {path}.")
    address = f"file:{quote(str(path.absolute()))}?mode={'rw' if writable else 'ro'}"
    connection = sqlite3.connect(
        address, uri=True, timeout=_PATIENCE / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        if schema.is_empty(connection):
            if not writable:
                raise JournalError(f"The journal {path} is empty: nothing has been recorded yet.")
            schema.create(connection)
        schema.verify(connection, path)  # before anything is changed: the file may be somebody else's
        if writable:
            connection.execute("PRAGMA journal_mode = WAL")
            schema.extend(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be opened: {error.strerror}.") from None


def _data_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _in_transaction(connection: sqlite3.Connection, work: Callable[[], _T]) -> _T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = work()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    return found


def _append(
    connection: sqlite3.Connection, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent]
) -> Sequence[int]:
    rows = [encode(entry) for entry in entries]  # before the lock is taken, others may write meanwhile

    def work() -> Sequence[int]:
        first = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM entry").fetchone()[0]
        numbers = range(first, first + len(rows))
        connection.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
            ((number, *row) for number, row in zip(numbers, rows, strict=True)),
        )
        if episodes:
            _judge(connection, episodes, numbers[-1] if rows else 0)
        return numbers

    return _in_transaction(connection, work)


def _judge(connection: sqlite3.Connection, episodes: Iterable[EpisodeEvent], through: int) -> None:
    for event in episodes:
        if event.opened:
            connection.execute(
                "INSERT INTO episode (sku, surface, severity, opened_at, deviation) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (event.sku, event.surface, event.severity, event.at, event.deviation),
            )
        else:
            connection.execute(
                "UPDATE episode SET closed_at = ? WHERE sku = ? AND surface = ? AND closed_at IS NULL",
                (event.at, event.sku, event.surface),
            )
    connection.execute("UPDATE judged SET number = max(number, ?)", (through,))


def _read(connection: sqlite3.Connection, after: int, limit: int) -> Sequence[Entry]:
    return _decoded(connection.execute(_AFTER, (after, limit)), decode)


def _about(connection: sqlite3.Connection, wanted: int, after: int, before: int | None, limit: int) -> Sequence[Entry]:
    cursor = connection.execute(_BACK, (after, _LAST if before is None else before, limit))
    return _decoded(cursor, lambda number, row: decode_about(number, row, wanted))


def _decoded(cursor: sqlite3.Cursor, decoded: Callable[[int, Row], Entry]) -> Sequence[Entry]:
    entries: list[Entry] = []
    size = 0
    try:
        for number, *columns in cursor:
            row = Row(*columns)
            entries.append(decoded(number, row))
            size += len(row.body)
            if size > _BATCH_BYTES:
                break
    finally:
        cursor.close()  # an open one would hold on to the past: no news, no checkpoint
    return entries


def _sentence(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _SENTENCES.get(code, "The journal {path} cannot be used: {error}.").format(path=path, error=error)
