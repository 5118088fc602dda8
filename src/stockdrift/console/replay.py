"""Where History stands: the moment on screen, the stretch of time that the scrubber shows, whether it plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from stockdrift.console.keys import SPEEDS
from stockdrift.console.model import Past
from stockdrift.stock import course
from stockdrift.stock.course import Slot, Stretch
from stockdrift.stock.entries import Episode
from stockdrift.stock.passage import Moment

_S, _M, _H, _D = 1_000, 60_000, 3_600_000, 86_400_000

WIDTHS: Final = (
    5 * _S, 10 * _S, 15 * _S, 30 * _S, _M, 90 * _S, 2 * _M, 150 * _S, 3 * _M, 4 * _M, 5 * _M, 6 * _M, 10 * _M, 12 * _M,
    15 * _M, 20 * _M, 30 * _M, _H, 2 * _H, 3 * _H, 4 * _H, 6 * _H, 12 * _H, _D, 2 * _D, 7 * _D, 30 * _D,
)  # fmt: skip
"""How much time (ms) a column of the scrubber can be."""

WIDEST_AT_FIRST: Final = 15 * _M
"""A column is not more than this until the operator asks for it: a longer journal is begun at its end."""


class Replay(Struct):
    """``moment`` is what is drawn; ``target`` was asked for and is on its way. ``now`` is the wall clock's time (ms).

    The scrubber shows ``count`` columns of ``width`` ms from ``begin`` on: ``slots``, and the episodes in them.
    """

    past: Past
    moment: Moment
    now: int
    begin: int = 0
    width: int = 0
    count: int = 0
    target: Moment | None = None
    playing: bool = False
    speed: int = 4  # as the key says
    slots: Sequence[Slot] = ()
    stretches: Sequence[Stretch] = ()
    missed: Sequence[int] = ()  # when (ms) surfaces were due to be made anew and were not, ascending

    @property
    def asked(self) -> Moment:
        """The moment that further steps go on from."""
        return self.moment if self.target is None else self.target

    @property
    def first_at(self) -> int:
        """The beginning of recorded time."""
        first = self.past.passage.first
        return self.now if first is None else first.at

    @property
    def end(self) -> int:
        """Where the columns end."""
        return self.begin + self.count * self.width

    def column_of(self, at: int) -> int:
        """The column in which ``at`` lies; may be outside."""
        return (at - self.begin) // self.width if self.width else 0

    def fit(self, count: int) -> bool:
        """Takes on so many columns; True where the stretch of time is another by it."""
        if count == self.count:
            return False
        self.count = count
        recorded = self.now - self.first_at
        widest = next(width for width in WIDTHS if width * count > recorded + width or width == WIDTHS[-1])
        if not self.width:
            self.width = min(widest, WIDEST_AT_FIRST)
        self._place(self.asked.at)
        return True

    def zoom(self, by: int) -> bool:
        """Narrower columns (+1) or wider ones (−1) around the moment shown; False at the end of the scale."""
        place = WIDTHS.index(self.width) - by
        if not 0 <= place < len(WIDTHS):
            return False
        self.width = WIDTHS[place]
        self._place(self.asked.at)
        return True

    def frame(self, at: int) -> bool:
        """Moves the columns where ``at`` is not among them; True where it did."""
        if self.begin <= at < self.end:
            return False
        self._place(at)
        return True

    def _place(self, at: int) -> None:
        """``at`` in the middle; but nothing after now, and nothing before the beginning, as long as there is other."""
        latest = self.now // self.width - self.count + 1
        earliest = self.first_at // self.width
        middle = at // self.width - self.count // 2
        self.begin = max(min(middle, latest), earliest if earliest < latest else min(earliest, at // self.width))
        self.begin *= self.width

    async def load(self) -> None:
        """Fetches the counts for the columns. May raise what the source raises."""
        begin, width, count, now = self.begin, self.width, self.count, self.now
        since, end = self._sought()
        found = await self.past.samples(since, end)
        lost = max(0, min(self.column_of(self.first_at), count))  # columns of which no entry is kept any more
        kept = course.slots(found, begin + lost * width, width, count - lost, now)
        self.slots = [*(Slot(recorded=False) for _ in range(lost)), *kept]
        self.stretches = [
            one
            for one in course.stretches(found, since, min(end, now), width)
            if one.begin < end and (one.end is None or one.end > begin)
        ]

    async def turn(self, by: int) -> Moment | None:
        """The next (+1) or the last (−1) moment at which an episode begins, oversells or ends; None where none does.

        Looked for as far as the episodes shown were, then in as much time before or after that, to the end of recorded
        time.
        """
        at = self.asked.at
        since, end = self._sought()
        span = end - since
        while since <= self.now and end > self.first_at:
            samples = await self.past.samples(since, end)
            moments = course.turns(course.stretches(samples, since, min(end, self.now), self.width))
            # What was open when the search begins did not begin there.
            ahead = [one for one in moments if one != since and (one > at if by > 0 else one < at)]
            if ahead:
                return self.past.passage.at(min(ahead) if by > 0 else max(ahead))
            since, end = since + by * span, end + by * span
        return None

    async def turn_of(self, sku: str, by: int) -> Moment | None:
        """The next (+1) or the last (−1) recorded moment at which a SKU began to drift on a surface or ceased to; None
        where there is none.
        """
        found = turn_of(await self.past.episodes(sku), self.asked.at, by)
        return None if found is None or found < self.first_at else self.past.passage.at(found)

    def _sought(self) -> tuple[int, int]:
        """Where episodes are sought: in a day at least, so that they are the same ones in narrower columns."""
        return min(self.begin, self.end - _D), self.end

    def slide(self, by: int) -> Moment | None:
        """So many columns later or earlier, within recorded time; None where that is where one is."""
        at = max(self.first_at, min(self.asked.at + by * self.width, self.now))
        found = self.past.passage.at(at)
        return None if found == self.asked else found

    def step(self, by: int) -> Moment | None:
        """The next recorded entry, or the one before."""
        passage = self.past.passage
        return passage.after(self.asked) if by > 0 else passage.before(self.asked)

    def played(self, elapsed: int) -> Moment | None:
        """Where it stands after ``elapsed`` ms of playing; None at the end of recorded time."""
        at = self.moment.at + elapsed * SPEEDS[self.speed - 1]
        return self.past.passage.at(at) if at < self.now else None


def turn_of(episodes: Sequence[Episode], at: int, by: int) -> int | None:
    """When (ms) the next episode after ``at`` begins or ends (+1), or the last before (−1); None where none does."""
    moments = {moment for one in episodes for moment in (one.opened_at, one.closed_at) if moment is not None}
    ahead = [moment for moment in moments if (moment > at if by > 0 else moment < at)]
    return (min(ahead) if by > 0 else max(ahead)) if ahead else None
