"""How an operator writes an end: a stretch of time from now, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_STRETCH: Final = re.compile(r"(?:(\d{1,4})\s*([mhdw])\s*)+", re.ASCII | re.IGNORECASE)
_PART: Final = re.compile(r"(\d{1,4})\s*([mhdw])", re.ASCII | re.IGNORECASE)
_LONGEST: Final = timedelta(days=3_660)

HINT: Final = "90m, 8h, 7d, 2w, a date such as 2026-12-24 or 2026-12-24 18:00, or now"


def parse_until(text: str, now: int, zone: tzinfo | None) -> int:
    """The moment (ms) that ``text`` means at ``now``; a date is its first moment in ``zone``. ``now`` is ``now``.

    Raises ValueError, with a sentence for the operator.
    """
    text = text.strip().lower()
    if text == "now":
        return now
    if _STRETCH.fullmatch(text):
        seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
        if seconds == 0 or seconds > _LONGEST.total_seconds():
            raise ValueError("The end is more than nothing away, and less than ten years")
        return now + seconds * 1_000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Write the end like {HINT}") from None
    if moment.tzinfo is None:
        moment = moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
    at = round(moment.timestamp() * 1_000)
    if at <= now:
        raise ValueError("That is past already; now ends it")
    if moment.astimezone(UTC) - datetime.fromtimestamp(now / 1_000, UTC) > _LONGEST:
        raise ValueError("The end is less than ten years away")
    return at
