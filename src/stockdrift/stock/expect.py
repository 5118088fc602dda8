"""What a surface should show, and how far it may be off: arithmetic on columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.rules import (
    WHOLE,
    Allotment,
    Rules,
    Scope,
    SurfaceRules,
    Tolerance,
    effective_allotment,
    effective_tolerance,
)

Rows = NDArray[np.int32] | slice
"""Which rows of a column: an index array in any order, or a slice from one row to another (no copy)."""


def expected_units(atp: int, allotment: Allotment) -> int:
    """``clamp(floor(share × ATP) − buffer, 0, cap)`` for one SKU (``semantics.md``, *Expected quantity*)."""
    units = max(allotment.share * atp // WHOLE - allotment.buffer, 0)
    return units if allotment.cap is None else min(units, allotment.cap)


def arithmetic(atp: int, allotment: Allotment) -> str:
    """The same, as it is shown: ``"ATP 3 × 50 % − 0"``."""
    text = f"ATP {atp}"
    if allotment.share != WHOLE:
        text += f" × {allotment.share / 100:g} %"
    text += f" − {allotment.buffer}" if allotment.share != WHOLE else f" − buffer {allotment.buffer}"
    return text if allotment.cap is None else f"{text}, at most {allotment.cap}"


class Yardstick(Struct, frozen=True, eq=False):
    """A surface's allotment and tolerance, resolved to rows.

    ``special_*`` hold the few rows (ascending) for which something of their own is set.
    """

    allotment: Allotment
    special_rows: NDArray[np.int32]
    specials: tuple[Allotment, ...]
    tolerance: Tolerance
    lenient_rows: NDArray[np.int32]
    leniences: tuple[Tolerance, ...]

    @property
    def strict(self) -> bool:
        """Whether every tolerance is zero: then no two agreeing levels can differ from each other."""
        return self.tolerance == Tolerance() and all(lenience == Tolerance() for lenience in self.leniences)

    @property
    def plain(self) -> bool:
        """Whether all that is there is expected, of every SKU."""
        return self.allotment == Allotment() and not len(self.special_rows)

    def allotment_of(self, row: int) -> Allotment:
        """What holds for one row."""
        place = np.searchsorted(self.special_rows, row)
        if place < len(self.special_rows) and self.special_rows[place] == row:
            return self.specials[place]
        return self.allotment

    def expected(self, atp: NDArray[np.int32], rows: Rows) -> NDArray[np.int32]:
        """Expected quantities for ``atp``, which is parallel to ``rows``."""
        units = _expected(atp, self.allotment)
        for place, which in _places(self.special_rows, rows):
            units[place] = expected_units(int(atp[place]), self.specials[which])
        return units

    def tolerated(self, expected: NDArray[np.int32], rows: Rows) -> NDArray[np.int32] | int:
        """Units that levels may be off, parallel to ``expected``; one number where all rows share it."""
        allowed = _tolerated(expected, self.tolerance)
        if not len(self.lenient_rows):
            return allowed
        column = np.broadcast_to(np.asarray(allowed, np.int32), expected.shape).copy()
        for place, which in _places(self.lenient_rows, rows):
            column[place] = min(self.leniences[which].allowed(int(expected[place])), np.iinfo(np.int32).max)
        return column


def yardstick(
    rules: Rules,
    surface: SurfaceRules,
    rulings: Mapping[Scope, Tolerance],
    buffers: Mapping[Scope, int],
    catalogue: Catalogue,
) -> Yardstick:
    """Resolves what is set for single SKUs to rows. SKUs not seen yet count once they have a row."""
    specials = _known(catalogue, {*surface.allotments, *_named(buffers, surface)})
    leniences = _known(catalogue, {*rules.tolerances, *surface.tolerances, *_named(rulings, surface)})
    return Yardstick(
        effective_allotment(rules, buffers, surface.name, ""),
        np.array([row for row, _ in specials], np.int32),
        tuple(effective_allotment(rules, buffers, surface.name, sku) for _, sku in specials),
        effective_tolerance(rules, rulings, surface.name, ""),
        np.array([row for row, _ in leniences], np.int32),
        tuple(effective_tolerance(rules, rulings, surface.name, sku) for _, sku in leniences),
    )


def _named(rulings: Mapping[Scope, object], surface: SurfaceRules) -> Iterator[str]:
    """The SKUs of which operators have ruled something that holds on ``surface``."""
    return (scope.sku for scope in rulings if scope.sku and scope.surface in ("", surface.name))


def _known(catalogue: Catalogue, skus: Collection[str]) -> list[tuple[int, str]]:
    """The rows of ``skus``, as far as they have one, ascending."""
    rows = catalogue.rows_of(list(skus)).tolist()
    return sorted((row, sku) for row, sku in zip(rows, skus, strict=True) if row >= 0)


def _expected(atp: NDArray[np.int32], allotment: Allotment) -> NDArray[np.int32]:
    units = np.maximum(atp, 0)
    if allotment.share != WHOLE:
        units = (units.astype(np.int64) * allotment.share // WHOLE).astype(np.int32)
    if allotment.buffer:
        units = np.maximum(units - np.int32(min(allotment.buffer, np.iinfo(np.int32).max)), 0)
    if allotment.cap is not None:
        units = np.minimum(units, np.int32(min(allotment.cap, np.iinfo(np.int32).max)))
    return units


def _tolerated(expected: NDArray[np.int32], tolerance: Tolerance) -> NDArray[np.int32] | int:
    if not tolerance.percent:
        return min(tolerance.units, np.iinfo(np.int32).max)
    share = expected.astype(np.int64) * tolerance.percent // WHOLE
    return np.minimum(np.maximum(share, tolerance.units), np.iinfo(np.int32).max).astype(np.int32)


def _places(special: NDArray[np.int32], rows: Rows) -> list[tuple[int, int]]:
    """(place within ``rows``, index into ``special``) for the special rows that are among ``rows``."""
    if not len(special):
        return []
    if isinstance(rows, slice):
        first, after = np.searchsorted(special, [rows.start, rows.stop]).tolist()
        return [(int(special[which]) - rows.start, which) for which in range(first, after)]
    which = np.minimum(np.searchsorted(special, rows), len(special) - 1)
    places = np.flatnonzero(special[which] == rows)
    return list(zip(places.tolist(), which[places].tolist(), strict=True))
