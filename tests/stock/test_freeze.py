"""Freeze windows against a brute-force oracle that asks clock and calendar minute by minute, over zone transitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.settings.zones import offset
from stockdrift.stock.freeze import CLOSED, MINUTE, Window, denied, no_zones, opens

TRANSITIONS = {
    "Europe/London": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30", "2026-04-04T15:00"),  # by half an hour
    "America/Santiago": ("2026-04-05T03:00", "2026-09-06T04:00"),  # at midnight: a day without its first hour
    "Pacific/Apia": ("2011-12-30T10:00",),  # a day that was left out
    "Asia/Kathmandu": ("2026-06-01T00:00",),  # none, and 5:45 ahead
    "UTC": ("2026-06-01T00:00",),
}


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def shown(window: Window, at: int) -> bool:
    """What somebody sees who looks at the clock and the calendar on the wall."""
    if (window.since is not None and at < window.since) or (window.until is not None and at >= window.until):
        return False
    wall = datetime.fromtimestamp(at / 1_000, UTC).astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    for back in (0, 1):  # a window of today, or of yesterday that goes on
        day = (wall - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        ends = window.ends if window.begins < window.ends else window.ends + 24 * 60
        if day.weekday() in window.days and (
            day + timedelta(minutes=window.begins) <= wall < day + timedelta(minutes=ends)
        ):
            return True
    return False


MINUTES = st.one_of(st.integers(0, 24 * 60 - 1), st.sampled_from([0, 60, 90, 119, 120, 150, 180]))


@st.composite
def windows(draw: st.DrawFn, zone: str, about: int) -> Window:
    begins, ends = draw(MINUTES), draw(st.one_of(MINUTES, st.just(24 * 60)))
    bounds = st.none() | st.integers(-2_000, 2_000).map(lambda minutes: about + minutes * MINUTE)
    return Window(
        draw(st.sampled_from(["one", "two"])),
        draw(st.sampled_from([(), ("shop",), ("other",)])),
        zone,
        tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        begins,
        ends if ends != begins else begins + 1,
        draw(bounds),
        draw(bounds),
    )


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Window], list[Window], int]:
    zone = draw(st.sampled_from(sorted(TRANSITIONS)))
    about = ms(datetime.fromisoformat(draw(st.sampled_from(TRANSITIONS[zone]))).replace(tzinfo=UTC))
    zones = st.sampled_from([zone, "UTC"])
    some = st.lists(zones.flatmap(lambda name: windows(name, about)), max_size=3)
    return draw(some), draw(some), about + draw(st.integers(-1_600, 1_600)) * MINUTE


@settings(max_examples=120, deadline=None)
@given(scenes())
def test_it_is_what_the_clock_on_the_wall_says_and_a_freeze_beats_what_is_open(
    scene: tuple[list[Window], list[Window], int],
) -> None:
    freezes, openings, at = scene
    here = [window for window in openings if window.concerns("shop")]

    def names(moment: int) -> list[str]:
        frozen = [window.name for window in freezes if window.concerns("shop") and shown(window, moment)]
        return frozen + ([CLOSED] if here and not any(shown(window, moment) for window in here) else [])

    assert list(denied(freezes, openings, "shop", at, offset)) == names(at)
    free = opens(freezes, openings, "shop", at, offset)
    span = 8 * 24 * 60
    if free is None or free > at + span * MINUTE:
        assert all(names(at + minute * MINUTE) for minute in range(0, span, 31))
    else:
        assert not names(free)
        assert all(names(moment) for moment in range(at, free, MINUTE))
        assert free == at or names(free - 1)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday = Window("rush", (), "Europe/London", (4,), 18 * 60, 2 * 60)

    def frozen(text: str) -> bool:
        at = ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London")))
        return list(denied([friday], [], "shop", at, offset)) == ["rush"]

    assert not frozen("2026-11-27T17:59")
    assert frozen("2026-11-27T18:00")
    assert frozen("2026-11-28T01:59")
    assert not frozen("2026-11-28T02:00")
    assert not frozen("2026-11-27T01:00")


@pytest.mark.parametrize("known", [no_zones, offset])
def test_a_window_whose_zone_is_not_known_bars_and_opens_nothing(known: object) -> None:
    nowhere = Window("rush", zone="Atlantis/Capital")
    assert list(denied([nowhere], [], "shop", 0, known)) == ["rush"]  # type: ignore[arg-type]
    assert list(denied([], [nowhere], "shop", 0, known)) == [CLOSED]  # type: ignore[arg-type]
    assert opens([nowhere], [], "shop", 0, known) is None  # type: ignore[arg-type]


NOON = ms(datetime(2026, 11, 27, 12, tzinfo=UTC))  # a Friday
DAY = 24 * 60 * MINUTE


def test_a_window_speaks_of_the_surfaces_it_names_or_of_all() -> None:
    assert Window("fair", ("shop", "embed")).concerns("embed")
    assert not Window("fair", ("shop", "embed")).concerns("feed")
    assert Window("fair").concerns("feed")
    assert opens([Window("fair", ("shop",))], [], "embed", NOON, no_zones) == NOON


@pytest.mark.parametrize(("at", "held"), [(-1, False), (0, True), (99, True), (100, False)])
def test_it_holds_from_its_beginning_to_before_its_end(at: int, held: bool) -> None:
    assert Window("fair", since=NOON, until=NOON + 100).holds(NOON + at, offset) == held


@pytest.mark.parametrize(("hours", "held"), [(-3, False), (-2, True), (21, True), (22, False)])
def test_one_that_ends_when_it_begins_is_a_whole_day_long(hours: int, held: bool) -> None:
    friday = Window("day", days=(4,), begins=10 * 60, ends=10 * 60)
    assert friday.holds(NOON + hours * 60 * MINUTE, offset) == held


def test_a_whole_day_of_the_week_is_over_at_midnight() -> None:
    assert opens([Window("black", days=(4,))], [], "shop", NOON, offset) == NOON + DAY // 2


def test_what_the_clock_leaves_out_ends_a_window_when_it_is_put_forward() -> None:
    spring = ms(datetime(2026, 3, 29, 1, tzinfo=UTC))  # 01:00 in London is 02:00
    night = Window("night", zone="Europe/London", begins=30, ends=90)
    assert opens([night], [], "shop", spring - 15 * MINUTE, offset) == spring


def test_however_far_the_end_is_it_is_found_past_windows_that_come_daily_or_are_over() -> None:
    end = NOON + 5_000 * DAY
    over = Window("rush", begins=60, ends=120, until=NOON)
    always = Window("all", since=NOON - DAY, until=end - DAY)
    assert opens([over, always, Window("long", until=end)], [], "shop", NOON, offset) == end
