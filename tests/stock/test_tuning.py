"""What a tolerance would do is what it does once it is ruled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.entries import Ruling
from stockdrift.stock.grid import cells
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Rules, Scope, Tolerance, effective_tolerance
from stockdrift.stock.tuning import BINS, prospect
from tests.stock.scene import T0, reading, rules, surface, tell
from tests.stock.strategies import Step, any_rules, runs, scopes, tolerances
from tests.stock.test_oracle import play

_MARK = Tolerance(123_456_789)


def drifting(monitor: Monitor) -> set[int]:
    """Rows that drift."""
    board = monitor.board
    return {
        row for row in range(board.size) if Standing.UNDER <= Standing(int(board.standings[row])) <= Standing.OVERSELL
    }


@settings(max_examples=120, deadline=None)
@given(any_rules, runs(), scopes, st.lists(tolerances, min_size=1, max_size=3))
def test_what_each_tolerance_would_do_is_what_it_does(
    rules: Rules, run: Sequence[Step], scope: Scope, asked: list[Tolerance]
) -> None:
    monitor, _, now = play(rules, run)
    before = drifting(monitor)
    found = prospect(monitor, scope, asked, asked[0])
    assert drifting(monitor) == before, "asking changes nothing"
    assert found.now == len(before)
    on = [column.codes[: monitor.board.size] >= Code.UNDER for column in monitor.board.surfaces]
    for outlook, tolerance in zip(found.outlooks, asked, strict=True):
        monitor.apply(Ruling(now, "op", scope, tolerance))
        after = drifting(monitor)
        assert outlook.drifting == len(after)
        assert set(outlook.leaving.tolist()) == before - after
        assert set(outlook.joining.tolist()) == after - before
        still = [column.codes[: monitor.board.size] >= Code.UNDER for column in monitor.board.surfaces]
        assert list(outlook.leaving_on) == [int(np.sum(was & ~now)) for was, now in zip(on, still, strict=True)]
        leaving = {int(monitor.board.standings[row]) for row in outlook.leaving.tolist()}
        assert Standing.OVERSELL not in leaving


@settings(max_examples=120, deadline=None)
@given(any_rules, runs(), scopes, tolerances)
def test_the_bars_count_what_a_look_at_every_level_counts(
    rules: Rules, run: Sequence[Step], scope: Scope, tolerance: Tolerance
) -> None:
    monitor, _, now = play(rules, run)
    found = prospect(monitor, scope, [], tolerance)
    rulings = {**monitor.board.rulings, scope: _MARK}
    monitor.apply(Ruling(now, "op", scope, tolerance))
    stays = drifting(monitor)
    monitor.apply(Ruling(now, "op", scope, Tolerance()))
    leaving, staying, beyond = Counter[int](), Counter[int](), 0
    for row in sorted(drifting(monitor)):
        sku = monitor.board.catalogue.skus[row]
        sizes, fixed = [0], False
        for index, column in enumerate(monitor.board.columns[1:], 1):
            code = Code(int(column.codes[row]))
            if code < Code.UNDER:
                continue
            (cell,) = cells(monitor, index, np.array([row], np.int32))
            if column.states[row] != LevelState.COUNTED or code is Code.OVERSELL or cell.deviation is None:
                fixed = True
            elif effective_tolerance(rules, rulings, column.rules.name, sku) == _MARK:
                sizes.append(abs(cell.deviation))
        if fixed:
            beyond += 1
        elif max(sizes):
            bar = max(least for least in BINS if least <= max(sizes))
            (staying if row in stays else leaving)[bar] += 1
    assert [(bar.least, bar.leaving, bar.staying) for bar in found.bars] == [
        (least, leaving[least], staying[least]) for least in BINS
    ]
    assert found.beyond == beyond


def test_an_oversell_never_leaves_and_two_units_are_within_two() -> None:
    monitor = Monitor(rules(surface("facebook"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 0, "C": 9, "D": 7}, at=T0))
    tell(monitor, reading("facebook", {"A": 7, "B": 2, "C": 30, "D": 7}, at=T0 + 1))
    tell(monitor, reading("embed", {"A": 5, "B": 0, "C": 9, "D": 7}, at=T0 + 1))
    found = prospect(monitor, Scope(), [Tolerance(), Tolerance(2), Tolerance(100)], Tolerance(2))
    assert [one.drifting for one in found.outlooks] == [3, 2, 1]
    assert [one.leaving_on for one in found.outlooks] == [[0, 0], [1, 0], [2, 0]]
    assert found.beyond == 1
    assert [(bar.least, bar.leaving, bar.staying) for bar in found.bars if bar.leaving + bar.staying] == [
        (2, 1, 0),
        (21, 0, 1),
    ]


def test_of_an_empty_store_there_is_nothing_to_say() -> None:
    found = prospect(Monitor(rules(surface("facebook"))), Scope(), [Tolerance(3)], Tolerance(3))
    assert (found.now, found.beyond, found.outlooks[0].drifting, found.outlooks[0].risk) == (0, 0, 0, 0.0)
