"""Why one SKU drifts or is not counted: each reason has its words, its numbers and its times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from stockdrift.commands.explain_text import text_of, unknown_text
from stockdrift.stock import explain
from stockdrift.stock.entries import Episode, Remarked
from stockdrift.stock.explain import explanation, nearest, twins
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Allotment, Ignore, Scope, Tolerance
from tests.stock.scene import FACEBOOK, HOUR, MINUTE, T0, reading, rules, surface, tell

FRESH = {"times": "2026-04-21, UTC+0000", "origin": {"from": "fresh"}}


def minutes(at: int) -> str:
    """A clock that reads as minutes after noon."""
    return f"noon{(at - T0) / MINUTE:+g}m"


def explained(monitor: Monitor, sku: str, now: int = T0) -> dict[str, Any]:
    row = monitor.row_of(sku)
    assert row is not None
    monitor.tick(now)
    return explanation(monitor, row, now, minutes)


def facebook(monitor: Monitor, sku: str, now: int = T0) -> dict[str, Any]:
    (found,) = [one for one in explained(monitor, sku, now)["surfaces"] if one["name"] == "facebook"]
    return dict(found)


def shop(master: Any, shown: Any, **more: Any) -> Monitor:
    """A master and one feed, both read at noon."""
    monitor = Monitor(rules(surface("facebook", kind="feed", lag=HOUR, stale_after=2 * HOUR, **more)))
    tell(monitor, reading(MASTER, master))
    tell(monitor, reading("facebook", shown))
    return monitor


def test_a_level_has_its_arithmetic_its_tolerance_and_its_times() -> None:
    monitor = shop({"A": 9}, {"A": 7}, allotment=Allotment(share=5000, buffer=1), tolerance=Tolerance(1))
    found = facebook(monitor, "A", T0 + 2 * MINUTE)
    assert (found["reported"], found["expected"], found["arithmetic"]) == (7, 3, "ATP 9 × 50 % − 1")
    assert (found["deviation"], found["tolerance"], found["severity"]) == (4, "1 unit, from Facebook", "OVER")
    assert (found["read_at"], found["read_age_s"]) == ("noon+0m", 120.0)


@pytest.mark.parametrize(
    ("master", "shown", "verdict", "reason"),
    [
        ({"A": LevelState.UNLIMITED, "B": 1}, {"A": 4, "B": 1}, "not compared", "the master says unlimited"),
        ({"A": LevelState.DISABLED, "B": 1}, {"A": 4, "B": 1}, "not compared", "the master says disabled"),
        ({"A": 4, "B": 1}, {"B": 1}, "not compared", "unlisted"),
        ({"B": 1}, {"A": 4, "B": 1}, "not compared", "orphan: the master does not know this SKU"),
        ({"A": 4}, [("A", 4), ("A", 5)], "unknown", "listed more than once"),
        ({"A": 4}, {"A": 4}, "in sync", None),
    ],
)
def test_why_a_level_is_not_counted(master: Any, shown: Any, verdict: str, reason: str | None) -> None:
    found = facebook(shop(master, shown), "A")
    assert (found["verdict"], found["reason"]) == (verdict, reason)


def test_within_tolerance_is_said_with_the_tolerance() -> None:
    found = facebook(shop({"A": 4}, {"A": 5}, tolerance=Tolerance(2)), "A")
    assert (found["verdict"], found["deviation"]) == ("in sync", 1)
    assert found["reason"] == "within tolerance (2 units, from Facebook)"


def test_a_sku_that_is_missing_once_is_not_believed_gone() -> None:
    monitor = shop({"A": 4, "B": 1}, {"A": 4, "B": 1}, max_shrink=10_000)
    tell(monitor, reading("facebook", {"B": 1}, T0 + MINUTE))
    found = facebook(monitor, "A", T0 + MINUTE)
    assert (found["verdict"], found["reason"]) == ("unknown", "gone from the last read, not confirmed yet")


def test_a_surface_that_fails_or_grows_stale_is_unknown_and_says_why() -> None:
    monitor = shop({"A": 4}, {"A": 9})
    tell(monitor, reading(MASTER, {"A": 4}, T0 + 3 * HOUR))
    assert facebook(monitor, "A", T0 + 3 * HOUR)["reason"] == "no complete read for longer than allowed"
    tell(monitor, reading("facebook", {}, T0 + 3 * HOUR, outcome=Outcome.FAILED, reason="HTTP 503"))
    found = facebook(monitor, "A", T0 + 3 * HOUR)
    assert (found["verdict"], found["reason"], found["read_at"]) == ("unknown", "HTTP 503", "noon+0m")


def test_uncovered_and_inactive_are_said() -> None:
    monitor = Monitor(rules(surface("facebook", active=False)))
    tell(monitor, reading(MASTER, {"A": 4}))
    found = explained(monitor, "A")
    assert found["standing"] == "uncovered"
    assert found["surfaces"][0]["reason"] == "the surface is not active"
    assert "no active surface lists it" in found["why"]


def test_the_value_of_the_master_that_explains_a_level_in_flight_is_named() -> None:
    monitor = Monitor(rules(FACEBOOK))
    for at, level in ((T0, 11), (T0 + 10 * MINUTE, 3)):
        tell(monitor, reading(MASTER, {"A": level}, at))
    tell(monitor, reading("facebook", {"A": 11}, T0 + 14 * MINUTE))
    found = facebook(monitor, "A", T0 + 14 * MINUTE)
    assert found["phase"] == "in flight"
    assert found["phase_why"] == (
        "the master said 11 from noon+0m until noon+10m, 4m before this read; a lag of up to 1h00m is normal here"
    )


def test_what_no_value_of_the_master_explains_says_since_when_it_looked() -> None:
    monitor = Monitor(rules(FACEBOOK))
    tell(monitor, reading(MASTER, {"A": 3}))
    tell(monitor, reading("facebook", {"A": 8}, T0 + MINUTE))
    new = facebook(monitor, "A", T0 + MINUTE)
    assert new["phase"] == "new"
    assert "no value of the master that we read since noon+0m explains it" in new["phase_why"]
    tell(monitor, reading(MASTER, {"A": 3}, T0 + 90 * MINUTE))
    tell(monitor, reading("facebook", {"A": 8}, T0 + 90 * MINUTE))
    old = facebook(monitor, "A", T0 + 90 * MINUTE)
    assert old["phase"] == "persistent"
    assert old["phase_why"].startswith("off for 1h29m at the last read, longer than the lag allowed (1h00m)")


def test_a_share_is_part_of_the_explanation() -> None:
    half = surface("facebook", kind="feed", lag=HOUR, stale_after=2 * HOUR, allotment=Allotment(share=5000))
    monitor = Monitor(rules(half))
    for at, level in ((T0, 10), (T0 + MINUTE, 4)):
        tell(monitor, reading(MASTER, {"A": level}, at))
    tell(monitor, reading("facebook", {"A": 5}, T0 + 2 * MINUTE))
    why = facebook(monitor, "A", T0 + 2 * MINUTE)["phase_why"]
    assert why.startswith("the master said 10 (ATP 10 × 50 % − 0 = 5) from noon+0m until noon+1m")


def test_case_twins_are_two_skus() -> None:
    monitor = shop({"SEA-1": 4, "sea-1": 2, "FIG-1": 1}, {"SEA-1": 4})
    assert twins(monitor, "SEA-1") == ["sea-1"]
    assert nearest(monitor, "Sea-1")[:2] == ["SEA-1", "sea-1"]
    assert nearest(monitor, "FIG-l") == ["FIG-1"]
    assert nearest(monitor, "nothing like it") == []
    said = unknown_text("Sea-1", nearest(monitor, "Sea-1"), {**FRESH, "taken_at": "now"})
    assert "one in another case is another SKU" in said
    assert "'SEA-1' and 'sea-1' are two SKUs" in text_of({**explained(monitor, "SEA-1"), **FRESH})


def test_the_text_has_every_number() -> None:
    monitor = Monitor(rules(FACEBOOK, store="Candle"))
    tell(monitor, reading(MASTER, {"A": 11}))
    tell(monitor, reading(MASTER, {"A": 3}, T0 + 10 * MINUTE))
    tell(monitor, reading("facebook", {"A": 11}, T0 + 14 * MINUTE))
    text = text_of({**explained(monitor, "A", T0 + 15 * MINUTE), **FRESH})
    for line in (
        "  says      3  (as the master states it)",
        "  said      11 from noon+0m, 3 from noon+10m",
        "  verdict   ▲ over in flight",
        "  expected  3  (ATP 3 − buffer 0)",
        "  deviation +8",
        "  tolerance 0 units, from the store",
        "  read at   noon+14m, 1m ago; unknown after 45m",
    ):
        assert line in text


def test_a_surface_that_shows_a_time_before_our_first_read_says_so() -> None:
    monitor = Monitor(rules(FACEBOOK))
    tell(monitor, reading(MASTER, {"A": 3}))
    tell(monitor, reading("facebook", {"A": 8}, T0 + MINUTE, as_of=T0 - 10 * MINUTE))
    why = facebook(monitor, "A", T0 + MINUTE)["phase_why"]
    assert "no value of the master that we read since noon+0m explains it, and what it shows is older (noon-10m)" in why


def test_what_is_in_sync_has_neither_severity_nor_phase_nor_fault() -> None:
    monitor = shop({"A": 4, "B": 4}, {"A": 4, "B": 9})
    agrees, drifts = (explained(monitor, sku) for sku in "AB")
    assert (agrees["severity"], agrees["phase"], agrees["since"]) == (None, None, None)
    assert (drifts["severity"], drifts["phase"], drifts["since"]) == ("OVER", "new", "noon+0m")
    level = agrees["surfaces"][0]
    assert (level["severity"], level["phase"], level["phase_why"], level["error"]) == (None, None, None, None)
    tell(monitor, reading("facebook", {}, T0 + 1, outcome=Outcome.FAILED, reason="HTTP 503"))
    assert facebook(monitor, "A")["error"] == "HTTP 503"


def test_a_remark_on_the_sku_itself_names_no_surface() -> None:
    monitor = shop({"A": 4}, {"A": 9})
    for scope in (Scope("", "A"), Scope("facebook", "A")):
        monitor.apply(Remarked(T0, "ann", RemarkKind.NOTE, scope, Remark("ours", None, "ann", T0)))
    assert {told["surface"] for told in explained(monitor, "A")["remarks"]} == {None, "facebook"}


def test_who_left_a_sku_out_since_when_and_until_when_is_said() -> None:
    by_file, by_hand = Ignore("sample", T0 + HOUR), Ignore("sold", T0 + HOUR, "ann", T0 - MINUTE)
    monitor = Monitor(rules(surface("facebook", ignores={"B": by_hand}), ignores={"A": by_file}))
    tell(monitor, reading(MASTER, {"A": 4, "B": 4}))
    tell(monitor, reading("facebook", {"A": 9, "B": 9}))
    told = {"by": "the settings", "reason": "sample", "since": None, "until": "noon+60m"}
    assert explained(monitor, "A")["ignored"] == told
    hand = {"by": "ann", "reason": "sold", "since": "noon-1m", "until": "noon+60m"}
    assert (explained(monitor, "B")["ignored"], facebook(monitor, "B")["ignored"]) == (None, hand)


def late(as_of: int | None = None) -> Monitor:
    """A feed that shows all but one SKU as they were before the master sold one a minute."""
    monitor = Monitor(rules(surface("facebook", kind="feed", lag=MINUTE, stale_after=HOUR)))
    stock = {f"S{number}": 50 for number in range(6)} | {"odd": 7}
    for sold in range(7):
        tell(monitor, reading(MASTER, stock | {f"S{number}": 40 for number in range(sold)}, T0 + sold * MINUTE))
    for minute in (8, 9):
        tell(monitor, reading("facebook", stock | {"odd": 9}, T0 + minute * MINUTE, as_of=as_of))
        now = T0 + (minute + 1) * MINUTE
        tell(monitor, reading(MASTER, stock | {f"S{number}": 40 for number in range(6)}, now))
    return monitor


def test_a_surface_that_is_late_as_a_whole_says_of_which_moment_it_is_and_how_long_before_it_was_read() -> None:
    why = facebook(late(), "S5", T0 + 10 * MINUTE)["phase_why"]
    assert why == (
        "the whole surface shows the master as of noon+1m, 8m before it was read; up to 1m is normal; "
        "the master said 50 from noon+0m until noon+6m, 3m before this read"
    )


def test_what_lag_does_not_explain_is_off_up_to_the_last_read_of_either() -> None:
    odd = facebook(late(as_of=T0 - MINUTE), "odd", T0 + 10 * MINUTE)
    assert odd["phase"] == "persistent"
    assert odd["phase_why"] == (
        "off for 2m at the last read, longer than the lag allowed (1m); no value of the master that we read since "
        "noon+0m explains it, and what it shows is older (noon-1m)"
    )
    assert "older" not in facebook(late(as_of=T0), "odd", T0 + 10 * MINUTE)["phase_why"], "we read it then"
    assert "older" not in facebook(late(), "odd", T0 + 10 * MINUTE)["phase_why"]


def test_what_came_off_after_the_masters_last_read_waits_for_the_next() -> None:
    monitor = Monitor(rules(FACEBOOK))
    tell(monitor, reading(MASTER, {"A": 3}))
    tell(monitor, reading("facebook", {"A": 3}, T0 + MINUTE))
    tell(monitor, reading("facebook", {"A": 8}, T0 + 2 * MINUTE))
    assert facebook(monitor, "A", T0 + 2 * MINUTE)["phase_why"] == (
        "it came off after the last complete read of the master (noon+0m): judged after the next one; "
        "a lag of up to 1h00m is normal here"
    )


def test_new_drift_is_off_for_as_long_as_was_read() -> None:
    monitor = shop({"A": 3}, {"A": 8})
    tell(monitor, reading(MASTER, {"A": 3}, T0 + 7 * MINUTE))
    assert facebook(monitor, "A", T0 + 9 * MINUTE)["phase_why"].startswith(
        "off for 7m at the last read, not longer than the lag allowed (1h00m); no value"
    )


@pytest.mark.parametrize(
    ("said", "shown", "why"),
    [
        ([5, 0, -1], LevelState.IN, "the master said 5 from noon+0m until noon+1m, 3m before this read"),
        ([0, 5, 8], LevelState.OUT, "the master said 0 from noon+0m until noon+1m, 3m before this read"),
        ([5, 3, 5, 4], 5, "the master said 5 from noon+2m until noon+3m, 1m before this read"),
    ],
)
def test_the_newest_value_that_explains_what_is_shown_is_named(said: list[int], shown: Any, why: str) -> None:
    monitor = Monitor(rules(FACEBOOK))
    for minute, level in enumerate(said):
        tell(monitor, reading(MASTER, {"A": level}, T0 + minute * MINUTE))
    tell(monitor, reading("facebook", {"A": shown}, T0 + 4 * MINUTE))
    assert facebook(monitor, "A", T0 + 4 * MINUTE)["phase_why"].startswith(why)


@pytest.mark.parametrize(("after", "when"), [(-1, ", 0s before"), (0, ", 0s before"), (1, ", after this")])
def test_until_when_it_held_is_said_as_of_the_read(after: int, when: str) -> None:
    monitor = Monitor(rules(FACEBOOK))
    tell(monitor, reading(MASTER, {"A": 5}))
    tell(monitor, reading("facebook", {"A": 5}, T0 + MINUTE))
    tell(monitor, reading(MASTER, {"A": 3}, T0 + MINUTE + after))
    assert when in facebook(monitor, "A", T0 + 2 * MINUTE)["phase_why"]


def test_what_would_have_spared_it_is_told_in_seconds_or_units() -> None:
    monitor = shop({"A": 4}, {"A": 9})
    episodes = [Episode("A", "facebook", "over", T0, T0 + 2 * HOUR, 2)] * 3
    advice = explanation(monitor, 0, T0, minutes, episodes)["advice"]
    assert [(one["buffer"], one["interval_s"]) for one in advice] == [(2, None), (None, 3600.0)]


def nearest_of(skus: Iterable[str], typed: str) -> list[str]:
    monitor = Monitor(rules())
    monitor.board.catalogue.add(skus)
    return nearest(monitor, typed)


def test_three_letters_of_five_in_their_place_are_like_enough() -> None:
    assert nearest_of(["abcxy"], "abcde") == ["abcxy"]
    assert nearest_of(["abxyz"], "abcde") == []


def test_among_too_many_those_are_compared_that_begin_or_end_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "_SEARCHED", 4)
    assert nearest_of(["xbcde", "fffff", "ggggg", "hhhhh"], "abcdf") == ["xbcde"], "so few are all compared"
    many = ["abc1", "abc2", "a3", "b4c", "c"]
    assert nearest_of(many, "abc3") == ["abc1", "abc2", "a3"]
    assert nearest_of(["xx", "xy", "aa", "ab", "ac"], "a") == ["aa", "ab"], "no more than can be compared"
    assert nearest_of(["q-ending", "x", "y", "z", "w"], "p-ending") == ["q-ending"]


def test_no_deviation_has_no_sign() -> None:
    text = text_of({**explained(shop({"A": 4}, {"A": 4}), "A"), **FRESH})
    assert "  deviation 0\n" in text


def test_among_very_many_skus_a_typing_error_still_finds_its_own() -> None:
    monitor = Monitor(rules())
    monitor.board.catalogue.add(f"SKU-{number:06d}-X" for number in range(50_000))
    for typed in ("SKU-0419O7-X", "5KU-041907-X", "sku-041907x", "SKU-041907-Y"):
        assert "SKU-041907-X" in nearest(monitor, typed), typed
    assert nearest(monitor, "") == []
