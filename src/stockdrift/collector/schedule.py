"""When each source is read. Pure: no clock, all chance from the generator that is given."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

_JITTER: Final = 0.1  # of the interval, so that sources and consoles of many stores do not fall into step
_SOON: Final = 60_000  # ms to the second try of a source that is seldom read
_SLOWEST: Final = 120_000  # ms between tries of a failing source that is often read
_SPREAD: Final = 1_000  # ms within which all surfaces are first read


class Cadence:
    """The waits of one source, in milliseconds.

    Reads are ``every`` apart while they succeed. While they fail, waits double: from a minute where ``every`` is
    longer, for a feed read each quarter of an hour need not stay unknown for another one after a hiccup; and up to
    four times ``every``, at most two minutes, where that is longer than ``every``, so that a recovery is soon seen.
    """

    def __init__(self, every: int, rng: random.Random) -> None:
        self._every = max(every, 1)
        self._rng = rng
        self._failures = 0

    @property
    def every(self) -> int:
        """Milliseconds between reads that succeed."""
        return self._every

    def wait(self, *, complete: bool, took: int) -> int:
        """Time from the end of a read that took ``took`` to the start of the next."""
        if complete:
            self._failures = 0
            pause = self._every
        else:
            self._failures += 1
            pause = self._backoff()
        pause = round(pause * self._rng.uniform(1 - _JITTER, 1 + _JITTER))
        return max(pause - took, pause // 4)  # a source slower than its interval is still given a rest

    def _backoff(self) -> int:
        first = min(self._every, _SOON)
        longest = max(self._every, min(4 * self._every, _SLOWEST))
        return int(min(first * 2 ** min(self._failures - 1, 20), longest))


def first_waits(surfaces: Sequence[str], rng: random.Random) -> dict[str, int]:
    """When each surface is first read, in milliseconds after the master was: spread, not all in one instant."""
    share = _SPREAD / max(len(surfaces), 1)
    return {name: round((place + rng.random()) * share) for place, name in enumerate(surfaces)}
