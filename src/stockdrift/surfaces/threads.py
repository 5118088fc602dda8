"""Work in a thread whose result is large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``work`` returns, as :func:`asyncio.to_thread` does. The futures of that are a ring which holds the result
    until garbage is looked for: tens of MB, of a large reading.
    """
    came: list[T] = []
    asked = [partial(work, *args, **kwargs)]

    def run() -> None:
        came.append(asked.pop()())  # what it was given goes with it: the pool's thread may hold on to us a while

    await asyncio.to_thread(run)
    return came.pop()
