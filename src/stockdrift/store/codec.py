"""Entries as rows and back: a header that people and SQL can read, and a body of packed columns for polls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec
import numpy as np

from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionStep, ActionStopAsked, RowChange, RowState
from stockdrift.stock.entries import (
    BufferRuling,
    Changes,
    CollectorNote,
    Entry,
    Ignoring,
    Naming,
    Poll,
    PollSummary,
    Remarked,
    RereadAsked,
    RulesChanged,
    Ruling,
)
from stockdrift.stock.reading import BadRow, Call, Covers, Outcome, Traffic
from stockdrift.stock.rules import Rules
from stockdrift.stock.values import replace
from stockdrift.store.base import EntryError, JournalError
from stockdrift.store.columns import (
    DamagedError,
    pack_items,
    pack_numbers,
    pack_rows,
    unpack_items,
    unpack_numbers,
    unpack_rows,
)
from stockdrift.store.said import KINDS, decode_saying, encode_saying
from stockdrift.store.strings import pack_strings, unpack_strings

POLL: Final = "poll"
RULES: Final = "rules"
REREAD: Final = "reread"
NOTE: Final = "note"
ACTION: Final = "action"
STEP: Final = "step"
STOP: Final = "stop"
DISMISSAL: Final = "dismissal"

_PARTS: Final = 4

_Head = TypeVar("_Head", bound=msgspec.Struct)


class Row(NamedTuple):
    """An entry without its number, as the table holds it."""

    kind: str
    at: int
    subject: str  # the surface; of a note, its event
    header: str  # JSON
    body: bytes


class _PollHead(msgspec.Struct, omit_defaults=True, frozen=True):
    """What is asked of many polls at once, and how long the columns of the body are."""

    outcome: Outcome
    covers: Covers
    started_at: int
    reason: str = ""
    as_of: int | None = None
    next_at: int | None = None
    listed: int = 0
    changed: int = 0
    new: int = 0
    named: int = 0
    parts: bool = False
    bad: int = 0
    nameless: int = 0
    requests: int = 0
    failures: int = 0
    throttled: int = 0
    bytes: int = 0
    budget: float | None = None
    calls: Sequence[Call] = ()


class _PollBody(msgspec.Struct, array_like=True, frozen=True):
    rows: bytes
    states: bytes
    quantities: bytes
    reasons: bytes
    parts: bytes
    new_skus: bytes
    named_rows: bytes
    names: bytes
    prices: bytes
    bad_rows: bytes


class _RereadHead(msgspec.Struct, frozen=True):
    operator: str


class _ActionHead(msgspec.Struct, omit_defaults=True, frozen=True):
    operator: str
    kind: str
    surface: str
    reason: str
    note: str
    rows: tuple[RowChange, ...]
    typed: str = ""
    undoes: str = ""
    retries: str = ""
    trust: str = ""
    overrides: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


class _DismissalHead(msgspec.Struct, frozen=True):
    operator: str
    reason: str


class _StepHead(msgspec.Struct, omit_defaults=True, frozen=True):
    state: RowState
    places: tuple[int, ...]
    why: str = ""
    sent: str = ""
    answer: str = ""


class _NoteHead(msgspec.Struct, omit_defaults=True, frozen=True):
    text: str = ""


def encode(entry: Entry) -> Row:
    """The row of ``entry``."""
    match entry:
        case Poll():
            return _encode_poll(entry)
        case RulesChanged():
            return Row(RULES, entry.at, "", rules_text(entry.rules), b"")
        case Ruling() | BufferRuling() | Ignoring() | Remarked():
            kind, header = encode_saying(entry)
            return Row(kind, entry.at, entry.scope.surface, header, b"")
        case RereadAsked():
            return Row(REREAD, entry.at, entry.surface, _json(_RereadHead(entry.operator)), b"")
        case ActionAsked():
            asked = _ActionHead(
                entry.operator, entry.kind, entry.surface, entry.reason, entry.note, tuple(entry.rows), entry.typed,
                entry.undoes, entry.retries, entry.trust, tuple(entry.overrides), tuple(entry.settled),
            )  # fmt: skip
            return Row(ACTION, entry.at, entry.key, _json(asked), b"")
        case ActionStep():
            step = _StepHead(entry.state, tuple(entry.places), entry.why, entry.sent, entry.answer)
            return Row(STEP, entry.at, entry.key, _json(step), b"")
        case ActionStopAsked():
            return Row(STOP, entry.at, entry.key, _json(_RereadHead(entry.operator)), b"")
        case ActionDismissed():
            dismissal = _DismissalHead(entry.operator, entry.reason)
            return Row(DISMISSAL, entry.at, entry.key, _json(dismissal), b"")
        case CollectorNote():
            return Row(NOTE, entry.at, entry.event, _json(_NoteHead(entry.text)), b"")


def decode(number: int, row: Row) -> Entry:
    """The entry of ``row``. Raises EntryError, naming it."""
    kind, at, subject, header, _ = row
    try:
        match kind:
            case "poll":
                return _decode_poll(number, row)
            case "rules":
                return RulesChanged(at, rules_of_text(header), number)
            case _ if kind in KINDS:
                return decode_saying(number, kind, at, subject, header)
            case "reread":
                return RereadAsked(at, _read(header, _RereadHead).operator, subject, number)
            case "action":
                asked = _read(header, _ActionHead)
                return ActionAsked(
                    at, asked.operator, subject, asked.kind, asked.surface, asked.reason, asked.note, asked.rows,
                    asked.typed, asked.undoes, asked.retries, asked.trust, asked.overrides, number, asked.settled,
                )  # fmt: skip
            case "step":
                step = _read(header, _StepHead)
                return ActionStep(at, subject, step.state, step.places, step.why, step.sent, step.answer, number)
            case "stop":
                return ActionStopAsked(at, _read(header, _RereadHead).operator, subject, number)
            case "dismissal":
                dismissal = _read(header, _DismissalHead)
                return ActionDismissed(at, dismissal.operator, subject, dismissal.reason, number)
            case "note":
                return CollectorNote(at, subject, _read(header, _NoteHead).text, number)
            case _:
                raise DamagedError(f"its kind {kind!r} is unknown")
    except (DamagedError, msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
        raise EntryError(number, f"Entry {number} of the journal is damaged: {error}.") from None


def summarise(number: int, at: int, subject: str, header: str) -> PollSummary:
    """A poll without its body. Raises JournalError, naming the entry."""
    try:
        head = _read(header, _PollHead)
    except msgspec.DecodeError as error:
        raise JournalError(f"Entry {number} of the journal is damaged: {error}.") from None
    return PollSummary(
        number=number,
        surface=subject,
        outcome=head.outcome,
        reason=head.reason,
        started_at=head.started_at,
        read_at=at,
        listed=head.listed,
        changed=head.changed,
        requests=head.requests,
        failures=head.failures,
        bytes=head.bytes,
        covers=head.covers,
        as_of=head.as_of,
        bad_rows=head.bad,
        throttled=head.throttled,
        budget=head.budget,
        calls=head.calls,
    )


def decode_about(number: int, row: Row, wanted: int) -> Entry:
    """The entry of ``row``; of a poll only what it changed of the catalogue's row ``wanted``, which costs a fraction.

    Raises EntryError, naming it.
    """
    if row.kind != POLL:
        return decode(number, row)
    try:
        head = _read(row.header, _PollHead)
        changes = Changes()
        if row.body and head.changed:
            changes = _change_of(head, msgspec.msgpack.decode(row.body, type=_PollBody), wanted)
    except (DamagedError, msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
        raise EntryError(number, f"Entry {number} of the journal is damaged: {error}.") from None
    return Poll(
        surface=row.subject,
        outcome=head.outcome,
        covers=head.covers,
        started_at=head.started_at,
        read_at=row.at,
        reason=head.reason,
        as_of=head.as_of,
        listed=head.listed,
        changes=changes,
        number=number,
    )


def rules_text(rules: Rules) -> str:
    """``rules`` as JSON with its keys in order: the same text for equal rules, however they were made."""
    return msgspec.json.encode(rules, order="sorted").decode()


def rules_of_text(header: str) -> Rules:
    """The rules that :func:`rules_text` wrote. Raises msgspec.DecodeError."""
    rules = msgspec.json.decode(header, type=Rules)
    return replace(rules, surfaces=tuple(rules.surfaces))


def _encode_poll(poll: Poll) -> Row:
    changes, naming, traffic = poll.changes, poll.naming, poll.traffic
    head = _PollHead(
        outcome=poll.outcome,
        covers=poll.covers,
        started_at=poll.started_at,
        reason=poll.reason,
        as_of=poll.as_of,
        next_at=poll.next_at,
        listed=poll.listed,
        changed=len(changes),
        new=len(poll.new_skus),
        named=len(naming.rows),
        parts=changes.parts is not None,
        bad=poll.bad_count,
        nameless=poll.nameless,
        requests=traffic.requests,
        failures=traffic.failures,
        throttled=traffic.throttled,
        bytes=traffic.bytes,
        budget=traffic.budget,
        calls=traffic.calls,
    )
    body = b""
    if head.changed or head.parts or head.new or head.named or poll.bad_rows:
        packed = _PollBody(
            rows=pack_rows(changes.rows),
            states=pack_numbers(changes.states),
            quantities=pack_numbers(changes.quantities),
            reasons=pack_numbers(changes.reasons),
            parts=b"" if changes.parts is None else pack_numbers(changes.parts.T.reshape(-1)),
            new_skus=pack_strings(poll.new_skus),
            named_rows=pack_rows(naming.rows),
            names=pack_strings(naming.names),
            prices=pack_numbers(naming.prices),
            bad_rows=pack_items([(bad.row, bad.sku, bad.said) for bad in poll.bad_rows]),
        )
        body = msgspec.msgpack.encode(packed)
    return Row(POLL, poll.read_at, poll.surface, _json(head), body)


def _decode_poll(number: int, row: Row) -> Poll:
    head = _read(row.header, _PollHead)
    new_skus: Sequence[str] = ()
    bad_rows: tuple[BadRow, ...] = ()
    changes, naming = Changes(), Naming()
    if row.body:
        body = msgspec.msgpack.decode(row.body, type=_PollBody)
        changes = _changes(head, body)
        naming = Naming(
            unpack_rows(body.named_rows, head.named),
            _exactly(head.named, unpack_strings(body.names)),
            unpack_numbers(body.prices, np.float64, head.named),
        )
        new_skus = _exactly(head.new, unpack_strings(body.new_skus))
        bad_rows = tuple(BadRow(*bad) for bad in unpack_items(body.bad_rows, tuple[int, str, str]))
    elif head.changed or head.parts or head.new or head.named:
        raise DamagedError("its columns are missing")
    return Poll(
        surface=row.subject,
        outcome=head.outcome,
        covers=head.covers,
        started_at=head.started_at,
        read_at=row.at,
        reason=head.reason,
        as_of=head.as_of,
        listed=head.listed,
        new_skus=new_skus,
        changes=changes,
        naming=naming,
        bad_rows=bad_rows,
        bad_count=head.bad,
        nameless=head.nameless,
        traffic=Traffic(head.requests, head.failures, head.throttled, head.bytes, head.budget, head.calls),
        next_at=head.next_at,
        number=number,
    )


def _changes(head: _PollHead, body: _PollBody) -> Changes:
    count = head.changed
    parts = None
    if head.parts:
        columns = unpack_numbers(body.parts, np.int32, _PARTS * count).reshape(_PARTS, count)
        parts = np.ascontiguousarray(columns.T)
    return Changes(
        unpack_rows(body.rows, count),
        unpack_numbers(body.states, np.uint8, count),
        unpack_numbers(body.quantities, np.int32, count),
        unpack_numbers(body.reasons, np.uint8, count),
        parts,
    )


def _change_of(head: _PollHead, body: _PollBody, wanted: int) -> Changes:
    """What the body says of one row: the other columns are unpacked only where it is among the rows."""
    rows = unpack_rows(body.rows, head.changed)
    place = int(np.searchsorted(rows, wanted))
    if place == len(rows) or rows[place] != wanted:
        return Changes()
    here = slice(place, place + 1)
    return Changes(
        rows[here],
        unpack_numbers(body.states, np.uint8, head.changed)[here],
        unpack_numbers(body.quantities, np.int32, head.changed)[here],
        unpack_numbers(body.reasons, np.uint8, head.changed)[here],
    )


def _exactly(count: int, items: Sequence[str]) -> Sequence[str]:
    if len(items) != count:
        raise DamagedError(f"a list holds {len(items)} items where {count} are due")
    return items


def _json(head: msgspec.Struct) -> str:
    return msgspec.json.encode(head).decode()


def _read(header: str, kind: type[_Head]) -> _Head:
    return msgspec.json.decode(header, type=kind)
