"""The console's way to a write: a real journal, a real collector that may write, and a feed file that is written."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.collector.lease import acquire, holder, is_writing
from stockdrift.commands.collect import collecting
from stockdrift.commands.live import LiveSource
from stockdrift.console.app import Console
from stockdrift.console.model import Source
from stockdrift.console.screens.plan import PlanScreen
from stockdrift.console.theme import find_theme
from stockdrift.settings import journal_path, load, rules_of
from stockdrift.stock.actions import ActionAsked, ActionStep, RowState
from stockdrift.stock.entries import Entry
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.wanted import Wanted
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal

SETTINGS = """
[journal]
url = "sqlite:///drift.db"
[master]
system = "feed"
path = "master.csv"
every = "1s"
[surfaces.shop]
system = "feed"
path = "shop.csv"
write = true
every = "1s"
"""
MASTER = "id,inventory\n" + "".join(f"S-{n:02},{n}\n" for n in range(60))
SHOP = MASTER.replace("S-03,3\n", "S-03,9\n")


class House:
    """The store's two files, its journal, and a collector that may write."""

    def __init__(self, folder: Path) -> None:
        (folder / "settings.toml").write_text(SETTINGS)
        (folder / "master.csv").write_text(MASTER)
        self.shop = folder / "shop.csv"
        self.shop.write_text(SHOP)
        self.settings = load(folder / "settings.toml")
        self.journal = journal_path(self.settings)

    @asynccontextmanager
    async def collector(self) -> AsyncIterator[None]:
        lease = acquire(self.journal, started=datetime.now(UTC), writing=True)
        work = asyncio.create_task(collecting(self.settings, self.journal, lease, write=True))
        try:
            yield
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
            lease.release()

    @asynccontextmanager
    async def source(self, operator: str, barred: str = "", *, writable: bool = True) -> AsyncIterator[LiveSource]:
        writer = await open_journal(self.journal, writable=True)
        reader = await open_journal(self.journal, writable=False)
        follower = Follower(reader, Monitor(rules_of(self.settings)))
        try:
            yield LiveSource(
                follower, reader, writer if writable else None, trouble=lambda: "", operator=operator,
                clock=lambda: time.time_ns() // 1_000_000, connect=lambda: open_journal(self.journal, writable=False),
                barred=lambda: barred,
            )  # fmt: skip
        finally:
            await reader.close()
            await writer.close()

    async def entries(self) -> list[Entry]:
        journal = await open_journal(self.journal, writable=False)
        entries: list[Entry] = []
        while batch := await journal.read(entries[-1].number if entries else 0):
            entries += batch
        await journal.close()
        return entries


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def until(source: Source, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await source.catch_up()
            await asyncio.sleep(0.02)


async def test_two_operators_who_resync_one_sku_have_one_effect(house: House) -> None:
    wanted = [Wanted("resync", "shop", ("S-03",))]
    async with house.collector(), house.source("ann") as one, house.source("ben") as two:
        plans = [(await source.acting.plans(wanted)).plans[0] for source in (one, two)]
        assert [[(row.before, row.after) for row in plan.rows] for plan in plans] == [[(9, 3)], [(9, 3)]]
        keys = await asyncio.gather(
            one.acting.ask(plans[0], "feed lag", ""), two.acting.ask(plans[1], "recount", "I too")
        )
        ledger = one.model.ledger
        await until(one, lambda: all((action := ledger.get(key)) and not action.open for key in keys))
        ends = sorted((str(action.states[0]), action.whys[0]) for action in ledger)
    assert ends[0][0] == "in sync"
    assert ends[1][0] in ("needless", "refused", "stale"), ends
    assert house.shop.read_text() == MASTER
    sent = [entry for entry in await house.entries() if isinstance(entry, ActionStep) and entry.state is RowState.SENT]
    assert len(sent) == 1


async def test_from_the_key_to_the_file_and_back(house: House) -> None:
    async with house.collector(), house.source("ann@desk") as source:
        app = Console(source, find_theme("dark"), zone=UTC)
        async with app.run_test(size=(120, 40)) as pilot:

            async def seen(text: str) -> None:
                async with asyncio.timeout(20):
                    while text not in screen(app):
                        await pilot.pause(0.02)

            await seen("S-03")
            assert "● writing as ann" in screen(app)
            await pilot.press("r")
            await seen("Resync 1 row")
            assert isinstance(app.screen, PlanScreen)
            await pilot.press("tab", "right", "shift+tab", "enter")
            await seen(", after ")  # "0 of 1 row in sync" is already there while it is being sent
            assert "of 1 row in sync, read back and equal" in screen(app)
    asked = [entry for entry in await house.entries() if isinstance(entry, ActionAsked)]
    assert [(one.operator, one.kind, [(row.sku, row.before, row.after) for row in one.rows]) for one in asked] == [
        ("ann@desk", "resync", [("S-03", 9, 3)])
    ]
    assert house.shop.read_text() == MASTER


def screen(app: Console) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def test_a_console_that_may_not_asks_for_nothing_whatever_was_planned(house: House) -> None:
    async with house.collector(), house.source("ann", "This console is read-only.") as source:
        (plan,) = (await source.acting.plans([Wanted("resync", "shop")])).plans
        assert plan.rows
        with pytest.raises(PermissionError, match="read-only"):
            await source.acting.ask(plan, "feed lag", "")
        async with house.source("ben", writable=False) as reader:
            assert "only read" in reader.acting.barred
            with pytest.raises(JournalError):
                await reader.acting.stop(["key"])
    assert not any(isinstance(entry, ActionAsked) for entry in await house.entries())


async def test_what_no_collector_reads_anew_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stockdrift.commands.reading_anew.READING", 0.05)
    async with house.source("ann") as source:
        planned = await source.acting.plans([Wanted("resync", "shop")])
    assert planned.unread == ["shop", "master"]
    assert planned.plans[0].refusals


async def test_an_action_that_nobody_asked_for_cannot_be_taken_back(house: House) -> None:
    async with house.collector(), house.source("ann") as source:
        with pytest.raises(LookupError, match="no action"):
            await source.acting.plans([Wanted("rollback", "shop", action="n0ne")])


def test_a_lease_tells_whether_its_holder_carries_out_actions(tmp_path: Path) -> None:
    journal = tmp_path / "drift.db"
    assert not is_writing(holder(journal))
    for writing in (False, True):
        lease = acquire(journal, started=datetime.now(UTC), writing=writing)
        assert is_writing(holder(journal)) is writing
        lease.tell(5, "the disk is full")
        assert is_writing(holder(journal)) is writing
        lease.release()
    assert not is_writing(holder(journal))
