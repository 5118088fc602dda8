"""Times as people type them, in zones whose clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.when import Meant, MomentError, understand

LONDON, ADELAIDE = ZoneInfo("Europe/London"), ZoneInfo("Australia/Adelaide")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


NOW = ms("2026-11-27T10:42:07Z")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10:41", "2026-11-27T10:41Z"),
        ("10:42:07", "2026-11-27T10:42:07Z"),
        ("10:43", "2026-11-26T10:43Z"),  # is yet to come: yesterday's
        ("9:05", "2026-11-27T09:05Z"),
        ("2026-11-27 10:42", "2026-11-27T10:42Z"),
        ("2026-11-27", "2026-11-27T00:00Z"),
        ("2026-7-1 10:00", "2026-07-01T09:00Z"),  # summer time
        ("2026-11-27T10:42:07+01:00", "2026-11-27T09:42:07Z"),
        ("2026-11-27T10:42Z", "2026-11-27T10:42Z"),
        (" 2026-11-27 10:42:30 ", "2026-11-27T10:42:30Z"),
        ("-2h", "2026-11-27T08:42:07Z"),
        ("-1d2h30m", "2026-11-26T08:12:07Z"),
        ("-1d 2h", "2026-11-26T08:42:07Z"),
        ("-0.5h", "2026-11-27T10:12:07Z"),
        ("90s ago", "2026-11-27T10:40:37Z"),
        ("2h ago", "2026-11-27T08:42:07Z"),
        ("now", "2026-11-27T10:42:07Z"),
    ],
)
def test_many_ways_to_say_a_moment(text: str, meant: str) -> None:
    assert understand(text, NOW, LONDON) == Meant(ms(meant))


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "10:61", "2026-02-30", "2026-13-01 10:00", "-", "-2", "-2y", "99999-01-01",
             "-9999999d", "10:42:99", "２026-11-27", "0000-01-01 10:00"]
)  # fmt: skip
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(MomentError, match=r"is no time: give 10:42, 2026-11-27 10:42"):
        understand(text, NOW, LONDON)


def test_a_time_that_came_twice_is_the_first_and_the_other_is_named() -> None:
    meant = understand("2026-10-25 01:30", NOW, LONDON)
    assert meant.at == ms("2026-10-25T00:30Z")
    assert meant.note == (
        "01:30 came twice that day, in BST and in GMT: this is the first; 2026-10-25T01:30+00:00 is the other"
    )
    assert understand("2026-10-25T01:30+00:00", NOW, LONDON) == Meant(ms("2026-10-25T01:30Z"))


def test_a_time_that_was_left_out_is_counted_on() -> None:
    meant = understand("2026-03-29 01:30", NOW, LONDON)
    assert meant.at == ms("2026-03-29T01:30Z")
    assert meant.note == "01:30 was left out that day, the clocks were put forward: this is 02:30 BST"


def test_the_last_such_time_on_the_day_of_the_change() -> None:
    after = ms("2026-10-25T02:10Z")
    assert understand("01:30", after, LONDON).at == ms("2026-10-25T00:30Z")
    between = ms("2026-10-25T00:45Z")
    assert understand("01:30", between, LONDON).at == ms("2026-10-25T00:30Z")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)), st.sampled_from([LONDON, ADELAIDE, UTC]))
def test_what_is_written_with_its_zone_is_found_again(naive: datetime, zone: ZoneInfo) -> None:
    exact = naive.replace(tzinfo=UTC, microsecond=0).astimezone(zone)
    at = round(exact.timestamp() * 1000)
    assert understand(exact.isoformat(), NOW, zone) == Meant(at)
    local = understand(exact.strftime("%Y-%m-%d %H:%M:%S"), NOW, zone)
    assert local.at == at or local.note
    clock = understand(exact.strftime("%H:%M:%S"), at + 1, zone)
    assert clock.at <= at + 1
    assert at - clock.at < timedelta(hours=2) / timedelta(milliseconds=1)


def test_the_operator_s_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    try:
        assert understand("2026-07-01 10:00", NOW, None) == Meant(ms("2026-07-01T09:00Z"))
        assert "came twice" in understand("2026-10-25 01:30", NOW, None).note
    finally:
        monkeypatch.undo()
        time.tzset()
