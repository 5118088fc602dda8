"""Asking again until a vendor is done with what it accepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from stockdrift.surfaces.http import Http

T = TypeVar("T")

_FIRST: Final = 1_000
_LONGEST: Final = 30_000


async def polled(ask: Callable[[], Awaitable[T | None]], http: Http, within: int) -> T | None:
    """What ``ask`` brings, asked at growing intervals for ``within`` ms; None where it brought nothing by then.

    Raises what ``ask`` raises.
    """
    pause, waited = _FIRST, 0
    while (found := await ask()) is None and waited < within:
        pause = min(pause, within - waited)
        await http.sleep(pause / 1_000)
        waited += pause
        pause = min(2 * pause, _LONGEST)
    return found
