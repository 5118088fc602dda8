"""``stockdrift resync`` and ``contain``: a write without a console, through the same door and with the same proof.

The collector carries it out. Where one is at work it has to run with ``--write``; where none is, this process is one
for as long as the action takes, under the same lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import Settings
    from stockdrift.stock.actions import Action
    from stockdrift.stock.plan import Plan
    from stockdrift.store.base import Journal

VERIFIED, NOT_VERIFIED, REFUSED, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130

_READING: Final = 60.0  # s in which master and surface should have been read anew
_LOOK: Final = 0.1  # s between two looks at the journal
_UNHEARD: Final = 15.0  # s after which a collector should have taken the action up


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asks for. ``kind`` is resync or contain; ``skus`` empty: all that drift on ``surface``."""

    kind: str
    surface: str
    skus: Sequence[str]
    reason: str
    note: str = ""
    confirm: str = ""  # the surface's name, where it has to be typed
    yes: bool = False
    dry_run: bool = False
    as_json: bool = False


class UsageError(Exception):
    """What was asked cannot be; the message is a sentence."""


def run(settings_file: Path | None, wish: Wish) -> int:
    """Plans, confirms, asks, and waits until it is read back; returns the exit status that ``semantics`` gives."""
    from stockdrift.collector.lease import LeaseError
    from stockdrift.settings import SettingsError, load
    from stockdrift.store.base import JournalError

    try:
        settings = load(settings_file)
        _check(settings, wish)
        return asyncio.run(_act(settings, wish))
    except (SettingsError, LeaseError, JournalError, UsageError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        logging.getLogger(__name__).debug("the action failed", exc_info=True)
        sys.stderr.write(f"stockdrift: internal error: {type(error).__name__}: {error}\n")
        return INTERNAL


def _check(settings: Settings, wish: Wish) -> None:
    if wish.surface not in settings.surfaces:
        raise UsageError(f"there is no surface called {wish.surface}; there are {', '.join(settings.surfaces)}")
    if wish.reason not in settings.actions.reasons:
        raise UsageError(f"the reason {wish.reason!r} is none of: {', '.join(settings.actions.reasons)}")
    if wish.kind == "contain" and not wish.skus:
        raise UsageError("name the SKUs to contain")


async def _act(settings: Settings, wish: Wish) -> int:
    from stockdrift.commands.action_text import outcome_text, plan_json, plan_text

    async with _with_collector(settings) as (follower, journal):
        plan = await _planned(follower, journal, wish)
        if wish.dry_run or plan.refusals or not plan.rows:
            _print(plan_json(plan) if wish.as_json else plan_text(plan))
            meant = [skipped for skipped in plan.skipped if skipped.why != "in sync"]
            if plan.refusals or (wish.skus and not plan.rows and meant):
                return REFUSED
            return NOT_VERIFIED if meant and not plan.rows and not wish.dry_run else VERIFIED
        if not wish.as_json:
            _print(plan_text(plan))
        if not _confirmed(plan, wish):
            sys.stderr.write("Nothing was sent.\n")
            return REFUSED
        action = await _carried_out(follower, journal, plan, wish)
        if wish.as_json:
            from stockdrift.commands.action_text import action_json

            _print(action_json(action, _utc))
        else:
            _print(outcome_text(action))
    if action.verified:
        return VERIFIED
    return REFUSED if all(sent is None for sent in action.sent_at) else NOT_VERIFIED


@contextlib.asynccontextmanager
async def _with_collector(settings: Settings) -> AsyncIterator[tuple[Follower, Journal]]:
    """The journal, followed, and a collector that fills it: the one at work, or one of our own."""
    from stockdrift.collector.follow import Follower
    from stockdrift.collector.lease import acquire, holder
    from stockdrift.commands.collect import collecting
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    file = journal_path(settings)
    async with contextlib.AsyncExitStack() as stack:
        if holder(file) is None:
            lease = acquire(file, started=datetime.now(UTC))
            stack.callback(lease.release)
            work = asyncio.create_task(collecting(settings, file, lease, write=True))
            stack.push_async_callback(_ended, work)
            await asyncio.sleep(0)
        journal = await open_journal(file, writable=True)
        stack.push_async_callback(journal.close)
        yield Follower(journal, Monitor(rules_of(settings))), journal


async def _ended(work: asyncio.Task[None]) -> None:
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _planned(follower: Follower, journal: Journal, wish: Wish) -> Plan:
    """The plan, made of readings of master and surface that begin now."""
    from stockdrift.commands.operator import operator
    from stockdrift.stock import plan
    from stockdrift.stock.entries import RereadAsked
    from stockdrift.stock.reading import MASTER
    from stockdrift.stock.text import clean_sku

    await follower.catch_up()
    monitor = follower.monitor
    sys.stderr.write(f"Reading the master and {wish.surface} anew …\n")
    sys.stderr.flush()
    for name in (wish.surface, MASTER):  # in this order: what was read after the master is in flight
        began = _now()
        await journal.append([RereadAsked(began, operator(), name)])
        index = monitor.board.column_of(name) or 0

        def fresh(index: int = index, began: int = began) -> bool:
            last = monitor.board.columns[index].last
            return last is not None and last.started_at >= began

        if not await _until(follower, fresh, _READING):
            sys.stderr.write(f"The collector did not read {name} anew in time: the plan says what is known.\n")
    monitor.tick(_now())
    skus = [clean_sku(sku) for sku in wish.skus]
    if wish.kind == "contain":
        return plan.contain(monitor, wish.surface, skus, _now())
    return plan.resync(monitor, wish.surface, skus or None, _now())


async def _carried_out(follower: Follower, journal: Journal, plan: Plan, wish: Wish) -> Action:
    """Asks for the action and waits for its end; interrupted, it asks that nothing more be sent."""
    from stockdrift.commands.operator import operator
    from stockdrift.stock.actions import ActionAsked, ActionStopAsked

    key = uuid.uuid4().hex
    rows = tuple(row.change for row in plan.rows)
    asked = ActionAsked(
        _now(), operator(), key, wish.kind, wish.surface, wish.reason, wish.note, rows, plan.typed and wish.confirm
    )
    await journal.append([asked])

    def found() -> Action | None:
        return follower.monitor.ledger.get(key)

    def ended() -> bool:
        action = found()
        return action is not None and not action.open

    def heard() -> bool:
        action = found()
        return action is not None and bool(action.steps)

    try:
        if not await _until(follower, heard, _UNHEARD):
            await journal.append([ActionStopAsked(_now(), operator(), key)])
            raise UsageError("no collector took the action up; it is recorded, and will not be begun any more")
        await _until(follower, ended, float("inf"))
    except (asyncio.CancelledError, KeyboardInterrupt):
        await journal.append([ActionStopAsked(_now(), operator(), key)])
        raise
    action = found()
    if action is None:
        raise UsageError("the journal lost the action")
    return action


async def _until(follower: Follower, holds: Callable[[], bool], seconds: float) -> bool:
    """Follows the journal until ``holds``; False where ``seconds`` went by before."""
    deadline = time.monotonic() + seconds
    while True:
        await follower.catch_up()
        if holds():
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK)


def _confirmed(plan: Plan, wish: Wish) -> bool:
    """Whether the operator means it: by option, else asked on the terminal; a pipe cannot be asked."""
    if plan.typed:
        if wish.confirm == plan.typed:
            return True
        sys.stderr.write(f"{plan.because} Give --confirm {plan.typed} to allow it.\n")
        return False
    if wish.yes:
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("Give --yes to send it, or --dry-run to see the plan alone.\n")
        return False
    sys.stderr.write(f"Send {len(plan.rows)} rows to {plan.surface}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print(what: str | dict[str, Any]) -> None:
    sys.stdout.write(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False) + "\n")


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now() -> int:
    return time.time_ns() // 1_000_000
