"""The board keeps its counts, turns at the very moments, and knows what a whole reading is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from stockdrift.stock import board, catalogue, judging
from stockdrift.stock.column import SLACK
from stockdrift.stock.entries import Ignoring, Naming, Poll, RulesChanged, Ruling
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.reading import MASTER, Covers, Outcome
from stockdrift.stock.rules import Ignore, Scope, Tolerance
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.texts import Texts
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, MINUTE, T0, Level, reading, rules, surface, tell

STOCK: Mapping[str, Level] = {"A": 5, "B": 0, "C": LevelState.UNLIMITED, "D": 7}


def check_counts(monitor: Monitor) -> None:
    """What is counted as it changes is what a count of all gives."""
    board = monitor.board
    standings = board.standings[: board.size]
    assert board.counts.tolist() == np.bincount(standings, minlength=len(Standing)).tolist()
    for column in board.surfaces:
        assert column.tally.tolist() == np.bincount(column.codes[: board.size], minlength=len(Code)).tolist()
    for low, high in ((0, 0), (2, 2), (3, 6), (4, 6), (5, 6), (3, 5), (6, 6), (0, 9), (7, 9)):
        assert board.rows_where(low, high).tolist() == np.flatnonzero((standings >= low) & (standings <= high)).tolist()


@pytest.mark.parametrize("few", [judging._FEW, 0], ids=["at once", "kind by kind"])
def test_what_is_counted_as_it_changes_is_what_a_count_of_all_gives(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_FEW", few)
    monitor = Monitor(rules(surface("shop"), surface("embed"), surface("off", active=False)))
    check_counts(monitor)
    for at, (name, levels) in enumerate(
        [
            ("shop", {"A": 9, "X": 2}), (MASTER, STOCK), ("embed", {"A": 5, "B": 3, "D": 5, "Y": 1}), ("off", {"A": 5}),
            (MASTER, {**STOCK, "Y": 4, "Z": 4}), ("shop", {"A": 5, "X": 2}), ("shop", {"A": 5}), ("embed", {"A": 5}),
        ]
    ):  # fmt: skip
        tell(monitor, reading(name, levels, T0 + at))
        check_counts(monitor)
    tell(monitor, reading("shop", {}, T0 + 9, outcome=Outcome.FAILED))
    check_counts(monitor)
    tell(monitor, reading(MASTER, {**STOCK, "late": 4}, T0 + 10))
    check_counts(monitor)
    monitor.apply(Ignoring(T0 + 11, "ann", Scope("", "A"), Ignore("x", T0 + HOUR)))
    check_counts(monitor)
    monitor.tick(T0 + 3 * HOUR)
    check_counts(monitor)


def test_a_column_turns_as_it_comes_within_reach_of_the_clock_and_as_it_grows_stale() -> None:
    monitor = Monitor(rules(surface("shop", stale_after=MINUTE)))
    tell(monitor, reading("shop", {"A": 5}))
    begins, ends = T0 - SLACK, T0 + MINUTE + 1
    turns = monitor.board.turns
    assert turns(T0 - HOUR, T0 + HOUR) == [begins, ends]
    assert (turns(begins - 1, begins), turns(begins, ends - 1), turns(begins, ends)) == ([begins], [], [ends])
    assert turns(ends, T0 + HOUR) == []


@pytest.mark.parametrize(
    ("outcome", "counts"), [(Outcome.COMPLETE, True), (Outcome.FAILED, True), (Outcome.PARTIAL, False)]
)
def test_changes_are_taken_on_top_of_a_whole_reading_that_no_partial_one_followed(
    outcome: Outcome, counts: bool
) -> None:
    monitor = Monitor(rules(surface("shop")))
    change = reading("shop", {"A": 6}, T0 + 2, covers=Covers.CHANGED)
    assert tell(monitor, change).outcome is Outcome.PARTIAL, "on top of nothing"
    tell(monitor, reading("shop", {"A": 5}))
    tell(monitor, reading("shop", {"A": 5}, T0 + 1, outcome=outcome))
    assert (tell(monitor, change).outcome is Outcome.COMPLETE) == counts
    tell(monitor, replace(change, outcome=Outcome.PARTIAL))
    assert (tell(monitor, change).outcome is Outcome.COMPLETE) == counts, "a part of the changes spoils no whole"


def test_two_surfaces_that_grow_stale_at_one_moment_are_both_unknown() -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed"), surface("feed", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 5}))
    for name in ("shop", "embed", "feed"):
        tell(monitor, reading(name, {"A": 5}, T0 + 1))
    monitor.tick(T0 + 30 * MINUTE)
    assert [cell.verdict for cell in monitor.lines([0])[0].cells] == [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.IN_SYNC]


def test_what_is_ignored_no_longer_is_judged_at_the_moment_at_which_another_surface_grows_stale() -> None:
    monitor = Monitor(rules(surface("shop", stale_after=MINUTE), surface("embed", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("shop", {"A": 5}, T0 + 1))
    tell(monitor, reading("embed", {"A": 9}, T0 + 1))
    monitor.apply(Ignoring(T0 + 2, "ann", Scope("embed", "A"), Ignore("x", T0 + MINUTE + 2)))
    monitor.tick(T0 + MINUTE + 2)
    line = monitor.lines([0])[0]
    assert (line.severity, [cell.verdict for cell in line.cells]) == (
        Severity.OVER, [Verdict.UNKNOWN, Verdict.DRIFTED],
    )  # fmt: skip
    check_counts(monitor)


def test_parts_of_the_master_hold_until_it_is_read_from_elsewhere() -> None:
    held = rules(surface("shop"))
    monitor = Monitor(held)
    told = replace(reading(MASTER, {"A": 4}), parts=np.array([[9, 5, 0, 0]], np.int32))
    tell(monitor, told)
    monitor.apply(RulesChanged(T0 + 1, replace(held, tolerance=Tolerance(3))))
    assert monitor.board.parts == {0: (9, 5, 0, 0)}
    monitor.apply(RulesChanged(T0 + 2, replace(held, master=replace(held.master, source="elsewhere"))))
    assert monitor.board.parts == {}


def test_a_bundle_is_what_its_components_make_of_it_whichever_of_them_is_told() -> None:
    monitor = Monitor(rules(surface("shop"), bundles={"set": {"A": 2, "B": 1}, "odd": {"nobody": 1}}))

    def master(at: int, **levels: Level) -> list[int | str]:
        tell(monitor, reading(MASTER, levels, T0 + at))
        return [monitor.lines([monitor.row_of(sku) or 0])[0].master for sku in ("set", "odd") if sku in levels]

    assert master(0, A=9, B=7) == []
    assert master(1, A=9, B=7, set=1, odd=1) == [4, "unknown"], "itself alone is new"
    assert master(2, A=9, B=3, set=1, odd=1) == [3, "unknown"], "a component alone has changed"
    assert master(3, A=9, B=LevelState.UNLIMITED, set=8, odd=1) == [4, "unknown"]
    assert master(4, A=LevelState.UNLIMITED, B=LevelState.UNLIMITED, set=8, odd=1) == ["unlimited", "unknown"]
    assert master(5, A=9, B=LevelState.DISABLED, set=8, odd=1) == ["unknown", "unknown"]
    assert master(6, A=-3, B=7, set=8, odd=1) == [-2, "unknown"]


@pytest.mark.parametrize("scope", [Scope("", "A"), Scope("shop", "A")])
def test_what_is_ruled_of_a_sku_holds_for_it_and_for_no_other(scope: Scope) -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}))
    for name in ("shop", "embed"):
        tell(monitor, reading(name, {"A": 7, "B": 7}, T0 + 1))
    monitor.apply(Ruling(T0 + 2, "ann", scope, Tolerance(2)))
    embed = Verdict.DRIFTED if scope.surface else Verdict.IN_SYNC
    assert [cell.verdict for cell in monitor.lines([0])[0].cells] == [Verdict.IN_SYNC, embed]
    assert {cell.verdict for cell in monitor.lines([1])[0].cells} == {Verdict.DRIFTED}


@pytest.mark.parametrize(("early", "known"), [(SLACK, True), (SLACK + 1, False)])
def test_a_read_may_lie_so_far_ahead_of_the_clock_and_no_further(early: int, known: bool) -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading("shop", {"A": 5}))
    monitor.tick(T0 - early)
    assert monitor.board.columns[1].known == known


def test_what_a_whole_poll_does_not_speak_of_is_not_listed_though_the_poll_left_that_unsaid() -> None:
    """As those of earlier versions did."""
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}))
    monitor.apply(Poll("shop", Outcome.COMPLETE, Covers.ALL, T0, T0 + 1))
    assert [line.cells[0].reported for line in monitor.lines([0, 1])] == ["unlisted", "unlisted"]
    assert monitor.picture(T0 + 2).gauge.uncovered == 2


def test_times_of_polls_are_kept_up_to_a_number_and_then_up_to_twice_of_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "TIMES", 5)
    monitor, kept = Monitor(rules(surface("shop"))), []
    for at in range(30):
        tell(monitor, reading(MASTER if at % 2 else "shop", {"A": 5}, T0 + at))
        kept.append(len(monitor.board.times))
    assert kept[:5] == [2, 3, 4, 5, 4], "the first, the last, and those that are asked for"
    assert max(kept) == 6
    assert kept.count(6) == 8


def test_prices_of_which_none_is_known_take_no_room_and_those_that_are_stay_known() -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}, names={"A": "x", "B": "y"}, prices={}))
    assert monitor.board.catalogue.prices._held.strides == (0,)
    tell(monitor, reading(MASTER, {"A": 5, "B": 5}, T0 + 1, prices={"B": 2.0}))
    assert np.isnan(monitor.board.catalogue.prices[0])
    assert thaw(freeze(monitor)).board.catalogue.prices[1] == 2.0


def test_the_parts_of_the_catalogue_in_which_anything_is_new_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PART", 4)
    found = catalogue.Catalogue()
    for skus, touched in ((range(3), {0}), (range(3, 4), {0}), (range(4, 5), {1}), (range(5, 13), {1, 2, 3})):
        found.add([f"S{number:02}" for number in skus])
        assert found.touched == touched
        found.touched.clear()
    found.name(Naming(np.array([2, 9], np.int32), ["x", "y"], np.full(2, np.nan)))
    assert found.touched == {0, 2}


def test_a_first_reading_that_was_looked_at_and_not_taken_leaves_nothing() -> None:
    found = catalogue.Catalogue()
    rows, new = found.rows_with_new(Texts.of(["A", "B"]))
    assert (rows.tolist(), list(new)) == ([0, 1], ["A", "B"])
    found.add(["C"])
    assert [found.row_of(sku) for sku in "ABC"] == [None, None, 0]
    found.add(new)
    assert [found.row_of(sku) for sku in "ABC"] == [1, 2, 0]


def test_texts_that_nobody_cleaned_are_searched_row_by_row_all_the_same() -> None:
    for skus in (["a\nb", "C", "cd"], ["É", "C", "cd"], ["a\nÉ", "C", "cd"]):
        found = catalogue.Catalogue()
        found.add(skus)
        assert found.matching("c").tolist() == [1, 2]
        assert found.matching("é").tolist() == ([0] if "É" in skus[0] else [])
        assert found.matching("a ").tolist() == ([0] if "a" in skus[0] else []), "a line end is read as a space"


def test_reasons_that_are_the_same_for_all_take_no_room() -> None:
    monitor = Monitor(rules(surface("shop")))
    for read in (
        reading(MASTER, {"A": 5, "B": 5}),
        reading("shop", {"A": 5, "C": 5}),
        reading("shop", {"A": 6, "C": 5}),
    ):
        tell(monitor, read)
        assert all(column.reasons.strides == (0,) for column in monitor.board.columns)
    tell(monitor, reading("shop", {"A": LevelState.UNKNOWN, "C": 5}))
    assert monitor.board.columns[1].reasons.strides == (1,)
