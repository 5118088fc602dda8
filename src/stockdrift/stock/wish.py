"""What an operator wishes to have written, and the plan of it: the same for the console and for a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockdrift.stock import plan
from stockdrift.stock.freeze import Offset

if TYPE_CHECKING:
    from stockdrift.stock.actions import Action
    from stockdrift.stock.board import Board
    from stockdrift.stock.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Wish:
    """``kind`` is resync, contain, rollback or retry. ``skus`` None: all that drift on ``surface``. ``action`` is the
    one that is rolled back or tried once more, ``trust`` whom the operator trusts where the surface is set to ask.
    """

    kind: str
    surface: str
    skus: Sequence[str] | None = None
    action: Action | None = None
    trust: str = ""


def plan_of(monitor: Monitor, wish: Wish, now: int, offset: Offset) -> plan.Plan:
    """The plan of ``wish`` as things are known at ``now`` (ms). Raises ValueError for a wish that names no action."""
    if wish.kind == "contain":
        return plan.contain(monitor, wish.surface, wish.skus or (), now, offset=offset)
    if wish.kind == "resync":
        return plan.resync(monitor, wish.surface, wish.skus, now, trust=wish.trust, offset=offset)
    if wish.action is None:
        raise ValueError(f"a {wish.kind} is of an action")
    if wish.kind == "rollback":
        return plan.rollback(monitor, wish.action, now, offset=offset)
    return plan.retry(monitor, wish.action, now, trust=wish.trust, offset=offset)


def unread(board: Board, names: Sequence[str], began: int) -> list[str]:
    """Those of the sources ``names`` of which no read has ended yet that began at ``began`` (ms) or later."""
    columns = [board.columns[index] for name in names if (index := board.column_of(name)) is not None]
    late = [one for one in columns if one.last is None or one.last.started_at < began]
    return [one.rules.name for one in late if one.rules.active]
