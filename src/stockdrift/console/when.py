"""Moments as people type them (``10:42``, ``2026-11-27 10:42``, ISO with a zone, ``-2h``), and where they lead to."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from stockdrift.console import words
from stockdrift.stock.passage import Moment, Passage

FORMS: Final = "10:42, 2026-11-27 10:42, 2026-11-27T10:42+01:00 or -2h"

_SILENT: Final = 300_000
"""Where nothing was recorded for so long (ms) before a moment, that is said."""

_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}
_BEFORE_NOW: Final = re.compile(r"(.*\S)\s+ago")
_AGO: Final = re.compile(r"-\s*((?:\d+(?:\.\d+)?\s*[dhms]\s*)+)", re.ASCII)
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_DATED: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)


class MomentError(ValueError):
    """A text is no moment; the message is one sentence for the operator."""


class Meant(Struct, frozen=True):
    """``at`` in ms since the epoch. ``note`` says which of two was taken where the clocks changed; else empty."""

    at: int
    note: str = ""


def understand(text: str, now: int, zone: tzinfo | None) -> Meant:
    """The moment that ``text`` is at ``now`` in ``zone`` (None: the operator's own). Raises MomentError.

    A time without a date is the last such time before ``now``; a date alone is its midnight. Of a local time that came
    twice, the first is taken; one that was left out is counted on from before the gap.
    """
    wanted = _BEFORE_NOW.sub(r"-\1", text.strip())
    if wanted == "now":
        return Meant(now)
    try:
        if ago := _AGO.fullmatch(wanted):
            at = now - round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(ago[1])))
            if at < 0:
                raise ValueError
            return Meant(at)
        if clock := _CLOCK.fullmatch(wanted):
            hour, minute, second = (int(part or 0) for part in clock.groups())
            return _last_such(time(hour, minute, second), now, zone)
        if dated := _DATED.fullmatch(wanted):
            return _local(datetime(*(int(part or 0) for part in dated.groups())), zone)  # type: ignore[arg-type]
        exact = datetime.fromisoformat(wanted)
        return _local(exact, zone) if exact.tzinfo is None else Meant(_ms(exact))
    except (ValueError, OverflowError, OSError):
        raise MomentError(f"“{text}” is no time: give {FORMS}") from None


def nearest(passage: Passage, meant: Meant, now: int, zone: tzinfo | None) -> tuple[Moment | None, str]:
    """The moment nearest to ``meant`` that can be shown (None where nothing is recorded), and what is to be said of it:
    that it is another one, that the recording had ended by then, which of several it is. Empty where all is plain.
    """

    def said(at: int) -> str:
        year = _date(at, zone).year
        years = f" {year}" if year != _date(now, zone).year else ""
        return f"{words.day(at, zone)}{years} {words.clock(at, zone)}"

    first, last = passage.first, passage.last
    if first is None or last is None:
        return None, "Nothing is recorded yet"
    if meant.at < first.at:
        return first, f"Nothing was recorded before {said(first.at)}: this is the beginning"
    if meant.at > now:
        return passage.at(now), f"{said(meant.at)} is yet to come: this is {said(now)}"
    if meant.at - last.at > _SILENT:
        told = f"The recording ended on {said(last.at)}: this is what was left of it on {said(meant.at)}"
        return passage.at(meant.at), told
    if passage.came_again(meant.at):
        return passage.at(meant.at), f"The clock was set back: {said(meant.at)} came again, and this is the last"
    return passage.at(meant.at), meant.note


def _last_such(clock: time, now: int, zone: tzinfo | None) -> Meant:
    today = _date(now, zone)
    for days in range(3):
        day = today - timedelta(days=days)
        meant = _local(datetime.combine(day, clock), zone)
        if meant.at <= now:
            return meant
    raise ValueError


def _date(now: int, zone: tzinfo | None) -> date:
    return words.on_clock(now, zone).date()


def _local(naive: datetime, zone: tzinfo | None) -> Meant:
    """A local time, and what is to be said of it where the clocks were changed."""
    first, second = (_ms(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first == second:
        return Meant(first)
    said = f"{naive:%H:%M}"
    if first < second:
        names = words.zone_name(first, zone), words.zone_name(second, zone)
        return Meant(
            first,
            f"{said} came twice that day, in {names[0]} and in {names[1]}: this is the first; "
            f"{_iso(second, zone)} is the other",
        )
    return Meant(
        first,
        f"{said} was left out that day, the clocks were put forward: this is {words.minute(first, zone)} "
        f"{words.zone_name(first, zone)}",
    )


def _iso(at: int, zone: tzinfo | None) -> str:
    return words.on_clock(at, zone).isoformat(timespec="minutes")


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
