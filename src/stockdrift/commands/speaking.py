"""What the commands by which operators say something share: the journal, the scope that is meant, and the record."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from stockdrift.commands.action_text import utc
from stockdrift.commands.ending import UsageError
from stockdrift.stock.words import title
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.entries import Saying
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.picture import GaugeLine
    from stockdrift.stock.rules import Scope


class Known(Struct, frozen=True):
    """What the journal knows at ``now``, judged by the settings of now, and how more is said into it."""

    monitor: Monitor
    now: int
    say: Callable[[Saying], Awaitable[None]]


@contextlib.asynccontextmanager
async def journal_of(settings: Settings) -> AsyncIterator[Known]:
    """The journal of ``settings``, which has to be there: what nobody collects, nobody can speak of. Raises
    JournalError.
    """
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.entries import RulesChanged
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.base import JournalError
    from stockdrift.store.sqlite import open_journal

    file, rules = journal_path(settings), rules_of(settings)
    if not file.exists():
        raise JournalError(f"There is no journal at {file} yet: begin with stockdrift watch or stockdrift collect.")
    journal = await open_journal(file, writable=True)
    try:
        monitor = Monitor(rules)
        await Follower(journal, monitor).catch_up()
        at = max(wall_clock(), monitor.board.now)
        if monitor.rules != rules:  # no collector has taken over what the file says by now
            monitor.apply(RulesChanged(at, rules))
        monitor.tick(at)

        async def say(entry: Saying) -> None:
            await journal.append([entry])

        yield Known(monitor, at, say)
    finally:
        await journal.close()


def surface_called(said: str, names: Sequence[str]) -> str:
    """The surface that is meant, by its name in the settings or as it stands on screen. Raises UsageError where there
    is none; nothing said is nothing meant.
    """
    if not said or said in names:
        return said
    meant = [name for name in names if said.casefold() in (name.casefold(), title(name).casefold())]
    if len(meant) != 1:
        raise UsageError(f"there is no surface called {said}; there are {', '.join(names)}")
    return meant[0]


def scope_of(monitor: Monitor, surface: str, sku: str) -> Scope:
    """The scope that is meant. Raises UsageError where nobody knows the surface or the SKU."""
    from stockdrift.stock.explain import nearest
    from stockdrift.stock.rules import Scope
    from stockdrift.stock.text import clean_sku

    surface = surface_called(surface, monitor.surface_names())
    wanted = clean_sku(sku)
    if wanted and monitor.row_of(wanted) is None:
        near = nearest(monitor, wanted)
        raise UsageError(
            f"no such SKU was ever seen: {wanted!r}" + (f"; near it are {', '.join(near)}" if near else "")
        )
    return Scope(surface, wanted)


def effect(monitor: Monitor, entry: Saying) -> tuple[GaugeLine, GaugeLine]:
    """The figures before and after ``entry``, which ``monitor`` hears: it is not to be asked of anything else."""
    before = monitor.picture(entry.at).gauge
    monitor.apply(entry)
    monitor.tick(entry.at)
    return before, monitor.picture(entry.at).gauge


def told(entry: Saying) -> dict[str, Any]:
    """Something that was said, for scripts."""
    from stockdrift.stock.telling import reason_of, until_of, value_text, word

    until = until_of(entry)
    return {
        "kind": word(entry),
        "surface": entry.scope.surface or None,
        "sku": entry.scope.sku or None,
        "value": value_text(entry) or None,
        "until": None if until is None else utc(until),
        "reason": reason_of(entry),
        "operator": entry.operator,
        "at": utc(entry.at),
    }


def local_of(iso: str) -> str:
    """What :func:`utc` wrote, as :func:`local` writes it."""
    return datetime.fromisoformat(iso).astimezone().isoformat(" ", "seconds")
