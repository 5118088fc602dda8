"""The operator's day: from midnight to midnight in the zone of the screen, and what drifted in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from itertools import pairwise
from typing import Final

from msgspec import Struct

from stockdrift.console import words
from stockdrift.stock.course import Slot, Stretch, in_doubt, slots, stretches
from stockdrift.stock.gauge import Sample

CELLS: Final = 96
"""Of the ribbon: a quarter of an hour each, on a day without a change of clocks."""

_HOURS: Final = range(0, 25, 3)


class Day(Struct, frozen=True):
    """``hours`` are the local hours that are marked, with their moments. The rest is as of ``now``.

    ``recorded_from`` is the day's first moment of which there is a count, None for none; for ``unknown`` ms since then
    it was not known whether anything drifts: nothing was known at all, or some SKUs were not, and no other drifted.
    """

    begin: int
    end: int
    now: int
    hours: Sequence[tuple[int, int]]
    slots: Sequence[Slot]
    stretches: Sequence[Stretch]
    recorded_from: int | None
    unknown: int

    @property
    def width(self) -> int:
        """Milliseconds of a cell; the last may reach over midnight."""
        return -(-(self.end - self.begin) // CELLS)

    def place(self, at: int) -> int:
        """The cell that a moment of the day falls into."""
        return max(0, min(CELLS - 1, (at - self.begin) // self.width))

    @property
    def drifted(self) -> int:
        """Milliseconds in which anything drifted."""
        return sum((self.now if one.end is None else one.end) - one.begin for one in self.stretches)


def bounds(now: int, zone: tzinfo | None) -> tuple[int, int, Sequence[tuple[int, int]]]:
    """Midnight before ``now`` (ms), midnight after it, and the hours that are marked: days of 23 and 25 hours too."""
    midnight = words.on_clock(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone, fold=0)

    def moment(hour: int) -> int:
        at = midnight + timedelta(hours=hour)  # on the wall's clock
        return round(at.timestamp() * 1000)

    hours = [(hour, moment(hour)) for hour in _HOURS]
    return hours[0][1], hours[-1][1], hours


def day_of(samples: Sequence[Sample], now: int, zone: tzinfo | None) -> Day:
    """The day of ``now`` by the counts that were recorded in it, and the last before it."""
    begin, end, hours = bounds(now, zone)
    width = -(-(end - begin) // CELLS)
    ribbon, episodes = slots(samples, begin, width, CELLS, now), stretches(samples, begin, now, width)
    stood = [(max(one.at, begin), in_doubt(one)) for one in samples if one.at <= now]
    stood = stood[max((place for place, (at, _) in enumerate(stood) if at == begin), default=0) :]
    unknown = sum(until - at for (at, doubt), (until, _) in pairwise([*stood, (now, False)]) if doubt)
    return Day(begin, end, now, hours, ribbon, episodes, stood[0][0] if stood else None, unknown)
