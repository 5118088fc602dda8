"""What an operator wants written, and the plan that comes of it: the same one with a console and without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockdrift.stock import plan
from stockdrift.stock.freeze import Offset, no_zones
from stockdrift.stock.text import clean_sku

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.plan import Plan


@dataclass(frozen=True, slots=True)
class Wanted:
    """``kind`` is resync, contain, rollback or retry. ``skus`` empty: all that drift on ``surface``. ``action`` is the
    key of the one that is rolled back or tried once more, on whose surface that is. ``trust`` as of a plan.
    """

    kind: str
    surface: str
    skus: Sequence[str] = ()
    action: str = ""
    trust: str = ""


def plan_of(monitor: Monitor, wanted: Wanted, now: int, offset: Offset = no_zones) -> Plan:
    """The plan, by what is known at ``now``. Raises LookupError where there is no such action."""
    skus = [clean_sku(sku) for sku in wanted.skus]
    if wanted.kind == "contain":
        return plan.contain(monitor, wanted.surface, skus, now, offset=offset)
    if wanted.kind == "resync":
        return plan.resync(monitor, wanted.surface, skus or None, now, trust=wanted.trust, offset=offset)
    action = monitor.ledger.get(wanted.action)
    if action is None:
        raise LookupError(f"there is no action {wanted.action[:40]!r}")
    if wanted.kind == "rollback":
        return plan.rollback(monitor, action, now, offset=offset)
    return plan.retry(monitor, action, now, trust=wanted.trust, offset=offset)
