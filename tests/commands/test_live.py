"""The console's source on a real journal, and the collector that is kept beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.commands import beside as beside_module
from stockdrift.commands.beside import CollectorBeside
from stockdrift.commands.live import LiveSource
from stockdrift.stock.entries import RereadAsked, RulesChanged, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.rules import Rules, Scope, SurfaceRules, Tolerance
from stockdrift.store.sqlite import open_journal

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
        yield LiveSource(follower, reader, writer, trouble=lambda: "", operator="ann", clock=lambda: 1_000)
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

    def ensure(self, _settings: Path, _journal: Path) -> FakeProcess:
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
