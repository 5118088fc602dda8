"""The journal's tables, and how a file proves to be a journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from stockdrift.store.base import JournalError

APPLICATION_ID: Final = 0x53744466  # "StDf": file(1) and other programs can tell whose file it is
SCHEMA: Final = 2  # grows when older programs could no longer read the journal rightly; see migrate.py

# One table in one order, so that a replay hears everything as it was told. Rows are added and never changed.
# ``episode``, ``judged`` and ``checkpoint`` follow from the entries by judging them; they stand here so that nobody has
# to do so from the beginning. ``judged`` holds the number of the last entry whose episodes are in the table,
# ``checkpoint`` what is known after entry ``number``, at ``at``. SKUs and names are most of that and hardly change, so
# checkpoints share them: ``catalogue`` holds them in parts, and each checkpoint's header names its own.
# ``sample`` holds how many SKUs stood how, from when on, as the entries were judged; it too follows from them.
# ``beginning`` is the checkpoint before which everything was dropped, number 0 where nothing was.
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
CREATE INDEX closed_episode ON episode (closed_at) WHERE closed_at IS NOT NULL;
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
CREATE TABLE sample (
    at       INTEGER NOT NULL,
    known    INTEGER NOT NULL,
    drifting INTEGER NOT NULL,
    oversell INTEGER NOT NULL,
    over     INTEGER NOT NULL,
    under    INTEGER NOT NULL,
    unknown  INTEGER NOT NULL
);
CREATE INDEX sample_by_time ON sample (at);
CREATE TABLE judged (number INTEGER NOT NULL);
INSERT INTO judged VALUES (0);
CREATE TABLE beginning (number INTEGER NOT NULL, at INTEGER NOT NULL);
INSERT INTO beginning VALUES (0, 0);
"""


def create(connection: sqlite3.Connection) -> None:
    """Makes the tables where the file is empty; whoever comes second finds them made. Raises sqlite3.Error."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that the file can shrink in small steps
    connection.execute("BEGIN IMMEDIATE")
    try:
        if is_empty(connection):
            run(connection, TABLES)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def has_samples(connection: sqlite3.Connection) -> bool:
    """Whether counts are recorded; a journal of an earlier version that nobody has written since has none."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sample'").fetchone()[0])


def has_beginning(connection: sqlite3.Connection) -> bool:
    """Whether the journal may have dropped its past: one of schema 1 holds all of it."""
    return _marks(connection)[1] > 1


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet, of anybody."""
    application, version = _marks(connection)
    return (
        not application and not version and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    )


def run(connection: sqlite3.Connection, statements: str) -> None:
    """Executes statements that end in semicolons, one by one: within a transaction, where there is one."""
    for statement in statements.split(";"):
        connection.execute(statement)


def verify(connection: sqlite3.Connection, path: Path) -> int:
    """The journal's schema. Raises JournalError where the file is somebody else's or of a later version of this
    program.
    """
    application, version = _marks(connection)
    if application != APPLICATION_ID:
        raise JournalError(f"{path} is a database of another program, not a stockdrift journal.")
    if version > SCHEMA:
        raise JournalError(
            f"{path} was written by a later stockdrift (journal schema {version}, this one reads up to {SCHEMA}): "
            "use that version, or another journal."
        )
    return version


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return application, version
