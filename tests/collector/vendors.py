"""The real action service with the real writers, on a simulated store that can be written, in its own time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from stockdrift.sandbox.catalogue import make_catalogue
from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.meta_wire import FEED
from stockdrift.sandbox.meta_wire import PATH as GRAPH
from stockdrift.sandbox.plan import MASTER, Drift, Plan, Scenario, SurfacePlan
from stockdrift.sandbox.router import Router
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.settings.systems import AnySource, EcwidSettings, MedusaSettings, MetaSettings, VendureSettings
from stockdrift.stock import plan
from stockdrift.stock.actions import ActionAsked, RowChange
from stockdrift.stock.admission import admit
from stockdrift.stock.reading import Covers
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.writer import Writer
from stockdrift.surfaces.writers import build_writers
from tests.collector.virtual import run_virtually
from tests.collector.writing import House
from tests.doubles import medusa, vendure
from tests.doubles.medusa import MedusaDouble
from tests.doubles.vendure import VendureDouble
from tests.sandbox.wire import RouterTransport
from tests.stock.scene import HOUR

FACEBOOK, OUTLET, VENDURE, MEDUSA, FED = "facebook", "outlet", "vendure", "medusa", "fed"
BASE = "http://shop.test"


def _adrift(seed: int, skus: int) -> Plan:
    """Nothing moves by itself; four SKUs are wrong on each surface that can be written."""
    surfaces = (
        SurfacePlan(FACEBOOK, catalog_id=7, calls_per_hour=10_000),
        SurfacePlan(OUTLET, store_id=1004),
        SurfacePlan(VENDURE),
        SurfacePlan(MEDUSA),
        SurfacePlan(FED, kind="feed", catalog_id=8, calls_per_hour=10_000, period=24 * 3_600_000, file="fed.tsv"),
    )
    catalogue = make_catalogue(seed, skus, 0, ())
    wrong = [item.sku for item in catalogue.items[:4]]
    drifts = [Drift(one.name, sku, "as it opens", 0, offset=3) for one in surfaces for sku in wrong]
    return Plan("adrift", "Candle & Co", "GBP", catalogue, surfaces, history=1_000, drifts=drifts)


ADRIFT = Scenario("adrift", "four SKUs wrong", 30, True, _adrift)


@dataclass
class VendorHouse(House):
    """A :class:`House` whose shop is the simulated one. ``surface`` names the one that is written."""

    surface: str = FACEBOOK
    base: str = BASE
    view: str = ""  # what to press, where the surface is to be one that nobody can write
    first: Sequence[RowChange] = ()
    more: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        wide = {"stale_after": 24 * HOUR, "lag": 0}
        can = {"writable": not self.view, "write": not self.view, "listing": "item", "refresh": self.view}
        written = SurfaceRules(self.surface, **can, **wide)  # type: ignore[arg-type]
        self.rules = Rules(SurfaceRules(MASTER, **wide), (written,))  # type: ignore[arg-type]
        self.first_rules = self.rules

    def open(self) -> None:
        """Inside the loop, for its time is the store's."""
        self.store = SimulatedStore(ADRIFT, seed=3, opens_at=self.now())
        self.router = Router(self.store, self.now)
        self.wire = RouterTransport(self.router, lambda: self.store.advance_to(self.now()))
        self.http = Http(
            clock=self.now, sleep=asyncio.sleep, tries=3, timeout_ms=5_000, max_bytes=2**20, backoff_cap_ms=20_000,
            jitter=random.Random(1), transport=self.wire,
        )  # fmt: skip
        self.sources: dict[str, AnySource] = {MASTER: self._ecwid(MASTER, STORE_ID), self.surface: self._source()}
        self.connectors = {name: build_connector(name, one, self.http) for name, one in self.sources.items()}

    def writers(self) -> dict[str, Writer]:
        return build_writers({self.surface: self.sources[self.surface]}, self.http)

    async def read(self, surface: str) -> None:
        """By the real connector, recorded as ever."""
        found = await self.connectors[surface].read(Covers.ALL)
        await self.tell([admit(found, self.monitor.board)])

    def _source(self) -> AnySource:
        more = {"write": True, **(self.more or {})}
        if self.surface == OUTLET:
            return self._ecwid(OUTLET, 1004, **more)
        if self.surface == VENDURE:
            self.router.mounts["/vendure/"] = VendureDouble(self.store, VENDURE, self.router.writing).answer
            places = tuple(vendure.LOCATIONS.values())
            return VendureSettings.model_validate(
                {"system": "vendure", "url": f"{BASE}/vendure/admin-api", "token": SecretStr(vendure.API_KEY),
                 "stock_locations": places, **more}
            )  # fmt: skip
        if self.surface == MEDUSA:
            self.router.mounts["/medusa/"] = MedusaDouble(self.store, MEDUSA, self.router.writing).answer
            places = tuple(name for name, _ in medusa.LOCATIONS.values())
            return MedusaSettings.model_validate(
                {"system": "medusa", "url": f"{BASE}/medusa", "token": SecretStr(medusa.SECRET_KEY),
                 "stock_locations": places, **more}
            )  # fmt: skip
        given = {"api": f"{BASE}{GRAPH}", "catalog_id": 7, "calls_per_hour": 10_000}
        if self.surface == FED:
            given |= {"catalog_id": 8, "feed_id": 8 + FEED}
        token = SecretStr(self.router.tokens[self.surface])
        return MetaSettings.model_validate({"system": "meta", "token": token, **given, **more})

    def _ecwid(self, name: str, store_id: int, **more: Any) -> EcwidSettings:
        token = SecretStr(self.router.tokens[name])
        given = {"store_id": store_id, "api": f"{BASE}/api/v3", "sweep_every": "1s", "write": name != MASTER}
        return EcwidSettings.model_validate({"system": "ecwid", "token": token, **given, **more})

    async def ask(self, key: str, rows: Sequence[RowChange], **more: str) -> None:
        kind = more.get("kind", "resync")
        asked = ActionAsked(self.now(), "maya", key, kind, self.surface, "feed lag", "", tuple(rows), self.surface)
        await self.tell([asked])

    async def reread_all(self) -> None:
        """The surface, then the master: nothing is in flight."""
        await self.read(self.surface)
        await self.read(MASTER)

    async def keep_reading(self, seconds: int) -> None:
        """The reads on schedule, every minute."""
        for _ in range(seconds // 60):
            await asyncio.sleep(60)
            await self.reread_all()

    def confirmed(self) -> list[RowChange]:
        """What a person would have confirmed now: all that drifts."""
        made = plan.resync(self.monitor, self.surface, None, self.now())
        assert not made.refusals
        return [row.change for row in made.rows]

    def rows_of(self, key: str) -> Sequence[RowChange]:
        """The rows of an action."""
        action = self.monitor.ledger.get(key)
        assert action is not None
        return action.asked.rows

    def shows(self, sku: str) -> int | None:
        """What the surface really holds."""
        return self.store.quantity(self.surface, self.store.place_of[sku])

    def written(self) -> list[tuple[str, int]]:
        """The rows that our API calls set, in order."""
        return [(one.sku, one.quantity) for one in self.router.writing.log if one.by == "api"]


def play(surface: str, scene: Callable[[VendorHouse], Awaitable[None]], **more: Any) -> VendorHouse:
    """Runs ``scene`` on a house whose master and surface were read once."""
    house = VendorHouse(surface=surface, **more)

    async def run() -> None:
        house.open()
        house.start()
        await house.reread_all()
        await scene(house)
        await house.kill()
        await house.http.close()

    run_virtually(run())
    assert not house.monitor.ledger.oddities, "the service tells nothing that cannot follow"
    assert not [one for one in house.router.writing.log if one.surface == MASTER], "the master's pool is never written"
    return house
