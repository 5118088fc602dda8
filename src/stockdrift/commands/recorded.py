"""What is known, for commands that only look: from the journal, or read now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.rules import Rules


async def known_now(settings: Settings, *, fresh: bool) -> tuple[Monitor, int | None, str | None]:
    """What is known, when the journal last heard anything (None: read just now), and who collects. Raises
    JournalError.
    """
    from stockdrift.collector.lease import holder
    from stockdrift.settings import journal_path, rules_of

    journal_file, rules = journal_path(settings), rules_of(settings)
    if not fresh and journal_file.exists():
        monitor = await known_to(journal_file, rules)
        if any(column.last is not None for column in monitor.board.columns):
            return monitor, monitor.board.now, holder(journal_file)
    from stockdrift.collector.once import read_once
    from stockdrift.surfaces.clock import wall_clock

    return await read_once(settings, rules, wall_clock), None, None


async def known_to(journal_file: Path, rules: Rules) -> Monitor:
    """What the journal knows; ``rules`` hold where it has none of its own. Raises JournalError."""
    from stockdrift.collector.follow import Follower
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    monitor = Monitor(rules)
    journal = await open_journal(journal_file, writable=False)
    try:
        await Follower(journal, monitor).catch_up()
    finally:
        await journal.close()
    return monitor
