"""``stockdrift settings``: every value that holds and where it comes from; secrets are not shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, to_builtins

from stockdrift.commands.action_text import local, utc
from stockdrift.commands.ending import DONE, guarded, json_line, put
from stockdrift.commands.recorded import known_to
from stockdrift.settings import journal_path, load, rules_of
from stockdrift.settings.effective import DEFAULT, ENVIRONMENT, buffer_key, effective, tolerance_key
from stockdrift.settings.problems import dotted
from stockdrift.stock.entries import BufferRuling, Ignoring, Ruling
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.telling import reason_of, until_of, value_text
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.entries import Saying

SCHEMA: Final = 1
OPERATOR: Final = "operator"


class Line(Struct, frozen=True):
    """A value that holds. ``origin`` is default, file, environment or operator; ``instead_of`` what the settings say
    where an operator outranks them; ``at`` ms.
    """

    key: str
    value: str
    origin: str
    where: str = ""
    at: int | None = None
    reason: str = ""
    until: int | None = None
    instead_of: str | None = None


def run(settings_file: Path | None, *, effective: bool, as_json: bool) -> int:
    """Prints them: those that are set, or all where ``effective``; returns the exit status."""
    return guarded(lambda: _print(load(settings_file), everything=effective, as_json=as_json))


def _print(settings: Settings, *, everything: bool, as_json: bool) -> int:
    lines = [line for line in _lines(settings) if everything or line.origin != DEFAULT]
    if as_json:
        said = {
            "schema": SCHEMA,
            "file": str(settings.file),
            "journal": str(journal_path(settings)),
            "values": [
                {
                    **to_builtins(line),
                    "at": None if line.at is None else utc(line.at),
                    "until": None if line.until is None else utc(line.until),
                }
                for line in lines
            ],
        }
        put(json_line(said))
        return DONE
    keys, values = (max((len(getattr(line, name)) for line in lines), default=0) for name in ("key", "value"))
    told = [f"{line.key:<{keys}}  {line.value:<{min(values, 40)}}  {_by(line)}\n" for line in lines]
    put(f"File: {settings.file}\nJournal: {journal_path(settings)}\n\n" + "".join(told))
    return DONE


def _by(line: Line) -> str:
    if line.origin != OPERATOR:
        return f"environment: {line.where}" if line.origin == ENVIRONMENT else line.origin
    until = "" if line.until is None else f" until {local(line.until)}"
    said = f"{line.where}, {local(line.at or 0)}{until}" + (f": {line.reason}" if line.reason else "")
    return said + (f" (in the settings: {line.instead_of})" if line.instead_of is not None else "")


def _lines(settings: Settings) -> Iterator[Line]:
    """All values as the settings state them, those that operators outrank by their word; then what only they say."""
    said = {key: line for entry in _said(settings) for key, line in [_operators(entry)] if key}
    for one in effective(settings):
        outranks = said.pop(one.key, None)
        if outranks is None:
            yield Line(one.key, one.value, one.origin, one.where)
        else:
            yield Line(**{**to_builtins(outranks), "instead_of": one.value})
    yield from said.values()


def _operators(entry: Saying) -> tuple[str, Line]:
    """What an operator says of a value, by the key that the settings have for it; an empty key for what is none."""
    scope = entry.scope
    match entry:
        case Ruling():
            key = tolerance_key(scope)
        case BufferRuling():
            key = buffer_key(scope)
        case Ignoring():
            key = dotted(("ignore", scope.surface, scope.sku) if scope.surface else ("ignore", scope.sku))
        case _ if entry.kind is RemarkKind.PAUSE:
            key = dotted(("surfaces", scope.surface, "paused"))
        case _:
            key = ""
    value = str(entry.units) if isinstance(entry, BufferRuling) else value_text(entry)
    return key, Line(key, value, OPERATOR, entry.operator, entry.at, reason_of(entry), until_of(entry))


def _said(settings: Settings) -> list[Saying]:
    """What operators say that stands; nothing where there is no journal yet."""
    file = journal_path(settings)
    if not file.exists():
        return []
    monitor = asyncio.run(known_to(file, rules_of(settings)))
    return monitor.said.standing(max(wall_clock(), monitor.board.now))
