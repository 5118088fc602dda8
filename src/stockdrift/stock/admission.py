"""What a reading becomes: only what is whole and beyond doubt may change a level, the rest is unknown."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.board import Board, Column
from stockdrift.stock.entries import Changes, Naming, Poll
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import WHOLE


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
    listed = len(set(reading.skus))
    doubt = _doubt(reading, column, listed)
    if reading.outcome is not Outcome.COMPLETE or doubt:
        outcome = Outcome.PARTIAL if reading.outcome is Outcome.COMPLETE else reading.outcome
        return _poll(reading, outcome, reading.reason or doubt, listed=listed, next_at=next_at)

    rows, new_skus = _rows(reading, board)
    first, states, quantities, reasons = _levels(reading, rows)
    rows = rows[first]
    order = np.argsort(rows)
    rows, states, quantities, reasons = rows[order], states[order], quantities[order], reasons[order]
    parts = None if reading.parts is None else reading.parts[first][order]
    gone = _gone(column, rows, board.size) if reading.covers is Covers.ALL else np.empty(0, np.int32)
    changes = _changes(board, column, rows, states, quantities, reasons, parts, gone)
    naming = _naming(reading, board, rows, first[order]) if reading.surface == MASTER else Naming()
    return _poll(
        reading,
        Outcome.COMPLETE,
        "",
        listed=listed if reading.covers is Covers.ALL else column.listed,
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
    new_skus: list[str] | None = None,
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
        new_skus=new_skus or (),
        changes=changes or Changes(),
        naming=naming or Naming(),
        bad_rows=reading.bad_rows,
        bad_count=reading.bad_count,
        traffic=reading.traffic,
        next_at=next_at,
    )


def _doubt(reading: Reading, column: Column, listed: int) -> str:
    """Why a reading that calls itself complete is not believed; empty where it is."""
    if reading.covers is not Covers.ALL:
        return "" if column.whole else "only changes were read, on top of no whole reading"
    if not listed:
        return "no rows"
    if column.listed and listed * WHOLE < column.listed * (WHOLE - column.rules.max_shrink):
        fewer = 100 - listed * 100 // column.listed
        return f"{listed:,} rows, {fewer} % fewer than the {column.listed:,} of the last complete read"
    return ""


def _rows(reading: Reading, board: Board) -> tuple[NDArray[np.int32], list[str]]:
    """Rows of the reading's SKUs; those not seen before get the next free ones, as they come."""
    rows = board.catalogue.rows_of(reading.skus)
    new: dict[str, int] = {}
    for place in np.flatnonzero(rows < 0).tolist():
        rows[place] = new.setdefault(reading.skus[place], board.size + len(new))
    return rows, list(new)


def _levels(
    reading: Reading, rows: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
    """One level for each SKU: places of first mention, states, quantities, reasons."""
    _, first, times = np.unique(rows, return_index=True, return_counts=True)
    states, quantities = reading.states[first].copy(), reading.quantities[first].copy()
    reasons = np.where(states == LevelState.UNKNOWN, UnknownReason.BAD_ROW, UnknownReason.NONE).astype(np.uint8)
    twice = times > 1
    states[twice] = LevelState.UNKNOWN
    reasons[twice] = UnknownReason.DUPLICATE
    quantities[states != LevelState.COUNTED] = 0
    return first, states, quantities, reasons


def _gone(column: Column, rows: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Rows that the surface listed, or lost only once, and does not speak of now."""
    expected = (column.states[:size] != LevelState.UNLISTED) & (column.reasons[:size] != UnknownReason.NOT_READ)
    expected[rows[rows < size]] = False
    return np.flatnonzero(expected).astype(np.int32)


def _changes(
    board: Board,
    column: Column,
    rows: NDArray[np.int32],
    states: NDArray[np.uint8],
    quantities: NDArray[np.int32],
    reasons: NDArray[np.uint8],
    parts: NDArray[np.int32] | None,
    gone: NDArray[np.int32],
) -> Changes:
    old = rows[rows < board.size]
    kept = len(old)  # rows ascend, so new ones stand at the end
    different = np.ones(len(rows), np.bool_)
    different[:kept] = (
        (column.states[old] != states[:kept])
        | (column.quantities[old] != quantities[:kept])
        | (column.reasons[old] != reasons[:kept])
    )
    if parts is not None:
        known = board.parts
        different |= np.fromiter(
            (known.get(row) != tuple(part) for row, part in zip(rows.tolist(), parts.tolist(), strict=True)),
            np.bool_,
            len(rows),
        )
    # Once missing is unknown, twice missing is unlisted.
    confirmed = column.reasons[gone] == UnknownReason.VANISHED
    gone_states = np.where(confirmed, LevelState.UNLISTED, LevelState.UNKNOWN).astype(np.uint8)
    gone_reasons = np.where(confirmed, UnknownReason.NONE, UnknownReason.VANISHED).astype(np.uint8)
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


def _naming(reading: Reading, board: Board, rows: NDArray[np.int32], places: NDArray[np.intp]) -> Naming:
    """Names and prices that differ from what the catalogue holds."""
    if not reading.names and not reading.prices:
        return Naming()
    catalogue = board.catalogue
    found: list[tuple[int, str, float]] = []
    for row, place in zip(rows.tolist(), places.tolist(), strict=True):
        name = reading.names[place] if reading.names else ""
        price = reading.prices[place] if reading.prices else math.nan
        had_name = catalogue.names[row] if row < len(catalogue) else ""
        had_price = catalogue.prices[row] if row < len(catalogue) else math.nan
        if name != had_name or (price != had_price and not (math.isnan(price) and math.isnan(had_price))):
            found.append((row, name, price))
    return Naming(
        np.array([row for row, _, _ in found], np.int32),
        [name for _, name, _ in found],
        np.array([price for _, _, price in found], np.float64),
    )
