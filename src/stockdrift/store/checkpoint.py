"""A snapshot as one row: rules and values as JSON, its columns each packed as a poll's are."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import Snapshot
from stockdrift.store.base import JournalError
from stockdrift.store.codec import rules_of_text, rules_text
from stockdrift.store.columns import DamagedError, pack_items, pack_numbers, unpack_items, unpack_numbers

_KINDS: Final[dict[str, type[np.generic]]] = {
    "uint8": np.uint8,
    "int32": np.int32,
    "int64": np.int64,
    "float64": np.float64,
}


class _Body(msgspec.Struct, array_like=True, frozen=True):
    skus: bytes
    names: bytes
    columns: dict[str, tuple[str, int, bytes]]  # by name: kind of number, how many, packed


class _Head(msgspec.Struct, frozen=True):
    rules: msgspec.Raw
    values: dict[str, Any]


def encode_checkpoint(snapshot: Snapshot) -> tuple[str, bytes]:
    """Header and body of ``snapshot``."""
    head = _Head(msgspec.Raw(rules_text(snapshot.rules).encode()), snapshot.values)
    body = _Body(
        pack_items(snapshot.skus),
        pack_items(snapshot.names),
        {name: (column.dtype.name, column.size, pack_numbers(column)) for name, column in snapshot.columns.items()},
    )
    return msgspec.json.encode(head).decode(), msgspec.msgpack.encode(body)


def decode_checkpoint(number: int, header: str, body: bytes) -> Snapshot:
    """The snapshot that :func:`encode_checkpoint` wrote. Raises JournalError, naming the checkpoint."""
    try:
        head = msgspec.json.decode(header, type=_Head)
        rules: Rules = rules_of_text(bytes(head.rules).decode())
        packed = msgspec.msgpack.decode(body, type=_Body)
        columns = {
            name: unpack_numbers(frame, _KINDS[kind], count) for name, (kind, count, frame) in packed.columns.items()
        }
        skus, names = unpack_items(packed.skus, str), unpack_items(packed.names, str)
    except (DamagedError, msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise JournalError(f"The checkpoint at entry {number} of the journal is damaged: {error}.") from None
    return Snapshot(rules, skus, names, head.values, columns)
