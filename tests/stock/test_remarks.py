"""What operators remark: it marks drift, it lets it rest, and it never makes less of it than there is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from stockdrift.stock.entries import BufferRuling, Remarked, Ruling
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Picture, Status
from stockdrift.stock.quiet import covered, gravity, is_unknown
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import QUIET, Remark, RemarkKind, Remarks, misplaced
from stockdrift.stock.report import exit_code, report
from stockdrift.stock.rules import Rules, Scope, Tolerance
from stockdrift.stock.sayings import of_plain, plain
from stockdrift.stock.snapshot import freeze, thaw
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell
from tests.stock.strategies import Remarks as Said
from tests.stock.strategies import Step, any_rules, runs
from tests.stock.test_oracle import play


def watched() -> Monitor:
    monitor = Monitor(rules(surface("embed", stale_after=HOUR), surface("facebook", stale_after=HOUR)))
    tell(monitor, reading(MASTER, {"A": 4, "B": 5, "C": 3}))
    tell(monitor, reading("embed", {"A": 4, "B": 5, "C": 3}, T0 + 1))
    tell(monitor, reading("facebook", {"A": 9, "B": 2, "C": 3}, T0 + 2))
    return monitor


def say(monitor: Monitor, kind: RemarkKind, scope: Scope, at: int, until: int | None = None) -> None:
    remark = Remark("the feed is being mended", until, "anna", at, gravity(monitor, scope))
    monitor.apply(Remarked(at, "anna", kind, scope, remark))


def listed(monitor: Monitor, text: str = "", *, snoozed: bool = False) -> list[str]:
    return [line.sku for line in monitor.lines(monitor.order(text=text, snoozed=snoozed))]


@settings(max_examples=120, deadline=None)
@given(any_rules, runs())
def test_what_rests_is_what_the_contract_says(held: Rules, run: Sequence[Step]) -> None:
    monitor, oracle, now = play(held, run)
    skus = monitor.board.catalogue.skus
    since = {
        (sku, level.surface): level.since or 0 for row, sku in enumerate(skus) for level in monitor.sku(row, now).levels
    }
    told = {kind: oracle.covered(kind, now, since) for kind in QUIET}
    for kind in QUIET:
        assert {skus[row] for row in covered(monitor, kind).tolist()} == told[kind]
    drifting = set(listed(monitor, snoozed=True))
    assert told[RemarkKind.SNOOZE] | told[RemarkKind.ACKNOWLEDGE] <= drifting
    assert set(listed(monitor)) == drifting - told[RemarkKind.SNOOZE]
    assert set(listed(monitor, "!snoozed")) == drifting - told[RemarkKind.SNOOZE]
    assert set(listed(monitor, "acknowledged")) == told[RemarkKind.ACKNOWLEDGE]
    for line in monitor.lines(monitor.order(everything=True)):
        for kind in QUIET:
            assert (line.said(kind) is not None) == (line.sku in told[kind])


@settings(max_examples=80, deadline=None)
@given(any_rules, runs())
def test_no_remark_makes_less_of_drift(held: Rules, run: Sequence[Step]) -> None:
    """But for the pause, which can only make less of agreement, all is as if nothing had been said."""
    said, _, now = play(held, run)
    bare, _, _ = play(held, [step for step in run if not isinstance(step, Said)])
    for monitor in (said, bare):
        monitor.tick(now)
    code, without = exit_code(said), exit_code(bare)
    paused = any(monitor_line.pause is not None for monitor_line in said.picture(now).surfaces if monitor_line.active)
    assert code == without or (paused and (without, code) == (0, 2))
    if paused:
        assert code != 0
    assert told_of(said.picture(now)) == told_of(bare.picture(now))
    assert [row["sku"] for row in report(said, now)["skus"]] == [row["sku"] for row in report(bare, now)["skus"]]


def told_of(picture: Picture) -> dict[str, object]:
    marks = ("snoozed", "snoozed_oversell", "acknowledged")
    return {name: getattr(picture.gauge, name) for name in picture.gauge.__struct_fields__ if name not in marks}


def test_a_snoozed_sku_leaves_the_list_and_stays_counted() -> None:
    monitor = watched()
    say(monitor, RemarkKind.SNOOZE, Scope("", "A"), T0 + 3, until=T0 + MINUTE)
    gauge = monitor.picture(T0 + 4).gauge
    assert (gauge.drifting, gauge.over, gauge.snoozed, gauge.snoozed_oversell) == (2, 1, 1, 0)
    assert listed(monitor) == ["B"]
    assert listed(monitor, "snoozed") == ["A"]
    assert listed(monitor, "surface:facebook") == ["A", "B"]  # who looks for something finds it
    assert exit_code(monitor) == 1
    assert [row["sku"] for row in report(monitor, T0 + 4)["skus"]] == ["A", "B"]
    assert report(monitor, T0 + 4)["skus"][0]["snoozed"]["by"] == "anna"


def test_it_comes_back_at_its_end_by_itself() -> None:
    monitor = watched()
    say(monitor, RemarkKind.SNOOZE, Scope("", "A"), T0 + 3, until=T0 + MINUTE)
    monitor.tick(T0 + 4)
    assert not monitor.tick(T0 + MINUTE - 1)
    version = monitor.version
    assert monitor.tick(T0 + MINUTE)
    assert monitor.version > version
    assert listed(monitor) == ["A", "B"]
    monitor.tick(T0 + MINUTE - 2)  # a clock that is set back
    assert listed(monitor) == ["B"]


@pytest.mark.parametrize("kind", QUIET)
@pytest.mark.parametrize("scope", [Scope("", "A"), Scope("facebook", "A"), Scope("facebook")])
def test_it_comes_back_when_it_becomes_an_oversell(kind: RemarkKind, scope: Scope) -> None:
    monitor = watched()
    say(monitor, kind, scope, T0 + 3, until=T0 + HOUR)
    assert "A" in listed(monitor, kind.done)
    tell(monitor, reading(MASTER, {"A": 0, "B": 5, "C": 3}, T0 + 5))
    tell(monitor, reading("embed", {"A": 0, "B": 5, "C": 3}, T0 + 6))
    assert gravity(monitor, Scope("facebook", "A")) == "oversell"
    assert "A" in listed(monitor)
    assert "A" not in listed(monitor, kind.done)
    say(monitor, kind, scope, T0 + 7, until=T0 + HOUR)
    assert ("A" in listed(monitor, kind.done)) == bool(scope.sku)  # of a whole surface nobody has looked at each


def test_drift_on_another_surface_is_not_what_was_meant() -> None:
    monitor = watched()
    say(monitor, RemarkKind.SNOOZE, Scope("facebook", "A"), T0 + 3, until=T0 + HOUR)
    assert listed(monitor) == ["B"]
    tell(monitor, reading("embed", {"A": 1, "B": 5, "C": 3}, T0 + 4))
    assert listed(monitor) == ["A", "B"]


def test_an_acknowledgement_means_the_drift_of_then() -> None:
    monitor = watched()
    say(monitor, RemarkKind.ACKNOWLEDGE, Scope("", "A"), T0 + 3)
    assert listed(monitor) == ["A", "B"]
    assert monitor.picture(T0 + 4).gauge.acknowledged == 1
    tell(monitor, reading("facebook", {"A": 4, "B": 2, "C": 3}, T0 + 5))
    tell(monitor, reading("facebook", {"A": 8, "B": 2, "C": 3}, T0 + 6))
    assert monitor.picture(T0 + 7).gauge.acknowledged == 0


def test_a_claim_says_by_whom_and_can_be_given_up() -> None:
    monitor = watched()
    say(monitor, RemarkKind.CLAIM, Scope("facebook"), T0 + 3)
    assert [line.said(RemarkKind.CLAIM) is not None for line in monitor.lines([0, 1, 2])] == [True, True, False]
    monitor.apply(Remarked(T0 + 4, "ben", RemarkKind.CLAIM, Scope("", "A"), Remark("", None, "ben", T0 + 4)))
    claim = monitor.lines([0])[0].said(RemarkKind.CLAIM)
    assert claim is not None
    assert claim.by == "ben"  # the more specific
    monitor.apply(Remarked(T0 + 5, "ben", RemarkKind.CLAIM, Scope("", "A"), None))
    assert monitor.lines([0])[0].said(RemarkKind.CLAIM) == Remark("the feed is being mended", None, "anna", T0 + 3)
    assert listed(monitor, "claimed") == ["A", "B"]


def test_a_paused_surface_is_never_calm() -> None:
    monitor = Monitor(rules(surface("facebook", stale_after=MINUTE)))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("facebook", {"A": 4}, T0 + 2))
    assert exit_code(monitor) == 0
    say(monitor, RemarkKind.PAUSE, Scope("facebook"), T0 + 3, until=T0 + HOUR)
    assert exit_code(monitor) == 2
    (line,) = monitor.picture(T0 + 4).surfaces
    assert (line.status, line.pause and line.pause.by) == (Status.PAUSED, "anna")
    (finding,) = monitor.picture(T0 + 4).findings
    assert finding.lead == "Facebook is paused, last read 0s ago."
    assert (
        finding.said(lambda at: "noon" if at == T0 + HOUR else "?") == "By anna until noon: the feed is being mended."
    )
    monitor.tick(T0 + 2 * MINUTE)
    assert monitor.picture(T0 + 2 * MINUTE).gauge.unknown == 1
    assert report(monitor, T0 + 4)["surfaces"][0]["paused"]["reason"] == "the feed is being mended"


@pytest.mark.parametrize("scope", [Scope("", "X"), Scope("facebook", "X"), Scope("facebook")])
def test_an_orphan_can_be_let_rest_and_known_of_as_drift_can(scope: Scope) -> None:
    monitor = watched()
    tell(monitor, reading("facebook", {"A": 4, "B": 5, "C": 3, "X": 2}, T0 + 3))
    for kind in (*QUIET, RemarkKind.CLAIM):
        say(monitor, kind, scope, T0 + 4)
    assert gravity(monitor, scope) == ("orphan" if scope.sku else "")
    assert listed(monitor) == []
    assert [listed(monitor, kind.done) for kind in (*QUIET, RemarkKind.CLAIM)] == [["X"]] * 3
    line = monitor.lines([monitor.row_of("X") or 0])[0]
    assert [told.kind for told in line.remarks] == [*QUIET, RemarkKind.CLAIM]


def test_a_claim_of_a_sku_on_a_surface_is_of_no_other() -> None:
    monitor = watched()
    say(monitor, RemarkKind.CLAIM, Scope("facebook", "B"), T0 + 3)
    assert listed(monitor, "claimed") == ["B"]


@pytest.mark.parametrize("scope", [Scope("", "A"), Scope("facebook", "A"), Scope("facebook")])
@pytest.mark.parametrize(("since", "means"), [(T0 + 1, False), (T0 + 2, True)])
def test_an_acknowledgement_means_what_began_up_to_its_moment(scope: Scope, since: int, means: bool) -> None:
    monitor = watched()
    remark = Remark("seen", None, "anna", since, "oversell")
    monitor.apply(Remarked(T0 + 3, "anna", RemarkKind.ACKNOWLEDGE, scope, remark))
    assert ("A" in listed(monitor, "acknowledged")) == means


def test_an_end_lies_between_two_moments_where_the_later_has_reached_it() -> None:
    remarks = Remarks()
    remarks.say(RemarkKind.SNOOZE, Scope("", "A"), Remark("x", 20))
    remarks.say(RemarkKind.NOTE, Scope(), Remark("for ever"))
    moments = [(10, 19), (10, 20), (19, 20), (20, 30), (30, 20), (30, 10), (20, 10)]
    assert [remarks.turned(*between) for between in moments] == [False, True, True, False, False, True, True]


def test_a_paused_surface_that_nobody_reads_or_lists_says_no_more_than_is_so() -> None:
    monitor = Monitor(rules(surface("facebook"), surface("embed"), surface("off", active=False)))
    tell(monitor, reading(MASTER, {"A": 4}))
    tell(monitor, reading("facebook", {"A": 4}, T0 + 2))
    for name in ("facebook", "embed", "off"):
        say(monitor, RemarkKind.PAUSE, Scope(name), T0 + 3)
    leads = [finding.lead for finding in monitor.picture(T0 + 2 + MINUTE).findings if finding.title == "paused"]
    assert leads == ["Facebook is paused, last read 1m ago.", "Embed is paused, never read."]
    why = [finding.evidence for finding in monitor.picture(T0 + 4).findings if finding.title == "paused"]
    assert why == ["By anna: the feed is being mended."] * 2


def test_notes_stand_until_they_are_taken_away() -> None:
    monitor = watched()
    say(monitor, RemarkKind.NOTE, Scope(), T0 + 3)
    say(monitor, RemarkKind.NOTE, Scope("", "A"), T0 + 4)
    assert [told.scope for told in monitor.picture(T0 + 5).notes] == [Scope(), Scope("", "A")]
    assert monitor.sku(0, T0 + 5).line.said(RemarkKind.NOTE) is not None
    monitor.apply(Remarked(T0 + 6, "ben", RemarkKind.NOTE, Scope(), None))
    assert [told.scope for told in monitor.picture(T0 + 7).notes] == [Scope("", "A")]


def test_what_can_be_said_of_what() -> None:
    assert misplaced(RemarkKind.PAUSE, Scope("facebook")) == ""
    assert misplaced(RemarkKind.PAUSE, Scope(MASTER)) == "The master is not paused: without it nothing is known."
    assert misplaced(RemarkKind.CLAIM, Scope(MASTER)) == ""
    assert [str(scope) for scope in (Scope(), Scope("embed"), Scope("", "A"), Scope("embed", "A"))] == [
        "the store", "embed", "A", "A on embed",
    ]  # fmt: skip
    assert misplaced(RemarkKind.NOTE, Scope()) == ""
    assert misplaced(RemarkKind.PAUSE, Scope("facebook", "A")) == "A pause is of a surface."
    assert misplaced(RemarkKind.CLAIM, Scope()) == "To claim is to speak of a surface, a SKU, or a SKU on a surface."


def test_what_is_taken_back_is_named() -> None:
    monitor = watched()
    monitor.apply(Ruling(T0 + 3, "anna", Scope(), Tolerance(2), number=7))
    monitor.apply(BufferRuling(T0 + 3, "anna", Scope("facebook"), 2, number=8))
    say(monitor, RemarkKind.CLAIM, Scope("facebook"), T0 + 3)
    for entry, undoes in (
        (Ruling(T0 + 4, "ben", Scope(), None), 7),
        (Ruling(T0 + 4, "ben", Scope("facebook"), None), 0),
        (Ruling(T0 + 4, "ben", Scope(), Tolerance(1)), 0),
        (BufferRuling(T0 + 4, "ben", Scope("facebook"), None), 8),
        (BufferRuling(T0 + 4, "ben", Scope("facebook"), 0), 0),
        (Remarked(T0 + 4, "ben", RemarkKind.SNOOZE, Scope("facebook"), None), 0),
    ):
        assert monitor.said.completed(entry).undoes == undoes


def test_a_snapshot_of_an_earlier_version_still_tells_what_was_ruled() -> None:
    monitor = watched()
    monitor.apply(Ruling(T0 + 3, "anna", Scope("", "A"), Tolerance(2)))
    frozen = freeze(monitor)
    (ruling,) = frozen.values.pop("said")
    del ruling["entry"], ruling["reason"]
    frozen.values["rulings"] = [ruling]
    assert list(thaw(frozen).said) == list(monitor.said)
    assert thaw(frozen).board.rulings == {Scope("", "A"): Tolerance(2)}


def test_what_is_nothing_that_an_operator_says_is_refused() -> None:
    kept = plain(Ruling(T0, "anna", Scope(), Tolerance(2)))
    assert of_plain(kept) == Ruling(T0, "anna", Scope(), Tolerance(2))
    with pytest.raises(ValueError, match="'Poll' is nothing that an operator says"):
        of_plain({**kept, "entry": "Poll"})


def test_what_nobody_knows_to_drift_is_told_from_what_does_and_from_what_does_not() -> None:
    monitor = watched()
    tell(monitor, reading("embed", {"A": 4, "B": LevelState.UNKNOWN, "C": LevelState.UNKNOWN}, T0 + 3))
    unknown = (Scope("", "C"), Scope("embed", "B"), Scope("embed", "C"))
    known = (Scope("", "A"), Scope("", "B"), Scope("facebook", "C"), Scope("embed"), Scope("", "nobody"), Scope())
    assert [is_unknown(monitor, scope) for scope in (*unknown, *known)] == [True] * 3 + [False] * 6
