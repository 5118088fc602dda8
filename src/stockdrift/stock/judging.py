"""Bringing a board's codes, standings, counts and episodes up to date: for the rows that changed, or for all of them.

All rows are judged by exception. Where every surface counts exactly what is expected nothing can be wrong, whatever the
tolerances, and that is found in one pass over the quantities; only the other rows are looked at closely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock import judge
from stockdrift.stock.column import Column
from stockdrift.stock.expect import Rows, Yardstick
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.packed_levels import PackedLevels

if TYPE_CHECKING:
    from stockdrift.stock.board import Board

BLOCK: Final = 1 << 17
"""Rows that are judged at a time, so that what lies in between stays in the processor's cache."""

STRIDE: Final = 1 << 19
"""Rows that are compared at a time. That is one operation after the other, and between two of them a thread that opens
a journal may have to wait for the one that loads a screen: there are better few of them, and long ones.
"""

_FEW: Final = 1 << 14  # so many are counted at once, more of them kind by kind


class Shift(Struct, frozen=True, eq=False):
    """The rows of a column whose episode an update opened or closed."""

    column: int
    opened: NDArray[np.int32]
    closed: NDArray[np.int32]


def judge_rows(board: Board, rows: NDArray[np.int32], only: int | None) -> list[Shift]:
    """Judges ``rows``, ascending, of column ``only`` (None: of all surfaces)."""
    indices = _concerned(board, only)
    parts = (rows[begin : begin + BLOCK] for begin in range(0, len(rows), BLOCK))
    shifts = [shift for part in parts for shift in _judge_part(board, part, indices)]
    return [shift for shift in shifts if len(shift.opened) or len(shift.closed)]


def _judge_part(board: Board, rows: NDArray[np.int32], indices: Sequence[int]) -> list[Shift]:
    before = {index: board.columns[index].codes[rows] for index in indices}
    _judge(board, rows, indices)
    shifts = [_turned(board, index, codes, rows) for index, codes in before.items()]
    standings = _standings(board, rows)
    board.counts += _counted(standings, len(Standing)) - _counted(board.standings[rows], len(Standing))
    board.standings[rows] = standings
    return shifts


def judge_all(board: Board, only: int | None) -> list[Shift]:
    """Judges every row of column ``only`` (None: of all surfaces)."""
    indices = _concerned(board, only)
    columns = [board.columns[index] for index in indices]
    everything = slice(0, board.size)
    looked: Rows = everything  # what is looked at closely
    if board.master.known and all(column.known or not column.rules.active for column in columns):
        looked = np.concatenate([np.empty(0, np.int32), *exceptions(board, columns)])
        for column in columns:
            column.codes[everything] = _usual(column)
    _judge(board, looked, indices)
    every = len(columns) == len(board.surfaces) and any(column.rules.active for column in columns)
    _stand(board, looked if every else everything)
    shifts = [_recounted(board, index, looked) for index in indices]
    return [shift for shift in shifts if len(shift.opened) or len(shift.closed)]


def _usual(column: Column) -> Code:
    """The code of a level that is no exception."""
    return Code.IN_SYNC if column.rules.active else Code.NOT_COMPARED


def _stand(board: Board, looked: Rows) -> None:
    """Writes all standings, and counts them. On rows that are not ``looked`` at all surfaces agree with the master."""
    board.standings[: board.size] = Standing.IN_SYNC
    for rows in _blocks(looked, BLOCK):
        board.standings[rows] = _standings(board, rows)
    board.counts = _counted_with(board.standings[looked], board.size, Standing.IN_SYNC, len(Standing))


def exceptions(board: Board, columns: Sequence[Column]) -> Iterator[NDArray[np.int32]]:
    """Rows on which the master or an active one of ``columns`` states no quantity, or another than is expected, or
    that are ignored; block by block, ascending.
    """
    size, ground = board.size, board.ground
    agreeing, same = np.empty(min(STRIDE, size), np.bool_), np.empty(min(STRIDE, size), np.bool_)
    nothing = np.zeros(min(STRIDE, size), ground.numbers.dtype)  # as a column: numpy is ten times as fast with one
    due = np.empty_like(nothing)
    active = [(column, column.yardstick.plain) for column in columns if column.rules.active]
    hiding = [column.hidden for column in columns if len(column.hidden.rows)]
    for begin in range(0, size, STRIDE):
        block = slice(begin, min(begin + STRIDE, size))
        count = block.stop - begin
        master, here, found = ground.numbers[block], same[:count], agreeing[:count]
        whole = np.maximum(master, nothing[:count], out=due[:count])
        np.greater_equal(master, ground.floor, out=found)
        for column, plain in active:
            # What is no quantity lies below all of them, and is not what is expected.
            expected = whole if plain else column.yardstick.expected(board.atp[block], block)
            np.equal(column.levels.numbers[block], expected, out=here)
            np.logical_and(found, here, out=found)
        for hidden in hiding:
            found[hidden.among(block)[0]] = False
        yield (np.flatnonzero(~found) + begin).astype(np.int32)


def _concerned(board: Board, only: int | None) -> list[int]:
    """Which columns are to be judged where one has changed: with tolerances two levels can differ from each other."""
    strict = all(column.yardstick.strict for column in board.surfaces)
    return list(range(1, len(board.columns))) if only is None or not strict else [only]


def judged_by(
    board: Board, where: Rows, yardsticks: Mapping[int, Yardstick]
) -> tuple[dict[int, NDArray[np.uint8]], NDArray[np.uint8]]:
    """The codes that the levels of all surfaces would have, by column, and the SKUs' standings, where the columns were
    measured by ``yardsticks`` (others by their own). Changes nothing.
    """
    everyone = {index: yardsticks.get(index, board.columns[index].yardstick) for index in range(1, len(board.columns))}
    codes = _judged(board, where, everyone)
    return codes, _standings(board, where, codes)


def would_be(
    board: Board, index: int, rows: NDArray[np.int32], states: NDArray[np.uint8], quantities: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """The codes that levels of column ``index`` would have by themselves if they were these, parallel to ``rows``; what
    is ignored is judged like the rest. Changes nothing.
    """
    column = board.columns[index]
    if not _comparable(board, column):
        return _uncompared(column, states)
    atp = board.atp[rows]
    expected = column.yardstick.expected(atp, rows)
    return judge.judge(
        judge.ground(atp, board.scope[rows]),
        states,
        quantities,
        expected,
        column.yardstick.tolerated(expected, rows),
        compare_preorder=column.rules.compare_preorder,
    )


def _judge(board: Board, where: Rows, indices: Sequence[int]) -> None:
    """Writes the codes of the columns ``indices``."""
    yardsticks = {index: board.columns[index].yardstick for index in indices}
    for rows in _blocks(where, max(1, BLOCK // max(1, len(indices)))):
        for index, codes in _judged(board, rows, yardsticks).items():
            board.columns[index].codes[rows] = codes


def _judged(board: Board, where: Rows, yardsticks: Mapping[int, Yardstick]) -> dict[int, NDArray[np.uint8]]:
    atp = board.atp[where]
    common = judge.ground(atp, board.scope[where])
    columns = {index: board.columns[index] for index in yardsticks}
    judged = {
        index: _uncompared(column, column.states[where])
        for index, column in columns.items()
        if not _comparable(board, column)
    }
    for preorder in (False, True):
        alike = {
            index: yardstick
            for index, yardstick in yardsticks.items()
            if index not in judged and columns[index].rules.compare_preorder is preorder
        }
        if alike:
            judged |= _compared(board, where, alike, atp, common, compare_preorder=preorder)
    for index, codes in judged.items():
        columns[index].hidden.hide(codes, where)
    if not all(yardstick.strict for yardstick in yardsticks.values()):
        _pair(board, judged, yardsticks, where)
    return judged


def _comparable(board: Board, column: Column) -> bool:
    return column.rules.active and column.known and board.master.known


def _uncompared(column: Column, states: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The codes of a column that cannot be compared with the master now."""
    return judge.unjudged(states) if column.rules.active else np.full(len(states), Code.NOT_COMPARED, np.uint8)


def _compared(
    board: Board,
    where: Rows,
    yardsticks: Mapping[int, Yardstick],
    atp: NDArray[np.int32],
    common: NDArray[np.uint16],
    *,
    compare_preorder: bool,
) -> dict[int, NDArray[np.uint8]]:
    """The codes of columns that can be, all of them at once: numpy takes as long to be asked as for some rows."""
    measures = list(yardsticks.values())
    levels = PackedLevels.together([board.columns[index].levels for index in yardsticks], where)
    expecting = measures[:1] if all(measure.plain for measure in measures) else measures  # plain ones expect the same
    expected = np.stack([measure.expected(atp, where) for measure in expecting])
    tolerated: NDArray[np.int32] | int = 0
    if not all(measure.strict for measure in measures):
        due = np.broadcast_to(expected, (len(measures), len(atp)))
        allowed = [measure.tolerated(units, where) for measure, units in zip(measures, due, strict=True)]
        tolerated = np.stack([np.broadcast_to(units, len(atp)) for units in allowed])
    codes = judge.judge(
        common, levels.states[:], levels.quantities[:], expected, tolerated, compare_preorder=compare_preorder
    )
    return dict(zip(yardsticks, codes, strict=True))


def _pair(
    board: Board, judged: Mapping[int, NDArray[np.uint8]], yardsticks: Mapping[int, Yardstick], where: Rows
) -> None:
    atp = board.atp[where]
    codes, off, tolerated, counted = [], [], [], []
    for index, column_codes in judged.items():
        column, yardstick = board.columns[index], yardsticks[index]
        expected = yardstick.expected(atp, where)
        codes.append(column_codes)
        off.append(judge.deviations(column.quantities[where], expected))
        tolerated.append(yardstick.tolerated(expected, where))
        counted.append((column.states[where] == LevelState.COUNTED) & (atp > 0))
    judge.pair_up(codes, off, tolerated, counted)


def _standings(board: Board, where: Rows, judged: Mapping[int, NDArray[np.uint8]] | None = None) -> NDArray[np.uint8]:
    """By the codes ``judged``, or those that the columns have."""
    active = {index: column for index, column in enumerate(board.columns) if index and column.rules.active}
    codes = [column.codes[where] if judged is None else judged[index] for index, column in active.items()]
    standings = judge.standing(codes, board.scope[where], master_known=board.master.known)
    board.ignores.leave_out(standings, where, [column.hidden for column in active.values()])
    return standings


def _turned(board: Board, index: int, before: NDArray[np.uint8], rows: NDArray[np.int32]) -> Shift:
    """Counts the codes of ``rows`` that were ``before``; opens episodes where drift began, closes them where it is
    known to be over.
    """
    column = board.columns[index]
    codes = column.codes[rows]
    column.tally += _counted(codes, len(Code)) - _counted(before, len(Code))
    open_before = before >= judge.DRIFTING
    unknown_before = np.flatnonzero(before == Code.UNKNOWN)  # no longer seen, and not over: it may be open
    open_before[unknown_before] = column.since[rows[unknown_before]] > 0
    drifts = codes >= judge.DRIFTING
    opened = rows[drifts & ~open_before]
    closed = rows[open_before & ~drifts & (codes != Code.UNKNOWN)]
    return _moved(board, index, opened, closed)


def _recounted(board: Board, index: int, looked: Rows) -> Shift:
    """Counts all codes of a column, and opens and closes episodes by them. Those of rows that are not ``looked`` at are
    as usual.
    """
    column = board.columns[index]
    codes = column.codes[looked]
    column.tally = _counted_with(codes, board.size, _usual(column), len(Code))
    now = column.codes[column.since.rows]
    closed = column.since.rows[(now < judge.DRIFTING) & (now != Code.UNKNOWN)]
    drifting = np.flatnonzero(codes >= judge.DRIFTING).astype(np.int32)
    if not isinstance(looked, slice):
        drifting = looked[drifting]
    return _moved(board, index, drifting[column.since[drifting] == 0], closed)


def _moved(board: Board, index: int, opened: NDArray[np.int32], closed: NDArray[np.int32]) -> Shift:
    since = board.columns[index].since
    since.clear(closed)
    since.put(opened, len(board.times) - 1)
    return Shift(index, opened, closed)


def _counted_with(kinds: NDArray[np.uint8], size: int, others: Code | Standing, count: int) -> NDArray[np.int64]:
    """How often each of the first ``count`` numbers occurs among ``size``; all but ``kinds`` are ``others``."""
    counts = _counted(kinds, count)
    counts[others] += size - len(kinds)
    return counts


def _counted(kinds: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """How often each of the first ``count`` numbers occurs."""
    if len(kinds) < _FEW:
        return np.bincount(kinds, minlength=count)[:count]
    return np.array([np.count_nonzero(kinds == kind) for kind in range(count)], np.int64)


def _blocks(rows: Rows, length: int) -> Iterator[Rows]:
    """``rows``, ``length`` of them at a time."""
    begin, end = (rows.start, rows.stop) if isinstance(rows, slice) else (0, len(rows))
    for at in range(begin, end, length):
        block = slice(at, min(at + length, end))
        yield block if isinstance(rows, slice) else rows[block]
