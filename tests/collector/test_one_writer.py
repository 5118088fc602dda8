"""Several actions on one surface, rollbacks, what asks for the surface's name, and actions of many rows."""

from __future__ import annotations

import asyncio

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import UNSENT, ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.entries import RulesChanged
from stockdrift.stock.guards import bulk
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import ActionRules
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.collector.writing import (
    MANY,
    SHOP,
    SKUS,
    House,
    Mood,
    confirmed,
    play,
    play_many,
)

IN_SYNC, REFUSED, UNDELIVERED = RowState.IN_SYNC, RowState.REFUSED, RowState.UNDELIVERED


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
        (20, 6, 1_000, "6 rows sell nothing any more."),
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


@pytest.mark.parametrize("answered", [True, False])
def test_a_collector_that_may_not_write_waits_for_what_another_sent_as_long_as_it_may_take(answered: bool) -> None:
    async def scene(house: House) -> None:
        house.shop.moods = [Mood.LATE]
        await house.ask("one", confirmed(house, "A"))
        await asyncio.sleep(1 if answered else 0.3)  # its rows are sent; the shop shows them 15 s later
        await house.kill()
        house.writing = False
        house.start()
        await asyncio.sleep(3)
        assert house.states("one") == [RowState.ACCEPTED if answered else RowState.SENT]
        await asyncio.sleep(120)

    house = play(scene)
    assert house.states("one") == [IN_SYNC]
    assert len(house.shop.wire) == 1


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
