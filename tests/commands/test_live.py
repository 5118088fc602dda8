"""The console's source on a real journal, and the collector that is kept beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.commands import beside as beside_module
from stockdrift.commands import past
from stockdrift.commands.beside import CollectorBeside
from stockdrift.commands.live import LiveSource
from stockdrift.stock.entries import Entry, Ignoring, RereadAsked, RulesChanged, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome, Reading
from stockdrift.stock.rules import Ignore, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.store.sqlite import open_journal
from tests.stock.scene import HOUR, SECOND, T0, reading

RULES = Rules(
    master=SurfaceRules("master"),
    surfaces=[SurfaceRules("facebook", tolerance=Tolerance(3)), SurfaceRules("embed")],
    tolerance=Tolerance(1),
    tolerances={"A": Tolerance(7)},
)


@asynccontextmanager
async def source_on(path: Path) -> AsyncIterator[LiveSource]:
    writer = await open_journal(path, writable=True)
    reader = await open_journal(path, writable=False)
    follower = Follower(reader, Monitor(RULES))
    try:
        yield LiveSource(follower, reader, writer, trouble=lambda: "", operator="ann", clock=lambda: 1_000,
                         connect=lambda: open_journal(path, writable=False))  # fmt: skip
    finally:
        await reader.close()
        await writer.close()


async def test_a_ruling_is_written_followed_and_taken_back(tmp_path: Path) -> None:
    async with source_on(tmp_path / "drift.db") as source:
        assert not await source.catch_up()
        await source.rule(Scope(), Tolerance(2))
        assert source.ruling(Scope()) is None
        assert await source.catch_up()
        assert source.ruling(Scope()) == Tolerance(2)
        assert not await source.catch_up()
        await source.rule(Scope(), None)
        assert await source.catch_up()
        assert source.ruling(Scope()) is None
        reader = await open_journal(tmp_path / "drift.db", writable=False)
        first, second = await reader.read()
        await reader.close()
        assert isinstance(first, Ruling)
        assert isinstance(second, Ruling)
        assert (first.operator, first.tolerance) == ("ann", Tolerance(2))
        assert (second.undoes, second.tolerance) == (first.number, None)


async def test_what_is_ignored_is_an_entry_with_operator_reason_and_end_and_is_taken_back(tmp_path: Path) -> None:
    scope = Scope("", "A")
    async with source_on(tmp_path / "drift.db") as source:
        await source.ignore(scope, Ignore("recount", 5_000))
        await source.catch_up()
        held = Ignore("recount", 5_000, "ann", 1_000)
        assert (source.ignoring(scope), source.ignored(scope)) == (held, held)
        await source.ignore(scope, None)
        await source.catch_up()
        assert (source.ignoring(scope), source.ignored(scope)) == (None, None)
        await source.ignore(scope, Ignore("by another", 4_000, "ben", 10))  # as before: who said it stays
        await source.catch_up()
        assert source.ignoring(scope) == Ignore("by another", 4_000, "ben", 10)
        reader = await open_journal(tmp_path / "drift.db", writable=False)
        first, second, _ = await reader.read()
        await reader.close()
        assert first == Ignoring(1_000, "ann", scope, held, 0, first.number)
        assert second == Ignoring(1_000, "ann", scope, None, first.number, second.number)


async def test_the_tolerance_that_holds_is_the_most_specific(tmp_path: Path) -> None:
    async with source_on(tmp_path / "drift.db") as source:
        assert source.tolerance(Scope()) == Tolerance(1)
        assert source.tolerance(Scope("facebook", "")) == Tolerance(3)
        assert source.tolerance(Scope("embed", "")) == Tolerance(1)
        assert source.tolerance(Scope("", "A")) == Tolerance(7)
        assert source.tolerance(Scope("", "B")) == Tolerance(1)
        await source.rule(Scope(), Tolerance(5))
        await source.catch_up()
        assert source.tolerance(Scope("", "B")) == Tolerance(5)
        assert source.tolerance(Scope("facebook", "")) == Tolerance(3)


async def test_a_re_read_is_a_request_in_the_journal(tmp_path: Path) -> None:
    async with source_on(tmp_path / "drift.db") as source:
        await source.ask_reread("facebook")
        reader = await open_journal(tmp_path / "drift.db", writable=False)
        (entry,) = await reader.read()
        await reader.close()
        assert entry == RereadAsked(1_000, "ann", "facebook", number=1)


async def test_what_others_write_is_news(tmp_path: Path) -> None:
    async with source_on(tmp_path / "drift.db") as source:
        await source.catch_up()
        other = await open_journal(tmp_path / "drift.db", writable=True)
        await other.append([RulesChanged(5, RULES)])
        await other.close()
        assert await source.catch_up()


async def recorded(path: Path, reads: Sequence[Reading]) -> None:
    journal = await open_journal(path, writable=True)
    recorder = Recorder(journal, RULES, lambda: T0)
    await recorder.resume()
    for read in reads:
        await recorder.record(read)
    await journal.close()


def selling(count: int, start: int = T0) -> list[Reading]:
    """The master sells one of A each second; Facebook is read as often and stays behind."""
    reads = [reading("facebook", {"A": 500, "B": 1}, start - SECOND)]
    return reads + [reading(MASTER, {"A": 500 - n, "B": 1}, start + n * SECOND) for n in range(count)]


async def test_a_sku_s_history_is_what_the_collector_recorded(tmp_path: Path) -> None:
    await recorded(tmp_path / "drift.db", selling(10))
    async with source_on(tmp_path / "drift.db") as source:
        await source.catch_up()
        history = await source.sku_history("A", T0 - HOUR)
        steps = dict(history.steps)
        assert steps["master"][:3] == [(T0, 500), (T0 + SECOND, 499), (T0 + 2 * SECOND, 498)]
        assert steps["facebook"][0] == (T0 - SECOND, 500)
        assert not [value for _, value in steps["embed"] if value is not None]
        (episode,) = history.episodes
        assert (episode.surface, episode.severity, episode.deviation) == ("facebook", "over", 8)
        assert episode.closed_at is None
        assert [event.text for event in history.events[:2]] == ["master 492 to 491, −1", "Facebook over, +8"]
        assert (await source.sku_history("nobody's", T0)).events == ()


async def test_a_second_look_reads_only_what_is_new_and_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, selling(40))
    monkeypatch.setattr(past, "_CHUNK", 7)
    async with source_on(path) as source, source_on(path) as fresh:
        await source.catch_up()
        first = await source.sku_history("A", T0 - HOUR)
        await recorded(path, selling(45)[41:])
        assert await source.sku_history("A", T0 - HOUR) == first, "what is not judged yet is not told yet"
        await source.catch_up()
        await fresh.catch_up()
        asked: list[int] = []
        about = source._journal.about

        async def counted(row: int, **more: Any) -> Sequence[Entry]:
            found = await about(row, **more)
            asked.append(len(found))
            return found

        monkeypatch.setattr(source._journal, "about", counted)
        again = await source.sku_history("A", T0 - HOUR)
        assert sum(asked) < 10
        assert again == await fresh.sku_history("A", T0 - HOUR)
        assert len(again.events) > len(first.events)


@pytest.mark.parametrize("most", [5, 12])
async def test_only_so_much_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, selling(30))
    monkeypatch.setattr(past, "MOST_ENTRIES", most)
    monkeypatch.setattr(past, "_CHUNK", 4)
    async with source_on(path) as source:
        await source.catch_up()
        history = await source.sku_history("A", T0 - HOUR)
        assert history.begin == T0 + (30 - most) * SECOND
        assert len([event for event in history.events if event.word == "fell"]) == most
        later = await source.sku_history("A", T0 + 28 * SECOND)
        assert later.begin == T0 + 28 * SECOND


async def test_what_was_seen_before_a_gap_is_not_joined_to_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, selling(10))
    monkeypatch.setattr(past, "MOST_ENTRIES", 6)
    async with source_on(path) as source:
        await source.catch_up()
        await source.sku_history("A", T0 - HOUR)
        await recorded(path, selling(30)[11:])
        await source.catch_up()
        history = await source.sku_history("A", T0 - HOUR)
        assert history.begin == T0 + 24 * SECOND


async def test_the_log_of_a_surface_is_its_polls(tmp_path: Path) -> None:
    await recorded(tmp_path / "drift.db", selling(3))
    async with source_on(tmp_path / "drift.db") as source:
        await source.catch_up()
        log = await source.surface_log("master", T0 - HOUR)
        newest, *_ = log.polls
        assert (newest.read_at, newest.listed, newest.outcome) == (T0 + 2 * SECOND, 2, Outcome.COMPLETE)
        assert (log.surface, len(log.polls), log.whole) == ("master", 3, True)
        later = await source.surface_log("master", T0 + 2 * SECOND)
        assert (len(later.polls), later.whole) == (1, False)
        assert not (await source.surface_log("nobody's", T0)).polls


@pytest.mark.parametrize(("most", "news"), [(3_000, 2), (3_000, 4), (6, 2), (6, 50)])
async def test_a_second_look_at_a_log_says_what_a_first_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, news: int
) -> None:
    path = tmp_path / "drift.db"
    monkeypatch.setattr(past, "MOST_POLLS", most)
    monkeypatch.setattr(past, "_NEWS", news)
    await recorded(path, selling(5))
    async with source_on(path) as source:
        await source.catch_up()
        await source.surface_log("master", T0 - HOUR)
        for more in (6, 9, 16):
            await recorded(path, selling(more)[more - 2 :])
            seen = await source.surface_log("master", T0 - HOUR)
            assert seen.polls[0].number <= source._follower.position, "what is not judged yet is not told yet"
            await source.catch_up()
            again = await source.surface_log("master", T0 - HOUR)
            journal = await source._journal.polls("master", most)
            assert [poll.number for poll in again.polls] == [poll.number for poll in journal]


@dataclass
class FakeProcess:
    ended: bool = False

    def poll(self) -> int | None:
        return 1 if self.ended else None


@dataclass
class Machine:
    """The lease and the collectors of a pretended machine."""

    now: int = 0
    held: bool = False
    started: list[FakeProcess] = field(default_factory=list)
    refused: OSError | None = None

    def clock(self) -> int:
        return self.now

    def holder(self, _journal: Path) -> str | None:
        return "process 7" if self.held else None

    def ensure(self, _settings: Path, _journal: Path, *, write: bool) -> FakeProcess:
        if self.refused:
            raise self.refused
        self.started.append(FakeProcess())
        return self.started[-1]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(beside_module, "holder", machine.holder)
    monkeypatch.setattr(beside_module, "ensure_collector", machine.ensure)
    return machine


def beside(machine: Machine) -> CollectorBeside:
    return CollectorBeside(Path("settings.toml"), Path("drift.db"), machine.clock)


def test_none_is_started_where_one_is_at_work(machine: Machine) -> None:
    machine.held = True
    assert beside(machine).trouble() == ""
    assert machine.started == []


def test_one_is_started_and_given_time_to_take_the_lease(machine: Machine) -> None:
    watcher = beside(machine)
    assert watcher.trouble() == ""
    assert len(machine.started) == 1
    machine.now += 2_000
    assert watcher.trouble() == ""
    machine.now += 20_000
    assert "No collector is running" in watcher.trouble()
    assert len(machine.started) == 1
    machine.held = True
    machine.now += 1_000
    assert watcher.trouble() == ""


def test_one_is_started_when_another_console_s_has_ended(machine: Machine) -> None:
    machine.held = True
    watcher = beside(machine)
    assert watcher.trouble() == ""
    machine.held = False
    machine.now += 1_000
    assert watcher.trouble() == ""
    assert len(machine.started) == 1


def test_one_that_dies_is_said_and_started_again_but_not_in_a_storm(machine: Machine) -> None:
    watcher = beside(machine)
    watcher.trouble()
    machine.started[0].ended = True
    for _ in range(3):
        machine.now += 1_000
        assert "No collector is running: nothing new is read. Its log: drift.db.log" in watcher.trouble()
    assert len(machine.started) == 1
    machine.now += 1_000
    watcher.trouble()
    assert len(machine.started) == 2  # within 5 s


def test_one_that_cannot_be_started_is_said(machine: Machine) -> None:
    machine.refused = OSError(12, "Cannot allocate memory")
    assert "No collector can be started: Cannot allocate memory" in beside(machine).trouble()
