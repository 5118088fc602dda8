"""A journal that an earlier version wrote is brought forward whole, and a copy of it is kept."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.report import report
from stockdrift.store import migrate, schema
from stockdrift.store.base import JournalError
from stockdrift.store.migrate import bring_forward, is_outdated
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import Clock, rules
from tests.stock.scene import reading

FIXTURES = Path(__file__).parent / "fixtures"
NOW = datetime(2026, 11, 27, 10, 42, tzinfo=UTC)
FIGURES = ("tracked", "drifting", "in_sync", "unknown", "oversell", "over", "under", "orphans", "uncovered")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A journal of schema 1, as the version before wrote it: 74 entries, two checkpoints, 187 episodes."""
    path = tmp_path / "drift.db"
    path.write_bytes(gzip.decompress((FIXTURES / "schema1.db.gz").read_bytes()))
    return path


def figures(said: Mapping[str, Any]) -> dict[str, Any]:
    """The counts, and what the master and each surface say of each SKU."""
    counts = {key: said[key] for key in FIGURES}
    levels = {sku["sku"]: [level["reported"] for level in sku["levels"].values()] for sku in said["skus"]}
    return {**counts, "levels": levels}


def files(folder: Path) -> list[str]:
    """Those that hold anything: a reader leaves an empty log behind."""
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(("-wal", "-shm")))


async def judged(path: Path) -> dict[str, Any]:
    """What the journal says at the moment of its last entry."""
    journal = await open_journal(path, writable=False)
    monitor = Monitor(rules())
    await Follower(journal, monitor).catch_up()
    assert len(await journal.episodes(limit=1000)) == 187
    await journal.close()
    return figures(report(monitor, monitor.board.now, everything=True))


EXPECTED = figures(json.loads((FIXTURES / "schema1.json").read_text()))


def schema_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


async def test_it_is_judged_as_it_was(old: Path) -> None:
    assert is_outdated(old)
    copy = bring_forward(old, NOW)
    assert schema_of(old) == schema.SCHEMA
    assert not is_outdated(old)
    assert await judged(old) == EXPECTED
    assert copy == old.with_name("drift.db.schema1-20261127T104200Z.backup")
    assert files(old.parent) == ["drift.db", copy.name]


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


async def test_the_copy_is_the_journal_as_it_was(old: Path) -> None:
    before = dump(old)
    copy = bring_forward(old, NOW)
    assert copy is not None
    assert dump(copy) == before
    assert schema_of(copy) == 1
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.rename(old)
    assert await judged(old) == EXPECTED  # put in its place, it is read, and can be brought forward again
    assert bring_forward(old, NOW) is not None


async def test_a_new_journal_and_one_brought_forward_are_alike(old: Path, tmp_path: Path) -> None:
    bring_forward(old, NOW)
    new = tmp_path / "new.db"
    await (await open_journal(new, writable=True)).close()

    def layout(path: Path) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
            return [*found, connection.execute("PRAGMA auto_vacuum").fetchone()]

    assert layout(old) == layout(new)


async def test_one_of_this_schema_and_none_at_all_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    assert bring_forward(path, NOW) is None
    assert not path.exists()
    await (await open_journal(path, writable=True)).close()
    assert bring_forward(path, NOW) is None
    assert files(tmp_path) == ["drift.db"]


async def test_counts_over_time_begin_when_it_was_brought_forward(old: Path) -> None:
    for _ in range(2):
        journal = await open_journal(old, writable=False)
        assert await journal.samples(0, 2**60) == []
        assert len(await journal.times()) == 74
        await journal.close()
        bring_forward(old, NOW)
    writer = await open_journal(old, writable=True)
    recorder = Recorder(writer, rules(), Clock(1_776_774_300_000))
    await recorder.resume()
    await recorder.record(reading("embed", {f"CANDLE-{number}": 1 for number in range(12)}, 1_776_774_300_000))
    assert len(await writer.samples(0, 2**60)) >= 1
    await writer.close()


async def test_it_can_be_read_as_it_is_and_not_be_written(old: Path) -> None:
    assert await judged(old) == EXPECTED
    with pytest.raises(JournalError, match=r"written by an earlier stockdrift \(schema 1, now 2\)"):
        await open_journal(old, writable=True)
    assert schema_of(old) == 1


async def test_one_that_fails_halfway_leaves_it_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE checkpoint")
        connection.execute("CREATE TABLE checkpoint (number, number)")

    before = dump(old)
    monkeypatch.setitem(migrate.STEPS, 1, half)
    with pytest.raises(JournalError, match=r"cannot be brought from schema 1 to 2, and stays as it is: .*duplicate"):
        bring_forward(old, NOW)
    assert dump(old) == before
    assert await judged(old) == EXPECTED
    monkeypatch.undo()
    assert bring_forward(old, NOW)
    assert await judged(old) == EXPECTED


def test_without_room_for_the_copy_nothing_is_touched(old: Path) -> None:
    before = old.read_bytes()
    script = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from stockdrift.store.base import JournalError
from stockdrift.store.migrate import bring_forward
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    bring_forward(Path(sys.argv[1]), datetime.now(UTC))
except JournalError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", script, str(old)], capture_output=True, text=True, timeout=30)
    assert said.stderr == ""
    assert said.stdout.startswith(f"The journal {old} cannot be brought from schema 1 to 2, and stays as it is: ")
    assert old.read_bytes() == before
    assert files(old.parent) == ["drift.db"]


def test_a_damaged_one_is_not_brought_forward(old: Path) -> None:
    content = bytearray(old.read_bytes())
    content[20_000:60_000] = b"\x5a" * 40_000
    old.write_bytes(content)
    with pytest.raises(JournalError, match="is damaged"):
        bring_forward(old, NOW)
    assert old.read_bytes() == content
    assert files(old.parent) == ["drift.db"]


@pytest.mark.parametrize("after", ["copy", "vacuum", "step"])
def test_killed_on_the_way_it_is_of_the_one_schema_or_of_the_other(old: Path, after: str) -> None:
    script = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from stockdrift.store import migrate, schema

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "copy":
    migrate._sync = die
elif sys.argv[2] == "vacuum":
    migrate._climb = die
else:
    whole = migrate.STEPS[1]
    migrate.STEPS[1] = lambda connection: (whole(connection), die())
migrate.bring_forward(Path(sys.argv[1]), datetime.now(UTC))
"""
    subprocess.run([sys.executable, "-c", script, str(old), after], timeout=30, env=os.environ)
    assert schema_of(old) == 1
    assert asyncio.run(judged(old)) == EXPECTED
    assert bring_forward(old, NOW)
    assert asyncio.run(judged(old)) == EXPECTED


async def test_a_checkpoint_of_schema_2_is_understood_for_as_long_as_that_is_the_schema(tmp_path: Path) -> None:
    """The same run, of which all but the newest checkpoint and 14 entries was dropped: nothing else to begin from.

    Where this fails the shape of a checkpoint has changed: give the schema a new number, and a step that carries the
    checkpoints over.
    """
    path = tmp_path / "drift.db"
    path.write_bytes(gzip.decompress((FIXTURES / "schema2.db.gz").read_bytes()))
    bring_forward(path, NOW)
    journal = await open_journal(path, writable=False)
    monitor = Monitor(rules())
    assert await Follower(journal, monitor).catch_up() == 14
    await journal.close()
    assert figures(report(monitor, monitor.board.now, everything=True)) == EXPECTED
