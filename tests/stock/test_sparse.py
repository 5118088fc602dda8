"""A sparse column against a list; rows judged by exception against all of them looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock import judging
from stockdrift.stock.admission import admit
from stockdrift.stock.board import Board
from stockdrift.stock.column import SLACK
from stockdrift.stock.entries import Changes
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Reading
from stockdrift.stock.rules import Rules, Tolerance
from stockdrift.stock.sparse import Sparse
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, T0, reading, rules, surface, tell
from tests.stock.strategies import Ruled, any_rules, runs
from tests.stock.test_oracle import play

SIZE = 12
some = st.sets(st.integers(0, SIZE - 1)).map(sorted)


@settings(max_examples=200)
@given(st.lists(st.tuples(some, some), max_size=8))
def test_a_sparse_column_reads_as_a_dense_one(steps: list[tuple[list[int], list[int]]]) -> None:
    column, dense = Sparse(), [0] * SIZE
    for number, (opened, closed) in enumerate(steps, 1):
        down = [row for row in closed if dense[row]]
        column.clear(np.array(down, np.int32))
        for row in down:
            dense[row] = 0
        up = [row for row in opened if not dense[row]]
        column.put(np.array(up, np.int32), number)
        for row in up:
            dense[row] = number
        assert column[:SIZE].tolist() == dense
        assert [column[row] for row in range(SIZE)] == dense
        assert column[np.array([3, 3, 11, 0], np.int32)].tolist() == [dense[row] for row in (3, 3, 11, 0)]
        assert column.rows.tolist() == [row for row, value in enumerate(dense) if value]
    other = Sparse()
    other[:SIZE] = np.array(dense, np.int32)
    assert other[:SIZE].tolist() == dense


@settings(max_examples=200, deadline=None)
@given(any_rules, runs(), st.sampled_from([1, 4, 1 << 15]))
def test_what_is_no_exception_is_in_sync(rules: Rules, run: Sequence[Reading | Ruled | int], block: int) -> None:
    """Judged again with every row taken for an exception, in blocks of any length, nothing comes out otherwise."""
    board = play(rules, run)[0].board
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "BLOCK", block)
        patch.setattr(judging, "STRIDE", block)
        board.set_rules(board.rules)
        by_exception = _judged(board)
        patch.setattr(judging, "exceptions", lambda board, columns: iter([np.arange(board.size, dtype=np.int32)]))
        board.set_rules(board.rules)
        assert _judged(board) == by_exception


def _judged(board: Board) -> list[list[int]]:
    return [
        board.standings[: board.size].tolist(),
        board.counts.tolist(),
        *(column.codes[: board.size].tolist() for column in board.surfaces),
        *(column.tally.tolist() for column in board.surfaces),
        *(column.since[: board.size].tolist() for column in board.surfaces),
    ]


@pytest.mark.parametrize("block", [4, 1 << 15])
def test_every_kind_of_exception_is_found_when_all_is_judged_at_once(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "BLOCK", block)
    monitor = Monitor(rules(surface("embed", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 5, "B": 0, "C": 5, "D": -2, "E": 0, "F": 3, "G": 2}))
    shown = {"A": 0, "B": LevelState.UNLIMITED, "C": 5, "D": -2, "E": LevelState.UNKNOWN, "F": 3, "G": 4}
    tell(monitor, reading("embed", shown, T0 + 1))
    board = monitor.board
    wanted = [Code.UNDER, Code.OVERSELL, Code.IN_SYNC, Code.IN_SYNC, Code.UNKNOWN, Code.IN_SYNC, Code.OVER]
    assert board.columns[1].codes[:7].tolist() == wanted
    board.set_rules(board.rules)
    assert board.columns[1].codes[:7].tolist() == wanted


@pytest.mark.parametrize(("state", "code"), [(LevelState.UNKNOWN, Code.UNKNOWN), (LevelState.UNLIMITED, Code.OVERSELL)])
def test_what_states_no_quantity_is_no_zero(state: LevelState, code: Code) -> None:
    """Where all else counts and nothing is left: its quantity is as empty as the zero that is expected."""
    monitor = Monitor(rules(surface("embed", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 0, "B": 0}))
    tell(monitor, reading("embed", {"A": 0, "B": state}, T0 + 1))
    monitor.board.set_rules(monitor.board.rules)
    assert monitor.board.columns[1].codes[:2].tolist() == [Code.IN_SYNC, code]
    tell(monitor, reading("embed", {"A": state, "B": state}, T0 + 2))
    monitor.board.set_rules(monitor.board.rules)
    assert monitor.board.columns[1].codes[:2].tolist() == [code, code]


def test_one_stale_surface_is_unknown_beside_a_fresh_one_when_all_is_judged_at_once() -> None:
    monitor = Monitor(rules(surface("embed", stale_after=1_000), surface("facebook", stale_after=HOUR)))
    for name, at in ((MASTER, 0), ("embed", 1), ("facebook", 2)):
        tell(monitor, reading(name, {"A": 5, "B": 0}, T0 + at))
    board = monitor.board
    monitor.tick(T0 + 2_000)
    board.set_rules(board.rules)
    assert board.columns[1].codes[:2].tolist() == [Code.UNKNOWN, Code.UNKNOWN]
    assert board.columns[2].codes[:2].tolist() == [Code.IN_SYNC, Code.IN_SYNC]
    assert board.standings[:2].tolist() == [Standing.UNKNOWN, Standing.UNKNOWN]


@pytest.mark.parametrize("at_once", [False, True])
def test_two_tolerant_surfaces_are_compared_beside_a_strict_one_whichever_is_read(at_once: bool) -> None:
    tolerant = Tolerance(2)
    monitor = Monitor(
        rules(surface("embed", tolerance=tolerant), surface("facebook", tolerance=tolerant), surface("amazon"))
    )
    for name, level in ((MASTER, 5), ("embed", 5), ("facebook", 3), ("amazon", 5)):
        tell(monitor, reading(name, {"A": level}))
    board = monitor.board
    assert [int(column.codes[0]) for column in board.surfaces] == [Code.IN_SYNC] * 3
    tell(monitor, reading("embed", {"A": 7}, T0 + 1))
    if at_once:
        board.set_rules(board.rules)
    assert [int(column.codes[0]) for column in board.surfaces] == [Code.OVER, Code.UNDER, Code.IN_SYNC]


def test_what_states_no_quantity_is_no_half_of_a_pair() -> None:
    monitor = Monitor(rules(surface("embed"), surface("facebook"), tolerance=Tolerance(1)))
    for name, level in ((MASTER, 5), ("embed", LevelState.IN), ("facebook", 6)):
        tell(monitor, reading(name, {"A": level}))
    assert [int(column.codes[0]) for column in monitor.board.surfaces] == [Code.IN_SYNC, Code.IN_SYNC]


def test_a_reading_counts_up_to_the_very_moments_at_which_it_turns() -> None:
    monitor = Monitor(rules(surface("embed", stale_after=1_000)))
    tell(monitor, reading("embed", {"A": 1}))
    column = monitor.board.columns[1]
    moments = (-SLACK - 1, -SLACK, 0, 1_000, 1_001)
    assert [column.usable(T0 + moment) for moment in moments] == [False, True, True, True, False]


def test_a_poll_of_an_earlier_version_leaves_unsaid_what_is_not_listed() -> None:
    monitor = Monitor(rules(surface("embed", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 1, "B": 2}))
    poll = admit(reading("embed", {"A": 1}, T0 + 1), monitor.board)
    said = poll.changes
    monitor.apply(replace(poll, changes=Changes(said.rows[:1], said.states[:1], said.quantities[:1], said.reasons[:1])))
    column = monitor.board.columns[1]
    assert column.states[:2].tolist() == [LevelState.COUNTED, LevelState.UNLISTED]
    assert column.codes[:2].tolist() == [Code.IN_SYNC, Code.NOT_COMPARED]
