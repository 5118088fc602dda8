"""Asking a Vendure shop's Admin API, by an API key or logged in: what its reader and its writer share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from pydantic import SecretStr

from stockdrift.settings.systems import VendureSettings
from stockdrift.stock.reading import Traffic
from stockdrift.surfaces import graphql
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.session import Session
from stockdrift.surfaces.vendure_wire import API_KEY, CHANNEL, LOG_IN, SHOP, TOKEN, Entered, Shop

T = TypeVar("T")


class VendureApi:
    """One channel of one shop. Used by one task at a time."""

    def __init__(self, settings: VendureSettings, http: Http) -> None:
        self._settings = settings
        self._max_depth = http.max_depth
        self._endpoint = http.endpoint(
            settings.url, carrier=API_KEY if settings.token else TOKEN, refusal=graphql.refusal
        )
        self._endpoint.use(settings.token)
        self._endpoint.conceal(settings.password)
        self._session = None if settings.token else Session(self._endpoint, self._log_in)
        self._headers = {CHANNEL: settings.channel} if settings.channel else {}

    async def ask(self, shape: type[T], query: str, variables: Mapping[str, object]) -> T:
        """The data of the answer to ``query``. Raises SurfaceFault."""

        async def question() -> T:
            found, _ = await graphql.ask(
                self._endpoint, shape, query, variables, self._headers, max_depth=self._max_depth
            )
            return found

        return await self._in_session(question)

    async def tell(self, shape: type[T], mutation: str, variables: Mapping[str, object]) -> T:
        """As :meth:`ask`, for what changes something: sent once, and once more only where a log-in had expired, for
        what was refused was not carried out.
        """

        async def order() -> T:
            return await graphql.tell(
                self._endpoint, shape, mutation, variables, self._headers, max_depth=self._max_depth
            )

        return await self._in_session(order)

    async def shop(self, *, locations: bool) -> Shop:
        """What holds for all variants. Raises SurfaceFault too where it is not the shop that the settings mean."""
        shop = await self.ask(Shop, SHOP, {"locations": locations})
        if self._settings.channel not in (None, shop.channel.token):
            # With a single channel a shop answers to any token (Vendure 3.7).
            raise SurfaceFault("the shop has no channel with that token", Fault.MISSING)
        return shop

    def take_traffic(self) -> Traffic:
        """What has gone over the wire since this was last asked."""
        return self._endpoint.take_traffic()

    async def _in_session(self, question: Callable[[], Awaitable[T]]) -> T:
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
