"""What a surface can say of a SKU: a quantity, or a state that stands in its place."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from enum import IntEnum
from typing import Final

QUANTITY_MIN: Final = -(2**31)
QUANTITY_MAX: Final = 2**31 - 1

_NUMBER: Final = re.compile(r"[+-]?\d{1,4000}(\.\d*)?([eE][+-]?\d{1,4})?", re.ASCII)


class LevelState(IntEnum):
    """One byte per level. ``COUNTED`` alone carries a quantity; ``IN`` and ``OUT`` come from in-or-out surfaces."""

    UNKNOWN = 0
    COUNTED = 1
    UNLIMITED = 2  # sells without counting
    PREORDER = 3
    BACKORDER = 4
    UNLISTED = 5  # not on this surface
    DISABLED = 6  # listed, not orderable: archived, hidden, paused
    IN = 7
    OUT = 8

    @property
    def word(self) -> str:
        """The state as people and JSON read it."""
        return self.name.lower()


HIDDEN: Final = frozenset({LevelState.UNLISTED, LevelState.DISABLED})
"""What nobody can order, for it is not shown."""


class UnknownReason(IntEnum):
    """Why a single level is unknown. Reasons of a whole surface are its status, not this."""

    NONE = 0
    NOT_READ = 1  # the surface was never read completely
    BAD_ROW = 2  # its row held no whole quantity
    DUPLICATE = 3  # the surface named the SKU twice, and does not mean a sum
    VANISHED = 4  # missing once; a second complete read makes it unlisted
    NAMELESS = 5  # missing since a read in which more rows than before name no SKU: one of them may be its own

    @property
    def words(self) -> str:
        """The reason as a sentence fragment."""
        return _REASON_WORDS[self]


_REASON_WORDS: Final = {
    UnknownReason.NONE: "",
    UnknownReason.NOT_READ: "not read yet",
    UnknownReason.BAD_ROW: "its row is not a whole quantity",
    UnknownReason.DUPLICATE: "listed more than once",
    UnknownReason.VANISHED: "gone from the last read, not confirmed yet",
    UnknownReason.NAMELESS: "gone since a row came that names no SKU",
}


def parse_quantity(text: str) -> int | None:
    """The whole quantity that ``text`` states, or None where it states none.

    ``"3"``, ``" 3.0 "`` and ``"-2"`` are quantities; ``"3.5"``, ``"NaN"``, ``"1e309"``, ``"9223372036854775808"``
    and ``""`` are not, nor is anything outside signed 32 bits.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = int(text) if text.lstrip("+-").isdigit() else Decimal(text)  # as a float 1e-400 would be 0
    if not QUANTITY_MIN <= value <= QUANTITY_MAX:
        return None
    whole = int(value)
    return whole if whole == value else None


def whole_quantity(value: object) -> int | None:
    """As :func:`parse_quantity`, for a value that JSON delivered: an int, a float, a numeric string."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if QUANTITY_MIN <= value <= QUANTITY_MAX else None
    if isinstance(value, float):
        whole = _whole(value)
        return whole if whole is not None and QUANTITY_MIN <= whole <= QUANTITY_MAX else None
    return parse_quantity(value) if isinstance(value, str) else None


def _whole(value: float) -> int | None:
    return int(value) if math.isfinite(value) and value == math.floor(value) else None
