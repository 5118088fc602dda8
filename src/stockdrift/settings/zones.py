"""Time zones by their names in the IANA database: where the clock on the wall is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MS: Final = timedelta(milliseconds=1)


def offset(zone: str, at: int) -> int:
    """Ms by which the wall clock of ``zone`` is ahead of UTC at ``at`` (ms since the epoch). Raises KeyError where
    there is no such zone.
    """
    ahead = datetime.fromtimestamp(at / 1_000, UTC).astimezone(named(zone)).utcoffset()
    return (ahead or timedelta()) // _MS


@cache
def named(zone: str) -> ZoneInfo:
    """The zone called ``zone``. Raises KeyError where there is none."""
    from zoneinfo import ZoneInfo  # looks for its database first: nobody waits for that who asks for no zone

    try:
        return ZoneInfo(zone)
    except (ValueError, OSError) as error:  # what could be no name at all, or a folder of zones
        raise KeyError(zone) from error
