"""What stands before a write, while it is under way too: a freeze, a master to be doubted."""

from __future__ import annotations

import asyncio

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import RowState
from stockdrift.stock.freeze import Window
from stockdrift.stock.guards import COLLAPSED
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import ActionRules
from stockdrift.stock.values import replace
from tests.collector.writing import MANY, SHOP, House, Mood, confirmed, frozen, play, play_many, steps_of

IN_SYNC, REFUSED, UNDELIVERED = RowState.IN_SYNC, RowState.REFUSED, RowState.UNDELIVERED


# -- freeze windows ------------------------------------------------------------------------------------------------


def test_nothing_is_written_in_a_freeze_unless_it_is_named_and_deny_beats_allow() -> None:
    async def scene(house: House) -> None:
        fair, always = frozen(house, 0, 600_000), frozen(house, -1, 600_000, "always")
        await house.adopt(freezes=(fair,), openings=(always,))
        await house.ask("one", confirmed(house, "A"))
        await house.ask("two", confirmed(house, "A"), overrides=("another",))
        await house.ask("three", confirmed(house, "A"), overrides=("fair",))
        await asyncio.sleep(60)
        await house.adopt(openings=(frozen(house, 900_000, 1_000_000),), freezes=())
        await house.read(MASTER)
        await house.ask("four", confirmed(house, "B"))
        await asyncio.sleep(60)

    house = play(scene)
    assert [house.states(key) for key in ("one", "two", "three", "four")] == [
        [REFUSED], [REFUSED], [IN_SYNC], [REFUSED],
    ]  # fmt: skip
    assert house.whys("one") == ["fair freezes Shop."]
    assert house.whys("four") == ["It is outside the opening times, for another 14m."]
    assert [sent.change.sku for sent in house.shop.wire] == ["A"]


def test_a_freeze_that_begins_midway_stops_what_is_not_sent() -> None:
    async def scene(house: House) -> None:
        await house.adopt(freezes=(frozen(house, 300, 60_000),))
        await house.ask("one", confirmed(house))
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [IN_SYNC, IN_SYNC, REFUSED, REFUSED]
    assert {sent.change.sku for sent in house.shop.wire} == {"A", "B"}


def test_what_was_tried_before_a_freeze_has_failed_and_the_rest_is_refused() -> None:
    async def scene(house: House) -> None:
        await house.adopt(freezes=(frozen(house, 300, 60_000),))
        house.shop.moods = [Mood.THROTTLES]
        await house.ask("one", confirmed(house))
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [UNDELIVERED, UNDELIVERED, REFUSED, REFUSED]
    assert len({why.partition(",")[0] for why in house.whys("one")}) == 1


def test_a_freeze_of_another_surface_or_another_time_bars_nothing() -> None:
    async def scene(house: House) -> None:
        other = Window("fair", ("elsewhere",))
        await house.adopt(freezes=(other, frozen(house, -9_000, 0), frozen(house, 900_000, 901_000)))
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(30)

    assert play(scene).states("one") == [IN_SYNC]


def test_a_plan_names_what_bars_it_and_until_when() -> None:
    async def scene(house: House) -> None:
        until = house.now() + 60_000
        await house.adopt(freezes=(frozen(house, 0, 60_000),))
        made = plan.resync(house.monitor, SHOP, ["A"], house.now())
        assert not made.refusals
        (barrier,) = made.barriers
        assert (barrier.name, barrier.until) == ("fair", until), "no zone is needed for the calendar"

    play(scene)


# -- a master to be doubted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["empty", "collapsed", "stale"])
def test_with_an_unknown_master_nothing_is_written_in_bulk_not_even_zeroes(how: str) -> None:
    async def scene(house: House) -> None:
        if how == "stale":
            await asyncio.sleep(3_000)
            await house.read(SHOP)
            await asyncio.sleep(900)
        else:
            house.stock = {} if how == "empty" else dict.fromkeys(MANY[:20], 5)
            await house.read(MASTER)
        house.monitor.tick(house.now())
        made = plan.contain(house.monitor, SHOP, MANY[:8], house.now())
        assert "nothing is written in bulk" in made.refusals[0]
        few = plan.contain(house.monitor, SHOP, MANY[:2], house.now())
        assert not few.refusals
        await house.ask("many", [row.change for row in made.rows], kind="contain")
        await house.ask("few", [row.change for row in few.rows], kind="contain")
        await asyncio.sleep(60)

    house = play_many(scene)
    assert set(house.states("many")) == {REFUSED}
    assert "nothing is written in bulk" in house.whys("many")[0]
    assert house.states("few") == [RowState.VERIFIED] * 2


def test_a_master_whose_stock_fell_to_nothing_at_once_bars_bulk_until_it_is_named() -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:6], 0)
        await house.read(MASTER)
        await house.read(SHOP)
        await house.read(MASTER)
        rows = confirmed(house, *MANY[:5])
        (barrier,) = plan.resync(house.monitor, SHOP, MANY[:5], house.now()).barriers
        assert barrier.name == COLLAPSED
        assert "6 SKUs of the master fell to 0 in a single read" in barrier.why
        await house.ask("barred", rows)
        await house.ask("few", rows[:2])
        await asyncio.sleep(60)
        await house.ask("named", rows[2:] + confirmed(house, MANY[5], MANY[6]), overrides=(COLLAPSED,))
        await asyncio.sleep(60)

    house = play_many(scene)
    assert set(house.states("barred")) == {REFUSED}
    assert set(house.states("few")) == {IN_SYNC}
    assert set(house.states("named")) == {IN_SYNC}


@pytest.mark.parametrize(
    ("fell", "back", "bars"),
    [(4, 0, False), (5, 0, True), (6, 0, True), (6, 4, True), (6, 5, False), (10, 6, True), (10, 7, False)],
)
def test_how_much_has_to_fall_and_to_come_back(fell: int, back: int, bars: bool) -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:fell], 0)
        await house.read(MASTER)
        if bars and not back:
            (barrier,) = plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers
            assert barrier.why.startswith(f"{fell} SKUs of the master fell to 0")
        house.stock |= dict.fromkeys(MANY[:back], 2)
        await house.read(MASTER)
        await house.read(SHOP)
        await house.read(MASTER)
        assert bool(plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers) == bars

    play_many(scene)


@pytest.mark.parametrize(("count", "fell", "bars"), [(190, 9, False), (180, 9, True)])
def test_in_a_larger_store_more_has_to_fall(count: int, fell: int, bars: bool) -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:fell], 0)
        await house.read(MASTER)
        assert bool(plan.resync(house.monitor, SHOP, MANY[100:110], house.now()).barriers) == bars

    play_many(scene, stock=dict.fromkeys(MANY[:count], 5))


def test_what_merely_sold_in_the_same_read_has_not_fallen() -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:6], 0) | dict.fromkeys(MANY[6:30], 4)
        await house.read(MASTER)
        (barrier,) = plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers
        assert barrier.why.startswith("6 SKUs of the master")

    play_many(scene)


def test_a_part_of_the_surface_is_in_bulk_as_many_rows_are() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, *MANY[20:30])
        house.stock |= dict.fromkeys(MANY[:6], 0)
        await house.ask("typed", rows, typed="")
        await asyncio.sleep(1)
        await house.read(MASTER)
        assert [one.name for one in plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers] == [COLLAPSED]
        await house.ask("barred", rows)
        await asyncio.sleep(30)

    house = play_many(scene, rules_of_actions=ActionRules(confirm_rows=100))
    assert set(house.whys("typed")) == {"Above 10 % of what the surface lists. The name of the surface was not typed."}
    assert "nothing is written in bulk" in house.whys("barred")[0]


def test_what_had_nothing_or_counts_nothing_has_not_fallen() -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:8], -1)
        await house.read(MASTER)
        house.stock |= dict.fromkeys(MANY[8:16], 9)
        await house.read(MASTER)
        assert not plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers

    stock = dict.fromkeys(MANY[:40], 5) | dict.fromkeys(MANY[:8], 0)
    play_many(scene, stock=stock)


def test_the_worst_of_several_falls_is_told_and_one_that_is_over_hides_none() -> None:
    async def scene(house: House) -> None:
        house.stock |= dict.fromkeys(MANY[:5], 0)
        await house.read(MASTER)
        house.stock |= dict.fromkeys(MANY[5:12], 0)
        await house.read(MASTER)
        house.stock |= dict.fromkeys(MANY[:5], 5)
        house.stock |= dict.fromkeys(MANY[12:18], 0)
        await house.read(MASTER)
        (barrier,) = plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers
        assert barrier.why.startswith("7 SKUs of the master fell to 0")

    play_many(scene)


def test_what_sells_out_one_by_one_is_no_collapse() -> None:
    async def scene(house: House) -> None:
        for sku in MANY[:20]:
            house.stock[sku] = 0
            await house.read(MASTER)
        await house.read(SHOP)
        await house.read(MASTER)
        assert not plan.resync(house.monitor, SHOP, MANY[20:30], house.now()).barriers

    play_many(scene)


def test_a_master_that_grows_stale_while_an_action_waits_stops_it() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A")
        house.rules = replace(house.rules, master=replace(house.rules.master, stale_after=120_000))
        await house.adopt()
        house.shop.spent = 1.0
        await house.ask("one", rows)
        await asyncio.sleep(200)
        house.shop.spent = 0.0
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [REFUSED]
    assert house.whys("one")[0].startswith("The master is unknown (no complete read for longer than allowed)")
    assert not house.shop.wire


@pytest.mark.parametrize("name", [SHOP, MASTER])
def test_one_read_that_fails_midway_is_waited_out(name: str) -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house))
        await asyncio.sleep(0.1)
        stock = dict(house.stock)
        if name == SHOP:
            house.blind = True
        else:
            house.stock.clear()
        await house.read(name)
        await asyncio.sleep(4)
        house.blind = False
        house.stock |= stock
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [IN_SYNC] * 4
    assert "is unknown: " in steps_of(house, RowState.DEFERRED)[0].why
    assert len(steps_of(house, RowState.DEFERRED)) == 1


def test_a_stop_ends_the_wait_for_a_better_read() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house))
        await asyncio.sleep(0.1)
        house.blind = True
        await house.read(SHOP)
        await asyncio.sleep(4)
        await house.stop("one")
        await asyncio.sleep(0.2)

    house = play(scene)
    assert house.states("one")[2:] == [RowState.STOPPED] * 2


def test_a_master_that_fails_midway_stops_what_is_not_sent() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house)
        await house.ask("one", rows)
        await asyncio.sleep(0.1)
        house.stock.clear()
        await house.read(MASTER)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one")[2:] == [REFUSED] * 2
    assert len(house.shop.wire) == 2


def test_what_was_written_is_in_sync_only_by_a_master_that_is_known() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(0.1)
        house.stock.clear()
        await house.read(MASTER)
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.VERIFIED]
    why = "it shows what was written, and the master is unknown"
    assert [step.why for step in steps_of(house, RowState.APPLIED)] == [why]
    assert house.whys("one") == [why]
