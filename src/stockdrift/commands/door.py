"""The console's way to the one door: what is wished is planned, and what was confirmed is asked for, by the journal."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from stockdrift.settings.zones import offset
from stockdrift.stock.actions import ActionDismissed, ActionStopAsked
from stockdrift.stock.entries import Entry, RereadAsked
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.plan import Plan
from stockdrift.stock.reading import MASTER
from stockdrift.stock.wish import Wish, plan_of, unread

_READING: Final = 60.0  # s in which master and surface should have been read anew
_LOOK: Final = 0.1  # s between two looks at what was read


class JournalDoor:
    """A :class:`stockdrift.console.model.Door`. ``monitor`` is kept abreast by somebody else, ``record`` appends to
    the journal and may raise, ``barred`` says why nothing may be written from here, ``clock`` gives ms since the epoch.
    """

    def __init__(
        self,
        monitor: Monitor,
        record: Callable[[Sequence[Entry]], Awaitable[None]],
        operator: str,
        clock: Callable[[], int],
        barred: Callable[[], str],
    ) -> None:
        self._monitor = monitor
        self._record = record
        self._clock = clock
        self._barred = barred
        self.operator = operator

    @property
    def barred(self) -> str:
        """Why nothing may be written from here, as a sentence that says what to do; empty where it may."""
        return self._barred()

    async def read_anew(self, surface: str) -> str:
        """Has the surface and then the master read, beginning now; returns what was not read in time, empty where all
        was. The master comes last: what was read after it is in flight. Raises JournalError.
        """
        late: list[str] = []
        for name in (surface, MASTER):
            began = self._clock()
            await self._record([RereadAsked(began, self.operator, name)])
            late += await self._waited(name, began)
        return " and ".join(late)

    async def _waited(self, name: str, began: int) -> list[str]:
        left = []
        for _ in range(round(_READING / _LOOK)):
            left = unread(self._monitor.board, [name], began)
            if not left:
                break
            await asyncio.sleep(_LOOK)
        return left

    def plan(self, wish: Wish) -> Plan:
        """The plan of ``wish``, of what is known now."""
        return plan_of(self._monitor, wish, self._clock(), offset)

    async def ask(
        self, plan: Plan, reason: str, note: str = "", *, typed: str = "", overrides: Sequence[str] = ()
    ) -> str:
        """Records what an operator confirmed; returns the action's key. Raises JournalError."""
        key = uuid.uuid4().hex
        asked = plan.asked(self._clock(), self.operator, key, reason, note, typed=typed, overrides=overrides)
        await self._record([asked])
        return key

    async def stop(self, key: str) -> None:
        """Asks that of the action nothing more be sent. Raises JournalError."""
        await self._record([ActionStopAsked(self._clock(), self.operator, key)])

    async def dismiss(self, key: str, because: str) -> None:
        """Records that a failed action is needed no more. Raises JournalError."""
        await self._record([ActionDismissed(self._clock(), self.operator, key, because)])
