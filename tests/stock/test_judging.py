"""All rows judged at once: in strides, by their exceptions, and of one surface alone."""

from __future__ import annotations

import pytest

from stockdrift.stock import judging
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.stock.scene import MINUTE, T0, reading, rules, surface, tell

STOCK = {f"S{number}": 5 for number in range(11)}


def standings(monitor: Monitor) -> list[Standing]:
    return [Standing(number) for number in monitor.board.standings[: monitor.board.size]]


def test_what_drifts_is_found_in_every_stride(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "STRIDE", 4)
    monkeypatch.setattr(judging, "BLOCK", 3)
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, STOCK))
    tell(monitor, reading("shop", {**STOCK, "S0": 9, "S5": 0, "S10": 9}))
    tell(monitor, reading("embed", {**STOCK, "S3": 9, "S9": 9, "S10": 0}))
    monitor.board.set_rules(monitor.board.rules)
    off = {0: Standing.OVER, 3: Standing.OVER, 5: Standing.UNDER, 9: Standing.OVER, 10: Standing.OVER}
    assert standings(monitor) == [off.get(row, Standing.IN_SYNC) for row in range(11)]
    assert monitor.board.counts[Standing.IN_SYNC] == 6
    assert [int(column.tally[Code.IN_SYNC]) for column in monitor.board.surfaces] == [8, 8]


def test_a_surface_that_is_known_again_takes_no_drift_from_the_others() -> None:
    monitor = Monitor(rules(surface("shop", stale_after=30 * MINUTE), surface("embed", stale_after=MINUTE)))
    tell(monitor, reading(MASTER, STOCK))
    tell(monitor, reading("shop", {**STOCK, "S2": 9}))
    tell(monitor, reading("embed", STOCK))
    monitor.tick(T0 + 5 * MINUTE)
    assert standings(monitor)[:3] == [Standing.UNKNOWN, Standing.UNKNOWN, Standing.OVER]
    tell(monitor, reading("embed", STOCK, T0 + 6 * MINUTE))
    assert standings(monitor) == [Standing.OVER if row == 2 else Standing.IN_SYNC for row in range(11)]


def test_levels_of_every_width_are_judged_together() -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 100_000, "B": 5}))
    tell(monitor, reading("shop", {"A": 99_999, "B": 5}))
    tell(monitor, reading("embed", {"B": 4}))
    monitor.board.set_rules(monitor.board.rules)
    codes = [[Code(number) for number in column.codes[:2]] for column in monitor.board.surfaces]
    assert codes == [[Code.UNDER, Code.IN_SYNC], [Code.NOT_COMPARED, Code.UNDER]]
