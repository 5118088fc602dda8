"""From a surface in the settings to the writer that may write it. Only the action service's process asks for one."""

from __future__ import annotations

from collections.abc import Mapping

from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import (
    AnySource,
    EcwidSettings,
    MedusaSettings,
    MetaSettings,
    VendureSettings,
    writable,
)
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.writer import Writer


def build_writers(surfaces: Mapping[str, AnySource], http: Http) -> dict[str, Writer]:
    """Writers of the surfaces whose settings allow it, by name. None for any other, whatever is asked later."""
    return {name: build_writer(source, http) for name, source in surfaces.items() if source.active and source.write}


def build_writer(source: AnySource, http: Http) -> Writer:
    """The writer of ``source``, whatever its settings allow. Raises TypeError where there is none."""
    if not writable(source):
        raise TypeError(f"no writer for {type(source).__name__}")
    if isinstance(source, FeedSettings):
        from stockdrift.surfaces.feed_writer import FeedWriter

        return FeedWriter(source, http.limits.max_bytes)
    if isinstance(source, EcwidSettings):
        from stockdrift.surfaces.ecwid_writer import EcwidWriter

        return EcwidWriter(source, http)
    if isinstance(source, MetaSettings):
        from stockdrift.surfaces.meta_writer import MetaWriter

        return MetaWriter(source, http)
    if isinstance(source, VendureSettings):
        from stockdrift.surfaces.vendure_writer import VendureWriter

        return VendureWriter(source, http)
    if isinstance(source, MedusaSettings):
        from stockdrift.surfaces.medusa_writer import MedusaWriter

        return MedusaWriter(source, http)
    raise TypeError(f"no writer for {type(source).__name__}")
