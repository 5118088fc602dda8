"""What becomes of a resync, whatever the vendor makes of it: each fault by the real service, writers and connectors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from stockdrift.sandbox.writing import REFUSED, WRITE_FAULTS
from stockdrift.stock import plan
from stockdrift.stock.actions import ActionStep, RowChange, RowState
from tests.collector.vendors import FACEBOOK, FED, MEDUSA, OUTLET, VENDURE, VendorHouse, play
from tests.doubles import vendure
from tests.doubles.medusa import MedusaDouble
from tests.doubles.vendure import VendureDouble

ALL = (FACEBOOK, OUTLET, VENDURE, MEDUSA)
S = RowState


def resync(fault: str | None = None, *, until: float = 1_800) -> Callable[[VendorHouse], Awaitable[None]]:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        assert len(rows) == 4
        house.store.faults[house.surface] = fault
        await house.ask("one", rows)
        await asyncio.sleep(until)

    return scene


def nothing_twice(house: VendorHouse) -> bool:
    return len(set(house.written())) == len(house.written())


def wire_of(house: VendorHouse) -> str:
    steps = [entry for entry in house.journal if isinstance(entry, ActionStep)]
    return " ".join(step.sent + step.answer + step.why for step in steps)


@pytest.mark.parametrize("surface", ALL)
def test_what_was_confirmed_is_written_once_and_read_back(surface: str) -> None:
    house = play(surface, resync())
    assert house.states("one") == [S.IN_SYNC] * 4
    assert sorted(house.written()) == sorted((row.sku, row.after) for row in house.rows_of("one"))
    for secret in house.sources[surface].secrets().values():
        assert secret.get_secret_value() not in wire_of(house)


ENDS = {
    "write_accepted_late": [S.IN_SYNC] * 4,
    "write_applied_late": [S.IN_SYNC] * 4,
    "write_half": [S.IN_SYNC, S.REJECTED] * 2,
    "write_lost_answer": [S.IN_SYNC] * 4,
    "write_lost": [S.FAILED] * 4,
    "write_throttled": [S.UNDELIVERED] * 4,
    "write_moved": [S.STALE] * 4,
    "write_forbidden": [S.REFUSED] * 4,
    "write_ignored": [S.STUCK] * 4,
    "write_overwritten": [S.IN_SYNC] * 4,
}


def ends(surface: str, fault: str) -> list[RowState]:
    if surface in (VENDURE, MEDUSA) and fault == "write_half":
        return [S.UNDELIVERED] * 4  # a batch is carried out as a whole or not at all
    if surface == FACEBOOK and fault == "write_moved":
        return [S.IN_SYNC] * 4  # Meta does not compare
    return ENDS[fault]


@pytest.mark.parametrize("surface", ALL)
@pytest.mark.parametrize("fault", WRITE_FAULTS)
def test_however_it_goes_the_row_ends_as_it_should_and_nothing_is_written_twice(surface: str, fault: str) -> None:
    house = play(surface, resync(fault))
    assert house.states("one") == ends(surface, fault)
    assert nothing_twice(house)
    for row, end in zip(house.rows_of("one"), house.states("one"), strict=True):
        assert (house.shows(row.sku) == row.after) == (end is S.IN_SYNC)


@pytest.mark.parametrize("surface", ALL)
def test_what_another_application_puts_back_was_in_sync_and_drifts_again(surface: str) -> None:
    async def scene(house: VendorHouse) -> None:
        await resync("write_overwritten")(house)
        await house.reread_all()
        assert len(house.confirmed()) == 4

    house = play(surface, scene)
    assert house.states("one") == [S.IN_SYNC] * 4
    assert nothing_twice(house)


@pytest.mark.parametrize("surface", [FACEBOOK, OUTLET])
def test_a_row_that_is_refused_says_why(surface: str) -> None:
    house = play(surface, resync("write_half"))
    assert REFUSED in house.whys("one")[1]


@pytest.mark.parametrize(
    ("surface", "scope"), [(FACEBOOK, "catalog_management"), (OUTLET, "update_catalog"), (VENDURE, "UpdateCatalog")]
)
def test_a_missing_scope_is_known_before_anything_is_sent_and_says_what_to_do(surface: str, scope: str) -> None:
    house = play(surface, resync("write_forbidden"))
    assert all(scope in why and ". Give" in why for why in house.whys("one"))
    assert not [seen for seen in house.wire.seen if "batch" in seen[1]]
    assert not [step for step in house.journal if isinstance(step, ActionStep) and step.state is S.SENT]


def test_an_answer_that_was_lost_is_asked_for_again_by_its_key() -> None:
    house = play(OUTLET, resync("write_lost_answer"))
    posts = [target for method, target in house.wire.seen if method == "POST"]
    assert len(posts) == 2
    assert len(set(posts)) == 1, "the same deduplicationKey"


@pytest.mark.parametrize("surface", ALL)
def test_a_throttle_that_ends_is_waited_for(surface: str) -> None:
    async def scene(house: VendorHouse) -> None:
        house.store.faults[surface] = "write_throttled"
        await house.ask("one", house.confirmed())
        await asyncio.sleep(1)
        house.store.faults[surface] = None
        await asyncio.sleep(600)

    house = play(surface, scene)
    assert house.states("one") == [S.IN_SYNC] * 4
    assert nothing_twice(house)


@pytest.mark.parametrize("surface", ALL)
def test_a_sku_that_the_surface_does_not_know_is_refused_and_creates_nothing(surface: str) -> None:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        house.store.plan.unlisted[surface] = frozenset({rows[0].sku})
        await house.ask("one", rows)
        await asyncio.sleep(1_800)

    house = play(surface, scene)
    assert house.states("one") == [S.REJECTED, S.IN_SYNC, S.IN_SYNC, S.IN_SYNC]
    assert "list" in house.whys("one")[0] or "exist" in house.whys("one")[0]
    assert house.rows_of("one")[0].sku not in dict(house.written())


@pytest.mark.parametrize("surface", ALL)
def test_out_of_stock_goes_with_zero_and_back(surface: str) -> None:
    async def scene(house: VendorHouse) -> None:
        first = house.confirmed()[0]
        await house.ask("off", [RowChange(first.sku, first.before, 0)], kind="contain")
        await asyncio.sleep(120)
        assert house.shows(first.sku) == 0
        await house.reread_all()
        await house.ask("back", [row for row in house.confirmed() if row.sku == first.sku])
        await asyncio.sleep(120)

    house = play(surface, scene)
    assert (house.states("off"), house.states("back")) == ([S.VERIFIED], [S.IN_SYNC])


def test_a_log_in_that_expired_is_renewed_before_a_write() -> None:
    who = {"token": None, "username": vendure.USERNAME, "password": SecretStr(vendure.PASSWORD)}

    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        await house.ask("one", rows[:1])
        await asyncio.sleep(60)
        shop = getattr(house.router.mounts["/vendure/"], "__self__", None)
        assert isinstance(shop, VendureDouble)
        before = shop.logins
        shop.expire()
        await house.ask("two", rows[1:])
        await asyncio.sleep(60)
        assert shop.logins > before

    house = play(VENDURE, scene, more=who)
    assert house.states("one") + house.states("two") == [S.IN_SYNC] * 4
    assert nothing_twice(house)
    assert vendure.PASSWORD not in wire_of(house)


@pytest.mark.parametrize("surface", [VENDURE, MEDUSA])
def test_without_a_named_location_a_sku_that_lies_at_several_is_refused(surface: str) -> None:
    house = play(surface, resync(), more={"stock_locations": ()})
    assert house.states("one") == [S.REJECTED] * 4
    assert "name them in stock_locations" in house.whys("one")[0]
    assert not house.written()


def test_a_kit_is_refused_for_it_is_made_of_something_else() -> None:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        store = getattr(house.router.mounts["/medusa/"], "__self__", None)
        assert isinstance(store, MedusaDouble)
        levels = [{"location_id": "sloc_1", "stocked_quantity": 2 * rows[0].before, "reserved_quantity": 0}]
        kit = {"required_quantity": 2, "inventory_item_id": "iitem_0", "inventory": {"location_levels": levels}}
        store.variants[rows[0].sku] = {"inventory_items": [kit]}
        await house.ask("one", rows[:1])
        await asyncio.sleep(60)

    house = play(MEDUSA, scene)
    assert house.states("one") == [S.REJECTED]
    assert "a kit" in house.whys("one")[0]


def test_a_store_that_finds_more_than_it_tells_is_not_written() -> None:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        house.store.faults[house.surface] = "wrong_count"
        await house.ask("one", rows[:1])
        await asyncio.sleep(20)

    house = play(OUTLET, scene)
    assert house.states("one") == [S.REJECTED]
    assert house.whys("one")[0] == "the store finds more products by it than it tells at once"
    assert not house.written()


def test_stock_that_two_variants_share_is_refused_for_to_write_one_would_change_the_other() -> None:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        store = getattr(house.router.mounts["/medusa/"], "__self__", None)
        assert isinstance(store, MedusaDouble)
        levels = [{"location_id": "sloc_1", "stocked_quantity": rows[0].before, "reserved_quantity": 0}]
        users = [{"id": "variant_0000", "sku": rows[0].sku}, {"id": "variant_9", "sku": "TWIN-1"}]
        inventory = {"location_levels": levels, "variants": users}
        shared = {"required_quantity": 1, "inventory_item_id": "iitem_0", "inventory": inventory}
        store.variants[rows[0].sku] = {"id": "variant_0000", "inventory_items": [shared]}
        await house.ask("one", rows[:2])
        await asyncio.sleep(60)

    house = play(MEDUSA, scene)
    assert house.states("one") == [S.REJECTED, S.IN_SYNC]
    assert house.whys("one")[0] == "its stock is that of TWIN-1 too: to write one would change the other"


def test_a_budget_that_is_nearly_used_up_is_left_for_reading_back() -> None:
    async def scene(house: VendorHouse) -> None:
        budget = house.http.budget(f"{house.base}/api/v3/1004", house.sources[OUTLET].token, 600)  # type: ignore[union-attr]
        rows = house.confirmed()
        for _ in range(540):
            budget.reserve(house.now())
        await asyncio.sleep(59)
        await house.ask("one", rows)
        await asyncio.sleep(0.5)
        assert not house.written()
        await asyncio.sleep(300)

    house = play(OUTLET, scene)
    assert house.states("one") == [S.IN_SYNC] * 4


def listing_of(house: VendorHouse, make: Callable[..., plan.Plan]) -> list[RowChange]:
    made = make(house.monitor, house.surface, [row.sku for row in house.first], house.now())
    assert not made.refusals
    return [row.change for row in made.rows]


@pytest.mark.parametrize("surface", ALL)
def test_a_listing_is_taken_down_and_put_up_again(surface: str) -> None:
    async def scene(house: VendorHouse) -> None:
        house.first = house.confirmed()[:2]
        await house.ask("off", listing_of(house, plan.unlist), kind="unlist")
        await asyncio.sleep(1_800)
        assert len(house.store.shown[surface].hidden) == 2
        await house.reread_all()
        assert not listing_of(house, plan.unlist), "they are down already"
        await house.ask("on", listing_of(house, plan.relist), kind="relist")
        await asyncio.sleep(1_800)
        await house.reread_all()
        assert not len(house.monitor.aftermath), "what it shows is nobody's undoing: no quantity was written"

    house = play(surface, scene)
    assert house.states("off") == house.states("on") == [S.VERIFIED] * 2
    assert not house.store.shown[surface].hidden
    assert not house.written(), "no quantity was touched"


@pytest.mark.parametrize("surface", ALL)
@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("write_lost_answer", [S.VERIFIED] * 2),
        ("write_lost", [S.FAILED] * 2),
        ("write_ignored", [S.STUCK] * 2),
        ("write_applied_late", [S.VERIFIED] * 2),
        ("write_forbidden", [S.REFUSED] * 2),
    ],
)
def test_a_listing_too_ends_as_it_should(surface: str, fault: str, ends: list[RowState]) -> None:
    async def scene(house: VendorHouse) -> None:
        house.first = house.confirmed()[:2]
        house.store.faults[surface] = fault
        await house.ask("off", listing_of(house, plan.unlist), kind="unlist")
        await asyncio.sleep(1_800)

    house = play(surface, scene)
    assert house.states("off") == ends
    assert (len(house.store.shown[surface].hidden) == 2) == (ends[0] is S.VERIFIED)


def test_a_refresh_has_meta_fetch_its_feed_and_watches_for_it() -> None:
    async def scene(house: VendorHouse) -> None:
        made = plan.refresh(house.monitor, FED, None, house.now())
        assert (made.kind, made.refusals, len(made.rows)) == ("refresh", [], 4)
        await house.ask("one", [row.change for row in made.rows], kind="refresh")
        await house.keep_reading(300)

    house = play(FED, scene)
    assert house.states("one") == [S.IN_SYNC] * 4
    assert [target for method, target in house.wire.seen if method == "POST"] == ["/graph/v25.0/1000008/uploads"]
    assert "shop.example" not in wire_of(house), "where the feed lies may be a secret"
    assert not house.written()


@pytest.mark.parametrize(("fault", "end"), [("write_lost", S.STUCK), ("write_forbidden", S.UNDELIVERED)])
def test_a_refresh_that_does_not_come_is_no_success(fault: str, end: RowState) -> None:
    async def scene(house: VendorHouse) -> None:
        house.store.faults[FED] = fault
        made = plan.refresh(house.monitor, FED, None, house.now())
        await house.ask("one", [row.change for row in made.rows], kind="refresh")
        await house.keep_reading(1_200)

    house = play(FED, scene)
    assert house.states("one") == [end] * 4


def test_where_nobody_can_be_asked_it_says_what_to_press_and_sees_that_it_was_done() -> None:
    async def scene(house: VendorHouse) -> None:
        made = plan.resync(house.monitor, FED, None, house.now())
        assert (made.kind, made.advice) == ("refresh", "Press Fetch now.")
        await house.ask("one", [row.change for row in made.rows], kind="refresh")
        await house.keep_reading(120)
        assert house.states("one") == [S.SENT] * 4
        house.store.refetch(FED)
        await house.keep_reading(120)

    house = play(FED, scene, writing=False, view="Press Fetch now.")
    assert house.states("one") == [S.IN_SYNC] * 4
    assert "done by handPress Fetch now." in wire_of(house)
    assert not [method for method, _ in house.wire.seen if method != "GET"]
