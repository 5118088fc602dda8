"""The monitor: board, history and measured lag, fed by entries of the journal, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock import gauge, grid, lag, order, pace, portray, quiet, tuning
from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionEntry, ActionStep, ActionStopAsked
from stockdrift.stock.advice import Terms
from stockdrift.stock.aftermath import Aftermath
from stockdrift.stock.board import Board
from stockdrift.stock.entries import (
    BufferRuling,
    CollectorNote,
    Entry,
    EpisodeEvent,
    Ignoring,
    Poll,
    Remarked,
    RulesChanged,
    Ruling,
    Saying,
)
from stockdrift.stock.episodes import EpisodeEvents
from stockdrift.stock.freshness import LagTrail
from stockdrift.stock.history import MasterHistory
from stockdrift.stock.judge import Code
from stockdrift.stock.judging import Shift
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.look import Changes, Look, changes, look
from stockdrift.stock.pace import Pace, Sales, StockOuts
from stockdrift.stock.phase import phases
from stockdrift.stock.picture import Phase, Picture, SettingsNote, SkuLine, SkuPicture
from stockdrift.stock.reading import Outcome
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rows import among
from stockdrift.stock.rules import Allotment, Rules, Scope, Tolerance, effective_allotment, effective_tolerance
from stockdrift.stock.sayings import Sayings

_ABOUT_SETTINGS: Final = frozenset({"settings reloaded", "settings refused", "started"})
"""Notes of the collector after which the settings stand otherwise; it starts with none that were refused."""

_NO_ROWS: Final = np.empty(0, np.int32)


class Monitor:
    """Everything that is known and judged at one moment. Live, attached, replayed and headless feed it alike."""

    def __init__(self, rules: Rules, counted: Callable[[gauge.Sample], None] | None = None) -> None:
        """``counted`` is told the counts whenever an entry, or the time before it, may have changed them."""
        self.board = Board(rules)
        self.history = MasterHistory()
        self.ranks = order.Ranks()
        self.ledger = Ledger()
        self.aftermath = Aftermath()
        self.version = 0
        self.recording = True
        self.settings: SettingsNote | None = None
        self.lags: dict[int, lag.LagEstimate | None] = {}
        self.trails: dict[str, LagTrail] = {}  # by surface
        self.traffic: dict[str, deque[tuple[int, int, int]]] = {}  # by surface: (at, requests, failures)
        self._counted = counted
        self._told = gauge.Trend()  # by entries
        self._told_at = 0
        self._ahead: gauge.Trend | None = None  # and by the time since
        self.said = Sayings()
        self._phases: dict[int, tuple[NDArray[np.int32], NDArray[np.uint8]]] = {}
        self._row_phases: NDArray[np.uint8] | None = None
        self._covered: dict[RemarkKind, tuple[int, NDArray[np.int32]]] = {}  # by the version that it is of
        self._sales = Sales()
        self._stock_outs = StockOuts()

    # -- told ---------------------------------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        """The rules by which it judges now."""
        return self.board.rules

    @property
    def trend(self) -> gauge.Trend:
        """How many SKUs drifted when."""
        return self._told if self._ahead is None else self._ahead

    def apply(self, entry: Entry) -> Sequence[EpisodeEvent]:
        """Takes over one entry of the journal; returns the episodes that it opened or closed.

        Time first goes on from the entry before to this one: what is known after an entry follows from the entries
        alone, whenever and however often :meth:`tick` was called in between.
        """
        self.untick()
        grown = self._pass_until(entry.at)
        self._told_at = entry.at
        match entry:
            case Poll():
                return self._apply_poll(entry, grown)
            case RulesChanged() if entry.rules != self.rules:
                return self._apply_rules(entry, grown)
            case Ruling() | BufferRuling() | Ignoring() | Remarked():
                self.said.hear(entry)
                return self._changed([*grown, *self._judged_by(entry)], entry.at)
            case ActionAsked() | ActionStopAsked() | ActionStep() | ActionDismissed():
                self._apply_action(entry)
            case CollectorNote():
                if not entry.event.startswith("settings"):
                    self.recording = entry.event != "not recording"
                if entry.event in _ABOUT_SETTINGS:
                    self.settings = SettingsNote(entry.at, entry.text, refused=entry.event == "settings refused")
                self.version += 1
        return EpisodeEvents(self.board, grown, entry.at) if grown else ()

    def become(self, other: Monitor) -> None:
        """Knows from here on what ``other`` knows; ``other`` is not to be used any more."""
        self.board, self.history, self.ranks = other.board, other.history, other.ranks
        self._told, self._told_at, self._ahead = other._told, other._told_at, other._ahead
        self.recording, self.lags, self.traffic = other.recording, other.lags, other.traffic
        self.settings, self.trails = other.settings, other.trails
        self.ledger, self.aftermath, self.said = other.ledger, other.aftermath, other.said
        self._phases.clear()
        self._row_phases = None
        self.version += 1

    def restore_said(self, entries: Iterable[Saying]) -> None:
        """Takes over what operators said before a snapshot, and judges everything that was put back by it."""
        for entry in entries:
            self.said.hear(entry)
        self.board.restore(self.said.tolerances, self.said.buffers, self.said.ignores)
        self.version += 1

    def restore_trend(self, steps: Sequence[Sequence[int | None]], since: int | None) -> None:
        """Takes over the trend of a snapshot, whose last entry is as old as the board."""
        self._told.restore(steps, since)
        self._told_at = self.board.now

    def tick(self, now: int) -> bool:
        """Lets time pass until ``now``; True where something grew stale by it.

        What is known then follows from the entries and ``now`` alone: each column turns at its own moment, not when a
        tick happens to notice.
        """
        version = self.version
        if not self._told_at <= self.board.now <= now:  # a clock was set back
            self.untick()
        if self._ahead is None:
            self._ahead = self._told.copy()
        self._pass_until(now)
        return self.version != version

    def untick(self) -> None:
        """Back to the moment of the last entry: what only time has done since is undone."""
        judged, before = self.board.judged, self.board.now
        self.board.tick(self._told_at)
        self._ahead = None
        if self.board.judged != judged or self.said.remarks.turned(self._told_at, before):
            self._judged_anew()

    # -- asked --------------------------------------------------------------------------------------------------

    def surface_names(self) -> list[str]:
        """Names of the surfaces as configured."""
        return [column.rules.name for column in self.board.surfaces]

    def row_of(self, sku: str) -> int | None:
        """The catalogue row of ``sku``."""
        return self.board.catalogue.row_of(sku)

    def picture(self, now: int) -> Picture:
        """The first screen at ``now``, without the grid's rows."""
        return portray.picture(self, now)

    def order(
        self,
        *,
        everything: bool = False,
        text: str = "",
        by: str = "danger",
        reverse: bool = False,
        snoozed: bool = False,
    ) -> NDArray[np.int32]:
        """Rows to list: the drifting and the orphans, or every SKU, that match ``text``, sorted. See :mod:`order`."""
        return order.order(self, everything=everything, text=text, by=by, reverse=reverse, snoozed=snoozed)

    def lines(self, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
        """Rows of the grid, made for those that are on screen."""
        return grid.lines(self, rows)

    def skus(self, rows: NDArray[np.int32]) -> Sequence[str]:
        """The SKUs of catalogue rows."""
        return self.board.catalogue.skus.take(rows)

    def sku(self, row: int, now: int) -> SkuPicture:
        """The SKU screen of ``row`` at ``now``."""
        return portray.sku(self, row, now)

    def tolerance_of(self, surface: str) -> Tolerance:
        """What holds on ``surface`` for a SKU of which nothing else is said. Raises KeyError where there is none."""
        return effective_tolerance(self.rules, self.board.rulings, surface, "")

    def prospect(self, scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> tuning.Prospect:
        """What each of ``tolerances`` would do for ``scope``, with the histogram of ``chosen``."""
        return tuning.prospect(self, scope, tolerances, chosen)

    def allotment_of(self, surface: str) -> Allotment:
        """As :meth:`tolerance_of`: share, buffer and cap."""
        return effective_allotment(self.rules, self.board.buffers, surface, "")

    def terms_of(self, sku: str) -> list[Terms]:
        """What advice on ``sku`` rests on, besides its episodes, by active surface."""
        return [
            Terms(one.name, one.lag, effective_allotment(self.rules, self.board.buffers, one.name, sku).buffer)
            for one in self.rules.surfaces
            if one.active
        ]

    def covered(self, kind: RemarkKind) -> NDArray[np.int32]:
        """Rows whose drift is acknowledged, or snoozed, as :func:`~stockdrift.stock.quiet.covered` says."""
        version, rows = self._covered.get(kind, (-1, _NO_ROWS))
        if version != self.version:
            rows = quiet.covered(self, kind)
            self._covered[kind] = self.version, rows
        return rows

    def paused(self, surface: str) -> Remark | None:
        """By what ``surface`` is not read on schedule now. The master never is: without it nothing is known."""
        if surface == self.rules.master.name:
            return None
        return self.said.remarks.of(RemarkKind.PAUSE, Scope(surface), self.board.now)

    def lag_at(self, surface: str, moment: int) -> int | None:
        """How far behind (ms) ``surface`` was found about ``moment``; None where that is not known."""
        trail = self.trails.get(surface)
        return None if trail is None else trail.at(moment)

    def look(self, at: int) -> Look:
        """What drifts now, for comparison with later."""
        return look(self, at)

    def changes(self, since: Look) -> Changes:
        """What has changed since a look."""
        return changes(self, since)

    def phases_of(self, index: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Drifting rows of surface column ``index``, ascending, and their phases."""
        if index not in self._phases:
            board = self.board
            column = board.columns[index]
            open_rows = column.since.rows  # whatever drifts has an open episode
            drifting = open_rows[column.codes[open_rows] >= Code.UNDER]
            self._phases[index] = drifting, self._phased(index, drifting)
        return self._phases[index]

    def phases_at(self, index: int, rows: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Phase of each of ``rows`` on surface column ``index``; none where it does not drift. Of no others it is asked
        for, so that a few rows cost little while everything changes.
        """
        found = np.full(len(rows), Phase.NONE, np.uint8)
        drifts = np.flatnonzero(self.board.columns[index].codes[rows] >= Code.UNDER)
        if index in self._phases:
            drifting, known = self._phases[index]
            drifts = drifts[among(rows[drifts], drifting)]
            found[drifts] = known[np.searchsorted(drifting, rows[drifts])]
        elif len(drifts):
            found[drifts] = self._phased(index, rows[drifts])
        return found

    def phase_of(self, index: int, row: int) -> Phase:
        """Phase of one level."""
        return Phase(int(self.phases_at(index, np.array([row], np.int32))[0]))

    def row_phases(self) -> NDArray[np.uint8]:
        """Phase of each SKU: the most earnest of its drifting levels, so that a SKU is in flight only if all are."""
        if self._row_phases is None:
            found = np.zeros(self.board.size, np.uint8)
            for index in range(1, len(self.board.columns)):
                rows, phase = self.phases_of(index)
                found[rows] = np.maximum(found[rows], phase)
            self._row_phases = found
        return self._row_phases

    def pace(self) -> Pace | None:
        """Units an hour by which the master falls; None where too little was observed."""
        return self._sales.pace(self.history, self.board.master.read_at or 0)

    def stock_outs(self, now: int) -> int:
        """SKUs that sold out within the hour before ``now`` (ms)."""
        return self._stock_outs.skus(self.history, now)

    # -- inside -------------------------------------------------------------------------------------------------

    def _phased(self, index: int, drifting: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Phases of the levels ``drifting`` of a surface: what was written and did not stay is told before all else."""
        found = phases(self.board, self.history, index, drifting, self.lags.get(index))
        found[np.isin(drifting, self._stuck_on(self.board.columns[index].rules.name))] = Phase.STUCK
        return found

    def _pass_until(self, now: int) -> list[Shift]:
        """Ticks the board at each moment at which time alone turns a column, and at ``now``."""
        board = self.board
        shifts: list[Shift] = []
        if self.said.remarks.turned(board.now, now):
            self.version += 1
        for moment in (*board.turns(board.now, now), now):
            judged = board.judged
            shifts += board.tick(moment)
            if board.judged != judged:
                self._note(moment)
                self._judged_anew()
        return shifts

    def _stuck_on(self, surface: str) -> NDArray[np.int32]:
        """Rows of the SKUs that are stuck on ``surface``."""
        return self.board.catalogue.rows_of([stuck.sku for stuck in self.aftermath if stuck.surface == surface])

    def _apply_action(self, entry: ActionEntry) -> None:
        action = self.ledger.apply(entry)
        if isinstance(entry, ActionAsked):
            self.ledger.forget(entry.at - self.rules.actions.keep)
            if action is not None and action.asked is entry:  # one that is asked twice was asked once
                self.aftermath.asked(entry)
        elif isinstance(entry, ActionStep) and action is not None:
            self.aftermath.stepped(action, entry)
        self._judged_anew()

    def _apply_rules(self, entry: RulesChanged, grown: Sequence[Shift]) -> Sequence[EpisodeEvent]:
        board = self.board
        self.lags.clear()
        kept = {(one.name, one.source) for one in entry.rules.surfaces}
        if entry.rules.master.source != board.rules.master.source:
            self.history = MasterHistory()  # what another source said explains nothing
        gone = [
            Shift(index, np.empty(0, np.int32), column.since.rows)
            for index, column in enumerate(board.columns)
            if index and (column.rules.name, column.rules.source) not in kept
        ]
        ended = list(EpisodeEvents(board, gone, entry.at))
        names = {name for name, _ in kept}
        moved_away = {one.name for one in board.rules.surfaces if (one.name, one.source) not in kept}
        self.trails = {name: trail for name, trail in self.trails.items() if name in names - moved_away}
        self.aftermath.keep(names - moved_away)
        shifts, moved = board.set_rules(entry.rules)
        if board.master.read_at is not None and len(moved):  # bundles are put together otherwise: their ATP moved
            self._record(moved, board.master.read_at, max(entry.at, board.master.read_at))
        return [*ended, *self._changed([*grown, *shifts], entry.at)]

    def _judged_by(self, entry: Saying) -> Sequence[Shift]:
        """Judges by what an operator has just said."""
        match entry:
            case Ruling():
                return self.board.set_rulings(self.said.tolerances)
            case BufferRuling():
                return self.board.set_buffers(self.said.buffers)
            case Ignoring():
                return self.board.set_ignores(self.said.ignores)
            case Remarked():
                return ()  # it changes no verdict

    def _record(self, rows: NDArray[np.int32], last_read: int, read_at: int) -> None:
        board = self.board
        self.history.record(
            rows,
            board.scope[rows],
            board.atp[rows],
            last_read=last_read,
            read_at=read_at,
            catalogue_size=board.size,
        )

    def _apply_poll(self, poll: Poll, grown: Sequence[Shift]) -> Sequence[EpisodeEvent]:
        board = self.board
        last_read = board.master.read_at or 0
        shifts, moved = board.apply(poll)
        index = board.column_of(poll.surface)
        if index is None:
            return self._changed(grown, poll.read_at)
        if index == 0 and poll.outcome is Outcome.COMPLETE:
            self._record(moved, last_read, poll.read_at)
        elif poll.outcome is Outcome.COMPLETE:
            estimate = self.lags[index] = lag.estimate(board, self.history, index, self.lags.get(index))
            if estimate is not None:
                self.trails.setdefault(poll.surface, LagTrail()).note(poll.read_at, estimate.lag)
        traffic = self.traffic.setdefault(poll.surface, deque())
        failures = poll.traffic.failures or int(poll.outcome is not Outcome.COMPLETE)
        traffic.append((poll.read_at, max(poll.traffic.requests, 1), failures))
        while traffic[0][0] < poll.read_at - pace.HOUR:
            traffic.popleft()
        if poll.outcome is Outcome.COMPLETE:
            self._judged_anew()
            self.aftermath.polled(self, poll.read_at)
        return self._changed([*grown, *shifts], poll.read_at)

    def _changed(self, shifts: Sequence[Shift], at: int) -> Sequence[EpisodeEvent]:
        self._judged_anew()
        self._note(at)
        return EpisodeEvents(self.board, shifts, at)

    def _judged_anew(self) -> None:
        self.version += 1
        self._phases.clear()
        self._row_phases = None

    def _note(self, at: int) -> None:
        self.trend.note(at, gauge.drifting(self.board), known=gauge.known(self.board))
        if self._counted and self._ahead is None:
            self._counted(gauge.sample(self.board, at))
