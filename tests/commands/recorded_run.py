"""A collector and a console on one journal, with a clock in the test's hand: what was live, to be gone back to."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stockdrift.collector import recorder as recording
from stockdrift.collector.follow import Follower
from stockdrift.collector.recorder import Recorder
from stockdrift.commands import replay
from stockdrift.commands.live import LiveSource
from stockdrift.commands.replay import RecordedPast
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.passage import Moment
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.rules import Rules, Scope, SurfaceRules, Tolerance
from stockdrift.store.sqlite import SqliteJournal, open_journal
from tests.stock.scene import HOUR, MINUTE, T0, reading
from tests.stock.test_replay import shown

RULES = Rules(
    SurfaceRules(MASTER, stale_after=HOUR),
    (
        SurfaceRules("shop", lag=MINUTE, stale_after=10 * MINUTE),
        SurfaceRules("feed", lag=10 * MINUTE, stale_after=HOUR),
    ),
)


@dataclass
class Clock:
    """Stands until it is set."""

    now: int = T0

    def __call__(self) -> int:
        return self.now


@dataclass
class Run:
    """A collector and a console on one journal, and what the console showed when."""

    path: Path
    clock: Clock
    journal: SqliteJournal
    recorder: Recorder
    source: LiveSource
    seen: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    async def look(self) -> None:
        """The console follows, and shows what it shows."""
        await self.source.catch_up()
        self.seen.append((self.clock.now, shown(self.source.model, self.clock.now)))

    async def restart(self, rules: Rules) -> None:
        """The collector ends and another begins, with settings of its own."""
        await self.recorder.say("stopped")
        self.recorder = Recorder(self.journal, rules, self.clock)
        await self.recorder.resume()


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few entries go over checkpoints, moments passed, and steps in place."""
    monkeypatch.setattr(recording, "_CHECKPOINT_EVERY", 4)
    monkeypatch.setattr(replay, "_TRAIL_EVERY", 3)
    monkeypatch.setattr(replay, "_IN_PLACE", 2)


@asynccontextmanager
async def running(path: Path, rules: Rules = RULES) -> AsyncIterator[Run]:
    clock = Clock()
    journal = await open_journal(path, writable=True)
    writer, reader = await open_journal(path, writable=True), await open_journal(path, writable=False)
    recorder = Recorder(journal, rules, clock)
    source = LiveSource(Follower(reader, Monitor(rules)), reader, writer, trouble=lambda: "", operator="ann",
                        clock=clock, connect=lambda: open_journal(path, writable=False))  # fmt: skip
    run = Run(path, clock, journal, recorder, source)
    try:
        await run.look()
        clock.now += 1
        await recorder.resume()
        yield run
    finally:
        for one in (journal, writer, reader):
            await one.close()


@asynccontextmanager
async def opened(run: Run) -> AsyncIterator[RecordedPast]:
    past = run.source.past()
    await past.refresh()
    try:
        yield past
    finally:
        await past.close()


async def stands(past: RecordedPast, moment: Moment) -> dict[str, Any]:
    await past.go(moment)
    return shown(past.model, moment.at)


async def a_day_in_short(run: Run, readings: int = 60, *, seed: int = 7, restarts: bool = True) -> None:
    """Sales, a surface that is behind, failures, rulings, a restart with other rules; somebody looks now and then."""
    chance = random.Random(seed)
    levels = {f"S{n}": chance.randint(0, 9) for n in range(8)}
    for number in range(readings):
        run.clock.now += chance.choice([1, 900, 20_000, 3 * MINUTE])
        name = chance.choice([MASTER, MASTER, "shop", "feed" if number <= readings // 2 or not restarts else "shop"])
        if name == MASTER:
            levels[f"S{chance.randrange(8)}"] = chance.randint(0, 9)
        failed = chance.random() < 0.15
        outcome = Outcome.FAILED if failed else Outcome.COMPLETE
        await run.recorder.record(reading(name, {} if failed else levels, run.clock.now, outcome=outcome))
        if number % 9 == 4:
            run.clock.now += 5
            await run.source.rule(Scope(chance.choice(["", "shop"])), Tolerance(chance.randint(0, 3)))
        if restarts and number == readings // 2:
            await run.restart(Rules(RULES.master, RULES.surfaces[:1], Tolerance(1)))
        if number % 3 == 0:
            run.clock.now += chance.choice([0, 40, 12 * MINUTE])
            await run.look()
            run.clock.now += 1
