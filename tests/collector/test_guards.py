"""What stands before a write, while it is under way too: a freeze, the budget's reserve, a master to be doubted,
another writer; and what becomes of that which was certainly not sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import UNSENT, ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.entries import Entry, RulesChanged
from stockdrift.stock.freeze import Window
from stockdrift.stock.guards import COLLAPSED, bulk
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import ActionRules
from stockdrift.stock.snapshot import freeze, thaw
from tests.collector.writing import SHOP, SKUS, House, Mood, confirmed, play

MANY = tuple(f"S{number:04}" for number in range(1_000))
IN_SYNC, REFUSED, UNDELIVERED = RowState.IN_SYNC, RowState.REFUSED, RowState.UNDELIVERED


def steps_of(house: House, state: RowState) -> list[ActionStep]:
    return [entry for entry in house.journal if isinstance(entry, ActionStep) and entry.state is state]


def frozen(house: House, begin: int, end: int, name: str = "fair") -> Window:
    return Window(name, since=house.now() + begin, until=house.now() + end)


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
    assert house.whys("one") == ["fair freezes shop."]
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


def bulk_house() -> dict[str, Any]:
    """A house of forty SKUs, for which a plan of more than three rows is one in bulk."""
    skus = MANY[:40]
    house = {"stock": dict.fromkeys(skus, 5), "rules_of_actions": ActionRules(confirm_rows=3)}
    return {**house, "batch": 40}


def play_many(scene: Callable[[House], Any], **more: Any) -> House:
    async def filled(house: House) -> None:
        house.shop.shows = dict.fromkeys(house.stock, 9)
        await house.read(SHOP)
        await house.read(MASTER)
        await scene(house)

    return play(filled, **{**bulk_house(), **more})


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


# -- the request budget --------------------------------------------------------------------------------------------


def test_the_reserve_of_the_budget_is_left_to_reading_back() -> None:
    async def scene(house: House) -> None:
        house.shop.spent = 0.8
        await house.ask("one", confirmed(house))
        await asyncio.sleep(30)
        assert not house.shop.wire
        assert set(house.states("one")) == {RowState.DEFERRED}
        assert "only the reserve" in house.whys("one")[0]
        house.shop.spent = 0.79
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [IN_SYNC] * 4
    assert len(steps_of(house, RowState.DEFERRED)) == 1, "the wait is told once"


def test_a_budget_that_never_recovers_makes_a_dead_letter_and_a_stop_ends_the_wait() -> None:
    async def scene(house: House) -> None:
        house.shop.spent = 1.0
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(900)
        await house.ask("two", confirmed(house, "B"))
        await asyncio.sleep(10)
        await house.stop("two")
        await asyncio.sleep(0.1)
        assert house.states("two") == [RowState.STOPPED]

    house = play(scene)
    assert house.states("one") == [UNDELIVERED]
    assert [action.key for action in house.monitor.ledger.dead_letters()] == ["one"]
    assert not house.shop.wire


# -- what was certainly not sent -----------------------------------------------------------------------------------


def test_it_is_tried_again_with_longer_and_longer_waits_and_sent_once() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.THROTTLES] * 3
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [IN_SYNC]
    sent = [step.at for step in steps_of(house, RowState.SENT)]
    assert [later - before for before, later in pairwise(sent)] == pytest.approx([1_000, 2_000, 4_000], abs=20)
    assert len(house.shop.wire) == 1
    assert steps_of(house, RowState.DEFERRED)[0].why == "not sent: throttled; try 2 of 5 follows"


def test_after_the_last_try_it_and_all_behind_it_are_dead_letters() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.TAKES, Mood.REFUSES]
        await house.ask("one", confirmed(house))
        await asyncio.sleep(60)

    house = play(scene, rules_of_actions=ActionRules(tries=3))
    assert house.states("one") == [IN_SYNC, IN_SYNC, UNDELIVERED, UNDELIVERED]
    assert house.whys("one")[2] == "not sent: refused"
    assert len(steps_of(house, RowState.SENT)) == 4
    sent = [step.at for step in steps_of(house, RowState.SENT)][1:]
    assert sent[1] - sent[0] >= 2_000, "not before the vendor allows it"


def test_what_moved_while_it_waited_is_not_sent() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.THROTTLES]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(0.2)
        house.shop.shows["A"] = 7
        await house.read(SHOP)
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [RowState.STALE]
    assert not house.shop.wire


def test_what_moves_while_its_send_is_recorded_is_taken_back() -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A", "B")
        tell = house.tell

        async def slow(entries: Sequence[Entry]) -> bool:
            sends = any(isinstance(entry, ActionStep) and entry.state is RowState.SENT for entry in entries)
            if sends and house.shop.shows["A"] == 9:
                house.shop.shows["A"] = 7
                await house.read(SHOP)
            return await tell(entries)

        house.tell = slow  # type: ignore[method-assign]
        await house.ask("one", rows)
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [RowState.STALE, IN_SYNC]
    assert [sent.change.sku for sent in house.shop.wire] == ["B"]
    assert steps_of(house, RowState.WAITING)[0].why == "taken back before it went out"


def test_a_stop_or_a_crash_while_it_waits_ends_it_unsent() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.REFUSES]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(4)
        await house.stop("one")
        await asyncio.sleep(1)
        assert house.states("one") == [RowState.STOPPED]
        await house.ask("two", confirmed(house, "B"))
        await asyncio.sleep(1)
        await house.kill()
        house.shop.moods.clear()
        house.start()
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("two") == [RowState.STOPPED]
    assert not house.shop.wire


def test_a_dead_letter_is_tried_once_more_by_another_action_and_is_none_then() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.REFUSES]
        await house.ask("one", confirmed(house, "A", "B"))
        await asyncio.sleep(60)
        house.shop.moods.clear()
        house.shop.shows["B"] = 5
        await house.read(SHOP)
        await house.read(MASTER)
        letter = house.monitor.ledger.get("one")
        assert letter is not None
        again = plan.retry(house.monitor, letter, house.now())
        assert [row.change for row in again.rows] == [RowChange("A", 9, 5)]
        assert [skipped.sku for skipped in again.skipped] == ["B"]
        await house.tell([again.asked(house.now(), "tom", "two", "recount", "")])
        await asyncio.sleep(30)
        assert "Nothing of it is left" in plan.retry(house.monitor, letter, house.now()).refusals[0]

    house = play(scene)
    assert house.states("two") == [IN_SYNC]
    assert not house.monitor.ledger.dead_letters()


# -- one writer at a time ------------------------------------------------------------------------------------------


def test_actions_on_one_surface_wait_for_each_other_and_say_so() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.THROTTLES]
        await house.ask("one", confirmed(house, "A", "B"))
        await house.ask("two", confirmed(house, "C"))
        await house.ask("three", confirmed(house, "D"))
        await asyncio.sleep(0.5)
        assert house.whys("two") == ["it waits for another action there"]
        await house.stop("three")
        await asyncio.sleep(0.1)
        assert house.states("three") == [RowState.STOPPED], "before its turn comes"
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [IN_SYNC] * 2
    assert house.states("two") == [IN_SYNC]


def test_whoever_undoes_what_we_wrote_is_named() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house, "A", "B"))
        await asyncio.sleep(30)
        house.shop.shows["A"] = 9
        for _ in range(3):
            await asyncio.sleep(60)
            await house.read(MASTER)
            await house.read(SHOP)

    house = play(scene)
    assert [stuck.sku for stuck in house.monitor.aftermath] == ["A"]
    (stuck,) = house.monitor.aftermath
    assert stuck.why.startswith("another app writes this listing: it showed 5, as we wrote, and 1m")


# -- rollbacks -----------------------------------------------------------------------------------------------------


async def written(house: House) -> None:
    await house.ask("one", confirmed(house, "A", "B"))
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("undoes", "rows", "why"),
    [
        ("nothing", [("A", 5, 9)], "no such action"),
        ("one", [("A", 5, 8)], "what the action did not write"),
        ("one", [("C", 9, 5)], "what the action did not write"),
        ("one", [("A", 9, 5)], "what the action did not write"),
    ],
)
def test_a_rollback_of_anything_else_is_refused(undoes: str, rows: list[tuple[str, int, int]], why: str) -> None:
    async def scene(house: House) -> None:
        await written(house)
        await house.ask("two", [RowChange(*row) for row in rows], kind="rollback", undoes=undoes)
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("two") == [REFUSED]
    assert why in house.whys("two")[0]


def test_what_was_rolled_back_is_not_rolled_back_again_not_even_at_once() -> None:
    async def scene(house: House) -> None:
        await written(house)
        back = [RowChange("A", 5, 9)]
        await house.ask("two", back, kind="rollback", undoes="one")
        await house.ask("three", back, kind="rollback", undoes="one")
        await asyncio.sleep(30)
        house.shop.shows["A"] = 5
        await house.read(SHOP)
        await house.ask("four", back, kind="rollback", undoes="one")
        await house.ask("five", [RowChange("B", 5, 9)], kind="rollback", undoes="one")
        await house.ask("six", [RowChange("A", 9, 5)], kind="rollback", undoes="two")
        await asyncio.sleep(30)

    house = play(scene)
    assert [house.states(key)[0] for key in ("two", "three", "four", "five", "six")] == [
        RowState.VERIFIED, REFUSED, REFUSED, RowState.VERIFIED, RowState.NEEDLESS,
    ]  # fmt: skip
    assert house.whys("four") == ["A was rolled back already."]


def test_an_action_under_way_is_not_rolled_back() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LATE]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(1)
        action = house.monitor.ledger.get("one")
        assert action is not None
        assert "not at its end" in plan.rollback(house.monitor, action, house.now()).refusals[0]
        await house.ask("two", [RowChange("B", 5, 9)], kind="rollback", undoes="one")
        await asyncio.sleep(60)

    house = play(scene)
    assert house.whys("two") == ["The action to be rolled back is not at its end."]


# -- what asks for the surface's name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "zeroes", "listed", "why"),
    [
        (25, 0, 1_000, ""),
        (26, 0, 1_000, "Above 25 rows."),
        (10, 0, 100, ""),
        (11, 0, 100, "Above 10 % of what the surface lists."),
        (1, 0, 4, ""),
        (2, 0, 4, "Above 10 % of what the surface lists."),
        (20, 5, 1_000, ""),
        (20, 6, 1_000, "6 rows are set to 0."),
        (7, 0, 0, ""),
    ],
)
def test_what_is_in_bulk_begins_just_above_each_limit(rows: int, zeroes: int, listed: int, why: str) -> None:
    changes = [RowChange(sku, 9, 0 if place < zeroes else 5) for place, sku in enumerate(MANY[:rows])]
    assert bulk(ActionRules(), changes, listed) == why


# -- whom to trust -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conflict", "trust", "sent"),
    [("master", "", True), ("ask", "", False), ("ask", "master", True), ("ask", "surface", False),
     ("surface", "master", False)],
)  # fmt: skip
def test_where_the_surface_asks_the_operator_has_to_have_said_master(conflict: str, trust: str, sent: bool) -> None:
    async def scene(house: House) -> None:
        rows = confirmed(house, "A")
        await house.adopt_shop(conflict=conflict)
        made = plan.resync(house.monitor, SHOP, ["A"], house.now(), trust=trust)
        assert bool(made.refusals) is not sent
        if conflict == "ask" and not sent:
            assert ("you say" in made.refusals[0]) == (trust == "surface")
        assert made.asks_trust == ((conflict, trust) == ("ask", ""))
        await house.ask("one", rows, trust=trust)
        await asyncio.sleep(30)

    house = play(scene)
    assert house.states("one") == [IN_SYNC if sent else REFUSED]
    assert bool(house.shop.wire) == sent


# -- large and long ------------------------------------------------------------------------------------------------


def test_a_thousand_rows_are_sent_in_batches_and_can_be_stopped_midway() -> None:
    async def scene(house: House) -> None:
        rows = [RowChange(sku, 9, 5) for sku in MANY]
        await house.ask("one", rows)
        await asyncio.sleep(1.5)
        assert 0 < len(house.shop.wire) < 1_000
        await house.stop("one")
        await asyncio.sleep(60)

    house = play_many(scene, stock=dict.fromkeys(MANY, 5), batch=100)
    states = house.states("one")
    count = len(house.shop.wire)
    assert count % 100 == 0
    assert states == [IN_SYNC] * count + [RowState.STOPPED] * (1_000 - count)
    steps = [entry for entry in house.journal if isinstance(entry, ActionStep)]
    assert len(steps) <= 3 * count // 100 + 2, "a step speaks of many rows"


def test_of_a_surface_that_is_gone_an_action_comes_to_its_end() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LATE]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(5)
        await house.tell([RulesChanged(house.now(), type(house.rules)(house.rules.master, ()))])
        await asyncio.sleep(200)

    house = play(scene)
    assert house.states("one") == [RowState.STUCK]
    assert "is read no more" in house.whys("one")[0]


def test_the_ledger_forgets_what_ended_longer_ago_than_the_journal_keeps() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(100)
        await house.read(SHOP)
        await house.ask("two", [RowChange("A", 5, 5)])
        await asyncio.sleep(2)
        assert house.monitor.ledger.get("one") is not None
        await asyncio.sleep(50)
        await house.ask("three", [RowChange("A", 5, 5)])
        await asyncio.sleep(2)

    house = play(scene, rules_of_actions=ActionRules(keep=140_000))
    assert [action.key for action in house.monitor.ledger] == ["two", "three"]
    assert any(isinstance(entry, ActionAsked) and entry.key == "one" for entry in house.journal), "it is in the record"


def test_reads_that_fail_leave_what_was_sent_open_and_prove_nothing() -> None:
    async def scene(house: House) -> None:
        await house.ask("one", confirmed(house, *SKUS[:2]))
        house.blind = True
        await asyncio.sleep(600)
        assert house.states("one") == [RowState.ACCEPTED] * 2
        house.blind = False
        await asyncio.sleep(120)

    house = play(scene)
    assert house.states("one") == [IN_SYNC] * 2
    assert UNSENT.isdisjoint(house.states("one"))


def test_what_another_place_of_the_same_name_shows_is_no_proof_of_a_write() -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LATE]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(1)  # it is accepted, and not to be seen yet
        (shop,) = house.rules.surfaces
        moved = replace(house.rules, surfaces=(replace(shop, source="another catalogue"),))
        await house.tell([RulesChanged(house.now(), moved)])
        house.shop.shows["A"] = 5  # there it was so before
        await asyncio.sleep(60)

    house = play(scene)
    assert house.states("one") == [RowState.STUCK]
    assert house.whys("one") == ["shop is read from another place since: nobody can tell"]
    assert thaw(freeze(house.monitor)).board.columns[1].begun_at == house.monitor.board.columns[1].begun_at > 0
