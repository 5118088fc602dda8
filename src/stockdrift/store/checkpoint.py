"""Checkpoints in the journal: rules and values as JSON, levels as columns, and the catalogue in parts that they share.

What hardly differs is kept as what differs: a surface's quantities from the master's, times from those before, the
master's past from its present. SKUs, names and prices are most of what is known and hardly ever change, so they lie in
parts of their own, and a checkpoint writes those that changed since the one it is based on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.brief import Apart, Brief, Runs, whole
from stockdrift.stock.catalogue import PART
from stockdrift.stock.prices import Prices
from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import Snapshot, levels_of
from stockdrift.stock.texts import TextStore
from stockdrift.store.base import JournalError
from stockdrift.store.codec import rules_of_text, rules_text
from stockdrift.store.columns import (
    DamagedError,
    pack_apart,
    pack_column,
    pack_numbers,
    pack_texts,
    unpack_apart,
    unpack_column,
    unpack_numbers,
    unpack_texts,
)

_STEPS: Final = frozenset({"times", "parts.rows", "history/rows", "history/lows", "history/highs"})
_PAST: Final = "history/atps"
_SAMPLE: Final = 1024

_PARTS: Final = (
    "SELECT body FROM json_each(?, '$.catalogue') AS part JOIN catalogue ON catalogue.id = part.value ORDER BY part.key"
)
"""The parts of the catalogue that a header names, in one go: each step waits for whoever else is at work here."""


class _Head(msgspec.Struct, frozen=True):
    rules: msgspec.Raw
    values: dict[str, Any]
    size: int  # SKUs
    catalogue: list[int]  # its parts, in their order


class _Column(msgspec.Struct, array_like=True, frozen=True):
    kind: str
    count: int
    against: str  # what was subtracted: nothing, the number before ("steps"), or the master's level ("master")
    packed: bytes


class _Part(msgspec.Struct, array_like=True, frozen=True):
    count: int
    skus: bytes
    sku_lengths: bytes
    names: bytes
    name_lengths: bytes
    prices: bytes


def encode_checkpoint(snapshot: Snapshot) -> bytes:
    """All of ``snapshot`` but its catalogue, its rules and its values."""
    columns, base = snapshot.columns, levels_of(snapshot.rules.master.name, "quantities")
    master = whole(columns[base])
    body = {}
    for name, told in columns.items():
        if isinstance(told, Runs):
            body[name] = _Column(told.values.dtype.name, told.size, "steps", _pack_runs(told))
            continue
        column = whole(told)
        against, shown = ("", column) if name == base else _against(name, column, master, columns)
        body[name] = _Column(column.dtype.name, column.size, against, pack_column(shown))
    return msgspec.msgpack.encode(body)


def write_checkpoint(
    connection: sqlite3.Connection, number: int, at: int, snapshot: Snapshot, body: bytes, based_on: int
) -> None:
    """Within a transaction. Parts of the catalogue that did not change since checkpoint ``based_on`` are shared."""
    known = _parts_of(connection, based_on)
    size = len(snapshot.skus)
    parts = []
    for place in range(-(-size // PART)):
        if place < len(known) and place not in snapshot.touched:
            parts.append(known[place])
        else:
            part = _encode_part(snapshot, slice(place * PART, min((place + 1) * PART, size)))
            parts.append(connection.execute("INSERT INTO catalogue (body) VALUES (?)", (part,)).lastrowid or 0)
    head = _Head(msgspec.Raw(rules_text(snapshot.rules).encode()), snapshot.values, size, parts)
    header = msgspec.json.encode(head).decode()
    connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?)", (number, at, header, body))


def drop_checkpoint(connection: sqlite3.Connection, number: int) -> None:
    """Drops a checkpoint, and the parts of the catalogue that no other one names. Within a transaction."""
    connection.execute("DELETE FROM checkpoint WHERE number = ?", (number,))
    connection.execute(
        "DELETE FROM catalogue WHERE id NOT IN"
        " (SELECT value FROM checkpoint, json_each(checkpoint.header, '$.catalogue'))"
    )


def read_checkpoint(connection: sqlite3.Connection, at_most: int | None) -> tuple[int, Snapshot] | None:
    """The newest checkpoint, or the newest up to ``at_most``. Raises JournalError where it is damaged."""
    connection.execute("BEGIN")  # one view of it: another program may be dropping some of it
    try:
        row = connection.execute(
            "SELECT number, header, body FROM checkpoint WHERE number <= coalesce(?, number)"
            " AND number >= (SELECT number FROM beginning)"
            " ORDER BY number DESC LIMIT 1",
            (at_most,),
        ).fetchone()
        if row is None:
            return None
        found, header, body = row
        head = msgspec.json.decode(header, type=_Head)
        parts = [part for (part,) in connection.execute(_PARTS, (header,))]
    except msgspec.DecodeError as error:
        raise JournalError(f"The checkpoint at entry {found} of the journal is damaged: {error}.") from None
    finally:
        connection.execute("COMMIT")
    try:
        return found, _decode(head, parts, body)
    except (DamagedError, msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise JournalError(f"The checkpoint at entry {found} of the journal is damaged: {error}.") from None


def _parts_of(connection: sqlite3.Connection, number: int) -> Sequence[int]:
    row = connection.execute("SELECT header FROM checkpoint WHERE number = ?", (number,)).fetchone()
    if row is None:
        return ()
    try:
        return msgspec.json.decode(row[0], type=_Head).catalogue
    except msgspec.DecodeError:
        return ()


def _encode_part(snapshot: Snapshot, span: slice) -> bytes:
    skus, names = TextStore.of(snapshot.skus), TextStore.of(snapshot.names)
    prices = snapshot.prices[span]
    return msgspec.msgpack.encode(
        _Part(len(prices), *pack_texts(skus, span), *pack_texts(names, span), pack_numbers(prices))
    )


def _decode(head: _Head, parts: Iterable[bytes], body: bytes) -> Snapshot:
    rules: Rules = rules_of_text(bytes(head.rules).decode())
    found_parts = [msgspec.msgpack.decode(packed, type=_Part) for packed in parts]
    skus = unpack_texts([(part.skus, part.sku_lengths, part.count) for part in found_parts])
    names = unpack_texts([(part.names, part.name_lengths, part.count) for part in found_parts])
    if len(skus) != head.size:
        raise DamagedError(f"its catalogue holds {len(skus)} SKUs where {head.size} are due")
    found = msgspec.msgpack.decode(body, type=dict[str, _Column])
    master = levels_of(rules.master.name, "quantities")
    columns: dict[str, Brief] = {}
    for name in sorted(found, key=lambda name: (name != master, name == _PAST)):  # the last one needs its rows
        columns[name] = _unpacked(name, found[name], columns, master)
    return Snapshot(rules, skus, names, _prices(found_parts), head.values, columns)


def _prices(parts: Sequence[_Part]) -> Prices:
    prices = Prices(sum(part.count for part in parts))
    begin = 0
    unpriced: set[tuple[int, bytes]] = set()  # as all parts of a store whose feeds tell no prices, but the last
    for part in parts:
        if (part.count, part.prices) not in unpriced:
            found = unpack_numbers(part.prices, np.float64, part.count)
            prices.put(slice(begin, begin + part.count), found)
            if np.isnan(found).all():
                unpriced.add((part.count, part.prices))
        begin += part.count
    return prices


def _against(
    name: str, column: NDArray[Any], master: NDArray[np.int32], columns: Mapping[str, Brief]
) -> tuple[str, NDArray[Any]]:
    """What is worth subtracting from a column, and what is left."""
    if name in _STEPS or name.endswith("/since.rows"):
        return "steps", np.diff(column, prepend=column.dtype.type(0))
    if name == _PAST:
        return "master", column - master[whole(columns["history/rows"])]
    if name.endswith("/quantities"):
        step = max(1, column.size // _SAMPLE)
        if np.count_nonzero(column[::step] == master[::step]) * 2 > len(column[::step]):
            return "master", column - master
    return "", column


def _unpacked(name: str, column: _Column, columns: Mapping[str, Brief], master: str) -> Brief:
    """A column as it is kept: briefly, where it is nearly all of one kind."""
    apart = unpack_apart(column.packed, column.kind, column.count) if column.against else None
    brief = apart if apart is not None and apart[0] == 0 else None
    if column.against == "steps":
        return _climbed(column) if brief is None else _runs(*brief[1:], column.count)
    if column.against != "master":
        return unpack_column(column.packed, column.kind, column.count)
    base = whole(columns[master])
    if name == _PAST:
        base = _at(base, whole(columns["history/rows"]))
    if base.size != column.count:
        raise DamagedError(f"its {name} are {column.count} where {base.size} are due")
    if brief is None:
        sums: NDArray[Any] = unpack_column(column.packed, column.kind, column.count) + base
        return sums
    return Apart(base, *brief[1:])


def _pack_runs(runs: Runs) -> bytes:
    """As :func:`pack_column` packs the steps of the column, which is not made: of a million numbers few begin a run."""
    steps = np.diff(runs.values, prepend=runs.values.dtype.type(0))
    turns = steps != 0
    return pack_apart(runs.begins[turns], steps[turns], runs.size)


def _climbed(column: _Column) -> NDArray[Any]:
    steps = unpack_column(column.packed, column.kind, column.count)
    climbed: NDArray[Any] = np.cumsum(steps, dtype=steps.dtype, out=steps if steps.flags.writeable else None)
    return climbed


def _runs(rows: NDArray[np.int32], steps: NDArray[Any], size: int) -> Runs:
    """What climbs by ``steps`` at ``rows`` and nowhere else."""
    begins, values = rows.astype(np.int64), np.cumsum(steps, dtype=steps.dtype)
    if size and not (begins.size and begins[0] == 0):
        begins, values = np.insert(begins, 0, 0), np.insert(values, 0, 0)
    return Runs(begins, values, size)


def _at(column: NDArray[Any], rows: NDArray[np.int32]) -> NDArray[Any]:
    """The numbers at ``rows``; where these are all rows in their order, the column itself."""
    everything = rows.size == column.size > 0 and rows[0] == 0 and rows[-1] == column.size - 1
    if everything and (rows[1:] > rows[:-1]).all():
        return column
    return column[rows]
