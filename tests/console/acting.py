"""A door that remembers what it was asked for, and carries nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stockdrift.stock.plan import Plan
from stockdrift.stock.wish import Wish


@dataclass
class FakeDoor:
    """``plans`` are what it offers, by surface; ``broken`` is what the journal answers."""

    operator: str = "maya"
    barred: str = ""
    plans: dict[str, Plan] = field(default_factory=dict)
    late: str = ""
    broken: Exception | None = None
    read: list[str] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    asked: list[tuple[Plan, str, str, str, Sequence[str]]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    dismissed: list[tuple[str, str]] = field(default_factory=list)

    async def read_anew(self, surface: str) -> str:
        self.read.append(surface)
        if self.broken:
            raise self.broken
        return self.late

    def plan(self, wish: Wish) -> Plan:
        self.wishes.append(wish)
        return self.plans.get(wish.surface) or Plan(wish.kind, wish.surface, (), (), (), "", "", 0)

    async def ask(
        self, plan: Plan, reason: str, note: str = "", *, typed: str = "", overrides: Sequence[str] = ()
    ) -> str:
        if self.broken:
            raise self.broken
        self.asked.append((plan, reason, note, typed, overrides))
        return f"key-{len(self.asked)}"

    async def stop(self, key: str) -> None:
        self.stopped.append(key)

    async def dismiss(self, key: str, because: str) -> None:
        self.dismissed.append((key, because))
