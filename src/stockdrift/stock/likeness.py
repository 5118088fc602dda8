"""SKUs that look alike and are not the same: a likely slip, reported and never merged."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_CHUNK: Final = 4_096
"""SKUs that are folded as one text."""

_BETWEEN: Final = "\0"
"""Between two of them: of no SKU, for control characters were made visible where they came in."""

_SEPARATORS: Final = re.compile(r"[-_/.\u2010-\u2015\u2212\s]+")
_SPACES: Final = re.compile(r"\s+")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")


def _without_spaces(sku: str) -> str:
    return _SPACES.sub("", sku)


def _without_separators(sku: str) -> str:
    return _SEPARATORS.sub("", sku)


def _without_zeros(sku: str) -> str:
    return _ZEROS.sub("", sku)


_DIFFERENCES: Final[Sequence[tuple[str, Callable[[str], str]]]] = (
    ("case", str.casefold),
    ("spaces", _without_spaces),
    ("leading zeros", _without_zeros),
    ("separators", _without_separators),
    ("letter forms", lambda sku: unicodedata.normalize("NFKC", sku)),
)
"""What SKUs may differ in and be meant alike, each with what takes that difference away."""


class Alike(Struct, frozen=True):
    """``skus`` in the order of the catalogue, with their ``rows``; ``differ_in`` names what sets them apart, at least
    one thing.
    """

    skus: tuple[str, ...]
    differ_in: tuple[str, ...]
    rows: tuple[int, ...] = ()


def folded(sku: str) -> str:
    """What is left of ``sku`` without all that may be a slip; the same for SKUs that look alike.

    Zeros go before separators, or ``A-01`` and ``A-1`` would not meet: ``A01`` has none that lead.
    """
    text = unicodedata.normalize("NFKC", sku).casefold()
    return _SEPARATORS.sub("", _ZEROS.sub("", text))


def alike(skus: Sequence[str]) -> list[Alike]:
    """Groups of two and more that look alike, in the order of their first.

    Of a million SKUs it keeps eight bytes each, and looks closely only at those of which two have the same eight.
    """
    prints = np.concatenate(
        [np.empty(0, np.int64), *(_prints(skus[begin : begin + _CHUNK]) for begin in range(0, len(skus), _CHUNK))]
    )
    order = np.argsort(prints, kind="stable")
    ordered = prints[order]
    twin = np.zeros(len(ordered) + 1, np.bool_)  # whether each is as the one before
    twin[1:-1] = ordered[1:] == ordered[:-1]
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for row in np.sort(order[twin[1:] | twin[:-1]]).tolist():
        groups[folded(skus[row])].append(row)
    found = ((tuple(skus[row] for row in rows), rows) for key, rows in groups.items() if key and len(rows) > 1)
    return [Alike(group, _differ_in(group), tuple(rows)) for group, rows in found]


def _prints(skus: Sequence[str]) -> NDArray[np.int64]:
    """64 bits of what each folds to."""
    parts = list(skus)
    folds = folded(_BETWEEN.join(parts)).split(_BETWEEN)
    if len(folds) != len(parts):  # one of them holds what should stand between them
        folds = [folded(part) for part in parts]
    return np.fromiter(map(hash, folds), np.int64, len(parts))


def _differ_in(group: Sequence[str]) -> tuple[str, ...]:
    """The things without which fewer of ``group`` would differ; all of them where only together they tell."""
    distinct = len(set(group))
    found = tuple(name for name, without in _DIFFERENCES if len({without(sku) for sku in group}) < distinct)
    return found or tuple(name for name, without in _DIFFERENCES if any(without(sku) != sku for sku in group))
