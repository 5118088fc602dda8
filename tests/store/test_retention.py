"""What is dropped lies before a checkpoint: the journal opens as before, judges as before, and says where it begins."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stockdrift.collector import recorder as recording
from stockdrift.collector.follow import Follower
from stockdrift.collector.keeper import Keeper
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.entries import Changes, CollectorNote, Poll, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.store.base import DroppedError, JournalError, Mark, Retention, Tidied
from stockdrift.store.sqlite import SqliteJournal, open_journal
from tests.collector.fakes import Clock, everything, known, rules
from tests.stock.scene import T0, reading

MUCH = 10**12


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_CHECKPOINT_EVERY", 5)


async def record(path: Path, polls: int, seed: int = 3) -> Monitor:
    """A run of ``polls`` readings a minute apart, with drift that comes and goes and a ruling in between."""
    journal, clock, chance = await open_journal(path, writable=True), Clock(), random.Random(seed)
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    for number in range(polls):
        levels = {f"S{sku}": chance.randint(0, 3) for sku in range(chance.randint(3, 8))}
        await recorder.record(reading(chance.choice([MASTER, "embed", "facebook"]), levels, clock()))
        clock.at += 60_000
        if number == polls // 2:
            await journal.append([Ruling(clock(), "op", Scope("facebook"), Tolerance(units=1))])
    await recorder.follow()
    await journal.close()
    return recorder.monitor


async def follow(path: Path) -> tuple[Monitor, int]:
    journal = await open_journal(path, writable=False)
    monitor = Monitor(rules())
    count = await Follower(journal, monitor).catch_up()
    await journal.close()
    return monitor, count


async def from_each_checkpoint(journal: SqliteJournal) -> list[dict[str, object]]:
    """What is known at the end, begun from every checkpoint that there is."""
    found = []
    for mark in await journal.checkpoints():
        monitor, here = Monitor(rules()), mark.number

        class From:
            async def checkpoints(self, here: int = here) -> list[Mark]:
                return [Mark(here, 0)]

            def __getattr__(self, name: str) -> object:
                return getattr(journal, name)

        await Follower(From(), monitor).catch_up()  # type: ignore[arg-type]
        found.append(known(monitor))
    return found


@pytest.mark.usefixtures("often")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31), polls=st.integers(5, 60), age=st.integers(0, 60), steps=st.integers(0, 12))
async def test_for_any_horizon_it_is_judged_after_as_before(
    tmp_path_factory: pytest.TempPathFactory, seed: int, polls: int, age: int, steps: int
) -> None:
    path = tmp_path_factory.mktemp("kept") / "drift.db"
    before = known(await record(path, polls, seed))
    journal = await open_journal(path, writable=True)
    now = T0 + polls * 60_000
    keep = age * 60_000
    whole = await everything(journal)
    marks = list(await journal.checkpoints())

    for _ in range(steps):  # it may be interrupted anywhere
        await journal.tidy(Retention(keep, MUCH), now)
    assert known((await follow(path))[0]) == before
    while await journal.tidy(Retention(keep, MUCH), now) is Tidied.MORE:
        pass
    assert known((await follow(path))[0]) == before

    begin = await journal.beginning()
    old = [mark for mark in marks if mark.at <= now - keep]
    assert begin == (old[-1] if old else None)
    left = await journal.read(begin.number if begin else 0, 1000)
    assert [entry.number for entry in left] == [e.number for e in whole if e.number > (begin.number if begin else 0)]
    for said in await from_each_checkpoint(journal):
        assert said == before
    if begin:
        with pytest.raises(DroppedError, match=r"The journal begins at 20\d\d-\d\d-\d\d \d\d:\d\d: what lay before"):
            await journal.read(0)
        assert all(episode.closed_at is None or episode.closed_at >= begin.at for episode in await journal.episodes())
    await journal.close()


@pytest.mark.usefixtures("often")
async def test_numbers_go_on_where_everything_was_dropped(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await record(path, 20)
    journal = await open_journal(path, writable=True)
    recorder = Recorder(journal, rules(), Clock())
    await recorder.resume()
    await recorder.checkpoint()
    (*_, newest) = await journal.checkpoints()
    while await journal.tidy(Retention(0, MUCH), T0 * 2) is Tidied.MORE:
        pass
    assert await journal.read(newest.number) == []
    assert list(await journal.append([CollectorNote(1, "started")])) == [newest.number + 1]
    await journal.close()


@pytest.mark.usefixtures("often")
async def test_a_reader_that_was_left_behind_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await record(path, 6)
    behind = await open_journal(path, writable=False)
    monitor = Monitor(rules())
    follower = Follower(behind, monitor)
    await follower.catch_up()

    journal, clock = await open_journal(path, writable=True), Clock(T0 + 3_600_000)
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    for number in range(20):
        await recorder.record(reading("facebook", {f"S{sku}": number for sku in range(9)}, clock()))
    while await journal.tidy(Retention(0, MUCH), clock() + 1) is Tidied.MORE:
        pass
    begin = await journal.beginning()
    assert begin is not None
    assert begin.number > follower.position
    await follower.catch_up()
    assert known(monitor) == known(recorder.monitor)
    await journal.close()
    await behind.close()


@pytest.mark.usefixtures("often")
async def test_where_no_checkpoint_can_be_read_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await record(path, 30)
    journal = await open_journal(path, writable=True)
    while await journal.tidy(Retention(0, MUCH), T0 * 2) is Tidied.MORE:
        pass
    await journal._run(lambda connection: connection.execute("UPDATE checkpoint SET body = x'00'").close())
    with pytest.raises(JournalError, match=r"The journal begins at .* No checkpoint of it can be read"):
        await Follower(journal, Monitor(rules())).catch_up()
    await journal.close()


def noise(number: int, rows: int) -> Poll:
    """A poll that nothing can make smaller."""
    rng = np.random.default_rng(number)
    return Poll(
        "facebook",
        Outcome.COMPLETE,
        Covers.CHANGED,
        T0 + number,
        T0 + number,
        changes=Changes(
            np.arange(rows, dtype=np.int32),
            np.ones(rows, np.uint8),
            rng.integers(-(2**31), 2**31 - 1, rows, dtype=np.int32),
            np.zeros(rows, np.uint8),
        ),
    )


async def test_the_file_and_its_log_stay_within_their_size(tmp_path: Path) -> None:
    path, most = tmp_path / "drift.db", 16 * 10**6
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    skus = {f"SKU-{number}": number for number in range(20_000)}
    await recorder.record(reading("facebook", skus, clock()))
    keeper = Keeper(journal, recorder, Retention(MUCH, most), clock)
    reader = await open_journal(path, writable=False)
    largest = 0
    for number in range(600):  # 80 kB each: 48 MB in all
        clock.at += 60_000
        assert await recorder._write([noise(number, 20_000)])
        await keeper.tidy()
        await reader.read((await reader.beginning() or Mark(0, 0)).number, 1)
        largest = max(largest, size(tmp_path))
    assert largest <= most
    begin = await journal.beginning()
    assert begin is not None
    assert begin.number > 300
    before = known(recorder.monitor)
    await reader.close()
    await journal.close()
    assert known((await follow(path))[0]) == before


async def test_a_file_that_is_too_large_gives_its_pages_back(tmp_path: Path) -> None:
    path, most = tmp_path / "drift.db", 16 * 10**6
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    await recorder.record(reading("facebook", {f"SKU-{number}": number for number in range(20_000)}, clock()))
    for number in range(400):
        await recorder._write([noise(number, 20_000)])
    assert path.stat().st_size > 30 * 10**6
    clock.at += 3_600_000
    await Keeper(journal, recorder, Retention(MUCH, most), clock).tidy()
    assert size(tmp_path) <= most
    await journal.close()


async def test_each_step_is_short_and_writers_come_in_between(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    await recorder.record(reading("facebook", {f"SKU-{number}": number for number in range(20_000)}, clock()))
    for number in range(200):
        await recorder._write([noise(number, 20_000)])
    await recorder.checkpoint()
    clock.at += 3_600_000
    other = await open_journal(path, writable=True)
    keeper = asyncio.create_task(Keeper(journal, recorder, Retention(0, MUCH), clock).tidy())
    written = 0
    while not keeper.done():
        await other.append([CollectorNote(clock(), "recording")])  # raises where it would have to wait for a second
        written += 1
        await asyncio.sleep(0.001)
    await keeper
    assert written > 5
    assert await journal.beginning() is not None
    await journal.close()
    await other.close()


async def test_what_does_not_fit_whatever_is_dropped_is_refused_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "drift.db"
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    keeper = Keeper(journal, recorder, Retention(MUCH, 600_000), clock)
    await keeper.tidy()
    with pytest.raises(JournalError, match=r"it has reached journal\.max_size"):
        await journal.append([noise(number, 20_000) for number in range(20)])
    clock.at += 120_000
    await recorder.follow()
    with sqlite3.connect(path) as connection:  # what drifts now cannot be dropped
        connection.executemany(
            "INSERT INTO episode (sku, surface, severity, opened_at) VALUES (?, 'a', 'over', 1)",
            ((f"{number:0>200}",) for number in range(500)),
        )
    connection.close()
    for _ in range(3):
        clock.at += 120_000
        await keeper.tidy()
    assert caplog.text.count("nothing more can be dropped") == 1
    await journal.close()
