"""The guards before a write: what refuses it, what a person may let down by its name, what asks for a typed word.

A plan shows them and the action service asks them again before each send; both ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.stock.actions import LISTING, RowChange
from stockdrift.stock.freeze import CLOSED, Offset, denied, opens
from stockdrift.stock.grid import why_column_unknown
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import WHOLE, ActionRules, SurfaceRules
from stockdrift.stock.suspect import collapsed
from stockdrift.stock.words import title

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

COLLAPSED: Final = "collapsed master"
"""The barrier of a master that is to be doubted."""

TRUSTS: Final = ("master", "surface")
"""Whom an operator may say that he trusts."""


class Barrier(Struct, frozen=True):
    """What bars a write unless a person types ``name``: then he lets it down, and that is recorded. ``until`` is when
    it goes by itself (ms), None where that is not known.
    """

    name: str
    why: str
    until: int | None = None


def refusals(monitor: Known, kind: str, surface: str, rows: Sequence[RowChange], trust: str) -> list[str]:
    """Why nothing at all may be written, as sentences that say what to do. Nobody can let these down.

    ``trust`` is whom the operator says that he trusts, where the surface is set to ask.
    """
    board = monitor.board
    if surface == MASTER:
        return ["The master's own stock is never written: it is what the surfaces are measured by."]
    index = board.column_of(surface)
    if index is None:
        return [f"There is no surface called {surface}."]
    column = board.columns[index]
    found = cannot_write(column.rules, kind)
    if not column.known:
        found.append(f"{surface} is unknown ({why_column_unknown(column)}): read it again first.")
    if not board.master.known:
        unknown = f"The master is unknown ({why_column_unknown(board.master)})"
        if kind in ("resync", "refresh"):
            found.append(f"{unknown}: nothing to write from.")
        elif why := bulk(board.rules.actions, rows, column.listed):
            found.append(f"{unknown}: nothing is written in bulk, and this is. {why}")
    if kind == "resync" and (why := _distrust(column.rules, trust)):
        found.append(why)
    return found


def unknown(monitor: Known, kind: str, surface: str) -> str:
    """What of the things that a write needs to know is not known now and may be soon, as a clause; else empty."""
    board, index = monitor.board, monitor.board.column_of(surface)
    if index is None or not board.columns[index].rules.active:
        return ""
    if not board.columns[index].known:
        return f"{surface} is unknown: {why_column_unknown(board.columns[index])}"
    if kind == "resync" and not board.master.known:
        return f"the master is unknown: {why_column_unknown(board.master)}"
    return ""


def asks_whom_to_trust(rules: SurfaceRules, kind: str, trust: str) -> bool:
    """Whether the operator has yet to say whom he trusts."""
    return kind == "resync" and rules.conflict == "ask" and trust not in TRUSTS


def barriers(monitor: Known, surface: str, rows: Sequence[RowChange], now: int, offset: Offset) -> list[Barrier]:
    """What bars the write of ``rows`` to ``surface`` at ``now`` unless it is let down. ``offset`` knows the zones."""
    rules, index = monitor.rules.actions, monitor.board.column_of(surface)
    listed = 0 if index is None else monitor.board.columns[index].listed
    names = list(denied(rules.freezes, rules.openings, surface, now, offset))
    until = opens(rules.freezes, rules.openings, surface, now, offset) if names else None
    found = [
        Barrier(one, "It is outside the opening times" if one == CLOSED else f"{one} freezes {title(surface)}", until)
        for one in names
    ]
    if bulk(rules, rows, listed) and (why := collapsed(monitor)):
        found.append(Barrier(COLLAPSED, f"{why}: nothing is written in bulk"))
    return found


def bulk(rules: ActionRules, rows: Sequence[RowChange], listed: int) -> str:
    """Why a write of ``rows`` is one in bulk, for which the surface's name has to be typed; empty where it is none.
    ``listed`` counts the SKUs that the surface lists.
    """
    zeroed = sum(row.after == 0 for row in rows)
    if len(rows) > rules.confirm_rows:
        return f"Above {rules.confirm_rows} rows."
    if listed and len(rows) > 1 and len(rows) * WHOLE > rules.confirm_share * listed:
        return f"Above {rules.confirm_share / 100:g} % of what the surface lists."
    if zeroed > rules.confirm_zeroes:
        return f"{zeroed} rows sell nothing any more."
    return ""


def cannot_write(rules: SurfaceRules, kind: str) -> list[str]:
    """Why an action of ``kind`` is refused on a surface whatever is read of it: sentences that say what to do."""
    if not rules.active:
        return [f"{rules.name} is switched off in the settings."]
    if kind == "refresh":  # it writes nothing
        return []
    if not rules.writable:
        return [f"stockdrift cannot write to {rules.name}. {rules.refresh}".rstrip()]
    if not rules.write:
        return [f"{rules.name} is read-only: set write = true on it, and start the collector with --write."]
    if kind in LISTING and not rules.listing:
        return [f"Listings of {rules.name} cannot be taken down: contain its SKUs instead."]
    return []


def _distrust(rules: SurfaceRules, trust: str) -> str:
    """Why a resync, which believes the master, may not be: somebody else is to be trusted; empty where it may."""
    if rules.conflict == "surface":
        return f"{rules.name} is the one to be trusted by its settings: correct the master where it is kept."
    if rules.conflict != "ask" or trust == "master":
        return ""
    if trust == "surface":
        return f"{rules.name} is the one to be trusted, you say: correct the master where it is kept."
    return f"{rules.name} is set to ask whom to trust: say master or surface."
