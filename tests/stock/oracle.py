"""The contract once more, by brute force: plain dictionaries, exact fractions, one level at a time.

Written from ``docs/semantics.md`` alone. It shares no code with the core but the words (states, rules, readings), keeps
no increments, and judges everything from the whole list of readings each time it is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from stockdrift.stock.levels import LevelState
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, SurfaceRules, Tolerance

S = LevelState
Level = tuple[LevelState, int]
UNKNOWN: Level = (S.UNKNOWN, 0)
UNLISTED: Level = (S.UNLISTED, 0)


@dataclass
class Side:
    """What one surface is known to say."""

    levels: dict[str, Level] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)  # gone once, not confirmed
    listed: int = 0
    ever: bool = False
    good: bool = False  # the last read was complete
    whole: bool = False  # the last read of everything was
    read_at: int = 0
    unasked: set[str] = field(default_factory=set)  # came up while it did not answer

    def level(self, sku: str) -> Level:
        return self.levels.get(sku, UNLISTED if self.ever and sku not in self.unasked else UNKNOWN)


@dataclass(frozen=True)
class Said:
    """A remark: when it was made, until when it stands, how grave the drift was of which it speaks."""

    since: int
    until: int
    worst: str


GRAVITY = ["", "orphan", "under", "over", "oversell"]


@dataclass
class Verdicts:
    cells: dict[tuple[str, str], str]  # (sku, surface): "", in sync, unknown, orphan, under, over, oversell
    skus: dict[str, str]  # drifting severities, in sync, unknown, uncovered, untracked, orphan, absent, ignored
    hidden: dict[tuple[str, str], str]  # of active surfaces, what ignored cells would be

    def count(self, *words: str) -> int:
        counted = Counter(self.skus.values())
        return sum(counted[word] for word in words)


class Oracle:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.rulings: dict[Scope, Tolerance] = {}
        self.buffers: dict[Scope, int] = {}
        self.ignorings: dict[Scope, Ignore] = {}
        self.remarks: dict[tuple[RemarkKind, Scope], Said] = {}
        self.sides = {one.name: Side() for one in (rules.master, *rules.surfaces)}

    def read(self, reading: Reading) -> None:
        side, rules = self.sides[reading.surface], self.rules.surface(reading.surface)
        named = Counter(reading.skus)
        usable = {name: self.usable(name, reading.read_at) for name in self.sides}
        side.good = reading.outcome is Outcome.COMPLETE and not self._doubtful(reading, side, rules, len(named))
        if reading.covers is Covers.ALL and reading.outcome is not Outcome.FAILED:
            side.whole = side.good
        if not side.good:
            return
        new = set(named) - self.known()
        for name, other in self.sides.items():
            if name != reading.surface and not usable[name]:
                other.unasked |= new
        side.read_at = reading.read_at
        said = {
            sku: (S(int(state)), int(quantity) if state == S.COUNTED else 0)
            for sku, state, quantity in zip(reading.skus, reading.states, reading.quantities, strict=True)
        }
        said |= {sku: UNKNOWN for sku, times in named.items() if times > 1}
        if reading.covers is Covers.ALL:
            for sku, level in list(side.levels.items()):
                if sku in said or level == UNLISTED:
                    continue
                if sku in side.missing:
                    side.levels[sku] = UNLISTED
                    side.missing.discard(sku)
                else:
                    side.levels[sku] = UNKNOWN
                    side.missing.add(sku)
            side.listed = len(named)
            side.unasked.clear()
        side.levels |= said
        side.missing -= set(said)
        side.unasked -= set(said)
        side.ever = True

    @staticmethod
    def _doubtful(reading: Reading, side: Side, rules: SurfaceRules, listed: int) -> bool:
        if reading.covers is not Covers.ALL:
            return not side.whole
        told, before = set(reading.states.tolist()), {state for state, _ in side.levels.values()}
        if S.IN in told and S.COUNTED not in told and S.COUNTED in before and S.IN not in before:
            return True  # it stated quantities, and no longer does
        return not listed or Fraction(listed) < side.listed * (1 - Fraction(rules.max_shrink, 10_000))

    def usable(self, name: str, now: int) -> bool:
        side, rules = self.sides[name], self.rules.surface(name)
        return rules.active and side.good and now - side.read_at <= rules.stale_after

    def atp(self, sku: str) -> Level:
        master = self.sides[MASTER]
        level = master.level(sku)
        if sku not in self.rules.bundles or level[0] is not S.COUNTED:
            return level
        least: int | None = None
        for component, units in self.rules.bundles[sku].items():
            state, quantity = master.level(component) if component in self.known() else UNKNOWN
            if state is S.COUNTED:
                least = min(quantity // units, 2**31 - 1 if least is None else least)
            elif state is not S.UNLIMITED:
                return UNKNOWN
        return (S.UNLIMITED, 0) if least is None else (S.COUNTED, least)

    def known(self) -> set[str]:
        return {sku for side in self.sides.values() for sku in side.levels}

    def expected(self, surface: str, sku: str, atp: int) -> int:
        rules = self.rules.surface(surface)
        allotment: Allotment = rules.allotments.get(sku, rules.allotment)
        units = (Fraction(allotment.share, 10_000) * atp).__floor__() - self.buffer(surface, sku)
        return max(0, units if allotment.cap is None else min(units, allotment.cap))

    def buffer(self, surface: str, sku: str) -> int:
        rules = self.rules.surface(surface)
        held = rules.allotment.buffer
        for scope, value in (
            (Scope(surface), None),
            (Scope("", sku), None),
            (Scope(surface, sku), rules.buffers.get(sku)),
        ):
            held = self.buffers.get(scope, held if value is None else value)
        return held

    def tolerance(self, surface: str, sku: str, expected: int) -> Fraction:
        rules = self.rules.surface(surface)
        found = Tolerance()
        for scope, value in (
            (Scope(), self.rules.tolerance),
            (Scope(surface), rules.tolerance),
            (Scope("", sku), self.rules.tolerances.get(sku)),
            (Scope(surface, sku), rules.tolerances.get(sku)),
        ):
            value = self.rulings.get(scope, value)
            found = value if value is not None else found
        return max(Fraction(found.units), Fraction(found.percent, 10_000) * expected)

    def remark(self, kind: RemarkKind, scope: Scope, until: int | None, now: int) -> None:
        """Until None: what was said before is taken back."""
        if until is None:
            self.remarks.pop((kind, scope), None)
            return
        found = self.verdicts(now)
        word = found.cells.get((scope.sku, scope.surface), "") if scope.surface else found.skus.get(scope.sku, "")
        self.remarks[kind, scope] = Said(now, until, word if scope.sku and word in GRAVITY else "")

    def covered(self, kind: RemarkKind, now: int, since: Mapping[tuple[str, str], int]) -> set[str]:
        """SKUs whose every drift is acknowledged, or snoozed. ``since`` says when that of a level began."""
        found, rests = self.verdicts(now), set()
        for sku in found.skus:
            drifts = [
                one.name for one in self.rules.surfaces if one.active and found.cells[sku, one.name] in GRAVITY[1:]
            ]
            if drifts and all(self._covers(kind, sku, name, found.cells[sku, name], now, since) for name in drifts):
                rests.add(sku)
        return rests

    def _covers(
        self, kind: RemarkKind, sku: str, surface: str, word: str, now: int, since: Mapping[tuple[str, str], int]
    ) -> bool:
        for scope in (Scope(surface, sku), Scope("", sku), Scope(surface)):
            said = self.remarks.get((kind, scope))
            if said is None or now >= said.until:
                continue
            if kind is RemarkKind.ACKNOWLEDGE and since.get((sku, surface), 0) > said.since:
                continue
            if GRAVITY.index(word) <= (GRAVITY.index(said.worst) if scope.sku else GRAVITY.index("over")):
                return True
        return False

    def verdicts(self, now: int) -> Verdicts:
        cells: dict[tuple[str, str], str] = {}
        skus: dict[str, str] = {}
        hidden: dict[tuple[str, str], str] = {}
        for sku in self.known():
            row = {one.name: self._cell(one, sku, now) for one in self.rules.surfaces}
            bare = self._sku(sku, [row[one.name] for one in self.rules.surfaces if one.active], now)
            aside = {one.name: row[one.name] for one in self.rules.surfaces if self.ignored(one, sku, now)}
            row |= dict.fromkeys(aside, "")
            hidden |= {
                (sku, one.name): aside[one.name] for one in self.rules.surfaces if one.active and one.name in aside
            }
            if self.usable(MASTER, now) and self.atp(sku)[0] is S.COUNTED and self.atp(sku)[1] > 0:
                self._pairs(sku, row)
            cells |= {(sku, name): word for name, word in row.items()}
            word = self._sku(sku, [row[one.name] for one in self.rules.surfaces if one.active], now)
            only_that = word in ("uncovered", "absent") and any(hidden.get((sku, name)) for name in aside)
            left_out = self._ignores(Scope("", sku), self.rules.ignores.get(sku), now) and bare != "absent"
            skus[sku] = "ignored" if left_out or only_that else word
        return Verdicts(cells, skus, hidden)

    def ignored(self, surface: SurfaceRules, sku: str, now: int) -> bool:
        return self._ignores(Scope("", sku), self.rules.ignores.get(sku), now) or self._ignores(
            Scope(surface.name, sku), surface.ignores.get(sku), now
        )

    def _ignores(self, scope: Scope, from_file: Ignore | None, now: int) -> bool:
        ignore = self.ignorings.get(scope, from_file)
        return ignore is not None and now < ignore.until

    def _cell(self, surface: SurfaceRules, sku: str, now: int) -> str:
        if not surface.active:
            return ""
        state, quantity = self.sides[surface.name].level(sku)
        if state is S.UNLISTED:
            return ""
        if not self.usable(surface.name, now) or not self.usable(MASTER, now):
            return "unknown"
        master, atp = self.atp(sku)
        if master in {S.UNLIMITED, S.DISABLED, S.PREORDER, S.BACKORDER}:
            return ""
        if master is S.UNLISTED:
            return "orphan" if state in {S.UNLIMITED, S.IN} or (state is S.COUNTED and quantity > 0) else ""
        if state is S.DISABLED:
            return ""
        if master is not S.COUNTED or state is S.UNKNOWN:
            return "unknown"
        return self._compare(surface, sku, state, quantity, atp)

    def _compare(self, surface: SurfaceRules, sku: str, state: LevelState, quantity: int, atp: int) -> str:
        expected = self.expected(surface.name, sku, atp)
        if state in {S.PREORDER, S.BACKORDER}:
            if not surface.compare_preorder:
                return ""
            state = S.IN
        sells = state in {S.UNLIMITED, S.IN} or (state is S.COUNTED and quantity > 0)
        if atp <= 0:
            return "oversell" if sells else "in sync"
        if state is S.UNLIMITED:
            return "over"
        if state is S.IN:
            return "in sync"
        if state is S.OUT:
            return "under" if expected > 0 else "in sync"
        off = max(quantity, 0) - expected
        if abs(off) <= self.tolerance(surface.name, sku, expected):
            return "in sync"
        return "over" if off > 0 else "under"

    def _pairs(self, sku: str, row: dict[str, str]) -> None:
        atp = self.atp(sku)[1]
        agreeing = {}
        for one in self.rules.surfaces:
            state, quantity = self.sides[one.name].level(sku)
            if row[one.name] == "in sync" and state is S.COUNTED:
                expected = self.expected(one.name, sku, atp)
                agreeing[one.name] = (max(quantity, 0) - expected, self.tolerance(one.name, sku, expected))
        for name, (off, allowed) in agreeing.items():
            for other_off, other_allowed in agreeing.values():
                if abs(off - other_off) > max(allowed, other_allowed).__floor__() and off:
                    row[name] = "over" if off > 0 else "under"

    def _sku(self, sku: str, cells: Sequence[str], now: int) -> str:
        master = self.atp(sku)[0]
        if master in {S.UNLIMITED, S.DISABLED, S.PREORDER, S.BACKORDER}:
            return "untracked"
        if master not in {S.COUNTED, S.UNLISTED}:
            return "unknown"
        if not self.usable(MASTER, now):
            return "unknown" if master is S.COUNTED or any(cells) else "absent"
        for word in ("oversell", "over", "under", "orphan", "unknown", "in sync"):
            if word in cells:
                return word
        return "absent" if master is S.UNLISTED else "uncovered"


def counts(verdicts: Verdicts) -> Mapping[str, int]:
    """As the gauge counts them."""
    drifting = verdicts.count("oversell", "over", "under")
    in_sync, unknown, uncovered = (verdicts.count(word) for word in ("in sync", "unknown", "uncovered"))
    aside = {sku for (sku, _), word in verdicts.hidden.items() if word}
    aside |= {sku for sku, word in verdicts.skus.items() if word == "ignored"}
    return {
        "ignored": len(aside),
        "ignored_oversell": len({sku for (sku, _), word in verdicts.hidden.items() if word == "oversell"}),
        "tracked": drifting + in_sync + unknown + uncovered,
        "drifting": drifting,
        "in_sync": in_sync,
        "unknown": unknown,
        "uncovered": uncovered,
        "untracked": verdicts.count("untracked"),
        "orphans": verdicts.count("orphan"),
        "oversell": verdicts.count("oversell"),
        "over": verdicts.count("over"),
        "under": verdicts.count("under"),
    }
