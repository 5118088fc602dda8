"""The room in which large readings are made."""

from __future__ import annotations

import asyncio
from typing import Final

LARGE: Final = 4 * 2**20
"""Bytes of a source from which on its reading is large."""


class Room:
    """One large reading at a time: from before its source is in memory until what came of it is recorded. Nine feeds of
    a million rows that were read at once would take nine times the memory.
    """

    def __init__(self) -> None:
        self._free = asyncio.Lock()
        self._by = ""

    async def enter(self, name: str) -> None:
        """Waits until nobody else is in it. Who is in it stays."""
        if self._by != name:
            await self._free.acquire()
            self._by = name

    def leave(self, name: str) -> None:
        """Lets the next one in, where ``name`` is in it."""
        if self._by == name:
            self._by = ""
            self._free.release()
