from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.entries import Changes, CollectorNote, Entry, Naming, Poll, RereadAsked
from stockdrift.stock.reading import Call, Covers, Outcome, Traffic
from stockdrift.stock.values import replace
from stockdrift.store import sqlite as sqlite_module
from stockdrift.store.base import JournalError
from stockdrift.store.connect import connect
from stockdrift.store.sqlite import open_journal
from tests.store.entries import began, ceased, entries, numbered, portrait


@given(st.lists(st.lists(entries, max_size=4), max_size=5), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
async def test_a_journal_says_what_it_was_told_in_that_order(batches: list[list[Entry]], limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drift.db"
        journal = await open_journal(path, writable=True)
        told: list[object] = []
        for batch in batches:
            numbers = await journal.append(batch)
            assert len(numbers) == len(batch)
            told += [portrait(replace(entry, number=number)) for entry, number in zip(batch, numbers, strict=True)]
        await journal.close()

        reader = await open_journal(path, writable=False)
        heard: list[object] = []
        after = 0
        while found := await reader.read(after, limit):
            assert len(found) <= limit
            heard += [portrait(entry) for entry in found]
            after = found[-1].number
        await reader.close()
        assert heard == told


async def test_who_is_cancelled_while_it_is_opened_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[sqlite3.Connection] = []
    begun, go_on = threading.Event(), threading.Event()

    def slowly(path: Path, *, writable: bool) -> sqlite3.Connection:
        begun.set()
        go_on.wait(10)
        made.append(connect(path, writable=writable))
        return made[0]

    monkeypatch.setattr(sqlite_module, "connect", slowly)
    opening = asyncio.create_task(open_journal(tmp_path / "drift.db", writable=True))
    await asyncio.to_thread(begun.wait, 10)
    opening.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        made[0].execute("SELECT 1")


async def test_reading_starts_after_the_number_given(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    assert list(await journal.append([numbered(number) for number in range(1, 11)])) == list(range(1, 11))
    assert [entry.number for entry in await journal.read(7)] == [8, 9, 10]
    assert await journal.read(10) == []
    await journal.close()


@given(st.lists(entries, max_size=12), st.integers(0, 6), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
async def test_about_a_row_a_journal_says_what_it_says_in_full(told: list[Entry], row: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = await open_journal(Path(folder) / "drift.db", writable=True)
        await journal.append(told)
        whole: list[Entry] = []
        while found := await journal.read(whole[-1].number if whole else 0):
            whole += found
        back: list[Entry] = []
        while found := await journal.about(row, before=back[-1].number if back else None, limit=limit):
            assert len(found) <= limit
            back += found
        assert await journal.about(row, after=len(told)) == []
        await journal.close()
    assert [entry.number for entry in back] == list(range(len(told), 0, -1))
    for full, part in zip(whole, reversed(back), strict=True):
        if not isinstance(full, Poll):
            assert portrait(part) == portrait(full)
            continue
        assert isinstance(part, Poll)
        assert (part.surface, part.outcome, part.reason, part.started_at, part.read_at, part.as_of, part.listed) == (
            full.surface, full.outcome, full.reason, full.started_at, full.read_at, full.as_of, full.listed,
        )  # fmt: skip
        here = full.changes.rows == row
        for name in ("rows", "states", "quantities", "reasons"):
            assert getattr(part.changes, name).tolist() == getattr(full.changes, name)[here].tolist()


async def test_large_entries_come_a_few_at_a_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = np.arange(600_000, dtype=np.int32)
    noise = rng.integers(-(2**31), 2**31 - 1, len(rows), dtype=np.int32)  # nothing to compress
    states = np.ones(len(rows), np.uint8)
    poll = Poll("facebook", Outcome.COMPLETE, Covers.ALL, 1, 2, changes=Changes(rows, states, noise, states))
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    for _ in range(6):
        await journal.append([poll])
    first = await journal.read(0)
    assert 1 <= len(first) < 6
    (following, *_) = await journal.read(first[-1].number)
    assert following.number == first[-1].number + 1
    await journal.close()


async def test_a_million_skus_in_one_poll(tmp_path: Path) -> None:
    count = 1_000_000
    rng = np.random.default_rng(2)
    rows = np.arange(count, dtype=np.int32)
    poll = Poll(
        "master",
        Outcome.COMPLETE,
        Covers.ALL,
        1,
        2,
        listed=count,
        new_skus=[f"SKU-{number:07d}" for number in range(count)],
        changes=Changes(
            rows, np.ones(count, np.uint8), rng.integers(0, 99, count, dtype=np.int32), np.zeros_like(rows, np.uint8)
        ),
        naming=Naming(rows, [f"Candle\nno {number}" for number in range(count)], np.full(count, np.nan)),
    )
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    async with asyncio.timeout(20):  # half a second each way on an idle machine
        await journal.append([poll])
        (found,) = await journal.read()
    await journal.close()
    assert portrait(found) == portrait(replace(poll, number=1))


async def test_two_readers_follow_one_writer_and_see_a_prefix_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    writer = await open_journal(path, writable=True)
    total = 120
    finished = asyncio.Event()

    async def write() -> None:
        for first in range(1, total + 1, 4):
            await writer.append([numbered(number) for number in range(first, first + 4)])
        finished.set()

    async def follow() -> int:
        reader = await open_journal(path, writable=False)
        seen = looks = 0
        try:
            while seen < total:
                over = finished.is_set()
                while found := await reader.read(seen, 7):
                    assert [entry.number for entry in found] == list(range(seen + 1, seen + len(found) + 1))
                    assert [portrait(entry) for entry in found] == [portrait(numbered(e.number)) for e in found]
                    seen = found[-1].number
                    looks += 1
                assert not over or seen == total
        finally:
            await reader.close()
        return looks

    _, *looks = await asyncio.gather(write(), follow(), follow())
    await writer.close()
    assert all(looks)


async def test_news_is_what_others_wrote_since_last_asked(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    one = await open_journal(path, writable=True)
    other = await open_journal(path, writable=True)
    assert not await one.has_news()
    await other.append([RereadAsked(1, "anna", "facebook")])
    assert await one.has_news()
    assert not await one.has_news()
    await one.append([CollectorNote(2, "started")])
    assert not await one.has_news()
    assert await other.has_news()
    await one.close()
    await other.close()


async def test_files_that_nobody_wrote_are_not_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[sqlite3.Connection] = []
    plain = sqlite_module._data_version

    def version(connection: sqlite3.Connection) -> int:
        asked.append(connection)
        return plain(connection)

    monkeypatch.setattr(sqlite_module, "_data_version", version)
    path = tmp_path / "drift.db"
    one = await open_journal(path, writable=True)
    other = await open_journal(path, writable=True)

    def age() -> None:
        for file in (path, tmp_path / "drift.db-wal"):
            os.utime(file, (1_000, 1_000))

    await other.append([CollectorNote(1, "started")])
    age()
    assert await one.has_news()
    asked.clear()
    assert [await one.has_news() for _ in range(5)] == [False] * 5
    assert not asked
    await other.append([CollectorNote(2, "stopped")])
    assert await one.has_news()
    age()
    await one.has_news()
    await other.append([CollectorNote(3, "started")])
    age()
    one._files = sqlite_module._written(one._written_to)  # as on a file system whose times and sizes tell nothing
    one._ask_at = 0
    assert await one.has_news(), "asked from time to time all the same"
    await one.close()
    await other.close()


async def test_numbers_of_two_writers_are_one_order(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    writers = [await open_journal(path, writable=True) for _ in range(2)]

    async def write(name: str, index: int) -> list[int]:
        return [(await writers[index].append([CollectorNote(at, name)]))[0] for at in range(40)]

    found = await asyncio.gather(write("one", 0), write("other", 1))
    assert sorted([*found[0], *found[1]]) == list(range(1, 81))
    heard = await writers[0].read()
    assert [entry.at for entry in heard if isinstance(entry, CollectorNote) and entry.event == "one"] == list(range(40))
    for writer in writers:
        await writer.close()


async def test_many_may_open_a_new_journal_at_once(tmp_path: Path) -> None:
    opened = await asyncio.gather(*(open_journal(tmp_path / "drift.db", writable=True) for _ in range(8)))
    for journal in opened:
        await journal.append([CollectorNote(1, "started")])
    assert len(await opened[0].read()) == 8
    for journal in opened:
        await journal.close()


async def test_episodes_open_and_close(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    await journal.append(
        [numbered(1)], [began("AMB-220", 100), began("FIG-220", 110, severity="oversell", deviation=None)]
    )
    await journal.append([numbered(2)], [ceased("AMB-220", 200), began("AMB-220", 200, surface="embed", deviation=-2)])
    everything = await journal.episodes()
    assert [(episode.sku, episode.surface, episode.opened_at, episode.closed_at) for episode in everything] == [
        ("AMB-220", "embed", 200, None),
        ("FIG-220", "facebook", 110, None),
        ("AMB-220", "facebook", 100, 200),
    ]
    assert [(episode.severity, episode.deviation) for episode in everything] == [
        ("over", -2),
        ("oversell", None),
        ("over", 8),
    ]
    assert [episode.opened_at for episode in await journal.episodes("AMB-220")] == [200, 100]
    assert [episode.sku for episode in await journal.episodes(only_open=True)] == ["AMB-220", "FIG-220"]
    assert [episode.surface for episode in await journal.episodes("AMB-220", only_open=True)] == ["embed"]
    assert len(await journal.episodes(limit=1)) == 1
    assert await journal.judged_through() == 2
    await journal.close()


async def test_episodes_may_follow_their_entry(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    await journal.append([numbered(1), numbered(2)])
    assert await journal.judged_through() == 0
    await journal.record_episodes([began("AMB-220", 100)], 1)
    assert await journal.judged_through() == 1
    await journal.record_episodes([ceased("AMB-220", 200), began("AMB-220", 200)], 2)
    assert await journal.judged_through() == 2
    assert [episode.opened_at for episode in await journal.episodes(only_open=True)] == [200]
    await journal.close()


CALLS = (Call("products", 500, 90, 200), Call("products page 2", 600, 100, 503, "HTTP 503"))


async def test_polls_are_listed_newest_first(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    failed = Poll(
        "facebook",
        Outcome.FAILED,
        Covers.ALL,
        500,
        700,
        reason="HTTP 503",
        traffic=Traffic(requests=4, failures=4, bytes=99, calls=CALLS),
    )
    await journal.append([numbered(number) for number in range(1, 8)])
    await journal.append([failed, CollectorNote(1, "facebook")])
    assert [poll.number for poll in await journal.polls("surface 1")] == [7, 4, 1]
    assert [poll.number for poll in await journal.polls("surface 1", limit=2)] == [7, 4]
    (poll,) = await journal.polls("facebook")
    assert (poll.outcome, poll.reason, poll.started_at, poll.read_at) == (Outcome.FAILED, "HTTP 503", 500, 700)
    assert (poll.requests, poll.failures, poll.bytes, poll.changed) == (4, 4, 99, 0)
    assert tuple(poll.calls) == CALLS
    await journal.close()


async def test_the_indexes_serve_the_questions(tmp_path: Path) -> None:
    """A journal of a year has millions of entries: no question of a screen may walk through all of them."""
    path = tmp_path / "drift.db"
    await (await open_journal(path, writable=True)).close()
    plans = {}
    with sqlite3.connect(path) as connection:
        for query in (
            "SELECT number FROM entry WHERE kind = 'poll' AND subject = 'a' ORDER BY number DESC LIMIT 5",
            "SELECT id FROM episode WHERE TRUE AND sku = 'a' ORDER BY opened_at DESC, id DESC LIMIT 5",
            "SELECT id FROM episode WHERE TRUE ORDER BY opened_at DESC, id DESC LIMIT 5",
            "UPDATE episode SET closed_at = 5 WHERE sku = 'a' AND surface = 'b' AND closed_at IS NULL",
        ):
            plans[query] = " ".join(str(row[3]) for row in connection.execute("EXPLAIN QUERY PLAN " + query))
    connection.close()
    for plan in plans.values():
        assert "INDEX" in plan, plans
        assert "TEMP B-TREE" not in plan, plans


async def test_only_its_owner_may_read_it_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a journal?mode=memory#1%20.db"
    journal = await open_journal(path, writable=True)
    await journal.append([CollectorNote(1, "started")])
    assert {file.name.removeprefix(path.name): file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "": 0o600,
        "-wal": 0o600,
        "-shm": 0o600,
    }
    await journal.close()


async def test_a_closed_journal_says_so_and_may_be_closed_again(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    await journal.close()
    await journal.close()
    with pytest.raises(JournalError, match="is closed"):
        await journal.read()
