"""Stores, rules and runs of readings, small enough that everything that can meet does meet."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from stockdrift.stock.entries import BufferRuling, Remarked
from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, SurfaceRules, Tolerance
from tests.stock.scene import T0

SKUS = [f"S{number}" for number in range(6)]
SURFACES = ["embed", "facebook", "amazon"]

tolerances = st.builds(Tolerance, units=st.integers(0, 3), percent=st.sampled_from([0, 0, 1_000, 3_333, 5_000]))
allotments = st.builds(
    Allotment,
    share=st.sampled_from([10_000, 10_000, 5_000, 3_333, 0]),
    buffer=st.sampled_from([0, 0, 1, 2]),
    cap=st.sampled_from([None, None, 0, 3]),
)


ignores = st.builds(Ignore, reason=st.just("counted again"), until=st.integers(T0 - 5, T0 + 250))
ignored = st.dictionaries(st.sampled_from(SKUS), ignores, max_size=1)


def _surface(
    stated: Set[str], allotment: Allotment, allotments: Mapping[str, Allotment], **others: Any
) -> SurfaceRules:
    """As from settings: of a SKU whose buffer is not ``stated`` the surface's own stands in its allotment."""
    return SurfaceRules(
        allotment=allotment,
        allotments={
            sku: own if sku in stated else replace(own, buffer=allotment.buffer) for sku, own in allotments.items()
        },
        buffers={sku: own.buffer for sku, own in allotments.items() if sku in stated},
        **others,
    )


def surface_rules(name: str) -> st.SearchStrategy[SurfaceRules]:
    return st.builds(
        _surface,
        name=st.just(name),
        active=st.sampled_from([True, True, True, False]),
        lag=st.sampled_from([10, 40]),
        stale_after=st.sampled_from([25, 60]),
        max_shrink=st.sampled_from([2_000, 5_000]),
        allotment=allotments,
        allotments=st.dictionaries(st.sampled_from(SKUS), allotments, max_size=2),
        stated=st.sets(st.sampled_from(SKUS)),
        tolerance=st.none() | tolerances,
        tolerances=st.dictionaries(st.sampled_from(SKUS), tolerances, max_size=2),
        compare_preorder=st.booleans(),
        ignores=ignored,
        source=st.sampled_from(["", "", "moved"]),
    )


any_rules: st.SearchStrategy[Rules] = st.builds(
    Rules,
    master=st.builds(
        SurfaceRules,
        name=st.just(MASTER),
        stale_after=st.sampled_from([25, 60]),
        source=st.sampled_from(["", "", "moved"]),
    ),
    surfaces=st.tuples(*(surface_rules(name) for name in SURFACES)),
    tolerance=tolerances,
    tolerances=st.dictionaries(st.sampled_from(SKUS), tolerances, max_size=2),
    ignores=ignored,
    bundles=st.dictionaries(
        st.sampled_from(SKUS[:2]), st.dictionaries(st.sampled_from(SKUS[2:]), st.integers(1, 3), min_size=1), max_size=1
    ),
)

levels = st.one_of(
    st.integers(-2, 8).map(lambda quantity: (LevelState.COUNTED, quantity)),
    st.sampled_from([-(2**31), 2**31 - 1]).map(lambda quantity: (LevelState.COUNTED, quantity)),
    st.sampled_from([state for state in LevelState if state is not LevelState.COUNTED]).map(lambda state: (state, 0)),
)


@st.composite
def readings(draw: st.DrawFn, at: int) -> Reading:
    """One attempt: mostly complete, with SKUs missing, doubled or unknown as they come."""
    likely = st.lists(st.tuples(st.sampled_from(SKUS), levels), min_size=0, max_size=8)
    whole = st.fixed_dictionaries(dict.fromkeys(SKUS, levels)).map(lambda found: list(found.items()))
    pairs = draw(whole | likely)
    return Reading(
        surface=draw(st.sampled_from([MASTER, MASTER, *SURFACES])),
        outcome=draw(st.sampled_from([Outcome.COMPLETE] * 6 + [Outcome.PARTIAL, Outcome.FAILED])),
        started_at=at,
        read_at=at,
        covers=draw(st.sampled_from([Covers.ALL, Covers.ALL, Covers.CHANGED])),
        skus=[sku for sku, _ in pairs],
        states=np.array([state for _, (state, _) in pairs], np.uint8),
        quantities=np.array([quantity for _, (_, quantity) in pairs], np.int32),
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


@st.composite
def runs(draw: st.DrawFn) -> list[Step]:
    """Readings, what operators say, and ticks of the clock, in order of time."""
    now, found = T0, []  # type: int, list[Step]
    for _ in range(draw(st.integers(1, 14))):
        now += draw(st.integers(1, 20))
        match draw(st.sampled_from(["read"] * 6 + ["rule", "hold back", "ignore", "remark", "tick"])):
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
