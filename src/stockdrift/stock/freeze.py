"""Freeze windows: when nothing may be written, by the calendar and by the clock on the wall of some place.

A moment is in a weekly window if the wall clock of the window's zone then shows it: an hour that daylight saving leaves
out is in no window, an hour that comes twice is in it twice. The core knows no zone, so it is given what does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE
_WEEK: Final = (0, 1, 2, 3, 4, 5, 6)
_THURSDAY: Final = 3  # the epoch began on one
_STEPS: Final = 4_000  # edges of windows that are looked at before none is said to come

Offset = Callable[[str, int], int]
"""Ms by which the wall clock of a zone (IANA) is ahead of UTC at a moment (ms). Raises KeyError for one not known."""


def no_zones(zone: str, _at: int) -> int:
    """An :data:`Offset` that knows no zone: every window that needs one counts as frozen. Raises KeyError."""
    raise KeyError(zone)


class Window(Struct, frozen=True):
    """Moments from ``since`` to before ``until`` (ms, None: without an end) at which the wall clock of ``zone`` shows
    one of ``days`` (0 Monday … 6 Sunday) and a minute from ``begins`` to before ``ends``. Where ``ends`` is not after
    ``begins`` it goes on into the next day. ``surfaces`` empty: all of them.
    """

    name: str
    surfaces: tuple[str, ...] = ()
    zone: str = "UTC"
    days: tuple[int, ...] = _WEEK
    begins: int = 0
    ends: int = DAY // MINUTE
    since: int | None = None
    until: int | None = None

    @property
    def always(self) -> bool:
        """Whether it goes by the calendar alone, whatever the clock shows."""
        return len(self.days) == len(_WEEK) and (self.begins, self.ends) == (0, DAY // MINUTE)

    def concerns(self, surface: str) -> bool:
        """Whether it speaks of ``surface``."""
        return not self.surfaces or surface in self.surfaces

    def holds(self, at: int, offset: Offset) -> bool:
        """Whether the moment ``at`` lies in it. Raises KeyError where the zone is not known."""
        if (self.since is not None and at < self.since) or (self.until is not None and at >= self.until):
            return False
        days, rest = divmod(at + offset(self.zone, at), DAY)
        today, begins, ends = (days + _THURSDAY) % 7, self.begins * MINUTE, self.ends * MINUTE
        if begins < ends:
            return today in self.days and begins <= rest < ends
        return (today in self.days and rest >= begins) or ((today - 1) % 7 in self.days and rest < ends)


def denied(
    freezes: Sequence[Window], openings: Sequence[Window], surface: str, at: int, offset: Offset
) -> Iterator[str]:
    """Names of the windows that bar a write to ``surface`` at ``at``: a freeze always, whatever is open; and ``closed``
    where there are opening times and none of them holds. A window whose zone is not known bars.
    """
    for window in freezes:
        if window.concerns(surface) and _holds(window, at, offset, unknown=True):
            yield window.name
    hours = [window for window in openings if window.concerns(surface)]
    if hours and not any(_holds(window, at, offset, unknown=False) for window in hours):
        yield CLOSED


CLOSED: Final = "closed"
"""The name under which a moment outside all opening times is barred."""


def opens(freezes: Sequence[Window], openings: Sequence[Window], surface: str, at: int, offset: Offset) -> int | None:
    """The first moment from ``at`` on at which nothing bars a write to ``surface``; None where none is in sight."""
    concerned = [window for window in (*freezes, *openings) if window.concerns(surface)]
    for _ in range(_STEPS):
        if not any(denied(freezes, openings, surface, at, offset)):
            return at
        edges = [edge for window in concerned for edge in _edges(window, at, offset)]
        if not edges:
            return None
        at = min(edges)
    return None


def _holds(window: Window, at: int, offset: Offset, *, unknown: bool) -> bool:
    try:
        return window.holds(at, offset)
    except KeyError:
        return unknown


def _edges(window: Window, at: int, offset: Offset) -> Iterator[int]:
    """Moments after ``at`` at which ``window`` may begin or end, the next of each kind."""
    to_come = [bound for bound in (window.since, window.until) if bound is not None and bound > at]
    yield from to_come
    over = window.until is not None and window.until not in to_come
    if over or window.always:
        return
    try:
        ahead = offset(window.zone, at)
        for minute in (window.begins, window.ends):
            due = at + ((minute * MINUTE - at - ahead) % DAY or DAY)
            yield due if offset(window.zone, due) == ahead else _turn(window.zone, at, due, offset)
    except KeyError:
        return


def _turn(zone: str, before: int, after: int, offset: Offset) -> int:
    """When the clock of ``zone`` was put forward or back, between two moments at which it stands differently."""
    was = offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if offset(zone, middle) == was else (before, middle)
    return after
