"""The one door: no write without a confirmed plan, none twice, none while read-only, nothing unrecorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import (
    ActionAsked,
    ActionStep,
    RowChange,
    RowState,
)
from stockdrift.stock.reading import MASTER
from tests.collector.writing import SHOP, SKUS, House, Mood, Scene, confirmed, play


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
