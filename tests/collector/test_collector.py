from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from stockdrift.collector import collector as collecting
from stockdrift.collector.collector import Collector
from stockdrift.stock.entries import CollectorNote, Poll, RereadAsked, Ruling
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, Scope, Tolerance
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import SOON, Clock, FakeConnector, FlakyJournal, everything, known, rules, until
from tests.stock.scene import HOUR, reading


class Shop:
    """A collector at work on fake surfaces, and what it has recorded."""

    def __init__(self, path: Path, journal: FlakyJournal, clock: Clock) -> None:
        self.path = path
        self.journal = journal
        self.clock = clock
        self.connectors = {name: FakeConnector(name, clock) for name in (MASTER, "embed", "facebook")}

    def collector(self, by: Rules | None = None) -> Collector:
        return Collector(by or rules(), self.connectors, self.journal, self.clock, random.Random(1))

    @contextlib.asynccontextmanager
    async def collecting(self, by: Rules | None = None) -> AsyncIterator[Collector]:
        collector = self.collector(by)
        task = asyncio.create_task(collector.run())
        try:
            yield collector
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def polls(self, name: str) -> list[Poll]:
        return [entry for entry in await everything(self.journal) if isinstance(entry, Poll) and entry.surface == name]

    def read(self, name: str, times: int) -> Callable[[], bool]:
        return lambda: len(self.connectors[name].asked) >= times


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    path = tmp_path / "drift.db"
    journal = FlakyJournal(await open_journal(path, writable=True))
    yield Shop(path, journal, Clock())
    await journal.close()


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_LISTEN", 0.005)
    monkeypatch.setattr(collecting, "_AGAIN", 0.005)


async def test_all_sources_are_read_again_and_again_the_master_first(shop: Shop) -> None:
    async with shop.collecting() as collector:
        await until(shop.read("facebook", 4))
        await until(shop.read("embed", 4))
    polls = [entry for entry in await everything(shop.journal) if isinstance(entry, Poll)]
    assert polls[0].surface == MASTER
    assert all(poll.outcome is Outcome.COMPLETE for poll in polls)
    assert all(poll.next_at is not None and 0 < poll.next_at - poll.read_at <= 1.1 * SOON + 1 for poll in polls)
    assert known(collector.recorder.monitor)["in_sync"] == 2
    assert [connector.closed for connector in shop.connectors.values()] == [1, 1, 1]
    notes = [entry.event for entry in await everything(shop.journal) if isinstance(entry, CollectorNote)]
    assert notes == ["started", "stopped"]


async def test_surfaces_do_not_wait_for_ever_for_the_master(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_MASTER_FIRST", 0.01)
    never = asyncio.Event()

    async def answer(covers: Covers) -> Reading:
        await never.wait()
        raise AssertionError("nobody lets it go on")

    shop.connectors[MASTER].answer = answer
    async with shop.collecting() as collector:
        await until(shop.read("facebook", 2))
    assert await shop.polls(MASTER) == []
    assert known(collector.recorder.monitor)["in_sync"] == 0


async def test_inactive_surfaces_are_not_read(shop: Shop) -> None:
    by = rules()
    off = Rules(by.master, (by.surfaces[0], type(by.surfaces[1])("facebook", active=False)))
    async with shop.collecting(off):
        await until(shop.read("embed", 3))
    assert shop.connectors["facebook"].asked == []


async def test_changes_are_asked_for_only_upon_a_whole_reading_that_was_admitted_and_recorded(shop: Shop) -> None:
    facebook = shop.connectors["facebook"]
    facebook.delta = True
    facebook.levels = {f"S{number}": 1 for number in range(10)}

    async def answer(covers: Covers) -> Reading:
        turn = len(facebook.asked)
        levels = dict(list(facebook.levels.items())[:2]) if turn == 3 else facebook.levels  # 3: collapsed
        outcome = Outcome.FAILED if turn == 6 else Outcome.COMPLETE
        said = Covers.ALL if turn == 3 else covers  # a connector may answer with all of it
        return reading("facebook", {} if turn == 6 else levels, shop.clock(), covers=said, outcome=outcome)

    facebook.answer = answer
    async with shop.collecting():
        await until(shop.read("facebook", 8))
    whole, changed = Covers.ALL, Covers.CHANGED
    #                              1      2        3        4      5        6        7        8
    assert facebook.asked[:8] == [whole, changed, changed, whole, changed, changed, changed, changed]
    polls = await shop.polls("facebook")
    assert polls[2].outcome is Outcome.PARTIAL
    assert set(shop.connectors["embed"].asked) == {whole}  # cannot be asked for changes


async def test_a_reading_that_was_not_recorded_is_followed_by_a_whole_one(shop: Shop) -> None:
    facebook = shop.connectors["facebook"]
    facebook.delta = True
    async with shop.collecting():
        await until(shop.read("facebook", 3))
        assert facebook.asked[1:] == [Covers.CHANGED] * (len(facebook.asked) - 1)
        shop.journal.broken.add("append")
        seen = len(facebook.asked)
        await until(shop.read("facebook", seen + 4))
        shop.journal.broken.clear()
        failed = facebook.asked[seen + 1 :]
        assert failed.count(Covers.CHANGED) <= 1  # the first may have been asked before the journal broke
        again = len(facebook.asked)
        await until(shop.read("facebook", again + 3))
        assert facebook.asked[again + 2] is Covers.CHANGED


async def test_a_reading_waits_for_a_journal_that_is_locked_for_a_moment(shop: Shop) -> None:
    by = rules("embed", "facebook", every=HOUR)
    shop.journal.broken.add("append")
    async with shop.collecting(by):
        await until(lambda: shop.journal.tries > 5)
        shop.journal.broken.clear()

        async def recorded() -> bool:
            return bool(await shop.polls(MASTER))

        await until(recorded)
    assert len(shop.connectors[MASTER].asked) == 1


async def test_an_operator_has_a_surface_read_at_once_and_whole(shop: Shop) -> None:
    for connector in shop.connectors.values():
        connector.delta = True
    console = await open_journal(shop.path, writable=True)
    async with shop.collecting(rules(every=HOUR)):
        for name in shop.connectors:
            await until(shop.read(name, 1))
        await console.append([RereadAsked(shop.clock(), "anna", "facebook")])
        await until(shop.read("facebook", 2))
        assert [len(connector.asked) for connector in shop.connectors.values()] == [1, 1, 2]
        await console.append([RereadAsked(shop.clock(), "anna", "")])
        for name, times in ((MASTER, 2), ("embed", 2), ("facebook", 3)):
            await until(shop.read(name, times))
        assert all(set(connector.asked) == {Covers.ALL} for connector in shop.connectors.values())
    await console.close()


async def test_a_ruling_of_a_console_counts_at_once(shop: Shop) -> None:
    shop.connectors["facebook"].levels = {"A": 4, "B": 5}
    console = await open_journal(shop.path, writable=True)
    async with shop.collecting(rules(every=HOUR)) as collector:
        monitor = collector.recorder.monitor
        await until(lambda: known(monitor)["drifting"] == 1)
        await console.append([Ruling(shop.clock(), "anna", Scope("facebook"), Tolerance(1))])
        await until(lambda: known(monitor)["drifting"] == 0)

        async def closed() -> bool:
            return not await console.episodes(only_open=True)

        await until(closed)
    await console.close()


async def test_a_failing_surface_is_said_once_and_once_more_when_it_answers(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "stockdrift")
    shop.connectors["facebook"].failing("HTTP 503")
    async with shop.collecting():
        await until(shop.read("facebook", 4))
        shop.connectors["facebook"].answer = None
        before = len(shop.connectors["facebook"].asked)
        await until(shop.read("facebook", before + 3))
    said = [record.message for record in caplog.records if record.message.startswith("facebook")]
    assert said[0] == "facebook: failed: HTTP 503"
    assert said[1].startswith("facebook: complete again after ")
    assert len(said) == 2


async def test_a_bug_in_a_connector_is_a_failed_reading_and_a_traceback_and_nothing_more(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "Bearer secret_5e4c"

    async def answer(covers: Covers) -> Reading:
        raise ZeroDivisionError(secret)

    facebook = shop.connectors["facebook"]
    facebook.answer = answer
    async with shop.collecting():
        await until(shop.read("facebook", 2))
        await until(shop.read("embed", 4))
        facebook.answer = None
        before = len(facebook.asked)
        await until(shop.read("facebook", before + 3))
    polls = await shop.polls("facebook")
    assert (polls[0].outcome, polls[0].reason) == (Outcome.FAILED, "internal error: ZeroDivisionError")
    assert polls[-1].outcome is Outcome.COMPLETE
    assert "internal error: ZeroDivisionError" in caplog.text
    assert "in answer\n" in caplog.text  # where it happened
    assert "secret_5e4c" not in caplog.text
    assert b"secret_5e4c" not in shop.path.read_bytes() + shop.path.with_name("drift.db-wal").read_bytes()


async def test_a_reading_that_breaks_the_admission_is_a_failed_one(shop: Shop) -> None:
    async def answer(covers: Covers) -> Reading:
        good = reading("facebook", {"A": 1}, shop.clock())
        return Reading("facebook", Outcome.COMPLETE, good.started_at, good.read_at, skus=["A", "B"])  # no levels

    shop.connectors["facebook"].answer = answer
    async with shop.collecting():
        await until(shop.read("facebook", 3))
        await until(shop.read("embed", 3))
    polls = await shop.polls("facebook")
    assert polls
    assert {poll.outcome for poll in polls} == {Outcome.FAILED}
    assert polls[0].reason.startswith("internal error: ")


async def test_readings_of_a_name_that_no_rule_knows_do_not_end_the_loop(shop: Shop) -> None:
    async def answer(covers: Covers) -> Reading:
        return reading("nowhere", {"A": 1}, shop.clock())

    shop.connectors["facebook"].answer = answer
    async with shop.collecting():
        await until(shop.read("facebook", 3))
        await until(shop.read("embed", 3))
    assert {poll.outcome for poll in await shop.polls("facebook")} == {Outcome.FAILED}


async def test_it_ends_at_once_while_a_surface_hangs(shop: Shop) -> None:
    never = asyncio.Event()

    async def answer(covers: Covers) -> Reading:
        await never.wait()
        raise AssertionError("nobody lets it go on")

    shop.connectors["facebook"].answer = answer
    async with asyncio.timeout(20):
        async with shop.collecting():
            await until(shop.read("facebook", 1))
            loop = asyncio.get_running_loop()
            asked_at = loop.time()
        assert loop.time() - asked_at < 2
    entries = await everything(shop.journal)
    assert isinstance(entries[-1], CollectorNote)
    assert entries[-1].event == "stopped"


async def test_a_restart_goes_on(shop: Shop) -> None:
    shop.connectors["facebook"].levels = {"A": 11, "B": 5}
    async with shop.collecting() as collector:
        await until(lambda: known(collector.recorder.monitor)["drifting"] == 1)
    before = await shop.journal.episodes()
    first = collector.recorder.monitor
    shop.connectors["facebook"].levels = {"A": 11, "B": 5, "C": 1}
    async with shop.collecting(rules(tolerance=Tolerance(1))) as collector:
        await until(lambda: collector.recorder.monitor.row_of("C") is not None)
    again = collector.recorder.monitor
    assert [again.row_of(sku) for sku in "ABC"] == [first.row_of("A"), first.row_of("B"), 2]
    assert [episode for episode in await shop.journal.episodes() if episode.sku == "A"] == before
