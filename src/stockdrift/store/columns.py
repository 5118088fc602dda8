"""Columns as bytes: rows as differences, the bytes of numbers sorted by significance, each column a zstd frame.

A frame carries its unpacked length and a checksum, so that damage is an error and never a wrong number.
Numbers are little-endian whatever machine wrote them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

_LEVEL: Final = 1
_LONGEST: Final = 2**30  # unpacked bytes of a text column; SQLite takes no larger value either


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


def pack_rows(rows: NDArray[np.int32]) -> bytes:
    """Ascending rows, as the step from each to the next."""
    return pack_numbers(np.diff(rows, prepend=np.int32(0))) if rows.size else b""


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


def _unpack(frame: bytes, limit: int) -> bytes:
    try:
        size = zstandard.frame_content_size(frame)
        if not 0 <= size <= limit:
            raise DamagedError(f"a column says that it holds {size} bytes")
        return _contexts.unpack.decompress(frame)
    except zstandard.ZstdError as error:
        raise DamagedError(f"a column cannot be unpacked: {error}") from None
