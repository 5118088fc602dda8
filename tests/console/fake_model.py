"""What the monitor offers, over made-up lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stockdrift.stock.aftermath import Aftermath
from stockdrift.stock.filter import parse
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.look import Changes, Look
from stockdrift.stock.picture import (
    LevelLine,
    Phase,
    Picture,
    SkuLine,
    SkuPicture,
    Verdict,
)
from stockdrift.stock.rules import Allotment, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.sayings import Sayings
from stockdrift.stock.tuning import Prospect
from stockdrift.stock.values import replace
from tests.console.fixtures import (
    CALM,
    NOW,
    ROWS,
    SURFACES,
    H,
    S,
    at,
    sku_line,
    troubled,
)
from tests.console.prospects import drawn_prospect


@dataclass
class FakeModel:
    """What the monitor offers, over made-up lines."""

    shown: Picture = field(default_factory=troubled)
    rows: list[int] = field(default_factory=lambda: list(range(len(ROWS))))
    names: dict[int, SkuLine] = field(default_factory=dict)
    version: int = 1
    asked: list[list[int]] = field(default_factory=list)  # the rows of each call of lines()
    ledger: Ledger = field(default_factory=Ledger)
    aftermath: Aftermath = field(default_factory=Aftermath)
    said: Sayings = field(default_factory=Sayings)

    @property
    def rules(self) -> Rules:
        surfaces = [
            SurfaceRules(
                line.name, kind=line.kind, lag=line.allowed, stale_after=line.stale_after, writable=True, write=True
            )
            for line in self.shown.surfaces
        ]
        return Rules(SurfaceRules("master"), surfaces, store=self.shown.store, currency=self.shown.currency)

    def tick(self, now: int) -> bool:
        return False

    def picture(self, now: int) -> Picture:
        return replace(self.shown, at=now)

    def order(
        self, *, everything: bool = False, text: str = "", by: str = "danger", reverse: bool = False
    ) -> NDArray[np.int32]:
        rows = list(range(len(ROWS) + len(CALM))) if everything else list(self.rows)
        for term in parse(text, SURFACES).terms:
            if term.kind == "surface":
                places = [SURFACES.index(name) for name in term.wanted]
                rows = [row for row in rows if any(self.line(row).cells[place].severity for place in places)]
            elif term.kind == "severity":
                rows = [row for row in rows if self.line(row).severity.word == term.wanted[0]]
            else:
                held = term.value.casefold()
                rows = [row for row in rows if held in f"{self.line(row).sku} {self.line(row).name}".casefold()]
        if by in ("sku", "name"):
            rows.sort(key=lambda row: getattr(self.line(row), by))
        if reverse:
            rows.reverse()
        return np.array(rows, np.int32)

    def _drifts_on(self, row: int, names: Sequence[str]) -> bool:
        cells = zip(SURFACES, self.line(row).cells, strict=True)
        return any(cell.verdict is Verdict.DRIFTED for name, cell in cells if name in names)

    def prospect(self, scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> Prospect:
        return drawn_prospect(scope, tolerances, chosen)

    def tolerance_of(self, surface: str) -> Tolerance:
        return Tolerance()

    def allotment_of(self, surface: str) -> Allotment:
        return Allotment()

    def lag_at(self, surface: str, moment: int) -> int | None:
        """Facebook's feed was fetched each hour until 07:32; each read found it as old as that."""
        if surface != "facebook":
            return None
        return moment - at(7, 32) if moment >= at(7, 32) else (moment - at(7, 32)) % H

    def row_of(self, sku: str) -> int | None:
        return next((row for row in range(len(ROWS) + len(CALM)) if self.line(row).sku == sku), None)

    def line(self, row: int) -> SkuLine:
        return self.names.get(row) or sku_line(row)

    def skus(self, rows: Sequence[int] | NDArray[np.int32]) -> list[str]:
        return [self.line(int(row)).sku for row in rows]

    def lines(self, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
        self.asked.append([int(row) for row in rows])
        return [self.line(int(row)) for row in rows]

    def look(self, at: int) -> Look:
        rows = np.array(sorted(self.rows), np.int32)
        return Look(at, rows, np.array([self.line(int(row)).severity for row in rows], np.uint8))

    def changes(self, since: Look) -> Changes:
        now = self.look(since.at)
        before = dict(zip(since.rows.tolist(), since.standings.tolist(), strict=True))
        here = dict(zip(now.rows.tolist(), now.standings.tolist(), strict=True))
        new = [row for row in here if row not in before]
        worse = [row for row in here if row in before and here[row] > before[row]]
        cleared = sum(row not in here for row in before)
        return Changes(since.at, np.array(new, np.int32), np.array(worse, np.int32), cleared, 0)

    def sku(self, row: int, now: int) -> SkuPicture:
        line = self.line(row)
        levels = [
            LevelLine(
                name, surface.kind, cell, "ATP 3 − buffer 0", "0 units, from the store",
                line.phase if cell.verdict is Verdict.DRIFTED else Phase.NONE, line.since, surface.read_at, None,
            )
            for name, surface, cell in zip(SURFACES, self.shown.surfaces, line.cells, strict=True)
        ]  # fmt: skip
        return SkuPicture(
            line, levels, "9 on hand − 5 committed − 1 reserved − 0 damaged", NOW - 12 * S,
            "Facebook shows what the master said 3h10m before: the whole surface is behind.", 2.9, 24.0,
        )  # fmt: skip
