"""The recording half of the benchmark of a million SKUs: a recorder as the collector's, fed with made readings.

``python -m benchmarks.recorded FOLDER`` goes on with the journal of the settings in FOLDER, holds its lease, says
``ready``, and takes lines from its input: the levels that shall change in a second. Ends with its input.

SKUs sell, the master says so, and the surfaces follow: each source is read once a second, one after the other.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.feeds import BASE, SURFACES, skus_of
from stockdrift.collector.lease import acquire
from stockdrift.collector.recorder import Recorder
from stockdrift.settings import journal_path, load, rules_of
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.texts import Texts
from stockdrift.store.sqlite import open_journal

_POOL = 100_000  # SKUs that sell
_SOURCES = [MASTER, *(f"s{number}" for number in range(SURFACES))]


def now() -> int:
    return time.time_ns() // 1_000_000


class Sales:
    """What the next read of each source finds changed."""

    def __init__(self, skus: Texts, base: NDArray[np.int32]) -> None:
        self._skus = skus
        self._levels = base
        self._chance = np.random.default_rng(1)
        self._turn = 0
        self._behind: dict[str, list[NDArray[np.int64]]] = {name: [] for name in _SOURCES[1:]}

    def next(self, rate: int) -> Reading:
        """The read that is due; so many levels change a second, over all sources."""
        source = _SOURCES[self._turn % len(_SOURCES)]
        self._turn += 1
        if source == MASTER:
            count = min(_POOL, len(self._skus))
            rows = np.sort(self._chance.choice(count, min(count, rate // len(_SOURCES)), replace=False))
            sold = self._levels[rows] - self._chance.integers(1, 4, len(rows)).astype(np.int32)
            self._levels[rows] = np.where(sold < 0, 40, sold)  # sold out: stock comes in
            for behind in self._behind.values():
                behind.append(rows)
        else:
            rows = np.unique(np.concatenate([np.empty(0, np.int64), *self._behind[source]]))
            self._behind[source].clear()
        at = now()
        states = np.full(len(rows), LevelState.COUNTED, np.uint8)
        return Reading(source, Outcome.COMPLETE, at - 50, at, Covers.CHANGED, skus=self._skus.take(rows), states=states,
                       quantities=self._levels[rows])  # fmt: skip


async def main(folder: Path) -> None:
    """Changes as many levels as it is told to."""
    settings = load(folder / "settings.toml")
    path = journal_path(settings)
    lease = acquire(path, started=datetime.now(UTC))
    journal = await open_journal(path, writable=True)
    recorder = Recorder(journal, rules_of(settings), now)
    await recorder.resume()
    base = np.load(folder / BASE)
    sales = Sales(Texts.of(skus_of(len(base))), base)
    print("ready", flush=True)
    rate = [0]
    loop = asyncio.get_running_loop()
    told = loop.run_in_executor(None, listen, rate)
    while not told.done():
        due = loop.time() + 1 / len(_SOURCES)
        if rate[0]:
            await recorder.record(sales.next(rate[0]))
        await asyncio.sleep(max(0, due - loop.time()))
    await journal.close()
    lease.release()


def listen(rate: list[int]) -> None:
    for line in sys.stdin:
        rate[0] = int(line)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
