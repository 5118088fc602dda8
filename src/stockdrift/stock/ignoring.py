"""SKUs that are left out for a reason and until a moment: out of scope, never agreement, and still counted.

A SKU that is ignored on every surface has no standing but *ignored*; one that is ignored on a surface has no verdict
there. What the verdicts would be is kept, so that an oversell which nobody compares is still told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.expect import Rows
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.rules import Ignore, Rules, Scope

_NO_ROWS: Final = np.empty(0, np.int32)
_NOWHERE: Final = np.empty(0, np.intp)


def effective_ignores(rules: Rules, rulings: Mapping[Scope, Ignore]) -> dict[Scope, Ignore]:
    """What is to be ignored, ended or not: for a scope an operator's word stands before the settings'."""
    found = {Scope("", sku): ignore for sku, ignore in rules.ignores.items()}
    for surface in rules.surfaces:
        found |= {Scope(surface.name, sku): ignore for sku, ignore in surface.ignores.items()}
    return {**found, **rulings}


class Hidden(Struct, eq=False):
    """The levels of one surface that are ignored now: ``rows`` ascending, and the codes they would have."""

    rows: NDArray[np.int32] = field(default_factory=lambda: _NO_ROWS)
    codes: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def hide(self, codes: NDArray[np.uint8], where: Rows) -> None:
        """Takes what is ignored out of ``codes``, which are parallel to ``where``, and keeps it."""
        if len(self.rows):
            places, own = self.among(where)
            self.codes[own] = codes[places]
            codes[places] = Code.NOT_COMPARED

    def among(self, where: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Places within ``where`` (ascending rows, or a stretch of them) and within ``rows`` of what is in both."""
        return _shared(where, self.rows)


class Ignores:
    """What is ignored, resolved to rows, at a moment. It changes at the ends alone."""

    def __init__(self) -> None:
        self.rulings: dict[Scope, Ignore] = {}  # operators'
        self.everywhere = _NO_ROWS
        """Rows ignored on every surface, ascending."""
        self._effective: dict[Scope, Ignore] = {}
        self._ends: list[int] = []
        self._ended = 0

    @property
    def effective(self) -> Mapping[Scope, Ignore]:
        """All that is, or was, to be ignored."""
        return self._effective

    def say(self, rules: Rules, rulings: Mapping[Scope, Ignore]) -> None:
        """Takes over what settings and operators say."""
        self.rulings = dict(rulings)
        self._effective = effective_ignores(rules, rulings)
        self._ends = sorted({ignore.until for ignore in self._effective.values()})

    def turns(self, after: int, until: int) -> list[int]:
        """The ends after ``after`` and up to ``until``."""
        return self._ends[bisect_right(self._ends, after) : bisect_right(self._ends, until)]

    def turned(self, now: int) -> bool:
        """Whether an end lies between ``now`` and the moment for which rows were last resolved."""
        return bisect_right(self._ends, now) != self._ended

    def resolve(self, catalogue: Catalogue, before: Mapping[str, Hidden], now: int) -> list[Hidden]:
        """The levels of each surface of ``before`` that are ignored at ``now``, with the codes that are known of them.
        Rows that were not ignored before, or no longer are, are to be judged anew.
        """
        self._ended = bisect_right(self._ends, now)
        rows: dict[str, set[int]] = {name: set() for name in ("", *before)}
        scopes = [scope for scope, ignore in self._effective.items() if now < ignore.until and scope.surface in rows]
        for scope, row in zip(scopes, catalogue.rows_of([scope.sku for scope in scopes]).tolist(), strict=True):
            if row >= 0:
                rows[scope.surface].add(row)
        self.everywhere = _ascending(rows[""])
        found = []
        for name, old in before.items():
            hidden = _ascending(rows[""] | rows[name])
            codes = np.zeros(len(hidden), np.uint8)
            places, own = _shared(hidden, old.rows)
            codes[places] = old.codes[own]
            found.append(Hidden(hidden, codes))
        return found

    def leave_out(self, standings: NDArray[np.uint8], where: Rows, hidden: Iterable[Hidden]) -> None:
        """Makes *ignored*, in place, of SKUs that are ignored everywhere, and of those of which nothing else is left.
        ``hidden`` are the active surfaces'.
        """
        for one in hidden:
            places, own = one.among(where)
            places = places[one.codes[own] != Code.NOT_COMPARED]
            bare = (standings[places] == Standing.UNCOVERED) | (standings[places] == Standing.ABSENT)
            standings[places[bare]] = Standing.IGNORED
        places, _ = _shared(where, self.everywhere)
        standings[places[standings[places] != Standing.ABSENT]] = Standing.IGNORED

    def of(self, surface: str, sku: str, now: int) -> Ignore | None:
        """By what a level is ignored at ``now``, if it is: the whole SKU's before its own; without ``surface`` the
        whole SKU's alone.
        """
        for scope in (Scope("", sku), Scope(surface, sku)):
            found = self._effective.get(scope)
            if found is not None and now < found.until:
                return found
        return None


def _shared(where: Rows, rows: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if isinstance(where, slice):
        first, after = np.searchsorted(rows, [where.start, where.stop]).tolist()
        return (rows[first:after] - where.start).astype(np.intp), np.arange(first, after)
    if not len(rows):  # as nearly always
        return _NOWHERE, _NOWHERE
    _, places, own = np.intersect1d(where, rows, assume_unique=True, return_indices=True)
    return places, own


def _ascending(rows: set[int]) -> NDArray[np.int32]:
    return np.array(sorted(rows), np.int32) if rows else _NO_ROWS
