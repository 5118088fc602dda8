"""What tests of connectors meet: a store on loopback, a client, and one clock for both, which moves when told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stockdrift.sandbox.server import Sandbox, serve
from stockdrift.surfaces.http import Http
from tests.sandbox.kit import HandClock, http_of


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def http(clock: HandClock) -> AsyncIterator[Http]:
    made = http_of(clock)
    yield made
    await made.close()


@pytest.fixture
async def sandbox(clock: HandClock, request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """The scenario and number of SKUs that a test is marked with, its module's ``SCENARIO``, or the candle shop."""
    scenario, skus = getattr(request, "param", (getattr(request.module, "SCENARIO", "candle"), None))
    async with serve(scenario, skus=skus, clock=clock) as served:
        yield served
