"""Drift that somebody has acknowledged or snoozed: still drift, still counted, and told apart.

Such a remark means the drift that was there when it was made: what has become graver since it does not cover, so that
it comes back to the top by itself. That of a whole surface covers no oversell, for nobody has looked at each SKU. An
acknowledgement covers no drift that began after it; a snooze does, until its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.judge import Code
from stockdrift.stock.remarks import RemarkKind, Told
from stockdrift.stock.rows import among, distinct
from stockdrift.stock.rules import Scope

if TYPE_CHECKING:
    from stockdrift.stock.column import Column
    from stockdrift.stock.known import Known

_NO_ROWS: Final = np.empty(0, np.int32)


def covered(monitor: Known, kind: RemarkKind) -> NDArray[np.int32]:
    """Rows, ascending, that drift (or are orphans) and whose every such level is covered by a remark of ``kind``."""
    board = monitor.board
    standing = list(monitor.said.remarks.standing(board.now, kind))
    if not standing:
        return _NO_ROWS
    rows = _candidates(monitor, [told.scope for told in standing])
    meant = _Meant(monitor, rows, standing, kind)
    whole, some = np.ones(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    for column in board.surfaces:
        if column.rules.active:
            drifts = column.codes[rows] >= Code.ORPHAN
            whole &= ~drifts | meant.on(column)
            some |= drifts
    return rows[whole & some]


def covering(monitor: Known, kind: RemarkKind, index: int, row: int) -> Told | None:
    """The remark of ``kind`` that covers the drift of one level, the most specific first; None where none does."""
    board = monitor.board
    column, sku = board.columns[index], board.catalogue.skus[row]
    if column.codes[row] < Code.ORPHAN:
        return None
    for scope in (Scope(column.rules.name, sku), Scope("", sku), Scope(column.rules.name)):
        remark = monitor.said.remarks.of(kind, scope, board.now)
        if remark is not None:
            told = Told(kind, scope, remark)
            if _Meant(monitor, np.array([row], np.int32), [told], kind).on(column)[0]:
                return told
    return None


def gravity(monitor: Known, scope: Scope) -> str:
    """How grave the drift is of which a remark of ``scope`` speaks now, as a word; empty where nothing drifts, and of
    a whole surface.
    """
    code = _standing_of(monitor, scope)
    return Code(code).name.lower() if Code.ORPHAN <= code <= Code.OVERSELL else ""


def is_unknown(monitor: Known, scope: Scope) -> bool:
    """Whether nobody knows now whether what ``scope`` means drifts."""
    return _standing_of(monitor, scope) == Code.UNKNOWN


def _standing_of(monitor: Known, scope: Scope) -> int:
    """The code of a level, or the standing of a SKU: the first of both mean the same. Not compared of anything else."""
    board = monitor.board
    row = board.catalogue.row_of(scope.sku) if scope.sku else None
    index = board.column_of(scope.surface) if scope.surface else None
    if row is None or (scope.surface and not index):
        return Code.NOT_COMPARED
    return int(board.columns[index].codes[row] if index else board.standings[row])


def claimed(monitor: Known) -> NDArray[np.int32]:
    """Rows, ascending, of SKUs that somebody has claimed, and of those that drift on a surface that is claimed."""
    return _candidates(
        monitor, [told.scope for told in monitor.said.remarks.standing(monitor.board.now, RemarkKind.CLAIM)]
    )


def _candidates(monitor: Known, scopes: Sequence[Scope]) -> NDArray[np.int32]:
    """The rows of which something can be covered, ascending."""
    board = monitor.board
    rows = board.catalogue.rows_of([scope.sku for scope in scopes if scope.sku])
    found = [rows[rows >= 0]]
    for scope in scopes:
        index = board.column_of(scope.surface)
        if not scope.sku and index is not None:
            found.append(np.flatnonzero(board.columns[index].codes[: board.size] >= Code.ORPHAN).astype(np.int32))
    return distinct(np.concatenate(found))


class _Meant:
    """What remarks of one kind mean of ``rows``, ascending: those of single SKUs resolved to their places once."""

    def __init__(self, monitor: Known, rows: NDArray[np.int32], standing: Sequence[Told], kind: RemarkKind) -> None:
        of_skus = [told for told in standing if told.scope.sku]
        found = monitor.board.catalogue.rows_of([told.scope.sku for told in of_skus])
        self._rows = rows
        self._whole = [told for told in standing if not told.scope.sku]
        self._skus = [told for told, there in zip(of_skus, among(found, rows).tolist(), strict=True) if there]
        self._places = np.searchsorted(rows, found[among(found, rows)])
        self._graver = np.array([_code(told.remark.worst) + 1 for told in self._skus], np.int16)
        self._since = np.array([told.remark.since for told in self._skus], np.int64)
        self._times = np.array(monitor.board.times, np.int64) if kind is RemarkKind.ACKNOWLEDGE else None

    def on(self, column: Column) -> NDArray[np.bool_]:
        """Which levels of ``column`` are covered as far as they drift."""
        name, codes = column.rules.name, column.codes[self._rows]
        began = None if self._times is None else self._times[column.since[self._rows]]
        found = np.zeros(len(codes), np.bool_)
        for told in self._whole:
            if told.scope.surface == name:
                found |= (codes < Code.OVERSELL) & (True if began is None else began <= told.remark.since)
        here = [place for place, told in enumerate(self._skus) if told.scope.surface in ("", name)]
        places = self._places[here]
        meant = codes[places] < self._graver[here]
        if began is not None:
            meant &= began[places] <= self._since[here]
        np.logical_or.at(found, places, meant)  # a SKU may be spoken of twice
        return found


def _code(severity: str) -> int:
    """The code of a severity by its word; of none, what is less than any."""
    try:
        return Code[severity.upper()]
    except KeyError:
        return Code.NOT_COMPARED
