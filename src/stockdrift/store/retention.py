"""Dropping the past in small steps: entries up to a checkpoint, and what belongs to them.

First the journal's new beginning is recorded, then what lies before it goes, a few milliseconds of work at a time. So
whoever is killed in between leaves a journal that begins there, and the next step goes on where the last one ended.
Readers are never waited for; their log is shortened when none of them is looking.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from stockdrift.store.base import Mark, Retention, Tidied
from stockdrift.store.checkpoint import drop_checkpoint
from stockdrift.store.connect import in_transaction

_ENTRIES: Final = 200  # dropped in one step, fewer where they are large
_BYTES: Final = 2 * 2**20
_EPISODES: Final = 500
_PAGES: Final = 512  # given back to the disk in one step
_LOG: Final = 64 * 2**20  # bytes of write-ahead log, or a quarter of the whole where that is less

_DROP_SAMPLES: Final = (
    "DELETE FROM sample WHERE rowid IN (SELECT rowid FROM sample WHERE at <"
    " (SELECT max(at) FROM sample WHERE at <= ?) ORDER BY at LIMIT ?)"
)
_DROP_EPISODES: Final = (
    "DELETE FROM episode WHERE id IN"
    " (SELECT id FROM episode WHERE closed_at IS NOT NULL AND closed_at < ? ORDER BY closed_at LIMIT ?)"
)


def tidy(connection: sqlite3.Connection, path: Path, retention: Retention, now: int) -> Tidied:
    """One step. Raises sqlite3.Error."""
    room = _Room(connection, path, retention.max_size)
    begin = beginning(connection)
    if begin is not None and _drop_before(connection, begin):
        return Tidied.MORE
    marks = checkpoints(connection)
    limit = begin.number if begin else 0
    later = [mark for mark in marks if mark.number > limit]
    old = [mark for mark in later if mark.at <= now - retention.keep]
    if old:
        _begin_at(connection, old[-1])
        return Tidied.MORE
    if room.used > room.wanted and later:
        _begin_at(connection, later[0])
        return Tidied.MORE
    if room.shrink(connection):
        return Tidied.MORE
    room.hold(connection)
    if room.used <= room.wanted:
        return Tidied.DONE
    return Tidied.CHECKPOINT if _last(connection) > limit else Tidied.FULL


def beginning(connection: sqlite3.Connection) -> Mark | None:
    """The checkpoint before which everything was dropped."""
    number, at = connection.execute("SELECT number, at FROM beginning").fetchone()
    return Mark(number, at) if number else None


def checkpoints(connection: sqlite3.Connection) -> list[Mark]:
    """The checkpoints that can be begun from, oldest first."""
    query = "SELECT number, at FROM checkpoint WHERE number >= (SELECT number FROM beginning) ORDER BY number"
    return [Mark(*row) for row in connection.execute(query)]


def largest_file(max_size: int) -> int:
    """Bytes that the file may take of ``max_size``; the rest is for its log."""
    return max_size - min(_LOG, max_size // 4)


class _Room:
    """How large the journal is and may be, in bytes. It is ``wanted`` to be a quarter smaller than it may be: for what
    comes until the next step, and for the checkpoint that lets more be dropped.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, max_size: int) -> None:
        self._page = _number(connection, "page_size")
        self._file = _number(connection, "page_count") * self._page
        self._free = _number(connection, "freelist_count") * self._page
        self._log = path.with_name(path.name + "-wal")
        self._largest = largest_file(max_size)
        self._largest_log = max_size - self._largest
        self.used = self._file - self._free
        self.wanted = self._largest // 4 * 3

    def shrink(self, connection: sqlite3.Connection) -> bool:
        """Gives free pages back where the file is too large or half empty, and shortens a long log."""
        much = self._free > self._file // 2 and self._free > _PAGES * self._page
        if self._free and (self._file > self._largest or much):
            connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")  # a plain execute gives back one page
            return True
        if self._log_size() > self._largest_log // 2:
            patience = _number(connection, "busy_timeout")
            connection.execute("PRAGMA busy_timeout = 0")  # never wait for a reader, nor let a writer wait
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {patience}")
        return False

    def hold(self, connection: sqlite3.Connection) -> None:
        """Lets SQLite refuse what would not fit."""
        connection.execute(f"PRAGMA max_page_count = {self._largest // self._page}")
        connection.execute(f"PRAGMA journal_size_limit = {self._largest_log // 2}")

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _last(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM entry").fetchone()[0])


def _begin_at(connection: sqlite3.Connection, mark: Mark) -> None:
    connection.execute("UPDATE beginning SET number = ?, at = ?", (mark.number, mark.at))


def _drop_before(connection: sqlite3.Connection, begin: Mark) -> bool:
    """Drops some of what lies before ``begin``; False where there is nothing left."""
    last, size = 0, 0
    query = "SELECT number, length(body) FROM entry WHERE number <= ? ORDER BY number LIMIT ?"
    for number, length in connection.execute(query, (begin.number, _ENTRIES)).fetchall():
        if last and size + length > _BYTES:
            break
        last, size = number, size + length
    if last:
        connection.execute("DELETE FROM entry WHERE number <= ?", (last,))
        return True
    if connection.execute(_DROP_EPISODES, (begin.at, _EPISODES)).rowcount:
        return True
    if connection.execute(_DROP_SAMPLES, (begin.at, _EPISODES)).rowcount:
        return True
    oldest = connection.execute("SELECT min(number) FROM checkpoint WHERE number < ?", (begin.number,)).fetchone()[0]
    if oldest is not None:
        in_transaction(connection, lambda: drop_checkpoint(connection, oldest))
    return oldest is not None
