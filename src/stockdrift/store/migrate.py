"""Bringing a journal of an earlier schema forward, with a copy of it kept beside.

A step of the schema is a function here that does all of its work in one transaction, so that a journal is of the one
schema or of the other whatever happens. The shape of a checkpoint (:mod:`stockdrift.stock.snapshot`) is part of the
schema: once retention has dropped what lay before, a checkpoint that is not understood cannot be made up for. Whoever
changes it gives the schema a new number, and here a step that carries the checkpoints over.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from stockdrift.store import schema
from stockdrift.store.base import JournalError
from stockdrift.store.connect import connect, in_transaction, sentence

_WITH_RETENTION: Final = """
CREATE INDEX closed_episode ON episode (closed_at) WHERE closed_at IS NOT NULL;
DROP TABLE checkpoint;
CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    header TEXT NOT NULL,
    body   BLOB NOT NULL
);
CREATE TABLE catalogue (
    id   INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS sample (
    at       INTEGER NOT NULL,
    known    INTEGER NOT NULL,
    drifting INTEGER NOT NULL,
    oversell INTEGER NOT NULL,
    over     INTEGER NOT NULL,
    under    INTEGER NOT NULL,
    unknown  INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS sample_by_time ON sample (at);
CREATE TABLE beginning (number INTEGER NOT NULL, at INTEGER NOT NULL);
INSERT INTO beginning VALUES (0, 0);
"""


def _to_2(connection: sqlite3.Connection) -> None:
    """Retention, and checkpoints that share their catalogue. A journal of schema 1 holds everything from its first
    entry on, so that its checkpoints can be made anew.
    """
    schema.run(connection, _WITH_RETENTION)


STEPS: Final[Mapping[int, Callable[[sqlite3.Connection], None]]] = {1: _to_2}
"""By the schema from which a step leads to the next."""


def is_outdated(path: Path) -> bool:
    """Whether there is a journal at ``path`` that is of an earlier schema. Raises JournalError where it is unusable."""
    if not path.is_file() or not path.stat().st_size:
        return False
    try:
        connection = connect(path, writable=False)
        try:
            return schema.verify(connection, path) < schema.SCHEMA
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise JournalError(sentence(path, error)) from error


def bring_forward(path: Path, now: datetime) -> Path | None:
    """Brings the journal at ``path`` to the present schema; returns the copy made of it before, None where there was
    nothing to do. Whoever calls this holds the lease: no collector of an earlier version may be at work.

    Raises JournalError, and then the journal is as it was.
    """
    if not is_outdated(path):
        return None
    version = 0
    try:
        connection = connect(path, writable=True, outdated=True)
        try:
            version = schema.verify(connection, path)
            copy = back_up(connection, path, version, now)
            # Free pages can be given back only by a file that was laid out for it.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("VACUUM")
            _climb(connection, path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        why = sentence(path, error) if isinstance(error, sqlite3.Error) else f"{error.strerror}."
        raise JournalError(
            f"The journal {path} cannot be brought from schema {version or '?'} to {schema.SCHEMA}, and stays as it "
            f"is: {why}"
        ) from error
    return copy


def back_up(connection: sqlite3.Connection, path: Path, version: int, now: datetime) -> Path:
    """A whole and sound copy of the journal beside it, on the disk before this returns. Raises sqlite3.Error, OSError
    or JournalError, and then leaves nothing behind.
    """
    copy = path.with_name(f"{path.name}.schema{version}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup")
    unfinished = copy.with_name(copy.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        target = sqlite3.connect(unfinished, isolation_level=None)
        try:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            target.close()
        if found != "ok":
            raise JournalError(f"The journal {path} is damaged: {found}. Move it away, or put a copy in its place.")
        _sync(unfinished)
        unfinished.rename(copy)
        _sync(copy.parent)
    except BaseException:
        for leftover in ("", "-journal", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + leftover).unlink(missing_ok=True)
        raise
    return copy


def _climb(connection: sqlite3.Connection, path: Path) -> None:
    """All steps in one transaction."""

    def work() -> None:
        for version in range(schema.verify(connection, path), schema.SCHEMA):
            STEPS[version](connection)
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA}")

    in_transaction(connection, work)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
