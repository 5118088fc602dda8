"""What lets a reader begin in the midst of a journal: checkpoints, the entries' times, the counts over time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from stockdrift.stock.gauge import Sample
from stockdrift.store import schema
from stockdrift.store.checkpoint import drop_checkpoint

_NEWEST: Final = 2  # checkpoints kept whatever they weigh: a reader may be at the one before the newest
_MOST_BETWEEN: Final = 1_000  # entries between two that are kept

_SAMPLE: Final = "SELECT at, known, drifting, oversell, over, under, unknown FROM sample"


def thin_out(connection: sqlite3.Connection) -> None:
    """After a checkpoint was written: of those before, the third newest gives way unless what lies between is worth it.

    It is kept where the entries since the one before it weigh half as much as itself, or are many: so a jump to any
    moment hears few entries, and a journal's checkpoints weigh twice its entries at most, but for the very quiet.
    """
    numbers = [
        row[0]
        for row in connection.execute("SELECT number FROM checkpoint ORDER BY number DESC LIMIT ?", (_NEWEST + 2,))
    ]
    if len(numbers) <= _NEWEST:
        return
    candidate = numbers[_NEWEST]
    before = numbers[_NEWEST + 1] if len(numbers) > _NEWEST + 1 else 0
    if candidate - before < _MOST_BETWEEN and 2 * _weight(connection, before, candidate) < _size(connection, candidate):
        drop_checkpoint(connection, candidate)


def times(connection: sqlite3.Connection, after: int, limit: int) -> Sequence[tuple[int, int]]:
    """Number and moment of entries above ``after``."""
    if schema.has_beginning(connection):  # what is being dropped is not told any more
        after = max(after, connection.execute("SELECT number FROM beginning").fetchone()[0])
    return connection.execute(
        "SELECT number, at FROM entry WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
    ).fetchall()


def write_samples(connection: sqlite3.Connection, found: Iterable[Sample]) -> None:
    """Appends counts."""
    connection.executemany(
        "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?)", ((one.at, *map(int, one.counts)) for one in found)
    )


def samples(connection: sqlite3.Connection, begin: int, end: int) -> Sequence[Sample]:
    """The counts from ``begin`` to ``end`` and the last before; none in a journal that holds none."""
    if not schema.has_samples(connection):
        return []
    before = connection.execute(f"{_SAMPLE} WHERE at < ? ORDER BY at DESC, rowid DESC LIMIT 1", (begin,)).fetchall()
    within = connection.execute(f"{_SAMPLE} WHERE at BETWEEN ? AND ? ORDER BY at, rowid", (begin, end)).fetchall()
    return [Sample(at, bool(known), *counts) for at, known, *counts in (*before, *within)]


def _weight(connection: sqlite3.Connection, after: int, through: int) -> int:
    """Bytes of the entries above ``after`` up to ``through``."""
    found: int = connection.execute(
        "SELECT coalesce(sum(length(header) + length(body)), 0) FROM entry WHERE number > ? AND number <= ?",
        (after, through),
    ).fetchone()[0]
    return found


def _size(connection: sqlite3.Connection, number: int) -> int:
    found: int = connection.execute(
        "SELECT length(header) + length(body) FROM checkpoint WHERE number = ?", (number,)
    ).fetchone()[0]
    return found
