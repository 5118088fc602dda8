"""The regular rows of a delimited table, found in its bytes all at once: ten times as fast as row by row.

A row is regular if it has as many cells as the header, no quotation mark, a SKU and a name of plain printable ASCII
that need no trimming, and a quantity of one to eight digits. Nothing is decided here about any other: those rows go
to the reader that knows all the rules. Where the bytes leave any doubt about what is a row, all of them do.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.index import first_places
from stockdrift.stock.levels import LevelState
from stockdrift.stock.texts import PADDING, Texts, TextStore, joined
from stockdrift.surfaces.cells import parse_price
from stockdrift.surfaces.collected import Collected, Numbers, Row, Table
from stockdrift.surfaces.header import Layout

Positions = NDArray[np.int32]

_CHUNK: Final = 1 << 18  # bytes that are looked at together, so that what lies in between stays in the cache
_MARK: Final = b"\xef\xbb\xbf"
_MARGIN: Final = 8  # bytes before the first that may be read as part of a word
_LINE_END, _RETURN, _QUOTE, _SPACE, _PRINTABLE = 0x0A, 0x0D, 0x22, 0x20, 0x7F
_LONGEST_LINE: Final = 100_000  # bytes; in a cell of a little more the csv module gives up
_LONGEST_NAME: Final = 512  # characters; longer ones are cut
_MOST_IRREGULAR: Final = 4  # one row in so many; with more of them reading row by row costs no more
_END: Final = "\x00 end of table"

_DIGITS: Final = 8
_ZEROS: Final = np.uint64(0x3030_3030_3030_3030)
_OWN: Final = np.array([0, *(2**64 - (1 << 8 * (8 - count)) for count in range(1, 9))], np.uint64)


class _Lines(Struct):
    """Where lines and cells lie in ``bytes``. ``separators`` holds the place of every delimiter and line end, ``ends``
    the index into it of each line's end; both ascend.
    """

    bytes: NDArray[np.uint8]
    separators: Positions
    ends: Positions
    special: Positions  # bytes that are neither printable ASCII nor one of these, and quotation marks

    def starts(self) -> Positions:
        """Index of the first separator of each line."""
        return np.append(np.int32(0), self.ends[:-1] + np.int32(1))

    def begins(self) -> Positions:
        """Where each line begins."""
        return np.append(np.int32(_MARGIN), self.separators[self.ends[:-1]] + np.int32(1))

    def line(self, number: int) -> tuple[int, int]:
        """Where a line begins and where its line end stands."""
        begin = int(self.separators[self.ends[number - 1]]) + 1 if number else _MARGIN
        return begin, int(self.separators[self.ends[number]])


def regular_table(data: bytes, layout: Layout) -> Table | None:
    """The table that reading ``data`` (UTF-8) row by row makes; None where that is what has to be done."""
    if layout.quantity is None or layout.availability is not None or layout.columns == 1:
        return None
    found, others = _Rows(len(data), layout), Collected(layout)
    rows = irregular = 0
    for chunk in _chunks(data):
        lines = _lines(chunk, layout)
        if lines is None:
            return None
        regular = np.diff(lines.ends, prepend=-1) == layout.columns
        _mark_special(lines, layout, regular, headed=not rows)
        if not rows:
            begin, end = lines.line(0)
            if not regular[0] or not lines.bytes[begin:end].tobytes().strip(b" \r" + layout.delimiter.encode()):
                return None  # the header may be further down
            regular[0] = False
        found.add(_table(lines, layout, regular, rows))
        which = np.flatnonzero(~regular)[not rows :]
        irregular += len(which)
        if irregular * _MOST_IRREGULAR > rows + len(regular):
            return None
        if len(which):
            read = _rows(lines, which, layout)
            if read is None:
                return None
            others.add(which + rows + 1, read)
        rows += len(regular)
    return _merged(found.table(), others.table()) if irregular else found.table()


class _Rows:
    """Takes regular rows in order and holds their columns, in no more memory than they need."""

    def __init__(self, size: int, layout: Layout) -> None:
        """The rows that will be taken have no more than ``size`` bytes."""
        self._skus, self._names = TextStore(), TextStore()
        most = size // (layout.columns + 2)  # each has its separators, and at least a byte of SKU and quantity
        self._skus.reserve(size, most)
        self._names.reserve(size, 0 if layout.name is None else most)
        # Arrays that grow where they lie: parts that are put together at the end would be held twice.
        self._quantities, self._prices = array("i"), array("d")
        self._numbers: list[Numbers] = []

    def add(self, table: Table) -> None:
        """Takes the rows of a part."""
        self._skus.extend(Texts.of(table.skus))
        self._names.extend(Texts.of(table.names))
        self._quantities.frombytes(table.quantities.tobytes())
        self._numbers.append(_told_briefly(table.numbers))
        self._prices.extend(table.prices)

    def table(self) -> Table:
        """What was taken."""
        count = len(self._skus)
        return Table(
            skus=self._skus,
            states=np.full(count, LevelState.COUNTED, np.uint8),
            quantities=np.asarray(self._quantities, np.int32),
            names=self._names,
            prices=self._prices,
            numbers=_in_one(self._numbers),
            rows=count,
        )


def _told_briefly(numbers: Numbers) -> Numbers:
    """``numbers``, which ascend; as a range where none is left out, as nearly always."""
    if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1:
        return range(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers


def _in_one(parts: Sequence[Numbers]) -> Numbers:
    if all(isinstance(part, range) for part in parts) and all(
        one[-1] + 1 == other[0] for one, other in pairwise(parts)
    ):
        return range(parts[0][0], parts[-1][-1] + 1) if parts else range(0)
    return np.concatenate([np.asarray(part, np.int32) for part in parts])


def _chunks(data: bytes) -> Iterator[bytes]:
    """``data`` without its mark, in parts that end with a line."""
    begin = len(_MARK) if data.startswith(_MARK) else 0
    while begin < len(data):
        end = data.find(b"\n", begin + _CHUNK - 1) + 1 or len(data)
        yield data[begin:end]
        begin = end


def _lines(data: bytes, layout: Layout) -> _Lines | None:
    """None where a carriage return stands alone, or a line is very long: what a row is needs a closer look."""
    size = len(data)
    held = np.zeros(_MARGIN + size + 1 + PADDING, np.uint8)
    held[_MARGIN : _MARGIN + size] = np.frombuffer(data, np.uint8)
    if data[-1:] != b"\n":
        held[_MARGIN + size] = _LINE_END
        size += 1
    chunk = held[_MARGIN : _MARGIN + size]
    parts = (chunk == _LINE_END) | (chunk == ord(layout.delimiter))
    odd = (chunk - np.uint8(_SPACE)) >= _PRINTABLE - _SPACE
    odd |= chunk == _QUOTE
    odd &= ~parts
    places, found = (np.flatnonzero(which).astype(np.int32) + np.int32(_MARGIN) for which in (parts, odd))
    ends = np.flatnonzero(held[places] == _LINE_END).astype(np.int32)
    returns = found[held[found] == _RETURN]
    lengths = np.diff(places[ends], prepend=_MARGIN)
    if (held[returns + 1] != _LINE_END).any() or lengths.max() > _LONGEST_LINE:
        return None
    return _Lines(held, places, ends, found[held[found] != _RETURN])


def _mark_special(lines: _Lines, layout: Layout, regular: NDArray[np.bool_], *, headed: bool) -> None:
    """A quotation mark may part cells and rows otherwise; other bytes matter in SKU and name alone. Of the lines that
    are ``headed`` the first is the header, which has been read.
    """
    special = lines.special
    if not len(special):
        return
    cell = np.searchsorted(lines.separators, special)
    line = np.searchsorted(lines.ends, cell)
    column = cell - lines.starts()[line]
    matters = column == layout.sku
    if layout.name is not None:
        matters |= column == layout.name
    matters &= line >= headed
    matters |= lines.bytes[special] == _QUOTE
    regular[line[matters]] = False


def _table(lines: _Lines, layout: Layout, regular: NDArray[np.bool_], before: int) -> Table:
    """The regular rows; so many lines lie before these. Takes those out of ``regular`` whose cells are not what they
    should be.
    """
    which = np.flatnonzero(regular)
    first = lines.starts()[which]

    def cells(column: int) -> tuple[Positions, Positions]:
        ends = lines.separators[first + column]
        begins = lines.separators[first + (column - 1)] + np.int32(1) if column else lines.begins()[which]
        if column == layout.columns - 1:
            ends = ends - (lines.bytes[ends - 1] == _RETURN)
        return begins, ends

    assert layout.quantity is not None  # noqa: S101 - asked for by the caller
    quantities, good = _whole(lines.bytes, *cells(layout.quantity))
    skus = cells(layout.sku)
    good &= (skus[1] > skus[0]) & _trimmed(lines.bytes, *skus)
    names = None if layout.name is None else cells(layout.name)
    if names is not None:
        good &= (names[1] - names[0] <= _LONGEST_NAME) & _trimmed(lines.bytes, *names)
    prices = array("d") if layout.price is None else _prices(lines.bytes, *cells(layout.price), good)
    regular[which[~good]] = False
    everything = bool(good.all())

    def kept(column: NDArray[Any]) -> NDArray[Any]:
        return column if everything else column[good]

    return Table(
        skus=Texts(lines.bytes, kept(skus[0]), kept(skus[1])),
        quantities=kept(quantities),
        names=[] if names is None else Texts(lines.bytes, kept(names[0]), kept(names[1])),
        prices=prices,
        numbers=(kept(which) + before + 1).astype(np.int32),
        rows=int(good.sum()),
    )


def _trimmed(data: NDArray[np.uint8], begins: Positions, ends: Positions) -> NDArray[np.bool_]:
    """Whether cells neither begin nor end with a space; empty ones do not matter."""
    trimmed: NDArray[np.bool_] = (data[begins] != _SPACE) & (data[ends - 1] != _SPACE)
    trimmed |= begins == ends
    return trimmed


def _whole(data: NDArray[np.uint8], begins: Positions, ends: Positions) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Numbers of one to eight digits, and which cells hold one. Eight digits are read as one word, the first the
    lowest byte, and added up by pairs, by fours and by eights.
    """
    lengths = ends - begins
    own = _OWN[np.clip(lengths, 0, _DIGITS)]
    words = np.ndarray((len(data) - 7,), np.dtype("<u8"), data, strides=(1,))[ends - _DIGITS]
    words &= own
    words |= _ZEROS & ~own
    high = np.uint64(0xF0F0_F0F0_F0F0_F0F0)
    good = (words & high == _ZEROS) & ((words + np.uint64(0x0606_0606_0606_0606)) & high == _ZEROS)
    good &= (lengths > 0) & (lengths <= _DIGITS)
    words -= _ZEROS
    words = words * np.uint64(10) + (words >> np.uint64(8))
    low = np.uint64(0x0000_00FF_0000_00FF)
    words = (words & low) * np.uint64(100 + (1_000_000 << 32)) + (words >> np.uint64(16) & low) * np.uint64(
        1 + (10_000 << 32)
    )
    return (words >> np.uint64(32)).astype(np.int32), good


def _prices(data: NDArray[np.uint8], begins: Positions, ends: Positions, good: NDArray[np.bool_]) -> array[float]:
    """Each text that occurs is read once."""
    texts = Texts(data, begins[good], ends[good])
    first = first_places(texts)
    distinct = np.flatnonzero(first == np.arange(len(first)))
    amounts = np.empty(len(first))
    starts, stops = texts.spans(distinct)
    for place, start, stop in zip(distinct.tolist(), starts.tolist(), stops.tolist(), strict=True):
        amounts[place] = parse_price(data[start:stop].tobytes().decode("utf-8", "surrogateescape"))
    found = array("d")
    found.frombytes(amounts[first].tobytes())
    return found


def _rows(lines: _Lines, which: NDArray[np.intp], layout: Layout) -> list[Row] | None:
    """The cells of these lines, None where one of them is not a row of its own."""
    texts = []
    for number in which.tolist():
        begin, end = lines.line(number)
        texts.append(lines.bytes[begin : end + 1].tobytes().decode("utf-8", "surrogateescape"))
    try:
        rows = list(csv.reader([*texts, _END], delimiter=layout.delimiter))
    except csv.Error:
        return None
    return rows[:-1] if len(rows) == len(texts) + 1 and rows[-1] == [_END] else None


def _merged(one: Table, other: Table) -> Table:
    """The rows of both in the order of the source; all bad ones are the ``other``'s."""
    numbers = np.concatenate([one.numbers, other.numbers])
    order = np.argsort(numbers, kind="stable")
    other.skus = joined(Texts.of(one.skus), Texts.of(other.skus)).take(order)
    other.names = joined(Texts.of(one.names), Texts.of(other.names)).take(order) if len(one.names) else other.names
    prices = np.concatenate([np.asarray(one.prices), np.asarray(other.prices)])
    other.prices = array("d", prices[order].tobytes()) if len(prices) else other.prices
    other.states = np.concatenate([one.states, other.states])[order]
    other.quantities = np.concatenate([one.quantities, other.quantities])[order]
    other.numbers = numbers[order].astype(np.int32, copy=False)
    other.rows += one.rows
    return other
