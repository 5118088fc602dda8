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
from typing import Final

from stockdrift.collector.readback import ReadBack
from stockdrift.collector.steps import NotRecordedError, Record, Steps
from stockdrift.settings import zones
from stockdrift.stock.actions import LISTING, PENDING, Action, ActionAsked, ActionStopAsked, RowState
from stockdrift.stock.entries import Entry, Poll
from stockdrift.stock.freeze import Offset
from stockdrift.stock.guards import unknown
from stockdrift.stock.reading import MASTER
from stockdrift.stock.recheck import recheck, refusal
from stockdrift.stock.rules import WHOLE
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.writer import NotSentError, Refresher, UnansweredError, Verdict, Writer

_log = logging.getLogger(__name__)

_STATES: Final = {
    Verdict.ACCEPTED: RowState.ACCEPTED,
    Verdict.REJECTED: RowState.REJECTED,
    Verdict.STALE: RowState.STALE,
}
_AGAIN: Final = 5.0  # s until an action that could not be recorded is taken up again
_FRESH: Final = 60_000  # ms after which an action that no collector took up is not begun any more
_BACKOFF: Final = 1.0  # s before the second try of what was not sent; twice that before each further one
_PATIENCE: Final = 600.0  # s at most until what was not sent is tried again
_RECOVERY: Final = 5.0  # s between two looks whether there is budget again, or what was unknown is known
_DOUBT: Final = 30.0  # s for which an action under way waits for what is unknown
_TURN: Final = 0.5  # s between two looks whether another action on the surface is at its end
_RESERVE: Final = "only the reserve of the request budget is left, which reading back is to have"


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
        offset: Offset = zones.offset,
    ) -> None:
        self._record = record
        self._writers = writers
        self._reread = reread
        self._clock = clock
        self._offset = offset
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._taken: set[str] = set()
        self._turns: dict[str, asyncio.Lock] = {}
        self._stop = asyncio.Event()  # set, and replaced, when an action is to be stopped
        self._steps = Steps(record, clock)
        self._readback = ReadBack(record, self._steps, reread, clock)

    def hear(self, entry: Entry) -> None:
        """An entry of the journal, after the monitor has heard it."""
        if isinstance(entry, ActionAsked):
            self._asked.put_nowait(entry.key)
        elif isinstance(entry, ActionStopAsked):
            stop, self._stop = self._stop, asyncio.Event()
            stop.set()
        elif isinstance(entry, Poll):
            self._readback.hear(entry)

    async def run(self) -> None:
        """Carries out actions until it is cancelled. Those that an earlier collector left are only read back."""
        async with asyncio.TaskGroup() as tasks:
            for action in [action for action in self._record.monitor.ledger if action.open]:
                self._taken.add(action.key)
                fresh = not action.steps and self._clock() - action.asked.at <= _FRESH
                tasks.create_task(self._safely(action, self._carry_out if fresh else self._heal))
            while True:
                asked = self._record.monitor.ledger.get(await self._asked.get())
                self._taken = {key for key in self._taken if self._record.monitor.ledger.get(key) is not None}
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
        await self._steps.tell(action, RowState.STOPPED, action.places(*PENDING), why)
        await self._readback.until_seen(action, self._writer_of)

    async def _carry_out(self, action: Action, _why: str) -> None:
        turn = self._turns.setdefault(action.asked.surface, asyncio.Lock())
        if not await self._refused(action) and turn.locked():
            await self._steps.tell(
                action, RowState.DEFERRED, action.places(*PENDING), "it waits for another action there"
            )
        while action.open and turn.locked() and action.stop is None:
            await self._wait(action, _TURN)
        if action.open and action.stop is None:
            async with turn:
                if action.asked.kind == "refresh":
                    if not await self._refused(action):
                        await self._have_refreshed(action)
                elif not await self._unready(action):
                    await self._send_all(action)
        await self._steps.tell(action, RowState.STOPPED, action.places(*PENDING), _stopped(action))
        await self._readback.until_seen(action, self._writer_of)

    async def _refused(self, action: Action) -> bool:
        """Whether a guard stands before what is still to be sent, which then is at its end."""
        asked, pending = action.asked, action.places(*PENDING)
        why = refusal(self._record.monitor, action, self._clock(), self._offset)
        if not why and asked.surface not in self._writers and asked.kind != "refresh":
            why = f"{asked.surface} may not be written here"
        if why:
            # What was tried before has failed, whatever stands before it now.
            states = {place: RowState.UNDELIVERED if action.tries[place] else RowState.REFUSED for place in pending}
            await self._steps.tell_each(action, {place: (state, why) for place, state in states.items()})
        return bool(why)

    async def _believe(self, action: Action) -> None:
        """An action of which something went out does not end by one read that failed: a while it waits for a better."""
        asked, waited = action.asked, 0.0
        while waited < _DOUBT and action.stop is None and any(action.tries):
            why = unknown(self._record.monitor, asked.kind, asked.surface)
            if not why:
                return
            if not waited:
                await self._steps.tell(action, RowState.DEFERRED, action.places(*PENDING), why)
            for name in (asked.surface, MASTER):
                self._reread(name)
            waited += await self._wait(action, _RECOVERY)

    async def _unready(self, action: Action) -> bool:
        """Whether the writer knows before anything is sent that it may not write, and then nothing is."""
        writer = self._writers.get(action.asked.surface)
        why = await writer.ready() if writer is not None else ""
        if why:
            await self._steps.tell(action, RowState.REFUSED, action.places(*PENDING), why)
        return bool(why)

    async def _have_refreshed(self, action: Action) -> None:
        """Asks the vendor to make the surface anew where it can be asked; else the operator does it, by hand."""
        surface, places = action.asked.surface, action.places(*PENDING)
        writer: object = self._writers.get(surface)
        if not isinstance(writer, Refresher) or not writer.refreshes:
            rules = self._record.monitor.rules.surface(surface)
            await self._steps.tell(action, RowState.SENT, places, rules.refresh, sent="nothing: it is done by hand")
            return
        await self._steps.tell(action, RowState.SENT, places, sent=writer.describe_refresh())
        try:
            said = await writer.refresh()
        except NotSentError as error:
            await self._steps.tell(action, RowState.UNDELIVERED, places, f"not sent: {error}")
        except UnansweredError as error:
            _log.warning("Action %s: no answer: %s", action.key, error)
        else:
            await self._steps.tell(action, RowState.ACCEPTED, places, answer=said)

    async def _send_all(self, action: Action) -> None:
        """Sends row after row, batch by batch, and asks every guard again before each."""
        asked = action.asked
        writer = self._writers.get(asked.surface)
        _log.info("Action %s: %s %s by %s, %d rows.", asked.key, asked.kind, asked.surface, asked.operator,
                  len(asked.rows))  # fmt: skip
        number, waited = 0, 0.0
        while pending := action.places(*PENDING):
            await self._believe(action)
            if action.stop is None and await self._refused(action):
                return
            if writer is None or self._stopped(action, writer):
                await self._steps.tell(action, RowState.STOPPED, pending, self._stopped(action, writer))
            elif not self._is_short(writer):
                waited = 0.0
                await self._send(action, writer, pending[: writer.batch], f"{action.key}-{number}")
            elif waited >= _PATIENCE:
                await self._steps.tell(action, RowState.UNDELIVERED, pending, _RESERVE)
            else:
                if not waited:
                    await self._steps.tell(action, RowState.DEFERRED, pending, _RESERVE)
                waited += await self._wait(action, _RECOVERY)
            number += 1

    def _stopped(self, action: Action, writer: Writer | None) -> str:
        """Why nothing more of ``action`` is to be sent by ``writer``, guards aside; empty where it may."""
        if action.stop is not None:
            return _stopped(action)
        same = writer is not None and self._writers.get(action.asked.surface) is writer
        return "" if same else "the settings were changed meanwhile"

    def _writer_of(self, surface: str) -> Writer | None:
        """The writer that ``surface`` has now: other settings bring others."""
        return self._writers.get(surface)

    def _is_short(self, writer: Writer) -> bool:
        """Whether only that is left of the request budget which reading back is to have."""
        spent = writer.spent()
        return spent is not None and spent * WHOLE >= WHOLE - self._record.monitor.rules.actions.reserve

    async def _send(self, action: Action, writer: Writer, places: Sequence[int], key: str) -> None:
        """One write: what no longer holds is left out, the rest is recorded, and only then sent."""
        monitor = self._record.monitor
        found = recheck(monitor, action, places)
        ready = [place for place, (state, _) in found.items() if state is RowState.WAITING]
        await self._steps.tell_each(action, {place: end for place, end in found.items() if place not in set(ready)})
        if not ready:
            return
        changes = [action.asked.rows[place] for place in ready]
        await self._steps.tell(action, RowState.SENT, ready, sent=writer.describe(changes))
        if (
            self._stopped(action, writer)
            or self._is_short(writer)
            or refusal(monitor, action, self._clock(), self._offset)
            or any(state is not RowState.WAITING for state, _ in recheck(monitor, action, ready).values())
        ):  # it came up while that was recorded: from here to the writer nothing else has its turn
            await self._steps.tell(action, RowState.WAITING, ready, "taken back before it went out")
            return
        try:
            answer = await (writer.turn if action.asked.kind in LISTING else writer.write)(changes, key)
        except NotSentError as error:
            await self._put_off(action, ready, error)
        except UnansweredError as error:
            _log.warning("Action %s: no answer: %s", action.key, error)
        else:
            rows = zip(ready, answer.rows, strict=True)
            said = {place: (_STATES[row.verdict], row.why) for place, row in rows if row.verdict in _STATES}
            await self._steps.tell_each(
                action, said, answer=answer.said
            )  # the unanswered stay sent: reading back tells

    async def _put_off(self, action: Action, places: Sequence[int], error: NotSentError) -> None:
        """What was certainly not sent is sent again later, so often as it may be; then it and all behind it are dead
        letters, for what stands in the way of one write stands in the way of the next.
        """
        rules = self._record.monitor.rules.actions
        tries = max(action.tries[place] for place in places)
        wait = max(_BACKOFF * 2 ** (tries - 1), error.retry_after / 1_000)
        _log.warning("Action %s: not sent: %s", action.key, error)
        if error.lasting or tries >= rules.tries or wait > _PATIENCE:
            await self._steps.tell(action, RowState.UNDELIVERED, places, f"not sent: {error}")
            await self._steps.tell(action, RowState.UNDELIVERED, action.places(*PENDING), f"not tried: {error}")
            return
        await self._steps.tell(
            action, RowState.DEFERRED, places, f"not sent: {error}; try {tries + 1} of {rules.tries} follows"
        )
        await self._wait(action, wait)

    async def _wait(self, action: Action, seconds: float) -> float:
        """Waits ``seconds``, or until the action is to be stopped; returns ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while action.stop is None:
                    await self._stop.wait()
        return seconds


def _stopped(action: Action) -> str:
    return f"stopped by {action.stop.operator}" if action.stop else "stopped"
