"""Lists of texts as msgpack, made and read as whole columns: a million SKUs without a million Python strings.

Where all texts are ASCII and none has more than 127 bytes, the only bytes of the list above 127 are the first of each
text's header. So all headers are found at once, and that each ends where the next begins proves them. Any other list
goes through msgspec. What is written is the same array of str either way.
https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.texts import LINE_END, PADDING, Texts, TextStore
from stockdrift.store.columns import pack_raw, unpack_items, unpack_raw

_ARRAY_32: Final = 0xDD
_HEAD: Final = 5  # bytes: the kind of array, and how many items
_FIXED, _MOST_FIXED = 0xA0, 31
_STR_8: Final = 0xD9
_LONGEST: Final = 127
_ASCII: Final = 0x80


def pack_strings(items: Sequence[str]) -> bytes:
    """A list of texts; empty for an empty one."""
    if not len(items):
        return b""
    made = _array(Texts.of(items))
    return pack_raw(msgspec.msgpack.encode(list(items)) if made is None else made.data)


def unpack_strings(frame: bytes) -> Sequence[str]:
    """What :func:`pack_strings` packed. Raises DamagedError."""
    if not frame:
        return ()
    found = _texts(np.frombuffer(unpack_raw(frame), np.uint8))
    return unpack_items(frame, str) if found is None else found


def _array(texts: Texts) -> NDArray[np.uint8] | None:
    """The array's bytes; None where a text is too long, or not ASCII."""
    lengths = texts.lengths()
    if int(lengths.max()) > _LONGEST:
        return None
    long = lengths > _MOST_FIXED
    starts = _HEAD + np.cumsum(lengths + 1 + long) - lengths
    size = int(starts[-1] + lengths[-1])
    made = np.zeros(size + PADDING, np.uint8)
    texts.copy_to(made, starts)
    made = made[:size]
    headers = starts - 1
    made[headers[long] - 1] = made[headers] = 0
    made[:_HEAD] = 0
    if (made >= _ASCII).any():
        return None
    made[headers] = np.where(long, lengths, _FIXED + lengths)
    made[headers[long] - 1] = _STR_8
    made[0] = _ARRAY_32
    made[1:_HEAD] = np.frombuffer(len(texts).to_bytes(4, "big"), np.uint8)
    return made


def _texts(raw: NDArray[np.uint8]) -> Texts | None:
    """The texts of an array; None where it is not as :func:`_array` makes them."""
    if len(raw) <= _HEAD or raw[0] != _ARRAY_32:
        return None
    count = int.from_bytes(raw[1:_HEAD].tobytes(), "big")
    data = np.zeros(len(raw) + 1 + PADDING, np.uint8)
    data[: len(raw)] = raw
    headers = np.flatnonzero(raw[_HEAD:] >= _ASCII) + _HEAD
    kinds = raw[headers]
    long = kinds == _STR_8
    lengths = np.where(long, data[headers + 1], kinds - np.uint8(_FIXED)).astype(np.int64)
    if len(headers) != count or (lengths > np.where(long, _LONGEST, _MOST_FIXED)).any():
        return None
    starts = headers + 1 + long
    ends = starts + lengths
    if headers[0] != _HEAD or (headers[1:] != ends[:-1]).any() or ends[-1] != len(raw):
        return None
    if not long.any():  # a byte of header before each, in whose place a line end does as well: half as many numbers
        data[headers] = data[len(raw)] = LINE_END
        return TextStore.over(data[_HEAD + 1 :], ends - _HEAD)
    kind: Any = np.min_scalar_type(len(data))
    return Texts(data, starts.astype(kind), ends.astype(kind))
