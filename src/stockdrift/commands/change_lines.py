"""``watch`` where there is no screen to draw on: a line for each change of what drifts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from stockdrift.console import words
from stockdrift.console.model import Source
from stockdrift.stock.picture import GaugeLine, Picture
from stockdrift.store.base import JournalError

_EVERY: Final = 0.25


def change_line(picture: Picture) -> str:
    """What drifts, in one line without its time."""
    gauge = picture.gauge
    surfaces = ", ".join(
        f"{words.title(surface.name)} {surface.status.value}"
        + (f" ({surface.reason})" if surface.reason else "")
        + (f" {surface.drifting} drifting" if surface.drifting else "")
        for surface in picture.surfaces
    )
    return f"{_gauge(gauge)}; {surfaces}"


def _gauge(gauge: GaugeLine) -> str:
    if not gauge.known:
        return "unknown: no good reading of the master and a surface yet"
    flying = f", {gauge.in_flight} of them in flight" if gauge.in_flight else ""
    return (
        f"{gauge.drifting} of {gauge.tracked} SKUs drift{flying}: {gauge.oversell} oversell, {gauge.over} over, "
        f"{gauge.under} under; {gauge.unknown} unknown"
    )


async def print_changes(source: Source, write: Callable[[str], object], *, rounds: int | None = None) -> None:
    """Follows until cancelled (or for ``rounds`` looks); writes a line whenever it would differ from the last one."""
    last, told_at = "", time.time_ns() // 1_000_000  # what was told before is no news
    while rounds is None or rounds > 0:
        failed = ""
        try:
            await source.catch_up()
        except JournalError as error:
            failed = f"cannot follow the journal: {error}"
        now = time.time_ns() // 1_000_000
        source.model.tick(now)
        picture = source.model.picture(now)
        note = picture.settings
        if note is not None and note.at > told_at and note.text:
            told = "refused, those before hold on" if note.refused else "reloaded"
            write(f"{words.clock(now, None)} settings {told}: {note.text}\n")
            told_at = note.at
        line = source.trouble or failed or change_line(picture)
        if line != last:
            write(f"{words.clock(now, None)} {line}\n")
            last = line
        rounds = None if rounds is None else rounds - 1
        await asyncio.sleep(_EVERY)
