"""What an operator sees of plans before anything is sent, and what he has to say: no drawing, no keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from stockdrift.console import words
from stockdrift.console.model import Planned
from stockdrift.stock.guards import COLLAPSED, TRUSTS, bulk
from stockdrift.stock.plan import Plan
from stockdrift.stock.planner import PlanRow, Skipped
from stockdrift.stock.rules import ActionRules
from stockdrift.stock.values import replace
from stockdrift.stock.wanted import Wanted
from stockdrift.stock.words import several

CONTAINING: Final = (("contain", "set to 0"), ("unlist", "take the listing down"), ("relist", "put it up again"))
"""How a SKU is contained on a surface, and how that ends: kinds of plans, and what they are called."""

LONGEST: Final = 200
"""Characters of a note."""


class Choice(Struct, frozen=True):
    """Surfaces to which the same may be done, and what they are called together."""

    label: str
    surfaces: tuple[str, ...]


class Need(Struct, frozen=True):
    """``word`` has to be typed, for ``because``; ``barrier`` where that lets a barrier of this name down."""

    word: str
    because: str
    barrier: str = ""
    until: int | None = None  # when the barrier falls by itself


class Item(Struct, frozen=True):
    """A line of the list: a row that will be written, or one that is left out, with its surface and the plan's kind."""

    surface: str
    kind: str
    row: PlanRow | Skipped


class PlanForm(Struct):
    """``wanted`` has a wish for each surface; ``hidden`` counts those SKUs that the list does not show.

    ``reason`` is the place of the one chosen, −1 while none is: what the record says of why shall have been thought of.
    ``hows`` are the kinds of plans among which the operator may choose, none where there is but one.
    ``focus`` is where the keys go: where, how, trust, reason, note, typed, cancel or send.
    """

    wanted: Sequence[Wanted]
    choices: Sequence[Choice]
    rules: ActionRules
    hidden: int = 0
    hows: Sequence[tuple[str, str]] = ()
    how: int = 0
    choice: int = 0
    planned: Planned | None = None  # the last answer
    failed: str = ""  # why there is no plan
    barred: str = ""  # why nothing can be written from here
    reason: int = -1
    note: str = ""
    typed: str = ""
    trust: str = ""
    focus: str = "cancel"
    dropped: set[tuple[str, str]] = field(default_factory=set)
    satisfied: set[Need] = field(default_factory=set)
    found: dict[str, Plan] = field(default_factory=dict)  # by surface
    sent: bool = False
    _made_of: object = None
    _plans: list[Plan] = field(default_factory=list)
    _items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Where there is but one reason there is nothing to choose."""
        if len(self.rules.reasons) == 1:
            self.reason = 0

    # -- what would be written ----------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """What is planned: of what cannot be written, that it be refreshed."""
        made = {plan.kind for plan in self.plans}
        return made.pop() if len(made) == 1 else self._asked

    @property
    def _asked(self) -> str:
        return self.hows[self.how][0] if self.hows else self.wanted[0].kind

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Those that are chosen."""
        return self.choices[self.choice].surfaces

    @property
    def ready(self) -> bool:
        """Whether there is a plan for each of them."""
        return all(name in self.found for name in self.surfaces)

    @property
    def missing(self) -> Sequence[Wanted]:
        """What is to be planned yet of what is chosen."""
        return [
            replace(one, trust=self.trust, kind=self._asked)
            for one in self.wanted
            if one.surface in self.surfaces and one.surface not in self.found
        ]

    @property
    def plans(self) -> Sequence[Plan]:
        """Those of the chosen surfaces, without the rows that were dropped."""
        self._make()
        return self._plans

    @property
    def items(self) -> Sequence[Item]:
        """Rows that will be written, the most dangerous first, then those that are skipped."""
        self._make()
        return self._items

    def _make(self) -> None:
        made_of = (id(self.planned), self.choice, len(self.dropped), len(self.found))
        if made_of == self._made_of:
            return
        self._made_of = made_of
        self._plans = [self._kept(self.found[name]) for name in self.surfaces] if self.ready else []
        rows = [Item(plan.surface, plan.kind, row) for plan in self._plans for row in plan.rows]
        skipped = [Item(plan.surface, plan.kind, row) for plan in self._plans for row in plan.skipped]
        if len(self._plans) > 1:
            rows.sort(key=lambda item: -getattr(item.row, "severity", 0))
        self._items = [*rows, *skipped]

    def _kept(self, plan: Plan) -> Plan:
        """The guards ask about what is left, as the collector will."""
        if not any(surface == plan.surface for surface, _sku in self.dropped):
            return plan
        rows = [row for row in plan.rows if (plan.surface, row.sku) not in self.dropped]
        because = bulk(self.rules, [row.change for row in rows], plan.listed) if plan.typed else ""
        return replace(
            plan,
            rows=rows,
            skipped=[
                *plan.skipped,
                *(Skipped(row.sku, "you dropped it") for row in plan.rows if row not in rows),
            ],
            typed=plan.surface if because else "",
            because=because,
            barriers=[one for one in plan.barriers if because or one.name != COLLAPSED],
        )

    @property
    def sendable(self) -> Sequence[Plan]:
        """Plans of which something can be sent once everything is said."""
        return [plan for plan in self.plans if plan.rows and not plan.refusals and not plan.asks_trust]

    @property
    def rows(self) -> int:
        """How many rows will be written."""
        return sum(len(plan.rows) for plan in self.sendable)

    @property
    def asks_trust(self) -> bool:
        """Whether the operator is asked whom he trusts, or was."""
        return bool(self.trust) or any(plan.asks_trust for plan in self.plans)

    # -- what has to be said ------------------------------------------------------------------------------------

    @property
    def needs(self) -> Sequence[Need]:
        """What has to be typed, once each."""
        found: dict[Need, None] = {}
        for plan in self.sendable:
            if plan.typed:
                found[Need(words.title(plan.typed), plan.because)] = None
            for one in plan.barriers:
                found[Need(one.name, f"{one.why}.", one.name, one.until)] = None
        return list(found)

    @property
    def need(self) -> Need | None:
        """The first that is not satisfied."""
        return next((need for need in self.needs if need not in self.satisfied), None)

    @property
    def obstacle(self) -> str:
        """Why nothing can be sent yet, or at all; empty where it can."""
        if self.sent:
            return "it was sent"
        if not self.ready:
            return "not planned yet"
        if not self.sendable:
            return "nothing to write"
        if self.barred:
            return "read-only"
        lacks = self.lacks
        return f"needs {' and '.join(lacks)}" if lacks else ""

    @property
    def lacks(self) -> Sequence[str]:
        """What the operator has to say yet, a clause each."""
        left = sum(one not in self.satisfied for one in self.needs)
        found = ["a reason"] if self.reason < 0 else []
        return [*found, *(["the name typed" if left == 1 else f"{left} names typed"] if left else [])]

    @property
    def refusals(self) -> Sequence[str]:
        """What stands in the way and cannot be let down, each with what to do."""
        found = {why: None for plan in self.plans for why in plan.refusals}
        if self.barred and self.ready:
            found[self.barred] = None
        if self.ready and not found and not self.sendable and not self.asks_trust:
            found["There is nothing to write."] = None
        return list(found)

    @property
    def fields(self) -> Sequence[str]:
        """Where the keys can go, in the order of Tab."""
        found = ["where"] if len(self.choices) > 1 else []
        if self.hows:
            found.append("how")
        if self.asks_trust:
            found.append("trust")
        if self.sendable and not self.barred:
            found += ["reason", "note"]
            if self.need is not None or (self.needs and self.focus == "typed"):
                found.append("typed")
        found.append("cancel")
        return [*found, "send"] if not self.obstacle else found

    @property
    def typing(self) -> bool:
        """Whether letters are text now."""
        return self.focus in ("note", "typed")

    @property
    def verb(self) -> str:
        """What is done, as the button says it: ``Resync 33 rows``."""
        rows = several(self.rows, "row")
        return {
            "contain": f"Set {rows} to 0",
            "unlist": f"Take {several(self.rows, 'listing')} down",
            "relist": f"Put {several(self.rows, 'listing')} up",
            "refresh": f"Refresh, watch {rows}",
            "rollback": f"Roll back {rows}",
            "retry": f"Retry {rows}",
        }.get(self.kind, f"Resync {rows}")

    # -- what keys do -------------------------------------------------------------------------------------------

    def take(self, planned: Planned) -> None:
        """The plans that were asked for."""
        self.planned, self.failed = planned, ""
        self.found.update((plan.surface, plan) for plan in planned.plans)
        self.settle()

    def settle(self) -> None:
        """The field in focus is one that is there."""
        if self.focus not in self.fields:
            self.focus = "cancel"

    def turn(self, by: int) -> None:
        """The next field, or the one before."""
        there = self.fields
        here = there.index(self.focus) if self.focus in there else len(there) - 1
        self.focus = there[(here + by) % len(there)]

    def go_on(self) -> None:
        """From a field to where the next word is wanted: once the last name is typed, what else is missing, or the
        button.
        """
        if self.focus == "typed" and self.need is None:
            self.focus = "reason" if self.reason < 0 else "send"
            self.settle()
        else:
            self.turn(1)

    def choose(self, by: int) -> bool:
        """Another value of the field in focus; True where other plans may be needed then."""
        if self.focus == "where":
            self.choice = (self.choice + by) % len(self.choices)
            return True
        if self.focus == "how":
            self.how = (self.how + by) % len(self.hows)
            self._anew()
            return True
        if self.focus == "reason":
            here = -1 if self.reason < 0 and by > 0 else max(self.reason, 0)
            self.reason = (here + by) % len(self.rules.reasons)
        elif self.focus == "trust":
            here = TRUSTS.index(self.trust) if self.trust in TRUSTS else -1 if by > 0 else 0
            self.trust = TRUSTS[(here + by) % len(TRUSTS)]
            self._anew()
            return True
        elif self.focus in ("cancel", "send") and "send" in self.fields:
            self.focus = "send" if self.focus == "cancel" else "cancel"
        return False

    def _anew(self) -> None:
        """What was planned is not what is wanted now."""
        self.found.clear()
        self.dropped.clear()
        self.satisfied.clear()
        self.typed = ""

    @property
    def text(self) -> str:
        """Of the field in focus."""
        return self.typed if self.focus == "typed" else self.note

    def write(self, text: str) -> None:
        """Changes the text of the field in focus; a name that is typed whole counts at once."""
        if self.focus == "note":
            self.note = text[:LONGEST]
        elif self.focus == "typed":
            need = self.need
            self.typed = text[:LONGEST] if need is not None else ""
            if need is not None and self.typed.strip().casefold() == need.word.casefold():
                self.satisfied.add(need)
                self.typed = ""

    def drop(self, item: Item) -> bool:
        """Leaves a row out; False for one that is left out anyway."""
        if isinstance(item.row, Skipped):
            return False
        self.dropped.add((item.surface, item.row.sku))
        self.settle()
        return True

    def typed_for(self, plan: Plan) -> str:
        """What was typed for ``plan``, as it is recorded."""
        return plan.typed if plan.typed and Need(words.title(plan.typed), plan.because) in self.satisfied else ""

    def overrides_for(self, plan: Plan) -> Sequence[str]:
        """The barriers of ``plan`` that were let down."""
        let_down = {need.barrier for need in self.satisfied if need.barrier}
        return [one.name for one in plan.barriers if one.name in let_down]
