"""What the console asks for its figures, its past and its actions, made up: a door that writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from stockdrift.console.log_lines import CollectorLog
from stockdrift.console.model import Planned
from stockdrift.stock.actions import Action
from stockdrift.stock.coverage import Mapped
from stockdrift.stock.entries import SurfaceLog
from stockdrift.stock.forecast import Forecast
from stockdrift.stock.gauge import Sample
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.plan import Plan
from stockdrift.stock.planner import PlanRow, Skipped
from stockdrift.stock.remarks import Remark, RemarkKind, Remarks
from stockdrift.stock.rules import Ignore, Scope, Tolerance
from stockdrift.stock.telling import Spoken
from stockdrift.stock.timeline import SkuHistory
from stockdrift.stock.values import replace
from stockdrift.stock.wanted import Wanted
from tests.console.fake_model import FakeModel
from tests.console.fixtures import (
    NOW,
    ROWS,
    SURFACES,
    H,
    M,
    S,
    candle_mapping,
    collector_log,
    feed_log,
    sea_salt,
    sku_line,
)
from tests.console.past import FakePast

_LOST = ("FIG-220", "TEA-220")


def resync_plan(surface: str, skus: Sequence[str] = ()) -> Plan:
    """What the drawing plans for Facebook; of another surface, what drifts there; of ``skus`` those alone."""
    place = SURFACES.index(surface)
    found = [line for line in map(sku_line, range(len(ROWS))) if line.cells[place].severity]
    rows = [
        PlanRow(line.sku, line.name, line.severity, int(line.cells[place].reported), int(line.master),
                "lost update" if line.sku in _LOST else "feed lag", Verdict.DRIFTED, Severity.NONE)
        for line in found if not skus or line.sku in skus
    ]  # fmt: skip
    skipped: list[Skipped] = []
    if not skus and surface == "facebook":
        rows = rows[:33]
        skipped = [Skipped("OAK-300", "sold 12 s ago, wait for its read"), Skipped("JAS-220", "in flight")]
    bulk = len(rows) > 25
    typed, because = (surface, "Above 25 rows.") if bulk else ("", "")
    told = Forecast(40 * S, (M, 4 * M), H, 0.03)
    return Plan("resync", surface, rows, skipped, (), typed, because, 1221, forecast=told)


@dataclass
class FakeActing:
    """Plans as the drawing has them; remembers what was asked for."""

    operator: str = "maya@10.0.0.7"
    barred: str = "This console is read-only: start it with stockdrift watch --write."
    wanted: list[Wanted] = field(default_factory=list)
    asked: list[tuple[Plan, str, str, str, Sequence[str]]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    dismissed: list[tuple[str, str]] = field(default_factory=list)
    plan: Plan | None = None  # in place of what would be planned
    held: asyncio.Event | None = None  # while it is not set, no plan is made
    broken: Exception | None = None
    doubt: str = ""

    async def plans(self, wanted: Sequence[Wanted]) -> Planned:
        self.wanted += wanted
        if self.held is not None:
            await self.held.wait()
        if self.broken:
            raise self.broken
        made = [
            self.plan or replace(resync_plan(one.surface, one.skus), kind=one.kind, trust=one.trust) for one in wanted
        ]
        return Planned(made, NOW, (), self.doubt)

    async def ask(self, plan: Plan, reason: str, note: str, *, typed: str = "", overrides: Sequence[str] = ()) -> str:
        self.asked.append((plan, reason, note, typed, overrides))
        return f"key-{len(self.asked)}"

    async def stop(self, keys: Sequence[str]) -> None:
        self.stopped += keys

    async def dismiss(self, key: str, reason: str) -> None:
        self.dismissed.append((key, reason))

    def csv(self, found: Sequence[Action | Spoken]) -> bytes:
        from stockdrift.commands.actions import csv_text

        return csv_text(found).encode()


@dataclass
class FakeSource:
    """Delivers what a test puts into ``model`` and remembers what it was asked."""

    model: FakeModel = field(default_factory=FakeModel)
    trouble: str = ""
    broken: Exception | None = None
    hangs: bool = False
    rereads: list[str] = field(default_factory=list)
    rulings: dict[Scope, Tolerance] = field(default_factory=dict)
    ignores: dict[Scope, Ignore] = field(default_factory=dict)
    said: list[tuple[Scope, Ignore | None]] = field(default_factory=list)
    ruled: list[tuple[Scope, Tolerance | None]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # of what was ruled
    buffers: dict[Scope, int] = field(default_factory=dict)
    held: list[tuple[Scope, int | None, str]] = field(default_factory=list)
    standing: Remarks = field(default_factory=Remarks)
    remarks: list[tuple[RemarkKind, Scope, Remark | None]] = field(default_factory=list)
    recorded: FakePast = field(default_factory=FakePast)
    looked_back: list[str] = field(default_factory=list)
    log: CollectorLog = field(default_factory=collector_log)
    counts: list[Sample] = field(default_factory=list)
    acting: FakeActing = field(default_factory=FakeActing)
    silent: Exception | None = None  # what the journal answers when it is asked what was

    async def catch_up(self) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        if self.broken:
            raise self.broken
        return False

    async def ask_reread(self, surface: str) -> None:
        self.rereads.append(surface)

    async def rule(self, scope: Scope, tolerance: Tolerance | None, reason: str = "") -> None:
        self.ruled.append((scope, tolerance))
        self.reasons.append(reason)
        if tolerance is None:
            self.rulings.pop(scope, None)
        else:
            self.rulings[scope] = tolerance
        hidden = min(6 * self.rulings.get(Scope(), Tolerance()).units, 35)
        gauge = replace(self.model.shown.gauge, drifting=37 - hidden)
        self.model.shown = replace(self.model.shown, gauge=gauge)
        self.model.version += 1

    async def ignore(self, scope: Scope, ignore: Ignore | None) -> None:
        self.said.append((scope, ignore))
        if ignore is None:
            self.ignores.pop(scope, None)
        else:
            self.ignores[scope] = ignore

    async def hold_back(self, scope: Scope, units: int | None, reason: str = "") -> None:
        self.held.append((scope, units, reason))
        if units is None:
            self.buffers.pop(scope, None)
        else:
            self.buffers[scope] = units

    def held_back(self, scope: Scope) -> int | None:
        return self.buffers.get(scope)

    def buffer(self, scope: Scope) -> int:
        return self.buffers.get(scope, 0)

    async def remark(self, kind: RemarkKind, scope: Scope, remark: Remark | None) -> None:
        self.remarks.append((kind, scope, remark))
        self.standing.say(kind, scope, remark)

    def remarked(self, kind: RemarkKind, scope: Scope) -> Remark | None:
        return self.standing.of(kind, scope, NOW)

    def ignoring(self, scope: Scope) -> Ignore | None:
        return self.ignores.get(scope)

    def ignored(self, scope: Scope) -> Ignore | None:
        return self.ignores.get(scope)

    def ruling(self, scope: Scope) -> Tolerance | None:
        return self.rulings.get(scope)

    def tolerance(self, scope: Scope) -> Tolerance:
        return self.rulings.get(scope, Tolerance())

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        if self.silent:
            raise self.silent
        return [sample for sample in self.counts if sample.at <= end]

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        self.looked_back.append(sku)
        if self.silent:
            raise self.silent
        return sea_salt() if sku == "SEA-220" else SkuHistory(sku)

    async def collector_log(self) -> CollectorLog:
        if self.silent:
            raise self.silent
        return self.log

    async def mapping(self, name: str) -> Mapped | None:
        return candle_mapping(name)

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        self.looked_back.append(name)
        if self.silent:
            raise self.silent
        return feed_log() if name == "facebook" else SurfaceLog(name)

    def past(self) -> FakePast:
        return self.recorded
