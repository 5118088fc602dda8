"""How long to wait before a request is tried again."""

from __future__ import annotations

import random
from email.utils import parsedate_to_datetime
from typing import Final

_FIRST: Final = 1_000
_JITTER: Final = 0.25


def backoff(tries: int, cap: int, jitter: random.Random) -> int:
    """Milliseconds to wait after ``tries`` tries have failed: 1, 2, 4, 8 s and so on, with up to a quarter more so
    that many readers do not come back as one, and never more than ``cap``.
    """
    nominal = _FIRST << min(tries - 1, 30)
    return min(cap, round(nominal * (1 + _JITTER * jitter.random())))


def retry_after(value: str | None, now: int) -> int:
    """Milliseconds that a ``Retry-After`` header asks for: seconds or an HTTP date (RFC 9110, 10.2.3). 0 where it is
    absent, past or neither. ``now`` is Unix time in milliseconds.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return int(text[:9]) * 1_000
    try:
        moment = parsedate_to_datetime(text)
        return max(0, round(moment.timestamp() * 1_000) - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
