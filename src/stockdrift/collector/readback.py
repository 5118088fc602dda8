"""Reading back: what was sent is done when a read that began later shows it, and by nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from stockdrift.collector.steps import Record, Steps
from stockdrift.stock.actions import Action, RowState
from stockdrift.stock.entries import Poll
from stockdrift.stock.reading import Outcome
from stockdrift.stock.recheck import seen
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.writer import Writer

_SLOWEST: Final = 60.0  # s at most between two looks at what was written and is not seen yet
_SLOWEST_SYSTEM: Final = 900_000  # ms: a collector that may not write, and finds what another sent, knows no writer
_BY_HAND: Final = 900_000  # ms in which an operator has done what he was told to press


class ReadBack:
    """Follows the rows that went out to their end. ``reread`` has a surface read now; what was read comes by
    :meth:`hear`.
    """

    def __init__(self, record: Record, steps: Steps, reread: Callable[[str], None], clock: Clock) -> None:
        self._record = record
        self._steps = steps
        self._reread = reread
        self._clock = clock
        self._read = asyncio.Event()  # set, and replaced, by each complete read of any surface
        self._reads: dict[str, int] = {}  # by surface: when its last complete read began

    def hear(self, poll: Poll) -> None:
        """A poll of the journal, after the monitor has heard it."""
        if poll.outcome is Outcome.COMPLETE:
            self._reads[poll.surface] = poll.started_at
            read, self._read = self._read, asyncio.Event()
            read.set()

    async def until_seen(self, action: Action, writer_of: Callable[[str], Writer | None]) -> None:
        """Reads until every row of ``action`` that went out is seen to be in sync, or stuck. ``writer_of`` gives the
        writer that a surface has now.
        """
        surface, refresh = action.asked.surface, action.asked.kind == "refresh"
        pause = 1.0
        while places := action.places(RowState.SENT, RowState.ACCEPTED, RowState.APPLIED):
            before = self._reads.get(surface, 0)
            if not refresh:  # that takes as long as it takes: the reads on schedule will do
                self._reread(surface)
            began = await self._next(surface, before)
            sent = {place: action.sent_at[place] or 0 for place in places}
            if why := self._why_untold(surface, min(sent.values())):
                await self._steps.tell(action, RowState.STUCK, places, f"{surface} is {why}: nobody can tell")
                return
            allowed = self._allowed(action, writer_of(surface))
            late = {place: self._clock() - at > allowed for place, at in sent.items() if began > at}
            found = seen(self._record.monitor, action, late)
            news = {place: end for place, end in found.items() if end[0] is not action.states[place]}
            await self._steps.tell_each(action, news)
            if action.open:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _SLOWEST)

    def _allowed(self, action: Action, writer: Writer | None) -> int:
        """Ms after which what went out should be seen; a refresh by hand waits for somebody who does it."""
        if action.asked.kind != "refresh":
            return writer.visible_within if writer else _SLOWEST_SYSTEM
        rules = self._record.monitor.rules.surface(action.asked.surface)
        return rules.lag + 2 * rules.every + (writer.visible_within if writer else _BY_HAND)

    def _why_untold(self, surface: str, sent_at: int) -> str:
        """Why no read can tell what became of a write at ``sent_at``: the settings have no such surface any more,
        switched it off, or mean another place by its name. Empty where one can.
        """
        board = self._record.monitor.board
        index = board.column_of(surface)
        if index is None or not board.columns[index].rules.active:
            return "read no more"
        return "read from another place since" if board.columns[index].begun_at >= sent_at else ""

    async def _next(self, surface: str, before: int) -> int:
        """When the next complete read of ``surface`` began; that of the last one where none comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SLOWEST):
                while self._reads.get(surface, 0) <= before:
                    await self._read.wait()
        return self._reads.get(surface, 0)
