"""``stockdrift explain SKU``: why it drifts, or why it is not counted, from the journal or from a fresh reading."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockdrift.commands.action_text import utc
from stockdrift.commands.ending import DONE, USAGE, guarded, json_line, put
from stockdrift.commands.recorded import known_now
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.entries import Episode
    from stockdrift.stock.monitor import Monitor


def run(settings_file: Path | None, sku: str, *, as_json: bool, fresh: bool) -> int:
    """Prints the explanation; returns 0, or 3 where nobody knows the SKU, settings or journal will not do."""
    return guarded(lambda: _run(settings_file, sku, as_json=as_json, fresh=fresh))


def _run(settings_file: Path | None, sku: str, *, as_json: bool, fresh: bool) -> int:
    from stockdrift.commands.explain_text import text_of, unknown_text
    from stockdrift.settings import load
    from stockdrift.stock.explain import explanation, nearest
    from stockdrift.stock.text import clean_sku

    settings = load(settings_file)
    monitor, last_at, collector = asyncio.run(known_now(settings, fresh=fresh))
    now = wall_clock()  # not the journal's: what it holds of a time to come is of a clock that was set back
    monitor.tick(now)
    clock = utc if as_json else partial(_local, now=now)
    origin = _origin(settings, monitor, last_at, collector, now, clock)
    origin |= {} if as_json else {"times": f"{_here(now):%Y-%m-%d, UTC%z}"}
    wanted = clean_sku(sku)
    row = monitor.row_of(wanted)
    if row is None:
        near = nearest(monitor, wanted)
        said = {"schema": 1, "sku": wanted, "known": False, "taken_at": clock(now), "nearest": near, **origin}
        if as_json:
            put(json_line(said))
        else:
            sys.stderr.write(unknown_text(wanted, near, said))
        return USAGE
    episodes = () if last_at is None else asyncio.run(_episodes(settings, wanted))
    said = {**explanation(monitor, row, now, clock, episodes), "known": True, **origin}
    put(json_line(said) if as_json else text_of(said))
    return DONE


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


def _local(at: int, now: int) -> str:
    """In the operator's zone: ``15:09:58``, with its date where that is not the one of ``now``."""
    moment = _here(at)
    return f"{moment:%H:%M:%S}" if moment.date() == _here(now).date() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _here(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone()
