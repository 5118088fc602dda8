"""Which rows the grid lists, and in which order. A million rows are ordered by their numbers, not by their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.column import Column
from stockdrift.stock.exposure import at_risk, minutes_to_oversell
from stockdrift.stock.filter import parse
from stockdrift.stock.gauge import left_out
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.texts import Texts

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

ORDERS: Final = ("danger", "sku", "name", "master", "deviation", "phase", "since", "out-in", "risk")
"""Besides these there is ``surface:NAME``: by how far off that surface is."""

Rows = NDArray[np.int32]
_FEW: Final = 20_000  # so many texts are sorted faster than all are ranked


def order(monitor: Known, *, everything: bool, text: str, by: str, reverse: bool, snoozed: bool = False) -> Rows:
    """Rows that match the filter ``text``, sorted by one of :data:`ORDERS` or ``surface:NAME``, ties by SKU. Raises
    ValueError for another order, FilterError for a filter that means nothing. One that asks for the unknown, or the
    ignored, finds those that do not drift too.

    What is snoozed rests: it is listed with everything, by a filter, and where ``snoozed`` asks for it.

    ``danger``: OVERSELL, then OVER by minutes to oversell and deviation, UNDER by deviation, orphans, then the rest.
    What only drifting SKUs have (a deviation, a risk …) puts the others behind them, by SKU.
    """
    board = monitor.board
    wanted = parse(text, monitor.surface_names())
    if everything:
        absent = board.standings[: board.size] == Standing.ABSENT
        rows = np.flatnonzero(~absent).astype(np.int32) if absent.any() else np.arange(board.size, dtype=np.int32)
    else:
        least = Standing.UNKNOWN if wanted.asks_for_unknown else Standing.ORPHAN
        rows = board.rows_where(least, Standing.OVERSELL)
        if wanted.asks_for_ignored:
            rows = np.union1d(rows, left_out(board)).astype(np.int32)
        if not wanted.terms and not snoozed:
            rows = np.setdiff1d(rows, monitor.covered(RemarkKind.SNOOZE), assume_unique=True)
    rows = wanted.select(monitor, rows)
    found = _sorted(monitor, rows, by)
    return found[::-1] if reverse else found


class Ranks:
    """All rows by SKU, and the places of all names among their like: made when first asked for, kept until there are
    more of them. Texts are compared by code points, names case aside.
    """

    def __init__(self) -> None:
        self._by_sku: Rows = np.empty(0, np.int32)
        self._names: Rows = np.empty(0, np.int32)
        self._named = -1

    def covers(self, size: int) -> bool:
        """Whether all ``size`` rows are in order already."""
        return len(self._by_sku) == size

    def of_first(self, count: int) -> Ranks:
        """Those of the first ``count`` rows alone, as far as all are in order already."""
        found = Ranks()
        if len(self._by_sku) >= count:
            found._by_sku = self._by_sku[self._by_sku < count]
        return found

    def by_sku(self, skus: Sequence[str]) -> Rows:
        """All rows, sorted by ``skus``, which are theirs."""
        if len(self._by_sku) != len(skus):
            self._by_sku = Texts.of(skus).order().astype(np.int32)
            self._by_sku.flags.writeable = False
        return self._by_sku

    def of_names(self, names: Sequence[str], version: int) -> Rows:
        """Rank of each of ``names``, equal ones alike; ``version`` grows when a name changes or comes."""
        if self._named != version:
            self._names = np.unique(_sortable([name.casefold() for name in names]), return_inverse=True)[1].astype(
                np.int32
            )
            self._named = version
        return self._names


def _sortable(texts: Sequence[str]) -> NDArray[np.bytes_]:
    return np.array([text.encode("utf-8", "surrogatepass") for text in texts], dtype=np.bytes_)


def _sorted(monitor: Known, rows: Rows, by: str) -> Rows:
    board, catalogue = monitor.board, monitor.board.catalogue
    rows = _by_sku(monitor, rows)
    match by:
        case "sku":
            return rows
        case "name":
            return _by_number(rows, monitor.ranks.of_names(catalogue.names, catalogue.named)[rows])
        case "master":
            return _by_number(rows, board.atp[rows])
    standings = (board.standings if by in ORDERS else _column(monitor, by).codes).take(rows)
    drifting = (standings >= Standing.ORPHAN) & (standings <= Standing.OVERSELL)
    unknown = standings == Standing.UNKNOWN
    leading = rows[np.flatnonzero(drifting)]  # few of many: sooner taken by place
    leading = leading[np.lexsort(_keys(monitor, leading, by))]
    return np.concatenate([leading, rows[np.flatnonzero(unknown)], rows[~(drifting | unknown)]])


def _by_sku(monitor: Known, rows: Rows) -> Rows:
    skus = monitor.board.catalogue.skus
    if len(rows) <= _FEW and not monitor.ranks.covers(len(skus)):
        return np.asarray(rows[skus.take(rows).order()])
    everyone = monitor.ranks.by_sku(skus)
    if len(rows) == len(everyone):
        return everyone
    wanted = np.zeros(len(everyone), np.bool_)
    wanted[rows] = True
    return np.asarray(everyone[wanted[everyone]])


def _by_number(rows: Rows, numbers: Rows) -> Rows:
    """``rows`` by one number each, those alike as they stand. Number and place as one integer: that sorts fast."""
    keys = (numbers.astype(np.int64) << 32) | np.arange(len(rows))
    return np.asarray(rows[np.argsort(keys)])


def _keys(monitor: Known, rows: Rows, by: str) -> list[NDArray[np.int64] | NDArray[np.float64]]:
    """What the drifting are sorted by, the weightiest last; the smaller comes first."""
    board = monitor.board
    match by:
        case "danger":
            worst = -board.standings[rows].astype(np.int64)
            return [-_size(monitor, rows), minutes_to_oversell(monitor, rows), worst]
        case "deviation":
            return [-_size(monitor, rows)]
        case "phase":
            return [_since(monitor, rows), -monitor.row_phases()[rows].astype(np.int64)]
        case "since":
            return [_since(monitor, rows)]
        case "out-in":
            return [minutes_to_oversell(monitor, rows)]
        case "risk":
            return [-np.nan_to_num(at_risk(monitor, rows), nan=-1.0)]
        case _:
            column = _column(monitor, by)
            return [-np.abs(_off(column, board.atp[rows], rows)), -column.codes[rows].astype(np.int64)]


def _column(monitor: Known, by: str) -> Column:
    kind, _, name = by.partition(":")
    for column in monitor.board.surfaces:
        if kind == "surface" and column.rules.name == name:
            return column
    raise ValueError(f"no such order: {by!r}")


def _size(monitor: Known, rows: Rows) -> NDArray[np.int64]:
    """Largest deviation in size over the levels that make the SKU's severity."""
    board = monitor.board
    size = np.zeros(len(rows), np.int64)
    standings = board.standings[rows]
    for column in board.surfaces:
        places = np.flatnonzero(column.codes[rows] == standings)
        size[places] = np.maximum(size[places], np.abs(_off(column, board.atp[rows[places]], rows[places])))
    return size


def _off(column: Column, atp: Rows, rows: Rows) -> NDArray[np.int64]:
    """Deviations of ``rows``, which may stand in any order, from their ``atp``; 0 where a level is no quantity, and of
    an orphan, which should show nothing that anybody knows.
    """
    expected = column.yardstick.expected(atp, rows)
    quantities = np.maximum(column.quantities[rows], 0).astype(np.int64)
    measured = (column.states[rows] == LevelState.COUNTED) & (column.codes[rows] != Code.ORPHAN)
    return np.where(measured, quantities - expected, 0)


def _since(monitor: Known, rows: Rows) -> NDArray[np.int64]:
    """Ordinal of the poll that opened the oldest episode still drifting."""
    oldest = np.full(len(rows), np.iinfo(np.int64).max)
    for column in monitor.board.surfaces:
        since = column.since[rows].astype(np.int64)
        oldest = np.where(since > 0, np.minimum(oldest, since), oldest)
    return oldest
