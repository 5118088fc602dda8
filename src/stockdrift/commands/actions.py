"""``stockdrift actions``: the record of every write, from the journal."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.actions import Action

USAGE: Final = 3
_COLUMNS: Final = (
    "asked_at", "operator", "kind", "surface", "reason", "note", "sku", "before", "after", "state", "why", "sent_at",
    "since", "key",
)  # fmt: skip


def run(settings_file: Path | None, *, form: str) -> int:
    """Prints the actions as ``form`` says (text, json, csv); returns 0, or 3 where there is no journal to read."""
    from stockdrift.settings import SettingsError, load
    from stockdrift.store.base import JournalError

    try:
        found = asyncio.run(_actions(load(settings_file)))
    except (SettingsError, JournalError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    sys.stdout.write({"json": _json, "csv": _csv}.get(form, _text)(found))
    return 0


async def _actions(settings: Settings) -> list[Action]:
    from stockdrift.collector.follow import Follower
    from stockdrift.settings import journal_path, rules_of
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    monitor = Monitor(rules_of(settings))
    journal = await open_journal(journal_path(settings), writable=False)
    try:
        await Follower(journal, monitor).catch_up()
    finally:
        await journal.close()
    return list(monitor.ledger)[::-1]


def _text(actions: list[Action]) -> str:
    from stockdrift.commands.action_text import outcome_text

    if not actions:
        return "Nothing was ever written.\n"
    parts = []
    for action in actions:
        asked = action.asked
        note = f": {asked.note}" if asked.note else ""
        parts.append(
            f"{_local(asked.at)} {asked.kind} {asked.surface} by {asked.operator}, {asked.reason}{note}\n"
            f"  {outcome_text(action)}"
        )
    return "".join(parts)


def _json(actions: list[Action]) -> str:
    from stockdrift.commands.action_text import action_json

    return "".join(json.dumps(action_json(action, _utc), ensure_ascii=False) + "\n" for action in actions)


def _csv(actions: list[Action]) -> str:
    from stockdrift.commands.action_text import action_json
    from stockdrift.stock.text import spreadsheet_safe

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for action in actions:
        said = action_json(action, _utc)
        for row in said["rows"]:
            both: dict[str, Any] = {**said, **row}
            cells = (both[column] for column in _COLUMNS)
            writer.writerow([spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def _local(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().isoformat(" ", "seconds")


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
