"""What every write without a console shares: a collector to carry it out, fresh readings, and the wait for its end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stockdrift.commands.ending import UsageError
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import Settings
    from stockdrift.stock.actions import Action
    from stockdrift.stock.plan import Plan
    from stockdrift.store.base import Journal

_STARTING: Final = 60.0  # s in which a collector of our own should listen
_LOOK: Final = 0.1  # s between two looks at the journal
_UNHEARD: Final = 60.0  # s after which a collector should have taken the action up


class NobodyError(UsageError):
    """No collector took the action up; the message is a sentence."""


@contextlib.asynccontextmanager
async def with_collector(settings: Settings) -> AsyncIterator[tuple[Follower, Journal]]:
    """The journal, followed, and a collector that fills it: the one at work, or one of our own. Where that fails, so
    does whoever waits for it, at once.
    """
    from stockdrift.collector.follow import Follower
    from stockdrift.collector.lease import acquire, holder
    from stockdrift.commands.collect import collecting
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    file = journal_path(settings)
    async with contextlib.AsyncExitStack() as stack:
        began, ours = wall_clock(), holder(file) is None
        if ours:
            lease = acquire(file, started=datetime.now(UTC), writing=True)
            stack.callback(lease.release)
            work = asyncio.create_task(collecting(settings, file, lease, write=True))
            waiting = asyncio.current_task()

            def failed(_: object) -> None:
                if waiting is not None:
                    waiting.cancel()

            work.add_done_callback(failed)
            stack.push_async_callback(_ended, work, failed)
            await asyncio.sleep(0)
        journal = await open_journal(file, writable=True)
        stack.push_async_callback(journal.close)
        follower = Follower(journal, Monitor(rules_of(settings)))

        def started() -> bool:
            note = follower.monitor.settings
            return note is not None and note.at >= began

        if ours:  # what is asked before it listens would be told to it as the past
            await until(follower, started, _STARTING)
        yield follower, journal


async def _ended(work: asyncio.Task[None], failed: Callable[[object], None]) -> None:
    work.remove_done_callback(failed)
    if work.done():
        work.result()  # raises what it failed of
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def read_anew(follower: Follower, journal: Journal, surfaces: Sequence[str]) -> bool:
    """Has ``surfaces`` and the master read, beginning now, and follows the journal until they are, or a minute is over
    for each; says which were not, and returns False where one was not.
    """
    from stockdrift.commands import reading_anew
    from stockdrift.commands.operator import operator

    async def following(holds: Callable[[], bool], seconds: float) -> bool:
        return await until(follower, holds, seconds)

    await follower.catch_up()
    sys.stderr.write(f"Reading the master and {', '.join(surfaces)} anew …\n")
    sys.stderr.flush()
    late = await reading_anew.read_anew(follower.monitor, surfaces, operator(), journal.append, following, wall_clock)
    if late:
        sys.stderr.write(f"The collector did not read {', '.join(late)} anew in time: the plan says what is known.\n")
    return not late


async def carried_out(
    follower: Follower, journal: Journal, plan: Plan, reason: str, note: str, *, typed: str, overrides: Sequence[str]
) -> Action:
    """Asks for what ``plan`` says and waits for its end; interrupted, it asks that nothing more be sent.

    Raises NobodyError where no collector takes it up.
    """
    from stockdrift.commands.operator import operator
    from stockdrift.stock.actions import ActionStopAsked

    key = uuid.uuid4().hex
    await journal.append([plan.asked(wall_clock(), operator(), key, reason, note, typed=typed, overrides=overrides)])

    def found() -> Action | None:
        return follower.monitor.ledger.get(key)

    def ended() -> bool:
        action = found()
        return action is not None and not action.open

    def heard() -> bool:
        action = found()
        return action is not None and bool(action.steps)

    try:
        if not await until(follower, heard, _UNHEARD):
            await journal.append([ActionStopAsked(wall_clock(), operator(), key)])
            raise NobodyError("no collector took the action up; it is recorded, and will not be begun any more")
        await until(follower, ended, float("inf"))
    except (asyncio.CancelledError, KeyboardInterrupt):
        await journal.append([ActionStopAsked(wall_clock(), operator(), key)])
        raise
    action = found()
    if action is None:
        raise NobodyError("the journal lost the action")
    return action


async def until(follower: Follower, holds: Callable[[], bool], seconds: float) -> bool:
    """Follows the journal until ``holds``; False where ``seconds`` went by before."""
    deadline = time.monotonic() + seconds
    while True:
        await follower.catch_up()
        if holds():
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK)
