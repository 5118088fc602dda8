"""What operators say as rows and back: a kind, and a header that people and SQL can read. The surface is the row's
subject.
"""

from __future__ import annotations

from typing import Final

import msgspec

from stockdrift.stock.entries import BufferRuling, Ignoring, Remarked, Ruling, Saying
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope, Tolerance

RULING: Final = "ruling"
BUFFER: Final = "buffer"
IGNORING: Final = "ignoring"
REMARK: Final = "remark"

KINDS: Final = frozenset({RULING, BUFFER, IGNORING, REMARK})


class _Ruling(msgspec.Struct, omit_defaults=True, frozen=True):
    operator: str
    sku: str = ""
    tolerance: Tolerance | None = None
    undoes: int = 0
    reason: str = ""


class _Buffer(msgspec.Struct, omit_defaults=True, frozen=True):
    operator: str
    sku: str = ""
    units: int | None = None
    undoes: int = 0
    reason: str = ""


class _Ignoring(msgspec.Struct, omit_defaults=True, frozen=True):
    operator: str
    sku: str
    ignore: Ignore | None = None
    undoes: int = 0


class _Remark(msgspec.Struct, omit_defaults=True, frozen=True):
    operator: str
    kind: RemarkKind
    sku: str = ""
    remark: Remark | None = None
    undoes: int = 0


def encode_saying(entry: Saying) -> tuple[str, str]:
    """The kind of its row, and its header as JSON."""
    who, sku, undoes = entry.operator, entry.scope.sku, entry.undoes
    head: msgspec.Struct
    match entry:
        case Ruling():
            kind, head = RULING, _Ruling(who, sku, entry.tolerance, undoes, entry.reason)
        case BufferRuling():
            kind, head = BUFFER, _Buffer(who, sku, entry.units, undoes, entry.reason)
        case Ignoring():
            kind, head = IGNORING, _Ignoring(who, sku, entry.ignore, undoes)
        case Remarked():
            kind, head = REMARK, _Remark(who, entry.kind, sku, entry.remark, undoes)
    return kind, msgspec.json.encode(head).decode()


def decode_saying(number: int, kind: str, at: int, surface: str, header: str) -> Saying:
    """What a row of one of :data:`KINDS` says. Raises msgspec.DecodeError."""
    match kind:
        case "ruling":
            ruling = msgspec.json.decode(header, type=_Ruling)
            scope = Scope(surface, ruling.sku)
            return Ruling(at, ruling.operator, scope, ruling.tolerance, ruling.undoes, number, ruling.reason)
        case "buffer":
            held = msgspec.json.decode(header, type=_Buffer)
            return BufferRuling(
                at, held.operator, Scope(surface, held.sku), held.units, held.undoes, number, held.reason
            )
        case "ignoring":
            said = msgspec.json.decode(header, type=_Ignoring)
            return Ignoring(at, said.operator, Scope(surface, said.sku), said.ignore, said.undoes, number)
        case _:
            told = msgspec.json.decode(header, type=_Remark)
            return Remarked(at, told.operator, told.kind, Scope(surface, told.sku), told.remark, told.undoes, number)
