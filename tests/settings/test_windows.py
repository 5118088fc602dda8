"""Freeze windows and opening times as they are written: in their own zone, and nothing that would freeze nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from stockdrift.settings.windows import WindowSettings
from stockdrift.stock.freeze import CLOSED
from stockdrift.stock.guards import COLLAPSED


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def test_dates_are_those_of_its_own_zone() -> None:
    window = WindowSettings.model_validate(
        {"name": "fair", "zone": "America/New_York", "begin": "2026-11-27", "end": "2026-11-30T08:00:00"}
    ).window()
    assert (window.since, window.until) == (at("2026-11-27T05:00"), at("2026-11-30T13:00"))
    stated = WindowSettings.model_validate({"name": "fair", "zone": "UTC", "begin": "2026-11-27T08:00:00+02:00"})
    assert stated.begin == at("2026-11-27T06:00")


def test_an_hour_that_comes_twice_is_in_it_twice() -> None:
    window = WindowSettings.model_validate(
        {"name": "change", "zone": "Europe/London", "begin": "2026-10-25T01:30:00", "end": "2026-10-25T01:45:00"}
    ).window()
    assert (window.since, window.until) == (at("2026-10-25T00:30"), at("2026-10-25T01:45"))


def test_days_and_hours() -> None:
    window = WindowSettings.model_validate(
        {"name": "rush", "zone": "UTC", "days": ["Saturday", "fri"], "hours": "18:00-2:00"}
    ).window()
    assert (window.days, window.begins, window.ends) == ((4, 5), 1_080, 120)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "a window has days, hours, a begin or an end"),
        ({"zone": "Europe/Atlantis", "days": ["fri"]}, "there is no time zone 'Europe/Atlantis'"),
        ({"zone": "Europe", "days": ["fri"]}, "there is no time zone 'Europe'"),
        ({"zone": "../../etc/passwd", "begin": "2026-11-27"}, "there is no time zone"),
        ({"hours": "18:00"}, "not hours"),
        ({"hours": "18:00-18:00"}, "not hours"),
        ({"hours": "24:00-02:00"}, "not hours"),
        ({"hours": "18:00-24:30"}, "not hours"),
        ({"days": []}, "must be a list of days"),
        ({"days": ["someday"]}, "Input should be 'mon'"),
        ({"begin": "2026-11-27", "end": "2026-11-27"}, "its end is not after its begin"),
        ({"name": CLOSED, "days": ["fri"]}, "a window is not called closed"),
        ({"name": COLLAPSED, "days": ["fri"]}, "a window is not called collapsed master"),
        ({"begin": "Friday"}, "not a date"),
    ],
)
def test_what_makes_no_window_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("(", r"\(")):
        WindowSettings.model_validate({"name": "rush", "zone": "UTC", **more})
