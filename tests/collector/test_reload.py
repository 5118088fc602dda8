"""Settings that change while a collector is at work: applied as a whole, refused as a whole, and told."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stockdrift.collector.collector import Collector
from stockdrift.collector.reload import Reloader
from stockdrift.settings import load, rules_of
from stockdrift.stock.entries import CollectorNote, Poll, RulesChanged
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import SettingsNote
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Tolerance
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.store.sqlite import open_journal
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.clock import wall_clock
from stockdrift.surfaces.http import Http
from tests.collector.fakes import FlakyJournal, everything, rules, until

FIRST = """
[master]
system = "feed"
path = "master.csv"
every = "100ms"

[surfaces.facebook]
system = "feed"
path = "facebook.csv"
every = "1h"
"""


class Shop:
    """A collector at work on files, and what it has recorded."""

    def __init__(self, folder: Path, journal: FlakyJournal) -> None:
        self.folder = folder
        self.journal = journal
        self.file = folder / "settings.toml"
        self.file.write_text(FIRST)
        for name in ("master", "facebook"):
            self.stock(name, {"A": 4, "B": 5})
        settings = load(self.file)
        self.http = Http.of(settings.collector, wall_clock)
        sources = {MASTER: settings.master, **settings.surfaces}
        connectors = {name: build_connector(name, source, self.http, wall_clock) for name, source in sources.items()}
        self.collector = Collector(rules_of(settings), connectors, journal, wall_clock, random.Random(1))
        self.reloader = Reloader(self.collector, settings, self.http, wall_clock, lambda: load(self.file))

    def stock(self, name: str, levels: dict[str, int]) -> None:
        rows = "".join(f"{sku},{quantity}\n" for sku, quantity in levels.items())
        (self.folder / f"{name}.csv").write_text(f"id,inventory\n{rows}")

    async def change(self, text: str) -> None:
        """Writes the settings; two looks see that the file stands still."""
        self.file.write_text(text)
        await self.reloader.look()
        await self.reloader.look()

    @property
    def monitor(self) -> Monitor:
        return self.collector.recorder.monitor

    def complete(self, name: str) -> bool:
        index = self.monitor.board.column_of(name)
        return index is not None and self.monitor.board.columns[index].complete_reads > 0

    async def notes(self) -> list[str]:
        found = [entry for entry in await everything(self.journal) if isinstance(entry, CollectorNote)]
        return [f"{note.event}: {note.text}" for note in found if note.event.startswith("settings")]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    journal = FlakyJournal(await open_journal(tmp_path / "drift.db", writable=True))
    shop = Shop(tmp_path, journal)
    task = asyncio.create_task(shop.collector.run())
    await until(lambda: shop.complete(MASTER) and shop.complete("facebook"))
    yield shop
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await shop.reloader.close()
    await journal.close()


async def test_a_tolerance_is_judged_by_at_once_and_told(shop: Shop) -> None:
    await shop.change(FIRST + "tolerance = 2\n\n[store]\nlow_stock = 9\n")
    assert shop.monitor.rules.surface("facebook").tolerance == Tolerance(2)
    assert await shop.notes() == [
        "settings reloaded: 2 changes: store.low_stock 5 → 9; surfaces.facebook.tolerance none → 2 units"
    ]
    note = shop.monitor.settings
    assert note is not None
    assert not note.refused
    assert thaw(freeze(shop.monitor)).settings == note
    assert shop.complete("facebook")  # it is the same source: what it said holds on


async def test_a_bad_file_changes_nothing_and_stands_until_it_is_mended(shop: Shop) -> None:
    before = shop.monitor.rules
    await shop.change(FIRST + 'lag = "soon"\ntolerance = 3\n')
    assert shop.monitor.rules == before
    (told,) = await shop.notes()
    assert told.startswith("settings refused: surfaces.facebook.lag: not a duration: 'soon'")
    assert shop.monitor.settings is not None
    assert shop.monitor.settings.refused
    await shop.change(FIRST)
    assert (await shop.notes())[1:] == ["settings reloaded: nothing differs from what holds"]
    assert not shop.monitor.settings.refused


async def test_a_file_that_is_gone_is_refused_too(shop: Shop) -> None:
    shop.file.unlink()
    await shop.reloader.look()
    await shop.reloader.look()
    assert [note.partition(":")[0] for note in await shop.notes()] == ["settings refused"]


async def test_a_file_that_is_being_written_waits(shop: Shop) -> None:
    shop.file.write_text(FIRST + "toler")
    await shop.reloader.look()
    assert await shop.notes() == []
    shop.file.write_text(FIRST + "tolerance = 1\n")
    await shop.reloader.look()
    assert await shop.notes() == []
    await shop.reloader.look()
    assert len(await shop.notes()) == 1


async def test_a_surface_is_added_read_and_removed(shop: Shop) -> None:
    shop.stock("amazon", {"A": 9})
    more = FIRST + '\n[surfaces.amazon]\nsystem = "feed"\npath = "amazon.csv"\nevery = "1h"\n'
    await shop.change(more)
    await until(lambda: shop.complete("amazon"))
    assert shop.monitor.picture(wall_clock()).gauge.over == 1
    await shop.change(FIRST)
    assert [surface.name for surface in shop.monitor.rules.surfaces] == ["facebook"]
    assert shop.monitor.picture(wall_clock()).gauge.over == 0
    assert [note.partition(": ")[2] for note in await shop.notes()] == [
        "1 change: surfaces.amazon added", "1 change: surfaces.amazon removed",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["master", "facebook"])
async def test_a_source_that_is_read_elsewhere_is_unknown_until_it_is_read(shop: Shop, name: str) -> None:
    await shop.change(FIRST.replace(f"{name}.csv", "elsewhere.csv"))
    figures = shop.monitor.picture(wall_clock()).gauge
    assert not figures.known
    assert figures.in_sync == 0
    entries = await everything(shop.journal)
    changed = max(place for place, entry in enumerate(entries) if isinstance(entry, RulesChanged))
    shop.stock("elsewhere", {"A": 4, "B": 5})
    await shop.change(FIRST.replace(f"{name}.csv", "elsewhere.csv") + "\n")
    shop.collector._sources[name].asked.set()
    await until(lambda: shop.monitor.picture(wall_clock()).gauge.in_sync == 2)
    polls = [entry for entry in entries[changed:] if isinstance(entry, Poll) and entry.surface == name]
    assert not any(poll.reason == "" for poll in polls)


async def test_another_pace_holds_from_now_on(shop: Shop) -> None:
    source = shop.collector._sources["facebook"]
    reads = shop.monitor.board.columns[1].complete_reads
    await shop.change(FIRST.replace('"1h"', '"100ms"'))
    assert shop.collector._sources["facebook"] is source
    await until(lambda: shop.monitor.board.columns[1].complete_reads >= reads + 3)


async def test_limits_of_requests_make_all_connectors_anew(shop: Shop) -> None:
    before = dict(shop.collector._sources)
    await shop.change("[collector]\ntries = 2\n" + FIRST)
    assert all(shop.collector._sources[name] is not source for name, source in before.items())
    assert shop.reloader._http is not shop.http


async def test_while_the_journal_cannot_be_written_rules_come_before_what_is_judged_by_them(shop: Shop) -> None:
    shop.journal.broken.add("append")
    await shop.change(FIRST + "tolerance = 2\n")
    await shop.change(FIRST + "tolerance = 3\n")
    shop.journal.broken.clear()
    await until(lambda: shop.monitor.rules.surface("facebook").tolerance == Tolerance(3))
    rules = [entry for entry in await everything(shop.journal) if isinstance(entry, RulesChanged)]
    assert [entry.rules.surface("facebook").tolerance for entry in rules] == [None, Tolerance(3)]
    assert len(await shop.notes()) == 2
    assert shop.monitor.recording


async def test_asked_for_it_reads_a_file_that_looks_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_STORE__LOW_STOCK", "7")
    await shop.reloader.look()
    assert await shop.notes() == []
    shop.reloader.asked.set()
    await shop.reloader.look()
    assert await shop.notes() == ["settings reloaded: 1 change: store.low_stock 5 → 7"]


def test_a_note_of_another_kind_tells_nothing_of_settings() -> None:
    monitor = Monitor(rules())
    monitor.apply(CollectorNote(1, "not recording", "full"))
    monitor.apply(CollectorNote(2, "settings refused", "x"))
    assert (monitor.recording, monitor.settings) == (False, SettingsNote(2, "x", refused=True))
    monitor.apply(CollectorNote(3, "started"))
    assert (monitor.recording, monitor.settings) == (True, SettingsNote(3, "", refused=False))


async def test_a_writer_of_another_place_comes_after_the_rules_that_make_its_levels_unknown(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[bool] = []

    async def adopt(_writers: object) -> None:
        index = shop.monitor.board.column_of("facebook")
        assert index is not None
        known.append(shop.monitor.board.columns[index].known)

    monkeypatch.setattr(shop.collector._actions, "adopt", adopt)
    (shop.folder / "other.csv").write_text("id,inventory\nA,4\nB,5\n")
    await shop.change(FIRST.replace("facebook.csv", "other.csv"))
    assert known == [False], "no row of the former file can be written to the other one"
