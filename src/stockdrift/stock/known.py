"""What is known and judged at one moment, and every question that is asked of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock import gauge, grid, lag, order, portray, quiet, tuning
from stockdrift.stock.advice import Terms
from stockdrift.stock.aftermath import Aftermath
from stockdrift.stock.board import Board
from stockdrift.stock.freshness import LagTrail
from stockdrift.stock.history import MasterHistory
from stockdrift.stock.judge import Code
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.look import Changes, Look, changes, look
from stockdrift.stock.pace import Pace, Sales, StockOuts
from stockdrift.stock.phase import phases
from stockdrift.stock.picture import Phase, Picture, SettingsNote, SkuLine, SkuPicture
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rows import among
from stockdrift.stock.rules import Allotment, Rules, Scope, Tolerance, effective_allotment, effective_tolerance
from stockdrift.stock.sayings import Sayings

_NO_ROWS: Final = np.empty(0, np.int32)


class Known:
    """Board, history, measured lag and what was said, as a :class:`~stockdrift.stock.monitor.Monitor` was told them.
    ``version`` grows with whatever changes an answer.
    """

    def __init__(self, rules: Rules) -> None:
        self.board = Board(rules)
        self.history = MasterHistory()
        self.ranks = order.Ranks()
        self.ledger = Ledger()
        self.aftermath = Aftermath()
        self.said = Sayings()
        self.version = 0
        self.recording = True
        self.settings: SettingsNote | None = None
        self.lags: dict[int, lag.LagEstimate | None] = {}
        self.trails: dict[str, LagTrail] = {}  # by surface
        self.traffic: dict[str, deque[tuple[int, int, int]]] = {}  # by surface: (at, requests, failures)
        self._told = gauge.Trend()  # by entries
        self._ahead: gauge.Trend | None = None  # and by the time since
        self._phases: dict[int, tuple[NDArray[np.int32], NDArray[np.uint8]]] = {}
        self._row_phases: NDArray[np.uint8] | None = None
        self._covered: dict[RemarkKind, tuple[int, NDArray[np.int32]]] = {}  # by the version that it is of
        self._sales = Sales()
        self._stock_outs = StockOuts()

    @property
    def rules(self) -> Rules:
        """The rules by which it judges now."""
        return self.board.rules

    @property
    def trend(self) -> gauge.Trend:
        """How many SKUs drifted when."""
        return self._told if self._ahead is None else self._ahead

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
        """How far behind (ms) ``surface`` was found by the read at ``moment``; None where that is not known."""
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

    def _phased(self, index: int, drifting: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Phases of the levels ``drifting`` of a surface: what was written and did not stay is told before all else."""
        found = phases(self.board, self.history, index, drifting, self.lags.get(index))
        found[np.isin(drifting, self._stuck_on(self.board.columns[index].rules.name))] = Phase.STUCK
        return found

    def _stuck_on(self, surface: str) -> NDArray[np.int32]:
        """Rows of the SKUs that are stuck on ``surface``."""
        return self.board.catalogue.rows_of([stuck.sku for stuck in self.aftermath if stuck.surface == surface])
