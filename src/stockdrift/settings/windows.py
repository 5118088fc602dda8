"""Freeze windows and opening times as the settings file writes them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from stockdrift.settings import zones
from stockdrift.settings.values import Moment, Names, Text
from stockdrift.stock.freeze import CLOSED, Window

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
_WHOLE_DAY: Final = 24 * 60

TAKEN: Final = frozenset({CLOSED, "collapsed master"})
"""Names of barriers that are no windows: who lets one down by its name must not let down the other."""


def parse_hours(value: Any) -> tuple[int, int]:
    """Minutes after midnight of ``"18:00-23:00"``, or over midnight of ``"22:00-06:00"``. Raises ValueError."""
    if isinstance(value, tuple):
        return (int(value[0]), int(value[1]))
    match = _HOURS.fullmatch(str(value).strip())
    begins, ends = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if begins == ends or begins >= _WHOLE_DAY or ends > _WHOLE_DAY:
        raise ValueError(
            f'not hours: {str(value)[:40]!r}; write them like "18:00-23:00", or "22:00-06:00" over midnight'
        )
    return begins, ends


def check_zone(zone: str) -> str:
    """``zone`` if it is one of the IANA database. Raises ValueError."""
    try:
        zones.named(zone)
    except KeyError:
        raise ValueError(f'there is no time zone {zone[:40]!r}; write it like "Europe/London" or "UTC"') from None
    return zone


def parse_days(value: Any) -> Any:
    """Days by their first letters: ``["fri", "saturday"]``. Raises ValueError."""
    days = value.split(",") if isinstance(value, str) else value
    if not isinstance(days, list | tuple) or not days:
        raise ValueError('must be a list of days; write it like ["fri", "sat"]')
    return tuple(str(day).strip().lower()[:3] for day in days)


class WindowSettings(BaseModel):
    """A time in which nothing is written (``[[actions.freeze]]``), or in which alone something may be
    (``[[actions.open]]``); a freeze stands above what is open. By the calendar, by the clock on the wall, or by both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = Field(
        description="What it is for; typed by whoever writes in spite of a freeze."
    )
    zone: Annotated[str, AfterValidator(check_zone)] = Field(
        description='Whose clock and calendar it goes by: "Europe/London".'
    )
    days: Annotated[tuple[Day, ...], BeforeValidator(parse_days)] = Field(
        _DAYS, description="On which days of the week; by default on all."
    )
    hours: Annotated[tuple[int, int] | None, BeforeValidator(parse_hours)] = Field(
        None,
        description='From when to when: "18:00-23:00"; by default the whole day. Past midnight it is still that day.',
    )
    begin: Moment | None = Field(None, description="From this date, or date and time, on.")
    end: Moment | None = Field(None, description="Until then. Without an offset both are in the window's zone.")
    surfaces: Names = Field((), description="On these surfaces; by default on all.")

    @model_validator(mode="before")
    @classmethod
    def _in_its_own_zone(cls, given: Any) -> Any:
        """A moment without an offset is one of the window's zone; an hour that comes twice is in it twice."""
        if not isinstance(given, dict) or not isinstance(given.get("zone"), str):
            return given
        found = dict(given)
        for key, fold in (("begin", 0), ("end", 1)):
            moment = _moment(found.get(key))
            if moment is not None and moment.tzinfo is None:
                try:
                    found[key] = moment.replace(tzinfo=zones.named(found["zone"]), fold=fold)
                except KeyError:
                    return given
        return found

    @model_validator(mode="after")
    def _some_time(self) -> WindowSettings:
        if not {"days", "hours", "begin", "end"} & self.model_fields_set:
            raise ValueError("a window has days, hours, a begin or an end")
        if self.begin is not None and self.end is not None and self.end <= self.begin:
            raise ValueError("its end is not after its begin")
        if self.name in TAKEN:
            raise ValueError(f"a window is not called {self.name}: that bars writes for a reason of its own")
        return self

    def window(self) -> Window:
        """As the core knows it."""
        begins, ends = self.hours or (0, _WHOLE_DAY)
        days = tuple(sorted(_DAYS.index(day) for day in set(self.days)))
        return Window(self.name, self.surfaces, self.zone, days, begins, ends, self.begin, self.end)


def _moment(value: Any) -> datetime | None:
    """A date, or a date and time, of TOML or as text; None where it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if isinstance(value, datetime) else None
