"""What an operator wants written, and the plan that comes of it: the same one with a console and without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from stockdrift.stock import plan
from stockdrift.stock.freeze import Offset, no_zones
from stockdrift.stock.text import clean_sku

if TYPE_CHECKING:
    from stockdrift.stock.actions import Action
    from stockdrift.stock.known import Known
    from stockdrift.stock.plan import Plan


class Wanted(Struct, frozen=True):
    """``kind`` is resync, refresh, contain, unlist, relist, rollback or retry. ``skus`` empty: all that drift on
    ``surface``. ``action`` is the key of the one that is rolled back or tried once more, on whose surface that is.
    ``trust`` as of a plan.
    """

    kind: str
    surface: str
    skus: Sequence[str] = ()
    action: str = ""
    trust: str = ""


def plan_of(monitor: Known, wanted: Wanted, now: int, offset: Offset = no_zones) -> Plan:
    """The plan, by what is known at ``now``. Raises LookupError where there is no such action."""
    skus = [clean_sku(sku) for sku in wanted.skus]
    match wanted.kind:
        case "contain":
            return plan.contain(monitor, wanted.surface, skus, now, offset=offset)
        case "unlist":
            return plan.unlist(monitor, wanted.surface, skus, now, offset=offset)
        case "relist":
            return plan.relist(monitor, wanted.surface, skus, now, offset=offset)
        case "refresh":
            return plan.refresh(monitor, wanted.surface, skus or None, now, offset=offset)
        case "rollback":
            return plan.rollback(monitor, _action(monitor, wanted), now, offset=offset)
        case "retry":
            return plan.retry(monitor, _action(monitor, wanted), now, trust=wanted.trust, offset=offset)
        case _:
            return plan.resync(monitor, wanted.surface, skus or None, now, trust=wanted.trust, offset=offset)


def _action(monitor: Known, wanted: Wanted) -> Action:
    action = monitor.ledger.get(wanted.action)
    if action is None:
        raise LookupError(f"there is no action {wanted.action[:40]!r}")
    return action
