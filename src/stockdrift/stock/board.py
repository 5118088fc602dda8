"""The board: what every surface says of every SKU, as columns, and what that amounts to.

Column 0 is the master, the others are the surfaces as configured. A poll costs its changed rows; only when a column
as a whole becomes known or unknown, or the rules change, is it judged anew from top to bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.column import SLACK, Column, grown
from stockdrift.stock.entries import Changes, Naming, Poll
from stockdrift.stock.expect import yardstick
from stockdrift.stock.ignoring import Ignores
from stockdrift.stock.judge import Standing
from stockdrift.stock.judging import Shift, judge_all, judge_rows
from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState
from stockdrift.stock.packed_levels import PackedLevels, Quantities, States, grow_together
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.stock.rows import either, union
from stockdrift.stock.rules import Ignore, Rules, Scope, Tolerance
from stockdrift.stock.values import replace

_FIRST_CAPACITY: Final = 1024

TIMES: Final = 4_096
"""Polls whose times are kept before those that nobody asks for any more are dropped."""


class Board:
    """Levels, codes and standings. Time comes in as an argument; the clock of the board is its newest ``now``."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.rulings: dict[Scope, Tolerance] = {}
        self.buffers: dict[Scope, int] = {}  # operators', as the rulings
        self.ignores = Ignores()
        self.ignores.say(rules, {})
        self.catalogue = Catalogue()
        self.now = 0
        self.judged = 0  # grows with every judgement
        self.times: list[int] = [0]  # read_at of applied polls, by ordinal (from 1); those nobody asks for are dropped
        self._most_times = TIMES
        self._capacity = _FIRST_CAPACITY
        self.columns = [Column.of(one, self._capacity) for one in (rules.master, *rules.surfaces)]
        self.ground = PackedLevels(self._capacity, LevelState.UNKNOWN)  # the master's, bundles put together
        self.parts: dict[int, tuple[int, int, int, int]] = {}
        self.standings = np.full(self._capacity, Standing.ABSENT, np.uint8)
        self.counts = np.zeros(len(Standing), np.int64)
        self._bundles: list[tuple[int, list[tuple[int, int]]]] = []
        self._found: dict[tuple[int, int], NDArray[np.int32]] = {}  # rows by standing, as judged at
        self._found_at = -1
        self._resolve()

    # -- what it holds ------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.catalogue)

    @property
    def master(self) -> Column:
        """The master's column."""
        return self.columns[0]

    @property
    def surfaces(self) -> Sequence[Column]:
        """The surfaces' columns, as configured."""
        return self.columns[1:]

    @property
    def atp(self) -> Quantities:
        """What every surface is judged by, by row: what the master has of a SKU, bundles put together."""
        return self.ground.quantities

    @property
    def scope(self) -> States:
        """The master's states by row, bundles put together."""
        return self.ground.states

    def column_of(self, name: str) -> int | None:
        """Index of the column called ``name``; None where the rules do not know it."""
        return next((index for index, column in enumerate(self.columns) if column.rules.name == name), None)

    def rows_where(self, low: int, high: int) -> NDArray[np.int32]:
        """Rows whose standing lies between ``low`` and ``high``, both included, ascending."""
        if self._found_at != self.judged:
            self._found_at = self.judged
            self._found.clear()
        found = self._found.get((low, high))
        if found is None:
            listed = low >= Standing.ORPHAN and high <= Standing.OVERSELL
            if listed and (low, high) != (Standing.ORPHAN, Standing.OVERSELL):  # a few of what is listed
                rows = self.rows_where(Standing.ORPHAN, Standing.OVERSELL)
                standings = self.standings[rows]
                found = rows[(standings >= low) & (standings <= high)]
            else:  # what lies below ``low`` wraps around to above: one comparison of all
                standings = self.standings[: self.size]
                found = np.flatnonzero(standings - np.uint8(low) <= np.uint8(high - low)).astype(np.int32)
            found.flags.writeable = False
            self._found[low, high] = found
        return found

    # -- what it is told ----------------------------------------------------------------------------------------

    def apply(self, poll: Poll) -> tuple[list[Shift], NDArray[np.int32]]:
        """Takes over a poll; returns the episodes it moved, and the rows whose ATP or scope it changed."""
        before = self.size
        self.catalogue.add(poll.new_skus)
        fresh = np.arange(before, self.size, dtype=np.int32)
        if len(fresh):
            self._extend(before)
        self.catalogue.name(poll.naming)
        index = self.column_of(poll.surface)
        if index is None:
            return [], np.empty(0, np.int32)
        if len(self.times) >= self._most_times:
            self._drop_times()
        self.times.append(poll.read_at)
        self.now = poll.read_at
        column = self.columns[index]
        traffic = replace(poll.traffic, calls=())  # a column outlives what it took
        column.last = replace(poll, new_skus=(), changes=Changes(), naming=Naming(), traffic=traffic)
        column.bad_rows = poll.bad_count
        if poll.covers is Covers.ALL and poll.outcome is not Outcome.FAILED:
            column.whole = poll.outcome is Outcome.COMPLETE
        moved = np.empty(0, np.int32)
        rows = moved
        if poll.outcome is Outcome.COMPLETE:
            rows = column.write(poll, len(self.times) - 1, self.size)
            if index == 0:
                rows = moved = self._take_master(rows)  # what is judged by it is ATP and scope
                self._take_parts(poll.changes)
        shifts = self._refresh_known()
        everywhere = index == 0 or len(fresh)
        shifts += self._rejudge(union(rows, fresh, self.size), None if everywhere else index)
        return shifts, moved

    def tick(self, now: int) -> list[Shift]:
        """Lets time pass: what has grown stale is unknown from here on."""
        self.now = now
        return self._refresh_known()

    def turns(self, after: int, until: int) -> list[int]:
        """The moments (ms) after ``after`` and up to ``until`` at which time alone makes a column known or unknown, or
        ends what is ignored.
        """
        moments = {
            moment
            for column in self.columns
            if column.read_at is not None
            for moment in (column.read_at - SLACK, column.read_at + column.rules.stale_after + 1)
            if after < moment <= until
        }
        return sorted(moments.union(self.ignores.turns(after, until)))

    def set_rules(self, rules: Rules) -> tuple[list[Shift], NDArray[np.int32]]:
        """Judges by other rules from here on. Columns keep what they know by their surface's name and source: what is
        read elsewhere, or otherwise, is another surface, and unknown until its first reading.

        Returns what :meth:`apply` returns; the episodes of surfaces that are gone are not among them.
        """
        self.rules = rules
        self.ignores.say(rules, self.ignores.rulings)
        known = {(column.rules.name, column.rules.source): column for column in self.columns}
        if (rules.master.name, rules.master.source) not in known:
            self.parts.clear()
        self.columns = []
        for one in (rules.master, *rules.surfaces):
            column = known.get((one.name, one.source))
            if column is None:
                column = Column.of(one, self._capacity)
                column.begun_at = self.now
            column.rules = one
            self.columns.append(column)
        self._resolve()  # bundles first: ATP is made of them
        moved = self._take_master(np.arange(self.size, dtype=np.int32))
        return self._rejudge_all(), moved

    def set_rulings(self, rulings: Mapping[Scope, Tolerance]) -> list[Shift]:
        """Judges by other tolerances from here on."""
        self.rulings = dict(rulings)
        return self._rejudge_all()

    def set_buffers(self, buffers: Mapping[Scope, int]) -> list[Shift]:
        """Expects other quantities from here on."""
        self.buffers = dict(buffers)
        return self._rejudge_all()

    def set_ignores(self, rulings: Mapping[Scope, Ignore]) -> list[Shift]:
        """Leaves out from here on what operators say, and what the settings do."""
        self.ignores.say(self.rules, rulings)
        return self._rejudge_all()

    def make_room(self) -> None:
        """After SKUs were put into the catalogue: columns as long as it is, the new rows still without a level."""
        if self.size <= self._capacity:
            return
        self._capacity = max(self.size, self._capacity * 3 // 2)
        self.standings = grown(self.standings, self._capacity, Standing.ABSENT)
        grow_together([self.ground, *(column.levels for column in self.columns)], self._capacity, LevelState.UNKNOWN)
        for column, codes in zip(self.surfaces, np.zeros((len(self.surfaces), self._capacity), np.uint8), strict=True):
            column.grow(codes)
        self.master.grow(np.zeros(self._capacity, np.uint8))

    def restore(
        self, rulings: Mapping[Scope, Tolerance], buffers: Mapping[Scope, int], ignores: Mapping[Scope, Ignore]
    ) -> None:
        """After levels were put back by a snapshot: judges everything. Opens and closes no episode."""
        self.rulings, self.buffers = dict(rulings), dict(buffers)
        self.ignores.say(self.rules, ignores)
        self._resolve()
        self.ground.become(self.master.levels)
        self._take_master(np.array([bundle for bundle, _ in self._bundles], np.int32))
        self._rejudge_all()

    # -- inside -------------------------------------------------------------------------------------------------

    def _extend(self, before: int) -> None:
        """Takes in new rows."""
        self.make_room()
        for column in self.columns:
            column.extend(before, self.size)
        fresh = slice(before, self.size)
        self.ground.write(fresh, self.master.levels.take(fresh))
        self.counts[Standing.ABSENT] += self.size - before
        self._resolve()

    def _drop_times(self) -> None:
        """Polls that opened no present episode are not asked for again: those after them move up, in their order."""
        asked = [0, len(self.times) - 1, *(column.complete_at for column in self.columns)]
        used = np.unique(np.concatenate([np.array(asked, np.int32), *(column.since.values for column in self.columns)]))
        for column in self.columns:
            column.since.values = np.searchsorted(used, column.since.values).astype(np.int32)
            column.complete_at = int(np.searchsorted(used, column.complete_at))
        self.times = [self.times[ordinal] for ordinal in used.tolist()]
        self._most_times = max(TIMES, 2 * len(self.times))

    def _take_parts(self, changes: Changes) -> None:
        if changes.parts is not None:
            self.parts.update(zip(changes.rows.tolist(), map(tuple, changes.parts.tolist()), strict=True))

    def _take_master(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Carries the master's levels over to ATP and scope, bundles put together; returns the rows that changed."""
        bundles = self._touched_bundles(rows)
        if bundles:
            rows = union(rows, np.array(sorted(bundles), np.int32), self.size)
        levels = self.master.levels.take(rows)
        for bundle, components in bundles.items():
            if self.master.states[bundle] == LevelState.COUNTED:
                place = np.searchsorted(rows, [bundle])
                state, atp = self._bundle_level(components)
                levels.put(place, np.array([state], np.uint8), np.array([atp], np.int32))
        moved: NDArray[np.int32] = rows[self.ground.write(rows, levels)]
        return moved

    def _touched_bundles(self, rows: NDArray[np.int32]) -> dict[int, Sequence[tuple[int, int]]]:
        """The bundles that are among ``rows``, or whose components are."""
        if not self._bundles:
            return {}
        changed = set(rows.tolist())
        return {
            bundle: components
            for bundle, components in self._bundles
            if bundle in changed or any(component in changed for component, _ in components)
        }

    def _bundle_level(self, components: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """The least of ``component ATP ÷ units``; unlimited components do not bind, and where none does the bundle is
        unlimited too; anything else is unknown.
        """
        least, binds = QUANTITY_MAX, False
        for row, units in components:
            state = self.master.states[row] if row >= 0 else LevelState.UNKNOWN
            if state == LevelState.COUNTED:
                least, binds = min(least, int(self.master.quantities[row]) // units), True
            elif state != LevelState.UNLIMITED:
                return LevelState.UNKNOWN, 0
        return (LevelState.COUNTED, max(least, QUANTITY_MIN)) if binds else (LevelState.UNLIMITED, 0)

    def _resolve(self) -> None:
        """Turns what the rules say of single SKUs into rows."""
        for column in self.columns[1:]:
            column.yardstick = yardstick(self.rules, column.rules, self.rulings, self.buffers, self.catalogue)
        self._resolve_ignores()
        bundles = self.rules.bundles
        rows = self.catalogue.rows_of([*bundles, *(part for parts in bundles.values() for part in parts)]).tolist()
        made, of = rows[: len(bundles)], iter(rows[len(bundles) :])
        components = [list(zip(islice(of, len(parts)), parts.values(), strict=True)) for parts in bundles.values()]
        self._bundles = [pair for pair in zip(made, components, strict=True) if pair[0] >= 0]

    def _resolve_ignores(self) -> NDArray[np.int32]:
        """Turns what is ignored into rows; returns those for which that is new, or over."""
        before = {column.rules.name: column.hidden for column in self.surfaces}
        turned: NDArray[np.int32] = np.empty(0, np.int32)
        for column, hidden in zip(self.surfaces, self.ignores.resolve(self.catalogue, before, self.now), strict=True):
            turned = union(turned, either(column.hidden.rows, hidden.rows), self.size)
            column.hidden = hidden
        return turned

    def _refresh_known(self) -> list[Shift]:
        """Notices which columns became known or unknown as a whole, and what is ignored no longer; judges it anew."""
        turned = []
        for index, column in enumerate(self.columns):
            usable = column.usable(self.now)
            if usable != column.known:
                column.known = usable
                turned.append(index)
        again = self._resolve_ignores() if self.ignores.turned(self.now) else np.empty(0, np.int32)
        if not turned:
            return self._rejudge(again, None) if len(again) else []
        return self._rejudge(None, turned[0] if len(turned) == 1 and turned[0] and not len(again) else None)

    def _rejudge_all(self) -> list[Shift]:
        self._resolve()
        for column in self.columns:
            column.known = column.usable(self.now)
        return self._rejudge(None, None)

    def _rejudge(self, rows: NDArray[np.int32] | None, only: int | None) -> list[Shift]:
        """Judges ``rows`` (None: all) of column ``only`` (None: of all surfaces)."""
        self.judged += 1
        if rows is None:
            return judge_all(self, only)
        return judge_rows(self, rows, only) if len(rows) else []
