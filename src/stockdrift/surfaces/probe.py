"""One small request to a source: does it answer, how fast, are the credentials taken, and what time is it there."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from stockdrift.settings.models import CollectorSettings
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import AnySource, EcwidSettings, EcwidStorefrontSettings
from stockdrift.stock.values import replace
from stockdrift.surfaces.base import Knocks
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.clock import Clock, wall_clock
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.formats import look_at
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.mapping import by_column

if TYPE_CHECKING:
    import httpx

LONGEST: Final = 10_000
"""Milliseconds for one probe: whoever asks for a diagnosis waits for it."""

_ENOUGH: Final = 64 * 1024  # bytes; a feed that announces more has answered, and need not come
_WHOLE: Final = 4 * 2**20  # bytes of a small question's answer: the names of all channels and locations of a shop
_HALF: Final = 500  # ms; a Date header is cut to the second


class Probe(Struct, frozen=True):
    """``fault`` is None where the source would be read. ``offset`` is its clock less ours, ms, where it says its time;
    ``latency`` ms until its headers came. A file has neither. ``form`` is the format of a feed, in words.
    """

    fault: SurfaceFault | None = None
    latency: float | None = None
    offset: int | None = None
    file: Path | None = None
    form: str = ""


def prober(
    settings: CollectorSettings, clock: Clock = wall_clock, transport: httpx.AsyncBaseTransport | None = None
) -> Http:
    """The HTTP client for probes: the settings' time-out up to :data:`LONGEST`, one try, little of each answer."""
    return Http(
        timeout_ms=min(settings.timeout, LONGEST),
        max_bytes=_ENOUGH,
        max_depth=settings.max_depth,
        tries=1,
        clock=clock,
        transport=transport,
    )


async def probe(source: AnySource, http: Http, *, counter: Callable[[], float] = time.perf_counter) -> Probe:
    """Asks ``source`` once, with its credentials. ``counter`` gives seconds. ``http`` is :func:`prober`'s, and is used
    by one probe at a time.
    """
    source = by_column(source).model_copy(update={"mapping": None})  # ids need not be understood to be asked for
    if isinstance(source, FeedSettings) and source.path is not None:
        return _probe_file(source, source.path)
    began = counter()
    heard: list[tuple[float, int | None]] = []

    async def hear(response: httpx.Response) -> None:
        heard.append((counter(), _stated(response.headers.get("date", ""), http.clock())))

    http.client().event_hooks = {"response": [hear]}
    fault: SurfaceFault | None = None
    form = ""
    try:
        if isinstance(source, FeedSettings):
            http.limits = replace(http.limits, beginning=True)  # a feed comes whole, however large
            answer = await http.endpoint(source.url or "", source.token).get()
            name = urlsplit(source.url or "").path.rpartition("/")[2]
            form = look_at(answer.body, source, name=name, media_type=answer.content_type)
        elif isinstance(source, EcwidSettings | EcwidStorefrontSettings):
            base = f"{source.api.rstrip('/')}/{source.store_id}"
            wanted: dict[str, str | int] = {"limit": 1, "offset": 0, "responseFields": "total,count,offset,items(id)"}
            await http.endpoint(base, source.token).get("products", wanted, {"Accept": "application/json"})
            if source.system == "ecwid-storefront" and not source.token.get_secret_value().startswith("public_"):
                fault = SurfaceFault("not a public token: it shows the master, not what a shopper sees", Fault.REFUSED)
        else:
            connector = build_connector("", source, http)
            if not isinstance(connector, Knocks):
                raise TypeError(f"no way to ask {type(connector).__name__} for little")
            http.limits = replace(http.limits, max_bytes=_WHOLE)  # it reads what it is told
            await connector.knock()
    except SurfaceFault as caught:
        fault = None if caught.kind is Fault.LARGE else caught
    latency, offset = heard[0] if heard else (None, None)
    return Probe(fault, None if latency is None else (latency - began) * 1_000, offset, form=form)


async def writability(source: AnySource, http: Http) -> str:
    """Empty where ``source`` may be written as far as can be told without writing; else why not, and what to do."""
    from stockdrift.surfaces.writers import build_writer

    writer = build_writer(source, http)
    try:
        return await writer.ready()
    finally:
        await writer.close()


def _probe_file(source: FeedSettings, path: Path) -> Probe:
    fault = _file_fault(path)
    if fault is not None:
        return Probe(fault, file=path)
    try:
        with path.open("rb") as file:
            return Probe(file=path, form=look_at(file.read(_ENOUGH), source, name=path.name))
    except OSError as error:
        return Probe(SurfaceFault(f"cannot read {path.name}: {error.strerror}", Fault.UNREADABLE), file=path)
    except SurfaceFault as caught:
        return Probe(caught, file=path)


def _stated(date: str, now: int) -> int | None:
    """How far a ``Date`` header (RFC 9110) is ahead of ``now``, ms."""
    try:
        return round(parsedate_to_datetime(date).timestamp() * 1_000) + _HALF - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _file_fault(path: Path) -> SurfaceFault | None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return SurfaceFault(f"there is no file {path.name}", Fault.MISSING)
    except OSError as error:
        return SurfaceFault(f"cannot read {path.name}: {error.strerror}", Fault.UNREADABLE)
    if not stat.S_ISREG(mode):
        return SurfaceFault(f"{path.name} is not a file", Fault.UNREADABLE)
    return None if os.access(path, os.R_OK) else SurfaceFault(f"no permission to read {path.name}", Fault.UNREADABLE)
