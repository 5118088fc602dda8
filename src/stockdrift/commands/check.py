"""``stockdrift check``: one full fresh reading, or the journal where a collector is at work, and what drifts."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from stockdrift.commands.ending import guarded, json_line, put
from stockdrift.commands.recorded import known_to
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.rules import Rules


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
    known = await _recorded(rules, journal_file) if collecting or journal_file.exists() else None
    if known is not None and rules_text(known.rules) != rules_text(rules):
        known.apply(RulesChanged(max(wall_clock(), known.board.now), rules))
    elif known is not None and collecting and not fresh:
        return known, True
    return await read_once(settings, rules, wall_clock, known), False


async def _recorded(rules: Rules, journal_file: Path) -> Monitor | None:
    """What the journal knows; None where it is another store's. Raises JournalError."""
    monitor = await known_to(journal_file, rules)
    return monitor if monitor.rules.master.source == rules.master.source else None
