"""``stockdrift check``: one full fresh reading, or the journal where a collector is at work, and what drifts."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.rules import Rules

USAGE: Final = 3
INTERNAL: Final = 4


def run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    """Prints the report; returns the exit status that scripts rely on (0, 1, 2, 3, 4)."""
    gc.disable()  # it reads, says what it found and ends: looking for garbage would cost, and find none
    try:
        return _run(settings_file, as_json=as_json, everything=everything, fresh=fresh)
    finally:
        gc.enable()


def _run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    from stockdrift.commands.check_text import text_of
    from stockdrift.settings import SettingsError, load
    from stockdrift.stock.report import exit_code, report
    from stockdrift.store.base import JournalError

    try:
        monitor, recorded = asyncio.run(_monitor(load(settings_file), fresh=fresh))
        now = _now()
        age = max(0, now - monitor.board.now) if recorded else None
        monitor.tick(now)
        said = report(monitor, now, everything=everything)
        code = exit_code(monitor)
        _print(json.dumps(said, ensure_ascii=not _utf8()) + "\n" if as_json else text_of(said, recorded=age))
        return code
    except (SettingsError, JournalError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except Exception as error:
        logging.getLogger(__name__).debug("check failed", exc_info=True)
        sys.stderr.write(f"stockdrift: internal error: {type(error).__name__}: {error}\n")
        return INTERNAL


async def _monitor(settings: Settings, *, fresh: bool) -> tuple[Monitor, bool]:
    """What is known, and whether a collector recorded it.

    From the journal where a collector holds the lease (no second poller spends the budget), else read now.

    What is read now is judged with what the journal knows: how many rows there were, what operators have said, what
    the master said before. Settings that were changed since hold as they would for a collector that starts now; a
    journal of another master is another store's. Raises JournalError where there is one that cannot be read: what
    operators have said, a pause among it, would be forgotten in silence.
    """
    from stockdrift.collector.lease import holder
    from stockdrift.collector.once import read_once
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.entries import RulesChanged
    from stockdrift.store.codec import rules_text

    rules, journal_file = rules_of(settings), journal_path(settings)
    collecting = holder(journal_file) is not None
    known = await _from_journal(rules, journal_file) if collecting or journal_file.exists() else None
    if known is not None and rules_text(known.rules) != rules_text(rules):
        known.apply(RulesChanged(max(_now(), known.board.now), rules))
    elif known is not None and collecting and not fresh:
        return known, True
    return await read_once(settings, rules, _now, known), False


async def _from_journal(rules: Rules, journal_file: Path) -> Monitor | None:
    """What the journal knows, None where it knows nothing, or is another store's. Raises JournalError."""
    from stockdrift.collector.follow import Follower
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    monitor = Monitor(rules)
    journal = await open_journal(journal_file, writable=False)
    try:
        heard = await Follower(journal, monitor).catch_up()
    finally:
        await journal.close()
    known = heard or monitor.version
    return monitor if known and monitor.rules.master.source == rules.master.source else None


def _print(text: str) -> None:
    """To standard output, whatever its encoding; a reader who has left takes nothing from the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end


def _utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _now() -> int:
    return time.time_ns() // 1_000_000
