"""Sweep and changes together are the truth, whatever happens in the shop between them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.plan import MASTER, MINUTE
from stockdrift.sandbox.router import Router
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.server import Sandbox
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.surfaces.ecwid import EcwidConnector
from stockdrift.surfaces.http import Http
from tests.sandbox.kit import FRIDAY, HandClock, Level, levels_of, master_of
from tests.surfaces.ecwid_levels import complete, shop, true_levels

SKUS = [item.sku for item in SCENARIOS["assorted"].make(1, 0).catalogue.items]

skus = st.sampled_from(SKUS)
changes = st.one_of(
    st.tuples(st.just("set"), skus, st.integers(-5, 40) | st.none()),
    st.tuples(st.just("enable"), skus, st.booleans()),
    st.tuples(st.just("wait"), st.just(""), st.integers(1, 200_000)),
    st.tuples(st.just("delete"), skus, st.none()),
)
steps = st.lists(st.tuples(st.lists(changes, max_size=8), st.booleans()), min_size=1, max_size=10)


class ByHand(httpx.AsyncBaseTransport):
    """Hands requests to the router without a socket."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = self._router.answer(request.method, request.url.raw_path.decode(), headers, b"")
        length = {"Content-Length": str(len(reply.body))}
        return httpx.Response(reply.status, headers={**reply.headers, **length}, stream=httpx.ByteStream(reply.body))


@settings(max_examples=60, deadline=None)
@given(steps)
def test_sweep_and_changes_are_the_truth(steps: list[tuple[list[tuple[str, str, Any]], bool]]) -> None:
    asyncio.run(_follow(steps))


async def _follow(steps: list[tuple[list[tuple[str, str, Any]], bool]]) -> None:
    clock = HandClock()
    store = SimulatedStore(SCENARIOS["assorted"], seed=1, opens_at=FRIDAY)
    router = Router(store, clock)
    http = Http(clock=clock, sleep=clock.sleep, transport=ByHand(router))
    connector = EcwidConnector(
        MASTER,
        EcwidSettings.model_validate(
            {
                "system": "ecwid",
                "store_id": STORE_ID,
                "token": SecretStr(router.tokens[MASTER]),
                "api": "http://127.0.0.1:1/api/v3",
                "sweep_every": "30d",
            }
        ),
        http,
    )
    board: dict[str, Level] = {}
    for happened, sweep in steps:
        for what, sku, value in happened:
            if what == "set":
                store.set_quantity(MASTER, sku, value)
            elif what == "enable":
                store.set_enabled(sku, value)
            elif what == "delete":
                store.delete(sku)
            else:
                clock.advance(value)
                store.advance_to(clock())
        reading = await connector.read(Covers.ALL if sweep else Covers.CHANGED)
        assert reading.outcome is Outcome.COMPLETE or not true_levels(store)
        if reading.covers is Covers.ALL:
            board = {}
        board |= levels_of(reading)
        truth = true_levels(store)
        assert {sku: level for sku, level in board.items() if sku in truth} == truth
        if reading.covers is Covers.ALL:
            assert board == truth
    await http.close()


@shop
async def test_a_delta_reads_what_changed_and_no_more(sandbox: Sandbox, http: Http, clock: HandClock) -> None:
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    clock.advance(5 * MINUTE)
    sandbox.catch_up()
    sandbox.store.set_quantity(MASTER, "TEA-220", 77)
    reading = await connector.read(Covers.CHANGED)
    assert reading.covers is Covers.CHANGED
    assert reading.traffic.requests == 1
    levels = complete(reading)
    assert levels["TEA-220"] == 77
    assert len(levels) < 60
    assert levels.items() <= true_levels(sandbox.store).items()


async def test_the_first_read_and_one_that_is_due_are_sweeps(sandbox: Sandbox, http: Http, clock: HandClock) -> None:
    connector = master_of(sandbox, http, sweep_every="10m")
    covers = []
    for _ in range(5):
        covers.append((await connector.read(Covers.CHANGED)).covers)
        clock.advance(4 * MINUTE)
    assert covers == [Covers.ALL, Covers.CHANGED, Covers.CHANGED, Covers.ALL, Covers.CHANGED]


async def test_our_own_clock_does_not_matter_to_a_delta(sandbox: Sandbox, http: Http, clock: HandClock) -> None:
    connector = master_of(sandbox, http, sweep_every="30d")
    connector._clock = lambda: clock.now + 86_400_000
    await connector.read(Covers.ALL)
    clock.advance(MINUTE)
    sandbox.catch_up()
    sandbox.store.set_quantity(MASTER, "AMB-220", 1)
    reading = await connector.read(Covers.CHANGED)
    assert reading.covers is Covers.CHANGED
    assert complete(reading)["AMB-220"] == 1


async def test_changes_that_lack_the_newest_known_change_are_not_believed(
    sandbox: Sandbox, http: Http, clock: HandClock
) -> None:
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    sandbox.store.faults[MASTER] = "header_only"
    reading = await connector.read(Covers.CHANGED)
    assert reading.outcome is Outcome.PARTIAL
    assert reading.reason == "no products"
    sandbox.store.faults[MASTER] = None
    assert (await connector.read(Covers.CHANGED)).covers is Covers.ALL, "after that, only a sweep will do"


@shop
async def test_a_collapsed_sweep_is_no_base_for_changes(sandbox: Sandbox, http: Http) -> None:
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    sandbox.store.faults[MASTER] = "few_rows"
    collapsed = await connector.read(Covers.ALL)
    assert len(collapsed.skus) < 250
    assert (await connector.read(Covers.CHANGED)).covers is Covers.ALL
    sandbox.store.faults[MASTER] = None
    assert (await connector.read(Covers.CHANGED)).covers is Covers.ALL
    assert (await connector.read(Covers.CHANGED)).covers is Covers.CHANGED


async def test_a_deleted_product_is_found_by_the_next_sweep(sandbox: Sandbox, http: Http) -> None:
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    sandbox.store.delete("SEA-220")
    assert "SEA-220" not in complete(await connector.read(Covers.ALL))


async def test_a_change_of_a_product_that_shares_its_sku_stays_unknown(sandbox: Sandbox, http: Http) -> None:
    sandbox.store.items[1].sku = "SEA-220"
    connector = master_of(sandbox, http)
    assert complete(await connector.read(Covers.ALL))["SEA-220"] == "twice"
    sandbox.store.set_quantity(MASTER, "SEA-220", 1)
    reading = await connector.read(Covers.CHANGED)
    assert reading.covers is Covers.CHANGED
    assert complete(reading)["SEA-220"] == "twice"


async def test_a_product_that_takes_another_sku_calls_for_a_sweep(
    sandbox: Sandbox, http: Http, clock: HandClock
) -> None:
    connector = master_of(sandbox, http)
    await connector.read(Covers.ALL)
    clock.advance(5 * MINUTE)
    sandbox.catch_up()
    sandbox.store.items[1].sku = "SEA-220"
    sandbox.store.set_quantity(MASTER, "AMB-220", 1)
    reading = await connector.read(Covers.CHANGED)
    assert reading.covers is Covers.ALL
    assert complete(reading)["SEA-220"] == "twice"
