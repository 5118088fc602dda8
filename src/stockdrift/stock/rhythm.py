"""By what rhythm a surface renews what it shows, told by its own as-of times, and when it was due and did not.

A feed that is made or fetched every hour says so by itself: its as-of times lie an hour apart. Nothing is guessed
beyond that: a rhythm is one only where most of the stretches between as-of times are alike, and a time was missed only
where a complete read that began after it still brought the version from before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from stockdrift.stock.entries import PollSummary
from stockdrift.stock.reading import Outcome

LEAST: Final = 3
"""As many stretches between as-of times, at least, tell a rhythm."""

_ALIKE: Final = 4  # two stretches are alike where they differ by no more than one part in so many
_GRACE: Final = 4  # it may be late by one part in so many before the time counts as missed


class Missed(Struct, frozen=True):
    """It was due at ``at`` (ms) to be made anew; the read that ended at ``seen_at`` still showed what was made at
    ``shown``.
    """

    at: int
    shown: int
    seen_at: int


def rhythm(as_ofs: Sequence[int]) -> int | None:
    """The stretch (ms) between two of ``as_ofs`` (ascending, no two alike); None where there is no rhythm.

    More than half are like the middle one, and three quarters like it or a multiple: those in which times were missed.
    """
    gaps = sorted(later - earlier for earlier, later in pairwise(as_ofs))
    if len(gaps) < LEAST:
        return None
    middle = gaps[(len(gaps) - 1) // 2]
    alike = sum(abs(gap - middle) * _ALIKE <= middle for gap in gaps)
    fitting = sum(abs(gap - middle * max(1, round(gap / middle))) * _ALIKE <= middle for gap in gaps)
    return middle if 2 * alike > len(gaps) and 4 * fitting >= 3 * len(gaps) else None


def missed(reads: Sequence[tuple[int, int, int]]) -> list[Missed]:
    """The times missed, ascending. ``reads`` are the complete ones, ascending: when each began and ended, and the as-of
    time that it told (ms).

    An as-of time that lies before the one told last is of a clock that was set back, and tells nothing.
    """
    versions: list[int] = []
    for _, _, shown in reads:
        if not versions or shown > versions[-1]:
            versions.append(shown)
    every = rhythm(versions)
    if every is None:
        return []
    found: list[Missed] = []
    newest: int | None = None
    due = 0
    for began_at, ended_at, shown in reads:
        if newest is None or shown > newest:
            newest, due = shown, shown + every
        while shown == newest and due + every // _GRACE <= began_at:
            found.append(Missed(due, shown, ended_at))
            due += every
    return found


def missed_by(polls: Sequence[PollSummary]) -> list[Missed]:
    """The times missed, as the reads of one surface tell, which are newest first."""
    return missed(
        [
            (poll.started_at, poll.read_at, poll.as_of)
            for poll in reversed(polls)
            if poll.outcome is Outcome.COMPLETE and poll.as_of is not None
        ]
    )
