"""Entries of every kind, their odd corners included, and what makes two of them the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionStep, ActionStopAsked, RowChange, RowState
from stockdrift.stock.entries import (
    BufferRuling,
    Changes,
    CollectorNote,
    Entry,
    EpisodeEvent,
    Ignoring,
    Naming,
    Poll,
    Remarked,
    RereadAsked,
    RulesChanged,
    Ruling,
)
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.reading import BadRow, Covers, Outcome, Traffic
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.texts import Texts

times = st.integers(0, 2**53)
counts = st.integers(0, 2**40)
small = st.integers(0, 2**31)
words = st.text(max_size=20)

tolerances = st.builds(Tolerance, units=small, percent=st.integers(0, 10_000))
allotments = st.builds(Allotment, share=st.integers(0, 10_000), buffer=small, cap=st.none() | small)
ignores = st.builds(Ignore, reason=words, until=times, by=words, since=times)
surface_rules = st.builds(
    SurfaceRules,
    name=words,
    kind=st.sampled_from(["native", "feed", "marketplace"]),
    active=st.booleans(),
    lag=counts,
    every=counts,
    stale_after=counts,
    max_shrink=st.integers(0, 10_000),
    allotment=allotments,
    allotments=st.dictionaries(words, allotments, max_size=3),
    buffers=st.dictionaries(words, small, max_size=3),
    tolerance=st.none() | tolerances,
    tolerances=st.dictionaries(words, tolerances, max_size=3),
    compare_preorder=st.booleans(),
    sums_duplicates=st.booleans(),
    ignores=st.dictionaries(words, ignores, max_size=3),
    source=words,
)
any_rules: st.SearchStrategy[Rules] = st.builds(
    Rules,
    master=surface_rules,
    surfaces=st.lists(surface_rules, max_size=3).map(tuple),
    tolerance=tolerances,
    tolerances=st.dictionaries(words, tolerances, max_size=3),
    bundles=st.dictionaries(words, st.dictionaries(words, small, max_size=3), max_size=3),
    ignores=st.dictionaries(words, ignores, max_size=3),
    low_stock=small,
    store=words,
    currency=words,
)


@st.composite
def _changes(draw: st.DrawFn) -> Changes:
    rows = draw(st.lists(st.integers(0, 2**31 - 1), unique=True, max_size=20).map(sorted))
    count = len(rows)
    return Changes(
        np.array(rows, np.int32),
        draw(arrays.arrays(np.uint8, count, elements=st.sampled_from([int(state) for state in LevelState]))),
        draw(arrays.arrays(np.int32, count)),
        draw(arrays.arrays(np.uint8, count, elements=st.sampled_from([int(reason) for reason in UnknownReason]))),
        draw(st.none() | arrays.arrays(np.int32, (count, 4))),
    )


@st.composite
def _naming(draw: st.DrawFn) -> Naming:
    rows = draw(st.lists(st.integers(0, 2**31 - 1), unique=True, max_size=10).map(sorted))
    prices = draw(st.lists(st.floats(allow_nan=True), min_size=len(rows), max_size=len(rows)))
    names = draw(st.lists(words, min_size=len(rows), max_size=len(rows)))
    return Naming(np.array(rows, np.int32), names, np.array(prices, np.float64))


polls: st.SearchStrategy[Poll] = st.builds(
    Poll,
    surface=words,
    outcome=st.sampled_from(Outcome),
    covers=st.sampled_from(Covers),
    started_at=times,
    read_at=times,
    reason=words,
    as_of=st.none() | times,
    listed=small,
    new_skus=st.lists(words, max_size=10),
    changes=_changes(),
    naming=_naming(),
    bad_rows=st.lists(st.builds(BadRow, row=small, sku=words, said=words), max_size=5).map(tuple),
    bad_count=small,
    traffic=st.builds(
        Traffic,
        requests=small,
        failures=small,
        throttled=small,
        bytes=counts,
        budget=st.none() | st.floats(0, 1),
    ),
    next_at=st.none() | times,
)
rulings = st.builds(
    Ruling,
    at=times,
    operator=words,
    scope=st.builds(Scope, surface=words, sku=words),
    tolerance=st.none() | tolerances,
    undoes=counts,
    reason=words,
)
buffers = st.builds(
    BufferRuling,
    at=times,
    operator=words,
    scope=st.builds(Scope, surface=words, sku=words),
    units=st.none() | small,
    undoes=counts,
    reason=words,
)
remarked = st.builds(
    Remarked,
    at=times,
    operator=words,
    kind=st.sampled_from(RemarkKind),
    scope=st.builds(Scope, surface=words, sku=words),
    remark=st.none() | st.builds(Remark, text=words, until=st.none() | times, by=words, since=times, worst=words),
    undoes=counts,
)
ignorings = st.builds(
    Ignoring,
    at=times,
    operator=words,
    scope=st.builds(Scope, surface=words, sku=words),
    ignore=st.none() | ignores,
    undoes=counts,
)
entries: st.SearchStrategy[Entry] = st.one_of(
    polls,
    ignorings,
    st.builds(RulesChanged, at=times, rules=any_rules),
    rulings,
    buffers,
    remarked,
    st.builds(RereadAsked, at=times, operator=words, surface=words),
    st.builds(CollectorNote, at=times, event=words, text=words),
    st.builds(
        ActionAsked,
        at=times,
        operator=words,
        key=words,
        kind=words,
        surface=words,
        reason=words,
        note=words,
        rows=st.lists(st.builds(RowChange, sku=words, before=counts, after=counts), max_size=5).map(tuple),
        typed=words,
        undoes=words,
        retries=words,
        trust=words,
        overrides=st.lists(words, max_size=2).map(tuple),
        settled=st.lists(words, max_size=2).map(tuple),
    ),
    st.builds(ActionDismissed, at=times, operator=words, key=words, reason=words),
    st.builds(ActionStopAsked, at=times, operator=words, key=words),
    st.builds(
        ActionStep,
        at=times,
        key=words,
        state=st.sampled_from(RowState),
        places=st.lists(small, max_size=5).map(tuple),
        why=words,
        sent=words,
        answer=words,
    ),
)


def portrait(value: Any) -> Any:
    """A value that is equal to another's exactly where both say the same, to the bit and the type of each number."""
    if isinstance(value, msgspec.Struct):
        named = {name: portrait(getattr(value, name)) for name in value.__struct_fields__}
        return type(value).__name__, named
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return {key: portrait(item) for key, item in value.items()}
    if isinstance(value, list | tuple | Texts):
        return tuple(portrait(item) for item in value)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return type(value), value


def numbered(number: int) -> Poll:
    """The poll that a writer of numbered polls records as its ``number``-th: the same wherever it is made."""
    rng = np.random.default_rng(number)
    count = number * 37 % 800
    rows = np.sort(rng.choice(100_000, count, replace=False)).astype(np.int32)
    return Poll(
        surface=f"surface {number % 3}",
        outcome=Outcome.COMPLETE,
        covers=Covers.CHANGED,
        started_at=number,
        read_at=number + 1,
        listed=count,
        new_skus=[f"S{number}-{place}" for place in range(number % 5)],
        changes=Changes(
            rows,
            np.ones(count, np.uint8),
            rng.integers(-5, 500, count, dtype=np.int32),
            np.zeros(count, np.uint8),
        ),
        number=number,
    )


def began(
    sku: str, at: int, surface: str = "facebook", severity: str = "over", deviation: int | None = 8
) -> EpisodeEvent:
    return EpisodeEvent(sku, surface, True, at, severity, deviation)


def ceased(sku: str, at: int, surface: str = "facebook") -> EpisodeEvent:
    return EpisodeEvent(sku, surface, False, at, "", 0)
