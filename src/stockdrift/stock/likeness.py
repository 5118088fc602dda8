"""SKUs that look alike and are not the same: a likely slip, reported and never merged."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

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
    """``skus`` in the order of the catalogue; ``differ_in`` names what sets them apart, at least one thing."""

    skus: tuple[str, ...]
    differ_in: tuple[str, ...]


def folded(sku: str) -> str:
    """What is left of ``sku`` without all that may be a slip; the same for SKUs that look alike.

    Zeros go before separators, or ``A-01`` and ``A-1`` would not meet: ``A01`` has none that lead.
    """
    text = unicodedata.normalize("NFKC", sku).casefold()
    return _SEPARATORS.sub("", _ZEROS.sub("", text))


def alike(skus: Iterable[str]) -> list[Alike]:
    """Groups of two and more that look alike, in the order of their first."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for sku in skus:
        groups[folded(sku)].append(sku)
    return [Alike(tuple(group), _differ_in(group)) for key, group in groups.items() if key and len(group) > 1]


def _differ_in(group: Sequence[str]) -> tuple[str, ...]:
    """The things without which fewer of ``group`` would differ; all of them where only together they tell."""
    distinct = len(set(group))
    found = tuple(name for name, without in _DIFFERENCES if len({without(sku) for sku in group}) < distinct)
    return found or tuple(name for name, without in _DIFFERENCES if any(without(sku) != sku for sku in group))
