"""From a surface in the settings to the writer that may write it. Only the action service's process asks for one."""

from __future__ import annotations

from collections.abc import Mapping

from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import AnySource
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.writer import Writer


def build_writers(surfaces: Mapping[str, AnySource], http: Http) -> dict[str, Writer]:
    """Writers of the surfaces whose settings allow it, by name. None for any other, whatever is asked later."""
    return {name: _writer(source, http) for name, source in surfaces.items() if source.active and source.write}


def _writer(source: AnySource, http: Http) -> Writer:
    if isinstance(source, FeedSettings) and source.path is not None:
        from stockdrift.surfaces.feed_writer import FeedWriter

        return FeedWriter(source, http.limits.max_bytes)
    raise TypeError(f"no writer for {type(source).__name__}")
