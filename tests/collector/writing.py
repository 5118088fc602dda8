"""A shop that is written to, with every way in which a write can go wrong, and a journal that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from stockdrift.collector.actions import ActionService
from stockdrift.stock.actions import ActionAsked, ActionStopAsked, RowChange, RowState
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import Entry
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, Writer
from tests.stock.scene import HOUR, T0, reading

SKUS = ("A", "B", "C", "D")
SHOP = "shop"


class Mood(StrEnum):
    """How the shop takes the next write."""

    TAKES = "takes it"
    LATE = "takes it, and shows it later"
    HALF = "rejects every other row"
    COMPARES = "compares first"
    LOSES_ANSWER = "takes it, and the answer is lost"
    LOSES_WRITE = "neither takes it nor answers"
    THROTTLES = "refuses the connection"
    BREAKS = "runs into a bug of ours"
    REVERTS = "takes it, and another writer puts the old value back"


@dataclass
class Sent:
    """One row on the wire."""

    at: int
    key: str
    change: RowChange


@dataclass
class Shop:
    """What the shop shows now and will show later; ``wire`` is all that ever reached it."""

    shows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SKUS, 9))
    coming: list[tuple[int, str, int]] = field(default_factory=list)
    wire: list[Sent] = field(default_factory=list)
    moods: list[Mood] = field(default_factory=list)
    spent: float | None = None

    def settle(self, now: int) -> None:
        for due in sorted(entry for entry in self.coming if entry[0] <= now):
            self.coming.remove(due)
            self.shows[due[1]] = due[2]


class ShopWriter:
    """A :class:`stockdrift.surfaces.writer.Writer` on the shop."""

    batch = 2
    visible_within = 20_000

    def __init__(self, house: House) -> None:
        self._house = house

    def spent(self) -> float | None:
        return self._house.shop.spent

    def describe(self, changes: Sequence[RowChange]) -> str:
        return " ".join(f"{change.sku}={change.after}" for change in changes)

    async def ready(self) -> str:
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        house, shop = self._house, self._house.shop
        mood = shop.moods.pop(0) if shop.moods else Mood.TAKES
        if mood is Mood.THROTTLES:
            raise NotSentError("throttled")
        shop.wire += [Sent(house.now(), key, change) for change in changes]
        await asyncio.sleep(0.2)
        if mood is Mood.LOSES_WRITE:
            raise UnansweredError("timed out")
        answers = []
        for place, change in enumerate(changes):
            if mood is Mood.HALF and place % 2:
                answers.append(RowAnswer(Verdict.REJECTED, "no such listing"))
            elif mood is Mood.COMPARES and shop.shows[change.sku] != change.before:
                answers.append(RowAnswer(Verdict.STALE, "changed meanwhile"))
            else:
                delay = 15_000 if mood is Mood.LATE else 0
                shop.coming.append((house.now() + delay, change.sku, change.after))
                if mood is Mood.REVERTS:
                    shop.coming.append((house.now() + 1, change.sku, change.before))
                answers.append(RowAnswer(Verdict.ACCEPTED))
        await asyncio.sleep(0.2)
        if mood is Mood.LOSES_ANSWER:
            raise UnansweredError("the connection was lost")
        if mood is Mood.BREAKS:
            raise RuntimeError("a bug")
        return WriteAnswer(answers, "200 OK")

    async def close(self) -> None:
        pass


@dataclass
class House:
    """A journal, a collector's action service on it, a master and the shop. ``writing``: as if started with --write."""

    writing: bool = True
    shop: Shop = field(default_factory=Shop)
    stock: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SKUS, 5))
    journal: list[Entry] = field(default_factory=list)
    recorded_at: list[int] = field(default_factory=list)
    disk_full: bool = False
    read_takes: float = 0.05

    def __post_init__(self) -> None:
        shop = SurfaceRules(SHOP, stale_after=HOUR, lag=0, writable=True, write=True)
        self.rules = Rules(SurfaceRules(MASTER, stale_after=HOUR), (shop,))
        self._tasks: set[asyncio.Task[None]] = set()
        self._service_task: asyncio.Task[None] | None = None

    def now(self) -> int:
        return T0 + round(asyncio.get_running_loop().time() * 1_000)

    def start(self) -> None:
        """A collector begins: it hears the journal, and goes on."""
        self.monitor = Monitor(self.rules)
        for entry in self.journal:
            self.monitor.apply(entry)
        self.service = ActionService(self, self.writers() if self.writing else {}, self.reread, self.now)
        self._service_task = asyncio.ensure_future(self.service.run())

    def writers(self) -> dict[str, Writer]:
        return {SHOP: ShopWriter(self)}

    async def kill(self) -> None:
        """The collector is gone, in the middle of whatever it did."""
        assert self._service_task is not None
        for task in (self._service_task, *self._tasks):
            task.cancel()
        await asyncio.gather(self._service_task, *self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def tell(self, entries: Sequence[Entry]) -> bool:
        await asyncio.sleep(0.001)
        if self.disk_full:
            return False
        for entry in entries:
            entry = replace(entry, number=len(self.journal) + 1)
            self.journal.append(entry)
            self.recorded_at.append(self.now())
            self.monitor.apply(entry)
            self.service.hear(entry)
        return True

    async def read(self, surface: str) -> None:
        """One reading of a surface, recorded if the journal can be written."""
        self.shop.settle(self.now())
        levels = dict(self.stock if surface == MASTER else self.shop.shows)
        began = self.now()
        await asyncio.sleep(self.read_takes)
        found = reading(surface, levels, self.now())
        await self.tell([admit(replace(found, started_at=began), self.monitor.board)])

    def reread(self, surface: str) -> None:
        task = asyncio.ensure_future(self.read(surface))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ask(self, key: str, rows: Sequence[RowChange], **more: Any) -> None:
        kind = more.pop("kind", "resync")
        asked = ActionAsked(self.now(), "maya", key, kind, SHOP, "feed lag", "", tuple(rows), typed=SHOP)
        await self.tell([replace(asked, **more)])

    async def stop(self, key: str) -> None:
        await self.tell([ActionStopAsked(self.now(), "tom", key)])

    def states(self, key: str) -> list[RowState]:
        action = self.monitor.ledger.get(key)
        assert action is not None
        return action.states

    def whys(self, key: str) -> list[str]:
        action = self.monitor.ledger.get(key)
        assert action is not None
        return action.whys
