"""How old what a surface shows was, over time: from its polls, newest last."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.stock.entries import PollSummary
from stockdrift.stock.reading import Outcome


def shown_since(poll: PollSummary) -> int:
    """The moment (ms) of which a complete read speaks: the surface's own, where it states one, else that of the read.

    One that lies in the future is of a clock that runs ahead; then the read's own holds.
    """
    return poll.read_at if poll.as_of is None else min(poll.as_of, poll.read_at)


def oldest_ages(polls: Sequence[PollSummary], begin: int, end: int, cells: int) -> list[int | None]:
    """The greatest age (ms) within each of ``cells`` equal stretches from ``begin`` to ``end``.

    ``polls`` ascend by ``read_at``. None before the first complete read: how old it was then is not recorded. Reads
    that were not complete bring it no nearer to now.
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
        since = shown_since(poll)
        first = max(0, _cell(max(poll.read_at, begin), begin, end, cells))
        last = _cell(until, begin, end, cells)
        for cell in range(first, last + 1):
            edge = min(until, begin + (end - begin) * (cell + 1) // cells)
            age = max(0, edge - since)
            found[cell] = max(found[cell] or 0, age)
    return found


def _cell(at: int, begin: int, end: int, cells: int) -> int:
    return min(cells - 1, (at - begin) * cells // (end - begin))
