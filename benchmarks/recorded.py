"""The recording half of the benchmark of a million SKUs: a recorder as the collector's, fed with made readings.

``python -m benchmarks.recorded FOLDER SKUS`` writes settings and journal into FOLDER, holds the lease, says ``ready``,
and takes lines from its input: the levels that shall change in a second. Ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stockdrift.collector.lease import acquire
from stockdrift.collector.recorder import Recorder
from stockdrift.settings import journal_path, load, rules_of
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.store.sqlite import open_journal

SURFACES = 8
_POOL = 100_000  # SKUs that sell
_BATCHES = 10  # polls in a second


def settings_text() -> str:
    """A master and eight surfaces; nobody reads these files, for the recorder here holds the lease."""
    fresh = 'stale_after = "1d"\nsystem = "feed"\n'
    text = f'[store]\nname = "Million"\n[journal]\nurl = "sqlite:///drift.db"\n[master]\n{fresh}path = "m.csv"\n'
    return text + "".join(f'[surfaces.s{number}]\n{fresh}path = "{number}.csv"\n' for number in range(SURFACES))


def now() -> int:
    return time.time_ns() // 1_000_000


def reading(surface: str, skus: list[str], quantities: NDArray[np.int32], covers: Covers) -> Reading:
    states = np.full(len(skus), LevelState.COUNTED, np.uint8)
    at = now()
    return Reading(surface, Outcome.COMPLETE, at - 50, at, covers, skus=skus, states=states, quantities=quantities)


async def main(folder: Path, count: int) -> None:
    """Fills the journal, then changes as many levels as it is told to."""
    file = folder / "settings.toml"
    file.write_text(settings_text())
    settings = load(file)
    path = journal_path(settings)
    lease = acquire(path, started=datetime.now(UTC))
    journal = await open_journal(path, writable=True)
    recorder = Recorder(journal, rules_of(settings), now)
    await recorder.resume()
    chance = np.random.default_rng(1)
    skus = [f"SKU-{number:07}" for number in range(count)]
    base = chance.integers(0, 500, count).astype(np.int32)
    await recorder.record(reading(MASTER, skus, base, Covers.ALL))
    for number in range(SURFACES):
        levels = base.copy()
        off = chance.choice(count, max(1, count // 1000), replace=False)
        levels[off] += chance.integers(1, 9, len(off)).astype(np.int32)
        await recorder.record(reading(f"s{number}", skus, levels, Covers.ALL))
    await recorder.checkpoint()
    print("ready", flush=True)
    rate = [0]
    loop = asyncio.get_running_loop()
    told = loop.run_in_executor(None, listen, rate)
    while not told.done():
        due = loop.time() + 1 / _BATCHES
        if rate[0]:
            rows = np.sort(chance.choice(min(_POOL, count), rate[0] // _BATCHES, replace=False))
            levels = base[rows] + chance.integers(0, 2, len(rows)).astype(np.int32)
            surface = f"s{chance.integers(SURFACES)}"
            await recorder.record(reading(surface, [skus[row] for row in rows], levels, Covers.CHANGED))
        await asyncio.sleep(max(0, due - loop.time()))
    await journal.close()
    lease.release()


def listen(rate: list[int]) -> None:
    for line in sys.stdin:
        rate[0] = int(line)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
