"""Which text stands in which row: a hash table with open addressing, asked and filled by whole columns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.texts import BLOCK, Texts

Rows = NDArray[np.int32]

_FEWEST: Final = 2_048
_EMPTY: Final = -1


class TextIndex:
    """The rows of the texts of one column, whose place they are. At most half of the slots are taken."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._hashes = np.empty(0, np.uint32)
        self._make_slots(0)

    def find(self, wanted: Texts, hashes: NDArray[np.uint32]) -> Rows:
        """The row of each of ``wanted``, whose hashes these are; −1 where there is none."""
        rows = np.full(len(wanted), _EMPTY, np.int32)
        for begin in range(0, len(wanted), BLOCK):
            left = np.arange(begin, min(begin + BLOCK, len(wanted)))
            slots = self._first_slots(hashes[left])
            while len(left):
                held = self._slots[slots].astype(np.intp)
                there = held != _EMPTY
                left, slots, held = left[there], slots[there], held[there]
                same = self._is(held, wanted, left, hashes)
                rows[left[same]] = held[same]
                left, slots = left[~same], (slots[~same] + 1) & self._last
        return rows

    def put(self, hashes: NDArray[np.uint32]) -> Rows:
        """Takes in the rows that the column has gained, by their texts' hashes. Returns for each of them the row that
        is found for its text: its own, or the first that holds the same; only first ones are found from now on.
        """
        begin, size = len(self._hashes), len(self._hashes) + len(hashes)
        self._hashes = np.concatenate([self._hashes, hashes])
        if 2 * size > len(self._slots):
            self._make_slots(size)
            self._claim(0, begin)
        return self._claim(begin, size)

    def of(self, texts: Texts) -> TextIndex:
        """This index, from now on of another column that holds the same texts."""
        self._texts = texts
        return self

    def shorten(self, size: int) -> None:
        """Forgets all but the first ``size`` rows."""
        self._hashes = self._hashes[:size]
        self._make_slots(size)
        self._claim(0, size)

    def _make_slots(self, size: int) -> None:
        count = _FEWEST
        while count < 2 * size:
            count *= 2
        self._slots = np.full(count, _EMPTY, np.int32)
        self._last = count - 1
        self._shift = np.uint32(33 - count.bit_length())

    def _first_slots(self, hashes: NDArray[np.uint32]) -> NDArray[np.int64]:
        return (hashes >> self._shift).astype(np.int64)

    def _claim(self, begin: int, end: int) -> Rows:
        """Gives a slot to each row from ``begin`` to ``end`` whose text has none yet; returns who has it."""
        owners = np.arange(begin, end, dtype=np.int32)
        for first in range(begin, end, BLOCK):
            left = np.arange(first, min(first + BLOCK, end))
            slots = self._first_slots(self._hashes[left])
            while len(left):
                free = self._slots[slots] == _EMPTY
                # Of several that come to a slot at once the last to write has it: so the first row writes last. Equal
                # texts come to a slot at once, or find it taken.
                self._slots[slots[free][::-1]] = left[free][::-1]
                held = self._slots[slots].astype(np.intp)
                same = held == left
                others = np.flatnonzero(~same)
                same[others] = self._is(held[others], self._texts, left[others], self._hashes)
                owners[left[same] - begin] = held[same]
                left, slots = left[~same], (slots[~same] + 1) & self._last
        return owners

    def _is(
        self, rows: NDArray[Any], texts: Texts, places: NDArray[np.int64], hashes: NDArray[np.uint32]
    ) -> NDArray[np.bool_]:
        """Whether each of ``rows`` holds the text beside it, that of ``texts`` at ``places``."""
        same: NDArray[np.bool_] = self._hashes[rows] == hashes[places]
        likely = np.flatnonzero(same)
        same[likely] = self._texts.same(rows[likely], texts, places[likely])
        return same


def first_places(texts: Texts) -> Rows:
    """For each of ``texts`` the place at which it stands first."""
    return TextIndex(texts).put(texts.hashes())
