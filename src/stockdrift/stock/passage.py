"""Recorded time: which entries were known at which moment, and the steps from one moment to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

_SET_BACK: Final = 30_000
"""Ms by which an entry may be older than the one before it: reads end out of order. Older, the clock was set back."""


class Moment(Struct, frozen=True, order=True):
    """What was known after entry ``number`` (0: before the first), looked at at ``at`` (ms since the epoch)."""

    number: int
    at: int


class Passage:
    """The entries of a journal by number and time, the oldest kept first; grows as the journal does.

    Where the clock was set back recorded time begins a new *era*; a time that came twice is found in the later one.
    """

    def __init__(self) -> None:
        self._numbers = np.empty(0, np.int64)
        self._times = np.empty(0, np.int64)  # when each was known: within an era never before an earlier one
        self._eras: list[int] = []  # index of the first entry of each

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def newest(self) -> int:
        """Number of the newest entry; 0 where there is none."""
        return int(self._numbers[-1]) if len(self) else 0

    @property
    def first(self) -> Moment | None:
        """The oldest moment that can be shown; None where nothing is recorded."""
        return self._moment(self._last_of_group(0)) if len(self) else None

    @property
    def last(self) -> Moment | None:
        """The newest entry, at its own time."""
        return self._moment(len(self) - 1) if len(self) else None

    def extend(self, entries: Sequence[tuple[int, int]]) -> None:
        """Appends ``(number, at)``, numbers ascending and above the newest."""
        if not entries:
            return
        found = np.array(entries, np.int64).reshape(-1, 2)
        place = len(self)
        self._numbers = np.concatenate([self._numbers, found[:, 0]])
        self._times = np.concatenate([self._times, found[:, 1]])
        if not place:
            self._eras.append(0)
        while place < len(self):
            ahead = self._times[place:]
            floor = self._times[place - 1] if place > self._eras[-1] else ahead[0]
            known = np.maximum.accumulate(np.maximum(ahead, floor))
            back = np.flatnonzero(ahead < np.concatenate([[floor], known[:-1]]) - _SET_BACK)
            era = int(back[0]) if len(back) else len(ahead)
            self._times[place : place + era] = known[:era]
            place += era
            if place < len(self):
                self._eras.append(place)

    def at(self, moment: int) -> Moment | None:
        """What stood at ``moment``; None where nothing was recorded so early."""
        for era in reversed(range(len(self._eras))):
            begin, end = self._span(era)
            if self._times[begin] <= moment:
                place = begin + int(np.searchsorted(self._times[begin:end], moment, side="right")) - 1
                return Moment(int(self._numbers[place]), moment)
        return None

    def came_again(self, moment: int) -> bool:
        """Whether the clock was set back over ``moment``, so that the same time came more than once."""
        spans = [self._span(era) for era in range(len(self._eras))]
        return sum(bool(self._times[begin] <= moment <= self._times[end - 1]) for begin, end in spans) > 1

    def after(self, moment: Moment) -> Moment | None:
        """The next entry's moment (of entries of the same time the last); None at the end."""
        place = int(np.searchsorted(self._numbers, moment.number, side="right"))
        return self._moment(self._last_of_group(place)) if place < len(self) else None

    def before(self, moment: Moment) -> Moment | None:
        """The moment of the entry last known at ``moment``, where that looks later; else the one before it; None at
        the beginning.
        """
        place = int(np.searchsorted(self._numbers, moment.number, side="right")) - 1
        if place < 0:
            return None
        if moment.at > self._times[place]:
            return self._moment(place)
        era = max(begin for begin in self._eras if begin <= place)
        place = max(era, int(np.searchsorted(self._times[era:place], self._times[place])) + era) - 1
        return self._moment(place) if place >= 0 else None

    def _moment(self, place: int) -> Moment:
        return Moment(int(self._numbers[place]), int(self._times[place]))

    def _span(self, era: int) -> tuple[int, int]:
        return self._eras[era], self._eras[era + 1] if era + 1 < len(self._eras) else len(self)

    def _last_of_group(self, place: int) -> int:
        """The last entry of the same time as the one at ``place``, within its era."""
        end = next((begin for begin in self._eras if begin > place), len(self))
        return place + int(np.searchsorted(self._times[place:end], self._times[place], side="right")) - 1
