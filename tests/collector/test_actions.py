"""The one door: no write without a confirmed plan, none twice, none while read-only, nothing unrecorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock import plan
from stockdrift.stock.actions import (
    ENDED,
    GOOD,
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
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.collector.writing import SHOP, SKUS, House, Mood, Scene, Sent, confirmed, play


def scene_of(*moods: Mood, seconds: float = 60, skus: Sequence[str] = SKUS) -> Scene:
    async def scene(house: House) -> None:
        house.shop.moods = list(moods)
        await house.ask("one", confirmed(house, *skus))
        await asyncio.sleep(seconds)

    return scene


def test_what_was_confirmed_is_written_in_batches_read_back_and_in_sync() -> None:
    house = play(scene_of())
    assert house.shop.shows == house.stock
    assert house.states("one") == [RowState.IN_SYNC] * 4
    assert [(sent.key, sent.change) for sent in house.shop.wire] == [
        ("one-0", RowChange("A", 9, 5)), ("one-0", RowChange("B", 9, 5)),
        ("one-1", RowChange("C", 9, 5)), ("one-1", RowChange("D", 9, 5)),
    ]  # fmt: skip
    steps = [entry for entry in house.journal if isinstance(entry, ActionStep)]
    assert [step.state for step in steps[:2]] == [RowState.SENT, RowState.ACCEPTED]
    assert (steps[0].sent, steps[1].answer) == ("A=5 B=5", "200 OK")


@pytest.mark.parametrize(
    ("mood", "ends"),
    [
        (Mood.LATE, [RowState.IN_SYNC, RowState.IN_SYNC]),
        (Mood.HALF, [RowState.IN_SYNC, RowState.REJECTED]),
        (Mood.LOSES_ANSWER, [RowState.IN_SYNC, RowState.IN_SYNC]),
        (Mood.LOSES_WRITE, [RowState.FAILED, RowState.FAILED]),
        (Mood.THROTTLES, [RowState.IN_SYNC, RowState.IN_SYNC]),
        (Mood.BREAKS, [RowState.IN_SYNC, RowState.IN_SYNC]),
        (Mood.REVERTS, [RowState.STUCK, RowState.STUCK]),
    ],
)
def test_however_a_write_goes_it_is_sent_once_and_read_back(mood: Mood, ends: list[RowState]) -> None:
    house = play(scene_of(mood, skus=("A", "B")))
    assert house.states("one") == ends
    assert len(house.shop.wire) == 2


def test_a_shop_that_compares_writes_nothing_over_what_changed_meanwhile() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A", "B")
        house.shop.moods = [Mood.COMPARES]
        house.shop.shows["B"] = 7  # nobody has read that yet
        await house.ask("one", rows)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.IN_SYNC, RowState.STALE]
    assert house.shop.shows["B"] == 7


def test_rows_that_moved_since_they_were_confirmed_are_not_sent() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house)
        house.shop.shows |= {"A": 8, "B": 5}
        house.stock["C"] = 4
        await house.read(MASTER)
        await house.read(SHOP)
        await house.ask("one", rows)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.STALE, RowState.NEEDLESS, RowState.STALE, RowState.IN_SYNC]
    assert house.whys("one")[:3] == ["it shows 8 now, not 9", "it shows 5 already", "it should show 4 now, not 5"]
    assert [sent.change.sku for sent in house.shop.wire] == ["D"]


def test_nothing_is_sent_while_read_only() -> None:
    house = play(scene_of(), writing=False)
    assert house.states("one") == [RowState.REFUSED] * 4
    assert "may not be written here" in house.whys("one")[0]
    assert not house.shop.wire


def test_what_cannot_be_recorded_is_not_sent() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house)
        await house.ask("one", rows)
        house.disk_full = True
        await asyncio.sleep(30)
        assert not house.shop.wire
        house.disk_full = False
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.STOPPED] * 4
    assert not house.shop.wire


def test_a_collector_that_dies_between_record_and_send_leaves_a_row_that_is_read_back_and_not_sent_again() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LOSES_ANSWER]
        await house.ask("one", confirmed(house))
        await asyncio.sleep(0.1)  # it is on the wire
        await house.kill()
        house.start()
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one")[2:] == [RowState.STOPPED] * 2
    assert set(house.states("one")[:2]) <= {RowState.IN_SYNC, RowState.FAILED}
    assert len(house.shop.wire) == 2


def test_a_stop_leaves_unsent_what_was_not_sent() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house))
        await asyncio.sleep(0.1)
        await house.stop("one")
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.IN_SYNC] * 2 + [RowState.STOPPED] * 2
    assert house.whys("one")[3] == "stopped by tom"


def test_two_consoles_that_ask_for_one_sku_have_one_effect() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A")
        await house.ask("one", rows)
        await house.ask("one", rows)
        await house.ask("two", rows)
        await asyncio.sleep(60)
        await house.ask("three", rows)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.IN_SYNC]
    assert house.states("two") == [RowState.REFUSED]
    assert house.whys("two") == ["maya is writing A there already."]
    assert house.states("three") == [RowState.NEEDLESS]
    assert len(house.shop.wire) == 1


@pytest.mark.parametrize(
    ("rows", "more", "why"),
    [
        ([("A", 9, 5)], {"reason": "because"}, "none of: feed lag"),
        ([("A", 9, 5)], {"kind": "set"}, "no action called 'set'"),
        ([("A", 9, 5)], {"kind": "contain"}, "sets to 0, and to nothing else"),
        ([("A", 9, 5)], {"surface": MASTER}, "master's own stock is never written"),
        ([("A", 9, 5)], {"surface": "nowhere"}, "no surface called nowhere"),
        ([], {}, "nothing to write"),
        ([("A", 9, 5), ("A", 9, 4)], {}, "there twice"),
        ([(sku, 9, 5) for sku in SKUS], {"typed": ""}, "was not typed"),
    ],
)
def test_a_guard_refuses_before_anything_is_sent(
    rows: list[tuple[str, int, int]], more: dict[str, str], why: str
) -> None:
    async def scene(house: House) -> None:
        asked = ActionAsked(
            house.now(), "maya", "one", more.get("kind", "resync"), more.get("surface", SHOP),
            more.get("reason", "feed lag"), "", tuple(RowChange(*row) for row in rows), more.get("typed", SHOP),
        )  # fmt: skip
        await house.tell([asked])
        await asyncio.sleep(10)

    house = play(scene)
    assert not house.shop.wire
    if rows:
        assert set(house.states("one")) == {RowState.REFUSED}
        assert why in house.whys("one")[0]


def test_an_unknown_master_bars_a_resync_and_lets_a_containment_through() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A")
        house.stock.clear()
        await house.read(MASTER)
        await house.ask("one", rows)
        await asyncio.sleep(10)
        contain = plan.contain(house.monitor, SHOP, ["B"], house.now())
        assert not contain.refusals
        await house.ask("two", [row.change for row in contain.rows], kind="contain")
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.REFUSED]
    assert "The master is unknown" in house.whys("one")[0]
    assert house.states("two") == [RowState.VERIFIED]
    assert house.shop.shows["B"] == 0


def test_a_rollback_restores_what_was_shown_and_leaves_what_has_moved_on() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A", "B")
        await house.ask("one", rows)
        await asyncio.sleep(30)
        house.shop.shows["B"] = 6
        await house.read(SHOP)
        written = house.monitor.ledger.get("one")
        assert written is not None
        back = plan.rollback(house.monitor, written, house.now())
        assert [row.change for row in back.rows] == [RowChange("A", 5, 9)]
        assert [(one.sku, one.why) for one in back.skipped] == [("B", "shop has moved on: it shows 6, not 5")]
        await house.ask("two", [row.change for row in back.rows], kind="rollback", undoes="one")
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("two") == [RowState.VERIFIED]
    assert (house.shop.shows["A"], house.shop.shows["B"]) == (9, 6)


_SOME: Final = st.sets(st.sampled_from(SKUS), min_size=1).map(sorted)
_ACTS: Final = st.one_of(
    st.tuples(st.just("ask"), _SOME),
    st.tuples(st.just("ask old"), _SOME),
    st.tuples(st.just("contain"), _SOME),
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
            case "contain":
                made = plan.contain(house.monitor, SHOP, value, house.now())
                await self.ask([row.change for row in made.rows], kind="contain")
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
                assert column.quantities[row] == change.after
                assert column.last is not None
                assert column.last.started_at > recorded[entry.key, place]
                assert entry.state is not RowState.IN_SYNC or witness.board.master.known
        witness.apply(entry)


def test_a_reading_that_began_before_the_write_proves_nothing() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LOSES_WRITE]
        rows = confirmed(house, "A")
        house.read_takes = 1.0
        house.shop.shows["A"] = 5
        house.reread(SHOP)
        await asyncio.sleep(0.01)
        house.shop.shows["A"] = 7
        await house.ask("one", rows)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.STUCK]
    assert house.whys("one")[0].startswith("it shows 7, neither 9 as before nor 5 as written: another app may write")


def test_what_the_shop_did_by_itself_is_not_taken_for_right_where_the_master_has_moved_on() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A")
        house.shop.shows["A"] = 5  # what was to be written, and no longer what should be there
        house.stock["A"] = 4
        await house.read(MASTER)
        await house.read(SHOP)
        await house.ask("one", rows)
        await asyncio.sleep(5)

    house = play(scene)
    assert (house.states("one"), house.whys("one")) == ([RowState.STALE], ["it should show 4 now, not 5"])
    assert not house.monitor.ledger.get("one").verified  # type: ignore[union-attr]
