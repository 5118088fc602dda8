"""The columns of a table as they are collected, a batch of rows at a time."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState, parse_quantity
from stockdrift.stock.reading import BadRow
from stockdrift.stock.text import clean, clean_sku
from stockdrift.surfaces.cells import parse_availability, parse_price
from stockdrift.surfaces.header import Layout

SHOWN: Final = 100
"""Bad rows kept in full; all are counted."""

_OUTRANKING: Final = (LevelState.PREORDER, LevelState.BACKORDER, LevelState.DISABLED)
"""Availability words that say what a level is, whatever quantity stands beside them."""

_NO_WORD: Final = -1

_SAID: Final = 60  # characters of a bad cell that are kept
_NOT_TEXT: Final = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8, as surrogateescape leaves them

Row = list[str]


Numbers = NDArray[np.int32] | range
"""Numbers of rows, ascending."""


class Table(Struct):
    """The columns of a table, as :class:`~stockdrift.stock.reading.Reading` wants them.

    ``numbers`` holds the row of the source that each item came from. ``rows`` counts rows below the header, bad ones
    included, blank ones not. ``ended`` is false where the last row has no end of line.
    """

    skus: Sequence[str] = ()
    states: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    quantities: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    parts: NDArray[np.int32] | None = None
    names: Sequence[str] = ()
    prices: array[float] = field(default_factory=lambda: array("d"))
    numbers: Numbers = range(0)
    bad_rows: list[BadRow] = field(default_factory=list)
    bad_count: int = 0
    nameless: int = 0
    rows: int = 0
    ended: bool = True

    def bad(self, row: int, sku: str, said: str) -> None:
        """Counts a row that states no level. ``said`` is what stood there, as it came."""
        self.bad_count += 1
        self.nameless += not sku
        if len(self.bad_rows) < SHOWN:
            said = clean(said)
            self.bad_rows.append(BadRow(row, sku, said if len(said) <= _SAID else said[: _SAID - 1] + "…"))


class _Levels(Struct):
    """The levels of a batch. ``said`` tells what stood where a bad one should have been."""

    states: NDArray[np.uint8]
    quantities: NDArray[np.int64]
    bad: NDArray[np.bool_]
    said: Callable[[int], str]
    parts: NDArray[np.int64] | None = None


class Collected:
    """Takes rows in order and holds their columns."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._table = Table()
        self._skus: list[str] = []
        self._names: list[str] = []
        self._states: list[NDArray[np.uint8]] = []
        self._quantities: list[NDArray[np.int32]] = []
        self._parts: list[NDArray[np.int32]] = []
        self._numbers: list[NDArray[np.int32]] = []

    def add(self, numbers: NDArray[np.int64], rows: Sequence[Row]) -> None:
        """Takes the rows of the source with these numbers, which ascend."""
        layout, table = self._layout, self._table
        odd: list[int] = []
        if rows and max(map(len, rows)) > layout.columns:
            # A separator within a name that nobody quoted: whatever stands behind it stands in a wrong column.
            odd += (
                number
                for number, row in zip(numbers.tolist(), rows, strict=True)
                if any(map(str.strip, row[layout.columns :]))
            )
        short: list[int] = []
        if rows and min(map(len, rows)) < layout.width:
            short = [number for number, row in zip(numbers.tolist(), rows, strict=True) if len(row) < layout.needed]
            rows = [row + [""] * (layout.width - len(row)) for row in rows]
        skus = list(map(clean_sku, map(itemgetter(layout.sku), rows)))
        bad: list[tuple[int, str, str]] = []
        if "" in skus or "\\udc" in "".join(skus):  # as clean_sku spells a byte that is no UTF-8
            rows, numbers, skus = self._named(rows, numbers, skus, bad)
        levels = self._levels(rows, np.isin(numbers, short) if short else None)
        if odd:
            levels.bad |= np.isin(numbers, odd)
            table.nameless += len(odd) if layout.sku else 0  # what stands where the SKU should may be part of a name
        bad += ((int(numbers[place]), skus[place], levels.said(place)) for place in np.flatnonzero(levels.bad).tolist())
        for number, sku, said in sorted(bad):
            table.bad(number, sku, said)
        levels.states[levels.bad] = LevelState.UNKNOWN
        levels.quantities[levels.states != LevelState.COUNTED] = 0
        table.rows += len(rows)
        self._skus += skus
        self._states.append(levels.states)
        self._quantities.append(levels.quantities.astype(np.int32))
        self._numbers.append(numbers.astype(np.int32))
        if levels.parts is not None:
            levels.parts[:, levels.bad] = 0
            self._parts.append(levels.parts.astype(np.int32))
        if layout.name is not None:
            self._names += map(clean, map(itemgetter(layout.name), rows))
        if layout.price is not None:
            table.prices.extend(map(parse_price, map(itemgetter(layout.price), rows)))

    def table(self) -> Table:
        """What was collected."""
        table = self._table
        table.skus, table.names = self._skus, self._names
        if self._states:
            table.states = np.concatenate(self._states)
            table.quantities = np.concatenate(self._quantities)
            table.numbers = np.concatenate(self._numbers)
        if self._parts:
            table.parts = np.concatenate(self._parts, axis=1)
        return table

    def _named(
        self, rows: Sequence[Row], numbers: NDArray[np.int64], skus: list[str], bad: list[tuple[int, str, str]]
    ) -> tuple[list[Row], NDArray[np.int64], list[str]]:
        """Without the rows that name no SKU: those are bad, unless they are blank."""
        kept: list[int] = []
        for place, (row, sku) in enumerate(zip(rows, skus, strict=True)):
            if sku and not _NOT_TEXT.search(row[self._layout.sku]):
                kept.append(place)
            elif any(map(str.strip, row)):
                self._table.rows += 1
                bad.append((int(numbers[place]), sku, " ".join(filter(None, map(str.strip, row)))))
        return [rows[place] for place in kept], numbers[kept], [skus[place] for place in kept]

    def _levels(self, rows: Sequence[Row], short: NDArray[np.bool_] | None) -> _Levels:
        layout = self._layout
        if layout.parts is not None:
            levels = _of_parts(rows, layout.parts)
        elif layout.quantity is not None:
            levels = _of_quantity(rows, layout.quantity)
        else:
            levels = _nothing(rows)
        if layout.availability is not None:
            _fill_in(levels, rows, layout.availability, layout.quantity, short)
            if layout.quantity is not None:
                _hold_against(levels, rows, layout.availability, layout.quantity)
        return levels


def _of_quantity(rows: Sequence[Row], place: int) -> _Levels:
    values, bad = _whole(list(map(itemgetter(place), rows)))
    return _Levels(_counted(rows), values, bad, lambda row: rows[row][place])


def _of_parts(rows: Sequence[Row], places: Sequence[int | None]) -> _Levels:
    """ATP = on hand − committed − reserved − damaged; a part without a column is 0, an empty cell is not."""
    stated = [place for place in places if place is not None]
    parts = np.zeros((len(places), len(rows)), np.int64)
    bad = np.zeros(len(rows), np.bool_)
    for part, place in enumerate(places):
        if place is not None:
            parts[part], not_whole = _whole(list(map(itemgetter(place), rows)))
            bad |= not_whole
    atp = parts[0] - parts[1:].sum(axis=0)
    bad |= _outside(atp)

    def said(row: int) -> str:
        return " ".join(rows[row][place].strip() or "(empty)" for place in stated)

    return _Levels(_counted(rows), atp, bad, said, parts)


def _nothing(rows: Sequence[Row]) -> _Levels:
    return _Levels(_counted(rows), np.zeros(len(rows), np.int64), np.ones(len(rows), np.bool_), lambda row: "")


def _fill_in(
    levels: _Levels, rows: Sequence[Row], place: int, quantity: int | None, short: NDArray[np.bool_] | None
) -> None:
    """The availability word stands where there is no quantity column; where there is one and its cell is empty, only a
    word that needs no number: a pre-order, a backorder, out of the range.
    """
    cell_of = levels.said
    for row in np.flatnonzero(levels.bad).tolist():
        if quantity is not None and (rows[row][quantity].strip() or (short is not None and short[row])):
            continue
        state = parse_availability(rows[row][place])
        # "In stock" says how many no more than an empty cell does: an export that lost its numbers agrees with nothing.
        if state is not None and (quantity is None or state not in (LevelState.IN, LevelState.OUT)):
            levels.states[row] = state
            levels.bad[row] = False
    levels.said = lambda row: (cell_of(row) if quantity is not None else "") or rows[row][place]


def _hold_against(levels: _Levels, rows: Sequence[Row], place: int, quantity: int) -> None:
    """A row that states a quantity and an availability must not contradict itself: which of the two the shop sells by
    is its own affair. A pre-order, a backorder and what is out of the range are what their word says.
    """
    words = list(map(itemgetter(place), rows))
    codes = {word: code for code, word in enumerate(set(words))}
    meanings = np.array([_meaning(word) for word in codes], np.int16)
    meant = meanings[np.fromiter(map(codes.__getitem__, words), np.intp, len(words))]
    counted = ~levels.bad & (levels.states == LevelState.COUNTED)
    outranked = counted & np.isin(meant, _OUTRANKING)
    levels.states[outranked] = meant[outranked]
    sells = levels.quantities > 0
    contrary = ((meant == LevelState.IN) & ~sells) | ((meant == LevelState.OUT) & sells)
    unclear = counted & (contrary | (meant == _NO_WORD))
    levels.bad |= unclear
    alone = levels.said
    levels.said = lambda row: f"{rows[row][quantity].strip()} {words[row]}" if unclear[row] else alone(row)


def _meaning(word: str) -> int:
    """A state, ``UNKNOWN`` for an empty cell, ``_NO_WORD`` for a word that is none of a feed: it may well say that the
    thing does not sell.
    """
    state = parse_availability(word)
    return state if state is not None else _NO_WORD if word.strip() else LevelState.UNKNOWN


def _whole(cells: list[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The quantities that cells state, and which state none."""
    together = "".join(cells)
    if together.isascii() and "_" not in together:
        try:
            # Here int takes what parse_quantity takes, for the same value; a batch of plain integers needs no more.
            values = np.fromiter(map(int, cells), np.int64, len(cells))
        except (ValueError, OverflowError):
            pass
        else:
            return values, _outside(values)
    parsed = list(map(parse_quantity, cells))
    values = np.fromiter((value or 0 for value in parsed), np.int64, len(cells))
    return values, np.fromiter((value is None for value in parsed), np.bool_, len(cells))


def _outside(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (values < QUANTITY_MIN) | (values > QUANTITY_MAX)


def _counted(rows: Sequence[Row]) -> NDArray[np.uint8]:
    return np.full(len(rows), LevelState.COUNTED, np.uint8)
