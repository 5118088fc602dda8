"""``watch`` where there is no screen to draw on: a line for each change of what drifts, and which SKUs it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.console import words
from stockdrift.console.model import Model, Source
from stockdrift.stock.look import Look
from stockdrift.stock.picture import Cell, GaugeLine, Picture, SkuLine
from stockdrift.stock.words import several
from stockdrift.store.base import JournalError

_EVERY: Final = 0.25
_MOST: Final = 20
"""SKUs that one change names one by one, the worst first."""


def change_line(picture: Picture) -> str:
    """What drifts, in one line without its time."""
    gauge = picture.gauge
    surfaces = ", ".join(
        f"{words.title(surface.name)} {surface.status.value}"
        + (f" ({surface.reason})" if surface.reason else "")
        + (f" {surface.drifting:,} drifting" if surface.drifting else "")
        for surface in picture.surfaces
    )
    return f"{_gauge(gauge)}; {surfaces}"


def _gauge(gauge: GaugeLine) -> str:
    if not gauge.known:
        return "unknown: no good reading of the master and a surface yet"
    flying = f", {gauge.in_flight:,} of them in flight" if gauge.in_flight else ""
    return (
        f"{gauge.drifting:,} of {gauge.tracked:,} SKUs drift{flying}: "
        f"{gauge.oversell:,} oversell, {gauge.over:,} over, {gauge.under:,} under; {gauge.unknown:,} unknown"
    )


def sku_lines(model: Model, picture: Picture, before: Look | None, now: Look) -> Iterator[str]:
    """Which SKUs began to drift, got worse or ceased to since ``before`` (None: which drift), each without its time."""
    names = [surface.name for surface in picture.surfaces]
    if before is None:
        yield from _named(model, now.rows, now, names, "drifts")
        return
    changes = model.changes(before)
    yield from _named(model, changes.new, now, names, "new")
    yield from _named(model, changes.worse, now, names, "worse")
    if changes.lost:  # one by one they say no more than the line above does
        yield f"  {'unknown':<10}{several(changes.lost, 'SKU')} that drifted"
    else:
        yield from _named(model, np.setdiff1d(before.rows, now.rows), now, names, "no longer")


def _named(model: Model, rows: NDArray[np.int32], now: Look, names: list[str], word: str) -> Iterator[str]:
    """A line for each of ``rows``, the worst first, as many as anybody reads."""
    drift = np.isin(rows, now.rows)
    standings = np.zeros(len(rows), np.int32)
    standings[drift] = now.standings[np.searchsorted(now.rows, rows[drift])]
    told = rows[np.argsort(-standings, kind="stable")[:_MOST]]
    for line in model.lines(told) if len(told) else ():
        yield f"  {word:<10}{_sku(line, names)}"
    if len(rows) > len(told):
        yield f"  {word:<10}and {words.count(len(rows) - len(told))} more; stockdrift check lists all"


def _sku(line: SkuLine, names: list[str]) -> str:
    name = f"{line.sku} {line.name}".rstrip()
    if line.worst < 0:
        return name
    cell: Cell = line.cells[line.worst]
    shows = words.count(cell.reported) if isinstance(cell.reported, int) else cell.reported
    due = "" if cell.expected is None else f", should be {words.count(cell.expected)}"
    off = "" if cell.deviation is None else f", {words.signed(cell.deviation)}"
    return f"{line.severity.word} {name}: {words.title(names[line.worst])} shows {shows}{due}{off}"


async def print_changes(source: Source, write: Callable[[str], object], *, rounds: int | None = None) -> None:
    """Follows until cancelled (or for ``rounds`` looks); writes a line whenever it would differ from the last one, and
    below it the SKUs that made the difference.
    """
    last, told_at = "", time.time_ns() // 1_000_000  # what was told before is no news
    looked: Look | None = None
    version: object = None
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
        if picture.gauge.known and source.model.version != version:
            version, before, looked = source.model.version, looked, source.model.look(now)
            for said in sku_lines(source.model, picture, before, looked):
                write(f"{words.clock(now, None)} {said}\n")
        rounds = None if rounds is None else rounds - 1
        await asyncio.sleep(_EVERY)
