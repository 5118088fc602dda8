"""A shop that is written to, with every way in which a write can go wrong, and a journal that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stockdrift.collector.actions import ActionService
from stockdrift.stock import plan
from stockdrift.stock.actions import LISTED, ActionAsked, ActionStep, ActionStopAsked, RowChange, RowState
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import Entry, Remarked, RulesChanged
from stockdrift.stock.freeze import Window
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome, Reading
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import ActionRules, Rules, Scope, SurfaceRules
from stockdrift.stock.values import replace
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, Writer
from tests.collector.virtual import run_virtually
from tests.stock.scene import HOUR, T0, reading

SKUS = ("A", "B", "C", "D")
SHOP = "shop"
MANY = tuple(f"S{number:04}" for number in range(1_000))


class Mood(StrEnum):
    """How the shop takes the next write."""

    TAKES = "takes it"
    LATE = "takes it, and shows it later"
    HALF = "rejects every other row"
    COMPARES = "compares first"
    LOSES_ANSWER = "takes it, and the answer is lost"
    LOSES_WRITE = "neither takes it nor answers"
    THROTTLES = "refuses the connection"
    REFUSES = "refuses the connection, and every one after it"
    BREAKS = "runs into a bug of ours"
    REVERTS = "takes it, and another writer puts the old value back"


@dataclass
class Sent:
    """One row on the wire."""

    at: int
    key: str
    change: RowChange
    spent: float  # of the request budget, when it went out
    heard: int  # entries that the journal held then


@dataclass
class Shop:
    """What the shop shows now and will show later; ``wire`` is all that ever reached it."""

    shows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SKUS, 9))
    coming: list[tuple[int, str, int]] = field(default_factory=list)
    wire: list[Sent] = field(default_factory=list)
    moods: list[Mood] = field(default_factory=list)
    spent: float | None = None
    busy: int = 0  # writes under way
    down: set[str] = field(default_factory=set)  # SKUs whose listing is taken down
    turning: list[tuple[int, str, bool]] = field(default_factory=list)  # listings that will be up, or down, and when

    def settle(self, now: int) -> None:
        for due in sorted(entry for entry in self.coming if entry[0] <= now):
            self.coming.remove(due)
            self.shows[due[1]] = due[2]
        for turn in sorted(entry for entry in self.turning if entry[0] <= now):
            self.turning.remove(turn)
            (self.down.discard if turn[2] else self.down.add)(turn[1])

    def levels(self) -> dict[str, int | LevelState]:
        """What a read of it brings."""
        return {sku: LevelState.DISABLED if sku in self.down else level for sku, level in self.shows.items()}

    def is_stale(self, change: RowChange, *, listing: bool) -> bool:
        """Whether it shows something else than when the row was confirmed."""
        return (change.sku not in self.down) != change.before if listing else self.shows[change.sku] != change.before

    def take(self, change: RowChange, at: int, value: int, *, listing: bool) -> None:
        """Will show ``value`` from ``at`` on."""
        if listing:
            self.turning.append((at, change.sku, value == LISTED))
        else:
            self.coming.append((at, change.sku, value))


class ShopWriter:
    """A :class:`stockdrift.surfaces.writer.Writer` on the shop."""

    visible_within = 20_000

    def __init__(self, house: House) -> None:
        self._house = house
        self.batch = house.batch

    def spent(self) -> float | None:
        return self._house.shop.spent

    def describe(self, changes: Sequence[RowChange]) -> str:
        return " ".join(f"{change.sku}={change.after}" for change in changes)

    async def ready(self) -> str:
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        return await self._heard(changes, key, listing=False)

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        return await self._heard(changes, key, listing=True)

    async def _heard(self, changes: Sequence[RowChange], key: str, *, listing: bool) -> WriteAnswer:
        shop = self._house.shop
        mood = shop.moods.pop(0) if shop.moods else Mood.TAKES
        if mood is Mood.THROTTLES:
            raise NotSentError("throttled")
        if mood is Mood.REFUSES:
            shop.moods.insert(0, mood)
            raise NotSentError("refused", retry_after=2_000)
        assert not shop.busy, "one writer at a time on a surface"
        shop.busy += 1
        try:
            return await self._write(changes, key, mood, listing=listing)
        finally:
            shop.busy -= 1

    async def _write(self, changes: Sequence[RowChange], key: str, mood: Mood, *, listing: bool) -> WriteAnswer:
        house, shop = self._house, self._house.shop
        shop.wire += [Sent(house.now(), key, change, shop.spent or 0.0, len(house.journal)) for change in changes]
        await asyncio.sleep(0.2)
        if mood is Mood.LOSES_WRITE:
            raise UnansweredError("timed out")
        answers = []
        for place, change in enumerate(changes):
            if mood is Mood.HALF and place % 2:
                answers.append(RowAnswer(Verdict.REJECTED, "no such listing"))
            elif mood is Mood.COMPARES and shop.is_stale(change, listing=listing):
                answers.append(RowAnswer(Verdict.STALE, "changed meanwhile"))
            else:
                delay = 15_000 if mood is Mood.LATE else 0
                shop.take(change, house.now() + delay, change.after, listing=listing)
                if mood is Mood.REVERTS:
                    shop.take(change, house.now() + 1, change.before, listing=listing)
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
    blind: bool = False  # the shop can be written and not be read
    read_takes: float = 0.05
    batch: int = 2
    rules_of_actions: ActionRules = field(default_factory=ActionRules)

    def __post_init__(self) -> None:
        shop = SurfaceRules(SHOP, stale_after=HOUR, lag=0, writable=True, write=True, listing="item")
        self.rules = Rules(SurfaceRules(MASTER, stale_after=HOUR), (shop,), actions=self.rules_of_actions)
        self._tasks: set[asyncio.Task[None]] = set()
        self._service_task: asyncio.Task[None] | None = None

    def now(self) -> int:
        return T0 + round(asyncio.get_running_loop().time() * 1_000)

    def start(self) -> None:
        """A collector begins: it hears the journal, and goes on."""
        if not self.journal:
            self.first_rules = self.rules
        self.monitor = Monitor(self.first_rules)
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
        levels: dict[str, int | LevelState] = dict(self.stock) if surface == MASTER else self.shop.levels()
        began = self.now()
        await asyncio.sleep(self.read_takes)
        found = reading(surface, levels, self.now())
        if self.blind and surface == SHOP:
            found = failed(surface, began, self.now())
        await self.tell([admit(replace(found, started_at=began), self.monitor.board)])

    def reread(self, surface: str) -> None:
        task = asyncio.ensure_future(self.read(surface))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ask(self, key: str, rows: Sequence[RowChange], **more: Any) -> None:
        kind = more.pop("kind", "resync")
        asked = ActionAsked(self.now(), "maya", key, kind, SHOP, "feed lag", "", tuple(rows), typed=SHOP)
        await self.tell([replace(asked, **more)])

    async def adopt(self, **more: Any) -> None:
        """Other rules for actions hold from here on."""
        self.rules = replace(self.rules, actions=replace(self.rules.actions, **more))
        await self.tell([RulesChanged(self.now(), self.rules)])

    async def adopt_shop(self, **more: Any) -> None:
        """The shop's own rules are others from here on."""
        self.rules = replace(self.rules, surfaces=(replace(self.rules.surfaces[0], **more),))
        await self.tell([RulesChanged(self.now(), self.rules)])

    async def pause(self, *, wanted: bool) -> None:
        """The shop is not read on schedule from here on, or is again."""
        remark = Remark("its API is down", by="maya", since=self.now()) if wanted else None
        await self.tell([Remarked(self.now(), "maya", RemarkKind.PAUSE, Scope(SHOP), remark)])

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


def failed(surface: str, began: int, at: int) -> Reading:
    """A reading that brought nothing."""
    return Reading(surface, Outcome.FAILED, began, at, reason="HTTP 503")


Scene = Callable[[House], Awaitable[None]]


def play(scene: Scene, **more: Any) -> House:
    """Runs ``scene`` on a house whose master and shop were read once."""
    house = House(**more)

    async def run() -> None:
        house.start()
        await house.read(MASTER)
        await house.read(SHOP)
        await scene(house)
        await house.kill()

    run_virtually(run())
    assert not house.monitor.ledger.oddities, "the service tells nothing that cannot follow"
    return house


def confirmed(house: House, *skus: str) -> list[RowChange]:
    """What a person would have confirmed now."""
    return [row.change for row in plan.resync(house.monitor, SHOP, skus or None, house.now()).rows]


def play_many(scene: Callable[[House], Any], **more: Any) -> House:
    async def filled(house: House) -> None:
        house.shop.shows = dict.fromkeys(house.stock, 9)
        await house.read(SHOP)
        await house.read(MASTER)
        await scene(house)

    return play(filled, **{**bulk_house(), **more})


def bulk_house() -> dict[str, Any]:
    """A house of forty SKUs, for which a plan of more than three rows is one in bulk."""
    skus = MANY[:40]
    house = {"stock": dict.fromkeys(skus, 5), "rules_of_actions": ActionRules(confirm_rows=3)}
    return {**house, "batch": 40}


def steps_of(house: House, state: RowState) -> list[ActionStep]:
    return [entry for entry in house.journal if isinstance(entry, ActionStep) and entry.state is state]


def frozen(house: House, begin: int, end: int, name: str = "fair") -> Window:
    return Window(name, since=house.now() + begin, until=house.now() + end)
