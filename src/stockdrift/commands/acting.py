"""The console's way to a write: the same plans, and the same entries in the journal, as without a console."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from stockdrift.stock.actions import Action, ActionDismissed, ActionStopAsked
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.text import clean

if TYPE_CHECKING:
    from stockdrift.commands.reading_anew import Append
    from stockdrift.console.model import Planned
    from stockdrift.stock.plan import Plan
    from stockdrift.stock.telling import Spoken
    from stockdrift.stock.wanted import Wanted

_LOOK: Final = 0.1  # s between two looks at the journal


class LiveActing:
    """An :class:`stockdrift.console.model.Acting`. ``append`` writes into the journal and ``follow`` applies to
    ``monitor`` what is new there; ``clock`` gives ms since the epoch.
    """

    def __init__(
        self,
        monitor: Monitor,
        append: Append,
        follow: Callable[[], Awaitable[bool]],
        *,
        operator: str,
        clock: Callable[[], int],
        barred: Callable[[], str],
    ) -> None:
        self._monitor = monitor
        self._append = append
        self._follow = follow
        self._clock = clock
        self._barred = barred
        self.operator = operator

    @property
    def barred(self) -> str:
        """Why nothing can be written from here, with what to do; empty where it can."""
        return self._barred()

    async def plans(self, wanted: Sequence[Wanted]) -> Planned:
        """Has their surfaces and the master read anew, and makes the plans. Raises JournalError, LookupError."""
        from stockdrift.commands.reading_anew import read_anew  # no start makes a plan
        from stockdrift.console.model import Planned
        from stockdrift.settings.zones import offset
        from stockdrift.stock.suspect import collapsed
        from stockdrift.stock.wanted import plan_of

        surfaces = list(dict.fromkeys(one.surface for one in wanted if one.surface != MASTER))
        late = await read_anew(self._monitor, surfaces, self.operator, self._append, self._until, self._clock)
        at = self._clock()
        plans = [plan_of(self._monitor, one, at, offset) for one in wanted]
        return Planned(plans, at, late, collapsed(self._monitor))

    async def ask(self, plan: Plan, reason: str, note: str, *, typed: str = "", overrides: Sequence[str] = ()) -> str:
        """Writes into the journal what was confirmed; the collector takes it from there. Raises JournalError, and
        PermissionError where nothing may be written from here.
        """
        if self.barred:
            raise PermissionError(self.barred)
        key = uuid.uuid4().hex
        at = self._clock()
        await self._append([plan.asked(at, self.operator, key, reason, clean(note), typed=typed, overrides=overrides)])
        return key

    async def stop(self, keys: Sequence[str]) -> None:
        """Writes into the journal that nothing more is to be sent of them. Raises JournalError."""
        await self._append([ActionStopAsked(self._clock(), self.operator, key) for key in keys])

    async def dismiss(self, key: str, reason: str) -> None:
        """Writes into the journal that a dead letter is needed no more. Raises JournalError."""
        await self._append([ActionDismissed(self._clock(), self.operator, key, clean(reason))])

    def csv(self, found: Sequence[Action | Spoken]) -> bytes:
        """As ``stockdrift actions --csv`` prints it, with the byte order mark that spreadsheets want."""
        from stockdrift.commands.actions import csv_text

        return csv_text(found).encode("utf-8-sig", errors="backslashreplace")

    async def _until(self, holds: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while True:
            await self._follow()
            if holds():
                return True
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_LOOK)
