"""``stockdrift check``: one full fresh reading, or the journal where a collector is at work, and what drifts."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from stockdrift.commands.ending import guarded, json_line, put
from stockdrift.commands.recorded import known_of_store, read_now
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor


def run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    """Prints the report; returns the exit status that scripts rely on (0, 1, 2, 3, 4)."""
    gc.disable()  # it reads, says what it found and ends: looking for garbage would cost, and find none
    try:
        return guarded(lambda: _run(settings_file, as_json=as_json, everything=everything, fresh=fresh))
    finally:
        gc.enable()


def _run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    from stockdrift.commands.check_text import text_of
    from stockdrift.settings import load
    from stockdrift.stock.report import exit_code, report

    monitor, recorded = asyncio.run(_monitor(load(settings_file), fresh=fresh))
    now = wall_clock()
    age = max(0, now - monitor.board.now) if recorded else None
    monitor.tick(now)
    said = report(monitor, now, everything=everything)
    code = exit_code(monitor)
    put(json_line(said) if as_json else text_of(said, recorded=age))
    return code


async def _monitor(settings: Settings, *, fresh: bool) -> tuple[Monitor, bool]:
    """What is known, and whether a collector recorded it.

    From the journal where a collector holds the lease (no second poller spends the budget) and judges by the settings
    as they are, else read now. Raises JournalError where there is a journal that cannot be read: what operators have
    said, a pause among it, would be forgotten in silence.
    """
    from stockdrift.collector.lease import holder
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.store.codec import rules_text

    rules = rules_of(settings)
    if not fresh and holder(journal_path(settings)) is not None:
        known = await known_of_store(journal_path(settings), rules)
        if known is not None and rules_text(known.rules) == rules_text(rules):
            return known, True
    return await read_now(settings), False
