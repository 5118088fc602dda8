"""Times as feeds and servers state them. One without a zone could mean any hour, so it is none."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST: Final = 64
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)? ?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)
_SECONDS: Final = (1_000_000_000, 100_000_000_000)  # 2001 to 5138
_MILLISECONDS: Final = (_SECONDS[1], 100_000_000_000_000)  # 1973 to 5138


def parse_time(text: str) -> int | None:
    """Unix ms of a time with its zone: RFC 3339 and ISO 8601 (Atom, JSON), RFC 822 as RSS and HTTP use it, or a Unix
    time in seconds or milliseconds. None for anything else, a date alone or a time of no known zone included.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        if text.isascii() and text.isdecimal():
            return _unix(int(text))
        if _ISO.fullmatch(text):
            moment = datetime.fromisoformat(text.upper().replace(",", ".").replace(" +", "+").replace(" -", "-"))
        else:
            moment = parsedate_to_datetime(text)  # "-0000", a time of unknown zone, comes back without one
        return None if moment.tzinfo is None else round(moment.timestamp() * 1_000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _unix(value: int) -> int | None:
    if _SECONDS[0] <= value < _SECONDS[1]:
        return value * 1_000
    return value if _MILLISECONDS[0] <= value < _MILLISECONDS[1] else None
