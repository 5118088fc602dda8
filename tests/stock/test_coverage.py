"""How far a surface and the master speak of the same SKUs, against plain sets."""

from __future__ import annotations

from hypothesis import given, settings

from stockdrift.stock.coverage import Coverage, coverage, mapped, strangers
from stockdrift.stock.levels import LevelState
from stockdrift.stock.likeness import Alike, alike
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Rules
from tests.stock.scene import T0, reading, rules, surface, tell
from tests.stock.strategies import Step, any_rules, runs
from tests.stock.test_oracle import play


def test_the_example_of_a_candle_maker() -> None:
    monitor = Monitor(rules(surface("facebook"), surface("embed")))
    assert coverage(monitor.board, 1) is None
    tell(monitor, reading(MASTER, {"A": 1, "B": 2, "C": 3, "GIFT": LevelState.UNLIMITED}))
    tell(monitor, reading("facebook", {"A": 1, "a": 9, "GIFT": 5, "GONE": 0}, T0 + 1))
    assert coverage(monitor.board, 1) == Coverage(tracked=3, listed=1, own=4, known=2)
    assert coverage(monitor.board, 2) is None
    rows, sells = strangers(monitor.board, 1)
    named = [monitor.board.catalogue.skus[row] for row in rows.tolist()]
    assert dict(zip(named, sells.tolist(), strict=True)) == {"a": True, "GONE": False}


def test_what_is_mapped_is_told_row_by_row() -> None:
    monitor = Monitor(rules(surface("facebook"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 1, "B": 2, "B-1": 3}))
    tell(monitor, reading("facebook", {"A": 1, "a": 9, "GONE": 0}, T0 + 1))
    tell(monitor, reading("embed", {"B-1": 1, "b1": 0}, T0 + 2))
    skus = monitor.board.catalogue.skus
    groups = alike(skus)
    found = {name: mapped(monitor.board, index, groups) for index, name in ((1, "facebook"), (2, "embed"))}
    told = {
        name: ([[skus[row] for row in rows.tolist()] for rows in (one.orphans, one.unsold, one.missing)],
               [group.skus for group in one.alike])
        for name, one in found.items() if one is not None
    }  # fmt: skip
    assert told == {
        "facebook": ([["a"], ["GONE"], ["B", "B-1"]], [("A", "a")]),
        "embed": ([[], ["b1"], ["A", "B"]], [("B-1", "b1")]),
    }


def test_a_group_that_was_found_later_than_the_board_stands_is_no_trouble() -> None:
    monitor = Monitor(rules(surface("facebook")))
    tell(monitor, reading(MASTER, {"A": 1}))
    tell(monitor, reading("facebook", {"A": 1}, T0 + 1))
    found = mapped(monitor.board, 1, [Alike(("A", "a"), ("case",), (0, 1)), Alike(("B", "b"), ("case",), (2, 3))])
    assert found is not None
    assert [group.skus for group in found.alike] == [("A", "a")]


@settings(max_examples=150, deadline=None)
@given(any_rules, runs())
def test_it_counts_as_plain_sets_do(held: Rules, run: list[Step]) -> None:
    monitor, oracle, _ = play(held, run)
    for index, column in enumerate(monitor.board.surfaces, 1):
        found = coverage(monitor.board, index)
        side = oracle.sides[column.rules.name]
        assert (found is None) == (not side.ever or not oracle.sides[MASTER].ever)
        if found is None:
            continue
        skus = oracle.known()
        own = {sku for sku in skus if side.level(sku)[0] is not LevelState.UNLISTED and sku not in side.unasked}
        tracked = {sku for sku in skus if oracle.atp(sku)[0] is LevelState.COUNTED}
        known = {sku for sku in own if oracle.atp(sku)[0] is not LevelState.UNLISTED}
        assert found == Coverage(len(tracked), len(own & tracked), len(own), len(known))
        rows = mapped(monitor.board, index)
        assert rows is not None
        assert rows.coverage == found
        named = [[monitor.board.catalogue.skus[row] for row in part.tolist()] for part in (rows.orphans, rows.unsold)]
        assert sorted([*named[0], *named[1]]) == sorted(own - known)
        assert {monitor.board.catalogue.skus[row] for row in rows.missing.tolist()} == tracked - own
