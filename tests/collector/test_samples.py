"""The counts over time, as the collector records them: what was judged, at the moments at which it changed."""

from __future__ import annotations

from pathlib import Path

from stockdrift.collector.recorder import Recorder
from stockdrift.stock.gauge import Sample
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.store.sqlite import SqliteJournal, open_journal
from tests.collector.fakes import FlakyJournal
from tests.stock.scene import HOUR, MINUTE, T0, reading

RULES = Rules(SurfaceRules(MASTER, stale_after=HOUR), (SurfaceRules("shop", stale_after=10 * MINUTE),))


class Frozen:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> int:
        return self.now


async def drift(recorder: Recorder, clock: Frozen) -> None:
    """One SKU oversells for a minute."""
    for after, name, level in ((0, MASTER, 0), (1, "shop", 4), (MINUTE, "shop", 4), (MINUTE, "shop", 0)):
        clock.now += after
        await recorder.record(reading(name, {"A": level, "B": 1}, clock.now))


async def counted(journal: SqliteJournal) -> list[tuple[int, bool, int, int]]:
    samples = await journal.samples(0, T0 + 10 * HOUR)
    return [(sample.at - T0, sample.known, sample.drifting, sample.oversell) for sample in samples]


DRIFT = [(0, False, 0, 0), (1, True, 1, 1), (1 + 2 * MINUTE, True, 0, 0)]


async def test_each_change_of_the_counts_is_recorded_once(tmp_path: Path) -> None:
    journal, clock = await open_journal(tmp_path / "drift.db", writable=True), Frozen()
    recorder = Recorder(journal, RULES, clock)
    await recorder.resume()
    await drift(recorder, clock)
    assert await counted(journal) == DRIFT
    await journal.close()


async def test_what_grew_stale_while_no_collector_ran_is_recorded_at_its_own_moment(tmp_path: Path) -> None:
    journal, clock = await open_journal(tmp_path / "drift.db", writable=True), Frozen()
    first = Recorder(journal, RULES, clock)
    await first.resume()
    await drift(first, clock)
    clock.now += 3 * HOUR
    second = Recorder(journal, RULES, clock)
    await second.resume()
    stale = 1 + 2 * MINUTE + 10 * MINUTE + 1
    assert (await counted(journal))[:5] == [*DRIFT, (stale, False, 0, 0)]
    await second.record(reading(MASTER, {}, clock.now, outcome=Outcome.FAILED))
    assert (await counted(journal))[-1][1] is False
    await journal.close()


async def test_samples_that_could_not_be_recorded_go_with_the_next(tmp_path: Path) -> None:
    inner, clock = await open_journal(tmp_path / "drift.db", writable=True), Frozen()
    journal = FlakyJournal(inner)
    recorder = Recorder(journal, RULES, clock)
    await recorder.resume()
    journal.broken.add("record_episodes")
    await drift(recorder, clock)
    assert await counted(inner) == []
    journal.broken.clear()
    await recorder.record(reading(MASTER, {"A": 0, "B": 1}, clock.now))
    assert await counted(inner) == DRIFT
    await inner.close()


async def test_one_who_was_killed_before_they_were_recorded_leaves_them_to_the_next(tmp_path: Path) -> None:
    inner, clock = await open_journal(tmp_path / "drift.db", writable=True), Frozen()
    journal = FlakyJournal(inner)
    recorder = Recorder(journal, RULES, clock)
    await recorder.resume()
    journal.broken.add("record_episodes")
    await drift(recorder, clock)
    await Recorder(inner, RULES, clock).resume()
    assert await counted(inner) == DRIFT
    await inner.close()


async def test_only_the_stretch_that_is_asked_for_and_what_stood_before_it(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "drift.db", writable=True)
    made = [Sample(at, True, at, 0, at, 0, 0) for at in (10, 20, 30, 40)]
    await journal.record_episodes([], 0, made)
    assert await journal.samples(25, 35) == made[1:3]
    assert await journal.samples(20, 30) == made[:3]
    assert await journal.samples(0, 5) == []
    assert await journal.samples(50, 60) == made[3:]
    await journal.close()
