"""A connection to a journal's file, and what may be wrong with one, in sentences."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from stockdrift.store import schema
from stockdrift.store.base import JournalError

_T = TypeVar("_T")

_PATIENCE: Final = 1_000  # ms to wait for another writer; its transactions take a few
_WAL_BYTES: Final = 64 * 2**20  # to which the write-ahead log shrinks again after a great poll

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


def connect(path: Path, *, writable: bool, outdated: bool = False) -> sqlite3.Connection:
    """Opens the file at ``path``; a writable one is made, with its folder, where there is none.

    A writable one of an earlier schema is refused unless ``outdated``. Raises JournalError or sqlite3.Error.
    """
    if writable:
        _make_file(path)
    elif not path.is_file():
        raise JournalError(f"There is no journal at {path}.")
    options = "mode=rw" if writable else "mode=ro&immutable=1" if is_at_rest(path) else "mode=ro"
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{options}",
        uri=True,
        timeout=_PATIENCE / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if schema.is_empty(connection):
            if not writable:
                raise JournalError(f"The journal {path} is empty: nothing has been recorded yet.")
            schema.create(connection)
        found = schema.verify(connection, path)  # before anything is changed: the file may be somebody else's
        if writable:
            if found < schema.SCHEMA and not outdated:
                raise JournalError(
                    f"The journal {path} was written by an earlier stockdrift (schema {found}, now {schema.SCHEMA}): "
                    "stockdrift watch or collect brings it forward."
                )
            _use_log(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself where several programs ask for the same at once."""
    until = time.monotonic() + _PATIENCE / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def is_at_rest(path: Path) -> bool:
    """Whether nobody writes the file and we could not: in a folder that is read-only SQLite cannot share it, and reads
    it only as one that stays as it is.
    """
    return not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()


def descriptor_of(identity: tuple[int, int] | None) -> int | None:
    """The descriptor by which SQLite has the file of this device and inode open; None where that cannot be found.

    To look into a database one must not open it: closing it again would take all locks that this process holds on the
    file from SQLite ("How To Corrupt An SQLite Database File", 2.2), and the next to come would take it for unused.
    """
    try:
        for entry in Path("/dev/fd").iterdir():
            if is_of(int(entry.name), identity):
                return int(entry.name)
    except OSError:
        pass
    return None


def is_of(descriptor: int, identity: tuple[int, int] | None) -> bool:
    """Whether a descriptor is open, and for that file: numbers are used again."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity


def is_cut(descriptor: int) -> bool:
    """Whether an open file is shorter than its header says: page size at byte 16, pages at byte 28, both big-endian
    (SQLite file format, 1.3). What SQLite has in memory would hide that for long.
    """
    try:
        header = os.pread(descriptor, 32, 0)
        size = os.fstat(descriptor).st_size
    except OSError:
        return False
    page = int.from_bytes(header[16:18]) or 1
    return len(header) < 32 or size < int.from_bytes(header[28:32]) * (65_536 if page == 1 else page)


def in_transaction(connection: sqlite3.Connection, work: Callable[[], _T]) -> _T:
    """What ``work`` returns, all of it recorded or nothing. Raises what it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = work()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    return found


def sentence(path: Path, error: sqlite3.Error, limit: int = 0) -> str:
    """What ``error`` means for the operator. ``limit`` is the size in bytes to which the file is held, 0 for none."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL and limit and _has_room(path, limit):
        return (
            f"The journal {path} cannot be written: it has reached journal.max_size, and what may be dropped of it is "
            "being dropped."
        )
    return _SENTENCES.get(code, "The journal {path} cannot be used: {error}.").format(path=path, error=error)


def _has_room(path: Path, limit: int) -> bool:
    """Whether the disk could take the file up to its limit."""
    try:
        return shutil.disk_usage(path.parent).free > max(limit - path.stat().st_size, 2**20)
    except OSError:
        return False


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only one that is new: to close one that this process has open would take its locks from SQLite.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.is_dir():
            raise JournalError(f"The journal {path} cannot be opened: Is a directory.") from None
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be opened: {error.strerror}.") from None
