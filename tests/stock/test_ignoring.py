"""SKUs that are left out: by whom, why, until when; nothing is hidden, and nothing stays out by itself."""

from __future__ import annotations

import numpy as np
import pytest

from stockdrift.stock.entries import EpisodeEvent, Ignoring, RulesChanged
from stockdrift.stock.explain import explanation
from stockdrift.stock.ignoring import Hidden, Ignores
from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Verdict
from stockdrift.stock.reading import MASTER
from stockdrift.stock.report import exit_code, report
from stockdrift.stock.rules import Ignore, Rules, Scope
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, SECOND, T0, reading, rules, surface, tell

UNTIL = T0 + 60 * SECOND
SAID = Ignore("relabelled", UNTIL, "anna", T0 + 3)


def watched(held: Rules | None = None) -> Monitor:
    monitor = Monitor(held or rules(surface("embed", stale_after=HOUR), surface("facebook", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 0, "B": 5, "C": 3}))
    tell(monitor, reading("embed", {"A": 0, "B": 5, "C": 3}, T0 + 1))
    tell(monitor, reading("facebook", {"A": 2, "B": 9, "C": 3, "ORPHAN": 1}, T0 + 2))
    return monitor


def test_an_ignored_sku_is_out_of_scope_and_its_oversell_is_told() -> None:
    monitor = watched()
    events = monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "A"), SAID))
    assert list(events) == [EpisodeEvent("A", "facebook", False, T0 + 3, "", 2)]
    picture = monitor.picture(T0 + 4)
    figures = picture.gauge
    assert (figures.tracked, figures.drifting, figures.in_sync, figures.oversell) == (2, 1, 1, 0)
    assert (figures.ignored, figures.ignored_oversell) == (1, 1)
    told = picture.findings[-1]
    assert told.lead == "1 ignored SKU oversells:"
    assert told.said(lambda at: "noon" if at == UNTIL else "?") == "A on Facebook, by anna until noon: relabelled."
    slot = next(slot for slot in picture.companions if slot.label == "untracked")
    assert (slot.value, slot.note, slot.tone) == ("0", "1 ignored", "oversell")
    slot = picture.companions[0]  # it is live all the same
    assert (slot.label, slot.value, slot.note, slot.tone) == ("out of stock", "1", "1 live, ignored", "oversell")
    tell(monitor, reading("embed", {"A": 1, "B": 5, "C": 3}, T0 + 5))
    monitor.apply(Ignoring(T0 + 6, "anna", Scope("", "A"), None))
    monitor.apply(Ignoring(T0 + 6, "anna", Scope("facebook", "A"), SAID))
    assert monitor.picture(T0 + 6).companions[0].note == "1 live", "one SKU, whether or not it is ignored somewhere"
    monitor.apply(Ignoring(T0 + 7, "anna", Scope("", "A"), SAID))
    assert "A" not in [line.sku for line in monitor.lines(monitor.order())]
    (line,) = monitor.lines(monitor.order(text="ignored"))
    assert (line.sku, line.ignored, line.severity.word) == ("A", True, "none")
    assert [(cell.verdict, cell.reason) for cell in line.cells] == [(Verdict.NOT_COMPARED, "ignored: relabelled")] * 2
    assert monitor.sku(0, T0 + 4).why == "Ignored by anna: relabelled. It oversells all the same."


def test_it_comes_back_by_itself_when_its_end_passes_and_not_before() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "A"), SAID))
    assert not monitor.tick(UNTIL - 1)
    assert monitor.picture(UNTIL - 1).gauge.oversell == 0
    assert monitor.tick(UNTIL)
    assert monitor.picture(UNTIL).gauge.oversell == 1
    assert monitor.picture(UNTIL).gauge.ignored == 0
    monitor.tick(UNTIL - 5)  # a clock that is set back
    assert monitor.picture(UNTIL - 5).gauge.ignored == 1


def test_its_drift_begins_anew_when_the_end_has_passed() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "A"), SAID))
    events = monitor.apply(Ignoring(UNTIL + 10, "ben", Scope("", "B"), Ignore("x", UNTIL + HOUR)))
    assert [(event.sku, event.opened) for event in events] == [("A", True), ("B", False)]


def test_on_one_surface_the_others_are_still_compared() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("facebook", "B"), SAID))
    figures = monitor.picture(T0 + 4).gauge
    assert (figures.tracked, figures.in_sync, figures.drifting, figures.ignored) == (3, 2, 1, 1)
    assert monitor.sku(1, T0 + 4).why == "In sync: 1 surface read back as expected; 1 surface ignored."


def test_where_nothing_else_is_left_it_is_ignored_and_never_agreement() -> None:
    monitor = watched()
    for name in ("embed", "facebook"):
        monitor.apply(Ignoring(T0 + 3, "anna", Scope(name, "C"), SAID))
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("facebook", "ORPHAN"), SAID))
    figures = monitor.picture(T0 + 4).gauge
    assert (figures.tracked, figures.in_sync, figures.orphans, figures.ignored) == (2, 0, 0, 2)
    assert monitor.sku(2, T0 + 4).why == "Ignored on every surface that could be compared by anna: relabelled."


def test_an_operators_word_stands_before_the_settings_and_can_be_taken_back() -> None:
    held = rules(surface("facebook", stale_after=HOUR), ignores={"A": Ignore("by file", UNTIL)})
    monitor = Monitor(held)
    tell(monitor, reading(MASTER, {"A": 0, "B": 5}))
    tell(monitor, reading("facebook", {"A": 2, "B": 5}, T0 + 2))
    assert exit_code(monitor) == 0
    said = report(monitor, T0 + 3)
    assert (said["ignored"], said["ignored_oversell"], said["tracked"]) == (1, 1, 1)
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "A"), Ignore("sold by mistake", T0 + 3, "anna")))
    assert exit_code(monitor) == 1
    monitor.apply(Ignoring(T0 + 4, "anna", Scope("", "A"), None))
    assert exit_code(monitor) == 0
    assert monitor.sku(0, T0 + 5).why.startswith("Ignored by the settings: by file.")


def test_what_nobody_lists_is_not_counted_as_ignored_and_what_no_surface_lists_is() -> None:
    monitor = watched()
    tell(monitor, reading(MASTER, {"A": 0, "B": 5, "C": 3, "uncovered": 4, "absent": LevelState.UNLISTED}, T0 + 3))
    for sku in ("uncovered", "absent"):
        monitor.apply(Ignoring(T0 + 4, "anna", Scope("", sku), SAID))
    assert [line.sku for line in monitor.lines(monitor.order(text="ignored"))] == ["uncovered"]
    assert monitor.picture(T0 + 5).gauge.ignored == 1


def test_an_ignored_sku_that_merely_shows_too_much_oversells_nothing() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "B"), SAID))
    figures = monitor.picture(T0 + 4).gauge
    assert (figures.ignored, figures.ignored_oversell) == (1, 0)


def test_it_is_explained_with_who_why_and_until_when() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "A"), SAID))
    said = explanation(monitor, 0, T0 + 4, str)
    assert said["standing"] == "ignored"
    expected = {"by": "anna", "reason": "relabelled", "since": str(T0 + 3), "until": str(UNTIL)}
    assert said["ignored"] == expected
    assert [one["ignored"] for one in said["surfaces"]] == [expected, expected]


def test_a_snapshot_keeps_it_and_a_sku_that_is_not_there_yet_is_ignored_when_it_comes() -> None:
    monitor = watched()
    monitor.apply(Ignoring(T0 + 3, "anna", Scope("", "LATER"), SAID))
    thawed = thaw(freeze(monitor))
    for one in (monitor, thawed):
        tell(one, reading("facebook", {"A": 2, "B": 9, "C": 3, "ORPHAN": 1, "LATER": 4}, T0 + 5))
        assert one.picture(T0 + 6).gauge.ignored == 1
        assert one.lines(one.order(text="ignored"))[0].sku == "LATER"
    assert list(thawed.said) == list(monitor.said)


@pytest.mark.parametrize("moved", ["master", "surface"])
def test_what_is_read_elsewhere_is_unknown_until_its_first_reading(moved: str) -> None:
    before = rules(surface("facebook", stale_after=HOUR))
    monitor = Monitor(before)
    tell(monitor, reading(MASTER, {"A": 4, "B": 5}))
    tell(monitor, reading("facebook", {"A": 9, "B": 5}, T0 + 1))
    if moved == "master":
        after = replace(before, master=replace(before.master, source="elsewhere"))
    else:
        after = replace(before, surfaces=tuple(replace(one, source="elsewhere") for one in before.surfaces))
    events = monitor.apply(RulesChanged(T0 + 2, after))
    if moved == "surface":
        assert [(event.sku, event.opened) for event in events] == [("A", False)]
    figures = monitor.picture(T0 + 3).gauge
    assert not figures.known
    assert (figures.in_sync, figures.drifting) == (0, 0)
    assert exit_code(monitor) == 2
    assert thaw(freeze(monitor)).picture(T0 + 3) == monitor.picture(T0 + 3)
    tell(monitor, reading(MASTER if moved == "master" else "facebook", {"A": 4, "B": 5}, T0 + 4))
    figures = monitor.picture(T0 + 5).gauge
    assert figures.known
    assert (figures.in_sync, figures.drifting) == ((1, 1) if moved == "master" else (2, 0))
    if moved == "master":
        assert [at for at, _, _ in monitor.history.of_row(0)] == [T0 + 4]  # what another master said explains nothing


@pytest.mark.parametrize(("at", "ignored"), [(UNTIL - 1, True), (UNTIL, False)])
def test_it_is_ignored_up_to_before_its_end(at: int, ignored: bool) -> None:
    ignores = Ignores()
    ignores.say(rules(surface("shop"), ignores={"A": Ignore("x", UNTIL)}), {})
    assert (ignores.of("shop", "A", at) is not None) == ignored


def test_of_a_stretch_of_rows_those_are_hidden_that_lie_in_it() -> None:
    hidden = Hidden(np.array([2, 5, 6, 9], np.int32), np.zeros(4, np.uint8))
    codes = np.full(4, Code.OVER, np.uint8)
    hidden.hide(codes, slice(4, 8))
    assert codes.tolist() == [Code.OVER, Code.NOT_COMPARED, Code.NOT_COMPARED, Code.OVER]
    assert hidden.codes.tolist() == [0, Code.OVER, Code.OVER, 0]
