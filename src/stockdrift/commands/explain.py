"""``stockdrift explain SKU``: why it drifts, or why it is not counted, from the journal or from a fresh reading."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.entries import Episode
    from stockdrift.stock.monitor import Monitor

USAGE: Final = 3
INTERNAL: Final = 4


def run(settings_file: Path | None, sku: str, *, as_json: bool, fresh: bool) -> int:
    """Prints the explanation; returns 0, or 3 where nobody knows the SKU, settings or journal will not do."""
    from stockdrift.commands.explain_text import text_of, unknown_text
    from stockdrift.settings import SettingsError, load
    from stockdrift.stock.explain import explanation, nearest
    from stockdrift.stock.text import clean_sku
    from stockdrift.store.base import JournalError

    clock = _utc if as_json else _local
    try:
        settings = load(settings_file)
        monitor, last_at, collector = asyncio.run(known_now(settings, fresh=fresh))
        now = _now()  # not the journal's: what it holds of a time to come is of a clock that was set back
        monitor.tick(now)
        origin = _origin(settings, monitor, last_at, collector, now, clock)
        wanted = clean_sku(sku)
        row = monitor.row_of(wanted)
        if row is None:
            near = nearest(monitor, wanted)
            said = {"schema": 1, "sku": wanted, "known": False, "taken_at": clock(now), "nearest": near, **origin}
            text = unknown_text(wanted, near, said)
        else:
            episodes = () if last_at is None else asyncio.run(_episodes(settings, wanted))
            said = {**explanation(monitor, row, now, clock, episodes), "known": True, **origin}
            text = "" if as_json else text_of(said)
    except (SettingsError, JournalError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except Exception as error:
        logging.getLogger(__name__).debug("explain failed", exc_info=True)
        sys.stderr.write(f"stockdrift: internal error: {type(error).__name__}: {error}\n")
        return INTERNAL
    if as_json:
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        (sys.stdout if row is not None else sys.stderr).write(text)
    return 0 if row is not None else USAGE


async def known_now(settings: Settings, *, fresh: bool) -> tuple[Monitor, int | None, str | None]:
    """What is known, when the journal last heard anything (None: read just now), and who collects."""
    from stockdrift.collector.lease import holder
    from stockdrift.settings import journal_path, rules_of

    journal_file = journal_path(settings)
    if not fresh and journal_file.exists():
        monitor = await from_journal(settings, journal_file)
        if any(column.last is not None for column in monitor.board.columns):
            return monitor, monitor.board.now, holder(journal_file)
    from stockdrift.collector.once import read_once

    return await read_once(settings, rules_of(settings), _now), None, None


async def from_journal(settings: Settings, journal_file: Path) -> Monitor:
    """What the journal knows. Raises JournalError."""
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import rules_of
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    monitor = Monitor(rules_of(settings))
    journal = await open_journal(journal_file, writable=False)
    try:
        await Follower(journal, monitor).catch_up()
    finally:
        await journal.close()
    return monitor


async def _episodes(settings: Settings, sku: str) -> Sequence[Episode]:
    from stockdrift.settings import journal_path
    from stockdrift.store.sqlite import open_journal

    journal = await open_journal(journal_path(settings), writable=False)
    try:
        return await journal.episodes(sku)
    finally:
        await journal.close()


def _origin(
    settings: Settings, monitor: Monitor, last_at: int | None, collector: str | None, now: int, clock: Clock
) -> dict[str, Any]:
    from stockdrift.settings import rules_of

    if last_at is None:
        return {"origin": {"from": "fresh"}}
    return {
        "origin": {
            "from": "journal",
            "last_at": clock(last_at),
            "age_s": round((now - last_at) / 1000, 3),
            "collector": collector,
            "rules_differ": monitor.rules != rules_of(settings),
        }
    }


Clock = Callable[[int], str]


def _utc(at: int) -> str:
    """ISO 8601 in UTC with milliseconds, as in the JSON of ``check``."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _local(at: int) -> str:
    """In the operator's zone, and in full: what is compared with another system's log needs its date and offset."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _now() -> int:
    return time.time_ns() // 1_000_000
