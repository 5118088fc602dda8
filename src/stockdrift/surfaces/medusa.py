"""A Medusa 2 store as its staff see it: every variant and what it is made of, read through the Admin API.

Source: docs.medusajs.com, *Admin API*, and a running Medusa 2.21 (tests/real). Each read is a whole one: an inventory
item's ``updated_at`` does not move with its stock. A secret API key travels as HTTP Basic, a user's token as a bearer;
that lives for a day by default, so a refusal is answered by one more log-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from pydantic import SecretStr

from stockdrift.settings.systems import MedusaSettings
from stockdrift.stock.reading import Covers, Reading
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.base import Capabilities
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import BEARER, Http
from stockdrift.surfaces.medusa_wire import (
    LOCATION_FIELDS,
    PAGE,
    STORE_FIELDS,
    VARIANT_FIELDS,
    Channels,
    Levels,
    Location,
    Locations,
    Stores,
    Variant,
    Variants,
)
from stockdrift.surfaces.pages import Page, Pages
from stockdrift.surfaces.session import Session
from stockdrift.surfaces.whole import whole_reading

T = TypeVar("T")


class _Entered(msgspec.Struct):
    token: str


class MedusaConnector:
    """Reads a store: the master, or another store as a surface. Logs in by itself where it has no API key."""

    capabilities = Capabilities()

    def __init__(self, name: str, settings: MedusaSettings, http: Http, clock: Clock | None = None) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock or http.clock
        self._max_depth = http.max_depth
        carrier = ("Authorization", "Basic ") if settings.token else BEARER
        self._endpoint = http.endpoint(settings.url, settings.token, carrier=carrier)
        self._endpoint.conceal(settings.password)
        self._session = None if settings.token else Session(self._endpoint, self._log_in)

    async def read(self, covers: Covers) -> Reading:
        """All variants; ``covers`` does not matter."""
        del covers
        return await whole_reading(self._name, self._clock, self._levels, self._endpoint.take_traffic)

    async def knock(self) -> None:
        """Asks for what a read asks for, and for one variant only. Raises SurfaceFault."""
        await self._empty_levels()
        await self._variants(0, 1)

    async def close(self) -> None:
        """Nothing is held: the connections belong to the HTTP client."""

    async def _levels(self) -> Levels:
        levels = await self._empty_levels()
        variants = await Pages("variants", PAGE, lambda variant: variant.id, self._page).all()
        if not variants:
            raise SurfaceFault("no variants", Fault.EMPTY)
        for row, variant in enumerate(variants, 1):
            levels.add(row, variant)
        return levels

    async def _empty_levels(self) -> Levels:
        """With what holds for all variants: which locations count, which channel sells, which currency is meant.

        Raises SurfaceFault too where the store has not what the settings name.
        """
        settings = self._settings
        currency = (await self._get(Stores, "admin/stores", {"fields": STORE_FIELDS})).currency
        channel = await self._channel(settings.sales_channel) if settings.sales_channel else None
        if channel is None and not settings.stock_locations:
            return Levels(None, None, currency)
        locations = await Pages("stock locations", PAGE, lambda location: location.id, self._locations).all()
        chosen = _chosen(locations, settings.stock_locations)
        if channel is not None:
            chosen = [one for one in chosen if channel in {served.id for served in one.sales_channels or ()}]
            if not chosen:
                raise SurfaceFault(
                    f"no stock location that counts serves the sales channel {settings.sales_channel!r}", Fault.MISSING
                )
        return Levels({location.id for location in chosen}, channel, currency)

    async def _channel(self, wanted: str) -> str:
        found = await self._get(Channels, "admin/sales-channels", {"limit": 1_000, "fields": "id,name"})
        for channel in found.sales_channels:
            if wanted in (channel.id, channel.name):
                return channel.id
        raise SurfaceFault(f"the store has no sales channel {wanted!r}", Fault.MISSING)

    async def _locations(self, offset: int) -> Page[Location]:
        wanted: dict[str, str | int] = {"limit": PAGE, "offset": offset, "order": "id", "fields": LOCATION_FIELDS}
        found = await self._get(Locations, "admin/stock-locations", wanted)
        return Page(found.offset, found.count, found.stock_locations)

    async def _page(self, offset: int) -> Page[Variant]:
        return await self._variants(offset, PAGE)

    async def _variants(self, offset: int, size: int) -> Page[Variant]:
        wanted: dict[str, str | int] = {"limit": size, "offset": offset, "order": "id", "fields": VARIANT_FIELDS}
        found = await self._get(Variants, "admin/product-variants", wanted)
        return Page(found.offset, found.count, found.variants)

    async def _get(self, shape: type[T], path: str, params: Mapping[str, str | int]) -> T:
        async def question() -> T:
            return await self._endpoint.get_json(shape, path, params)

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
    """Those of ``locations`` that ``wanted`` names; all where it names none. Raises SurfaceFault for a stranger."""
    if not wanted:
        return locations
    known = {name for location in locations for name in (location.id, location.name)}
    missing = [name for name in wanted if name not in known]
    if missing:
        there = ", ".join(sorted(location.name for location in locations)) or "none"
        raise SurfaceFault(f"the store has no stock location {missing[0]!r}; there are: {there}", Fault.MISSING)
    return [location for location in locations if {location.id, location.name} & set(wanted)]
