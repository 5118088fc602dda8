"""What a reading becomes: only what is whole and beyond doubt may change a level, the rest is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.board import Board
from stockdrift.stock.column import Column
from stockdrift.stock.entries import Changes, Naming, Poll
from stockdrift.stock.expect import Rows
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.packed_levels import PackedLevels
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rows import set_rows
from stockdrift.stock.rules import WHOLE
from stockdrift.stock.texts import BLOCK, Texts, empty

_DENSE: Final = 16
_NOWHERE: Final = -1


def admit(reading: Reading, board: Board, *, next_at: int | None = None) -> Poll:
    """The poll that ``reading`` amounts to, given what ``board`` knows. Changes nothing.

    A complete reading without rows, or with far fewer than the last complete one, is partial. A SKU named twice, a bad
    row, and a SKU that is missing for the first time are unknown. ``changes`` holds only what differs from the board.
    Raises KeyError where the rules know no such surface.
    """
    index = board.column_of(reading.surface)
    if index is None:
        raise KeyError(reading.surface)
    column = board.columns[index]
    rows, new_skus = board.catalogue.rows_with_new(Texts.of(reading.skus))
    rows, first, again = _mentions(rows, board.size + len(new_skus))
    doubt = _doubt(reading, column, len(rows), board.size)
    if reading.outcome is not Outcome.COMPLETE or doubt:
        outcome = Outcome.PARTIAL if reading.outcome is Outcome.COMPLETE else reading.outcome
        return _poll(reading, outcome, reading.reason or doubt, listed=len(rows), next_at=next_at)

    states, quantities, reasons = _levels(reading, first, again)
    parts = None if reading.parts is None else reading.parts[first]
    naming = _naming(reading, board, rows, first) if reading.surface == MASTER else Naming()
    del first
    gone = _gone(column, rows, board.size) if reading.covers is Covers.ALL else np.empty(0, np.int32)
    changes = _changes(board, column, rows, states, quantities, reasons, parts, gone, reading.nameless)
    return _poll(
        reading,
        Outcome.COMPLETE,
        "",
        listed=len(rows) if reading.covers is Covers.ALL else column.listed,
        next_at=next_at,
        new_skus=new_skus,
        changes=changes,
        naming=naming,
    )


def _poll(
    reading: Reading,
    outcome: Outcome,
    reason: str,
    *,
    listed: int,
    next_at: int | None,
    new_skus: Sequence[str] = (),
    changes: Changes | None = None,
    naming: Naming | None = None,
) -> Poll:
    return Poll(
        surface=reading.surface,
        outcome=outcome,
        covers=reading.covers,
        started_at=reading.started_at,
        read_at=reading.read_at,
        reason=reason,
        as_of=reading.as_of,
        listed=listed,
        new_skus=new_skus,
        changes=changes or Changes(),
        naming=naming or Naming(),
        bad_rows=reading.bad_rows,
        bad_count=reading.bad_count,
        nameless=reading.nameless,
        traffic=reading.traffic,
        next_at=next_at,
    )


def _doubt(reading: Reading, column: Column, listed: int, size: int) -> str:
    """Why a reading that calls itself complete is not believed; empty where it is."""
    if reading.covers is not Covers.ALL:
        return "" if column.whole else "only changes were read, on top of no whole reading"
    if not listed:
        return "no rows"
    if column.listed and listed * WHOLE < column.listed * (WHOLE - column.rules.max_shrink):
        fewer = 100 - listed * 100 // column.listed
        return f"{listed:,} rows, {fewer} % fewer than the {column.listed:,} of the last complete read"
    if _lost_its_numbers(reading.states, column.levels, size):
        return "in stock or out is all that it says, and the last complete read stated quantities"
    return ""


def _lost_its_numbers(now: NDArray[np.uint8], before: PackedLevels, size: int) -> bool:
    """Whether a surface that stated quantities alone says no more than in or out: "in" agrees with any of them."""
    if LevelState.IN not in now or LevelState.COUNTED in now:
        return False
    before_said = before.states[:size]
    return LevelState.COUNTED in before_said and LevelState.IN not in before_said


def _mentions(rows: NDArray[np.int32], size: int) -> tuple[NDArray[np.int32], Rows, NDArray[np.intp]]:
    """The rows that are mentioned, ascending; the place where each is mentioned first; and where in these two those are
    that are mentioned again.

    ``rows`` lie below ``size``. A long reading is entered into a column of that length: that is faster than sorting.
    One that is in order already is left as it is: of a million rows nothing is held twice.
    """
    if (rows[1:] > rows[:-1]).all():
        return rows, slice(0, len(rows)), np.empty(0, np.intp)
    if len(rows) * _DENSE < size:
        found, first, times = np.unique(rows, return_index=True, return_counts=True)
        return found, first.astype(np.int32), np.flatnonzero(times > 1)
    numbers = np.arange(len(rows), dtype=np.int32)
    places = np.full(size, _NOWHERE, np.int32)
    places[rows[::-1]] = numbers[::-1]  # of several the last written stays: the first mention
    blocks = (slice(begin, begin + BLOCK) for begin in range(0, len(rows), BLOCK))
    repeated = [rows[block][places[rows[block]] != numbers[block]] for block in blocks]
    del numbers
    found = set_rows(places != _NOWHERE)
    return found, places[found], np.searchsorted(found, np.unique(np.concatenate([rows[:0], *repeated])))


def _levels(
    reading: Reading, first: Rows, again: NDArray[np.intp]
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
    """One level for each SKU: states, quantities, reasons. They may be the reading's own: nobody writes into them."""
    states, quantities = reading.states[first], reading.quantities[first]
    reasons = np.where(states == LevelState.UNKNOWN, np.uint8(UnknownReason.BAD_ROW), np.uint8(UnknownReason.NONE))
    if len(again):
        states = states.copy()
        states[again] = LevelState.UNKNOWN
        reasons[again] = UnknownReason.DUPLICATE
    others = states != LevelState.COUNTED
    return states, np.where(others, np.int32(0), quantities) if others.any() else quantities, reasons


def _gone(column: Column, rows: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Rows that the surface listed, lost only once, or was not asked for yet, and does not speak of now."""
    expected = ~column.levels.are(LevelState.UNLISTED, slice(0, size))
    expected[rows[rows < size]] = False
    return set_rows(expected)


def _changes(
    board: Board,
    column: Column,
    rows: NDArray[np.int32],
    states: NDArray[np.uint8],
    quantities: NDArray[np.int32],
    reasons: NDArray[np.uint8],
    parts: NDArray[np.int32] | None,
    gone: NDArray[np.int32],
    nameless: int,
) -> Changes:
    kept = int(np.searchsorted(rows, board.size))  # rows ascend, so new ones stand at the end
    old = rows[:kept]
    different = np.ones(len(rows), np.bool_)
    different[:kept] = column.levels.differ(old, PackedLevels.of(states[:kept], quantities[:kept]))
    different[:kept] |= column.reasons[old] != reasons[:kept]
    if parts is not None:
        known = board.parts
        different |= np.fromiter(
            (known.get(row) != tuple(part) for row, part in zip(rows.tolist(), parts.tolist(), strict=True)),
            np.bool_,
            len(rows),
        )
    if not len(gone):
        which = slice(None) if different.all() else different  # a first reading is not copied
        return Changes(
            rows[which],
            states[which],
            quantities[which],
            reasons[which],
            None if parts is None else parts[which],
        )
    gone_states, gone_reasons = _missing(column, gone, nameless)
    turned = column.reasons[gone] != gone_reasons
    gone, gone_states, gone_reasons = gone[turned], gone_states[turned], gone_reasons[turned]
    all_rows = np.concatenate([rows[different], gone])
    order = np.argsort(all_rows)
    all_parts = None
    if parts is not None:
        all_parts = np.concatenate([parts[different], np.zeros((len(gone), 4), np.int32)])[order]
    return Changes(
        all_rows[order],
        np.concatenate([states[different], gone_states])[order],
        np.concatenate([quantities[different], np.zeros(len(gone), np.int32)])[order],
        np.concatenate([reasons[different], gone_reasons])[order],
        all_parts,
    )


def _missing(column: Column, gone: NDArray[np.int32], nameless: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """States and reasons of the rows that are missing: once is unknown, twice is unlisted, and so is what was never
    listed. But where more rows than before name no SKU, one of them may be that of what is missing: that stays unknown
    until it is back, or until there are no more of them than before.
    """
    before = column.reasons[gone]
    sure = (before == UnknownReason.VANISHED) | (before == UnknownReason.NOT_READ)
    if column.named is None or nameless <= column.named:
        sure |= before == UnknownReason.NAMELESS
    doubtful = (before == UnknownReason.NAMELESS) | (column.nameless is not None and nameless > column.nameless)
    reasons = np.where(doubtful, UnknownReason.NAMELESS, UnknownReason.VANISHED)
    reasons[sure] = UnknownReason.NONE
    return np.where(sure, LevelState.UNLISTED, LevelState.UNKNOWN).astype(np.uint8), reasons.astype(np.uint8)


def _naming(reading: Reading, board: Board, rows: NDArray[np.int32], places: Rows) -> Naming:
    """Names and prices that differ from what the catalogue holds."""
    if not len(reading.names) and not len(reading.prices):
        return Naming()
    catalogue = board.catalogue
    names = Texts.of(reading.names) if len(reading.names) else empty(len(rows))
    if len(reading.names) and not isinstance(places, slice):
        names = names.take(places)
    prices = np.asarray(reading.prices, np.float64)[places] if len(reading.prices) else np.full(len(rows), np.nan)
    kept = int(np.searchsorted(rows, len(catalogue)))  # rows ascend, so new ones stand at the end
    old = rows[:kept]
    different = (names.lengths() > 0) | ~np.isnan(prices)
    different[:kept] = ~names.same(np.arange(kept), catalogue.names, old)
    had = catalogue.prices[old]
    different[:kept] |= (prices[:kept] != had) & ~(np.isnan(prices[:kept]) & np.isnan(had))
    return Naming(rows[different], names.take(np.flatnonzero(different)), prices[different])
