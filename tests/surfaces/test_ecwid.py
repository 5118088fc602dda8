"""The connector of an Ecwid store, against the sandbox's wire."""

from __future__ import annotations

import pytest

from stockdrift.sandbox.faults import RETRY_AFTER
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.server import Sandbox
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.http import Http
from tests.sandbox.kit import HandClock, feed_of, master_of, storefront_of
from tests.surfaces.ecwid_levels import assorted, complete, shop, true_levels


async def test_it_is_a_connector(sandbox: Sandbox, http: Http) -> None:
    for connector in (master_of(sandbox, http), storefront_of(sandbox, http)):
        assert isinstance(connector, Connector)
        await connector.close()
        await connector.close()


async def test_the_golden_candle_gives_the_golden_levels(sandbox: Sandbox, http: Http) -> None:
    master = complete(await master_of(sandbox, http).read(Covers.ALL))
    embed = complete(await storefront_of(sandbox, http, "embed").read(Covers.ALL))
    site = complete(await storefront_of(sandbox, http, "instant-site").read(Covers.ALL))
    facebook = complete(await feed_of(sandbox, http).read(Covers.ALL))
    assert master == {"SEA-220": 3, "AMB-220": 7, "FIG-220": 0, "WMT-RFL": 15, "GFT-025": "unlimited"}
    assert embed == site == master
    assert facebook == {"SEA-220": 11, "AMB-220": 7, "FIG-220": 2, "WMT-RFL": 15}


async def test_names_and_prices_come_along(sandbox: Sandbox, http: Http) -> None:
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert reading.names[0] == "Sea Salt 220ml"
    assert reading.prices[0] == 24.0


@assorted
async def test_every_kind_of_product(sandbox: Sandbox, http: Http) -> None:
    reading = await master_of(sandbox, http).read(Covers.ALL)
    levels = complete(reading)
    assert levels == true_levels(sandbox.store)
    assert (levels["UNL-001"], levels["DIS-001"], levels["NEG-001"]) == ("unlimited", "disabled", -2)
    assert (levels["PRE-001"], levels["TPR-RED"], levels["TPR-BLU"]) == (0, 4, "unlimited")
    assert (levels["TPR-BAS"], levels["VOT-BAS"]) == (9, 8)
    assert "PIL-BAS" not in levels
    assert (reading.bad_count, reading.bad_rows[0].said) == (1, "product 692730775 has no SKU")


@assorted
async def test_a_storefront_shows_what_a_shopper_sees(sandbox: Sandbox, http: Http) -> None:
    master = complete(await master_of(sandbox, http).read(Covers.ALL))
    embed = complete(await storefront_of(sandbox, http).read(Covers.ALL))
    assert set(master) - set(embed) == {"DIS-001", "HID-001"}
    assert (master["PRE-001"], embed.pop("PRE-001")) == (0, "preorder")  # the owner counts, a shopper may order
    assert {sku: master[sku] for sku in embed} == embed


async def test_a_storefront_is_not_read_with_the_masters_token(sandbox: Sandbox, http: Http) -> None:
    secret = sandbox.router.tokens[MASTER]
    reading = await storefront_of(sandbox, http, token=secret).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert "not a public token" in reading.reason
    assert secret not in reading.reason
    assert reading.traffic.requests == 0


@shop
async def test_a_shop_of_many_pages_is_read_whole(sandbox: Sandbox, http: Http) -> None:
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert complete(reading) == true_levels(sandbox.store)
    assert len(reading.skus) == 510
    pages = -(-len(sandbox.store.products) // 100)
    assert reading.traffic.requests == pages
    assert reading.traffic.budget == pytest.approx(pages / 600)


@shop
@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        ("wrong_count", Outcome.PARTIAL, "products came where the total is"),
        ("missing_page", Outcome.PARTIAL, "products is empty"),
        ("repeated_page", Outcome.PARTIAL, "repeats products that came before"),
        ("header_only", Outcome.PARTIAL, "no products"),
        ("half_body", Outcome.PARTIAL, "cut off"),
        ("nothing", Outcome.FAILED, "the connection was closed"),
        ("http_401", Outcome.FAILED, "HTTP 401: the token is refused"),
        ("http_403", Outcome.FAILED, "HTTP 403: the token may not read this"),
        ("http_404", Outcome.FAILED, "HTTP 404: nothing is there"),
        ("http_429", Outcome.FAILED, "HTTP 429 after 2 tries, Retry-After 2 s"),
        ("http_500", Outcome.FAILED, "HTTP 500 after 2 tries"),
        ("html", Outcome.FAILED, "HTML instead of JSON"),
        ("deep_json", Outcome.FAILED, "nested deeper than 64"),
        ("too_much", Outcome.FAILED, "larger than 1 MB"),
    ],
)
async def test_a_fault_leaves_no_levels_and_its_reason(
    sandbox: Sandbox, http: Http, fault: str, outcome: Outcome, words: str
) -> None:
    for surface, connector in ((MASTER, master_of(sandbox, http)), ("embed", storefront_of(sandbox, http))):
        sandbox.store.faults[surface] = fault
        reading = await connector.read(Covers.ALL)
        assert reading.outcome is outcome
        assert words in reading.reason
        assert len(reading.skus) == 0
        assert reading.traffic.requests > 0
        assert sandbox.router.tokens[surface] not in reading.reason


@shop
async def test_a_fault_halfway_says_how_far_it_came(sandbox: Sandbox, http: Http) -> None:
    answers = 0
    search = sandbox.router._ecwid.search

    def failing(viewer, query, fault):  # type: ignore[no-untyped-def]
        nonlocal answers
        answers += 1
        if query.offset == 297:
            sandbox.store.faults[MASTER] = "http_503"
        return search(viewer, query, fault)

    sandbox.router._ecwid.search = failing  # type: ignore[method-assign]
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert reading.outcome is Outcome.PARTIAL
    assert "products came: HTTP 503 after 2 tries" in reading.reason


@shop
async def test_a_shop_that_grows_while_it_is_read_is_read_once_more(sandbox: Sandbox, http: Http) -> None:
    search = sandbox.router._ecwid.search
    asked: list[int] = []

    def shrinking(viewer, query, fault):  # type: ignore[no-untyped-def]
        asked.append(query.offset)
        if len(asked) == 3:
            sandbox.store.delete(sandbox.store.items[0].sku)
        return search(viewer, query, fault)

    sandbox.router._ecwid.search = shrinking  # type: ignore[method-assign]
    assert complete(await master_of(sandbox, http).read(Covers.ALL)) == true_levels(sandbox.store)
    assert asked.count(0) == 2

    def always_shrinking(viewer, query, fault):  # type: ignore[no-untyped-def]
        if query.offset:
            place = next(p for p in range(1, 400) if sandbox.store.product_of[p] not in sandbox.store.deleted)
            sandbox.store.delete(sandbox.store.items[place].sku)
        return search(viewer, query, fault)

    sandbox.router._ecwid.search = always_shrinking  # type: ignore[method-assign]
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert reading.outcome is Outcome.PARTIAL
    assert "the number of products went from" in reading.reason


@shop
async def test_a_product_that_slips_through_between_two_pages_is_noticed(sandbox: Sandbox, http: Http) -> None:
    """One is deleted and another comes back between two pages: the total stays, every id is there once, one is not."""
    store, search, asked = sandbox.store, sandbox.router._ecwid.search, 0
    last = len(store.products) - 1
    store.deleted.add(last)

    def swapping(viewer, query, fault):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        if asked == 2:
            store.delete(store.items[0].sku)
            store.deleted.discard(last)
            store._touch(last)
        return search(viewer, query, fault)

    sandbox.router._ecwid.search = swapping  # type: ignore[method-assign]
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert complete(reading) == true_levels(store)


@shop
async def test_a_sale_during_a_slow_sweep_is_in_the_next_changes(sandbox: Sandbox, http: Http) -> None:
    """It happened after its page was read, and longer before the newest change of the sweep than the overlap."""
    store, clock, search, asked = sandbox.store, sandbox.clock, sandbox.router._ecwid.search, 0
    counted = [item.sku for item, level in zip(store.items, store.master, strict=True) if level]
    first, newest = counted[0], counted[-1]
    assert isinstance(clock, HandClock)

    def slowly(viewer, query, fault):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        if asked == 2:
            store.set_quantity(MASTER, first, 0)
            clock.advance(300_000)
            store.set_quantity(MASTER, newest, 1)
        return search(viewer, query, fault)

    sandbox.router._ecwid.search = slowly  # type: ignore[method-assign]
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    changed = await connector.read(Covers.CHANGED)
    assert changed.covers is Covers.CHANGED
    assert dict(zip(changed.skus, changed.quantities.tolist(), strict=True)).get(first) == 0


async def test_bad_rows_are_unknown_one_by_one(sandbox: Sandbox, http: Http) -> None:
    sandbox.store.faults[MASTER] = "bad_rows"
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert set(complete(reading).values()) == {"unknown"}
    assert reading.bad_count == 5
    assert [bad.said for bad in reading.bad_rows] == ["3.5", "NaN", "1e309", "9223372036854775808", "no quantity"]


async def test_a_sku_in_two_products_is_named_twice(sandbox: Sandbox, http: Http) -> None:
    sandbox.store.faults[MASTER] = "duplicates"
    assert set(complete(await master_of(sandbox, http).read(Covers.ALL)).values()) == {"twice"}


async def test_hostile_names_are_harmless_and_change_nothing(sandbox: Sandbox, http: Http) -> None:
    sandbox.store.faults[MASTER] = "hostile_text"
    reading = await master_of(sandbox, http).read(Covers.ALL)
    assert complete(reading) == true_levels(sandbox.store)
    for name in reading.names:
        assert name.isprintable()
        assert "\\x1b" in name
        assert "\\u202e" in name


# ── 429 and the budget ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_429_is_obeyed(sandbox: Sandbox, http: Http, clock: HandClock) -> None:
    sandbox.store.faults[MASTER] = "http_429"
    connector = master_of(sandbox, http)
    before = clock.now
    reading = await connector.read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert clock.now - before >= RETRY_AFTER * 1_000
    assert (reading.traffic.requests, reading.traffic.throttled) == (2, 2)
    assert reading.traffic.budget == 1.0
    sandbox.store.faults[MASTER] = None
    assert complete(await connector.read(Covers.ALL))
    assert clock.now - before >= 2 * RETRY_AFTER * 1_000


@pytest.mark.parametrize("sandbox", [("flash-sale", 90_000)], indirect=True)
async def test_no_minute_sees_more_than_the_allowance(sandbox: Sandbox, http: Http, clock: HandClock) -> None:
    started = clock.now
    connector = master_of(sandbox, http)
    reading = await connector.read(Covers.ALL)
    assert reading.outcome is Outcome.COMPLETE
    again = await connector.read(Covers.ALL)
    assert again.outcome is Outcome.COMPLETE
    requests = reading.traffic.requests + again.traffic.requests
    assert requests > 1_200
    assert sandbox.router.throttles[MASTER].most <= 600
    assert clock.now - started >= (requests - 600) * 100, "the time that the allowance asks for was waited"
    assert reading.traffic.throttled == again.traffic.throttled == 0
