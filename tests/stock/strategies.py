"""Stores, rules and runs of readings, small enough that everything that can meet does meet.

What Hypothesis draws one by one costs more than what is tested with it. So most is drawn whole: one of a pool made
beforehand, the plainest first, or the bytes that a reading's levels are looked up by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from stockdrift.stock.entries import BufferRuling, Remarked
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.values import replace
from tests.stock.scene import T0

SKUS = [f"S{number}" for number in range(6)]
SURFACES = ["embed", "facebook", "amazon"]

T = TypeVar("T")

_TOLERANCES = [Tolerance(units, percent) for percent in (0, 0, 1_000, 3_333, 5_000) for units in range(4)]
_ALLOTMENTS = [
    Allotment(share, buffer, cap)
    for cap in (None, None, 0, 3)
    for buffer in (0, 0, 1, 2)
    for share in (10_000, 10_000, 5_000, 3_333, 0)
]
_LEVELS = [
    *((LevelState.COUNTED, quantity) for quantity in [*range(9), -1, -2] * 3),
    *((LevelState.COUNTED, quantity) for quantity in [-(2**31), 2**31 - 1] * 3),
    *((state, 0) for state in [state for state in LevelState if state is not LevelState.COUNTED] * 3),
]

tolerances = st.sampled_from(_TOLERANCES)
ignores = st.integers(T0 - 5, T0 + 250).map(lambda until: Ignore("counted again", until))


def _dictionary(chance: Random, value: Callable[[], T], most: int) -> dict[str, T]:
    return {sku: value() for sku in chance.sample(SKUS, chance.randint(0, most))}


def _ignored(chance: Random) -> dict[str, Ignore]:
    return _dictionary(chance, lambda: Ignore("counted again", T0 + chance.randint(-5, 250)), 1)


def _surface(name: str, chance: Random) -> SurfaceRules:
    """As from settings: of a SKU whose buffer is not stated the surface's own stands in its allotment."""
    allotment = chance.choice(_ALLOTMENTS)
    allotments = _dictionary(chance, lambda: chance.choice(_ALLOTMENTS), 2)
    stated = {sku for sku in allotments if chance.random() < 0.5}
    return SurfaceRules(
        name=name,
        active=chance.random() < 0.75,
        lag=chance.choice([10, 40]),
        stale_after=chance.choice([25, 60]),
        max_shrink=chance.choice([2_000, 5_000]),
        allotment=allotment,
        allotments={
            sku: own if sku in stated else replace(own, buffer=allotment.buffer) for sku, own in allotments.items()
        },
        buffers={sku: own.buffer for sku, own in allotments.items() if sku in stated},
        tolerance=chance.choice([None, chance.choice(_TOLERANCES)]),
        tolerances=_dictionary(chance, lambda: chance.choice(_TOLERANCES), 2),
        compare_preorder=chance.random() < 0.5,
        ignores=_ignored(chance),
        source=chance.choice(["", "", "moved"]),
    )


def _bundles(chance: Random) -> dict[str, dict[str, int]]:
    parts = chance.sample(SKUS[2:], chance.randint(1, 4))
    return {chance.choice(SKUS[:2]): {part: chance.randint(1, 3) for part in parts}} if chance.random() < 0.5 else {}


def _rules(chance: Random) -> Rules:
    """What is no surface's own."""
    return Rules(
        master=SurfaceRules(name=MASTER, stale_after=chance.choice([25, 60]), source=chance.choice(["", "", "moved"])),
        surfaces=(),
        tolerance=chance.choice(_TOLERANCES),
        tolerances=_dictionary(chance, lambda: chance.choice(_TOLERANCES), 2),
        ignores=_ignored(chance),
        bundles=_bundles(chance),
    )


def _pool(first: T, make: Callable[[Random], T]) -> st.SearchStrategy[T]:
    chance = Random(7)
    return st.sampled_from([first, *(make(chance) for _ in range(999))])


def surface_rules(name: str) -> st.SearchStrategy[SurfaceRules]:
    plain = SurfaceRules(name=name, lag=10, stale_after=60, max_shrink=5_000)
    return _pool(plain, lambda chance: _surface(name, chance))


any_rules: st.SearchStrategy[Rules] = st.builds(
    lambda common, *surfaces: replace(common, surfaces=surfaces),
    _pool(Rules(master=SurfaceRules(name=MASTER, stale_after=60), surfaces=()), _rules),
    *(surface_rules(name) for name in SURFACES),
)

# Mostly complete, and of all; SKUs missing, doubled or unknown as they come, or each named once.
_READ = list(
    product(
        [MASTER, MASTER, *SURFACES],
        [Covers.ALL, Covers.ALL, Covers.CHANGED],
        [Outcome.COMPLETE] * 6 + [Outcome.PARTIAL, Outcome.FAILED],
        [True, False],
    )
)


@st.composite
def readings(draw: st.DrawFn, at: int) -> Reading:
    """One attempt."""
    surface, covers, outcome, each_once = draw(st.sampled_from(_READ))
    if each_once:
        said = list(zip(SKUS, draw(st.binary(min_size=len(SKUS), max_size=len(SKUS))), strict=True))
    else:
        drawn = draw(st.binary(max_size=16))
        said = [(SKUS[sku % len(SKUS)], level) for sku, level in zip(drawn[::2], drawn[1::2], strict=False)]
    levels = [_LEVELS[level % len(_LEVELS)] for _, level in said]
    return Reading(
        surface=surface,
        outcome=outcome,
        started_at=at,
        read_at=at,
        covers=covers,
        skus=[sku for sku, _ in said],
        states=np.array([state for state, _ in levels], np.uint8),
        quantities=np.array([quantity for _, quantity in levels], np.int32),
    )


@dataclass(frozen=True)
class Ruled:
    """An operator's ruling within a run."""

    scope: Scope
    tolerance: Tolerance | None


@dataclass(frozen=True)
class LeftOut:
    """What an operator leaves out within a run, or takes back."""

    scope: Scope
    ignore: Ignore | None


@dataclass(frozen=True)
class HeldBack:
    """An operator's buffer within a run."""

    scope: Scope
    units: int | None


@dataclass(frozen=True)
class Remarks:
    """What an operator says within a run that changes no verdict. Its severity and moment are those of the run."""

    kind: RemarkKind
    scope: Scope
    until: int | None
    taken_back: bool = False


Step = Reading | Ruled | LeftOut | HeldBack | Remarks | int

sku_scopes = st.builds(Scope, surface=st.sampled_from(["", *SURFACES]), sku=st.sampled_from(SKUS))
scopes = st.builds(Scope, surface=st.sampled_from(["", *SURFACES]), sku=st.sampled_from(["", *SKUS]))
remarks = st.builds(
    Remarks,
    kind=st.sampled_from(RemarkKind),
    scope=scopes,
    until=st.none() | st.integers(T0 - 5, T0 + 250),
    taken_back=st.sampled_from([False, False, False, True]),
)
held_back = st.builds(
    HeldBack,
    scope=scopes.filter(lambda scope: scope != Scope()),
    units=st.sampled_from([None, 0, 1, 3, 2**31]),
)


def buffer_rulings(at: int) -> st.SearchStrategy[BufferRuling]:
    """What an operator holds back, said at ``at``."""
    return held_back.map(lambda held: BufferRuling(at, "op", held.scope, held.units))


def remarked(at: int) -> st.SearchStrategy[Remarked]:
    """What an operator remarks at ``at``."""
    worst = st.sampled_from(["", "orphan", "under", "over", "oversell"])
    return st.builds(
        lambda said, worst: Remarked(
            at,
            "op",
            said.kind,
            said.scope,
            None if said.taken_back else Remark("seen", said.until, "op", at, worst),
        ),
        remarks,
        worst,
    )


_STEPS = list(product(range(1, 21), ["read"] * 6 + ["rule", "hold back", "ignore", "remark", "tick"]))


@st.composite
def runs(draw: st.DrawFn) -> list[Step]:
    """Readings, what operators say, and ticks of the clock, in order of time."""
    now, found = T0, []  # type: int, list[Step]
    for _ in range(draw(st.integers(1, 14))):
        wait, kind = draw(st.sampled_from(_STEPS))
        now += wait
        match kind:
            case "read":
                found.append(draw(readings(now)))
            case "rule":
                found.append(Ruled(draw(scopes), draw(st.none() | tolerances)))
            case "hold back":
                found.append(draw(held_back))
            case "remark":
                found.append(draw(remarks))
            case "ignore":
                found.append(LeftOut(draw(sku_scopes), draw(st.none() | ignores)))
            case _:
                found.append(now)
    return found
