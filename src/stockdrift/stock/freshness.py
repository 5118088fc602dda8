"""How old what a surface shows was, over time: from its polls, and from the lag that was measured at them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from stockdrift.stock.entries import PollSummary
from stockdrift.stock.reading import Outcome

STRETCH: Final = 600_000
"""Of every so many ms one lag is kept."""

KEPT: Final = 86_400_000
"""For so many ms."""

EXACT: Final = 1_024
"""Of so many reads, the newest, each has its own."""


class LagTrail:
    """How far behind a surface was when it was read: of the newest reads what each found, of those before them the most
    that was found in each stretch of ten minutes.
    """

    def __init__(self, stretches: Iterable[Sequence[int]] = (), reads: Iterable[Sequence[int | None]] = ()) -> None:
        self._stretches: list[tuple[int, int]] = [(number, lag) for number, lag in stretches]
        self._reads: dict[int, int | None] = {at: lag for at, lag in reads if at is not None}

    def note(self, at: int, lag: int | None) -> None:
        """A read at ``at`` (ms) found ``lag`` (ms); None where it cannot be known."""
        number = at // STRETCH
        if self._stretches and number < self._stretches[-1][0]:  # a clock was set back
            return
        self._reads[at] = lag
        while len(self._reads) > EXACT:
            del self._reads[next(iter(self._reads))]
        if lag is None:
            return
        if self._stretches and self._stretches[-1][0] == number:
            self._stretches[-1] = (number, max(lag, self._stretches[-1][1]))
        else:
            self._stretches.append((number, lag))
        while self._stretches[0][0] < (at - KEPT) // STRETCH:
            del self._stretches[0]

    def at(self, moment: int) -> int | None:
        """What the read at ``moment`` found; where that is not kept any more, the most of its stretch."""
        if moment in self._reads:
            return self._reads[moment]
        number = moment // STRETCH
        place = bisect_left(self._stretches, (number,))
        found = place < len(self._stretches) and self._stretches[place][0] == number
        return self._stretches[place][1] if found else None

    def stretches(self) -> list[tuple[int, int]]:
        """Those that are kept: the number of the stretch since the epoch, and the lag."""
        return list(self._stretches)

    def reads(self) -> list[tuple[int, int | None]]:
        """Those that are kept: when it was read, and the lag."""
        return list(self._reads.items())


def shown_since(poll: PollSummary, lag: int | None = None) -> int:
    """The moment (ms) of which a complete read speaks: by the lag that was measured at it, else the surface's own word,
    else that of the read.

    One that lies in the future is of a clock that runs ahead; then the read's own holds.
    """
    if lag is not None:
        return poll.read_at - max(0, lag)
    return poll.read_at if poll.as_of is None else min(poll.as_of, poll.read_at)


def _unmeasured(_moment: int) -> int | None:
    return None


def oldest_ages(
    polls: Sequence[PollSummary],
    begin: int,
    end: int,
    cells: int,
    lag_at: Callable[[int], int | None] = _unmeasured,
) -> list[int | None]:
    """The greatest age (ms) within each of ``cells`` equal stretches from ``begin`` to ``end``.

    ``polls`` ascend by ``read_at``; ``lag_at`` says what lag was measured at a moment. None before the first complete
    read: how old it was then is not recorded. Reads that were not complete bring it no nearer to now.
    """
    found: list[int | None] = [None] * cells
    if end <= begin or cells < 1:
        return found
    complete = [poll for poll in polls if poll.outcome is Outcome.COMPLETE and poll.read_at < end]
    for index, poll in enumerate(complete):
        until = complete[index + 1].read_at if index + 1 < len(complete) else end
        until = min(until, end)
        if until < begin:
            continue
        since = shown_since(poll, lag_at(poll.read_at))
        first = max(0, _cell(max(poll.read_at, begin), begin, end, cells))
        last = _cell(until, begin, end, cells)
        for cell in range(first, last + 1):
            edge = min(until, begin + (end - begin) * (cell + 1) // cells)
            age = max(0, edge - since)
            found[cell] = max(found[cell] or 0, age)
    return found


def _cell(at: int, begin: int, end: int, cells: int) -> int:
    return min(cells - 1, (at - begin) * cells // (end - begin))
