"""A surface that is paused: not read on schedule, read when somebody asks, and never taken for calm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stockdrift.collector import collector as collecting
from stockdrift.collector.once import read_once
from stockdrift.settings import Settings, rules_of
from stockdrift.stock.entries import Remarked, RereadAsked
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.report import exit_code
from stockdrift.stock.rules import Scope
from stockdrift.store.sqlite import SqliteJournal, open_journal
from tests.collector.fakes import Clock, rules, until
from tests.collector.test_collector import Shop, shop
from tests.collector.test_once import settings
from tests.stock.scene import HOUR, T0

__all__ = ["settings", "shop"]


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_LISTEN", "_AGAIN", "_REST"):
        monkeypatch.setattr(collecting, name, 0.005)


def paused(at: int, surface: str = "facebook", until: int | None = None) -> Remarked:
    return Remarked(at, "anna", RemarkKind.PAUSE, Scope(surface), Remark("its API is down", until, "anna", at))


@asynccontextmanager
async def console_of(shop: Shop) -> AsyncIterator[SqliteJournal]:
    console = await open_journal(shop.path, writable=True)
    try:
        yield console
    finally:
        await console.close()


async def test_it_is_not_read_until_it_is_resumed_and_then_at_once(shop: Shop) -> None:
    async with console_of(shop) as console, shop.collecting() as collector:
        monitor = collector.recorder.monitor
        await until(shop.read("facebook", 2))
        await console.append([paused(shop.clock())])
        await until(lambda: monitor.paused("facebook") is not None)
        before, others = len(shop.connectors["facebook"].asked), len(shop.connectors["embed"].asked)
        await until(shop.read("embed", others + 5))
        assert len(shop.connectors["facebook"].asked) <= before + 1  # the one that was under way
        await console.append([Remarked(shop.clock(), "anna", RemarkKind.PAUSE, Scope("facebook"), None)])
        await until(shop.read("facebook", before + 2))


async def test_it_is_read_again_when_its_end_has_come(shop: Shop) -> None:
    async with console_of(shop) as console:
        await console.append([paused(T0, until=T0 + 2_000)])  # the clock goes on by ten at each look
        async with shop.collecting():
            await until(shop.read("embed", 3))
            await until(shop.read("facebook", 2))
        polls = await shop.polls("facebook")
        assert polls[0].read_at >= T0 + 2_000


async def test_a_collector_that_starts_does_not_read_it_and_the_master_cannot_be_paused(shop: Shop) -> None:
    async with console_of(shop) as console:
        await console.append([paused(T0), paused(T0, MASTER)])
        async with shop.collecting() as collector:
            await until(shop.read("embed", 3))
            await until(shop.read(MASTER, 3))
            assert not shop.connectors["facebook"].asked
            assert exit_code(collector.recorder.monitor) != 0


async def test_who_asks_for_it_by_its_name_gets_a_reading_and_who_asks_for_all_does_not(shop: Shop) -> None:
    async with console_of(shop) as console:
        await console.append([paused(T0)])
        async with shop.collecting(rules(every=HOUR)) as collector:
            await until(shop.read("embed", 1))
            await console.append([RereadAsked(shop.clock(), "ben", "")])
            await until(shop.read("embed", 2))
            assert not shop.connectors["facebook"].asked
            await console.append([RereadAsked(shop.clock(), "ben", "facebook")])
            await until(shop.read("facebook", 1))
            await until(lambda: collector.recorder.monitor.board.surfaces[1].known)
            assert collector.recorder.monitor.paused("facebook") is not None
            assert exit_code(collector.recorder.monitor) == 2


async def test_another_pace_is_no_reason_to_read_it(shop: Shop) -> None:
    async with console_of(shop) as console:
        await console.append([paused(T0)])
        async with shop.collecting(rules(every=HOUR)) as collector:
            await until(shop.read("embed", 1))
            await collector.adopt(rules(every=2 * HOUR), {})
            await until(shop.read("embed", 2))
            assert not shop.connectors["facebook"].asked


async def test_a_single_reading_leaves_it_out(settings: Settings) -> None:
    known = Monitor(rules_of(settings))
    known.apply(paused(T0))
    monitor = await read_once(settings, rules_of(settings), Clock(), known)
    assert [column.last is not None for column in monitor.board.surfaces] == [True, False, False]
    assert exit_code(monitor) == 2
