"""What a tolerance would do is what it does once it is ruled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
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
from stockdrift.stock.values import replace
from tests.stock.scene import T0, Level, reading, rules, surface, tell
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
    check_bars(monitor, rules, scope, tolerance, now)


def check_bars(monitor: Monitor, rules: Rules, scope: Scope, tolerance: Tolerance, now: int) -> None:
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


def every_kind() -> Rules:
    own = surface("shop", tolerances={"own": Tolerance(2)}, compare_preorder=True)
    return rules(own, surface("embed", tolerance=Tolerance(1)), surface("feed"), tolerances={"told": Tolerance(3)})


def store(held: Rules, *ruled: Scope) -> Monitor:
    """Levels of every kind, off by everything from 1 to 40, above and below, on one surface and on several."""
    counted = {f"S{off:02}": 50 for off in range(1, 41)} | dict.fromkeys(("own", "told", "both", "pair", "A"), 50)
    free = {"free": LevelState.UNLIMITED, "down": LevelState.DISABLED}
    none = dict.fromkeys(("gone", "gone too", "owed"), 0)
    monitor = Monitor(held)
    tell(monitor, reading(MASTER, {**counted, **free, **none, "in": 9, "out": 9, "every": 9, "unsure": 9}, T0))
    shown: dict[str, Level] = {f"S{off:02}": 50 + (off if off % 2 else -off) for off in range(1, 41)}
    shown |= {"own": 53, "told": 54, "both": 60, "pair": 52, "A": 57, "gone": 3, "gone too": LevelState.IN, "owed": -4}
    shown |= {"in": LevelState.IN, "out": LevelState.OUT, "every": LevelState.UNLIMITED, "free": 8, "down": 2, "X": 6}
    tell(monitor, reading("shop", {**shown, "unsure": LevelState.UNKNOWN}, T0 + 1))
    apart = {"both": 44, "pair": 48, "own": 45, "told": 51, "gone": 7, "out": 8, "A": 51, "unsure": 5}
    for name in ("embed", "feed"):
        tell(
            monitor,
            reading(name, {**counted, **none, "in": 9, "every": 9} | (apart if name == "embed" else {}), T0 + 2),
        )
    for scope in ruled:
        monitor.apply(Ruling(T0 + 3, "op", scope, Tolerance(4)))
    return monitor


SCOPES = (
    Scope(), Scope("shop"), Scope("embed"), Scope("", "A"), Scope("shop", "A"), Scope("shop", "own"), Scope("", "own"),
    Scope("", "told"), Scope("embed", "both"), Scope("", "nobody"), Scope("shop", "nobody"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "ruled"),
    [*((scope, ()) for scope in SCOPES), *((scope, (ruled,)) for scope in SCOPES[:5] for ruled in SCOPES[1:5:3])],
    ids=str,
)
def test_of_levels_of_every_kind_each_is_counted_where_it_belongs(scope: Scope, ruled: tuple[Scope, ...]) -> None:
    held = every_kind()
    monitor = store(held, *ruled)
    as_before = Ruling(T0 + 4, "op", scope, Tolerance(4) if scope in ruled else None)
    before, on = drifting(monitor), [column.codes.copy() for column in monitor.board.surfaces]
    asked = [Tolerance(units) for units in (0, 2, 12)]
    for outlook in prospect(monitor, scope, asked, asked[1]).outlooks:
        monitor.apply(replace(as_before, tolerance=outlook.tolerance))
        after = drifting(monitor)
        assert outlook.drifting == len(after)
        assert set(outlook.leaving.tolist()) == before - after
        assert set(outlook.joining.tolist()) == after - before
        assert list(outlook.leaving_on) == [
            int(np.sum((was >= Code.UNDER) & (column.codes < Code.UNDER)))
            for was, column in zip(on, monitor.board.surfaces, strict=True)
        ]
    for tolerance in asked:
        monitor.apply(as_before)
        assert prospect(monitor, scope, [], tolerance).now == len(before)
        check_bars(monitor, held, scope, tolerance, T0 + 4)


def test_what_would_leave_puts_at_risk_what_is_known_of_it() -> None:
    def risk(**prices: float) -> float | None:
        monitor = Monitor(rules(surface("shop")))
        tell(monitor, reading(MASTER, {"A": 5, "B": 5, "C": 5}, prices=prices))
        tell(monitor, reading("shop", {"A": 7, "B": 6, "C": 4}, T0 + 1))
        return prospect(monitor, Scope(), [Tolerance(2)], Tolerance(2)).outlooks[0].risk

    assert [risk(), risk(A=10.0), risk(A=10.0, B=1.0, C=3.0)] == [None, 20.0, 21.0]


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
