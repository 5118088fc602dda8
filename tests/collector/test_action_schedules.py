"""Over any schedule of faults and crashes: no write without a confirmed plan, none twice, none unrecorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock import plan
from stockdrift.stock.actions import (
    ENDED,
    GOOD,
    LISTED,
    LISTING,
    TOOK,
    UNSENT,
    ActionAsked,
    ActionStep,
    ActionStopAsked,
    RowChange,
    RowState,
)
from stockdrift.stock.entries import RulesChanged
from stockdrift.stock.freeze import Window
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.wanted import Wanted, plan_of
from tests.collector.writing import SHOP, SKUS, House, Mood, Sent, confirmed, play

_SOME: Final = st.sets(st.sampled_from(SKUS), min_size=1).map(sorted)


_ACTS: Final = st.one_of(
    st.tuples(st.just("ask"), _SOME),
    st.tuples(st.just("ask old"), _SOME),
    st.tuples(st.just("contain"), _SOME),
    st.tuples(st.just("unlist"), _SOME),
    st.tuples(st.just("relist"), _SOME),
    st.tuples(st.just("refresh"), _SOME),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("roll back"), st.integers(0, 9)),
    st.tuples(st.just("retry"), st.none()),
    st.tuples(st.just("mood"), st.sampled_from(Mood)),
    st.tuples(st.just("sale"), st.sampled_from(SKUS)),
    st.tuples(st.just("stranger"), st.sampled_from(SKUS)),
    st.tuples(st.just("wait"), st.sampled_from([0.05, 0.15, 0.3, 1.0, 7.0, 40.0])),
    st.tuples(st.just("kill"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("disk"), st.booleans()),
    st.tuples(st.just("blind"), st.booleans()),
    st.tuples(st.just("budget"), st.sampled_from([0.0, 0.79, 0.8, 1.0])),
    st.tuples(st.just("freeze"), st.sampled_from([0, 200, 5_000, 60_000])),
    st.tuples(st.just("overrides"), st.booleans()),
    st.tuples(st.just("write"), st.booleans()),
    st.tuples(st.just("read"), st.sampled_from([MASTER, SHOP])),
)


_FREEZE: Final = "fair"


class Schedule:
    """Does to a house what a schedule says."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.first = {row.sku: row for row in confirmed(house)}
        self.count = 0
        self.overrides: tuple[str, ...] = ()

    async def act(self, what: str, value: Any) -> None:
        house = self.house
        match what:
            case "ask":
                await self.ask(confirmed(house, *value))
            case "ask old":
                await self.ask([self.first[sku] for sku in value])
            case "contain" | "unlist" | "relist" | "refresh":
                await self.carry_out(plan_of(house.monitor, Wanted(what, SHOP, value), house.now()))
            case "roll back":
                await self.roll_back(value)
            case "retry":
                for letter in house.monitor.ledger.dead_letters()[:1]:
                    await self.carry_out(plan.retry(house.monitor, letter, house.now()))
            case "wait":
                await asyncio.sleep(value)
            case "read":
                await house.read(value)
            case "overrides":
                self.overrides = (_FREEZE,) if value else ()
            case "kill":
                await house.kill()
                house.start()
            case "stop" if self.count:
                await house.stop(f"k{self.count - 1}")
            case _:
                await self.befall(what, value)

    async def befall(self, what: str, value: Any) -> None:
        """What happens to a shop, a disk, a budget, the settings."""
        house = self.house
        match what:
            case "mood":
                house.shop.moods.append(value)
            case "sale":
                house.stock[value] = max(0, house.stock[value] - 1)
            case "stranger":
                house.shop.shows[value] += 3
            case "disk":
                house.disk_full = value
            case "blind":
                house.blind = value
            case "budget":
                house.shop.spent = value
            case "freeze":
                begin = house.now() + 100
                await house.adopt(freezes=(Window(_FREEZE, since=begin, until=begin + value),) if value else ())
            case "pause":
                await house.pause(wanted=value)
            case "write":
                await house.adopt_shop(write=value)

    async def roll_back(self, number: int) -> None:
        action = self.house.monitor.ledger.get(f"k{number}")
        if action is not None:
            await self.carry_out(plan.rollback(self.house.monitor, action, self.house.now()))

    async def carry_out(self, made: plan.Plan) -> None:
        """As a careless person would: confirmed, whatever the plan says against it."""
        rows = [row.change for row in made.rows]
        await self.ask(rows, kind=made.kind, undoes=made.undoes, retries=made.retries)

    async def ask(self, rows: Sequence[RowChange], **more: Any) -> None:
        if rows:
            await self.house.ask(f"k{self.count}", rows, overrides=self.overrides, **more)
            self.count += 1

    async def settle(self) -> None:
        """All faults are over, and a quarter of an hour passes."""
        house = self.house
        house.disk_full = house.blind = False
        house.shop.spent = None
        house.shop.moods.clear()
        await house.adopt(freezes=())
        for _ in range(30):
            await asyncio.sleep(30)
            await house.read(MASTER)
            await house.read(SHOP)


@settings(max_examples=100, deadline=None)
@given(st.lists(_ACTS, max_size=30), st.booleans())
def test_over_any_schedule_of_faults_and_crashes_the_door_holds(acts: list[tuple[str, Any]], writing: bool) -> None:
    async def scene(house: House) -> None:
        schedule = Schedule(house)
        for what, value in acts:
            await schedule.act(what, value)
        await schedule.settle()

    house = play(scene, writing=writing)
    asked = {entry.key: entry for entry in house.journal if isinstance(entry, ActionAsked)}
    recorded = {
        (step.key, place): number
        for number, step in enumerate(house.journal)
        if isinstance(step, ActionStep) and step.state is RowState.SENT
        for place in step.places
    }
    on_wire: set[tuple[str, int]] = set()
    for sent in house.shop.wire:
        key = sent.key.rpartition("-")[0]
        assert sent.change in asked[key].rows, "no write without a confirmed plan"
        place = list(asked[key].rows).index(sent.change)
        assert (key, place) not in on_wire, "none twice"
        on_wire.add((key, place))
        assert recorded[key, place] < sent.heard, "nothing unrecorded"
        check_guards(house, sent, asked[key])
    assert writing or not house.shop.wire, "none while read-only"
    never = UNSENT - {RowState.STALE} | {RowState.UNDELIVERED}
    for action in house.monitor.ledger:
        if writing or action.asked.kind != "refresh":  # one by hand waits for somebody who does it
            assert all(state in ENDED for state in action.states), "every row comes to its end"
        assert not on_wire & {(action.key, place) for place in action.places(*never)}, "what is not sent is not sent"
    undone = [
        (action.asked.undoes, action.asked.rows[place].sku)
        for action in house.monitor.ledger
        if action.asked.undoes
        for place in action.places(*TOOK)
    ]
    assert len(undone) == len(set(undone)), "nothing is taken back twice"
    check_read_backs(house, asked)
    again = Ledger()
    again.restore(json.loads(json.dumps(house.monitor.ledger.packed())))
    assert list(again) == list(house.monitor.ledger), "a checkpoint holds all of it"


def check_guards(house: House, sent: Sent, asked: ActionAsked) -> None:
    """By all that was in the journal when it went out, it might."""
    rules = house.first_rules
    for entry in house.journal[: sent.heard]:
        if isinstance(entry, RulesChanged):
            rules = entry.rules
        assert not (isinstance(entry, ActionStopAsked) and entry.key == asked.key), "none after a stop"
    frozen = {one.name for one in rules.actions.freezes if (one.since or 0) <= sent.at < (one.until or 0)}
    assert frozen <= set(asked.overrides), "none in a freeze, unless by its name"
    assert rules.surfaces[0].write, "none while the settings do not allow it"
    assert sent.spent < 0.8, "the reserve is for reading back"


def check_read_backs(house: House, asked: dict[str, ActionAsked]) -> None:
    """Whoever follows the journal sees for himself that what is called in sync was read back after it was sent, and was
    in sync then, or written as it should be.
    """
    witness = Monitor(house.first_rules)
    recorded: dict[tuple[str, int], int] = {}
    for entry, at in zip(house.journal, house.recorded_at, strict=True):
        if isinstance(entry, ActionStep) and entry.state is RowState.SENT:
            recorded |= {(entry.key, place): at for place in entry.places}
        if isinstance(entry, ActionStep) and entry.state in GOOD:
            column = witness.board.columns[1]
            for place in entry.places:
                change = asked[entry.key].rows[place]
                row = witness.row_of(change.sku)
                assert row is not None
                kind = asked[entry.key].kind
                if kind in LISTING:
                    assert (column.states[row] != LevelState.DISABLED) == (change.after == LISTED)
                elif kind != "refresh":
                    assert column.quantities[row] == change.after
                assert column.last is not None
                assert column.last.started_at > recorded[entry.key, place]
                assert entry.state is not RowState.IN_SYNC or witness.board.master.known
        witness.apply(entry)
