"""Requests with a token that a log-in gives, and that expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import SecretStr

from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint

T = TypeVar("T")
LogIn = Callable[[], Awaitable[SecretStr]]


class Session:
    """Logs in where there is no token yet, and once more where the token is refused; a refusal of the new one stands.

    Used by the readers of one source, several of which may meet the same refusal: they share one log-in.
    """

    def __init__(self, endpoint: Endpoint, log_in: LogIn) -> None:
        self._endpoint = endpoint
        self._log_in = log_in
        self._entered = 0  # log-ins so far
        self._door = asyncio.Lock()

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to ``question``, which may be put twice. Raises SurfaceFault."""
        entered = self._entered
        fresh = not entered
        if fresh:
            await self._enter(entered)
        try:
            return await question()
        except SurfaceFault as fault:
            if fresh or fault.kind is not Fault.REFUSED:
                raise
        await self._enter(entered)
        return await question()

    async def _enter(self, entered: int) -> None:
        """A log-in, unless there has been one since the ``entered``-th."""
        async with self._door:
            if self._entered == entered:
                self._endpoint.use(None)
                self._endpoint.use(await self._log_in())
                self._entered += 1
