"""The order of the grid, against a plain sort of the lines that it shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock import order
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Severity, SkuLine
from stockdrift.stock.reading import MASTER, Reading
from stockdrift.stock.rules import Rules
from tests.stock.scene import T0, reading, rules, surface, tell
from tests.stock.strategies import Ruled, any_rules, runs
from tests.stock.test_oracle import play


def _size(line: SkuLine) -> int:
    if not line.severity:
        return 0  # what is within its tolerance leads nowhere
    return max((abs(cell.deviation or 0) for cell in line.cells if cell.severity is line.severity), default=0)


def _rest(line: SkuLine) -> int:
    return 0 if line.severity else 1 if line.unknown else 2


def _endless(value: float | None) -> float:
    return math.inf if value is None else value


KEYS: dict[str, Callable[[SkuLine], Any]] = {
    "danger": lambda line: (
        _rest(line), -line.severity, 0.0 if line.severity is Severity.OVERSELL else _endless(line.out_in), -_size(line),
    ),
    "sku": lambda _line: 0,
    "name": lambda line: line.name.casefold().encode(),
    "deviation": lambda line: (_rest(line), -_size(line)),
    "phase": lambda line: (_rest(line), -line.phase if line.severity else 0, _endless(line.since)),
    "since": lambda line: (_rest(line), _endless(line.since)),
    "out-in": lambda line: (_rest(line), _endless(line.out_in)),
    "risk": lambda line: (_rest(line), -(line.at_risk if line.at_risk is not None else -1)),
}  # fmt: skip


@pytest.mark.parametrize("few", [20_000, -1], ids=["texts", "ranks"])
@pytest.mark.parametrize("by", KEYS)
def test_the_lines_stand_as_a_plain_sort_would_put_them(by: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_FEW", few)

    @settings(max_examples=40, deadline=None)
    @given(any_rules, runs(), st.booleans())
    def check(those: Rules, run: Sequence[Reading | Ruled | int], everything: bool) -> None:
        monitor, _, _ = play(those, run)
        lines = monitor.lines(monitor.order(everything=everything, by=by))
        wanted = sorted(lines, key=lambda line: (KEYS[by](line), line.sku))
        assert [line.sku for line in lines] == [line.sku for line in wanted]
        back = monitor.lines(monitor.order(everything=everything, by=by, reverse=True))
        assert [line.sku for line in back] == [line.sku for line in wanted][::-1]

    check()


def shop() -> Monitor:
    monitor = Monitor(rules(surface("embed"), surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5, "b": 5, "Ä": 5, "B": 9, "C": 0, "D": 7}))
    tell(monitor, reading("embed", {"A": 5, "b": 6, "Ä": 1, "B": 19, "C": 0, "D": 7}))
    tell(monitor, reading("shop", {"A": 5, "b": 6, "Ä": 5, "B": 9, "C": 3, "X": 2}))
    return monitor


def test_a_surface_s_own_deviations_can_lead() -> None:
    monitor = shop()
    lines = monitor.lines(monitor.order(everything=True, by="surface:shop"))
    assert [line.sku for line in lines] == ["C", "b", "X", "A", "B", "D", "Ä"]
    assert [line.cells[1].severity.word for line in lines[:3]] == ["oversell", "over", "orphan"]
    lines = monitor.lines(monitor.order(everything=True, by="surface:embed"))
    assert [line.sku for line in lines[:3]] == ["B", "b", "Ä"]
    with pytest.raises(ValueError, match="surface:nowhere"):
        monitor.order(by="surface:nowhere")


def test_orphans_have_no_deviation_to_be_sorted_by() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("shop", {"A": 5, "X": 2, "Y": 3, "Z": LevelState.UNLIMITED}))
    for by in ("danger", "deviation", "surface:shop"):
        lines = monitor.lines(monitor.order(by=by))
        assert [(line.sku, line.cells[0].deviation) for line in lines] == [("X", None), ("Y", None), ("Z", None)], by


def test_numbers_of_the_master_are_sorted_as_numbers() -> None:
    monitor = shop()
    lines = monitor.lines(monitor.order(everything=True, by="master"))
    known = [line for line in lines if isinstance(line.master, int)]
    assert [(line.master, line.sku) for line in known] == [(0, "C"), (5, "A"), (5, "b"), (5, "Ä"), (7, "D"), (9, "B")]


@given(st.lists(st.text("AbÄ0", min_size=1, max_size=4), min_size=1, max_size=12, unique=True), st.integers(0, 12))
def test_what_is_in_order_orders_those_that_came_first(skus: list[str], count: int) -> None:
    ranks = order.Ranks()
    first = skus[:count]
    assert not ranks.of_first(len(skus)).covers(len(skus)), "nothing is in order yet"
    ranks.by_sku(skus)
    earlier = ranks.of_first(len(first))
    assert earlier.covers(len(first))
    assert [first[row] for row in earlier.by_sku(first).tolist()] == sorted(first)


def test_rows_by_sku_know_of_skus_that_came_later() -> None:
    monitor = shop()
    assert len(monitor.ranks.by_sku(monitor.board.catalogue.skus)) == monitor.board.size
    tell(monitor, reading("shop", {"A": 5, "b": 6, "Ä": 5, "B": 9, "C": 3, "X": 2, "0": 4}, T0 + 1_000))
    lines = monitor.lines(monitor.order(everything=True, by="sku"))
    assert lines[0].sku == "0"


@pytest.mark.parametrize(("few", "ranked"), [(7, False), (6, True), (5, True)])
def test_a_few_rows_rank_no_store_and_once_it_is_ranked_nothing_is_sorted_again(
    few: int, ranked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = shop()
    monkeypatch.setattr(order, "_FEW", few)
    rows = monitor.order(everything=True, by="sku")
    assert len(rows) == 7
    assert monitor.ranks.covers(monitor.board.size) == ranked
    monkeypatch.setattr(order, "_FEW", -1)
    monitor.order(everything=True, by="sku")
    assert monitor.ranks.covers(monitor.board.size)
    assert [line.sku for line in monitor.lines(monitor.order(by="sku"))] == ["B", "C", "X", "b", "Ä"]
    assert not monitor.ranks.covers(monitor.board.size + 1)


def test_names_that_change_are_ranked_anew() -> None:
    monitor = Monitor(rules(surface("embed")))

    def by_name() -> list[str]:
        return [line.sku for line in monitor.lines(monitor.order(everything=True, by="name"))]

    tell(monitor, reading(MASTER, {"A": 5, "B": 5}, names={"A": "x", "B": "y"}))
    assert by_name() == ["A", "B"]
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}, T0 + 1, names={"A": "z", "B": "y"}))
    assert by_name() == ["B", "A"]
    tell(monitor, reading("embed", {"A": 5, "B": 5, "C": 1}, T0 + 2))
    assert by_name() == ["C", "B", "A"]


def test_since_is_when_the_oldest_drift_began_and_what_does_not_drift_comes_last() -> None:
    monitor = Monitor(rules(surface("embed"), surface("shop")))
    tell(monitor, reading(MASTER, dict.fromkeys("ABCD", 5)))
    agree = dict.fromkeys("ABCD", 5)
    tell(monitor, reading("embed", {**agree, "C": 9}, T0 + 1))
    tell(monitor, reading("shop", {**agree, "B": 9}, T0 + 2))
    tell(monitor, reading("embed", {**agree, "C": 9, "A": 9}, T0 + 3))
    tell(monitor, reading("shop", {**agree, "B": 9, "C": 8}, T0 + 4))
    lines = monitor.lines(monitor.order(everything=True, by="since"))
    assert [(line.sku, line.since) for line in lines] == [("C", T0 + 1), ("B", T0 + 2), ("A", T0 + 3), ("D", None)]
