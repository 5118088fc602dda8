"""The core at a million SKUs on eight surfaces: the compare, a poll of 10,000 changes, the filter, memory.

Each stands beside what limits it or does the same in the same run: a plain read of the same bytes, DuckDB, polars and
SQLite joining the same levels by a whole number, Python's own dictionaries.
"""

from __future__ import annotations

import gc
import importlib
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bigstore import SKUS, T0, poll, store
from benchmarks.figures import Figure, rss_mb
from stockdrift.collector.memory import give_back
from stockdrift.stock.judging import exceptions
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.texts import Texts

APPLY_MS, FILTER_MS, MEMORY_MB = 3.0, 15.0, 120.0
"""Limits: a poll of 10,000 changes, the filter by text, the core's memory."""

_MINUTE = 60_000


def figures() -> Iterator[Figure]:
    """All of them, as they come."""
    yield from _memory()
    monitor = store()
    yield from _compare(monitor)
    yield from _polls(monitor)
    yield from _lookups(monitor)


def _times(run: Callable[[], object], times: int = 15) -> list[float]:
    """Milliseconds of each of several runs, after one that does not count."""
    run()
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        found.append((time.perf_counter() - begin) * 1_000)
    return found


def _compare(monitor: Monitor) -> Iterator[Figure]:
    board = monitor.board
    columns = board.surfaces
    arrays: list[Any] = [board.ground.numbers, *(column.levels.numbers for column in columns)]
    wide: list[Any] = [array.astype(np.int32) for array in arrays]
    read, plain = (statistics.median(_times(partial(_largest, held), 101)) for held in (arrays, wide))
    compare = _times(lambda: [len(rows) for rows in exceptions(board, columns)], 101)
    yield Figure("full compare, 8 surfaces", "ms", compare, plain, "a plain read of the levels as 32 bits; limit 2 ×")
    yield Figure("", "ms", compare, read, "a plain read of the bytes in which they are held")
    judged = _times(lambda: board.set_rulings({}))
    yield Figure("all judged: codes, standings, counts, episodes", "ms", judged, read, "a plain read of the same bytes")
    for name, peer in _peers(monitor):
        yield Figure("", "ms", judged, peer, name)
    asked = [Tolerance(units) for units in (0, 1, 2, 3, 4, 5, 8)]
    tuned = _times(lambda: monitor.prospect(Scope(), asked, Tolerance(2)))
    yield Figure("what seven tolerances would do, with the histogram", "ms", tuned, statistics.median(judged),
                 "all judged once")  # fmt: skip


def _largest(arrays: Sequence[NDArray[Any]]) -> list[int]:
    """Reads every byte once: of all that numpy does with a column the fastest."""
    return [int(np.maximum.reduce(array)) for array in arrays]


def _peers(monitor: Monitor) -> Iterator[tuple[str, float]]:
    """How long others take to count the SKUs that differ anywhere, all loaded, by a number for a key."""
    board = monitor.board
    tables = [column.quantities[:SKUS] for column in board.columns]
    rows = np.arange(SKUS, dtype=np.int32)
    names = [f"t{number}" for number in range(len(tables))]
    joins = " ".join(f"JOIN {name} USING (id)" for name in names[1:])
    differ = " OR ".join(f"t0.q <> {name}.q" for name in names[1:])
    query = f"SELECT count(*) FROM t0 {joins} WHERE {differ}"  # noqa: S608 - our own names
    polars, duckdb = _module("polars"), _module("duckdb")
    if polars is not None:
        frames = [polars.DataFrame({"id": rows, f"q{number}": table}) for number, table in enumerate(tables)]

        def joined() -> object:
            whole = frames[0].lazy()
            for frame in frames[1:]:
                whole = whole.join(frame.lazy(), on="id")
            off = [polars.col("q0") != polars.col(f"q{number}") for number in range(1, len(frames))]
            return whole.filter(polars.any_horizontal(off)).select(polars.len()).collect()

        yield "polars joins", statistics.median(_times(joined, 3))
    if duckdb is not None:
        connection = duckdb.connect()
        for name, table in zip(names, tables, strict=True):
            connection.register("shown", {"id": rows, "q": table})
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM shown")  # noqa: S608
        yield "DuckDB joins", statistics.median(_times(lambda: connection.execute(query).fetchall(), 3))
    lite = sqlite3.connect(":memory:")
    for name, table in zip(names, tables, strict=True):
        lite.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, q INTEGER)")
        lite.executemany(f"INSERT INTO {name} VALUES (?, ?)", enumerate(table.tolist()))  # noqa: S608
    yield "SQLite joins", statistics.median(_times(lambda: lite.execute(query).fetchall(), 3))
    lite.close()
    dicts = [dict(enumerate(table.tolist())) for table in tables]
    master, others = dicts[0], dicts[1:]
    plain = _times(lambda: sum(any(one[key] != value for one in others) for key, value in master.items()), 1)
    yield "Python's dictionaries", statistics.median(plain)


def _polls(monitor: Monitor) -> Iterator[Figure]:
    chance = np.random.default_rng(11)
    board = monitor.board
    now = T0

    def polled(surface: str, times: int) -> list[float]:
        nonlocal now
        found = []
        for _ in range(times):
            now += _MINUTE
            rows = np.sort(chance.choice(SKUS, 10_000, replace=False)).astype(np.int32)
            shown = board.atp[rows] + chance.integers(0, 2, len(rows)).astype(np.int32) * 3
            entry = poll(surface, rows, shown, now)
            begin = time.perf_counter()
            monitor.apply(entry)
            found.append((time.perf_counter() - begin) * 1_000)
        return found

    polled("s3", 3)
    yield Figure("10,000 changed levels applied and judged", "ms", polled("s3", 25), APPLY_MS, "the limit")
    changed = polled(MASTER, 15)
    yield Figure("the same of the master: 8 × 10,000 levels judged", "ms", changed)
    yield Figure("the same of a surface, and its lag measured anew", "ms", polled("s3", 15))


def _lookups(monitor: Monitor) -> Iterator[Figure]:
    catalogue = monitor.board.catalogue
    words = iter([f"{number:04}" for number in range(1_000, 1_100)])
    found = _times(lambda: catalogue.matching(next(words)), 15)
    skus = list(catalogue.skus)
    plain = _times(lambda: [row for row, sku in enumerate(skus) if "1234" in sku], 3)
    yield Figure("filter by text, a million SKUs", "ms", found, FILTER_MS, "the limit")
    yield Figure("", "ms", found, statistics.median(plain), "a list of Python strings")
    order = np.random.default_rng(3).permutation(SKUS)
    shuffled = Texts.of([skus[place] for place in order.tolist()])
    asked = [skus[place] for place in order.tolist()]
    rows = {sku: row for row, sku in enumerate(skus)}
    aligned = _times(lambda: catalogue.rows_of(shuffled.take(np.arange(SKUS))), 5)
    peer = statistics.median(_times(lambda: [rows[sku] for sku in asked], 3))
    yield Figure("a feed in any order aligned by SKU", "ms", aligned, peer, "a dictionary of Python strings")


def _memory() -> Iterator[Figure]:
    """Resident memory that a store of a million SKUs adds to a process of its own."""
    for named in (False, True):
        command = [sys.executable, "-m", "benchmarks.core", *(["named"] if named else [])]
        grown = [float(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(3)]
        what = "memory of the core" + (", with names and prices" if named else "")
        yield Figure(what, "MB", grown, None if named else MEMORY_MB, "" if named else "the limit")


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


if __name__ == "__main__":
    give_back()  # as the collector does
    before = rss_mb(os.getpid())
    held = store(named="named" in sys.argv)
    gc.collect()
    print(rss_mb(os.getpid()) - before)
