"""The time as connectors are given it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Unix time in milliseconds."""


def wall_clock() -> int:
    """Unix time in milliseconds, as the machine knows it."""
    return time.time_ns() // 1_000_000
