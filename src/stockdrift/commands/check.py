"""``stockdrift check``: one full fresh reading, or the journal where a collector is at work, and what drifts."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor

USAGE: Final = 3
INTERNAL: Final = 4


def run(settings_file: Path | None, *, as_json: bool, everything: bool, fresh: bool) -> int:
    """Prints the report; returns the exit status that scripts rely on (0, 1, 2, 3, 4)."""
    from stockdrift.settings import SettingsError, load
    from stockdrift.stock.report import exit_code, report
    from stockdrift.store.base import JournalError

    try:
        monitor = asyncio.run(_monitor(load(settings_file), fresh=fresh))
        now = max(_now(), monitor.board.now)
        monitor.tick(now)
        said = report(monitor, now, everything=everything)
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n" if as_json else _text(said))
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


def _text(said: dict[str, Any]) -> str:
    """The report for people: the figures, the surfaces, the SKUs."""
    lines = [
        f"{said['store']}: {said['drifting']:,} of {said['tracked']:,} tracked SKUs drift"
        + (f", of them {said['in_flight']:,} in flight" if said["in_flight"] else ""),
        (
            f"  ■ {said['oversell']:,} oversell  ▲ {said['over']:,} over  ▼ {said['under']:,} under  "
            f"● {said['in_sync']:,} in sync  ? {said['unknown']:,} unknown  "
            f"— {said['uncovered']:,} uncovered, {said['untracked']:,} untracked, {said['orphans']:,} orphans"
        ),
        "",
    ]
    for surface in [{**said["master"], "name": f"{said['master']['name']} (the authority)"}, *said["surfaces"]]:
        drifting = "" if surface["drifting"] is None else f"{surface['drifting']:,} drifting, "
        error = f": {surface['error']}" if surface["error"] else ""
        bad = f", {surface['bad_rows']:,} bad rows" if surface["bad_rows"] else ""
        lines.append(f"  {surface['name']}  {surface['status']}{error}  {drifting}{surface['listed']:,} listed{bad}")
    if said["skus"]:
        lines.append("")
    lines += [_sku_text(sku) for sku in said["skus"]]
    return "\n".join(lines) + "\n"


def _sku_text(sku: dict[str, Any]) -> str:
    levels = []
    for name, level in sku["levels"].items():
        if level["verdict"] in {"drifted", "in flight"} or (level["reason"] or "").startswith("orphan"):
            off = f" ({level['deviation']:+d})".replace("-", "−") if level["deviation"] is not None else ""
            levels.append(f"{name} {level['reported']}{off}")
        elif level["verdict"] == "unknown":
            levels.append(f"{name} ? {level['reason'] or ''}".rstrip())
    severity = (sku["severity"] or "").lower() or "—"
    what = f"{sku['sku']}  {sku['name']}  master {sku['master']}"
    return f"  {severity:<9} {what}  {', '.join(levels)}  {sku['phase'] or ''}".rstrip()
