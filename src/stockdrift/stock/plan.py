"""What a resync would write: from what a surface shows to what it should show, and what is left out, with the why.

A plan writes nothing. It is made of what is known at one moment, shown, confirmed by a person, and then recorded as an
:class:`~stockdrift.stock.actions.ActionAsked`; the service that carries it out makes the same checks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from stockdrift.stock.actions import DOWN, FOR_GOOD, LISTED, LISTING, WRITTEN, Action, ActionAsked, RowChange
from stockdrift.stock.forecast import Forecast, forecast
from stockdrift.stock.freeze import Offset, no_zones
from stockdrift.stock.guards import Barrier, asks_whom_to_trust, barriers, bulk, refusals
from stockdrift.stock.ledger import Ledger, seen_to
from stockdrift.stock.picture import Severity
from stockdrift.stock.planner import Planner, PlanRow, Skipped
from stockdrift.stock.rules import SurfaceRules
from stockdrift.stock.values import replace
from stockdrift.stock.words import several, title

if TYPE_CHECKING:
    from stockdrift.stock.known import Known


class Plan(Struct, frozen=True):
    """``refusals`` are why nothing at all may be sent, each with what to do; ``barriers`` bar it too, unless a person
    lets each down by typing its name. ``typed`` is what has to be typed besides before anything may be sent, empty
    where nothing has to; ``because`` says why. ``listed`` counts the SKUs that the surface lists.

    ``asks_trust`` where the operator has to say first whom he trusts, and the plan has to be made again with it;
    ``trust`` is whom he trusts. ``undoes`` and ``retries`` as in :class:`~stockdrift.stock.actions.ActionAsked`.
    ``forecast`` is how long it will take, None where there is no such surface.
    """

    kind: str
    surface: str
    rows: Sequence[PlanRow]
    skipped: Sequence[Skipped]
    refusals: Sequence[str]
    typed: str
    because: str
    listed: int
    advice: str = ""
    barriers: Sequence[Barrier] = ()
    asks_trust: bool = False
    trust: str = ""
    undoes: str = ""
    retries: str = ""
    forecast: Forecast | None = None

    @property
    def zeroed(self) -> int:
        """Rows that will be set to 0."""
        return 0 if self.kind in LISTING else sum(row.after == 0 for row in self.rows)

    @property
    def overselling(self) -> int:
        """Rows that will sell what the master does not have."""
        return sum(row.becomes is Severity.OVERSELL for row in self.rows)

    @property
    def warnings(self) -> Sequence[str]:
        """What sending it makes worse, as sentences."""
        found = []
        if self.overselling:
            unless = ", unless no stock is left in it" if self.kind in LISTING else ""
            found.append(f"{several(self.overselling, 'row')} will sell what the master does not have{unless}.")
        over = sum(row.becomes is Severity.OVER for row in self.rows)
        if over:
            found.append(f"{several(over, 'row')} will show more than the master allows.")
        unsure = sum(row.becomes is None for row in self.rows)
        if unsure:
            found.append(f"Of {several(unsure, 'row')} it is not known whether what it will show agrees.")
        return found

    def asked(
        self,
        at: int,
        operator: str,
        key: str,
        reason: str,
        note: str = "",
        *,
        typed: str = "",
        overrides: Sequence[str] = (),
    ) -> ActionAsked:
        """The action that carries it out, as ``operator`` confirmed it: with what he ``typed``, and the names of the
        barriers that he let down.
        """
        rows = tuple(row.change for row in self.rows)
        return ActionAsked(
            at, operator, key, self.kind, self.surface, reason, note, rows, typed,
            undoes=self.undoes, retries=self.retries, trust=self.trust, overrides=tuple(overrides),
            settled=tuple(one.sku for one in self.skipped if one.settled) if self.retries else (),
        )  # fmt: skip


def resync(
    monitor: Known,
    surface: str,
    skus: Sequence[str] | None,
    now: int,
    *,
    trust: str = "",
    offset: Offset = no_zones,
) -> Plan:
    """A plan that brings ``skus`` on ``surface`` (None: all that drift there) to what they should show. Of a surface
    that cannot be written it is a plan to have it refreshed.

    ``trust`` is what the operator answered where the surface is set to ask (master, surface; empty: nothing yet),
    ``offset`` knows the zones of freeze windows; without it each window that needs one bars the plan.
    """
    found = Planner(monitor, surface, trust)
    found.resync(found.drifting() if skus is None else list(dict.fromkeys(skus)))
    return _made(monitor, found, "refresh" if found.is_view else "resync", now, offset)


def refresh(monitor: Known, surface: str, skus: Sequence[str] | None, now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan to have ``surface`` made anew, by its vendor or by hand, and to watch ``skus`` (None: all that drift
    there) until they are in sync. It writes nothing.
    """
    found = Planner(monitor, surface)
    found.resync(found.drifting() if skus is None else list(dict.fromkeys(skus)))
    return _made(monitor, found, "refresh", now, offset)


def unlist(monitor: Known, surface: str, skus: Sequence[str], now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that takes the listings of ``skus`` on ``surface`` down."""
    found = Planner(monitor, surface)
    found.turn(list(dict.fromkeys(skus)), DOWN)
    return _made(monitor, found, "unlist", now, offset)


def relist(monitor: Known, surface: str, skus: Sequence[str], now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that puts the listings of ``skus`` on ``surface`` up again."""
    found = Planner(monitor, surface)
    found.turn(list(dict.fromkeys(skus)), LISTED)
    return _made(monitor, found, "relist", now, offset)


def contain(monitor: Known, surface: str, skus: Sequence[str], now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that sets ``skus`` to 0 on ``surface``: what oversells stops selling, whatever the master says."""
    found = Planner(monitor, surface)
    found.contain(list(dict.fromkeys(skus)))
    return _made(monitor, found, "contain", now, offset)


def rollback(monitor: Known, action: Action, now: int, *, offset: Offset = no_zones) -> Plan:
    """A plan that takes back what ``action`` wrote, where the surface still shows it. What was taken back once is not
    taken back again.
    """
    found = Planner(monitor, action.asked.surface)
    found.restore([action.asked.rows[place] for place in action.places(*WRITTEN)], monitor.ledger.undone(action.key))
    made = _made(monitor, found, "rollback", now, offset)
    why = _cannot_undo(action, len(made.rows), len(found.skipped))
    return replace(made, undoes=action.key, refusals=[*([why] if why else []), *made.refusals])


def retry(monitor: Known, action: Action, now: int, *, trust: str = "", offset: Offset = no_zones) -> Plan:
    """A plan that tries once more what is left of the dead letter ``action``: what failed of it, except what was tried
    once more already, from what is shown now to what is right now.
    """
    asked = action.asked
    failed = [asked.rows[place] for place in monitor.ledger.left(action)]
    found = Planner(monitor, asked.surface, trust or asked.trust)
    match asked.kind:
        case "contain":
            found.contain([change.sku for change in failed])
        case "unlist" | "relist":
            found.turn([change.sku for change in failed], DOWN if asked.kind == "unlist" else LISTED)
        case "rollback":
            found.restore([RowChange(change.sku, change.after, change.before) for change in failed])
        case _:
            found.resync([change.sku for change in failed])
    made = _made(monitor, found, asked.kind, now, offset)
    why = _cannot_retry(monitor.ledger, action)
    return replace(made, undoes=asked.undoes, retries=action.key, refusals=[*([why] if why else []), *made.refusals])


def _made(monitor: Known, found: Planner, kind: str, now: int, offset: Offset) -> Plan:
    """What was collected, with what stands in its way."""
    rows = found.rows(listing=kind in LISTING)
    changes = [row.change for row in rows]
    refused = refusals(monitor, kind, found.surface, changes, found.trust)
    column = found.column
    if column is None:
        return Plan(kind, found.surface, rows, found.skipped, refused, "", "", 0)
    because = "" if refused or kind == "refresh" else bulk(monitor.rules.actions, changes, column.listed)
    return Plan(
        kind,
        found.surface,
        sorted(rows, key=lambda row: (-row.danger, row.sku)),
        found.skipped,
        refused,
        typed=found.surface if because else "",
        because=because,
        listed=column.listed,
        advice=_advice(column.rules, kind),
        barriers=barriers(monitor, found.surface, changes, now, offset),
        asks_trust=asks_whom_to_trust(column.rules, kind, found.trust),
        trust=found.trust if column.rules.conflict == "ask" else "",
        forecast=forecast(monitor.ledger, kind, column.rules, len(rows)),
    )


def _cannot_retry(ledger: Ledger, action: Action) -> str:
    if action.open:
        return "It is still under way: wait for its end, or stop it."
    if ledger.is_dead(action):
        return ""
    if action.dismissed is not None:
        why = f"{action.dismissed.operator} dismissed it"
    elif action.failed:
        tries = [one.key[:8] for one in ledger.retries_of(action.key) if any(seen_to(one))]
        why = f"that was done by {', '.join(tries)}"
    else:
        why = "nothing of it failed"
    return f"Nothing of it is left to be tried once more: {why}."


def _cannot_undo(action: Action, rows: int, skipped: int) -> str:
    if action.asked.kind in FOR_GOOD:
        return f"A {action.asked.kind} is not rolled back."
    if action.open:
        return "It is not at its end: stop it first, or wait."
    if not rows and not skipped:
        return "It wrote nothing: there is nothing to take back."
    if not rows:
        return f"Nothing of it can be taken back: {several(skipped, 'row')} moved on, or back already."
    return ""


def _advice(rules: SurfaceRules, kind: str) -> str:
    """What a person should know of a surface before writing to it."""
    if kind == "refresh":
        return rules.refresh
    if kind in LISTING and rules.listing == "product":
        return "A product goes as a whole: its other SKUs go with it."
    if rules.overwritten:
        return f"The next feed will overwrite what is written to {title(rules.name)}: mend the feed as well."
    if kind == "rollback":
        return f"What {title(rules.name)} shows then is what it showed before, not what the master says."
    return ""
