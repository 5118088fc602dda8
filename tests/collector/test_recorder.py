from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.actions import ActionStep, RowState
from stockdrift.stock.entries import CollectorNote, Entry, Poll, RereadAsked, RulesChanged, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.values import replace
from stockdrift.store.base import Journal, JournalError
from stockdrift.store.sqlite import SqliteJournal, open_journal
from tests.collector.fakes import Clock, FlakyJournal, everything, known, rules
from tests.stock.scene import reading


async def _open(tmp_path: Path) -> SqliteJournal:
    return await open_journal(tmp_path / "drift.db", writable=True)


async def _replayed(tmp_path: Path) -> Monitor:
    journal = await _open(tmp_path)
    monitor = Monitor(rules())
    await Follower(journal, monitor).catch_up()
    await journal.close()
    return monitor


async def last_poll(journal: Journal) -> Poll:
    return [entry for entry in await everything(journal) if isinstance(entry, Poll)][-1]


async def test_what_is_recorded_is_known_and_a_replay_knows_the_same(tmp_path: Path) -> None:
    journal, clock = await _open(tmp_path), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    await recorder.record(reading(MASTER, {"A": 3, "B": 5}, clock()))
    poll = await recorder.record(reading("facebook", {"A": 11, "B": 5}, clock()), next_at=clock.at + 500)
    assert poll is not None
    assert poll.next_at == poll.read_at + 500
    assert known(recorder.monitor)["drifting"] == 1
    assert [type(entry) for entry in await everything(journal)] == [RulesChanged, CollectorNote, Poll, Poll]
    (episode,) = await journal.episodes()
    assert (episode.sku, episode.surface, episode.deviation, episode.closed_at) == ("A", "facebook", 8, None)

    agreed = await recorder.record(reading("facebook", {"A": 3, "B": 5}, clock()))
    assert agreed is not None
    (episode,) = await journal.episodes()
    assert episode.closed_at == agreed.read_at
    await journal.close()
    assert known(await _replayed(tmp_path)) == known(recorder.monitor)


async def test_a_restart_goes_on_with_the_same_rows_levels_and_episodes(tmp_path: Path) -> None:
    journal, clock = await _open(tmp_path), Clock()
    first = Recorder(journal, rules(), clock)
    assert await first.resume() == 0
    await first.record(reading(MASTER, {"A": 3, "B": 5}, clock()))
    await first.record(reading("facebook", {"A": 11, "B": 5}, clock()))
    before = known(first.monitor)
    await journal.close()

    journal = await _open(tmp_path)
    second = Recorder(journal, rules(), clock)
    assert await second.resume() == 4
    assert known(second.monitor, first.monitor.board.now) == before
    assert [entry.event for entry in await everything(journal) if isinstance(entry, CollectorNote)] == ["started"] * 2
    assert len([entry for entry in await everything(journal) if isinstance(entry, RulesChanged)]) == 1
    assert await second.record(reading("facebook", {"A": 11, "B": 5, "C": 1}, clock())) is not None
    poll = await last_poll(journal)
    assert list(poll.new_skus) == ["C"]
    assert poll.changes.rows.tolist() == [2]
    assert len(await journal.episodes(only_open=True)) == 1
    await journal.close()


async def test_rules_are_recorded_when_they_change_and_before_anything_is_judged_by_them(tmp_path: Path) -> None:
    journal, clock = await _open(tmp_path), Clock()
    await Recorder(journal, rules(), clock).resume()
    lenient = rules("embed", "facebook", "amazon", tolerance=Tolerance(9))
    flaky = FlakyJournal(journal)
    flaky.broken.add("append")
    recorder = Recorder(flaky, lenient, clock)
    await recorder.resume()
    assert await recorder.record(reading("amazon", {"A": 1}, clock())) is None
    flaky.broken.clear()
    poll = await recorder.record(reading("amazon", {"A": 1}, clock()))
    assert poll is not None
    assert poll.outcome is Outcome.COMPLETE
    entries = await everything(journal)
    assert [entry.rules for entry in entries if isinstance(entry, RulesChanged)] == [rules(), lenient]
    assert isinstance(entries[-1], Poll)
    assert recorder.monitor.rules == lenient
    await journal.close()


async def test_what_cannot_be_recorded_is_not_known_and_is_said_once_and_again_when_it_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "stockdrift")
    journal, clock = FlakyJournal(await _open(tmp_path)), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    await recorder.record(reading(MASTER, {"A": 3}, clock()))
    journal.broken.add("append")
    before = known(recorder.monitor)
    for _ in range(3):
        assert await recorder.record(reading("facebook", {"A": 3}, clock())) is None
    assert known(recorder.monitor) == before
    assert [record.message for record in caplog.records] == [
        "Not recording: The journal cannot be written: the disk is full."
    ]
    journal.broken.clear()
    assert await recorder.record(reading("facebook", {"A": 3}, clock())) is not None
    assert [record.message for record in caplog.records][1:] == ["The journal is being recorded again."]
    notes = [entry for entry in await everything(journal) if isinstance(entry, CollectorNote)]
    assert [note.event for note in notes] == ["started", "not recording", "recording"]
    assert notes[1].text == "The journal cannot be written: the disk is full."
    assert notes[1].at < notes[2].at
    assert recorder.monitor.recording
    await journal.close()


async def test_what_was_recorded_and_not_heard_is_heard_before_the_next_is_admitted(tmp_path: Path) -> None:
    journal, clock = FlakyJournal(await _open(tmp_path)), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    await recorder.record(reading(MASTER, {"A": 3, "B": 5}, clock()))

    real = journal.append

    async def then_unreadable(*said: object, **more: object) -> object:
        numbers = await real(*said, **more)  # type: ignore[arg-type]
        journal.broken.add("read")
        return numbers

    journal.append = then_unreadable  # type: ignore[method-assign,assignment]
    poll = await recorder.record(reading("facebook", {"A": 3, "B": 6}, clock()))
    assert poll is not None  # it is in the journal
    assert recorder.monitor.board.columns[2].complete_reads == 0
    journal.append = real  # type: ignore[method-assign]
    assert await recorder.record(reading("facebook", {"A": 3, "B": 6}, clock())) is None
    journal.broken.clear()
    poll = await recorder.record(reading("facebook", {"A": 3, "B": 6}, clock()))
    assert poll is not None
    assert len((await last_poll(journal)).changes) == 0  # nothing new against the one that was recorded
    await journal.close()
    assert known(await _replayed(tmp_path)) == known(recorder.monitor)


async def test_episodes_that_a_killed_collector_left_out_are_recorded_by_the_next(tmp_path: Path) -> None:
    journal, clock = FlakyJournal(await _open(tmp_path)), Clock()
    killed = Recorder(journal, rules(), clock)
    await killed.resume()
    await killed.record(reading(MASTER, {"A": 3, "B": 5}, clock()))
    await killed.record(reading("embed", {"A": 4, "B": 5}, clock()))
    journal.broken.add("record_episodes")
    closed = await killed.record(reading("embed", {"A": 3, "B": 5}, clock()))
    opened = await killed.record(reading("facebook", {"A": 3, "B": 6}, clock()))
    assert closed is not None
    assert opened is not None
    assert [episode.closed_at for episode in await journal.episodes()] == [None]
    journal.broken.clear()

    following = Recorder(journal, rules(), clock)
    await following.resume()
    found = [
        (episode.sku, episode.surface, episode.opened_at, episode.closed_at) for episode in await journal.episodes()
    ]
    assert found[0] == ("B", "facebook", opened.read_at, None)
    assert found[1][:2] == ("A", "embed")
    assert found[1][3] == closed.read_at
    assert len(found) == 2
    await Recorder(journal, rules(), clock).resume()
    assert len(await journal.episodes()) == 2
    await journal.close()


async def test_what_consoles_write_is_heard_in_the_order_in_which_a_replay_hears_it(tmp_path: Path) -> None:
    journal, console, clock = await _open(tmp_path), await _open(tmp_path), Clock()
    heard: list[Entry] = []
    recorder = Recorder(journal, rules(), clock, heard.append)
    await console.append([RereadAsked(clock(), "anna", "facebook")])  # while nobody collected: all is read anyway
    await recorder.resume()
    await recorder.record(reading(MASTER, {"A": 3}, clock()))
    ruling = Ruling(clock(), "anna", Scope(), Tolerance(8))
    await console.append([ruling, RereadAsked(clock(), "anna", "facebook")])
    await recorder.record(reading("facebook", {"A": 11}, clock()))
    assert known(recorder.monitor)["drifting"] == 0
    assert [type(entry) for entry in heard] == [RulesChanged, CollectorNote, Poll, Ruling, RereadAsked, Poll]

    await console.append([replace(ruling, tolerance=None, at=clock())])
    await recorder.follow()
    assert known(recorder.monitor)["drifting"] == 1
    assert len(await journal.episodes(only_open=True)) == 1
    await journal.close()
    await console.close()
    assert known(await _replayed(tmp_path)) == known(recorder.monitor)


async def test_many_sources_at_once_leave_one_order(tmp_path: Path) -> None:
    journal, clock = await _open(tmp_path), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()

    async def source(name: str, salt: int) -> None:
        for turn in range(15):
            levels = {f"{name if turn % 4 == 3 else ''}{sku}": (turn * salt + sku) % 7 for sku in range(12)}
            assert await recorder.record(reading(name, levels, clock())) is not None

    await asyncio.gather(source(MASTER, 3), source("embed", 5), source("facebook", 11))
    await journal.close()
    replayed = await _replayed(tmp_path)
    assert known(replayed) == known(recorder.monitor)
    assert replayed.board.catalogue.skus == recorder.monitor.board.catalogue.skus


async def test_a_journal_that_cannot_be_read_at_the_start_is_an_error(tmp_path: Path) -> None:
    journal = FlakyJournal(await _open(tmp_path))
    journal.broken.add("read")
    with pytest.raises(JournalError):
        await Recorder(journal, rules(), Clock()).resume()
    await journal.close()


async def test_what_was_decided_by_the_rules_before_is_not_recorded_behind_others(tmp_path: Path) -> None:
    journal = FlakyJournal(await _open(tmp_path))
    recorder = Recorder(journal, rules(), Clock())
    await recorder.resume()
    sent = ActionStep(1, "one", RowState.SENT, (0,))
    journal.broken.add("append")
    await recorder.adopt(rules("embed", tolerance=Tolerance(9)))  # they have to wait for the journal
    assert not await recorder.tell([sent])
    journal.broken.clear()
    assert not await recorder.tell([sent]), "it would be sent to another place than it was decided for"
    assert recorder.monitor.rules.tolerance == Tolerance(9)
    assert await recorder.tell([sent])
    assert [entry for entry in await everything(journal) if isinstance(entry, ActionStep)] != []
    await journal.close()


async def test_a_reading_is_let_go_once_it_is_recorded_and_before_it_is_heard(tmp_path: Path) -> None:
    journal, clock = FlakyJournal(await _open(tmp_path)), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    reads: list[int | None] = []

    def recorded() -> None:
        reads.append(recorder.monitor.board.master.read_at)

    journal.broken.add("append")
    assert await recorder.record(reading(MASTER, {"A": 3}, clock()), recorded=recorded) is None
    assert reads == []
    journal.broken.clear()
    poll = await recorder.record(reading(MASTER, {"A": 3}, clock()), recorded=recorded)
    assert poll is not None
    assert reads == [None]
    assert recorder.monitor.board.master.read_at == poll.read_at
    await journal.close()
