"""``stockdrift check``: one full fresh reading, or the journal where a collector is at work, and what drifts."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor

USAGE: Final = 3
INTERNAL: Final = 4


def run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    """Prints the report; returns the exit status that scripts rely on (0, 1, 2, 3, 4)."""
    from stockdrift.commands.check_text import text_of
    from stockdrift.settings import SettingsError, load
    from stockdrift.stock.report import exit_code, report
    from stockdrift.store.base import JournalError

    try:
        monitor = asyncio.run(_monitor(load(settings_file), fresh=fresh))
        now = max(_now(), monitor.board.now)
        monitor.tick(now)
        said = report(monitor, now, everything=everything)
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n" if as_json else text_of(said))
        return exit_code(monitor)
    except (SettingsError, JournalError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except Exception as error:
        logging.getLogger(__name__).debug("check failed", exc_info=True)
        sys.stderr.write(f"stockdrift: internal error: {type(error).__name__}: {error}\n")
        return INTERNAL


async def _monitor(settings: Settings, *, fresh: bool) -> Monitor:
    """From the journal where a collector holds the lease (no second poller spends the budget), else read now."""
    from stockdrift.collector.lease import holder
    from stockdrift.settings import journal_path, rules_of

    journal_file = journal_path(settings)
    if not fresh and holder(journal_file) is not None:
        return await _from_journal(settings, journal_file)
    from stockdrift.collector.once import read_once

    return await read_once(settings, rules_of(settings), _now)


async def _from_journal(settings: Settings, journal_file: Path) -> Monitor:
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


def _now() -> int:
    return time.time_ns() // 1_000_000
