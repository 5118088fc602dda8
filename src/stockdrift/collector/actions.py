"""The one door: the only code that writes to a surface. What it does is planned, confirmed, recorded and read back.

An action is carried out once, by the collector that hears it being asked. Every send is recorded before it goes out;
where that cannot be recorded nothing is sent. What was sent and not answered is found out by reading, never by sending
again; a collector that finds an action half done after a crash sends none of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from stockdrift.stock.actions import Action, ActionAsked, ActionEntry, ActionStep, RowState
from stockdrift.stock.entries import Entry, Poll
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import Outcome
from stockdrift.stock.recheck import recheck, refusal, seen
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, Writer

_log = logging.getLogger(__name__)

_STATES: Final = {
    Verdict.ACCEPTED: RowState.ACCEPTED,
    Verdict.REJECTED: RowState.REJECTED,
    Verdict.STALE: RowState.STALE,
}
_AGAIN: Final = 5.0  # s until an action that could not be recorded is taken up again
_FRESH: Final = 60_000  # ms after which an action that no collector took up is not begun any more
_SLOWEST: Final = 60.0  # s at most between two looks at what was written and is not seen yet


class Record(Protocol):
    """What the journal says and is told, as :class:`stockdrift.collector.recorder.Recorder` offers it."""

    @property
    def monitor(self) -> Monitor:
        """What is known, by all that was recorded."""
        ...

    async def tell(self, entries: Sequence[Entry]) -> bool:
        """Records entries; False where they could not be recorded."""
        ...


class NotRecordedError(Exception):
    """The journal cannot be written: what cannot be recorded is not sent."""


class ActionService:
    """Carries out what operators asked for. ``writers`` are those of the surfaces that may be written, and no others.

    ``reread`` has a surface read now. The service hears the journal by :meth:`hear`, in order.
    """

    def __init__(
        self,
        record: Record,
        writers: Mapping[str, Writer],
        reread: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._record = record
        self._writers = writers
        self._reread = reread
        self._clock = clock
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._taken: set[str] = set()
        self._turns: dict[str, asyncio.Lock] = {}
        self._read = asyncio.Event()  # set, and replaced, by each complete read of any surface
        self._reads: dict[str, int] = {}  # by surface: when its last complete read began

    def hear(self, entry: Entry) -> None:
        """An entry of the journal, after the monitor has heard it."""
        if isinstance(entry, ActionAsked):
            self._asked.put_nowait(entry.key)
        elif isinstance(entry, Poll) and entry.outcome is Outcome.COMPLETE:
            self._reads[entry.surface] = entry.started_at
            read, self._read = self._read, asyncio.Event()
            read.set()

    async def run(self) -> None:
        """Carries out actions until it is cancelled. Those that an earlier collector left are only read back."""
        async with asyncio.TaskGroup() as tasks:
            for action in [action for action in self._record.monitor.ledger if action.open]:
                self._taken.add(action.key)
                fresh = not action.steps and self._clock() - action.asked.at <= _FRESH
                tasks.create_task(self._safely(action, self._carry_out if fresh else self._heal))
            while True:
                asked = self._record.monitor.ledger.get(await self._asked.get())
                if asked is not None and asked.key not in self._taken:
                    self._taken.add(asked.key)
                    tasks.create_task(self._safely(asked, self._carry_out))

    async def adopt(self, writers: Mapping[str, Writer]) -> None:
        """Other settings, other writers: an action that is half sent by one of those before ends there."""
        former, self._writers = self._writers, writers
        for writer in former.values():
            await writer.close()

    async def close(self) -> None:
        """Closes the writers."""
        for writer in self._writers.values():
            await writer.close()

    async def _safely(self, action: Action, do: Callable[[Action, str], Awaitable[None]]) -> None:
        why = "the collector ended before"
        while True:
            try:
                await do(action, why)
            except NotRecordedError:
                _log.error("Action %s: the journal cannot be written. Nothing more of it is sent.", action.key)
                why = "the journal could not be written"
            except Exception:  # a bug of ours ends this action, and no other
                _log.exception("internal error in action %s", action.key)
                why = "an internal error came before"
            else:
                return
            do = self._heal
            await asyncio.sleep(_AGAIN)

    async def _heal(self, action: Action, why: str) -> None:
        """What was not brought to its end: nothing more is sent, and what went out is read back."""
        await self._step(action, RowState.STOPPED, action.places(RowState.WAITING), why)
        await self._read_back(action)

    async def _carry_out(self, action: Action, _why: str) -> None:
        asked = action.asked
        writer = self._writers.get(asked.surface)
        async with self._turns.setdefault(asked.surface, asyncio.Lock()):
            why = refusal(self._record.monitor, action) or (
                await writer.ready() if writer else f"{asked.surface} may not be written here"
            )
            if writer is None or why:
                await self._step(action, RowState.REFUSED, action.places(RowState.WAITING), why)
                return
            _log.info("Action %s: %s %s by %s, %d rows.", asked.key, asked.kind, asked.surface, asked.operator,
                      len(asked.rows))  # fmt: skip
            number = 0
            while waiting := action.places(RowState.WAITING):
                if action.stop is not None:
                    await self._step(action, RowState.STOPPED, waiting, f"stopped by {action.stop.operator}")
                elif self._writers.get(asked.surface) is not writer:
                    await self._step(action, RowState.STOPPED, waiting, "the settings were changed meanwhile")
                else:
                    await self._send(action, writer, waiting[: writer.batch], f"{action.key}-{number}")
                number += 1
        await self._read_back(action)

    async def _send(self, action: Action, writer: Writer, places: Sequence[int], key: str) -> None:
        """One write: what no longer holds is left out, the rest is recorded, and only then sent."""
        ready = []
        for place in places:
            state, why = recheck(self._record.monitor, action, place)
            if state is RowState.WAITING:
                ready.append(place)
            else:
                await self._step(action, state, [place], why)
        if not ready:
            return
        changes = [action.asked.rows[place] for place in ready]
        await self._step(action, RowState.SENT, ready, sent=writer.describe(changes))
        try:
            answer = await writer.write(changes, key)
        except NotSentError as error:
            answer = WriteAnswer([RowAnswer(Verdict.REJECTED, f"not sent: {error}")] * len(ready), str(error))
        except UnansweredError as error:
            _log.warning("Action %s: no answer: %s", action.key, error)
            return
        for state in _STATES.values():
            whys: dict[str, list[int]] = {}
            for place, row in zip(ready, answer.rows, strict=True):
                if _STATES.get(row.verdict) is state:  # the unanswered stay sent: reading back tells
                    whys.setdefault(row.why, []).append(place)
            for why, these in whys.items():
                await self._step(action, state, these, why, answer=answer.said)

    async def _read_back(self, action: Action) -> None:
        """Reads until every row that went out is seen to be in sync, or stuck."""
        surface = action.asked.surface
        writer = self._writers.get(surface)
        allowed = writer.visible_within if writer else 0
        pause = 1.0
        while places := action.places(RowState.SENT, RowState.ACCEPTED, RowState.APPLIED):
            before = self._reads.get(surface, 0)
            self._reread(surface)
            began = await self._next_read(surface, before)
            for place in places:
                sent_at = action.sent_at[place] or 0
                if began <= sent_at:
                    continue
                late = self._clock() - sent_at > allowed
                state, why = seen(self._record.monitor, action, place, late=late)
                if state is not action.states[place]:
                    await self._step(action, state, [place], why)
            if action.open:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _SLOWEST)

    async def _next_read(self, surface: str, before: int) -> int:
        """When the next complete read of ``surface`` began; that of the last one where none comes in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SLOWEST):
                while self._reads.get(surface, 0) <= before:
                    await self._read.wait()
        return self._reads.get(surface, 0)

    async def _step(
        self, action: Action, state: RowState, places: Sequence[int], why: str = "", *, sent: str = "", answer: str = ""
    ) -> None:
        if not places:
            return
        step: ActionEntry = ActionStep(self._clock(), action.key, state, tuple(places), why, sent, answer)
        if not await self._record.tell([step]):
            raise NotRecordedError
