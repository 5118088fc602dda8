"""From a source in the settings to the connector that reads it."""

from __future__ import annotations

from stockdrift.settings.models import AnySource, EcwidSettings, EcwidStorefrontSettings, FeedSettings
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.http import Http


def build_connector(name: str, source: AnySource, http: Http, clock: Clock | None = None) -> Connector:
    """The connector of ``source``. ``clock`` is Unix time in milliseconds; by default that of ``http``.

    Each system's module is imported only where a source names the system: start-up pays for nothing else.
    """
    clock = clock or http.clock
    if isinstance(source, FeedSettings):
        from stockdrift.surfaces.feed import FeedConnector

        return FeedConnector(name, source, http, clock)
    if isinstance(source, EcwidSettings):
        from stockdrift.surfaces.ecwid import EcwidConnector

        return EcwidConnector(name, source, http, clock)
    if isinstance(source, EcwidStorefrontSettings):
        from stockdrift.surfaces.ecwid_storefront import EcwidStorefrontConnector

        return EcwidStorefrontConnector(name, source, http, clock)
    raise TypeError(f"no connector for {type(source).__name__}")
