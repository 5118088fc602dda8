"""The monitor: board, history and measured lag, fed by entries of the journal, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock import gauge, lag, pace
from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionEntry, ActionStep, ActionStopAsked
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
from stockdrift.stock.judge import Standing
from stockdrift.stock.judging import Shift
from stockdrift.stock.known import Known
from stockdrift.stock.picture import SettingsNote
from stockdrift.stock.reading import Outcome
from stockdrift.stock.rules import Rules

_ABOUT_SETTINGS: Final = frozenset({"settings reloaded", "settings refused", "started"})
"""Notes of the collector after which the settings stand otherwise; it starts with none that were refused."""


class Monitor(Known):
    """Is told what happened. Live, attached, replayed and headless feed it alike."""

    def __init__(self, rules: Rules, counted: Callable[[gauge.Sample], None] | None = None) -> None:
        """``counted`` is told the counts whenever an entry, or the time before it, may have changed them."""
        super().__init__(rules)
        self._counted = counted
        self._told_at = 0

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
        board = self.board
        unknown = int(board.counts[Standing.UNKNOWN])
        self.trend.note(at, gauge.drifting(board), known=gauge.known(board), unknown=unknown)
        if self._counted and self._ahead is None:
            self._counted(gauge.sample(self.board, at))
