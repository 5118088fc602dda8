"""Sweep and changes together are the truth, whatever happens in the shop between them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.router import Router
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.surfaces.ecwid import EcwidConnector
from stockdrift.surfaces.http import Http
from tests.sandbox.kit import FRIDAY, HandClock, Level, levels_of
from tests.surfaces.test_ecwid import true_levels

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
