"""What an operator said, in words: for a SKU's events, the record of changes, and a terminal without a console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from stockdrift.stock.entries import BufferRuling, Ignoring, Remarked, Ruling, Saying
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope
from stockdrift.stock.words import age, named, several

_DOES: Final = {
    RemarkKind.PAUSE: "pauses",
    RemarkKind.ACKNOWLEDGE: "acknowledges",
    RemarkKind.SNOOZE: "snoozes",
    RemarkKind.CLAIM: "claims",
}
_NO_LONGER: Final = {
    RemarkKind.PAUSE: "has {} read again",
    RemarkKind.ACKNOWLEDGE: "takes back the acknowledgement of {}",
    RemarkKind.SNOOZE: "wakes {}",
    RemarkKind.CLAIM: "gives {} up",
    RemarkKind.NOTE: "takes away the note on {}",
}


def word(entry: Saying) -> str:
    """The one word for what was said, as lists and records name it."""
    match entry:
        case Ruling():
            return "tolerance"
        case BufferRuling():
            return "buffer"
        case Ignoring():
            return "ignore"
        case Remarked():
            return str(entry.kind)


def sentence(entry: Saying) -> str:
    """Who said what of what, and why: ``"anna set Facebook to 2 units: counted by hand"``."""
    who, what = entry.operator, named(entry.scope)
    match entry:
        case Ruling():
            value = "as the settings have it" if entry.tolerance is None else str(entry.tolerance)
            return _because(f"{who} set {what} to {value}", entry.reason)
        case BufferRuling(units=None):
            return _because(f"{who} holds back of {what} what the settings say", entry.reason)
        case BufferRuling():
            return _because(f"{who} holds back {several(entry.units or 0, 'unit')} of {what}", entry.reason)
        case Ignoring(ignore=Ignore(reason=reason, until=until)):
            return f"{who} ignores {what} for {age(until - entry.at)}: {reason}"
        case Ignoring():
            return f"{who} no longer ignores {what}"
        case Remarked():
            return _remark(entry, who, what)


def value_text(entry: Saying) -> str:
    """What it says, as short as a column of a record; empty where it takes back what was said before."""
    match entry:
        case Ruling():
            return "" if entry.tolerance is None else str(entry.tolerance)
        case BufferRuling():
            return "" if entry.units is None else several(entry.units, "unit")
        case Ignoring():
            return "" if entry.ignore is None else "ignored"
        case Remarked():
            return "" if entry.remark is None else entry.kind.done


def reason_of(entry: Saying) -> str:
    """Why, in the operator's words; of a note its text."""
    match entry:
        case Ruling() | BufferRuling():
            return entry.reason
        case Ignoring():
            return "" if entry.ignore is None else entry.ignore.reason
        case Remarked():
            return "" if entry.remark is None else entry.remark.text


class Spoken(Struct, frozen=True):
    """What was said, with the value that an operator had given before: empty where none had, and the settings' held."""

    entry: Saying
    before: str
    after: str


def spoken(entries: Iterable[Saying]) -> Iterator[Spoken]:
    """``entries``, in the order in which they were said, each with what it changed."""
    held: dict[tuple[str, Scope], str] = {}
    for entry in entries:
        key, after = (word(entry), entry.scope), value_text(entry)
        yield Spoken(entry, held.get(key, ""), after)
        held[key] = after


def until_of(entry: Saying) -> int | None:
    """Its end (ms), where it has one."""
    match entry:
        case Ignoring(ignore=Ignore(until=until)) | Remarked(remark=Remark(until=until)):
            return until
        case _:
            return None


def _remark(entry: Remarked, who: str, what: str) -> str:
    remark = entry.remark
    if remark is None or not remark.holds(entry.at):
        return f"{who} {_NO_LONGER[entry.kind].format(what)}"
    if entry.kind is RemarkKind.NOTE:
        return f"{who} on {what}: {remark.text}"
    lasting = "" if remark.until is None else f" for {age(remark.until - entry.at)}"
    return _because(f"{who} {_DOES[entry.kind]} {what}{lasting}", remark.text)


def _because(text: str, reason: str) -> str:
    return f"{text}: {reason}" if reason else text
