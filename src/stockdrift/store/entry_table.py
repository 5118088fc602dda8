"""The entries and episodes of a journal: how they are written, and how they are read back in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from stockdrift.stock.entries import Entry, EpisodeEvent
from stockdrift.store import retention, schema
from stockdrift.store.base import DroppedError, EntryError
from stockdrift.store.codec import Row, decode, decode_about, encode
from stockdrift.store.connect import in_transaction

_BATCH_BYTES: Final = 8 * 2**20  # packed bytes after which a read stops, so that a long one stays small in memory

# Numbers go on where those end that were dropped.
_NEXT: Final = "SELECT 1 + max(beginning.number, coalesce((SELECT max(number) FROM entry), 0)) FROM beginning"
_ENTRIES: Final = "SELECT number, kind, at, subject, header, body FROM entry"
_AFTER: Final = f"{_ENTRIES} WHERE number > ? ORDER BY number LIMIT ?"
_BACK: Final = f"{_ENTRIES} WHERE number > ? AND number < ? ORDER BY number DESC LIMIT ?"
_LAST: Final = 2**63 - 1  # no entry is numbered so high


def append(connection: sqlite3.Connection, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent]) -> Sequence[int]:
    """See :meth:`stockdrift.store.base.Journal.append`."""
    rows = [encode(entry) for entry in entries]  # before the lock is taken, others may write meanwhile

    def work() -> Sequence[int]:
        first = connection.execute(_NEXT).fetchone()[0]
        numbers = range(first, first + len(rows))
        connection.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
            ((number, *row) for number, row in zip(numbers, rows, strict=True)),
        )
        if episodes:
            judge(connection, episodes, numbers[-1] if rows else 0)
        return numbers

    return in_transaction(connection, work)


def judge(connection: sqlite3.Connection, episodes: Iterable[EpisodeEvent], through: int) -> None:
    """Opens and closes episodes; they are those of the entries up to ``through``. Within a transaction."""
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


def read(connection: sqlite3.Connection, after: int, limit: int) -> Sequence[Entry]:
    """See :meth:`stockdrift.store.base.Journal.read`."""
    entries = _decoded(connection.execute(_AFTER, (after, limit)), decode)
    # Looked at afterwards: the beginning moves before anything is dropped.
    begin = retention.beginning(connection) if schema.has_beginning(connection) else None
    if begin is not None and begin.number > after:
        moment = datetime.fromtimestamp(begin.at / 1000, UTC).astimezone()
        raise DroppedError(f"The journal begins at {moment:%Y-%m-%d %H:%M}: what lay before was dropped.")
    return entries


def about(connection: sqlite3.Connection, wanted: int, after: int, before: int | None, limit: int) -> Sequence[Entry]:
    """See :meth:`stockdrift.store.base.Journal.about`."""
    cursor = connection.execute(_BACK, (after, _LAST if before is None else before, limit))
    return _decoded(cursor, lambda number, row: decode_about(number, row, wanted))


def _decoded(cursor: sqlite3.Cursor, decoded: Callable[[int, Row], Entry]) -> Sequence[Entry]:
    """Those before one that cannot be understood, and the error only where there are none."""
    entries: list[Entry] = []
    size = 0
    try:
        for number, *columns in cursor:
            row = Row(*columns)
            try:
                entries.append(decoded(number, row))
            except EntryError:
                if entries:
                    break
                raise
            size += len(row.body)
            if size > _BATCH_BYTES:
                break
    finally:
        cursor.close()  # an open one would hold on to the past: no news, no checkpoint
    return entries
