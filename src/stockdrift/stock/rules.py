"""The rules by which levels are judged: plain values, made from settings and operators' rulings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from msgspec import Struct, field

from stockdrift.stock.freeze import Window
from stockdrift.stock.values import replace

WHOLE: Final = 10_000
"""Shares and percentages are whole basis points, so that the same numbers give the same verdict everywhere."""


class Tolerance(Struct, frozen=True):
    """How far a level may be off: ``units``, or ``percent`` (basis points) of expected with ``units`` as its floor."""

    units: int = 0
    percent: int = 0

    def allowed(self, expected: int) -> int:
        """Units that a level may be off where ``expected`` is expected. Deviations are whole, so this is too."""
        return max(self.units, self.percent * expected // WHOLE)

    def __str__(self) -> str:
        if not self.percent:
            return f"{self.units} unit" + ("" if self.units == 1 else "s")
        return f"{self.percent / 100:g} %" + (f", at least {self.units}" if self.units else "")


class Allotment(Struct, frozen=True):
    """``expected = clamp(floor(share × ATP) − buffer, 0, cap)``; ``share`` in basis points."""

    share: int = WHOLE
    buffer: int = 0
    cap: int | None = None


class Ignore(Struct, frozen=True):
    """A SKU is left out until ``until`` (ms): not tracked, not compared. ``by`` is empty where the settings say so."""

    reason: str
    until: int
    by: str = ""
    since: int = 0  # ms; 0 where the settings say so


class Spending(Struct, frozen=True):
    """What writing takes of a surface's allowance of requests in a window: a batch of up to ``rows`` rows takes
    ``a_batch`` (sending it, and asking what became of it), each row ``a_row`` besides.
    """

    allowance: int
    rows: int
    a_batch: int = 3
    a_row: int = 0

    def share(self, rows: int) -> float:
        """The part of the allowance that writing so many rows takes; above 1 it takes more than a window."""
        return (-(-rows // self.rows) * self.a_batch + rows * self.a_row) / self.allowance


class SurfaceRules(Struct, frozen=True):
    """How one surface is judged. The maps hold what is set for single SKUs on this surface.

    ``source`` is a fingerprint of where and how it is read: under another one the same name is another surface.
    """

    name: str
    kind: str = "native"  # native | feed | marketplace
    active: bool = True
    lag: int = 30_000  # ms behind the master that is still normal
    every: int = 30_000  # ms between reads
    stale_after: int = 120_000  # ms since the last complete read after which its levels are unknown
    max_shrink: int = 2_000  # basis points fewer rows than the last complete read that make a read partial
    allotment: Allotment = Allotment()
    allotments: Mapping[str, Allotment] = field(default_factory=dict)
    buffers: Mapping[str, int] = field(default_factory=dict)  # those of ``allotments`` that are not the surface's own
    tolerance: Tolerance | None = None
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    compare_preorder: bool = False
    sums_duplicates: bool = False  # the vendor means several rows of one SKU as a sum
    ignores: Mapping[str, Ignore] = field(default_factory=dict)
    source: str = ""
    writable: bool = False  # there is a writer for its system
    write: bool = False  # and the settings allow it to be used
    conflict: str = "master"  # whom to trust where they differ: master | surface | ask
    overwritten: bool = False  # a feed will overwrite what is written
    listing: str = ""  # what is taken down with a listing: item | variant | product; empty where none can be
    refresh: str = ""  # what to do where it cannot be written, as a sentence
    spending: Spending | None = None  # None where its system has no allowance


class ActionRules(Struct, frozen=True):
    """What guards writes. Above the limits the surface's name has to be typed. In ``freezes`` nothing is written, and
    where there are ``openings``, only in these; a freeze stands above them.
    """

    confirm_rows: int = 25
    confirm_share: int = 1_000  # basis points of the SKUs that the surface lists
    confirm_zeroes: int = 5  # rows that are set to 0
    reasons: tuple[str, ...] = ("feed lag", "recount", "manual fix", "other")
    freezes: tuple[Window, ...] = ()
    openings: tuple[Window, ...] = ()
    reserve: int = 2_000  # basis points of a surface's requests that are kept for reading back
    tries: int = 5  # how often what was certainly not sent is tried
    keep: int = 30 * 86_400_000  # ms for which an action is remembered after its end


class Rules(Struct, frozen=True):
    """All that judging needs besides readings. ``tolerances`` holds what is set for a SKU on every surface.

    ``bundles`` maps a bundle's SKU to its components and the units of each that one bundle takes.
    """

    master: SurfaceRules
    surfaces: Sequence[SurfaceRules]
    tolerance: Tolerance = Tolerance()
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    bundles: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ignores: Mapping[str, Ignore] = field(default_factory=dict)  # of SKUs on every surface
    low_stock: int = 5  # ATP at or below which a SKU counts as low
    store: str = ""
    currency: str = ""
    actions: ActionRules = ActionRules()

    def surface(self, name: str) -> SurfaceRules:
        """The rules of the surface (or master) called ``name``. Raises KeyError."""
        for rules in (self.master, *self.surfaces):
            if rules.name == name:
                return rules
        raise KeyError(name)


class Scope(Struct, frozen=True):
    """What an operator's ruling speaks of: the store (both empty), a surface, a SKU, or a SKU on a surface."""

    surface: str = ""
    sku: str = ""

    def __str__(self) -> str:
        if self.surface and self.sku:
            return f"{self.sku} on {self.surface}"
        return self.surface or self.sku or "the store"


Value = TypeVar("Value")


class Holding(Struct, Generic[Value], frozen=True):
    """A value that holds, the scope for which it is set, and whether an operator ruled it or the settings say it."""

    value: Value
    scope: Scope
    ruled: bool


def stated_tolerance(rules: Rules, scope: Scope) -> Tolerance | None:
    """What the settings say of exactly ``scope``. Raises KeyError where there is no such surface."""
    if scope.surface:
        own = rules.surface(scope.surface)
        return own.tolerances.get(scope.sku) if scope.sku else own.tolerance
    return rules.tolerances.get(scope.sku) if scope.sku else rules.tolerance


def stated_buffer(rules: Rules, scope: Scope) -> int | None:
    """What the settings say of exactly ``scope``. Raises KeyError where there is no such surface."""
    if not scope.surface:
        return None
    own = rules.surface(scope.surface)
    return own.buffers.get(scope.sku) if scope.sku else own.allotment.buffer


def holding_tolerance(rules: Rules, rulings: Mapping[Scope, Tolerance], surface: str, sku: str) -> Holding[Tolerance]:
    """The most specific tolerance that is set: SKU on surface, SKU, surface, store; without ``sku`` the surface's.

    At each level an operator's ruling stands before the file's value. Raises KeyError.
    """
    return _first_set(surface, sku, rulings, lambda scope: stated_tolerance(rules, scope), Tolerance())


def holding_buffer(rules: Rules, rulings: Mapping[Scope, int], surface: str, sku: str) -> Holding[int]:
    """The most specific safety buffer that is set: SKU on surface, SKU, surface; without ``sku`` the surface's.

    At each level an operator's ruling stands before the file's value. Raises KeyError.
    """
    return _first_set(surface, sku, rulings, lambda scope: stated_buffer(rules, scope), 0)


def effective_tolerance(rules: Rules, rulings: Mapping[Scope, Tolerance], surface: str, sku: str) -> Tolerance:
    """The tolerance that holds for ``sku`` on ``surface``; without ``sku`` the surface's. Raises KeyError."""
    return holding_tolerance(rules, rulings, surface, sku).value


def effective_allotment(rules: Rules, buffers: Mapping[Scope, int], surface: str, sku: str) -> Allotment:
    """What ``sku`` gets on ``surface``, the buffer that operators ruled in it. Raises KeyError."""
    own = rules.surface(surface)
    allotment = own.allotments.get(sku, own.allotment)
    return replace(allotment, buffer=holding_buffer(rules, buffers, surface, sku).value)


def _first_set(
    surface: str,
    sku: str,
    rulings: Mapping[Scope, Value],
    stated: Callable[[Scope], Value | None],
    otherwise: Value,
) -> Holding[Value]:
    ladder = [Scope(surface), Scope()]
    if sku:  # without one these scopes would be the surface's and the store's
        ladder[:0] = [Scope(surface, sku), Scope("", sku)]
    for scope in ladder:
        if scope in rulings:
            return Holding(rulings[scope], scope, ruled=True)
        from_file = stated(scope)
        if from_file is not None:
            return Holding(from_file, scope, ruled=False)
    return Holding(otherwise, Scope(), ruled=False)
