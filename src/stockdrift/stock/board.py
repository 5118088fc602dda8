"""The board: what every surface says of every SKU, as columns, and what that amounts to.

Column 0 is the master, the others are the surfaces as configured. A poll costs its changed rows; only when a column
as a whole becomes known or unknown, or the rules change, is it judged anew from top to bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock import judge
from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.entries import Poll
from stockdrift.stock.expect import Rows, Yardstick, yardstick
from stockdrift.stock.ignoring import Hidden, Ignores
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState, UnknownReason
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.stock.rules import Ignore, Rules, Scope, SurfaceRules, Tolerance

_FIRST_CAPACITY: Final = 1024

_SLACK: Final = 30_000
"""Ms that a reading may lie ahead of the clock: readings end out of order. Further ahead, the clock was set back."""


@dataclass(slots=True)
class Column:
    """One surface, or the master: its levels by row, and how its reads went.

    ``read_at`` is the end of the last complete read, ``complete_at`` the ordinal of the poll that brought it.
    """

    rules: SurfaceRules
    states: NDArray[np.uint8]
    quantities: NDArray[np.int32]
    reasons: NDArray[np.uint8]
    codes: NDArray[np.uint8]
    since: NDArray[np.int32]  # ordinal of the poll that opened the present episode, 0 where there is none
    last: Poll | None = None  # the last attempt
    read_at: int | None = None
    as_of: int | None = None
    complete_at: int = 0
    complete_reads: int = 0
    listed: int = 0
    bad_rows: int = 0
    whole: bool = False  # of the reads of everything that brought anything the last was complete: changes add to it
    tally: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Code), np.int64))  # levels by code
    known: bool = False  # whether its levels may be judged now
    hidden: Hidden = field(default_factory=Hidden)  # levels that are ignored now
    yardstick: Yardstick = field(default=None)  # type: ignore[assignment]  # set before any use, by the board

    def usable(self, now: int) -> bool:
        """Active, its last read complete, and that read neither stale nor of a clock that has been set back since.

        Nothing else may count as agreement.
        """
        return (
            self.rules.active
            and self.last is not None
            and self.last.outcome is Outcome.COMPLETE
            and self.read_at is not None
            and -_SLACK <= now - self.read_at <= self.rules.stale_after
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """The rows of a column whose episode an update opened or closed."""

    column: int
    opened: NDArray[np.int32]
    closed: NDArray[np.int32]


class Board:
    """Levels, codes and standings. Time comes in as an argument; the clock of the board is its newest ``now``."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.rulings: dict[Scope, Tolerance] = {}
        self.ignores = Ignores()
        self.ignores.say(rules, {})
        self.catalogue = Catalogue()
        self.now = 0
        self.judged = 0  # grows with every judgement
        self.times: list[int] = [0]  # read_at of each applied poll, by ordinal (from 1)
        self._capacity = _FIRST_CAPACITY
        self.columns = [self._new_column(one) for one in (rules.master, *rules.surfaces)]
        self.atp = np.zeros(self._capacity, np.int32)
        self.scope = np.zeros(self._capacity, np.uint8)  # the master's states, bundles put together
        self.parts: dict[int, tuple[int, int, int, int]] = {}
        self.standings = np.full(self._capacity, Standing.ABSENT, np.uint8)
        self.counts = np.zeros(len(Standing), np.int64)
        self._bundles: list[tuple[int, list[tuple[int, int]]]] = []
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

    def column_of(self, name: str) -> int | None:
        """Index of the column called ``name``; None where the rules do not know it."""
        return next((index for index, column in enumerate(self.columns) if column.rules.name == name), None)

    def rows_where(self, low: int, high: int) -> NDArray[np.int32]:
        """Rows whose standing lies between ``low`` and ``high``, both included, ascending."""
        standings = self.standings[: self.size]
        return np.flatnonzero((standings >= low) & (standings <= high)).astype(np.int32)

    # -- what it is told ----------------------------------------------------------------------------------------

    def apply(self, poll: Poll) -> tuple[list[Shift], NDArray[np.int32]]:
        """Takes over a poll; returns the episodes it moved, and the rows whose ATP or scope it changed."""
        before = self.size
        self.catalogue.add(poll.new_skus)
        if self.size > before:
            self._extend(before)
        self.catalogue.name(poll.naming)
        index = self.column_of(poll.surface)
        if index is None:
            return [], np.empty(0, np.int32)
        self.times.append(poll.read_at)
        self.now = poll.read_at
        column = self.columns[index]
        column.last = poll
        column.bad_rows = poll.bad_count
        if poll.covers is Covers.ALL and poll.outcome is not Outcome.FAILED:
            column.whole = poll.outcome is Outcome.COMPLETE
        moved = np.empty(0, np.int32)
        rows: NDArray[np.int32] = np.empty(0, np.int32)
        if poll.outcome is Outcome.COMPLETE:
            rows = self._write(column, poll)
            if index == 0:
                moved = self._take_master(rows)
        fresh = np.arange(before, self.size, dtype=np.int32)
        touched = np.union1d(np.union1d(rows, moved), fresh).astype(np.int32) if len(fresh) else np.union1d(rows, moved)
        shifts = self._refresh_known()
        everywhere = index == 0 or len(fresh) > 0
        shifts += self._rejudge(touched.astype(np.int32), None if everywhere else index)
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
            for moment in (column.read_at - _SLACK, column.read_at + column.rules.stale_after + 1)
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
            column = known.get((one.name, one.source)) or self._new_column(one)
            column.rules = one
            self.columns.append(column)
        self._resolve()  # bundles first: ATP is made of them
        moved = self._take_master(np.arange(self.size, dtype=np.int32))
        return self._rejudge_all(), moved

    def set_rulings(self, rulings: Mapping[Scope, Tolerance]) -> list[Shift]:
        """Judges by other tolerances from here on."""
        self.rulings = dict(rulings)
        return self._rejudge_all()

    def set_ignores(self, rulings: Mapping[Scope, Ignore]) -> list[Shift]:
        """Leaves out from here on what operators say, and what the settings do."""
        self.ignores.say(self.rules, rulings)
        return self._rejudge_all()

    def make_room(self) -> None:
        """After SKUs were put into the catalogue by a snapshot: columns as long as it is."""
        self._extend(0)

    def restore(self, rulings: Mapping[Scope, Tolerance], ignores: Mapping[Scope, Ignore]) -> None:
        """After levels were put back by a snapshot: judges everything. Opens and closes no episode."""
        self.rulings = dict(rulings)
        self.ignores.say(self.rules, ignores)
        self._resolve()
        everything = np.arange(self.size, dtype=np.int32)
        self.scope[: self.size] = self.master.states[: self.size]
        self.atp[: self.size] = 0
        self._take_master(everything)
        self._rejudge_all()

    # -- inside -------------------------------------------------------------------------------------------------

    def _new_column(self, rules: SurfaceRules) -> Column:
        size = self._capacity
        return Column(
            rules,
            np.full(size, LevelState.UNKNOWN, np.uint8),
            np.zeros(size, np.int32),
            np.full(size, UnknownReason.NOT_READ, np.uint8),
            np.zeros(size, np.uint8),
            np.zeros(size, np.int32),
        )

    def _extend(self, before: int) -> None:
        """Makes room for new rows. A column that is known did not list them; another has not been asked yet."""
        if self.size > self._capacity:
            while self._capacity < self.size:
                self._capacity *= 2
            self.atp = _grown(self.atp, self._capacity, 0)
            self.scope = _grown(self.scope, self._capacity, LevelState.UNKNOWN)
            self.standings = _grown(self.standings, self._capacity, Standing.ABSENT)
            for column in self.columns:
                column.states = _grown(column.states, self._capacity, LevelState.UNKNOWN)
                column.quantities = _grown(column.quantities, self._capacity, 0)
                column.reasons = _grown(column.reasons, self._capacity, UnknownReason.NOT_READ)
                column.codes = _grown(column.codes, self._capacity, Code.NOT_COMPARED)
                column.since = _grown(column.since, self._capacity, 0)
        for column in self.columns:
            column.tally[Code.NOT_COMPARED] += self.size - before
            if column.known:
                column.states[before : self.size] = LevelState.UNLISTED
                column.reasons[before : self.size] = UnknownReason.NONE
        self.scope[before : self.size] = self.master.states[before : self.size]
        self.counts[Standing.ABSENT] += self.size - before
        self._resolve()

    def _write(self, column: Column, poll: Poll) -> NDArray[np.int32]:
        """Takes over the levels of a complete poll; returns the rows they changed."""
        changes = poll.changes
        rows = changes.rows
        if poll.covers is Covers.ALL:
            # What nobody has asked it for before, and it does not speak of, is not listed.
            unread = np.flatnonzero(column.reasons[: self.size] == UnknownReason.NOT_READ).astype(np.int32)
            column.states[unread] = LevelState.UNLISTED
            column.reasons[unread] = UnknownReason.NONE
            rows = np.union1d(rows, unread).astype(np.int32)
        column.states[changes.rows] = changes.states
        column.quantities[changes.rows] = changes.quantities
        column.reasons[changes.rows] = changes.reasons
        column.read_at = poll.read_at
        column.as_of = poll.as_of
        column.complete_at = len(self.times) - 1
        column.complete_reads += 1
        if poll.covers is Covers.ALL:
            column.listed = poll.listed
        if column is self.master and changes.parts is not None:
            for row, parts in zip(changes.rows.tolist(), changes.parts.tolist(), strict=True):
                self.parts[row] = tuple(parts)
        return rows

    def _take_master(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Carries the master's levels over to ATP and scope, bundles put together; returns the rows that changed."""
        touched = set()
        changed = set(rows.tolist()) if self._bundles else set()
        for bundle, components in self._bundles:
            if bundle in changed or any(component in changed for component, _ in components):
                touched.add(bundle)
        rows = np.union1d(rows, np.array(sorted(touched), np.int32)).astype(np.int32) if touched else rows
        states, atp = self.master.states[rows], self.master.quantities[rows].copy()
        for bundle, components in self._bundles:
            if bundle in touched and self.master.states[bundle] == LevelState.COUNTED:
                place = int(np.searchsorted(rows, bundle))
                states[place], atp[place] = self._bundle_level(components)
        different = (self.scope[rows] != states) | (self.atp[rows] != atp)
        self.scope[rows] = states
        self.atp[rows] = atp
        moved: NDArray[np.int32] = rows[different]
        return moved

    def _bundle_level(self, components: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """The least of ``component ATP ÷ units``; unlimited components do not bind; anything else is unknown."""
        least = QUANTITY_MAX
        for row, units in components:
            state = self.master.states[row] if row >= 0 else LevelState.UNKNOWN
            if state == LevelState.COUNTED:
                least = min(least, int(self.master.quantities[row]) // units)
            elif state != LevelState.UNLIMITED:
                return LevelState.UNKNOWN, 0
        return LevelState.COUNTED, max(least, QUANTITY_MIN)

    def _resolve(self) -> None:
        """Turns what the rules say of single SKUs into rows."""
        for column in self.columns[1:]:
            column.yardstick = yardstick(self.rules, column.rules, self.rulings, self.catalogue)
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
            turned = np.union1d(turned, np.setxor1d(column.hidden.rows, hidden.rows)).astype(np.int32)
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
        everything = np.arange(self.size, dtype=np.int32)
        return self._rejudge(everything, turned[0] if len(turned) == 1 and turned[0] and not len(again) else None)

    def _rejudge_all(self) -> list[Shift]:
        self._resolve()
        self.counts = np.bincount(self.standings[: self.size], minlength=len(Standing)).astype(np.int64)
        for column in self.columns:
            column.known = column.usable(self.now)
            column.tally = np.bincount(column.codes[: self.size], minlength=len(Code)).astype(np.int64)
        return self._rejudge(np.arange(self.size, dtype=np.int32), None)

    def _rejudge(self, rows: NDArray[np.int32], only: int | None) -> list[Shift]:
        """Judges ``rows`` of column ``only`` (None: of all surfaces) and brings standings and counts up to date."""
        self.judged += 1
        if not len(rows):
            return []
        where: Rows = slice(0, self.size) if len(rows) == self.size else rows
        strict = all(column.yardstick.strict for column in self.surfaces)
        indices = range(1, len(self.columns)) if only is None or not strict else [only]
        judged = {index: self._codes(self.columns[index], where) for index in indices}
        for index, codes in judged.items():
            self.columns[index].hidden.hide(codes, where)
        if not strict:
            self._pair(judged, where)
        shifts = [self._note(index, codes, where, rows) for index, codes in judged.items()]
        columns = [column.codes[where] for column in self.surfaces if column.rules.active]
        standings = judge.standing(columns, self.scope[where], master_known=self.master.known)
        self.ignores.leave_out(standings, where, [column.hidden for column in self.surfaces if column.rules.active])
        self.counts -= np.bincount(self.standings[where], minlength=len(Standing))
        self.counts += np.bincount(standings, minlength=len(Standing))
        self.standings[where] = standings
        return [shift for shift in shifts if len(shift.opened) or len(shift.closed)]

    def _codes(self, column: Column, where: Rows) -> NDArray[np.uint8]:
        states = column.states[where]
        if not column.rules.active:
            return np.zeros(len(states), np.uint8)
        if not (column.known and self.master.known):
            # What its last complete read did not list stays so; what it listed may have changed in any way since.
            return np.where(states == LevelState.UNLISTED, Code.NOT_COMPARED, Code.UNKNOWN).astype(np.uint8)
        atp = self.atp[where]
        expected = column.yardstick.expected(atp, where)
        return judge.judge(
            atp,
            self.scope[where],
            states,
            column.quantities[where],
            expected,
            column.yardstick.tolerated(expected, where),
            compare_preorder=column.rules.compare_preorder,
        )

    def _pair(self, judged: Mapping[int, NDArray[np.uint8]], where: Rows) -> None:
        atp = self.atp[where]
        codes, off, tolerated, counted = [], [], [], []
        for index, column_codes in judged.items():
            column = self.columns[index]
            expected = column.yardstick.expected(atp, where)
            states = column.states[where]
            codes.append(column_codes)
            off.append(judge.deviations(states, column.quantities[where], expected))
            tolerated.append(column.yardstick.tolerated(expected, where))
            counted.append((states == LevelState.COUNTED) & (atp > 0))
        judge.pair_up(codes, off, tolerated, counted)

    def _note(self, index: int, codes: NDArray[np.uint8], where: Rows, rows: NDArray[np.int32]) -> Shift:
        """Stores codes; opens episodes where drift began, closes them where it is known to be over."""
        column = self.columns[index]
        since = column.since[where]
        drifts = codes >= judge.DRIFTING
        opened = drifts & (since == 0)
        closed = (since > 0) & ~drifts & (codes != Code.UNKNOWN)
        column.tally -= np.bincount(column.codes[where], minlength=len(Code))
        column.tally += np.bincount(codes, minlength=len(Code))
        column.codes[where] = codes
        if opened.any() or closed.any():
            since = since.copy()
            since[opened] = len(self.times) - 1
            since[closed] = 0
            column.since[where] = since
        return Shift(index, rows[opened], rows[closed])


def _grown(column: NDArray[Any], capacity: int, fill: int) -> NDArray[Any]:
    larger: NDArray[Any] = np.full(capacity, fill, column.dtype)
    larger[: len(column)] = column
    return larger
