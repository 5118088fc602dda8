"""What would have spared a SKU the drift that keeps coming back, from the episodes on record: a feed that is built more
often, or units held back.

Evidence, not a forecast: each sentence says of how many episodes it speaks. An episode is told by what it was when it
began, so a buffer is counted by that alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from stockdrift.stock.entries import Episode
from stockdrift.stock.words import age, several, title

RECURS: Final = 3
"""Episodes on one surface from which on a SKU recurs there: two are a coincidence."""

SPARED: Final = 90
"""Per cent of the episodes that a buffer has to spare: one wrong row shall not hold a thousand units back."""


class Terms(Struct, frozen=True):
    """What holds for the SKU on a surface: the lag allowed (ms), and the units held back."""

    surface: str
    lag: int
    buffer: int


class Advice(Struct, frozen=True):
    """``buffer`` is the units to hold back, ``interval`` the longest time (ms) from one build of the feed to the next;
    the other one is None. ``spared`` of ``of`` episodes would not have been what they were.
    ``short`` fits a narrow panel.
    """

    surface: str
    buffer: int | None
    interval: int | None
    spared: int
    of: int
    text: str
    short: str


def advice(episodes: Sequence[Episode], terms: Iterable[Terms]) -> list[Advice]:
    """By surface, the buffer before the interval; empty where nothing recurs. ``episodes`` are of one SKU."""
    found = []
    for one in terms:
        ours = [episode for episode in episodes if episode.surface == one.surface]
        if len(ours) >= RECURS:
            found += [each for each in (_buffer(ours, one), _interval(ours, one)) if each is not None]
    return found


def _buffer(episodes: Sequence[Episode], terms: Terms) -> Advice | None:
    """The fewest units by which most of what was shown too many would have been covered by real stock.

    Of a SKU that shows ``d`` too many, ``d`` less the buffer are beyond what the master has; where the master has none,
    all ``d`` are.
    """
    needs = sorted(
        episode.deviation + (terms.buffer if episode.severity == "oversell" else 0)
        for episode in episodes
        if episode.deviation is not None and episode.deviation > 0 and episode.severity in ("over", "oversell")
    )
    if len(needs) < RECURS:
        return None
    units = needs[-(-len(needs) * SPARED // 100) - 1]
    if units <= terms.buffer:
        return None
    spared = sum(need <= units for need in needs)
    instead = f" instead of {terms.buffer:,}" if terms.buffer else ""
    text = (
        f"{title(terms.surface)}: hold {units:,} back{instead}. In {spared} of {several(len(needs), 'episode')} "
        f"in which it showed too many, it would have shown no more than there was"
    )
    short = f"Hold {units:,} back on {title(terms.surface)}: covers {spared} of {len(needs)}"
    return Advice(terms.surface, units, None, spared, len(needs), text, short)


def _interval(episodes: Sequence[Episode], terms: Terms) -> Advice | None:
    """Where most episodes ended, but later than is allowed, the surface is brought up to date too seldom."""
    ended = [episode.closed_at - episode.opened_at for episode in episodes if episode.closed_at is not None]
    long = [length for length in ended if length > terms.lag]
    if len(ended) < RECURS or 2 * len(long) <= len(episodes):
        return None
    text = (
        f"{title(terms.surface)}: have it brought up to date at least every {age(terms.lag)}. {len(long)} of "
        f"{several(len(episodes), 'episode')} lasted longer than that, the longest {age(max(long))}, and then ended"
    )
    short = f"{title(terms.surface)} every {age(terms.lag)}: {len(long)} of {len(episodes)} lasted longer"
    return Advice(terms.surface, None, terms.lag, len(long), len(episodes), text, short)
