"""A collector may be killed at any moment: what it has recorded stays, and is a prefix of what it meant to record."""

from __future__ import annotations

import asyncio
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.stock.monitor import Monitor
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import known, rules
from tests.store.entries import numbered, portrait
from tests.store.keeping_writer import counted
from tests.store.test_retention import from_each_checkpoint

ROOT = Path(__file__).parents[2]


def _write_until_killed(path: Path, acknowledged: int, patience: float, writer: str = "tests.store.writer") -> int:
    """Lets a writer run for ``patience`` seconds beyond its first word, or kills it before; the last number it said."""
    process = subprocess.Popen([sys.executable, "-m", writer, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said: list[str] = []
    with process:
        if acknowledged:
            said.append(process.stdout.readline())
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0 and select.select([process.stdout], [], [], left)[0]:
            said.append(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    whole = [line for line in said if line.endswith("\n")]
    return int(whole[-1]) if whole else 0


async def _verify(path: Path, at_least: int) -> int:
    """How many polls the journal holds, all of them as they were meant."""
    journal = await open_journal(path, writable=True)
    after = 0
    while found := await journal.read(after):
        assert [entry.number for entry in found] == list(range(after + 1, after + len(found) + 1))
        assert [portrait(entry) for entry in found] == [portrait(numbered(entry.number)) for entry in found]
        after = found[-1].number
    assert after >= at_least, "what was recorded is gone"
    assert await journal.judged_through() == after
    episodes = await journal.episodes(limit=2)
    if after:
        assert episodes[0].opened_at == after - (after + 1) % 2
        assert episodes[0].closed_at == (None if after % 2 else after)
    await journal.close()
    return after


def _kill_again_and_again(path: Path, rounds: int, seed: int) -> None:
    rng = random.Random(seed)
    recorded = 0
    for turn in range(rounds):
        # Most are killed while they write; some while they start, open or make the journal.
        writing = turn % 4 != 3
        said = _write_until_killed(path, int(writing), rng.uniform(0, 0.4))
        if not path.exists():
            continue
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()

        recorded = asyncio.run(_verify(path, at_least=max(said, recorded)))
    assert recorded > rounds


def test_killed_three_times(tmp_path: Path) -> None:
    _kill_again_and_again(tmp_path / "drift.db", 3, seed=1)


@pytest.mark.torture
@pytest.mark.timeout(300)
def test_killed_twenty_times(tmp_path: Path) -> None:
    _kill_again_and_again(tmp_path / "drift.db", 20, seed=2)


async def _verify_kept(path: Path, at_least: int) -> int:
    """How many readings the journal knows of, begun from any of its checkpoints; and it can go on."""
    journal = await open_journal(path, writable=True)
    monitor = Monitor(rules())
    await Follower(journal, monitor).catch_up()
    if at_least:
        for said in await from_each_checkpoint(journal):
            assert said == known(monitor)
    assert counted(monitor) >= at_least, "what was recorded is gone"
    await journal.close()
    return counted(monitor)


def _kill_while_it_forgets(path: Path, rounds: int, seed: int) -> None:
    rng = random.Random(seed)
    recorded = 0
    for _ in range(rounds):
        said = _write_until_killed(path, 1, rng.uniform(0, 0.8), "tests.store.keeping_writer")
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        recorded = asyncio.run(_verify_kept(path, at_least=max(said, recorded)))
    with sqlite3.connect(path) as connection:
        begin = connection.execute("SELECT number FROM beginning").fetchone()[0]
    connection.close()
    assert begin > 0, "nothing was ever dropped"


def test_killed_twice_while_it_forgets(tmp_path: Path) -> None:
    _kill_while_it_forgets(tmp_path / "drift.db", 2, seed=3)


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_killed_thirty_times_while_it_forgets(tmp_path: Path) -> None:
    _kill_while_it_forgets(tmp_path / "drift.db", 30, seed=4)
