"""Since when a level drifts: from the first reading that shows it to the first that shows it over."""

from __future__ import annotations

import pytest

from stockdrift.stock.admission import admit
from stockdrift.stock.board import Board
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Scope, Tolerance
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, surface, tell

UNKNOWN = LevelState.UNKNOWN


def since(levels: list[Level], *, at_once: bool) -> list[int | None]:
    """Of a SKU whose master says 5, after each of the ``levels`` that are read minute by minute: the minute since which
    it drifts, None where it does not.
    """
    monitor = Monitor(rules(surface("embed", stale_after=HOUR)))
    board, found = monitor.board, []
    tell(monitor, reading(MASTER, {"A": 5, "B": 1}, T0 - MINUTE))
    for minute, level in enumerate(levels):
        tell(monitor, reading("embed", {"A": level, "B": 1}, T0 + minute * MINUTE))
        if at_once:
            board.set_rules(board.rules)
        opened = board.columns[1].since[0]
        found.append((board.times[opened] - T0) // MINUTE if opened else None)
    return found


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("levels", "minutes"),
    [
        ([3, 3, 2, 5], [0, 0, 0, None]),  # under, all the time
        ([9, 8, 2, 5, 9], [0, 0, 0, None, 4]),
        ([3, UNKNOWN, 3, 5], [0, 0, 0, None]),  # not seen is not over
        ([3, UNKNOWN, UNKNOWN, 5, 3], [0, 0, 0, None, 4]),
        ([5, UNKNOWN, 3, 3], [None, None, 2, 2]),
        ([UNKNOWN, 5, UNKNOWN, 9], [None, None, None, 3]),
    ],
)
def test_an_episode_lasts_until_it_is_known_to_be_over(
    levels: list[Level], minutes: list[int | None], at_once: bool
) -> None:
    assert since(levels, at_once=at_once) == minutes


def test_who_applies_a_reading_or_other_rules_is_told_what_opened_and_what_closed() -> None:
    board = Board(rules(surface("embed", stale_after=HOUR)))

    def told(name: str, levels: dict[str, Level], minute: int) -> list[tuple[int, list[int], list[int]]]:
        shifts, _ = board.apply(admit(reading(name, levels, T0 + minute * MINUTE), board))
        return [(shift.column, shift.opened.tolist(), shift.closed.tolist()) for shift in shifts]

    assert told(MASTER, {"A": 5, "B": 1}, 0) == []
    assert told("embed", {"A": 3, "B": 1}, 1) == [(1, [0], [])]
    assert told("embed", {"A": 2, "B": 1}, 2) == []
    assert told("embed", {"A": 5, "B": 1}, 3) == [(1, [], [0])]
    assert told("embed", {"A": 4, "B": 2}, 4) == [(1, [0, 1], [])]
    assert told("embed", {"A": 5, "B": 3}, 5) == [(1, [], [0])]
    (shift,) = board.set_rulings({Scope(): Tolerance(9)})
    assert (shift.column, shift.opened.tolist(), shift.closed.tolist()) == (1, [], [1])
    (shift,) = board.set_rulings({})
    assert (shift.column, shift.opened.tolist(), shift.closed.tolist()) == (1, [1], [])
