"""What a plan writes of which SKU, what it leaves out and why, and what a person is told before he confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest

from stockdrift.stock import plan
from stockdrift.stock.actions import DOWN, LISTED, ActionDismissed, RowChange, RowState
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.plan import Plan
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.values import replace
from stockdrift.stock.wanted import Wanted, plan_of
from tests.stock.scene import reading, tell
from tests.stock.written import LOST, NOW, SHOP, SHOWN, STOCK, WROTE, acted, store


def rows_of(made: Plan) -> list[tuple[str, int, int, str]]:
    return [(row.sku, row.before, row.after, row.why) for row in made.rows]


def skipped_of(made: Plan) -> dict[str, tuple[str, bool]]:
    return {one.sku: (one.why, one.settled) for one in made.skipped}


EVERY: Final = [*STOCK, "orphan", "nobody"]


def test_a_resync_writes_what_drifts_to_what_should_be_and_says_of_the_rest_why() -> None:
    made = plan.resync(store(), "shop", [*EVERY, "over"], NOW)
    worst_first = [("sold", 3, 0, "persistent"), ("over", 9, 5, "persistent"), ("under", 2, 5, "persistent")]
    assert rows_of(made) == worst_first
    assert skipped_of(made) == {
        **dict.fromkeys(("same", "near", "zero", "owed"), ("in sync", True)),
        "flying": ("in flight: wait for the next read", False),
        "free": ("the master says unlimited", False),
        "in": ("shop says in, which is no quantity", False),
        "out": ("shop says out, which is no quantity", False),
        "gone": ("shop says unlisted, which is no quantity", False),
        "off": ("shop says disabled, which is no quantity", False),
        "vague": ("unknown: listed more than once", False),
        "orphan": ("orphan: the master does not know this SKU", False),
        "nobody": ("no such SKU was ever seen", False),
    }
    assert (made.kind, made.listed, made.advice, made.asks_trust, made.trust) == ("resync", 14, "", False, "")
    assert (made.typed, made.because) == ("shop", "Above 10 % of what the surface lists.")
    assert made.zeroed == 1


def test_of_all_that_drifts_it_writes_what_it_may() -> None:
    made = plan.resync(store(), "shop", None, NOW)
    assert [row.sku for row in made.rows] == ["sold", "over", "under"]
    assert set(skipped_of(made)) == {"flying", "out"}
    assert plan.resync(store(), "shop", [], NOW).rows == []


def test_a_containment_sets_what_sells_to_nothing_whatever_the_master_says() -> None:
    made = plan.contain(store(), "shop", EVERY, NOW)
    assert {(row.sku, row.before, row.after) for row in made.rows} == {
        ("sold", 3, 0), ("flying", 9, 0), ("over", 9, 0), ("under", 2, 0), ("orphan", 4, 0), ("free", 7, 0),
        ("near", 6, 0), ("same", 5, 0),
    }  # fmt: skip
    assert [row.severity for row in made.rows] == sorted((row.severity for row in made.rows), reverse=True)
    assert skipped_of(made) == {
        **dict.fromkeys(("zero", "owed"), ("it shows 0 already", True)),
        "in": ("shop says in, which is no quantity", False),
        "out": ("shop says out, which is no quantity", True),
        "gone": ("shop says unlisted, which is no quantity", True),
        "off": ("shop says disabled, which is no quantity", True),
        "vague": ("unknown: listed more than once", False),
        "nobody": ("no such SKU was ever seen", False),
    }
    assert made.zeroed == 8


def test_what_is_listed_is_taken_down_and_what_is_down_put_up_again() -> None:
    down, up = plan.unlist(store(), "shop", EVERY, NOW), plan.relist(store(), "shop", EVERY, NOW)
    listed = {"sold", "flying", "over", "under", "out", "in", "orphan", "free", "near", "owed", "same", "zero"}
    assert {row.sku for row in down.rows} == listed
    assert {(row.before, row.after, row.why) for row in down.rows} == {(LISTED, DOWN, "taken down")}
    unknown = {"vague": ("unknown: listed more than once", False), "nobody": ("no such SKU was ever seen", False)}
    gone = "shop has no such listing"
    assert skipped_of(down) == {"gone": (gone, True), "off": ("it is down already", True), **unknown}
    assert rows_of(up) == [("off", DOWN, LISTED, "put up again")]
    already = dict.fromkeys(listed, ("it is listed already", True))
    assert skipped_of(up) == {"gone": (gone, False), **already, **unknown}
    assert (down.zeroed, up.zeroed) == (0, 0), "a listing that goes is no quantity of 0"


def test_a_refresh_watches_what_drifts_and_asks_for_no_name() -> None:
    for skus in (None, EVERY):
        made = plan.refresh(store(), "shop", skus, NOW)
        assert [row.sku for row in made.rows] == ["sold", "over", "under"]
        assert (made.kind, made.typed, made.because) == ("refresh", "", "")


def test_what_cannot_be_written_is_refreshed_instead_and_how_is_said() -> None:
    view = replace(SHOP, writable=False, write=False, refresh="Press Sync in the shop.")
    made = plan.resync(store(view), "shop", None, NOW)
    assert (made.kind, made.advice, made.refusals) == ("refresh", "Press Sync in the shop.", [])
    assert plan.resync(store(replace(SHOP, write=False)), "shop", None, NOW).kind == "resync", "it could be"


@pytest.mark.parametrize("name", ["elsewhere", MASTER])
def test_of_what_is_no_surface_nothing_is_written(name: str) -> None:
    monitor = store()
    for made in (
        plan.resync(monitor, name, ["over", "nobody"], NOW),
        plan.refresh(monitor, name, ["over", "nobody"], NOW),
        plan.contain(monitor, name, ["over", "nobody"], NOW),
        plan.unlist(monitor, name, ["over", "nobody"], NOW),
    ):
        assert not made.rows
        assert skipped_of(made) == dict.fromkeys(("over", "nobody"), (f"there is no surface called {name}", False))
        assert made.refusals
    assert plan.resync(monitor, name, None, NOW).skipped == []


def test_of_a_surface_that_is_unknown_every_sku_is_skipped_with_the_why() -> None:
    monitor = store()
    tell(monitor, reading("shop", {}, NOW + 1, outcome=Outcome.FAILED, reason="HTTP 503"))
    made = plan.contain(monitor, "shop", ["over", "under"], NOW)
    assert skipped_of(made) == dict.fromkeys(("over", "under"), ("unknown: HTTP 503", False))
    assert made.refusals == ["shop is unknown (HTTP 503): read it again first."]


def test_a_plan_that_is_refused_asks_for_no_name() -> None:
    made = plan.resync(store(replace(SHOP, write=False)), "shop", None, NOW)
    assert made.rows
    assert made.refusals[0].startswith("shop is read-only")
    assert (made.typed, made.because) == ("", "")


@pytest.mark.parametrize(
    ("trust", "asks", "written"), [("", True, True), ("master", False, True), ("surface", False, False)]
)
def test_where_nobody_is_believed_by_the_settings_the_operator_says_whom(trust: str, asks: bool, written: bool) -> None:
    made = plan.resync(store(replace(SHOP, conflict="ask")), "shop", ["over"], NOW, trust=trust)
    assert (made.asks_trust, made.trust) == (asks, trust)
    assert bool(made.rows) == written
    assert written or skipped_of(made)["over"] == ("you trust shop: it shows 9, the master makes 5", False)
    settled = plan.resync(store(), "shop", ["over"], NOW, trust="master")
    assert (settled.asks_trust, settled.trust) == (False, ""), "where the settings say, nobody is asked"


OVERWRITTEN: Final = "The next feed will overwrite what is written to Shop: mend the feed as well."


@pytest.mark.parametrize(
    ("made", "more", "advice"),
    [
        (plan.unlist, {"listing": "product"}, "A product goes as a whole: its other SKUs go with it."),
        (plan.relist, {"listing": "product"}, "A product goes as a whole: its other SKUs go with it."),
        (plan.unlist, {"listing": "variant"}, ""),
        (plan.contain, {"listing": "product"}, ""),
        (plan.contain, {"overwritten": True}, OVERWRITTEN),
        (plan.refresh, {"overwritten": True, "refresh": "Have it built."}, "Have it built."),
        (plan.resync, {"refresh": "Have it built."}, ""),
    ],
)  # fmt: skip
def test_what_a_person_should_know_before_is_said(made: Any, more: dict[str, Any], advice: str) -> None:
    assert made(store(replace(SHOP, **more)), "shop", ["over"], NOW).advice == advice


# -- of an earlier action ------------------------------------------------------------------------------------------


def test_a_rollback_puts_back_what_was_shown_and_what_has_moved_on_stays() -> None:
    monitor = store()
    tell(monitor, reading("shop", [(sku, 3 if sku == "under" else level) for sku, level in SHOWN], NOW))
    made = plan.rollback(monitor, acted(monitor, WROTE, WROTE), NOW)
    assert rows_of(made) == [("over", 9, 12, "rollback")]
    assert skipped_of(made) == {"under": ("shop has moved on: it shows 3, not 2", False)}
    assert (made.undoes, made.refusals) == ("one", [])
    assert made.advice == "What Shop shows then is what it showed before, not what the master says."


def test_what_was_rolled_back_or_never_changed_is_not_taken_back() -> None:
    monitor = store()
    action = acted(monitor, WROTE, WROTE, rows=[RowChange("over", 12, 9), RowChange("under", 2, 2)])
    acted(
        monitor,
        (RowState.SENT, RowState.VERIFIED),
        kind="rollback",
        rows=[RowChange("over", 9, 12)],
        key="two",
        undoes="one",
    )
    made = plan.rollback(monitor, action, NOW)
    why = {"over": ("it was rolled back already", False), "under": ("nothing was changed", False)}
    assert (made.rows, skipped_of(made)) == ([], why)
    assert made.refusals == ["Nothing of it can be taken back: 2 rows moved on, or back already."]


@pytest.mark.parametrize(
    ("kind", "way", "why"),
    [
        ("unlist", WROTE, "A unlist is not rolled back."),
        ("refresh", WROTE, "A refresh is not rolled back."),
        ("resync", (RowState.SENT,), "It is not at its end: stop it first, or wait."),
        ("resync", LOST, "It wrote nothing: there is nothing to take back."),
        ("contain", (RowState.STOPPED,), "It wrote nothing: there is nothing to take back."),
    ],
)
def test_what_cannot_be_taken_back_says_why(kind: str, way: Sequence[RowState], why: str) -> None:
    monitor = store()
    assert plan.rollback(monitor, acted(monitor, way, kind=kind), NOW).refusals == [why]


@pytest.mark.parametrize(
    ("kind", "change", "tried"),
    [
        ("resync", RowChange("over", 8, 4), ("over", 9, 5, "persistent")),
        ("contain", RowChange("over", 8, 0), ("over", 9, 0, "contained")),
        ("unlist", RowChange("over", 1, 0), ("over", 1, 0, "taken down")),
        ("relist", RowChange("off", 0, 1), ("off", 0, 1, "put up again")),
        ("rollback", RowChange("over", 9, 12), ("over", 9, 12, "rollback")),
        ("refresh", RowChange("over", 8, 4), ("over", 9, 5, "persistent")),
    ],
)
def test_one_more_try_is_of_what_failed_from_what_is_shown_now(kind: str, change: RowChange, tried: Any) -> None:
    monitor = store()
    action = acted(monitor, LOST, WROTE, kind=kind, rows=[change, RowChange("under", 7, 2)], undoes="nought")
    made = plan.retry(monitor, action, NOW)
    assert (made.kind, rows_of(made)) == (kind, [tried])
    assert (made.retries, made.undoes, made.refusals) == ("one", "nought", [])


def test_one_more_try_goes_by_whom_the_operator_trusts_now_or_did() -> None:
    for before, now, rows in (
        ("master", "", 1),
        ("surface", "", 0),
        ("surface", "master", 1),
        ("master", "surface", 0),
    ):
        monitor = store(replace(SHOP, conflict="ask"))
        made = plan.retry(monitor, acted(monitor, LOST, trust=before), NOW, trust=now)
        assert (made.trust, len(made.rows)) == (now or before, rows)


def test_one_more_try_is_of_what_nobody_tried_once_more_yet_and_says_why_nothing_is_left() -> None:
    monitor = store()
    rows = [RowChange("over", 12, 9), RowChange("under", 7, 2), RowChange("same", 7, 2)]
    letter = acted(monitor, LOST, LOST, LOST, rows=rows)
    whole = plan.retry(monitor, letter, NOW)
    assert whole.asked(NOW, "tom", "two", "recount").settled == ("same",)
    acted(monitor, WROTE, rows=rows[:1], key="two", retries="one", settled=("same",))
    made = plan.retry(monitor, letter, NOW)
    assert (rows_of(made), made.skipped, made.refusals) == ([("under", 2, 5, "persistent")], [], [])
    acted(monitor, LOST, rows=rows[1:2], key="three", retries="one")
    done = plan.retry(monitor, letter, NOW)
    assert (done.rows, done.skipped) == ([], [])
    assert done.refusals == ["Nothing of it is left to be tried once more: that was done by two, three."]


def test_what_took_was_dismissed_or_is_under_way_is_not_tried_once_more() -> None:
    monitor = store()
    took = plan.retry(monitor, acted(monitor, WROTE), NOW)
    assert took.refusals == ["Nothing of it is left to be tried once more: nothing of it failed."]
    going = plan.retry(monitor, acted(monitor, LOST, (RowState.SENT,), key="two"), NOW)
    assert going.refusals == ["It is still under way: wait for its end, or stop it."]
    letter = acted(monitor, LOST, key="three")
    monitor.apply(ActionDismissed(NOW, "tom", "three", "sold"))
    put_away = plan.retry(monitor, letter, NOW)
    assert put_away.refusals == ["Nothing of it is left to be tried once more: tom dismissed it."]
    assert not [*took.rows, *going.rows, *put_away.rows]


# -- as it is asked for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["resync", "refresh"])
def test_no_sku_named_means_all_that_drift(kind: str) -> None:
    monitor = store()
    assert [row.sku for row in plan_of(monitor, Wanted(kind, "shop"), NOW).rows] == ["sold", "over", "under"]
    assert [row.sku for row in plan_of(monitor, Wanted(kind, "shop", [" over "]), NOW).rows] == ["over"]


@pytest.mark.parametrize("kind", ["contain", "unlist", "relist"])
def test_of_what_is_asked_for_by_name_alone_no_sku_means_none(kind: str) -> None:
    made = plan_of(store(), Wanted(kind, "shop"), NOW)
    assert (made.kind, list(made.rows)) == (kind, [])


def test_an_earlier_action_is_asked_for_by_its_key() -> None:
    monitor = store()
    acted(monitor, WROTE, LOST)
    assert plan_of(monitor, Wanted("rollback", "", action="one"), NOW).undoes == "one"
    assert plan_of(monitor, Wanted("retry", "", action="one"), NOW).retries == "one"
    with pytest.raises(LookupError, match="no action 'two'"):
        plan_of(monitor, Wanted("retry", "", action="two"), NOW)


@pytest.mark.parametrize(("before", "becomes", "sells"), [
    (5, Severity.OVERSELL, ["1 row will sell what the master does not have."]),
    (0, Severity.NONE, []),
])  # fmt: skip
def test_what_a_rollback_makes_oversell_is_said_before(before: int, becomes: Severity, sells: list[str]) -> None:
    monitor = store()
    change = RowChange("sold", before, 3)
    made = plan.rollback(monitor, acted(monitor, WROTE, rows=[change]), NOW)
    assert [(row.sku, row.severity, row.becomes) for row in made.rows] == [("sold", Severity.OVERSELL, becomes)]
    assert list(made.warnings) == sells


def test_a_rollback_to_more_than_the_master_has_is_over_and_the_worst_comes_first() -> None:
    monitor = store()
    rows = [RowChange("same", 8, 5), RowChange("zero", 2, 0), RowChange("near", 7, 6), RowChange("under", 5, 2)]
    made = plan.rollback(monitor, acted(monitor, *[WROTE] * 4, rows=rows), NOW)
    assert [(row.sku, row.verdict, row.becomes) for row in made.rows] == [
        ("zero", Verdict.IN_SYNC, Severity.OVERSELL),
        ("same", Verdict.IN_SYNC, Severity.OVER),
        ("under", Verdict.DRIFTED, Severity.NONE),
        ("near", Verdict.IN_SYNC, Severity.NONE),  # its tolerance is 2
    ]
    assert (made.overselling, len(made.warnings)) == (1, 2)


def test_what_is_listed_again_may_oversell_and_is_never_taken_for_in_sync() -> None:
    monitor = store()
    shown = [(sku, LevelState.DISABLED if sku in ("zero", "same", "orphan") else level) for sku, level in SHOWN]
    tell(monitor, reading("shop", shown, NOW + 1))
    made = plan.relist(monitor, "shop", ["zero", "same", "orphan"], NOW + 1)
    assert [(row.sku, row.verdict, row.becomes) for row in made.rows] == [
        ("zero", Verdict.NOT_COMPARED, Severity.OVERSELL),
        ("orphan", Verdict.NOT_COMPARED, Severity.ORPHAN),
        ("same", Verdict.NOT_COMPARED, None),
    ]
    assert list(made.warnings) == [
        "1 row will sell what the master does not have, unless no stock is left in it.",
        "Of 1 row it is not known whether what it will show agrees.",
    ]


def test_what_a_resync_writes_and_what_is_taken_down_endangers_nothing() -> None:
    monitor = store()
    for made in (
        plan.resync(monitor, "shop", None, NOW),
        plan.contain(monitor, "shop", EVERY, NOW),
        plan.unlist(monitor, "shop", EVERY, NOW),
    ):
        assert made.rows
        assert not any(row.endangers for row in made.rows)
        assert not made.warnings
    assert all(row.becomes is Severity.NONE for row in plan.resync(monitor, "shop", None, NOW).rows)


def test_while_the_master_is_unknown_nobody_knows_what_a_rollback_makes() -> None:
    monitor = store()
    action = acted(monitor, WROTE, rows=[RowChange("zero", 2, 0)])
    tell(monitor, reading(MASTER, {}, NOW + 1, outcome=Outcome.FAILED))
    made = plan.rollback(monitor, action, NOW + 1)
    assert [(row.sku, row.verdict, row.becomes) for row in made.rows] == [("zero", Verdict.UNKNOWN, None)]
    assert list(made.warnings) == ["Of 1 row it is not known whether what it will show agrees."]
