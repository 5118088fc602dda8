"""Records readings, writes checkpoints and drops what lies before them, as fast as it can, until it is killed.

The n-th reading says n of the SKU "COUNT"; each n is said once it is recorded.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from stockdrift.collector.recorder import Recorder
from stockdrift.stock.monitor import Monitor
from stockdrift.store.base import Retention, Tidied
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import Clock, rules
from tests.stock.scene import T0, reading

SOURCES = ("master", "embed", "facebook")


def counted(monitor: Monitor) -> int:
    """The last reading that the monitor has heard of."""
    row = monitor.row_of("COUNT")
    return 0 if row is None else max(int(column.quantities[row]) for column in monitor.board.columns)


async def main(path: Path) -> None:
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    clock.at = max(T0, recorder.monitor.board.now) + 1_000
    number = counted(recorder.monitor)
    while True:
        number += 1
        levels = {"COUNT": number, **{f"S{sku}": number * sku % 7 for sku in range(number % 40)}}
        poll = await recorder.record(
            reading(SOURCES[number % 3], {**{f"S{n}": 1 for n in range(40)}, **levels}, clock())
        )
        assert poll is not None
        print(number, flush=True)
        if number % 10 == 0:
            await recorder.checkpoint()
        for _ in range(3):
            if await journal.tidy(Retention(20 * 10, 16 * 10**6), clock()) is not Tidied.MORE:
                break


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
