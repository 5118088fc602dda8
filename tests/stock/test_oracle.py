"""The incremental core against the brute-force oracle, over any run of readings, rulings and time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings

from stockdrift.stock import gauge
from stockdrift.stock.admission import admit
from stockdrift.stock.board import Board
from stockdrift.stock.entries import BufferRuling, Ignoring, Remarked, Ruling
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.quiet import gravity
from stockdrift.stock.reading import Reading
from stockdrift.stock.remarks import Remark
from stockdrift.stock.rules import Rules
from tests.stock.oracle import Oracle, Verdicts, counts
from tests.stock.scene import T0
from tests.stock.strategies import HeldBack, LeftOut, Remarks, Ruled, Step, any_rules, runs

_WORDS = {
    Code.NOT_COMPARED: "",
    Code.IN_SYNC: "in sync",
    Code.UNKNOWN: "unknown",
    Code.ORPHAN: "orphan",
    Code.UNDER: "under",
    Code.OVER: "over",
    Code.OVERSELL: "oversell",
}
_STANDINGS = {
    **{Standing(int(code)): word for code, word in _WORDS.items()},
    Standing.UNCOVERED: "uncovered",
    Standing.OUT_OF_SCOPE: "untracked",
    Standing.ABSENT: "absent",
    Standing.IGNORED: "ignored",
}


def step_into(monitor: Monitor, step: Step, now: int) -> int:
    """Tells the monitor of one step; returns the time after it."""
    match step:
        case Reading():
            monitor.apply(admit(step, monitor.board))
            return step.read_at
        case Ruled():
            monitor.apply(Ruling(now, "op", step.scope, step.tolerance))
            return now
        case LeftOut():
            monitor.apply(Ignoring(now, "op", step.scope, step.ignore))
            return now
        case HeldBack():
            monitor.apply(BufferRuling(now, "op", step.scope, step.units))
            return now
        case Remarks():
            remark = None if step.taken_back else Remark("seen", step.until, "op", now, gravity(monitor, step.scope))
            monitor.apply(Remarked(now, "op", step.kind, step.scope, remark))
            return now
        case int():
            monitor.tick(step)
            return step


def play(rules: Rules, run: Sequence[Step]) -> tuple[Monitor, Oracle, int]:
    monitor, oracle, now = Monitor(rules), Oracle(rules), T0
    for step in run:
        now = step_into(monitor, step, now)
        match step:
            case Reading():
                oracle.read(step)
            case Ruled() if step.tolerance is None:
                oracle.rulings.pop(step.scope, None)
            case Ruled() if step.tolerance is not None:
                oracle.rulings[step.scope] = step.tolerance
            case HeldBack() if step.units is None:
                oracle.buffers.pop(step.scope, None)
            case HeldBack() if step.units is not None:
                oracle.buffers[step.scope] = step.units
            case Remarks():
                oracle.remark(step.kind, step.scope, None if step.taken_back else step.until or 2**62, now)
            case LeftOut() if step.ignore is None:
                oracle.ignorings.pop(step.scope, None)
            case LeftOut() if step.ignore is not None:
                oracle.ignorings[step.scope] = step.ignore
    return monitor, oracle, now


@settings(max_examples=600, deadline=None)
@given(any_rules, runs())
def test_all_is_judged_as_the_contract_says(rules: Rules, run: Sequence[Step]) -> None:
    """One play, many questions: it is the play that costs."""
    monitor, oracle, now = play(rules, run)
    truth = oracle.verdicts(now)
    assert_every_level_and_sku_is_as(truth, monitor, now)
    assert_the_cells_show_the_expected_and_the_deviation(truth, oracle, monitor)
    assert_what_is_not_whole_or_not_fresh_never_agrees(monitor, now)
    assert_the_tallies_count_the_codes(monitor)
    assert_judging_all_at_once_changes_nothing(monitor)


def assert_every_level_and_sku_is_as(truth: Verdicts, monitor: Monitor, now: int) -> None:
    board = monitor.board
    said = {
        (sku, column.rules.name): _WORDS[Code(int(column.codes[row]))]
        for row, sku in enumerate(board.catalogue.skus)
        for column in board.surfaces
    }
    assert said == truth.cells
    standings = {sku: _STANDINGS[Standing(int(board.standings[row]))] for row, sku in enumerate(board.catalogue.skus)}
    assert standings == truth.skus
    figures = gauge.gauge(monitor, now)
    assert {name: getattr(figures, name) for name in counts(truth)} == counts(truth)


def assert_what_is_not_whole_or_not_fresh_never_agrees(monitor: Monitor, now: int) -> None:
    board = monitor.board
    for column in board.surfaces:
        if not column.usable(board.now) or not board.master.usable(board.now):
            assert not (column.codes[: board.size] == Code.IN_SYNC).any()
            assert not (column.codes[: board.size] >= Code.ORPHAN).any()
    if not board.master.usable(now):
        assert gauge.gauge(monitor, now).in_sync == 0
        assert not gauge.gauge(monitor, now).known


def assert_the_tallies_count_the_codes(monitor: Monitor) -> None:
    board = monitor.board
    for column in board.surfaces:
        assert column.tally.tolist() == np.bincount(column.codes[: board.size], minlength=len(Code)).tolist()
    assert board.counts.tolist() == np.bincount(board.standings[: board.size], minlength=len(Standing)).tolist()


def assert_judging_all_at_once_changes_nothing(monitor: Monitor) -> None:
    board = monitor.board
    codes = [column.codes[: board.size].copy() for column in board.surfaces]
    standings, tallied = board.standings[: board.size].copy(), board.counts.copy()
    board.set_rules(board.rules)
    assert all(
        np.array_equal(was, column.codes[: board.size]) for was, column in zip(codes, board.surfaces, strict=True)
    )
    assert np.array_equal(standings, board.standings[: board.size])
    assert np.array_equal(tallied, board.counts)


def assert_the_cells_show_the_expected_and_the_deviation(truth: Verdicts, oracle: Oracle, monitor: Monitor) -> None:
    for line in monitor.lines(monitor.order(everything=True)):
        state, atp = oracle.atp(line.sku)
        assert line.master == (atp if state is LevelState.COUNTED else state.word)
        for cell, surface in zip(line.cells, oracle.rules.surfaces, strict=True):
            level, quantity = oracle.sides[surface.name].level(line.sku)
            expected = oracle.expected(surface.name, line.sku, atp) if state is LevelState.COUNTED else None
            assert cell.expected == expected
            assert cell.reported == (quantity if level is LevelState.COUNTED else level.word)
            known = truth.cells[line.sku, surface.name] not in {"", "unknown"} and level is LevelState.COUNTED
            if known and expected is not None:
                assert cell.deviation == max(quantity, 0) - expected
            else:
                assert cell.deviation is None
            word = truth.cells[line.sku, surface.name]
            assert (cell.severity.word if cell.severity else word) == word, (line, surface.name)
            assert bool(cell.severity) == (word in {"orphan", "under", "over", "oversell"}), (line, surface.name)


@settings(max_examples=200, deadline=None)
@given(any_rules, runs())
def test_changes_hold_what_differs_and_nothing_else(rules: Rules, run: Sequence[Step]) -> None:
    monitor, oracle = Monitor(rules), Oracle(rules)
    for step in run:
        if not isinstance(step, Reading):
            continue
        poll = admit(step, monitor.board)
        before = _levels(monitor.board, step.surface)
        monitor.apply(poll)
        oracle.read(step)
        after = _levels(monitor.board, step.surface)
        assert (np.diff(poll.changes.rows) > 0).all()
        changed = {monitor.board.catalogue.skus[row] for row in poll.changes.rows.tolist()}
        assert {sku for sku in before if before[sku] != after[sku]} <= changed | _newly_unlisted(before, after)
        assert {sku: level[:2] for sku, level in after.items()} == {
            sku: oracle.sides[step.surface].level(sku) for sku in monitor.board.catalogue.skus
        }


def _levels(board: Board, name: str) -> dict[str, tuple[LevelState, int, int]]:
    index = board.column_of(name)
    assert index is not None
    column = board.columns[index]
    return {
        sku: (LevelState(int(column.states[row])), int(column.quantities[row]), int(column.reasons[row]))
        for row, sku in enumerate(board.catalogue.skus)
    }


def _newly_unlisted(
    before: dict[str, tuple[LevelState, int, int]], after: dict[str, tuple[LevelState, int, int]]
) -> set[str]:
    """The first complete read says of everything else that it is not listed, without a word for each."""
    return {sku for sku in before if before[sku][0] is LevelState.UNKNOWN and after[sku][0] is LevelState.UNLISTED}
