"""A product feed as a surface: a CSV or TSV table in a file or behind a URL."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import numpy as np

from stockdrift.settings.models import FeedSettings
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.base import Capabilities
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, reading_of_fault, size_words
from stockdrift.surfaces.http import Endpoint, Http
from stockdrift.surfaces.table import Table, parse_table


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes of a feed, and what came with them. ``framed`` as in :class:`~stockdrift.surfaces.answers.Answer`."""

    body: bytes
    as_of: int | None
    framed: bool = True
    is_html: bool = False


class FeedConnector:
    """Reads a table whole, each time.

    As-of is when a local file was last written, or what the server says in ``Last-Modified``: the vendor's own word
    for when the feed was made is in neither, so it may be later than the stock it shows, and is never later than our
    read. A local file should be written beside and renamed: one that changes while it is read is *partial*, one that
    is read between two writes cannot be told from a whole one.
    """

    def __init__(self, name: str, settings: FeedSettings, http: Http, clock: Clock) -> None:
        columns = settings.columns
        self.capabilities = Capabilities(
            exact=bool(columns.quantity or columns.on_hand),
            states_time=True,
            sums_duplicates=settings.sums_duplicates,
        )
        self._name = name
        self._settings = settings
        self._http = http
        self._clock = clock
        self._endpoint: Endpoint | None = http.endpoint(settings.url, settings.token) if settings.url else None

    async def read(self, covers: Covers) -> Reading:
        """The whole table, whatever ``covers`` asks for."""
        started_at = self._clock()
        source: _Source | None = None
        try:
            source = await (self._from_url(self._endpoint) if self._endpoint else self._from_file())
            table = await asyncio.to_thread(self._parse, source)
        except SurfaceFault as caught:
            fault = self._redacted(caught)
        else:
            return self._reading(source, table, started_at)
        traffic = self._endpoint.take_traffic() if self._endpoint else None
        return reading_of_fault(self._name, fault, started_at=started_at, read_at=self._clock(), traffic=traffic)

    async def close(self) -> None:
        """Holds nothing of its own: the connections are the client's."""

    async def _from_url(self, endpoint: Endpoint) -> _Source:
        answer = await endpoint.get(headers={"Accept": "text/csv, text/tab-separated-values, text/plain, */*;q=0.5"})
        return _Source(answer.body, _last_modified(answer), answer.framed, answer.is_html)

    async def _from_file(self) -> _Source:
        path = self._settings.path
        if path is None:
            raise SurfaceFault("the settings name neither a file nor a URL", Fault.UNREADABLE)
        limits = self._http.limits
        try:
            async with asyncio.timeout(limits.timeout / 1_000):  # a network drive may never answer
                return await asyncio.to_thread(read_file, path, limits.max_bytes)
        except TimeoutError:
            raise SurfaceFault(f"the file was not read within {duration_words(limits.timeout)}", Fault.LATE) from None

    def _parse(self, source: _Source) -> Table:
        settings = self._settings
        place = settings.path.name if settings.path else PurePosixPath(urlsplit(settings.url or "").path).name
        try:
            table = parse_table(
                source.body,
                settings.columns,
                form=settings.format,
                name=place,
                sums_duplicates=settings.sums_duplicates,
            )
        except SurfaceFault as fault:
            if source.is_html and fault.kind is Fault.SHAPE:
                raise SurfaceFault("HTML instead of a table", Fault.SHAPE) from None
            raise
        if not source.framed and not table.ended:
            raise SurfaceFault("the answer has no stated length and ends within a row", Fault.CUT)
        return table

    def _reading(self, source: _Source, table: Table, started_at: int) -> Reading:
        read_at = self._clock()
        reading = Reading(
            surface=self._name,
            outcome=Outcome.COMPLETE,
            started_at=started_at,
            read_at=read_at,
            as_of=source.as_of if source.as_of is not None and source.as_of <= read_at else None,
            skus=table.skus,
            states=table.states,
            quantities=table.quantities,
            parts=None if table.parts is None else np.ascontiguousarray(table.parts.T),
            names=table.names,
            prices=table.prices,
            bad_rows=table.bad_rows,
            bad_count=table.bad_count,
        )
        if self._endpoint is None:
            return reading
        return replace(reading, traffic=self._endpoint.take_traffic())

    def _redacted(self, fault: SurfaceFault) -> SurfaceFault:
        if self._endpoint is None:
            return fault
        return SurfaceFault(self._endpoint.redact(fault.reason), fault.kind, status=fault.status)


def read_file(path: Path, max_bytes: int) -> _Source:
    """A regular file, whole, with the time it was last written. Raises SurfaceFault where it cannot be opened, is too
    large, or did not stay the same file while it was read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # before opening: opening a pipe would wait for its writer
            kind = "a directory" if path.is_dir() else "not a file"
            raise SurfaceFault(f"{path.name} is {kind}", Fault.UNREADABLE)
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            body = file.read(max_bytes + 1) if before.st_size <= max_bytes else b""
            if max(before.st_size, len(body)) > max_bytes:
                raise SurfaceFault(f"larger than {size_words(max_bytes)}", Fault.LARGE)
            after = os.fstat(file.fileno())
        now = path.stat()
    except FileNotFoundError:
        raise SurfaceFault(f"there is no file {path.name}", Fault.MISSING) from None
    except PermissionError:
        raise SurfaceFault(f"no permission to read {path.name}", Fault.UNREADABLE) from None
    except OSError as error:
        raise SurfaceFault(f"cannot read {path.name}: {error.strerror}", Fault.UNREADABLE) from None
    if _version(before) != _version(after) or len(body) != after.st_size:
        raise SurfaceFault(f"{path.name} changed while it was read", Fault.CUT)
    if _version(after) != _version(now):
        raise SurfaceFault(f"{path.name} was replaced while it was read", Fault.CUT)
    return _Source(body, after.st_mtime_ns // 1_000_000)


def _version(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _last_modified(answer: Answer) -> int | None:
    try:
        return round(parsedate_to_datetime(answer.headers.get("last-modified", "")).timestamp() * 1_000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
