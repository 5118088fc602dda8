"""A journal that is opened at a checkpoint is known as one that is replayed from its beginning."""

from __future__ import annotations

import random
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from stockdrift.collector import recorder as recording
from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.entries import Entry, RulesChanged, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import Clock, everything, known, rules
from tests.stock.scene import reading


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_CHECKPOINT_EVERY", 7)


async def recorded(path: Path, polls: int) -> Monitor:
    """A collector's run with drift that comes and goes, and a ruling in between."""
    journal, clock, chance = await open_journal(path, writable=True), Clock(), random.Random(5)
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    for number in range(polls):
        levels = {f"S{sku}": chance.randint(0, 3) for sku in range(5)}
        await recorder.record(reading(chance.choice([MASTER, "facebook"]), levels, clock()))
        if number == polls // 2:
            await journal.append([Ruling(clock(), "op", Scope("facebook"), Tolerance(units=1))])
    await recorder.follow()
    await journal.close()
    return recorder.monitor


async def opened(path: Path) -> tuple[Monitor, list[Entry]]:
    journal = await open_journal(path, writable=False)
    heard: list[Entry] = []
    monitor = Monitor(rules())
    await Follower(journal, monitor, lambda entry, _: heard.append(entry)).catch_up()
    await journal.close()
    return monitor, heard


async def test_it_is_known_alike_and_little_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    live = await recorded(path, 40)
    monitor, heard = await opened(path)
    assert known(monitor) == known(live)
    assert len(heard) < 10
    assert [line.since for line in monitor.lines(monitor.order())] == [line.since for line in live.lines(live.order())]


async def test_older_checkpoints_give_way_unless_the_entries_between_weigh_as_much(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, 90)
    with sqlite3.connect(path) as connection:
        kept = [row[0] for row in connection.execute("SELECT number FROM checkpoint ORDER BY number")]
        weigh = "SELECT sum(length(header) + length(body)) FROM entry WHERE number > ? AND number <= ?"
        weights = [connection.execute(weigh, pair).fetchone()[0] for pair in pairwise([0, *kept[:-2]])]
        sizes = [row[0] for row in connection.execute("SELECT length(header) + length(body) FROM checkpoint")][:-2]
    connection.close()
    assert 2 < len(kept) < 90 // 7
    assert all(2 * weight >= size for weight, size in zip(weights, sizes, strict=True))


async def test_a_reader_begins_at_the_checkpoint_before_where_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, 90)
    journal = await open_journal(path, writable=False)
    with sqlite3.connect(path) as connection:
        kept = [row[0] for row in connection.execute("SELECT number FROM checkpoint ORDER BY number")]
    connection.close()
    for at_most in (0, kept[0] - 1, kept[0], kept[1] - 1, kept[1], kept[-1], kept[-1] + 100):
        found = await journal.checkpoint(at_most)
        before = [number for number in kept if number <= at_most]
        assert (found[0] if found else None) == (before[-1] if before else None)
    newest = await journal.checkpoint()
    assert newest is not None
    assert newest[0] == kept[-1]
    await journal.close()


async def test_a_damaged_checkpoint_costs_time_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "drift.db"
    live = await recorded(path, 40)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE checkpoint SET body = substr(body, 1, 100)")
    connection.close()
    monitor, heard = await opened(path)
    assert known(monitor) == known(live)
    assert len(heard) > 40
    assert "damaged" in caplog.text


async def test_a_restart_at_a_checkpoint_repeats_no_rules_and_keeps_episodes(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    live = await recorded(path, 40)
    journal = await open_journal(path, writable=True)
    episodes = await journal.episodes(limit=1000)
    now = live.board.now
    recorder = Recorder(journal, rules(), lambda: now)
    await recorder.resume()
    assert known(recorder.monitor) == known(live)
    assert sum(isinstance(entry, RulesChanged) for entry in await everything(journal)) == 1
    assert await journal.episodes(limit=1000) == episodes
    await journal.close()
