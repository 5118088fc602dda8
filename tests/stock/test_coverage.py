"""How far a surface and the master speak of the same SKUs, against plain sets."""

from __future__ import annotations

from hypothesis import given, settings

from stockdrift.stock.coverage import Coverage, coverage, strangers
from stockdrift.stock.levels import LevelState
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
