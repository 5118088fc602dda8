"""Who opens a journal, looks at it and leaves must not find it unused: its log would be taken from those at work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stockdrift.stock.entries import CollectorNote, RereadAsked
from stockdrift.store.sqlite import open_journal

LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM entry").fetchone()[0])
connection.close()
"""


def stranger(path: Path) -> int:
    """Another program that looks at the journal and closes it: SQLite clears up after the last."""
    return int(subprocess.run([sys.executable, "-c", LOOK, path], capture_output=True, check=True, text=True).stdout)


async def test_a_stranger_s_look_takes_nothing_from_those_at_work(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    writer = await open_journal(path, writable=True)
    second = await open_journal(path, writable=True)
    reader = await open_journal(path, writable=False)
    seen = []
    for number in range(5):
        await writer.append([CollectorNote(number, "started")])
        await second.append([RereadAsked(number, "maya", "")])
        assert await reader.has_news()
        seen.append(stranger(path))
        assert path.with_name("drift.db-wal").exists(), "the log belongs to those who are at work"
        assert len(await reader.read()) == 2 * number + 2
    assert seen == [2, 4, 6, 8, 10]
    await reader.close()
    assert stranger(path) == 10
    assert path.with_name("drift.db-wal").exists(), "one who leaves takes no locks from the others"
    for journal in (second, writer):
        await journal.close()
