"""A budget that has to last for reading back, and what was certainly not sent: tried again, then a dead letter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import ActionStep, RowChange, RowState
from stockdrift.stock.entries import Entry
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import ActionRules
from tests.collector.writing import SHOP, House, Mood, confirmed, play, steps_of

IN_SYNC, REFUSED, UNDELIVERED = RowState.IN_SYNC, RowState.REFUSED, RowState.UNDELIVERED


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
