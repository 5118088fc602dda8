"""The past where the journal grows meanwhile, lost something, or a way through it is given up."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from stockdrift.commands import replay
from stockdrift.stock.reading import MASTER
from stockdrift.store import entry_table
from stockdrift.store.base import JournalError
from tests.commands.recorded_run import a_day_in_short, make_small, opened, running, stands
from tests.stock.scene import MINUTE, T0, reading
from tests.stock.test_replay import shown


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


async def test_a_jump_that_is_given_up_leaves_all_as_it_stood(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run)
        async with opened(run) as past:
            first, last = past.passage.first, past.passage.last
            assert first is not None
            assert last is not None
            before = await stands(past, last)
            given_up = 0
            for turns in (0, 1, 2, 5, 20, 100, 500, 2_000):
                jump = asyncio.create_task(past.go(first))
                for _ in range(turns):
                    await asyncio.sleep(0)
                jump.cancel()
                await asyncio.gather(jump, return_exceptions=True)
                given_up += jump.cancelled()
                here = first if not jump.cancelled() else last
                assert shown(past.model, here.at) == (before if here is last else await stands(past, first))
                assert await stands(past, last) == before
            assert given_up >= 2


async def test_what_is_recorded_meanwhile_can_be_gone_to(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run, 20)
        async with opened(run) as past:
            assert past.passage.last is not None
            await past.go(past.passage.last)
            assert not await past.refresh()
            run.clock.now += MINUTE
            await run.recorder.record(reading("shop", {"S1": 77}, run.clock.now))
            await run.look()
            assert await past.refresh()
            moment = past.passage.at(run.clock.now)
            assert moment is not None
            assert await stands(past, moment) == run.seen[-1][1]


async def test_a_journal_whose_beginning_was_dropped_begins_behind_its_oldest_checkpoint(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run)
        with sqlite3.connect(run.path) as connection:
            oldest = connection.execute("SELECT min(number) FROM checkpoint WHERE number > 20").fetchone()[0]
            connection.execute("DELETE FROM entry WHERE number <= ?", (oldest,))
            connection.execute("DELETE FROM checkpoint WHERE number < ?", (oldest,))
        connection.close()
        async with opened(run) as past:
            assert past.passage.first is not None
            assert past.passage.first.number > oldest
            assert past.passage.at(T0 + 1) is None
            kept = [look for look in run.seen if look[0] >= past.passage.first.at]
            assert len(kept) > 5
            for at, before in reversed(kept):
                moment = past.passage.at(at)
                assert moment is not None
                assert await stands(past, moment) == before


async def test_one_that_lost_its_entries_says_so(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run, 20)
        async with opened(run) as past:
            last = past.passage.last
            assert last is not None
            with sqlite3.connect(run.path) as connection:
                connection.execute("DELETE FROM entry WHERE number > 8")
                connection.execute("DELETE FROM checkpoint WHERE number > 8")
            connection.close()
            with pytest.raises(JournalError, match=f"entry {last.number} is not in it any more"):
                await past.go(last)


async def test_the_counts_go_on_where_none_are_recorded_yet(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        for name, level in ((MASTER, 1), ("shop", 4), ("feed", 1)):
            run.clock.now += 1
            await run.recorder.record(reading(name, {"A": level, "B": 1}, run.clock.now))
        run.clock.now += 11 * MINUTE  # nobody records any more, and the shop's reading grows stale
        await run.look()
        async with opened(run) as past:
            found = await past.samples(T0, run.clock.now)
            assert [(one.at - T0, one.drifting) for one in found if one.known][-2:] == [(4, 1), (10 * MINUTE + 4, 0)]
            assert found[-1].unknown == 2
            assert await past.samples(T0, T0 + MINUTE) == found[:-1]


async def test_steps_miss_no_entry_however_large_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run, 12, restarts=False)
        async with opened(run) as past:
            last = past.passage.last
            assert last is not None
            whole = await stands(past, last)
        monkeypatch.setattr(replay, "_IN_PLACE", 16)
        monkeypatch.setattr(entry_table, "_BATCH_BYTES", 1)  # each read of the journal brings one poll
        async with opened(run) as past:
            first = past.passage.first
            assert first is not None
            assert last.number - first.number <= 16
            await past.go(first)
            assert await stands(past, last) == whole
