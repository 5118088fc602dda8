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
    return await read_now(settings), None, None


async def read_now(settings: Settings) -> Monitor:
    """Reads the master and every active surface, and judges that with what the journal knows, where there is one: how
    many rows there were, what operators have said, what the master said before. Settings that were changed since hold
    as they would for a collector that starts now. Raises JournalError.
    """
    from stockdrift.collector.once import read_once
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.entries import RulesChanged
    from stockdrift.store.codec import rules_text
    from stockdrift.surfaces.clock import wall_clock

    rules, journal_file = rules_of(settings), journal_path(settings)
    known = await known_of_store(journal_file, rules) if journal_file.exists() else None
    if known is not None and rules_text(known.rules) != rules_text(rules):
        known.apply(RulesChanged(max(wall_clock(), known.board.now), rules))
    return await read_once(settings, rules, wall_clock, known)


async def known_of_store(journal_file: Path, rules: Rules) -> Monitor | None:
    """What the journal knows; None where it is another store's, for its master is another. Raises JournalError."""
    monitor = await known_to(journal_file, rules)
    return monitor if monitor.rules.master.source == rules.master.source else None


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
