"""Columns of text as bytes and places: a million SKUs without a million Python strings.

Identity is that of the UTF-8 bytes, which is that of the text. Everything here works on whole columns, eight bytes of
each text at a time; a Python string is made only of what somebody looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stockdrift.stock.index import TextIndex

Places = NDArray[np.int64]
Words = NDArray[np.uint64]
LineReader = Callable[[NDArray[np.uint8]], None]

PADDING: Final = 8
"""Bytes that must follow the last text in its buffer: texts are read by words of eight."""

LINE_END: Final = 0x0A
"""What stands behind each text of a store."""

BLOCK: Final = 1 << 16
"""Texts that are worked on at a time, so that what lies in between stays in the processor's cache."""

_TAILS: Final = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
_LOW: Final = np.uint64(0xFFFF_FFFF)
_HALF: Final = np.uint64(32)
_SHIFT: Final = np.uint64(33)
_FMIX: Final = np.uint64(0xFF51_AFD7_ED55_8CCD)
_SPARE: Final = 16  # for so many texts that are there, there is room for one more


class Texts(Sequence[str]):
    """Text i is ``data[starts[i]:ends[i]]``, UTF-8 in which lone surrogates may stand. ``data`` is shared, not copied,
    and ends with :data:`PADDING` bytes that belong to no text.
    """

    __slots__ = ("_hashes", "_words", "data", "ends", "found_by", "starts")

    def __init__(self, data: NDArray[np.uint8], starts: NDArray[Any], ends: NDArray[Any]) -> None:
        self.data = data
        self.starts = starts
        self.ends = ends
        self._words = _as_words(data)
        self._hashes: NDArray[np.uint32] | None = None
        self.found_by: TextIndex | None = None
        """Where each text stands, for a column that is to hold the same ones; None where nobody has looked."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """The column of any texts; of one, itself."""
        if isinstance(texts, Texts):
            return texts
        parts = texts if isinstance(texts, list) else list(texts)
        joined = "".join(parts)
        together = joined.encode("utf-8", "surrogatepass")
        if len(together) == len(joined):
            lengths = np.fromiter(map(len, parts), np.int64, len(parts))
        else:
            lengths = np.fromiter((len(_encoded(part)) for part in parts), np.int64, len(parts))
        ends = np.cumsum(lengths)
        return cls(np.frombuffer(together + bytes(PADDING), np.uint8), ends - lengths, ends)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...
    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            return self.take(np.arange(*index.indices(len(self))))
        starts, ends = self.spans(np.array([range(len(self))[index]]))
        return str(self.data[starts[0] : ends[0]].data, "utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        raw = self.data.data
        for block in _blocks(len(self)):
            starts, ends = self.spans(block)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
                yield str(raw[start:end], "utf-8", "surrogatepass")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        if len(self) != len(other):
            return False
        everything = np.arange(len(self))
        return bool(self.same(everything, Texts.of(other), everything).all())

    __hash__ = None  # type: ignore[assignment]  # a column, not a value

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"<{len(self)} texts: {shown}{', …' if len(self) > 3 else ''}>"

    def spans(self, places: NDArray[Any] | slice) -> tuple[Places, Places]:
        """Where in ``data`` the texts at ``places`` begin and end."""
        return self.starts[places].astype(np.int64), self.ends[places].astype(np.int64)

    def take(self, places: NDArray[Any]) -> Texts:
        """The texts at ``places``, over the same bytes."""
        starts, ends = (np.empty(len(places), np.min_scalar_type(len(self.data))) for _ in range(2))
        for block in _blocks(len(places)):
            starts[block], ends[block] = self.spans(places[block])
        taken = Texts(self.data, starts, ends)
        if self._hashes is not None:
            taken._hashes = self._hashes[places]
        return taken

    def lengths(self) -> Places:
        """Bytes of each."""
        starts, ends = self.spans(slice(0, len(self)))
        return ends - starts

    def size(self) -> int:
        """Bytes of all together."""
        return sum(int((ends - starts).sum()) for starts, ends in map(self.spans, _blocks(len(self))))

    def hashes(self) -> NDArray[np.uint32]:
        """32 bits of each, alike for like texts of this process and for no longer. Made once."""
        if self._hashes is None:
            self._hashes = self._all_hashed()
        return self._hashes

    def order(self) -> Places:
        """Places in ascending order of their texts, by code points; those alike in their order."""
        starts, ends = self.spans(slice(0, len(self)))
        lengths = ends - starts
        keys = [lengths.astype(np.uint64)]  # where nothing but the bytes that are not there tells two texts apart
        for offset in range(0, int(lengths.max(initial=0)), 8):
            words = np.zeros(len(self), np.uint64)
            longer = np.flatnonzero(lengths > offset)
            words[longer] = self._words[starts[longer] + offset] & _TAILS[np.minimum(lengths[longer] - offset, 8)]
            keys.insert(1, words.byteswap())  # the first byte weighs most
        return np.lexsort(keys)

    def same(self, places: NDArray[Any], others: Texts, other_places: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether the text at each of ``places`` is the one of ``others`` at the place beside it."""
        found = np.empty(len(places), np.bool_)
        for block in _blocks(len(places)):
            found[block] = self._same(places[block], others, other_places[block])
        return found

    def _same(self, places: NDArray[Any], others: Texts, other_places: NDArray[Any]) -> NDArray[np.bool_]:
        starts, ends = self.spans(places)
        other_starts, other_ends = others.spans(other_places)
        lengths = ends - starts
        alike: NDArray[np.bool_] = lengths == other_ends - other_starts
        left = np.flatnonzero(alike & (lengths > 0))
        starts, other_starts, lengths = starts[left], other_starts[left], lengths[left]
        offset = 0
        while len(left):
            differ = self._words[starts + offset] ^ others._words[other_starts + offset]
            differ &= _TAILS[np.minimum(lengths - offset, 8)]
            alike[left[differ != 0]] = False
            offset += 8
            going = np.flatnonzero((differ == 0) & (lengths > offset))
            left = left[going]
            starts, other_starts, lengths = starts[going], other_starts[going], lengths[going]
        return alike

    def copy_to(self, target: NDArray[np.uint8], at: Places) -> None:
        """Writes text i to ``target[at[i]:]``, in ascending order. Spoils up to seven bytes behind each that belong to
        no text before it: what is to stand between texts is to be written afterwards.
        """
        for block in _blocks(len(self)):
            self._copy_block(target, block, at[block])

    def _copy_block(self, target: NDArray[np.uint8], block: slice, to: Places) -> None:
        words = _as_words(target)
        starts, ends = self.spans(block)
        lengths = ends - starts
        # The last words first: what one text spills over the next is then put right by the next one's own words.
        left = [np.flatnonzero(lengths > 0)]
        while len(left[-1]):
            left.append(left[-1][lengths[left[-1]] > 8 * len(left)])
        for number, which in reversed(list(enumerate(left))):
            words[to[which] + 8 * number] = self._words[starts[which] + 8 * number]

    def _all_hashed(self) -> NDArray[np.uint32]:
        hashes = np.empty(len(self), np.uint32)
        for block in _blocks(len(self)):
            hashes[block] = self._hashed(block)
        return hashes

    def _hashed(self, block: slice) -> NDArray[np.uint32]:
        """Of each text the sum of products of its halves of words, each shifted by a secret (NH, from Black et al.'s
        UMAC, 1999), then mixed as MurmurHash3 does (``fmix64``), with a secret for its second factor.

        Without knowing the secrets nobody can make up texts whose hashes meet more often than three times in 2³²: NH's
        sums meet once in 2³², mixing lets none meet that differ, and the upper half of a product with a secret odd
        factor meets no more often than twice in 2³² (Dietzfelbinger et al., 1997). That says nothing of neighbours:
        SKUs that are numbered have sums that are too, which without mixing would, with some secrets, fill few slots.
        """
        starts, ends = self.spans(block)
        lengths = ends - starts
        sums = lengths.astype(np.uint64) * _secret(0)
        left = np.flatnonzero(lengths > 0)
        number = 0
        while len(left):
            words = self._words[starts[left] + 8 * number] & _TAILS[np.minimum(lengths[left] - 8 * number, 8)]
            low = (words + _secret(2 * number + 2)) & _LOW
            high = ((words >> _HALF) + _secret(2 * number + 3)) & _LOW
            sums[left] += low * high
            number += 1
            left = left[lengths[left] > 8 * number]
        sums ^= sums >> _SHIFT
        sums *= _FMIX
        sums ^= sums >> _SHIFT
        sums *= _secret(1) | np.uint64(1)
        sums >>= _HALF
        return sums.astype(np.uint32)


class TextStore(Texts):
    """Texts that lie one behind the other, a line end after each, and grow at their end.

    No more than 4 GiB. ``version`` grows with every change.
    """

    __slots__ = ("_bounds", "_size", "version")

    def __init__(self) -> None:
        self._size = 0
        self._bounds = np.zeros(1, np.uint32)
        self.version = 0
        super().__init__(np.zeros(PADDING, np.uint8), self._bounds, self._bounds)

    def __len__(self) -> int:
        return self._size

    @classmethod
    def of(cls, texts: Iterable[str]) -> TextStore:
        """A store of any texts; of one, itself."""
        if isinstance(texts, TextStore):
            return texts
        store = cls()
        store.extend(Texts.of(texts))
        return store

    @classmethod
    def of_lines(cls, count: int, read: LineReader, lengths: Sequence[NDArray[Any]]) -> TextStore:
        """A store of texts whose ``lengths`` in bytes are told part by part. ``read`` fills an array of ``count`` bytes
        with all of them, one behind the other, a line end after each.

        Raises ValueError where lines and lengths do not belong together.
        """
        if count >= 2**32:
            raise ValueError("texts are more than can be held")
        store = cls()
        store.data = np.empty(count + PADDING, np.uint8)
        store.data[count:] = 0
        read(store.data[:count])
        store._words = _as_words(store.data)
        store._size = size = sum(map(len, lengths))
        # A console that starts does this while its screen is loaded, and each step may have to wait for that: so what
        # can be done with all parts at once is.
        store._bounds = np.zeros(size + 1 + size // _SPARE, np.uint32)
        begins, ends = store._bounds[:size], store._bounds[1 : size + 1]
        begin = 0
        for part in lengths:
            ends[begin : begin + len(part)] = part
            begin += len(part)
        ends += np.uint32(1)
        np.cumsum(ends, out=ends)
        # One that is less than nothing, or too long to be counted, makes a step back.
        if int(store._bounds[size]) != count or (ends <= begins).any():
            raise ValueError("texts are not as long as they should be")
        if any((store.data[ends[block] - 1] != LINE_END).any() for block in _blocks(size, 4 * BLOCK)):
            raise ValueError("texts do not end where they should")
        store.version = 1
        return store

    @classmethod
    def over(cls, data: NDArray[np.uint8], after: Places) -> TextStore:
        """A store over ``data``, which is not copied: texts one behind the other, the next one ``after`` each and its
        line end, and :data:`PADDING` bytes.
        """
        store = cls()
        store.data, store._words = data, _as_words(data)
        store._size, store.version = len(after), 1
        store._bounds = np.empty(len(after) + 1, np.uint32)
        store._bounds[0], store._bounds[1:] = 0, after
        return store

    def copy(self) -> TextStore:
        """One that changes by itself."""
        lines = self.lines
        return TextStore.of_lines(len(lines), lambda room: np.copyto(room, lines), [self.lengths()])

    def spans(self, places: NDArray[Any] | slice) -> tuple[Places, Places]:
        """Where in :attr:`lines` the texts at ``places`` begin and end; a slice has both its ends."""
        after = slice(places.start + 1, places.stop + 1) if isinstance(places, slice) else places + 1
        return self._bounds[places].astype(np.int64), self._bounds[after].astype(np.int64) - 1

    @property
    def lines(self) -> NDArray[np.uint8]:
        """All bytes: the texts in their order, each followed by a line end."""
        return self.data[: self._bounds[self._size]]

    def line_ends(self) -> NDArray[np.uint32]:
        """The place in :attr:`lines` of the line end after each text."""
        return self._bounds[1 : self._size + 1] - np.uint32(1)

    def hashes(self) -> NDArray[np.uint32]:
        """As of any column; not kept."""
        return self._all_hashed()

    def reserve(self, size: int, count: int) -> None:
        """Makes room for ``count`` texts of ``size`` bytes in all, line ends included. What is not used of it costs
        nothing.
        """
        used = int(self._bounds[self._size])
        if used + size + PADDING > len(self.data):
            self.data = _grown(self.data, used, used + size + PADDING)
            self._words = _as_words(self.data)
        if self._size + count + 1 > len(self._bounds):
            self._bounds = _grown(self._bounds, self._size + 1, self._size + count + 1)

    def extend(self, texts: Texts) -> None:
        """Appends ``texts``. Raises ValueError beyond 4 GiB."""
        size = texts.size() + len(texts)
        begin = int(self._bounds[self._size])
        if begin + size >= 2**32:
            raise ValueError("more than 4 GiB of text")
        self.reserve(size, len(texts))
        for block in _blocks(len(texts)):
            starts, ends = texts.spans(block)
            after = begin + np.cumsum(ends - starts + 1)
            texts._copy_block(self.data, block, after - (ends - starts) - 1)
            self.data[after - 1] = LINE_END
            self._bounds[self._size + 1 : self._size + len(after) + 1] = after
            self._size += len(after)
            begin = int(after[-1])
        self.version += 1

    def shorten(self, size: int) -> None:
        """Forgets all but the first ``size`` texts."""
        self._size = size
        self.version += 1

    def replace(self, rows: NDArray[np.int32], texts: Texts) -> None:
        """Puts ``texts`` in the place of those at ``rows`` (ascending, unique). Costs the whole column."""
        places = np.arange(self._size)
        places[rows] = np.arange(self._size, self._size + len(rows))
        mixed = joined(self, texts).take(places)
        self._size = 0
        self.extend(mixed)


def empty(count: int) -> Texts:
    """So many texts of no length."""
    return Texts(np.zeros(PADDING, np.uint8), np.zeros(count, np.int64), np.zeros(count, np.int64))


def joined(one: Texts, other: Texts) -> Texts:
    """The texts of both as one column, over a copy of their bytes."""
    starts, ends = one.spans(slice(0, len(one)))
    more_starts, more_ends = other.spans(slice(0, len(other)))
    offset = len(one.data)
    return Texts(
        np.concatenate([one.data, other.data]),
        np.concatenate([starts, more_starts + offset]),
        np.concatenate([ends, more_ends + offset]),
    )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _as_words(data: NDArray[np.uint8]) -> Words:
    """The eight bytes that begin at each place, as a number; little-endian, so that the first is the lowest."""
    count = max(len(data) - 7, 0)
    return np.ndarray((count,), np.dtype("<u8"), data, strides=(1,)) if count else np.empty(0, np.uint64)


def _blocks(size: int, length: int = BLOCK) -> Iterator[slice]:
    for begin in range(0, size, length):
        yield slice(begin, min(begin + length, size))


def _grown(column: NDArray[Any], used: int, needed: int) -> NDArray[Any]:
    larger: NDArray[Any] = np.zeros(max(needed, len(column) * 3 // 2), column.dtype)
    larger[:used] = column[:used]
    return larger


_SECRETS: Final[list[np.uint64]] = []


def _secret(number: int) -> np.uint64:
    """Numbers that differ from process to process, for Python's own hash of a text does (splitmix64 from there on)."""
    while len(_SECRETS) <= number:
        mixed = (hash("stockdrift") + (len(_SECRETS) + 1) * 0x9E37_79B9_7F4A_7C15) % 2**64
        mixed = (mixed ^ mixed >> 30) * 0xBF58_476D_1CE4_E5B9 % 2**64
        mixed = (mixed ^ mixed >> 27) * 0x94D0_49BB_1331_11EB % 2**64
        _SECRETS.append(np.uint64(mixed ^ mixed >> 31))
    return _SECRETS[number]
