"""From a source in the settings to the connector that reads it."""

from __future__ import annotations

from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import (
    AnySource,
    EcwidSettings,
    EcwidStorefrontSettings,
    MedusaSettings,
    MedusaStorefrontSettings,
    MetaSettings,
    VendureSettings,
    VendureStorefrontSettings,
)
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.http import Http


def build_connector(name: str, source: AnySource, http: Http, clock: Clock | None = None) -> Connector:
    """The connector of ``source``. ``clock`` is Unix time in milliseconds; by default that of ``http``.

    Each system's module is imported only where a source names the system: start-up pays for nothing else.
    """
    clock = clock or http.clock
    if source.mapping is None:
        return _connector(name, source, http, clock)
    from stockdrift.surfaces.mapping import by_column, mapped

    return mapped(name, source, _connector(name, by_column(source), http, clock), http.limits, clock)


def _connector(name: str, source: AnySource, http: Http, clock: Clock) -> Connector:
    if isinstance(source, FeedSettings):
        from stockdrift.surfaces.feed import FeedConnector

        return FeedConnector(name, source, http, clock)
    if isinstance(source, EcwidSettings):
        from stockdrift.surfaces.ecwid import EcwidConnector

        return EcwidConnector(name, source, http, clock)
    if isinstance(source, EcwidStorefrontSettings):
        from stockdrift.surfaces.ecwid_storefront import EcwidStorefrontConnector

        return EcwidStorefrontConnector(name, source, http, clock)
    if isinstance(source, VendureSettings):
        from stockdrift.surfaces.vendure import VendureConnector

        return VendureConnector(name, source, http, clock)
    if isinstance(source, VendureStorefrontSettings):
        from stockdrift.surfaces.vendure_storefront import VendureStorefrontConnector

        return VendureStorefrontConnector(name, source, http, clock)
    if isinstance(source, MedusaSettings):
        from stockdrift.surfaces.medusa import MedusaConnector

        return MedusaConnector(name, source, http, clock)
    if isinstance(source, MedusaStorefrontSettings):
        from stockdrift.surfaces.medusa_storefront import MedusaStorefrontConnector

        return MedusaStorefrontConnector(name, source, http, clock)
    if isinstance(source, MetaSettings):
        from stockdrift.surfaces.meta import MetaConnector

        return MetaConnector(name, source, http, clock)
    raise TypeError(f"no connector for {type(source).__name__}")
