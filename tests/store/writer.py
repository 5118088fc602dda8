"""Records numbered polls as fast as it can, says the number of each once it is recorded, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from stockdrift.store.sqlite import open_journal
from tests.store.entries import began, ceased, numbered


async def main(path: Path) -> None:
    journal = await open_journal(path, writable=True)
    (last,) = await journal._run(lambda connection: connection.execute("SELECT max(number) FROM entry").fetchone())
    number = last or 0
    while True:
        number += 1
        event = began("AMB-220", number) if number % 2 else ceased("AMB-220", number)
        (given,) = await journal.append([numbered(number)], [event])
        assert given == number
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
