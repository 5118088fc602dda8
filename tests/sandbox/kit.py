"""Sandboxes and connectors that meet on loopback, with a clock in the test's hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from stockdrift.sandbox.catalogue import make_catalogue
from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.plan import MASTER, Plan, Scenario, SurfacePlan
from stockdrift.sandbox.server import Sandbox
from stockdrift.settings.sources import FeedColumns, FeedSettings
from stockdrift.settings.systems import EcwidSettings, EcwidStorefrontSettings
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import Reading
from stockdrift.surfaces.ecwid import EcwidConnector
from stockdrift.surfaces.ecwid_storefront import EcwidStorefrontConnector
from stockdrift.surfaces.feed import FeedConnector
from stockdrift.surfaces.http import Http

FRIDAY = 1_795_775_727_000  # Fri 27 Nov 2026 10:35:27 GMT, as Unix ms

Level = int | str


@dataclass
class HandClock:
    """Unix ms that move only when told; ``sleep`` moves them and takes no time."""

    now: int = FRIDAY
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * 1_000)


def still(skus: int, *more: SurfacePlan) -> Scenario:
    """A store in which nothing moves, with an embed and what ``more`` there is."""

    def plan(seed: int, count: int) -> Plan:
        return Plan("still", "Candle & Co", "GBP", make_catalogue(seed, count, 0, ()), (SurfacePlan("embed"), *more))

    return Scenario("still", "nothing moves", skus, True, plan)


def skus_of(sandbox: Sandbox) -> list[str]:
    return [item.sku for item in sandbox.store.items]


def http_of(clock: HandClock, *, tries: int = 2, timeout_ms: int = 20_000, max_bytes: int = 2**20) -> Http:
    return Http(
        clock=clock,
        sleep=clock.sleep,
        tries=tries,
        timeout_ms=timeout_ms,
        max_bytes=max_bytes,
        jitter=random.Random(1),
    )


def master_of(
    sandbox: Sandbox, http: Http, *, name: str = MASTER, sweep_every: str = "15m", token: str | None = None
) -> EcwidConnector:
    settings = EcwidSettings.model_validate(
        {
            "system": "ecwid",
            "store_id": STORE_ID,
            "token": SecretStr(token or sandbox.router.tokens[MASTER]),
            "api": f"{sandbox.base_url}/api/v3",
            "sweep_every": sweep_every,
        }
    )
    return EcwidConnector(name, settings, http)


def storefront_of(sandbox: Sandbox, http: Http, name: str = "embed", *, token: str = "") -> EcwidStorefrontConnector:
    settings = EcwidStorefrontSettings.model_validate(
        {
            "system": "ecwid-storefront",
            "store_id": STORE_ID,
            "token": SecretStr(token or sandbox.router.tokens[name]),
            "api": f"{sandbox.base_url}/api/v3",
        }
    )
    return EcwidStorefrontConnector(name, settings, http)


def feed_of(
    sandbox: Sandbox, http: Http, name: str = "facebook", *, filed_as: str | None = None, ending: str = ""
) -> FeedConnector:
    """The feed as the plan has it, or in the format of another ``ending``."""
    plan = sandbox.store.shown[name].plan
    file = f"{plan.file.rpartition('.')[0]}.{ending}" if ending else plan.file
    settings = FeedSettings(
        system="feed",
        kind="feed",
        url=f"{sandbox.base_url}/feeds/{file}",
        columns=FeedColumns(sku="id", quantity=plan.quantity_column, name="title", price="price"),
    )
    return FeedConnector(filed_as or name, settings, http, http.clock)


def levels_of(reading: Reading) -> dict[str, Level]:
    """SKU → quantity, or the state's word; a SKU named twice is ``"twice"``."""
    levels: dict[str, Level] = {}
    for sku, state, quantity in zip(reading.skus, reading.states.tolist(), reading.quantities.tolist(), strict=True):
        level: Level = quantity if state == LevelState.COUNTED else LevelState(state).word
        levels[sku] = "twice" if sku in levels else level
    return levels


def rows_of(document: dict[str, object]) -> Sequence[dict[str, object]]:
    rows = document["items"]
    assert isinstance(rows, list)
    return rows
