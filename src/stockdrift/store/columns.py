"""Columns as bytes: rows as differences, the bytes of numbers sorted by significance, each column a zstd frame.

A frame carries its unpacked length and a checksum, so that damage is an error and never a wrong number.
Numbers are little-endian whatever machine wrote them. A column that is one value almost everywhere is that value, and
where it is another; one of small numbers is kept in fewer bytes a number.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from stockdrift.stock.texts import TextStore

_LEVEL: Final = 1
_LONGEST: Final = 2**30  # unpacked bytes of a text column; SQLite takes no larger value either

_SAMPLE: Final = 256
_ALIKE: Final = 0.6  # of a sample are one value: it is worth looking for the others
_SPARSE: Final = 0.25  # of a column may differ, and that is still kept by places

_KINDS: Final[dict[str, type[np.generic]]] = {
    "uint8": np.uint8,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float64": np.float64,
}


class DamagedError(ValueError):
    """Bytes that are not what was written; the message names what is wrong with them."""


class _Contexts(threading.local):
    """Compression contexts are costly to make and belong to one thread."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
        self.unpack = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def pack_numbers(column: NDArray[Any]) -> bytes:
    """A column of any fixed-size numbers; empty for an empty one."""
    if not column.size:
        return b""
    flat = np.ascontiguousarray(column, column.dtype.newbyteorder("<"))
    planes = flat.view(np.uint8).reshape(-1, flat.dtype.itemsize).T
    return _contexts.pack.compress(planes.tobytes())


def unpack_numbers(frame: bytes, kind: type[np.generic], count: int) -> NDArray[Any]:
    """``count`` numbers as :func:`pack_numbers` packed them. Raises DamagedError."""
    dtype = np.dtype(kind)
    if not count:
        return np.empty(0, dtype)
    raw = _unpack(frame, count * dtype.itemsize)
    if len(raw) != count * dtype.itemsize:
        raise DamagedError(f"a column holds {len(raw)} bytes where {count} numbers are due")
    planes = np.frombuffer(raw, np.uint8).reshape(dtype.itemsize, count)
    return np.ascontiguousarray(planes.T).view(dtype.newbyteorder("<")).reshape(count).astype(dtype, copy=False)


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """A column: in ``kind`` of numbers, all of it, or (``places`` > 0) what differs from ``base`` and where."""

    kind: str
    numbers: bytes
    places: int = 0
    rows: bytes = b""
    base: bytes = b""
    uniform: bool = False


def pack_column(column: NDArray[Any]) -> bytes:
    """A column of whole numbers, the smaller the more alike they are. Its length and kind are kept elsewhere."""
    if not column.size:
        return b""
    sample = column[:: max(1, column.size // _SAMPLE)]
    values, counts = np.unique(sample, return_counts=True)
    base = values[counts.argmax()]
    if counts.max() > _ALIKE * sample.size:
        places = np.flatnonzero(column != base)
        if places.size < _SPARSE * column.size:
            return pack_apart(places, column[places], column.size, base)
    return msgspec.msgpack.encode(_Packed(*_narrow(column)))


def pack_apart(places: NDArray[Any], numbers: NDArray[Any], size: int, base: Any = 0) -> bytes:
    """The same, of a column of ``size`` that is ``base`` but for ``numbers`` at ``places``, which ascend."""
    if not size:
        return b""
    kind, packed = _narrow(numbers)
    little = numbers.dtype.type(base).astype(numbers.dtype.newbyteorder("<")).tobytes()
    return msgspec.msgpack.encode(
        _Packed(kind, packed, places.size, pack_rows(places.astype(np.int32)), little, uniform=True)
    )


def unpack_column(packed: bytes, kind: str, count: int) -> NDArray[Any]:
    """``count`` numbers of ``kind`` as :func:`pack_column` packed them. A column that is one value everywhere is that
    value, which stands for all and cannot be written to. Raises DamagedError.
    """
    dtype = _kind(kind)
    if not count:
        return np.empty(0, dtype)
    apart = unpack_apart(packed, kind, count)
    if apart is None:
        found = _packed(packed)
        return unpack_numbers(found.numbers, _kind(found.kind), count).astype(dtype, copy=False)
    base, rows, numbers = apart
    if not rows.size:
        return np.broadcast_to(base, count)
    column = np.full(count, base, dtype)
    column[rows] = numbers
    return column


def unpack_apart(packed: bytes, kind: str, count: int) -> tuple[Any, NDArray[np.int32], NDArray[Any]] | None:
    """Of a column that is one value almost everywhere: that value, where it is another, and which one; None of others,
    and of an empty one. Raises DamagedError.
    """
    dtype = _kind(kind)
    if not count:
        return None
    found = _packed(packed)
    if not found.uniform:
        return None
    base = np.frombuffer(found.base, np.dtype(dtype).newbyteorder("<"))
    rows = unpack_rows(found.rows, found.places)
    if base.size != 1 or (rows.size and not (rows[0] >= 0 and rows[-1] < count)):
        raise DamagedError("a column has other places than it holds")
    numbers = unpack_numbers(found.numbers, _kind(found.kind), found.places)
    return base[0], rows, numbers.astype(dtype, copy=False)


def _packed(packed: bytes) -> _Packed:
    try:
        return msgspec.msgpack.decode(packed, type=_Packed)
    except msgspec.DecodeError as error:
        raise DamagedError(f"a column cannot be read: {error}") from None


def _narrow(column: NDArray[Any]) -> tuple[str, bytes]:
    """The column in the least kind of number that holds it."""
    if column.size and column.dtype.itemsize > 1:
        least, most = int(column.min()), int(column.max())
        for name in ("int8", "int16", "int32"):
            kind = np.iinfo(name)
            if kind.min <= least and most <= kind.max:
                column = column.astype(name, copy=False)
                break
    return column.dtype.name, pack_numbers(column)


def _kind(name: str) -> type[np.generic]:
    try:
        return _KINDS[name]
    except KeyError:
        raise DamagedError(f"a column holds {name!r}, which is no kind of number") from None


def pack_texts(texts: TextStore, span: slice) -> tuple[bytes, bytes]:
    """The texts at ``span``, a line each, and the length of each in bytes."""
    starts, ends = texts.spans(span)
    lines = texts.lines[starts[0] : ends[-1] + 1] if starts.size else texts.lines[:0]
    return (_contexts.pack.compress(lines.data) if lines.size else b""), pack_column(ends - starts)


def unpack_texts(parts: Sequence[tuple[bytes, bytes, int]]) -> TextStore:
    """All texts of ``parts``, of which each is what :func:`pack_texts` packed, and how many. Raises DamagedError."""
    frames = [frame for frame, _, _ in parts]
    lengths = [unpack_column(packed, "int64", count) for _, packed, count in parts]
    try:
        return TextStore.of_lines(sum(map(_size, frames)), partial(_unpack_into, b"".join(frames)), lengths)
    except DamagedError:
        raise
    except ValueError as error:
        raise DamagedError(str(error)) from None


def pack_rows(rows: NDArray[np.int32]) -> bytes:
    """Ascending rows, as the step from each to the next."""
    if not rows.size:
        return b""
    steps = rows.copy()  # numpy's own diff with a first number would hold them three times
    steps[1:] -= rows[:-1]
    return pack_numbers(steps)


def unpack_rows(frame: bytes, count: int) -> NDArray[np.int32]:
    """``count`` rows as :func:`pack_rows` packed them. Raises DamagedError."""
    return np.cumsum(unpack_numbers(frame, np.int32, count), dtype=np.int32)


def pack_items(items: Sequence[Any]) -> bytes:
    """Texts, or tuples of texts and numbers, each with its own length: no separator that a text could hold."""
    return _contexts.pack.compress(msgspec.msgpack.encode(list(items))) if len(items) else b""


def unpack_items(frame: bytes, kind: Any) -> list[Any]:
    """Items of type ``kind`` as :func:`pack_items` packed them. Raises DamagedError."""
    if not frame:
        return []
    try:
        items: list[Any] = msgspec.msgpack.decode(_unpack(frame, _LONGEST), type=list[kind])
    except msgspec.DecodeError as error:
        raise DamagedError(f"a list cannot be read: {error}") from None
    return items


def pack_raw(raw: Any) -> bytes:
    """Any bytes, as a frame."""
    return _contexts.pack.compress(raw)


def unpack_raw(frame: bytes) -> bytes:
    """What :func:`pack_raw` packed. Raises DamagedError."""
    return _unpack(frame, _LONGEST)


def _unpack(frame: bytes, limit: int) -> bytes:
    size = _size(frame)
    if size > limit:
        raise DamagedError(f"a column says that it holds {size} bytes")
    try:
        return _contexts.unpack.decompress(frame)
    except zstandard.ZstdError as error:
        raise DamagedError(f"a column cannot be unpacked: {error}") from None


def _unpack_into(frames: bytes, room: NDArray[np.uint8]) -> None:
    """Fills ``room``, which is as long as all of the frames say that they are."""
    try:
        with _contexts.unpack.stream_reader(frames, read_across_frames=True) as reader:
            filled = reader.readinto(room.data) if room.size else 0
            if filled != room.size or reader.read(1):
                raise DamagedError("a column is not as long as it says")
    except zstandard.ZstdError as error:
        raise DamagedError(f"a column cannot be unpacked: {error}") from None


def _size(frame: bytes) -> int:
    """How many bytes a frame says that it holds; none where there is none."""
    if not frame:
        return 0
    try:
        size = zstandard.frame_content_size(frame)
    except zstandard.ZstdError as error:
        raise DamagedError(f"a column cannot be unpacked: {error}") from None
    if not 0 <= size <= _LONGEST:
        raise DamagedError(f"a column says that it holds {size} bytes")
    return size
