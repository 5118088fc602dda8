"""A Vendure shop as its staff see it: every variant of a channel, read through the Admin API.

Source: docs.vendure.io, *Admin API* and *Stock control*, and a running Vendure 3.7 (tests/real). Each read is a whole
one: a variant's ``updatedAt`` does not move when an order allocates stock.

What the shop would sell is ATP: on hand, less what orders have allocated, less the out-of-stock threshold. A threshold
above 0 is held back (*reserved*); one below 0 lets the shop sell that many more than it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import SecretStr

from stockdrift.settings.systems import VendureSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces import graphql
from stockdrift.surfaces.base import Capabilities
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.session import Session
from stockdrift.surfaces.vendure_wire import (
    API_KEY,
    CHANNEL,
    LOG_IN,
    PAGE,
    SHOP,
    TOKEN,
    VARIANTS,
    Entered,
    Levels,
    Shop,
    Variant,
    Variants,
)
from stockdrift.surfaces.whole import whole_reading

T = TypeVar("T")


class VendureConnector:
    """Reads one channel: the master, or another shop as a surface. Logs in by itself where it has no API key."""

    capabilities = Capabilities()

    def __init__(self, name: str, settings: VendureSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock or http.clock
        self._max_depth = http.max_depth
        self._endpoint = http.endpoint(
            settings.url, carrier=API_KEY if settings.token else TOKEN, refusal=graphql.refusal
        )
        self._endpoint.use(settings.token)
        self._endpoint.conceal(settings.password)
        self._session = None if settings.token else Session(self._endpoint, self._log_in)
        self._headers = {CHANNEL: settings.channel} if settings.channel else {}

    async def read(self, covers: Covers) -> Reading:
        """All variants; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._endpoint.take_traffic)

    async def knock(self) -> None:
        """Asks for what a read asks for, and for one variant only. Raises SurfaceFault."""
        Levels(await self._shop(), self._settings.stock_locations)
        await self._variants(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _levels(self) -> Levels:
        levels = Levels(await self._shop(), self._settings.stock_locations)
        variants = await Pages("variants", PAGE, lambda variant: variant.id, self._page).all()
        if not variants:
            raise SurfaceFault("no variants", Fault.EMPTY)
        for row, variant in enumerate(variants, 1):
            levels.add(row, variant)
        return levels

    async def _shop(self) -> Shop:
        """What holds for all variants. Raises SurfaceFault too where it is not the shop that the settings mean."""
        shop = await self._ask(Shop, SHOP, {"locations": bool(self._settings.stock_locations)})
        if self._settings.channel not in (None, shop.channel.token):
            # With a single channel a shop answers to any token (Vendure 3.7).
            raise SurfaceFault("the shop has no channel with that token", Fault.MISSING)
        return shop

    async def _page(self, offset: int) -> Page[Variant]:
        return await self._variants(offset, PAGE)

    async def _variants(self, offset: int, size: int) -> Page[Variant]:
        wanted = {"skip": offset, "take": size, "locations": bool(self._settings.stock_locations)}
        found = await self._ask(Variants, VARIANTS, wanted)
        return Page(offset, found.variants.total, found.variants.items)

    async def _ask(self, shape: type[T], query: str, variables: Mapping[str, object]) -> T:
        async def question() -> T:
            found, _ = await graphql.ask(
                self._endpoint, shape, query, variables, self._headers, max_depth=self._max_depth
            )
            return found

        return await (question() if self._session is None else self._session.ask(question))

    async def _log_in(self) -> SecretStr:
        settings = self._settings
        password = settings.password.get_secret_value() if settings.password else ""
        who = {"username": settings.username, "password": password}
        entered, answer = await graphql.ask(self._endpoint, Entered, LOG_IN, who, max_depth=self._max_depth)
        if entered.login.kind != "CurrentUser":
            raise SurfaceFault("the shop does not accept the username and password", Fault.REFUSED, status=401)
        token = answer.headers.get("vendure-auth-token", "")
        if not token:
            raise SurfaceFault("the shop gives no bearer token: its tokenMethod must allow it", Fault.SHAPE)
        return SecretStr(token)
