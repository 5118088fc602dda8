"""A collector that cannot write the journal says so beside it; an entry that nobody understands is said once."""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stockdrift.collector import recorder as recording
from stockdrift.collector.follow import Follower
from stockdrift.collector.lease import acquire, holder, not_recording
from stockdrift.collector.recorder import Recorder
from stockdrift.stock.entries import CollectorNote, Poll
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome
from stockdrift.store.base import EntryError
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import Clock, FlakyJournal, everything, known, rules
from tests.stock.scene import T0, reading

STARTED = datetime(2026, 11, 27, 10, 42, tzinfo=UTC)


def test_the_lease_tells_since_when_and_why_nothing_is_recorded(tmp_path: Path) -> None:
    journal = tmp_path / "drift.db"
    lease = acquire(journal, started=STARTED)
    whole = journal.with_name("drift.db.lease").stat().st_size
    assert not_recording(journal) is None
    lease.tell(T0, "The journal cannot be written:\nthe disk is full.")
    assert not_recording(journal) == (T0, "The journal cannot be written: the disk is full.")
    assert "process" in (holder(journal) or "")
    assert "\n" not in (holder(journal) or "")
    lease.tell(T0, "x" * 5_000)
    lease.tell(T0 + 5, "")
    assert not_recording(journal) is None
    lease.release()
    assert holder(journal) is None
    assert journal.with_name("drift.db.lease").stat().st_size == whole  # no block more or less: the disk may be full
    lease.tell(T0, "late")
    assert not_recording(journal) is None


@pytest.mark.parametrize(
    "text", [b"", b"process 1", b"process 1\nnot a number", b"process\n12", b"a\n5 \x1b[2J", b"\xff\n1 b"]
)
def test_what_else_may_lie_in_the_lease_says_nothing_or_only_words(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "drift.db.lease").write_bytes(text)
    found = not_recording(tmp_path / "drift.db")
    assert found is None or found == (1, "b")


async def test_it_is_told_when_it_begins_when_the_reason_changes_and_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[int, str]] = []
    journal = FlakyJournal(await open_journal(tmp_path / "drift.db", writable=True))
    clock = Clock()
    recorder = Recorder(journal, rules(), clock, failing=lambda since, why: told.append((since, why)))
    await recorder.resume()
    journal.broken = {"append"}
    for _ in range(5):
        assert await recorder.record(reading(MASTER, {"A": 1}, clock())) is None
    assert [why for _, why in told] == ["The journal cannot be written: the disk is full."]
    since = told[0][0]
    journal.broken = set()
    assert await recorder.record(reading(MASTER, {"A": 1}, clock())) is not None
    assert told[-1][1] == ""
    notes = [entry for entry in await everything(journal) if isinstance(entry, CollectorNote)]
    assert [(note.event, note.at) for note in notes[-2:-1]] == [("not recording", since)]
    assert notes[-1].event == "recording"
    assert caplog.text.count("disk is full") == 1
    await journal.close()


def spoil(path: Path, number: int, body: bytes = b"\x01") -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entry SET body = ? WHERE number = ?", (body, number))
    connection.close()


async def record(path: Path, polls: int) -> Monitor:
    journal, clock = await open_journal(path, writable=True), Clock()
    recorder = Recorder(journal, rules(), clock)
    await recorder.resume()
    for number in range(polls):
        await recorder.record(reading(("embed", MASTER, "facebook")[number % 3], {"A": number, "B": 1}, clock()))
    await journal.close()
    return recorder.monitor


async def test_a_collector_that_meets_a_damaged_entry_says_it_once_and_records_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "drift.db"
    await record(path, 9)
    spoil(path, 6)
    told: list[str] = []
    journal, clock = await open_journal(path, writable=True), Clock(T0 + 60_000)
    recorder = Recorder(journal, rules(), clock, failing=lambda _, why: told.append(why))
    await recorder.resume()
    before = known(recorder.monitor)
    for _ in range(4):
        assert await recorder.record(reading("embed", {"A": 1}, clock())) is None
        await recorder.follow()
        assert not await recorder.say("stopped")
    assert [text.startswith("Entry 6 of the journal is damaged") for text in told] == [True]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1
    assert known(recorder.monitor) == before  # what was known before it, and that grows old
    assert (await journal._run(lambda c: c.execute("SELECT max(number) FROM entry").fetchone())) == (11,)
    await journal.close()


async def test_a_damaged_entry_before_a_checkpoint_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_CHECKPOINT_EVERY", 5)
    path = tmp_path / "drift.db"
    live = known(await record(path, 20))
    spoil(path, 3)
    journal = await open_journal(path, writable=True)
    monitor = Monitor(rules())
    follower = Follower(journal, monitor)
    await follower.catch_up()
    assert known(monitor) == live
    await journal.close()


async def test_a_reader_gets_past_a_damaged_entry_by_a_later_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drift.db"
    await record(path, 6)
    behind = await open_journal(path, writable=False)
    monitor = Monitor(rules())
    follower = Follower(behind, monitor)
    await follower.catch_up()
    writer, clock = await open_journal(path, writable=True), Clock(T0 + 60_000)
    recorder = Recorder(writer, rules(), clock)
    await recorder.resume()
    for number in range(8):
        await recorder.record(reading("embed", {"A": number, "B": 1}, clock()))
    spoil(path, follower.position + 3)
    with pytest.raises(EntryError, match="is damaged"):
        await follower.catch_up()
    stood = follower.position
    await recorder.checkpoint()
    await follower.catch_up()
    assert follower.position > stood
    assert known(monitor) == known(recorder.monitor)
    await writer.close()
    await behind.close()


async def test_an_entry_that_cannot_be_applied_leaves_what_was_known_before_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "drift.db"
    before = known(await record(path, 9))
    journal = await open_journal(path, writable=True)
    # Its first half can be applied and changes a row, its second cannot: the SKU has a row already.
    await journal.append([Poll(MASTER, Outcome.COMPLETE, Covers.CHANGED, T0, T0 + 900, new_skus=["C", "A"])])
    monitor = Monitor(rules())
    follower = Follower(journal, monitor)
    for _ in range(5):
        with pytest.raises(EntryError, match=r"Entry \d+ of the journal cannot be applied \(ValueError: the SKU 'A'"):
            await follower.catch_up()
    assert known(monitor) == before
    assert monitor.row_of("C") is None
    assert caplog.text.count("cannot be applied") == 1
    await journal.close()
