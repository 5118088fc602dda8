"""``stockdrift resync``, ``contain``, ``relist``, ``refresh``, ``rollback`` and ``retry``: a write without a console,
through the same door and with the same proof.

The collector carries it out. Where one is at work it has to run with ``--write``; where none is, this process is one
for as long as the action takes, under the same lease.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.commands.ending import DONE, REFUSED, UsageError, guarded, json_line, put
from stockdrift.commands.speaking import surface_called
from stockdrift.stock.values import replace
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import Settings
    from stockdrift.stock.actions import Action
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.plan import Plan
    from stockdrift.store.base import Journal

VERIFIED, NOT_VERIFIED = DONE, 1

_LEAST: Final = 4  # letters of a key that name an action


class Wish(Struct, frozen=True):
    """What an operator asks for. ``kind`` is resync, refresh, contain, unlist, relist, rollback or retry. ``skus``
    empty: all that drift on ``surface``; ``surface`` empty: every surface. ``action`` is the key, or its beginning, of
    the one that is rolled back or tried once more. ``confirm`` are surfaces whose names were typed, ``overrides``
    barriers that are let down.
    """

    kind: str
    reason: str
    surface: str = ""
    skus: Sequence[str] = ()
    action: str = ""
    note: str = ""
    trust: str = ""
    confirm: Sequence[str] = ()
    overrides: Sequence[str] = ()
    yes: bool = False
    dry_run: bool = False
    as_json: bool = False


def run(settings_file: Path | None, wish: Wish) -> int:
    """Plans, confirms, asks, and waits until it is read back; returns the exit status, as docs/semantics.md has it."""
    return guarded(lambda: _run(settings_file, wish))


def _run(settings_file: Path | None, wish: Wish) -> int:
    from stockdrift.settings import load

    settings = load(settings_file)
    return asyncio.run(_act(settings, _checked(settings, wish)))


def found_action(monitor: Monitor, key: str) -> Action:
    """The one action whose key begins with ``key``. Raises UsageError where there is none, or more than one."""
    found = monitor.ledger.find(key) if len(key) >= _LEAST else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} actions begin with {key}; give more of the key")
    raise UsageError(f"there is no action {key[:40]!r}; stockdrift actions lists them with their keys")


def _checked(settings: Settings, wish: Wish) -> Wish:
    """The wish, its surface by the name in the settings. Raises UsageError where it cannot be."""
    if wish.reason not in settings.actions.reasons:
        raise UsageError(f"the reason {wish.reason!r} is none of: {', '.join(settings.actions.reasons)}")
    if wish.kind == "contain" and not wish.skus:
        raise UsageError("name the SKUs to contain")
    return replace(wish, surface=surface_called(wish.surface, list(settings.surfaces)))


async def _act(settings: Settings, wish: Wish) -> int:
    from stockdrift.commands.action_text import plan_json, plan_text, sum_text
    from stockdrift.commands.carrying_out import read_anew, with_collector
    from stockdrift.stock.guards import cannot_write

    async with with_collector(settings) as (follower, journal):
        await follower.catch_up()
        surfaces = _surfaces(settings, follower.monitor, wish)
        open_to = [name for name in surfaces if not cannot_write(follower.monitor.rules.surface(name), wish.kind)]
        anew = not open_to or await read_anew(follower, journal, open_to)
        statuses, plans = [], []
        for surface in surfaces:
            plan = _plan(follower.monitor, surface, wish)
            plans.append(plan)
            sends = plan.rows and not plan.refusals and not wish.dry_run
            if not (sends and wish.as_json):
                put(json_line(plan_json(plan)) if wish.as_json else plan_text(plan))
            if not sends:
                status = _unsent(plan, wish)
                # That nothing is to be done is known of what was read, and not of what was to be read.
                statuses.append(NOT_VERIFIED if status == VERIFIED and not (anew or wish.dry_run) else status)
            elif not _confirmed(plan, wish):
                sys.stderr.write("Nothing was sent.\n")
                statuses.append(REFUSED)
            else:
                statuses.append(await _carry_out(follower, journal, plan, wish))
        if wish.dry_run and len(plans) > 1 and not wish.as_json:
            put(sum_text(plans))
    if len(set(statuses)) == 1:
        return statuses[0]
    # Of several surfaces some are done: then as a whole it is not, and not merely refused.
    return NOT_VERIFIED if any(statuses) else VERIFIED


def _surfaces(settings: Settings, monitor: Monitor, wish: Wish) -> list[str]:
    if wish.action:
        return [found_action(monitor, wish.action).asked.surface]
    return [wish.surface] if wish.surface else [name for name, source in settings.surfaces.items() if source.active]


def _plan(monitor: Monitor, surface: str, wish: Wish) -> Plan:
    from stockdrift.settings.zones import offset
    from stockdrift.stock.wanted import Wanted, plan_of

    action = found_action(monitor, wish.action).key if wish.action else ""
    return plan_of(monitor, Wanted(wish.kind, surface, wish.skus, action, wish.trust), wall_clock(), offset)


def _unsent(plan: Plan, wish: Wish) -> int:
    """The status of a plan that is only shown, or of which there is nothing to send."""
    undone = [skipped for skipped in plan.skipped if not skipped.settled]
    named = wish.skus or wish.action
    if plan.refusals or (named and undone and not plan.rows) or (plan.rows and _standing(plan, wish)):
        return REFUSED
    return NOT_VERIFIED if undone and not wish.dry_run else VERIFIED


async def _carry_out(follower: Follower, journal: Journal, plan: Plan, wish: Wish) -> int:
    from stockdrift.commands.action_text import action_json, outcome_text, utc
    from stockdrift.commands.carrying_out import carried_out
    from stockdrift.stock.text import clean

    if plan.kind == "refresh":
        sys.stderr.write(f"Watching {plan.surface} until it shows it; Ctrl-C ends the watching, not the action.\n")
        sys.stderr.flush()
    overrides = [barrier.name for barrier in plan.barriers]
    action = await carried_out(
        follower, journal, plan, wish.reason, clean(wish.note), typed=plan.typed, overrides=overrides
    )
    put(json_line(action_json(action, utc)) if wish.as_json else outcome_text(action))
    if action.verified:
        return VERIFIED
    return REFUSED if not action.failed and all(sent is None for sent in action.sent_at) else NOT_VERIFIED


def _standing(plan: Plan, wish: Wish) -> list[str]:
    """Names of the barriers that are not let down."""
    return [barrier.name for barrier in plan.barriers if barrier.name not in wish.overrides]


def _confirmed(plan: Plan, wish: Wish) -> bool:
    """Whether the operator means it: by option, else asked on the terminal; a pipe cannot be asked."""
    standing = _standing(plan, wish)
    for name in standing:
        sys.stderr.write(f'Give --override "{name}" to write all the same; that is recorded.\n')
    if plan.typed and plan.typed not in wish.confirm:
        sys.stderr.write(f"{plan.because} Give --confirm {plan.typed} to allow it.\n")
        return False
    if standing:
        return False
    if wish.yes or plan.typed:
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("Give --yes to send it, or --dry-run to see the plan alone.\n")
        return False
    question = f"Send {len(plan.rows)} rows to {plan.surface}?"
    if plan.kind == "refresh":
        question = f"Have {plan.surface} refreshed, and watch {len(plan.rows)} SKUs?"
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
