"""The journal at 1,000,000 SKUs × 8 surfaces: what it takes to append, to write a checkpoint, to open and judge.

A surface says what the master says, but for 6.8 % of the SKUs over all surfaces; *apart* is the worst case, in which no
surface has anything to do with the master. Appending is held against SQLite itself, given the same changes as rows.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from stockdrift.collector.follow import Follower
from stockdrift.stock.entries import Changes, CollectorNote, Naming, Poll
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.stock.snapshot import seen
from stockdrift.stock.texts import Texts
from stockdrift.stock.values import replace
from stockdrift.store.base import Retention, Tidied
from stockdrift.store.codec import encode
from stockdrift.store.sqlite import SqliteJournal, open_journal

SKUS: Final = 1_000_000
SURFACES: Final = 8
_NAMES: Final = [f"surface {number}" for number in range(SURFACES)]
_T0: Final = 1_795_776_000_000
_HOUR: Final = 3_600_000
_RUNS: Final = 7

Rows = NDArray[np.int32]


def figures() -> Iterator[Figure]:
    """Each as it comes."""
    with TemporaryDirectory() as folder:
        yield from asyncio.run(_appended(Path(folder)))
    monitor = _monitor(apart=False)
    with TemporaryDirectory() as folder:
        yield from asyncio.run(_checkpoints(Path(folder), monitor))
    del monitor
    with TemporaryDirectory() as folder:
        for figure in asyncio.run(_checkpoints(Path(folder), _monitor(apart=True)))[:2]:
            yield Figure(f"{figure.name}, surfaces apart", figure.unit, figure.values, figure.peer, figure.against)
    with TemporaryDirectory() as folder:
        yield from asyncio.run(_dropped(Path(folder)))


async def _appended(folder: Path) -> list[Figure]:
    """Changes appended a second, in polls of 1,000 and of 10,000 changes, beside the same changes as SQLite's rows."""
    found = []
    for size, count in ((1_000, 300), (10_000, 60)):
        rng = np.random.default_rng(size)
        polls = [_changed(rng, size, number) for number in range(count)]
        ours, theirs = [], []
        for run in range(5):
            journal = await open_journal(folder / f"{size}-{run}.db", writable=True)
            began = time.perf_counter()
            for poll in polls:
                await journal.append([poll])
            ours.append(size * count / (time.perf_counter() - began))
            await journal.close()
            theirs.append(size * count / _plain(folder / f"{size}-{run}.plain.db", polls))
        peer = float(np.median(theirs))
        found.append(Figure(f"changes appended, {size:,} a poll", "/s", ours, peer, "rows into plain sqlite3"))
    return found


def _plain(path: Path, polls: list[Poll]) -> float:
    """Seconds in which SQLite by itself takes the same changes, a row each, a transaction per poll."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE change (at INTEGER, surface TEXT, row INTEGER, state INTEGER, quantity INTEGER)")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    batches = [
        [
            (poll.read_at, poll.surface, *change)
            for change in zip(
                poll.changes.rows.tolist(), poll.changes.states.tolist(), poll.changes.quantities.tolist(), strict=True
            )
        ]
        for poll in polls
    ]
    began = time.perf_counter()
    for batch in batches:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?)", batch)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


async def _checkpoints(folder: Path, monitor: Monitor) -> list[Figure]:
    path = folder / "drift.db"
    journal = await open_journal(path, writable=True)
    written = []
    for number in range(_RUNS):
        await journal.append([CollectorNote(_T0, "started")])
        began = time.perf_counter()
        await journal.write_checkpoint(number + 1, seen(monitor), based_on=number)
        written.append(1_000 * (time.perf_counter() - began))
        monitor.board.catalogue.touched.clear()
    levels = await _size(journal, "SELECT length(body) FROM checkpoint ORDER BY number DESC LIMIT 1")
    catalogue = await _size(journal, "SELECT sum(length(body)) FROM catalogue")
    await journal.close()

    opened = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        reader = await open_journal(path, writable=False)
        again = Monitor(monitor.rules)
        await Follower(reader, again).catch_up()
        again.picture(_T0)
        opened.append(1_000 * (time.perf_counter() - began))
        await reader.close()
        assert (again.board.counts == monitor.board.counts).all()

    delta = len(encode(_changed(np.random.default_rng(5), SKUS // 100, 1)).body) / 1_000
    return [
        Figure("checkpoint, written", "ms", written[1:], 100, "the limit"),
        Figure("checkpoint, levels", "MB", [levels / 1e6], 7, "the limit"),
        Figure("checkpoint, with SKUs, names and prices", "MB", [(levels + catalogue) / 1e6], 7, "the limit"),
        Figure("a 1 % delta of one surface", "kB", [delta], 30, "the limit"),
        Figure("opened again and judged", "ms", opened, 300, "the limit"),
    ]


async def _dropped(folder: Path) -> list[Figure]:
    """What a step of retention holds up others by, of a journal of 20,000 polls."""
    journal = await open_journal(folder / "drift.db", writable=True)
    rng = np.random.default_rng(3)
    for _ in range(100):
        await journal.append([_changed(rng, 500, number) for number in range(200)])
    monitor = Monitor(_rules())
    await journal.write_checkpoint(20_000, seen(monitor))
    steps = []
    while True:
        began = time.perf_counter()
        found = await journal.tidy(Retention(0, 10**12), _T0 + _HOUR)
        steps.append(1_000 * (time.perf_counter() - began))
        if found is not Tidied.MORE:
            break
    await journal.close()
    return [Figure("a step of retention", "ms", steps, None, "others write in between")]


async def _size(journal: SqliteJournal, query: str) -> int:
    return int(await journal._run(lambda connection: connection.execute(query).fetchone()[0]))


def _rules() -> Rules:
    def one(name: str) -> SurfaceRules:
        return SurfaceRules(name, every=30_000, stale_after=24 * _HOUR)

    return Rules(one(MASTER), tuple(map(one, _NAMES)))


def _changed(rng: np.random.Generator, size: int, number: int) -> Poll:
    rows = np.sort(rng.choice(SKUS, size, replace=False)).astype(np.int32)
    return _poll(_NAMES[number % SURFACES], rows, _quantities(rng, size), _T0 + number)


def _poll(surface: str, rows: Rows, quantities: Rows, at: int) -> Poll:
    count = len(rows)
    changes = Changes(rows, np.ones(count, np.uint8), quantities, np.zeros(count, np.uint8))
    return Poll(surface, Outcome.COMPLETE, Covers.ALL, at, at, listed=SKUS, changes=changes)


def _quantities(rng: np.random.Generator, size: int) -> Rows:
    """Most are small, a few are large: about 50 on average."""
    return np.minimum(rng.geometric(0.02, size), 2_000).astype(np.int32)


def _monitor(*, apart: bool) -> Monitor:
    rng = np.random.default_rng(1)
    monitor = Monitor(_rules())
    rows = np.arange(SKUS, dtype=np.int32)
    master = _quantities(rng, SKUS)
    first = _poll(MASTER, rows, master, _T0)
    skus = Texts.of([f"SKU-{number:07d}" for number in range(SKUS)])
    names = Texts.of([f"Candle no {number}" for number in range(SKUS)])
    naming = Naming(rows, names, rng.integers(100, 9_000, SKUS) / 100)
    monitor.apply(replace(first, new_skus=skus, naming=naming))
    for number, name in enumerate(_NAMES):
        quantities = _quantities(rng, SKUS) if apart else master.copy()
        if not apart:
            off = rng.choice(SKUS, SKUS * 68 // 1_000 // SURFACES, replace=False)
            quantities[off] += rng.integers(1, 20, len(off), dtype=np.int32)
        monitor.apply(_poll(name, rows, quantities, _T0 + 1 + number))
    return monitor
