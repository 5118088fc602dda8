"""A product feed as a surface: in a file or behind a URL, in any format of :mod:`stockdrift.surfaces.formats`."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from msgspec import Struct

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.stock.values import replace
from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.document import Document
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, reading_of_fault
from stockdrift.surfaces.feed_file import Source, file_size, read_file
from stockdrift.surfaces.formats import parse_feed
from stockdrift.surfaces.http import Endpoint, Http
from stockdrift.surfaces.packing import unpacked
from stockdrift.surfaces.room import LARGE
from stockdrift.surfaces.stated_time import parse_time
from stockdrift.surfaces.threads import in_thread
from stockdrift.surfaces.validators import LONGEST, Validators, validators_of

_ACCEPT: Final = {
    "Accept": "text/csv, text/tab-separated-values, application/rss+xml, application/atom+xml, application/json, "
    "application/x-ndjson, text/plain, */*;q=0.5"
}


class _Kept(Struct, frozen=True):
    """The last reading that was whole, what its feed can be recognised by, and when it was fetched."""

    reading: Reading
    validators: Validators
    fetched_at: int


class FeedConnector:
    """Reads a feed whole, each time, unless the server says that it is the one that was read last.

    As-of is the feed's own word for when it was made, where its format has a place for that: the channel's
    ``lastBuildDate`` or ``pubDate`` in RSS, ``updated`` in Atom, a field of a JSON document. Else it is when a local
    file was last written, or what the server says in ``Last-Modified``: that may be later than the stock it shows. A
    time of no known zone, or later than our read, is none.

    A feed that a 304 calls unchanged is read again as it was, at the time of the 304 and as of its own old time. The
    next read is whole, without conditions, after anything but a complete one, and once an hour.

    A local file should be written beside and renamed: one that changes while it is read is *partial*, one that is read
    between two writes cannot be told from a whole one.
    """

    delta = False

    def __init__(self, name: str, settings: FeedSettings, http: Http, clock: Clock) -> None:
        self._name = name
        self._settings = settings
        self._http = http
        self._clock = clock
        self._endpoint: Endpoint | None = http.endpoint(settings.url, settings.token) if settings.url else None
        self._kept: _Kept | None = None

    async def read(self, covers: Covers) -> Reading:
        """The whole feed, whatever ``covers`` asks for."""
        started_at = self._clock()
        kept, self._kept = self._kept, None  # whatever goes wrong, the next read is whole
        try:
            answer = await self._ask(self._endpoint, kept) if self._endpoint else None
            if kept is not None and answer is not None and answer.status == 304:
                return self._again(kept, started_at)
            if answer is not None and answer.leads_on:
                raise SurfaceFault("only one page of the feed: its answer links to the next", Fault.CUT)
            source = _source_of(answer) if answer is not None else await self._from_file()
            await self._enter(len(source.body))
            document = await in_thread(self._parse, source)
        except SurfaceFault as caught:
            fault = self._redacted(caught)
        else:
            reading = self._reading(source, document, started_at)
            validators = validators_of(answer) if answer is not None else None
            if validators is not None:
                self._kept = _kept(reading, validators, started_at)
            return reading
        traffic = self._endpoint.take_traffic() if self._endpoint else None
        return reading_of_fault(self._name, fault, started_at=started_at, read_at=self._clock(), traffic=traffic)

    def leave(self) -> None:
        """What was read is recorded, or dropped: another large feed may be read."""
        if self._http.room is not None:
            self._http.room.leave(self._name)

    async def close(self) -> None:
        """Holds nothing of its own: the connections are the client's."""

    async def _ask(self, endpoint: Endpoint, kept: _Kept | None) -> Answer:
        """The feed, or the 304 that speaks of the one that was read last."""
        if kept is not None and 0 <= self._clock() - kept.fetched_at < LONGEST:
            answer = await endpoint.get(headers={**_ACCEPT, **kept.validators.conditions})
            if answer.status != 304 or kept.validators.recognise(answer):
                return answer
        return await endpoint.get(headers=_ACCEPT)

    def _again(self, kept: _Kept, started_at: int) -> Reading:
        traffic = self._endpoint.take_traffic() if self._endpoint else kept.reading.traffic
        self._kept = kept
        return replace(kept.reading, started_at=started_at, read_at=self._clock(), traffic=traffic)

    async def _from_file(self) -> Source:
        path = self._settings.path
        if path is None:
            raise SurfaceFault("the settings name neither a file nor a URL", Fault.UNREADABLE)
        limits = self._http.limits
        try:
            async with asyncio.timeout(limits.timeout / 1_000):  # a network drive may never answer
                size = await asyncio.to_thread(file_size, path)
            await self._enter(size)
            async with asyncio.timeout(limits.timeout / 1_000):
                return await in_thread(read_file, path, limits.max_bytes)
        except TimeoutError:
            raise SurfaceFault(f"the file was not read within {duration_words(limits.timeout)}", Fault.LATE) from None

    async def _enter(self, size: int) -> None:
        if self._http.room is not None and size >= LARGE:
            await self._http.room.enter(self._name)

    def _parse(self, source: Source) -> Document:
        settings = self._settings
        name = settings.path.name if settings.path else PurePosixPath(urlsplit(settings.url or "").path).name
        try:
            body = unpacked(source.body, self._http.limits.max_bytes)
            document = parse_feed(
                body, settings, name=name, media_type=source.media_type, max_depth=self._http.max_depth
            )
        except SurfaceFault as fault:
            if source.is_html and fault.kind is Fault.SHAPE:
                raise SurfaceFault("HTML instead of a table", Fault.SHAPE) from None
            raise
        if not source.framed and not document.table.ended:
            raise SurfaceFault("the answer has no stated length and ends within a row", Fault.CUT)
        return document

    def _reading(self, source: Source, document: Document, started_at: int) -> Reading:
        read_at = self._clock()
        as_of = document.generated_at if document.says_when else source.written_at
        table = document.table
        reading = Reading(
            surface=self._name,
            outcome=Outcome.COMPLETE,
            started_at=started_at,
            read_at=read_at,
            as_of=as_of if as_of is not None and as_of <= read_at else None,
            skus=table.skus,
            states=table.states,
            quantities=table.quantities,
            parts=None if table.parts is None else np.ascontiguousarray(table.parts.T),
            names=table.names,
            prices=table.prices,
            bad_rows=table.bad_rows,
            bad_count=table.bad_count,
            nameless=table.nameless,
        )
        if self._endpoint is None:
            return reading
        return replace(reading, traffic=self._endpoint.take_traffic())

    def _redacted(self, fault: SurfaceFault) -> SurfaceFault:
        if self._endpoint is None:
            return fault
        return SurfaceFault(self._endpoint.redact(fault.reason), fault.kind, status=fault.status)


def _kept(reading: Reading, validators: Validators, fetched_at: int) -> _Kept:
    """What will be handed out again, and so may not be written to."""
    for column in (reading.states, reading.quantities, reading.parts):
        if column is not None:
            column.flags.writeable = False
    return _Kept(reading, validators, fetched_at)


def _source_of(answer: Answer) -> Source:
    return Source(
        answer.body,
        parse_time(answer.headers.get("last-modified", "")),
        answer.framed,
        "html" in answer.content_type,
        answer.content_type,
    )
