"""Asking a Medusa store's Admin API, by a secret key or logged in: what its reader and its writer share.

A secret API key travels as HTTP Basic, a user's token as a bearer; that lives for a day by default, so a refusal is
answered by one more log-in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
from pydantic import SecretStr

from stockdrift.settings.systems import MedusaSettings
from stockdrift.stock.reading import Traffic
from stockdrift.surfaces.answers import Answer, decode_json
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import BEARER, Http
from stockdrift.surfaces.medusa_wire import (
    LOCATION_FIELDS,
    PAGE,
    STORE_FIELDS,
    Channels,
    Levels,
    Location,
    Locations,
    Stores,
    refusal,
)
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.session import Session

T = TypeVar("T")


class _Entered(msgspec.Struct):
    token: str


class MedusaApi:
    """One store. Used by one task at a time."""

    def __init__(self, settings: MedusaSettings, http: Http) -> None:
        self._settings = settings
        self._max_depth = http.max_depth
        carrier = ("Authorization", "Basic ") if settings.token else BEARER
        self._endpoint = http.endpoint(settings.url, settings.token, carrier=carrier, refusal=refusal)
        self._endpoint.conceal(settings.password)
        self._session = None if settings.token else Session(self._endpoint, self._log_in)

    async def get(self, shape: type[T], path: str, params: Mapping[str, str | int]) -> T:
        """What stands at ``path``. Raises SurfaceFault."""

        async def question() -> T:
            return await self._endpoint.get_json(shape, path, params)

        return await self._in_session(question)

    async def tell(self, path: str, value: object) -> Answer:
        """Posts what changes something: sent once, and once more only where a log-in had expired, for what was refused
        was not carried out. Raises SurfaceFault.
        """

        async def order() -> Answer:
            return await self._endpoint.send("POST", path, value)

        return await self._in_session(order)

    async def levels(self) -> Levels:
        """With what holds for all variants: which locations count, which channel sells, which currency is meant.

        Raises SurfaceFault too where the store has not what the settings name.
        """
        settings = self._settings
        currency = (await self.get(Stores, "admin/stores", {"fields": STORE_FIELDS})).currency
        channel = await self._channel(settings.sales_channel) if settings.sales_channel else None
        if channel is None and not settings.stock_locations:
            return Levels(None, None, currency)
        locations = await Pages("stock locations", PAGE, lambda location: location.id, self._page_of_locations).all()
        chosen = _chosen(locations, settings.stock_locations)
        if channel is not None:
            chosen = [one for one in chosen if channel in {served.id for served in one.sales_channels or ()}]
            if not chosen:
                raise SurfaceFault(
                    f"no stock location that counts serves the sales channel {settings.sales_channel!r}", Fault.MISSING
                )
        return Levels([location.id for location in chosen], channel, currency)

    async def _channel(self, wanted: str) -> str:
        found = await self.get(Channels, "admin/sales-channels", {"limit": 1_000, "fields": "id,name"})
        for channel in found.sales_channels:
            if wanted in (channel.id, channel.name):
                return channel.id
        raise SurfaceFault(f"the store has no sales channel {wanted!r}", Fault.MISSING)

    async def _page_of_locations(self, offset: int) -> Page[Location]:
        wanted: dict[str, str | int] = {"limit": PAGE, "offset": offset, "order": "id", "fields": LOCATION_FIELDS}
        found = await self.get(Locations, "admin/stock-locations", wanted)
        return Page(found.offset, found.count, found.stock_locations)

    def take_traffic(self) -> Traffic:
        """What has gone over the wire since this was last asked."""
        return self._endpoint.take_traffic()

    async def _in_session(self, question: Callable[[], Awaitable[T]]) -> T:
        return await (question() if self._session is None else self._session.ask(question))

    async def _log_in(self) -> SecretStr:
        settings = self._settings
        password = settings.password.get_secret_value() if settings.password else ""
        try:
            answer = await self._endpoint.post("auth/user/emailpass", {"email": settings.email, "password": password})
        except SurfaceFault as fault:
            if fault.kind is not Fault.REFUSED:
                raise
        else:
            return SecretStr(decode_json(answer, _Entered, max_depth=self._max_depth).token)
        raise SurfaceFault("the store does not accept the email address and password", Fault.REFUSED, status=401)


def _chosen(locations: Sequence[Location], wanted: Sequence[str]) -> Sequence[Location]:
    """Those of ``locations`` that ``wanted`` names, in its order; all where it names none. Raises SurfaceFault for a
    stranger.
    """
    if not wanted:
        return locations
    known = {name for location in locations for name in (location.id, location.name)}
    missing = [name for name in wanted if name not in known]
    if missing:
        there = ", ".join(sorted(location.name for location in locations)) or "none"
        raise SurfaceFault(f"the store has no stock location {missing[0]!r}; there are: {there}", Fault.MISSING)
    return [one for name in wanted for one in locations if name in (one.id, one.name)]
