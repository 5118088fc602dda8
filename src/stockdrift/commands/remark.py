"""``stockdrift pause``, ``resume``, ``ack``, ``snooze``, ``claim`` and ``note``: what changes no verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.commands.action_text import local, utc
from stockdrift.commands.ending import DONE, UsageError, guarded, json_line, put
from stockdrift.commands.operator import operator
from stockdrift.commands.speaking import Known, journal_of, scope_of, told
from stockdrift.console.until import parse_until
from stockdrift.settings import load
from stockdrift.stock.entries import Remarked, Saying
from stockdrift.stock.quiet import gravity, is_unknown
from stockdrift.stock.remarks import CLAIM_LASTS, QUIET, Remark, RemarkKind, misplaced
from stockdrift.stock.rules import Scope
from stockdrift.stock.telling import sentence
from stockdrift.stock.text import clean
from stockdrift.stock.words import named

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.stock.remarks import Told

SCHEMA: Final = 1

_WITH_REASON: Final = (RemarkKind.PAUSE, RemarkKind.SNOOZE)


class Wish(Struct, frozen=True):
    """What an operator asks for. ``kind`` is a :class:`RemarkKind`; ``text`` the reason, or the note itself."""

    kind: str
    sku: str
    surface: str
    text: str
    until: str
    take_back: bool
    as_json: bool


def run(settings_file: Path | None, wish: Wish) -> int:
    """Says it, and what that means; returns the exit status."""
    return guarded(lambda: asyncio.run(_say(load(settings_file), wish)))


async def _say(settings: Settings, wish: Wish) -> int:
    kind, text = RemarkKind(wish.kind), clean(wish.text)
    async with journal_of(settings) as known:
        scope = scope_of(known.monitor, wish.surface, wish.sku)
        if kind is RemarkKind.NOTE and not text and not wish.take_back:
            _list(list(known.monitor.said.remarks.standing(known.now, kind)), wish)
            return DONE
        wrong = misplaced(kind, scope)
        if wrong:
            raise UsageError(wrong)
        if wish.take_back:
            if known.monitor.said.remarks.of(kind, scope, known.now) is None:
                raise UsageError(f"{named(scope)} is not {kind.done}: nothing to take back")
            remark = None
        else:
            remark = _remark(known, wish, kind, scope, text)
        before = known.monitor.said.remarks.of(kind, scope, known.now)
        entry = known.monitor.said.completed(Remarked(known.now, operator(), kind, scope, remark))
        await known.say(entry)
        said = f"{sentence(entry)}.\n{_means(kind, remark)}\n{_instead_of(before, entry)}"
        put(json_line({"schema": SCHEMA, **told(entry)}) if wish.as_json else said)
    return DONE


def _remark(known: Known, wish: Wish, kind: RemarkKind, scope: Scope, text: str) -> Remark:
    """What is to be said. Raises UsageError where something is missing."""
    if kind in _WITH_REASON and not text:
        raise UsageError("say why with --reason: whoever asks later wants to know")
    if kind is RemarkKind.SNOOZE and not wish.until:
        raise UsageError("say until when with --until: a snooze has an end")
    worst = gravity(known.monitor, scope)
    if kind in QUIET and is_unknown(known.monitor, scope):
        raise UsageError(f"nothing is known of {named(scope)} now: what is to be {kind.done} has to be read first")
    if kind in QUIET and scope.sku and not worst:
        raise UsageError(f"{named(scope)} is not known to drift: there is nothing to {kind}")
    until = None
    end = wish.until or (CLAIM_LASTS if kind is RemarkKind.CLAIM else "")
    if end:
        try:
            until = parse_until(end, known.now, None)
        except ValueError as error:
            raise UsageError(str(error)) from None
    return Remark(text, until, operator(), known.now, worst)


def _instead_of(before: Remark | None, entry: Saying) -> str:
    """Whose claim ends by this one."""
    claims = isinstance(entry, Remarked) and entry.kind is RemarkKind.CLAIM
    if before is None or not claims or before.by == entry.operator:
        return ""
    return f"{before.by} had claimed it since {local(before.since)}, and no longer does.\n"


def _means(kind: RemarkKind, remark: Remark | None) -> str:
    """What comes of it, for whoever sees it for the first time."""
    if remark is None:
        return "All is as it was before." if kind is not RemarkKind.PAUSE else "It is read at once, then on schedule."
    until = "" if remark.until is None else f" until {local(remark.until)}"
    return {
        RemarkKind.PAUSE: f"It is not read on schedule{until}: it grows stale, and check does not say 0.",
        RemarkKind.ACKNOWLEDGE: "The drift of now is marked as known; it is listed and counted as before.",
        RemarkKind.SNOOZE: f"It leaves the list{until}, or until it grows worse; it is counted as before.",
        RemarkKind.CLAIM: f"Every console shows who is at work on it{until}.",
        RemarkKind.NOTE: f"Every console shows it{until}.",
    }[kind]


def _list(notes: Sequence[Told], wish: Wish) -> None:
    if wish.as_json:
        lines = [
            {
                "surface": one.scope.surface or None,
                "sku": one.scope.sku or None,
                "text": one.remark.text,
                "by": one.remark.by,
                "since": utc(one.remark.since),
                "until": None if one.remark.until is None else utc(one.remark.until),
            }
            for one in notes
        ]
        put(json_line({"schema": SCHEMA, "notes": lines}))
        return
    text = "".join(
        f"{local(one.remark.since)} {one.remark.by} on {named(one.scope)}: {one.remark.text}\n" for one in notes
    )
    put(text or "No note stands.\n")
