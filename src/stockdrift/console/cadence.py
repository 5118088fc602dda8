"""How often a picture is taken."""

from __future__ import annotations

from typing import Final

SOONEST: Final = 250
"""At most one picture in so many ms."""

LATEST: Final = 1_000
"""However dear a picture is, what is new is on screen after so many ms."""

AGED: Final = 5_000
"""A picture older than this (ms) is taken anew even where nothing was judged: rates and trends age by themselves."""

AGED_AT_MOST: Final = 30_000

_NEWS: Final = 100  # what is new may take one part in so many of a core
_AGE: Final = 5_000  # what has only aged, one part in so many


class Cadence:
    """Says when a picture is due. One that is dear is taken less often, so that a key does not have to wait for it and
    a processor that others need too has rest.
    """

    def __init__(self) -> None:
        self._taken_at = 0
        self._cost = 0.0

    def due(self, now: int, *, news: bool) -> bool:
        """Whether one is to be taken at ``now`` (ms), where something is new or nothing is."""
        age = abs(now - self._taken_at)  # a clock that was set back must not stop the screen
        if news:
            return age >= min(max(SOONEST, _NEWS * self._cost), LATEST)
        return age >= min(max(AGED, _AGE * self._cost), AGED_AT_MOST)

    def taken(self, now: int, cost: float) -> None:
        """One was taken at ``now`` (ms), and the processor was busy with it for ``cost`` ms."""
        self._taken_at, self._cost = now, cost
