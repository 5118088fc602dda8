"""``stockdrift actions`` and ``dismiss``: the record of every write, from the journal."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stockdrift.commands.ending import DONE, REFUSED, UsageError, guarded, json_line, put
from stockdrift.commands.recorded import known_to
from stockdrift.stock.record import moment, recorded
from stockdrift.stock.telling import Spoken
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.actions import Action
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.unusual import Unusual

SHORT: Final = 8  # letters of a key that are shown where people read it
_COLUMNS: Final = (
    "asked_at", "operator", "kind", "surface", "reason", "note", "sku", "before", "after", "state", "why", "tries",
    "sent_at", "sent", "answer", "verified_at", "since", "typed", "trust", "overrides", "undoes", "retries",
    "stopped_by", "dismissed_by", "dismissed_because", "key",
)  # fmt: skip


def run(
    settings_file: Path | None, *, form: str, dead: bool = False, unusual: bool = False, day: str | None = None
) -> int:
    """Prints the actions as ``form`` says (text, json, csv), only dead letters, or what is ``unusual`` of them on a
    ``day`` (ISO 8601, by default today); returns 0, or 3 where there is no journal to read or no such day.
    """
    return guarded(lambda: _list(settings_file, form=form, dead=dead, unusual=unusual, day=day))


def _list(settings_file: Path | None, *, form: str, dead: bool, unusual: bool, day: str | None) -> int:
    from stockdrift.settings import load

    begin, end = _day(day)
    monitor = asyncio.run(_known(load(settings_file)))
    ledger = monitor.ledger
    if unusual:
        from stockdrift.stock.unusual import unusual as found_in

        put(_unusual_text(found_in(ledger, begin, end), form))
        return DONE
    found = [*ledger.dead_letters()] if dead else recorded(monitor)
    if day is not None:
        found = [one for one in found if begin <= moment(one) < end]
    found.reverse()
    put(csv_text(found) if form == "csv" else (_json if form == "json" else _text)(found, monitor))
    return DONE


def dismiss(settings_file: Path | None, key: str, because: str) -> int:
    """Records that a failed action is needed no more; returns 0, 2 where it is no dead letter, 3 as :func:`run`."""
    from stockdrift.settings import load

    return guarded(lambda: asyncio.run(_dismiss(load(settings_file), key, because)))


async def _dismiss(settings: Settings, key: str, because: str) -> int:
    from stockdrift.commands.act import found_action
    from stockdrift.commands.operator import operator
    from stockdrift.settings import journal_path
    from stockdrift.stock.actions import ActionDismissed
    from stockdrift.stock.text import clean
    from stockdrift.store.sqlite import open_journal

    because = clean(because).strip()
    if not because:
        raise UsageError("say because of what it is needed no more")
    monitor = await _known(settings)
    action = found_action(monitor, key)
    if not monitor.ledger.is_dead(action):
        sys.stderr.write(f"{action.key[:SHORT]} is no dead letter: there is nothing to dismiss.\n")
        return REFUSED
    journal = await open_journal(journal_path(settings), writable=True)
    try:
        await journal.append([ActionDismissed(wall_clock(), operator(), action.key, because)])
    finally:
        await journal.close()
    put(f"Dismissed {action.key[:SHORT]}.\n")
    return DONE


async def _known(settings: Settings) -> Monitor:
    from stockdrift.settings import journal_path, rules_of

    return await known_to(journal_path(settings), rules_of(settings))


def _day(text: str | None) -> tuple[int, int]:
    """The first moment of a day in this machine's zone, and that of the next (ms). Raises UsageError."""
    try:
        day = date.fromisoformat(text) if text else datetime.now().astimezone().date()
    except ValueError:
        raise UsageError(f"not a day: {(text or '')[:40]!r}; write it like 2026-11-27") from None
    midnights = (datetime.combine(one, time()).astimezone() for one in (day, day + timedelta(days=1)))
    begin, end = (round(midnight.timestamp() * 1_000) for midnight in midnights)
    return begin, end


def _text(found: Sequence[Action | Spoken], monitor: Monitor) -> str:
    from stockdrift.commands.action_text import local, record_text
    from stockdrift.stock.telling import sentence

    if not found:
        return "Nothing was ever written.\n" if not len(monitor.ledger) else "None.\n"
    parts = []
    for action in found:
        if isinstance(action, Spoken):
            parts.append(f"{local(action.entry.at)} {sentence(action.entry)}\n")
            continue
        asked, left = action.asked, len(monitor.ledger.left(action))
        note = f": {asked.note}" if asked.note else ""
        said = "".join(f"  {clause}\n" for clause in _clauses(action, monitor))
        undone = monitor.aftermath.undone(action.key)
        came = record_text(action, undone, left=left).replace("\n", "\n  ").rstrip(" ")
        parts.append(
            f"{local(asked.at)} {asked.kind} {asked.surface} by {asked.operator}, {asked.reason}{note}"
            f" ({asked.key[:SHORT]})\n{said}  {came}"
        )
    return "".join(parts)


def _clauses(action: Action, monitor: Monitor) -> list[str]:
    """What is to be said of an action besides its rows."""
    asked, dismissed = action.asked, action.dismissed
    found = [f"in spite of {name}" for name in asked.overrides]
    if asked.trust:
        found.append(f"trusting the {asked.trust}")
    if asked.undoes:
        found.append(f"takes back {asked.undoes[:SHORT]}")
    if asked.retries:
        found.append(f"tries {asked.retries[:SHORT]} once more")
    if dismissed:
        found.append(f"dismissed by {dismissed.operator}: {dismissed.reason}")
    elif monitor.ledger.is_dead(action):
        found.append("a dead letter: retry it, or dismiss it")
    wire = [step for step in action.steps if step.sent or step.answer]
    for told, texts in (("sent", [step.sent for step in wire]), ("came back", [step.answer for step in wire])):
        last = next(filter(None, reversed(texts)), "")
        found += [f"{told} {last}"] if last else []
    found += [f"{stuck.sku}: {stuck.why}" for stuck in monitor.aftermath if stuck.key == action.key and stuck.rival]
    return found


def _json(found: Sequence[Action | Spoken], monitor: Monitor) -> str:
    from stockdrift.commands.action_text import action_json, spoken_json, utc

    lines = (
        spoken_json(one, utc)
        if isinstance(one, Spoken)
        else {
            **action_json(one, utc),
            "dead": monitor.ledger.is_dead(one),
            "stuck": {stuck.sku: stuck.why for stuck in monitor.aftermath if stuck.key == one.key},
        }
        for one in found
    )
    return "".join(json_line(line) for line in lines)


def csv_text(found: Sequence[Action | Spoken]) -> str:
    """As a table, a line for each row of an action and for each saying; times in UTC."""
    from stockdrift.commands.action_text import action_json, spoken_json, utc

    rows: list[dict[str, Any]] = []
    for one in found:
        if isinstance(one, Spoken):
            rows.append({**dict.fromkeys(_COLUMNS, ""), **spoken_json(one, utc)})
            continue
        said = action_json(one, utc)
        rows += [{**said, **row, "overrides": ", ".join(said["overrides"])} for row in said["rows"]]
    return _table(_COLUMNS, rows)


def _unusual_text(found: Sequence[Unusual], form: str) -> str:
    if form == "text":
        return "".join(f"{one.kind:<14}  {one.text}\n" for one in found) or "Nothing unusual.\n"
    keys = ("kind", "operator", "surface", "sku", "text", "keys")
    rows = [{key: getattr(one, key) for key in keys} for one in found]
    if form == "json":
        return "".join(json_line(row) for row in rows)
    return _table(keys, [{**row, "keys": " ".join(row["keys"])} for row in rows])


def _table(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    from stockdrift.stock.text import spreadsheet_safe

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        cells = (row[column] for column in columns)
        writer.writerow([spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()
