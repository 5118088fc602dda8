from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stockdrift.collector import follow
from stockdrift.collector.ahead import Ahead
from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.entries import Entry
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import Clock, FlakyJournal, known, rules
from tests.stock.scene import reading


async def _recorded(path: Path, count: int) -> Monitor:
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    for turn in range(count):
        name = (MASTER, "embed", "facebook")[turn % 3]
        await recorder.record(reading(name, {"A": turn % 4, "B": turn % 5}, clock()))
    await journal.close()
    return recorder.monitor


async def test_a_follower_knows_what_the_collector_knows_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    first = await _recorded(path, 20)
    journal = await open_journal(path, writable=False)
    heard: list[Entry] = []
    follower = Follower(journal, Monitor(rules()), lambda entry, _: heard.append(entry))
    assert await follower.catch_up() == 22
    assert [entry.number for entry in heard] == list(range(1, 23))
    assert known(follower.monitor) == known(first)
    assert await follower.catch_up() == 0

    second = await _recorded(path, 5)
    assert await follower.catch_up() == 6
    assert follower.position == 28
    assert known(follower.monitor) == known(second)
    await journal.close()


async def test_a_checkpoint_read_ahead_leads_to_the_same(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await _recorded(path, 300)  # a checkpoint, and entries after it
    journal = await open_journal(path, writable=False)
    plain, quick = Follower(journal, Monitor(rules())), Follower(journal, Monitor(rules()), ahead=Ahead(path))
    assert await quick.catch_up() == await plain.catch_up() > 0
    assert quick.position == plain.position
    assert quick.base == plain.base > 0
    assert known(quick.monitor) == known(plain.monitor)
    await journal.close()


@pytest.mark.parametrize("content", [None, b"no journal at all"])
async def test_where_nothing_can_be_read_ahead_the_usual_way_is_gone(tmp_path: Path, content: bytes | None) -> None:
    path, other = tmp_path / "drift.db", tmp_path / "other.db"
    monitor = await _recorded(path, 20)
    if content is not None:
        other.write_bytes(content)
    journal = await open_journal(path, writable=False)
    follower = Follower(journal, Monitor(rules()), ahead=Ahead(other))
    assert await follower.catch_up() == 22
    assert known(follower.monitor) == known(monitor)
    await journal.close()


async def test_what_could_not_be_read_is_read_later(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    monitor = await _recorded(path, 20)
    journal = FlakyJournal(await open_journal(path, writable=False))
    follower = Follower(journal, Monitor(rules()))
    journal.broken.add("read")
    with pytest.raises(JournalError):
        await follower.catch_up()
    journal.broken.clear()
    await follower.catch_up()
    assert known(follower.monitor) == known(monitor)
    await journal.close()


async def test_two_who_ask_at_once_hear_every_entry_once(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    monitor = await _recorded(path, 20)
    journal = await open_journal(path, writable=False)
    follower = Follower(journal, Monitor(rules()))
    assert sum(await asyncio.gather(*(follower.catch_up() for _ in range(4)))) == 22
    assert known(follower.monitor) == known(monitor)
    await journal.close()


async def test_a_long_replay_lets_others_have_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drift.db"
    await _recorded(path, 40)
    monkeypatch.setattr(follow, "_SLICE", 0.0)
    journal = await open_journal(path, writable=False)
    follower = Follower(journal, Monitor(rules()))
    seen: set[int] = set()

    async def look() -> None:
        while True:
            seen.add(follower.position)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await follower.catch_up()
    looking.cancel()
    assert len(seen) > 20
    await journal.close()
