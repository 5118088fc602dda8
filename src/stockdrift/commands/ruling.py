"""``stockdrift tolerance`` and ``buffer``: what holds and who says so; to set it, to take it back, to try it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct

from stockdrift.commands.action_text import utc
from stockdrift.commands.ending import DONE, UsageError, guarded, json_line, put
from stockdrift.commands.operator import operator
from stockdrift.commands.speaking import Known, effect, journal_of, local_of, scope_of
from stockdrift.settings import load
from stockdrift.settings.effective import buffer_key, origins, tolerance_key
from stockdrift.settings.values import parse_tolerance
from stockdrift.stock.entries import BufferRuling, Ruling
from stockdrift.stock.rules import (
    Holding,
    Rules,
    Scope,
    Tolerance,
    holding_buffer,
    holding_tolerance,
    stated_buffer,
    stated_tolerance,
)
from stockdrift.stock.sayings import said
from stockdrift.stock.telling import reason_of
from stockdrift.stock.text import clean
from stockdrift.stock.words import named, several

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor

Value = TypeVar("Value")

SCHEMA: Final = 1


class Wish(Struct, frozen=True):
    """What an operator asks for. ``kind`` is tolerance or buffer; ``value`` None: to be told what holds."""

    kind: str
    value: str | None
    floor: int | None
    surface: str
    sku: str
    reason: str
    take_back: bool
    dry_run: bool
    as_json: bool


def run(settings_file: Path | None, wish: Wish) -> int:
    """Does it and says so; returns the exit status."""
    return guarded(lambda: asyncio.run(_rule(load(settings_file), wish)))


async def _rule(settings: Settings, wish: Wish) -> int:
    kind = _KINDS[wish.kind]
    value = kind.parse(wish)
    async with journal_of(settings) as known:
        scope = scope_of(known.monitor, wish.surface, wish.sku)
        if value is None and not wish.take_back:
            rows = list(_holding(known.monitor, kind, scope, origins(settings)))
            _print(wish, {"schema": SCHEMA, "kind": wish.kind, "holds": rows}, _table(wish, rows))
            return DONE
        if kind.of_no_store and scope == Scope():
            raise UsageError(f"a {wish.kind} is of a surface or of a SKU: give --surface, --sku or both")
        if value is not None and not wish.reason.strip() and not wish.dry_run:
            raise UsageError("say why with --reason: whoever asks later wants to know")
        await _change(known, wish, kind.entry(known.now, operator(), scope, value, clean(wish.reason)))
    return DONE


async def _change(known: Known, wish: Wish, asked: Ruling | BufferRuling) -> None:
    """Records it, unless it is only tried, and says what that did."""
    monitor, kind = known.monitor, _KINDS[wish.kind]
    entry = monitor.said.completed(asked)
    was = kind.exactly_text(monitor, entry.scope)
    same = kind.ruled(monitor).get(entry.scope) == said(entry)
    if not (wish.dry_run or same):
        await known.say(entry)
    before, after = effect(monitor, entry)
    report = {
        "schema": SCHEMA,
        "kind": wish.kind,
        "surface": entry.scope.surface or None,
        "sku": entry.scope.sku or None,
        "before": was,
        "after": kind.exactly_text(monitor, entry.scope),
        "recorded": not (wish.dry_run or same),
        **{
            name: {"before": getattr(before, name), "after": getattr(after, name)}
            for name in ("drifting", "oversell", "over", "under", "unknown")
        },
    }
    _print(wish, report, _done(wish, entry.scope, report))


def _holding(monitor: Monitor, kind: _Kind[Any], scope: Scope, where: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What holds for ``scope``: for a SKU on every surface; for the store, all that is set."""
    rules, ruled = monitor.rules, kind.ruled(monitor)
    said = {entry.scope: entry for entry in monitor.said.standing(monitor.board.now) if isinstance(entry, kind.type)}

    def row(of: Scope, held: Holding[Any]) -> dict[str, Any]:
        by = said.get(held.scope) if held.ruled else None
        return {
            "surface": of.surface or None,
            "sku": of.sku or None,
            "value": kind.text(held.value),
            "set_for": named(held.scope),
            "by": "the settings" if by is None else by.operator,
            "origin": where.get(kind.key(held.scope), "default") if by is None else "operator",
            "at": None if by is None else utc(by.at),
            "reason": "" if by is None else reason_of(by),
        }

    if scope != Scope():
        for one in [scope.surface] if scope.surface else monitor.surface_names():
            yield row(Scope(one, scope.sku), kind.holding(rules, ruled, one, scope.sku))
        return
    named_by_file = [Scope("", sku) for sku in rules.tolerances] if not kind.of_no_store else []
    for surface in rules.surfaces:
        held = surface.buffers if kind.of_no_store else surface.tolerances
        named_by_file += [Scope(surface.name), *(Scope(surface.name, sku) for sku in held)]
    wanted = dict.fromkeys(([] if kind.of_no_store else [Scope()]) + sorted({*named_by_file, *ruled}, key=_order))
    for of in wanted:
        found = kind.exactly(monitor, of)
        if found is not None:
            yield row(of, Holding(found, of, ruled=of in ruled))


def _order(scope: Scope) -> tuple[bool, str, str]:
    return bool(scope.sku), scope.surface, scope.sku


def _table(wish: Wish, rows: Sequence[dict[str, Any]]) -> str:
    cells = []
    for row in rows:
        of = named(Scope(row["surface"] or "", row["sku"] or ""))
        if row["at"]:
            why = f": {row['reason']}" if row["reason"] else ""
            by = f"{row['by']}, {local_of(row['at'])}{why}"
        else:
            by = row["origin"] if row["origin"] != "file" else "settings file"
        set_for = "" if row["set_for"] == of else f"as set for {row['set_for']}"
        cells.append((of, row["value"], ", ".join(filter(None, (set_for, by)))))
    if not cells:
        return f"No {wish.kind} is set.\n"
    widths = [max(len(line[place]) for line in cells) for place in (0, 1)]
    return "".join(f"{of:<{widths[0]}}  {value:<{widths[1]}}  {by}\n" for of, value, by in cells)


def _done(wish: Wish, scope: Scope, report: Mapping[str, Any]) -> str:
    drifting, oversell, unknown = report["drifting"], report["oversell"], report["unknown"]
    before, after = report["before"], report["after"]
    what = f"{wish.kind.capitalize()} of {named(scope)}"
    if wish.dry_run:
        lines = [f"{what} would be {after}, {before} now."]
    else:
        lines = [f"{what} is {after}, {before} before." if report["recorded"] else f"{what} is {after} already."]
    verb = "drifts" if drifting["after"] == 1 else "drift"
    lines.append(f"{drifting['after']:,} {verb} instead of {drifting['before']:,}; {oversell['after']:,} oversell.")
    if wish.kind == "tolerance" and oversell["after"]:
        lines.append("No tolerance hides an oversell: where nothing is left, none applies.")
    if unknown["after"]:
        lines.append(f"{unknown['after']:,} unknown besides: nothing is known of them now.")
    if wish.dry_run:
        lines.append("Nothing was recorded.")
    return "\n".join(lines) + "\n"


def _print(wish: Wish, report: Mapping[str, Any], text: str) -> None:
    put(json_line(report) if wish.as_json else text)


def _tolerance(wish: Wish) -> Tolerance | None:
    if wish.value is None and wish.floor is not None:
        raise UsageError("a floor goes with a percentage")
    found = _parsed(wish)
    if found is None or not found.percent:
        if wish.floor is not None:
            raise UsageError("a floor goes with a percentage; units need none")
        return found
    return Tolerance(wish.floor or 0, found.percent)


def _buffer(wish: Wish) -> int | None:
    if wish.value is not None and not wish.value.strip().isdecimal():
        raise UsageError("a buffer is whole units, such as 2")
    found = _parsed(wish)
    return None if found is None else found.units


def _parsed(wish: Wish) -> Tolerance | None:
    if wish.value is None:
        return None
    if wish.take_back:
        raise UsageError("either a value or --take-back")
    try:
        return parse_tolerance(wish.value)
    except ValueError as error:
        raise UsageError(str(error)) from None


class _Kind(Struct, Generic[Value], frozen=True):
    """How a tolerance, or a buffer, is read, held, ruled and told. ``type`` is the entry that rules it."""

    type: type[Ruling] | type[BufferRuling]
    parse: Callable[[Wish], Value | None]
    entry: Callable[[int, str, Scope, Value | None, str], Ruling | BufferRuling]
    ruled: Callable[[Monitor], Mapping[Scope, Value]]
    stated: Callable[[Rules, Scope], Value | None]
    holding: Callable[[Rules, Mapping[Scope, Value], str, str], Holding[Value]]
    text: Callable[[Value], str]
    key: Callable[[Scope], str]
    of_no_store: bool = False

    def exactly(self, monitor: Monitor, scope: Scope) -> Value | None:
        """What is set for just this scope, by whomever."""
        found = self.ruled(monitor).get(scope)
        return self.stated(monitor.rules, scope) if found is None else found

    def exactly_text(self, monitor: Monitor, scope: Scope) -> str:
        """The same in words; where nothing is set for it, what holds instead."""
        found = self.exactly(monitor, scope)
        if found is not None:
            return self.text(found)
        if not scope.surface:
            return "not set"
        held = self.holding(monitor.rules, self.ruled(monitor), scope.surface, scope.sku)
        return f"{self.text(held.value)} (as set for {named(held.scope)})"


_KINDS: Final[Mapping[str, _Kind[Any]]] = {
    "tolerance": _Kind(
        type=Ruling,
        parse=_tolerance,
        entry=lambda at, who, scope, value, reason: Ruling(at, who, scope, value, reason=reason),
        ruled=lambda monitor: monitor.said.tolerances,
        stated=stated_tolerance,
        holding=holding_tolerance,
        text=str,
        key=tolerance_key,
    ),
    "buffer": _Kind(
        type=BufferRuling,
        parse=_buffer,
        entry=lambda at, who, scope, value, reason: BufferRuling(at, who, scope, value, reason=reason),
        ruled=lambda monitor: monitor.said.buffers,
        stated=stated_buffer,
        holding=holding_buffer,
        text=lambda units: several(units, "unit"),
        key=buffer_key,
        of_no_store=True,
    ),
}
