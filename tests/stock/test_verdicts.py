"""Verdicts of single levels: the rules one by one, and dense properties where a wide net would miss the corner."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.entries import Ruling
from stockdrift.stock.levels import LevelState
from stockdrift.stock.likeness import alike
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.reading import MASTER, Covers, Outcome
from stockdrift.stock.report import exit_code, report
from stockdrift.stock.rules import Allotment, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.stock.oracle import Oracle
from tests.stock.scene import HOUR, MINUTE, SECOND, T0, Level, reading, rules, surface, tell

S = LevelState


def judged(master: Level, shown: Level, *, of: SurfaceRules | None = None) -> tuple[Verdict, Severity]:
    monitor = Monitor(rules(of or surface("embed")))
    tell(monitor, reading(MASTER, {"A": master, "B": 1}))
    tell(monitor, reading("embed", {"A": shown, "B": 1}, T0 + 1))
    (line,) = monitor.lines([0])
    return line.cells[0].verdict, line.cells[0].severity


@pytest.mark.parametrize(
    ("master", "shown", "verdict", "severity"),
    [
        (3, 3, Verdict.IN_SYNC, Severity.NONE),
        (3, 11, Verdict.DRIFTED, Severity.OVER),
        (3, 1, Verdict.DRIFTED, Severity.UNDER),
        (0, 2, Verdict.DRIFTED, Severity.OVERSELL),
        (-4, 1, Verdict.DRIFTED, Severity.OVERSELL),
        (-4, -9, Verdict.IN_SYNC, Severity.NONE),  # both sell nothing
        (0, -1, Verdict.IN_SYNC, Severity.NONE),
        (3, S.UNLIMITED, Verdict.DRIFTED, Severity.OVER),
        (0, S.UNLIMITED, Verdict.DRIFTED, Severity.OVERSELL),
        (3, S.IN, Verdict.IN_SYNC, Severity.NONE),
        (0, S.IN, Verdict.DRIFTED, Severity.OVERSELL),
        (3, S.OUT, Verdict.DRIFTED, Severity.UNDER),
        (0, S.OUT, Verdict.IN_SYNC, Severity.NONE),
        (3, S.PREORDER, Verdict.NOT_COMPARED, Severity.NONE),
        (3, S.BACKORDER, Verdict.NOT_COMPARED, Severity.NONE),
        (3, S.UNLISTED, Verdict.NOT_COMPARED, Severity.NONE),
        (3, S.DISABLED, Verdict.NOT_COMPARED, Severity.NONE),
        (3, S.UNKNOWN, Verdict.UNKNOWN, Severity.NONE),
        (S.UNKNOWN, 3, Verdict.UNKNOWN, Severity.NONE),
        (S.UNLIMITED, 3, Verdict.NOT_COMPARED, Severity.NONE),
        (S.DISABLED, 3, Verdict.NOT_COMPARED, Severity.NONE),
        (S.UNLISTED, 3, Verdict.NOT_COMPARED, Severity.ORPHAN),
        (S.UNLISTED, 0, Verdict.NOT_COMPARED, Severity.NONE),
        (2**31 - 1, -(2**31), Verdict.DRIFTED, Severity.UNDER),
        (-(2**31), 2**31 - 1, Verdict.DRIFTED, Severity.OVERSELL),
    ],
)
def test_one_level(master: Level, shown: Level, verdict: Verdict, severity: Severity) -> None:
    assert judged(master, shown) == (verdict, severity)


@pytest.mark.parametrize("shown", [S.PREORDER, S.BACKORDER])
def test_preorder_is_compared_where_the_settings_ask(shown: LevelState) -> None:
    asked = surface("embed", compare_preorder=True)
    assert judged(3, shown, of=asked) == (Verdict.IN_SYNC, Severity.NONE)
    assert judged(0, shown, of=asked) == (Verdict.DRIFTED, Severity.OVERSELL)


def test_tolerance_can_hide_no_oversell() -> None:
    lenient = surface("embed", tolerance=Tolerance(units=100))
    assert judged(3, 50, of=lenient) == (Verdict.IN_SYNC, Severity.NONE)
    assert judged(0, 1, of=lenient) == (Verdict.DRIFTED, Severity.OVERSELL)


def test_a_percentage_has_a_floor() -> None:
    lenient = surface("embed", tolerance=Tolerance(units=2, percent=1_000))
    assert judged(100, 110, of=lenient)[0] is Verdict.IN_SYNC
    assert judged(100, 111, of=lenient)[0] is Verdict.DRIFTED
    assert judged(5, 7, of=lenient)[0] is Verdict.IN_SYNC
    assert judged(5, 8, of=lenient)[0] is Verdict.DRIFTED


def test_expected_is_share_less_buffer_within_the_cap() -> None:
    half = surface("embed", allotment=Allotment(share=5_000, buffer=1, cap=4))
    assert judged(7, 2, of=half)[0] is Verdict.IN_SYNC  # floor(3.5) − 1
    assert judged(100, 4, of=half)[0] is Verdict.IN_SYNC
    assert judged(1, 0, of=half)[0] is Verdict.IN_SYNC
    assert judged(1, 1, of=half) == (Verdict.DRIFTED, Severity.OVER)  # not an oversell: one is there


def test_a_bundle_has_what_its_scarcest_part_allows() -> None:
    monitor = Monitor(rules(surface("embed"), bundles={"SET": {"A": 2, "B": 1}}))
    tell(monitor, reading(MASTER, {"SET": 99, "A": 7, "B": 5}))
    tell(monitor, reading("embed", {"SET": 3, "A": 7, "B": 5}, T0 + 1))
    assert monitor.picture(T0 + 2).gauge.drifting == 0
    tell(monitor, reading(MASTER, {"SET": 99, "A": 3, "B": 5}, T0 + 3))
    (line,) = [line for line in monitor.lines(monitor.order()) if line.sku == "SET"]
    assert (line.master, line.cells[0].deviation) == (1, 2)
    assert "÷" in monitor.sku(line.row, T0 + 4).master_arithmetic


small = st.integers(0, 8)


@settings(max_examples=500, deadline=None)
@given(
    atp=st.integers(-1, 5),
    shown=st.tuples(small, small, small),
    allowed=st.tuples(*[st.integers(0, 4)] * 3),
    shares=st.tuples(*[st.sampled_from([10_000, 5_000])] * 3),
)
def test_pairs_of_surfaces(atp: int, shown: tuple[int, ...], allowed: tuple[int, ...], shares: tuple[int, ...]) -> None:
    names = ["one", "two", "three"]
    judging = Rules(
        SurfaceRules(MASTER),
        [
            SurfaceRules(name, tolerance=Tolerance(units), allotment=Allotment(share))
            for name, units, share in zip(names, allowed, shares, strict=True)
        ],
    )
    monitor, oracle = Monitor(judging), Oracle(judging)
    for name, units in zip([MASTER, *names], [atp, *shown], strict=True):
        read = reading(name, {"A": units})
        tell(monitor, read)
        oracle.read(read)
    (line,) = monitor.lines([0])
    truth = oracle.verdicts(T0)
    assert [cell.severity.word if cell.severity else cell.verdict.word for cell in line.cells] == [
        truth.cells["A", name] for name in names
    ]


def test_a_pair_drifts_where_each_alone_would_not() -> None:
    lenient = Tolerance(units=2)
    monitor = Monitor(rules(surface("one"), surface("two"), surface("three"), tolerance=lenient))
    tell(monitor, reading(MASTER, {"A": 10}))
    for name, units in (("one", 12), ("two", 8), ("three", 10)):
        tell(monitor, reading(name, {"A": units}, T0 + 1))
    (line,) = monitor.lines([0])
    assert [cell.severity for cell in line.cells] == [Severity.OVER, Severity.UNDER, Severity.NONE]
    assert line.cells[0].reason == "pair: differs from another surface"


def test_a_failed_read_makes_its_surface_unknown_and_a_good_one_brings_it_back() -> None:
    monitor = Monitor(rules(surface("embed"), surface("site")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1}))
    tell(monitor, reading("embed", {"A": 3, "B": 1}, T0 + 1))
    tell(monitor, reading("site", {"A": 3}, T0 + 1))
    assert monitor.picture(T0 + 2).gauge.in_sync == 2
    tell(monitor, reading("site", {}, T0 + 3, outcome=Outcome.FAILED, reason="HTTP 503"))
    picture = monitor.picture(T0 + 4)
    assert (picture.gauge.in_sync, picture.gauge.unknown) == (1, 1)  # B was not listed there
    assert picture.surfaces[1].reason == "HTTP 503"
    assert picture.surfaces[1].drifting is None
    assert exit_code(monitor) == 2
    tell(monitor, reading("site", {"A": 3}, T0 + 5))
    assert monitor.picture(T0 + 6).gauge.in_sync == 2
    assert exit_code(monitor) == 0


def test_an_episode_lives_through_a_failed_read() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1}))
    tell(monitor, reading("embed", {"A": 5, "B": 1}, T0 + 1))
    tell(monitor, reading("embed", {}, T0 + 2, outcome=Outcome.FAILED))
    tell(monitor, reading("embed", {"A": 5, "B": 1}, T0 + 3))
    assert monitor.lines(monitor.order())[0].since == T0 + 1


def test_time_alone_turns_agreement_into_unknown() -> None:
    monitor = Monitor(rules(surface("embed", stale_after=MINUTE)))
    tell(monitor, reading(MASTER, {"A": 3}))
    tell(monitor, reading("embed", {"A": 3}, T0 + SECOND))
    assert not monitor.tick(T0 + SECOND + MINUTE)
    assert monitor.tick(T0 + SECOND + MINUTE + 1)
    assert monitor.picture(T0 + 2 * MINUTE).gauge.unknown == 1


def test_a_collapsed_master_makes_everything_unknown() -> None:
    stock: dict[str, Level] = {f"S{number}": number for number in range(10)}
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, stock))
    tell(monitor, reading("embed", stock, T0 + 1))
    poll = tell(monitor, reading(MASTER, {"S1": 1}, T0 + 2))
    assert (poll.outcome, poll.reason) == (
        Outcome.PARTIAL,
        "1 rows, 90 % fewer than the 10 of the last complete read",
    )
    gauge = monitor.picture(T0 + 3).gauge
    assert (gauge.known, gauge.in_sync, gauge.unknown) == (False, 0, 10)
    tell(monitor, reading(MASTER, {}, T0 + 4))
    assert monitor.picture(T0 + 5).gauge.unknown == 10


def test_exactly_a_fifth_fewer_is_still_whole() -> None:
    stock: dict[str, Level] = {f"S{number}": number for number in range(10)}
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading("embed", stock))
    fewer = dict(list(stock.items())[:8])
    assert tell(monitor, reading("embed", fewer, T0 + 1)).outcome is Outcome.COMPLETE
    assert tell(monitor, reading("embed", dict(list(fewer.items())[:6]), T0 + 2)).outcome is Outcome.PARTIAL


def test_a_sku_gone_once_is_unknown_and_gone_twice_unlisted() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1, "C": 1, "D": 1, "E": 1}))
    full: dict[str, Level] = {"A": 3, "B": 1, "C": 1, "D": 1, "E": 1}
    tell(monitor, reading("embed", full, T0 + 1))
    less = {sku: level for sku, level in full.items() if sku != "A"}
    tell(monitor, reading("embed", less, T0 + 2))
    assert monitor.lines([0])[0].cells[0].verdict is Verdict.UNKNOWN
    assert "gone" in monitor.lines([0])[0].cells[0].reason
    tell(monitor, reading("embed", less, T0 + 3))
    assert monitor.lines([0])[0].cells[0].reported == "unlisted"
    assert monitor.picture(T0 + 4).gauge.uncovered == 1


def test_a_sku_named_twice_is_unknown() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1}))
    tell(monitor, reading("embed", [("A", 3), ("A", 3), ("B", 1)], T0 + 1))
    cell = monitor.lines([0])[0].cells[0]
    assert (cell.verdict, cell.reason) == (Verdict.UNKNOWN, "listed more than once")


def test_skus_that_differ_in_case_are_reported_and_not_merged() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"abc": 3}))
    tell(monitor, reading("embed", {"ABC": 3}, T0 + 1))
    assert [one.skus for one in alike(monitor.board.catalogue.skus)] == [("abc", "ABC")]
    gauge = monitor.picture(T0 + 2).gauge
    assert (gauge.uncovered, gauge.orphans, gauge.in_sync) == (1, 1, 0)
    assert exit_code(monitor) == 1


def test_only_changes_before_any_whole_read_say_nothing() -> None:
    monitor = Monitor(rules(surface("embed")))
    poll = tell(monitor, reading(MASTER, {"A": 3}, covers=Covers.CHANGED))
    assert poll.outcome is Outcome.PARTIAL
    assert not monitor.picture(T0).gauge.known


def test_changes_keep_the_rest_and_refresh_its_age() -> None:
    monitor = Monitor(rules(surface("embed", stale_after=MINUTE)))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1}))
    tell(monitor, reading("embed", {"A": 3, "B": 1}, T0))
    tell(monitor, reading("embed", {}, T0 + 50 * SECOND, covers=Covers.CHANGED))
    monitor.tick(T0 + 100 * SECOND)
    assert monitor.picture(T0 + 100 * SECOND).gauge.in_sync == 2


def test_columns_grow_past_their_first_capacity() -> None:
    stock: dict[str, Level] = {f"S{number:05}": number for number in range(3_000)}
    monitor = Monitor(rules(surface("embed"), surface("site")))
    tell(monitor, reading("embed", stock))
    tell(monitor, reading(MASTER, stock, T0 + 1))
    tell(monitor, reading("site", dict.fromkeys(stock, 1), T0 + 2))
    gauge = monitor.picture(T0 + 3).gauge
    assert (gauge.tracked, gauge.in_sync, gauge.oversell, gauge.under) == (3_000, 1, 1, 2_998)
    assert np.array_equal(
        monitor.board.counts, np.bincount(monitor.board.standings[:3_000], minlength=len(monitor.board.counts))
    )


def test_a_pair_by_the_tolerance_of_a_single_sku() -> None:
    monitor = Monitor(rules(surface("one"), surface("two"), tolerances={"A": Tolerance(units=2)}))
    tell(monitor, reading(MASTER, {"A": 10, "B": 10}))
    tell(monitor, reading("one", {"A": 12, "B": 10}, T0 + 1))
    tell(monitor, reading("two", {"A": 8, "B": 10}, T0 + 1))
    assert [cell.severity for cell in monitor.lines([0])[0].cells] == [Severity.OVER, Severity.UNDER]


def test_unknown_levels_say_why_one_by_one() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3, "B": 1, "C": 2}))
    tell(monitor, reading("embed", [("A", S.UNKNOWN), ("B", 1), ("B", 1), ("C", 2)], T0 + 1))
    assert [line.cells[0].reason for line in monitor.lines([0, 1, 2])] == [
        "its row is not a whole quantity",
        "listed more than once",
        "",
    ]


def test_names_and_prices_are_told_when_they_change() -> None:
    monitor = Monitor(rules(surface("embed")))
    names, prices = {"A": "Amber", "B": "Beeswax"}, {"A": 9.0}  # B's price is not known
    first = tell(monitor, reading(MASTER, {"A": 3, "B": 1}, names=names, prices=prices))
    assert (first.naming.rows.tolist(), list(first.naming.names)) == ([0, 1], ["Amber", "Beeswax"])
    again = tell(monitor, reading(MASTER, {"A": 3, "B": 1}, T0 + 1, names=names, prices=prices))
    assert len(again.naming.rows) == 0
    dearer = tell(monitor, reading(MASTER, {"A": 3, "B": 1}, T0 + 2, names=names, prices={"A": 9.0, "B": 4.0}))
    assert (dearer.naming.rows.tolist(), dearer.naming.prices.tolist()) == ([1], [4.0])
    renamed = tell(monitor, reading(MASTER, {"A": 3, "B": 1}, T0 + 3, names={**names, "A": "Ambre"}, prices={"A": 9.0}))
    assert renamed.naming.rows.tolist() == [0, 1]
    assert monitor.board.catalogue.names == ["Ambre", "Beeswax"]
    surfaces = tell(monitor, reading("embed", {"A": 3, "B": 1}, T0 + 4, names={"A": "Something else"}))
    assert len(surfaces.naming.rows) == 0  # only the master names


def test_a_ruling_for_the_store_does_not_outrank_what_the_file_says_of_a_surface() -> None:
    monitor = Monitor(rules(surface("one", tolerance=Tolerance(units=2)), surface("two")))
    monitor.apply(Ruling(T0, "op", Scope(), Tolerance(units=0)))
    tell(monitor, reading(MASTER, {"A": 10}))
    for name in ("one", "two"):
        tell(monitor, reading(name, {"A": 11}, T0 + 1))
    assert [cell.verdict for cell in monitor.lines([0])[0].cells] == [Verdict.IN_SYNC, Verdict.DRIFTED]
    monitor.apply(Ruling(T0 + 2, "op", Scope("one"), Tolerance(units=0)))
    assert monitor.lines([0])[0].cells[0].verdict is Verdict.DRIFTED


def test_a_surface_that_states_quantities_no_more_is_not_believed() -> None:
    monitor = Monitor(rules(surface("facebook")))
    tell(monitor, reading(MASTER, {"SEA": 3, "AMB": 7}, T0))
    tell(monitor, reading("facebook", {"SEA": 11, "AMB": 7}, T0))
    words = {"SEA": LevelState.IN, "AMB": LevelState.IN}
    lost = tell(monitor, reading("facebook", words, T0 + MINUTE))
    assert (lost.outcome, lost.reason) == (
        Outcome.PARTIAL,
        "in stock or out is all that it says, and the last complete read stated quantities",
    )
    assert monitor.picture(T0 + MINUTE).gauge.in_sync == 0
    assert tell(monitor, reading("facebook", {"SEA": 4, "AMB": 7}, T0 + 2 * MINUTE)).outcome is Outcome.COMPLETE
    # Out alone is what a quantity comes to where it is not sold; and who never stated any may go on so.
    out = {"SEA": LevelState.OUT, "AMB": LevelState.OUT}
    assert tell(monitor, reading("facebook", out, T0 + 3 * MINUTE)).outcome is Outcome.COMPLETE
    assert tell(monitor, reading("facebook", words, T0 + 4 * MINUTE)).outcome is Outcome.COMPLETE


def test_a_surface_that_lists_nothing_tracked_and_fails_is_no_calm() -> None:
    monitor = Monitor(rules(surface("embed"), surface("facebook")))
    tell(monitor, reading(MASTER, {"A": 3, "GIFT": S.UNLIMITED}))
    tell(monitor, reading("embed", {"A": 3}))
    tell(monitor, reading("facebook", {"GIFT": S.UNLIMITED}))
    assert monitor.picture(T0).gauge.silent == 0
    tell(monitor, reading("facebook", {}, T0 + MINUTE, outcome=Outcome.FAILED, reason="HTTP 503"))
    gauge = monitor.picture(T0 + MINUTE).gauge
    assert (gauge.known, gauge.in_sync, gauge.unknown, gauge.silent) == (True, 1, 0, 1)
    assert exit_code(monitor) == 2


def test_a_bundle_of_what_is_not_counted_is_not_counted() -> None:
    monitor = Monitor(rules(surface("embed"), bundles={"SET": {"CARD": 1, "WRAP": 2}}))
    tell(monitor, reading(MASTER, {"SET": 7, "CARD": S.UNLIMITED, "WRAP": S.UNLIMITED}))
    tell(monitor, reading("embed", {"SET": 7}))
    row = monitor.row_of("SET")
    assert row is not None
    assert monitor.sku(row, T0).why == "Not counted: the master says unlimited."


def test_what_the_master_last_said_is_not_reported_as_what_it_says() -> None:
    monitor = Monitor(rules(surface("embed")))
    tell(monitor, reading(MASTER, {"A": 3}))
    tell(monitor, reading("embed", {"A": 3}))
    assert [sku["master"] for sku in report(monitor, T0, everything=True)["skus"]] == [3]
    tell(monitor, reading(MASTER, {}, T0 + MINUTE, outcome=Outcome.FAILED, reason="HTTP 401"))
    (sku,) = report(monitor, T0 + MINUTE, everything=True)["skus"]
    assert (sku["master"], sku["levels"]["embed"]["verdict"]) == ("unknown", "unknown")


def test_what_is_missing_since_a_row_lost_its_sku_is_not_taken_for_unlisted() -> None:
    monitor = Monitor(rules(surface("embed"), surface("facebook", max_shrink=10_000)))
    both, at = {"A": 3, "B": 7}, iter(range(T0, T0 + HOUR, SECOND))

    def read(levels: dict[str, Level], nameless: int) -> tuple[str, str]:
        """What becomes of A on Facebook, and of A as a whole."""
        for name in (MASTER, "embed"):
            tell(monitor, reading(name, both, next(at)))
        tell(monitor, replace(reading("facebook", levels, next(at)), nameless=nameless))
        assert thaw(freeze(monitor)).lines([0]) == monitor.lines([0])
        (line,) = monitor.lines([0])
        return str(line.cells[1].reported), "unknown" if line.unknown else line.cells[1].verdict.word

    assert read(both, 2) == ("3", "in sync")
    only_b: dict[str, Level] = {"B": 7, "C": 1}
    for _ in range(3):  # somebody emptied its SKU: it is sold there all the same
        assert read(only_b, 3) == ("unknown", "unknown")
        assert monitor.lines([0])[0].cells[1].reason == "gone since a row came that names no SKU"
    assert read({**both, "C": 1}, 2) == ("3", "in sync")
    assert read(only_b, 2) == ("unknown", "unknown")
    assert read(only_b, 2) == ("unlisted", "not compared"), "rows without a SKU that were there before say nothing"
    assert read({**both, "C": 1}, 2) == ("3", "in sync")
    assert read(only_b, 5) == ("unknown", "unknown")
    assert read(only_b, 2) == ("unlisted", "not compared"), "it went with the row that may have been its own"
