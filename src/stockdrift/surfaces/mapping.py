"""A surface's own ids become SKUs, before anything else sees them.

A map in a file is a CSV or TSV table of the columns ``id`` and ``sku``. It is read again whenever it has changed; one
that cannot be read or is not sound makes the whole reading a failed one: half a mapping would compare wrong SKUs. An id
that the file does not name, or the rule does not match, stands for itself. Where two ids stand for one SKU, their rows
are rows of that SKU: twice named is unknown, unless the settings mean a sum.
"""

from __future__ import annotations

import asyncio
import csv
import io
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from stockdrift.settings.sources import FeedSettings, MappingSettings
from stockdrift.settings.systems import AnySource
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.stock.text import clean_sku
from stockdrift.stock.values import replace
from stockdrift.surfaces.base import Connector, Occupies
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.collected import Table
from stockdrift.surfaces.duplicates import sum_duplicates
from stockdrift.surfaces.exchange import Limits
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, reading_of_fault
from stockdrift.surfaces.feed_file import read_file

_COLUMNS: Final = ("id", "sku")

Translate = Callable[[str], str]
"""From an id to its SKU; an id that has none stays as it is."""


def by_column(source: AnySource) -> AnySource:
    """``source`` with the column that its mapping names in place of the one that holds its own ids."""
    mapping = source.mapping
    if not isinstance(source, FeedSettings) or mapping is None or mapping.column is None:
        return source
    return source.model_copy(update={"columns": source.columns.model_copy(update={"sku": mapping.column})})


def mapped(name: str, source: AnySource, connector: Connector, limits: Limits, clock: Clock) -> Connector:
    """``connector``, its ids translated where ``source`` has a mapping that is not a column."""
    mapping = source.mapping
    if mapping is None or mapping.column is not None:
        return connector
    sums = isinstance(source, FeedSettings) and source.sums_duplicates
    return MappedConnector(name, connector, mapping, limits, clock, sums=sums)


class MappedConnector:
    """Reads by another connector and translates what it brings."""

    def __init__(
        self,
        name: str,
        connector: Connector,
        mapping: MappingSettings,
        limits: Limits,
        clock: Clock,
        *,
        sums: bool = False,
    ) -> None:
        self.delta = connector.delta
        self._name = name
        self._connector = connector
        self._mapping = mapping
        self._limits = limits
        self._clock = clock
        self._sums = sums
        self._file: MapFile | None = MapFile(mapping.file, limits) if mapping.file else None
        self._whole = True  # the next read has to bring everything: the map is new
        self._first: dict[str, str] = {}  # by SKU: its first id, where changes alone may be asked for
        self._shared: set[str] = set()  # SKUs of several ids

    async def read(self, covers: Covers) -> Reading:
        """What the connector reads; all of it, not only what changed, where the map has changed."""
        started_at = self._clock()
        try:
            translate, anew = await self._translation()
        except SurfaceFault as fault:
            return reading_of_fault(self._name, fault, started_at=started_at, read_at=self._clock(), traffic=None)
        self._whole = self._whole or anew
        reading = await self._connector.read(Covers.ALL if self._whole else covers)
        if reading.outcome is not Outcome.COMPLETE:
            return reading
        self._whole = self._whole and reading.covers is not Covers.ALL
        return await asyncio.to_thread(self._translated, reading, translate)

    def leave(self) -> None:
        """As the connector whose SKUs it translates."""
        if isinstance(self._connector, Occupies):
            self._connector.leave()

    async def close(self) -> None:
        """Closes the connector."""
        await self._connector.close()

    async def _translation(self) -> tuple[Translate, bool]:
        if self._file is not None:
            found, anew = await self._file.current()
            return (lambda own: found.get(own, own)), anew
        return translation_of(self._mapping), False

    def _translated(self, reading: Reading, translate: Translate) -> Reading:
        own = list(reading.skus)
        bad_rows = [replace(bad, sku=translate(bad.sku)) if bad.sku else bad for bad in reading.bad_rows]
        reading = replace(reading, skus=list(map(translate, own)), bad_rows=bad_rows)
        if self.delta:
            self._note(own, reading)
            reading = _doubled(reading, self._shared)
        return _summed(reading) if self._sums else reading

    def _note(self, own: Iterable[str], reading: Reading) -> None:
        """Remembers which SKUs have several ids: a change names one of them, and says nothing of the others."""
        if reading.covers is Covers.ALL:
            self._first.clear()
            self._shared.clear()
        for one, sku in zip(own, reading.skus, strict=True):
            if self._first.setdefault(sku, one) != one:
                self._shared.add(sku)


class MapFile:
    """A map that is read again whenever its file has changed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._mark: tuple[int, int, int] | None = None
        self._map: Mapping[str, str] = {}

    async def current(self) -> tuple[Mapping[str, str], bool]:
        """The map, and whether it is another than the last time. Raises SurfaceFault."""
        try:
            async with asyncio.timeout(self._limits.timeout / 1_000):  # a network drive may never answer
                return await asyncio.to_thread(self._current)
        except TimeoutError:
            within = duration_words(self._limits.timeout)
            raise SurfaceFault(f"the mapping {self._path.name} was not read within {within}", Fault.LATE) from None

    def _current(self) -> tuple[Mapping[str, str], bool]:
        mark = _mark(self._path)
        if mark is None or mark != self._mark:
            self._map, self._mark = read_map(self._path, self._limits.max_bytes), mark
            return self._map, True
        return self._map, False


def read_map(path: Path, max_bytes: int) -> Mapping[str, str]:
    """The map in ``path``, by id. Raises SurfaceFault, which names the file, the row and what is wrong with it."""
    try:
        body = read_file(path, max_bytes).body
    except SurfaceFault as fault:
        raise SurfaceFault(f"mapping: {fault.reason}", fault.kind) from None
    try:
        return parse_map(body)
    except ValueError as error:
        raise SurfaceFault(f"mapping {path.name}: {error}", Fault.SHAPE) from None


def parse_map(body: bytes) -> dict[str, str]:
    """From the bytes of a table with the columns ``id`` and ``sku``, in any order. Raises ValueError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (byte {error.start + 1})") from None
    head = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in head else ";" if ";" in head and "," not in head else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: dict[str, str] = {}
    try:
        places = _places(next(rows, []))
        for row in rows:
            if any(map(str.strip, row)):
                _take(found, row, places, rows.line_num)
    except csv.Error as error:
        raise ValueError(f"row {rows.line_num}: {error}") from None
    if not found:
        raise ValueError("is empty: it maps nothing")
    return found


def _places(head: Sequence[str]) -> tuple[int, int]:
    names = [clean_sku(cell).casefold() for cell in head]
    if not any(names):
        raise ValueError("is empty")
    strange = [name for name in names if name not in _COLUMNS]
    if strange:
        raise ValueError(f"unknown column {strange[0][:40]!r}; the columns are id and sku")
    for name in _COLUMNS:
        if names.count(name) != 1:
            raise ValueError(f"the column {name} is {'missing' if name not in names else 'there twice'}")
    return names.index("id"), names.index("sku")


def _take(found: dict[str, str], row: Sequence[str], places: tuple[int, int], number: int) -> None:
    if len(row) != len(_COLUMNS):
        raise ValueError(f"row {number} has {len(row)} cells where there are {len(_COLUMNS)} columns")
    own, sku = (clean_sku(row[place]) for place in places)
    if not own or not sku:
        raise ValueError(f"row {number} has no {'id' if not own else 'sku'}")
    if found.setdefault(own, sku) != sku:
        raise ValueError(f"row {number}: the id {own[:40]!r} stands for {found[own][:40]!r} and for {sku[:40]!r}")


def translation_of(mapping: MappingSettings) -> Translate:
    """What a rule or a prefix makes of an id."""
    prefix, pattern = mapping.prefix or "", mapping.pattern

    def strip(own: str) -> str:
        return own.removeprefix(prefix) or own

    def rewrite(own: str) -> str:
        match = pattern.fullmatch(own) if pattern is not None else None
        return (clean_sku(match.expand(mapping.to)) or own) if match else own

    return strip if pattern is None else rewrite


def _doubled(reading: Reading, shared: set[str]) -> Reading:
    """Names a SKU of several ids twice where only some of them changed: what it amounts to is not known."""
    if reading.covers is Covers.ALL or shared.isdisjoint(reading.skus):
        return reading
    again = [sku for sku in dict.fromkeys(reading.skus) if sku in shared]
    more = len(again)
    return replace(
        reading,
        skus=[*reading.skus, *again],
        states=np.concatenate([reading.states, np.full(more, LevelState.UNKNOWN, np.uint8)]),
        quantities=np.concatenate([reading.quantities, np.zeros(more, np.int32)]),
        parts=None if reading.parts is None else np.concatenate([reading.parts, np.zeros((more, 4), np.int32)]),
        names=[*reading.names, *[""] * more] if len(reading.names) else reading.names,
        prices=[*reading.prices, *[float("nan")] * more] if len(reading.prices) else reading.prices,
    )


def _summed(reading: Reading) -> Reading:
    table = Table(
        skus=list(reading.skus),
        states=reading.states.copy(),
        quantities=reading.quantities.copy(),
        parts=None if reading.parts is None else np.ascontiguousarray(reading.parts.T),
        names=list(reading.names),
        prices=array("d", reading.prices),
        numbers=np.arange(1, len(reading.skus) + 1, dtype=np.int32),
        bad_rows=list(reading.bad_rows),
        bad_count=reading.bad_count,
    )
    table = sum_duplicates(table)
    return replace(
        reading,
        skus=table.skus,
        states=table.states,
        quantities=table.quantities,
        parts=None if table.parts is None else np.ascontiguousarray(table.parts.T),
        names=table.names,
        prices=table.prices,
        bad_rows=table.bad_rows,
        bad_count=table.bad_count,
    )


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
