"""A plan is made of readings that begin now, with a console and without: each surface first, the master last.

What was read after the master is in flight, and nobody would be told to write that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from stockdrift.stock.entries import Entry, RereadAsked
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER

READING: Final = 60.0
"""Seconds in which master and surfaces should have been read anew."""

Append = Callable[[Sequence[Entry]], Awaitable[object]]
Until = Callable[[Callable[[], bool], float], Awaitable[bool]]
"""Follows the journal until something holds; False where so many seconds went by before."""


async def read_anew(
    monitor: Monitor, surfaces: Sequence[str], operator: str, append: Append, until: Until, clock: Callable[[], int]
) -> list[str]:
    """Has ``surfaces`` and the master read; returns the names of those that were not in time. ``clock`` gives ms."""
    late: list[str] = []
    for names in (surfaces, (MASTER,)):
        began = clock()
        await append([RereadAsked(began, operator, name) for name in names])

        def read(names: Sequence[str] = names, began: int = began) -> bool:
            return not _unread(monitor, names, began)

        if not await until(read, READING):
            late += _unread(monitor, names, began)
    monitor.tick(clock())
    return late


def _unread(monitor: Monitor, names: Sequence[str], began: int) -> list[str]:
    board = monitor.board
    columns = [board.columns[index] for name in names if (index := board.column_of(name)) is not None]
    late = [one for one in columns if one.last is None or one.last.started_at < began]
    return [one.rules.name for one in late if one.rules.active]
