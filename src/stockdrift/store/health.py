"""Is a journal fit to be used? Looked at without changing it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from stockdrift.stock.values import replace
from stockdrift.store import schema
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal

PATIENCE: Final = 5.0
"""Seconds for the integrity check, which reads the whole file."""

_EXTENT: Final = "SELECT coalesce(max(number), 0), (SELECT at FROM entry ORDER BY number LIMIT 1) FROM entry"

_STEPS: Final = 10_000  # of SQLite's machine between two looks at the time


class Health(Struct, frozen=True):
    """``size`` counts the file and its log, in bytes; 0 where there is no journal yet. ``problem`` is a sentence why it
    cannot be read. ``damage`` is what the integrity check found, None where it did not come to an end. ``since`` (ms
    since the epoch) is how far back it goes, None where nothing is recorded; ``dropped`` that there was more.
    """

    path: Path
    size: int
    writable: bool
    free: int  # bytes on its disk
    schema: int = 0
    entries: int = 0
    problem: str = ""
    damage: str | None = ""
    since: int | None = None
    dropped: bool = False


async def examine(path: Path, *, patience: float = PATIENCE, timer: Callable[[], float] = time.monotonic) -> Health:
    """How the journal at ``path`` is. Never raises for what is wrong with it."""
    outside = _outside(path)
    if not outside.size:
        return outside
    try:
        await (await open_journal(path, writable=False)).close()
        return await asyncio.to_thread(_check, outside, patience, timer)
    except (JournalError, sqlite3.Error) as error:
        return replace(outside, problem=str(error))


def _outside(path: Path) -> Health:
    """What can be told without opening it."""
    folder = next(place for place in path.absolute().parents if place.is_dir())
    exists = path.exists()
    writable = os.access(folder, os.W_OK) and (not exists or os.access(path, os.W_OK))
    size = path.stat().st_size if exists else 0
    log = path.with_name(path.name + "-wal")
    if size and log.is_file():
        size += log.stat().st_size
    return Health(path, size, writable, shutil.disk_usage(folder).free)


def _check(outside: Health, patience: float, timer: Callable[[], float]) -> Health:
    path = outside.path
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    try:
        schema.verify(connection, path)
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        count, first = connection.execute(_EXTENT).fetchone()
        dropped, begins = connection.execute("SELECT number, at FROM beginning").fetchone()
        found = replace(
            outside, schema=version, entries=count, since=begins if dropped else first, dropped=bool(dropped)
        )
        ends = timer() + patience
        connection.set_progress_handler(lambda: int(timer() > ends), _STEPS)
        try:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return replace(found, damage=None)
        return replace(found, damage="" if said == "ok" else said)
    finally:
        connection.close()
