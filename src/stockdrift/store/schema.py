"""The journal's tables, and how a file proves to be a journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from stockdrift.store.base import JournalError

APPLICATION_ID: Final = 0x53744466  # "StDf": file(1) and other programs can tell whose file it is
SCHEMA: Final = 1  # grows when older programs could no longer read the journal rightly

# One table in one order, so that a replay hears everything as it was told. Rows are added and never changed.
# ``episode``, ``judged`` and ``checkpoint`` follow from the entries by judging them; they stand here so that nobody has
# to do so from the beginning. ``judged`` holds the number of the last entry whose episodes are in the table,
# ``checkpoint`` what is known after entry ``number``.
TABLES: Final = """
CREATE TABLE entry (
    number  INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    subject TEXT NOT NULL,
    header  TEXT NOT NULL,
    body    BLOB NOT NULL
);
CREATE INDEX poll_of_surface ON entry (subject, number) WHERE kind = 'poll';
CREATE TABLE episode (
    id        INTEGER PRIMARY KEY,
    sku       TEXT NOT NULL,
    surface   TEXT NOT NULL,
    severity  TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    deviation INTEGER
);
CREATE UNIQUE INDEX open_episode ON episode (sku, surface) WHERE closed_at IS NULL;
CREATE INDEX episode_of_sku ON episode (sku, opened_at);
CREATE INDEX episode_by_time ON episode (opened_at);
CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY,
    header TEXT NOT NULL,
    body   BLOB NOT NULL
);
CREATE TABLE judged (number INTEGER NOT NULL);
INSERT INTO judged VALUES (0);
"""

# What came later and leaves older programs able to read the journal: made where it is missing. ``sample`` holds how
# many SKUs stood how, from when on, as the entries were judged; like ``episode`` it follows from them.
ADDED: Final = """
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
"""


def create(connection: sqlite3.Connection) -> None:
    """Makes the tables where the file is empty; whoever comes second finds them made. Raises sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if is_empty(connection):
            for statement in TABLES.split(";"):
                connection.execute(statement)
            for statement in ADDED.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def extend(connection: sqlite3.Connection) -> None:
    """Makes what a journal of an earlier version lacks. Raises sqlite3.Error."""
    if not has_samples(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in ADDED.split(";"):
                connection.execute(statement)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def has_samples(connection: sqlite3.Connection) -> bool:
    """Whether counts are recorded; a journal of an earlier version that nobody has written since has none."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sample'").fetchone()[0])


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet, of anybody."""
    application, version = _marks(connection)
    return (
        not application and not version and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    )


def verify(connection: sqlite3.Connection, path: Path) -> None:
    """Raises JournalError where the file is somebody else's or of a later version of this program."""
    application, version = _marks(connection)
    if application != APPLICATION_ID:
        raise JournalError(f"{path} is a database of another program, not a stockdrift journal.")
    if version > SCHEMA:
        raise JournalError(
            f"{path} was written by a later stockdrift (journal schema {version}, this one reads up to {SCHEMA}): "
            "use that version, or another journal."
        )


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return application, version
