"""A monitor as plain columns and values, and back: so that a long journal need not be replayed from its beginning.

``thaw(freeze(monitor))`` judges as ``monitor`` does, and goes on alike whatever it is told next. Codes, standings and
phases are not kept: they follow from the rest.

The shape of a snapshot is part of the journal's schema: what lay before an old checkpoint may have been dropped, and
then there is nothing else to begin from. Something new is read with a default; whatever else changes wants a step in
``store/migrate.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Any, Final, TypeGuard

import numpy as np
from msgspec import Struct, to_builtins
from numpy.typing import NDArray

from stockdrift.stock import sayings
from stockdrift.stock.board import Board
from stockdrift.stock.brief import Apart, Brief, all_alike, runs_of, whole
from stockdrift.stock.column import Column, uniform
from stockdrift.stock.entries import Changes, Naming, Poll
from stockdrift.stock.freshness import LagTrail
from stockdrift.stock.history import MasterHistory
from stockdrift.stock.lag import LagEstimate
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.packed_levels import PackedLevels
from stockdrift.stock.picture import SettingsNote
from stockdrift.stock.prices import Prices
from stockdrift.stock.reading import Covers, Outcome, Traffic
from stockdrift.stock.rules import Rules
from stockdrift.stock.texts import TextStore
from stockdrift.stock.values import replace

_LEVELS: Final = ("states", "quantities", "reasons")


class Snapshot(Struct, frozen=True, eq=False):
    """``skus``, ``names`` and ``prices`` are by row, ``values`` is JSON (dictionaries, lists, numbers, text),
    ``columns`` are flat columns of whole numbers by name. ``touched`` says which parts of the catalogue
    (:data:`~stockdrift.stock.catalogue.PART` rows each) are new since the checkpoint that was written or begun from.
    """

    rules: Rules
    skus: Sequence[str]
    names: Sequence[str]
    prices: Prices
    values: dict[str, Any]
    columns: Mapping[str, Brief]
    touched: Set[int] = frozenset()


class Made(Mapping[str, Brief]):
    """Columns of which some are made only when they are asked for, each time: so those of a large store are never there
    all at once.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any] | Callable[[], Brief]]) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> Brief:
        found = self._columns[name]
        return found() if callable(found) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def levels_of(surface: str, what: str) -> str:
    """Name of a surface's column of ``what``: states, quantities or reasons, by row; since and since.rows, of
    those rows alone that drift.
    """
    return f"surface/{surface}/{what}"


def freeze(monitor: Monitor) -> Snapshot:
    """What there is to know of ``monitor`` by its last entry. Shares no memory with it."""
    found = seen(monitor)
    return replace(
        found,
        skus=TextStore.of(found.skus).copy(),
        names=TextStore.of(found.names).copy(),
        prices=found.prices.copy(),
        columns={name: whole(column).copy() for name, column in found.columns.items()},
    )


def seen(monitor: Monitor) -> Snapshot:
    """As :func:`freeze`, over the monitor's own memory: it holds until that is told something new."""
    monitor.untick()
    board, history = monitor.board, monitor.history
    parts = sorted(board.parts.items())
    columns: dict[str, NDArray[Any] | Callable[[], Brief]] = {
        "times": np.array(board.times, np.int64),
        "parts.rows": np.array([row for row, _ in parts], np.int32),
        "parts": np.array([part for _, part in parts], np.int32).reshape(-1),
    }
    for name in history.COLUMNS:
        columns[f"history/{name}"] = partial(history.column, name)
    for column in board.columns:
        for what in _LEVELS:
            columns[levels_of(column.rules.name, what)] = partial(_levels, column, what, board.size)
        columns[levels_of(column.rules.name, "since.rows")] = column.since.rows
        columns[levels_of(column.rules.name, "since")] = column.since.values
    values = {
        "now": board.now,
        "recording": monitor.recording,
        "settings": None if monitor.settings is None else to_builtins(monitor.settings),
        "first_at": history.first_at,
        "room": history.room,
        "trend": monitor.trend.steps(),
        "trend_since": monitor.trend.since,
        "reads": {column.rules.name: _reads(column) for column in board.columns},
        "lags": {
            board.columns[index].rules.name: to_builtins(estimate)
            for index, estimate in monitor.lags.items()
            if estimate is not None
        },
        "trails": {name: trail.stretches() for name, trail in monitor.trails.items()},
        "trail_reads": {name: trail.reads() for name, trail in monitor.trails.items()},
        "traffic": {name: list(entries) for name, entries in monitor.traffic.items()},
        "said": [sayings.plain(entry) for entry in monitor.said],
        "actions": monitor.ledger.packed(),
        "aftermath": monitor.aftermath.plain(),
    }
    catalogue = board.catalogue
    return Snapshot(
        board.rules,
        catalogue.skus,
        catalogue.names,
        catalogue.prices,
        values,
        Made(columns),
        frozenset(catalogue.touched),
    )


def thaw(snapshot: Snapshot, *, take: bool = False) -> Monitor:
    """The monitor that was frozen. With ``take`` the snapshot's texts become its own: it is not to be used any more.

    Raises KeyError or ValueError where the snapshot is not whole.
    """
    monitor = Monitor(snapshot.rules)
    values, columns = snapshot.values, snapshot.columns
    board = monitor.board
    known_by, named, prices = TextStore.of(snapshot.skus), TextStore.of(snapshot.names), snapshot.prices
    if not take:
        known_by, named, prices = known_by.copy(), named.copy(), prices.copy()
    board.catalogue.restore(known_by, named, prices)
    board.make_room()
    board.now = values["now"]
    board.times = whole(columns["times"]).tolist()
    rows, parts = whole(columns["parts.rows"]).tolist(), whole(columns["parts"]).reshape(-1, 4).tolist()
    board.parts = {row: (a, b, c, d) for row, (a, b, c, d) in zip(rows, parts, strict=True)}
    for column in board.columns:
        _restore(column, board, snapshot)
    monitor.history = MasterHistory.restored(
        whole(columns["history/rows"]),
        runs_of(columns["history/lows"]),
        runs_of(columns["history/highs"]),
        _past(board, snapshot),
        first_at=values["first_at"],
        catalogue_size=board.size,
        room=values.get("room", 0),
    )
    monitor.recording = values["recording"]
    told = values.get("settings")
    monitor.settings = None if told is None else SettingsNote(**told)
    monitor.restore_trend(values["trend"], values["trend_since"])
    monitor.traffic = {name: deque((a, b, c) for a, b, c in entries) for name, entries in values["traffic"].items()}
    reads = values.get("trail_reads", {})  # an older checkpoint has none
    monitor.trails = {name: LagTrail(kept, reads.get(name, ())) for name, kept in values.get("trails", {}).items()}
    names = {column.rules.name: index for index, column in enumerate(board.columns)}
    monitor.lags = {names[name]: LagEstimate(**found) for name, found in values["lags"].items()}
    monitor.ledger.restore(values.get("actions", ()))
    monitor.aftermath.restore(values.get("aftermath", {}))
    monitor.restore_said(sayings.of_plain(found) for found in _said(values))
    return monitor


def _levels(column: Column, what: str, size: int) -> NDArray[Any]:
    found: NDArray[Any] = getattr(column, what)[:size]
    return found


def _reads(column: Column) -> dict[str, Any]:
    last = column.last
    return {
        "read_at": column.read_at,
        "as_of": column.as_of,
        "complete_at": column.complete_at,
        "complete_reads": column.complete_reads,
        "whole": column.whole,
        "listed": column.listed,
        "bad_rows": column.bad_rows,
        "begun_at": column.begun_at,
        "nameless": column.nameless,
        "named": column.named,
        "last": None
        if last is None
        else {
            "outcome": str(last.outcome),
            "covers": str(last.covers),
            "started_at": last.started_at,
            "read_at": last.read_at,
            "reason": last.reason,
            "as_of": last.as_of,
            "listed": last.listed,
            "bad_count": last.bad_count,
            "traffic": to_builtins(last.traffic),
            "next_at": last.next_at,
            "number": last.number,
        },
    }


def _restore(column: Column, board: Board, snapshot: Snapshot) -> None:
    name = column.rules.name
    states, quantities = (snapshot.columns[levels_of(name, what)] for what in ("states", "quantities"))
    if _as_the_master(quantities, states, snapshot):
        column.levels.become(board.master.levels)
        column.levels.put_quantities(quantities.rows, quantities.numbers())
    else:
        column.levels.put(slice(0, board.size), whole(states), whole(quantities))
    told = snapshot.columns[levels_of(name, "reasons")]
    reasons = whole(told)
    if all_alike(told, UnknownReason.NONE) or not reasons.any():
        column.reasons = uniform(UnknownReason.NONE, len(column.levels))
    else:
        column.give_reasons(slice(0, board.size), reasons)
    column.since.rows = whole(snapshot.columns[levels_of(name, "since.rows")]).copy()
    column.since.values = whole(snapshot.columns[levels_of(name, "since")]).copy()
    reads = snapshot.values["reads"][name]
    for key in ("read_at", "as_of", "complete_at", "complete_reads", "whole", "listed", "bad_rows"):
        setattr(column, key, reads[key])
    column.begun_at = reads.get("begun_at", 0)
    column.nameless, column.named = reads.get("nameless"), reads.get("named")
    last = reads["last"]
    if last is not None:
        column.last = Poll(
            name,
            Outcome(last["outcome"]),
            Covers(last["covers"]),
            last["started_at"],
            last["read_at"],
            last["reason"],
            last["as_of"],
            last["listed"],
            changes=Changes(),
            naming=Naming(),
            bad_count=last["bad_count"],
            traffic=Traffic(**last["traffic"]),
            next_at=last["next_at"],
            number=last["number"],
        )


def _past(board: Board, snapshot: Snapshot) -> PackedLevels:
    """The levels of the master's history, by record."""
    states, quantities = snapshot.columns["history/states"], snapshot.columns["history/atps"]
    if _as_the_master(quantities, states, snapshot):
        levels = board.master.levels.take(slice(0, board.size))
        levels.put_quantities(quantities.rows, quantities.numbers())
    else:
        found = whole(states)
        levels = PackedLevels(len(found), LevelState.UNKNOWN)
        levels.put(slice(0, len(found)), found, whole(quantities))
    return levels


def _as_the_master(quantities: Brief, states: Brief, snapshot: Snapshot) -> TypeGuard[Apart]:
    """Whether these levels are the master's, but for where the quantities say so; all of them are quantities."""
    master = snapshot.rules.master.name
    return (
        isinstance(quantities, Apart)
        and quantities.base is snapshot.columns[levels_of(master, "quantities")]
        and all_alike(states, LevelState.COUNTED)
        and all_alike(snapshot.columns[levels_of(master, "states")], LevelState.COUNTED)
    )


def _said(values: dict[str, Any]) -> list[dict[str, Any]]:
    """What operators said; an earlier version kept it by kind."""
    if "said" in values:
        return list(values["said"])
    return [
        *({"entry": "Ruling", **found} for found in values["rulings"]),
        *({"entry": "Ignoring", **found} for found in values.get("ignorings", ())),
    ]
