"""Plans and actions as text for a terminal without a console, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from stockdrift.stock.actions import GOOD, Action, shown
from stockdrift.stock.outcome import outcome, row_texts
from stockdrift.stock.picture import Severity
from stockdrift.stock.plan import Plan
from stockdrift.stock.planner import PlanRow
from stockdrift.stock.telling import Spoken, reason_of, until_of, word
from stockdrift.stock.words import several

SCHEMA: Final = 1
_MOST: Final = 40  # rows that a plan on a terminal lists
_RECORDED: Final = 12  # rows of an action that the list of all of them shows

Clock = Callable[[int], str]
"""How a moment (ms since the epoch) is written."""


def plan_text(plan: Plan) -> str:
    """What would be written, what is left out, and what stands in its way."""
    return "\n".join(_plan_lines(plan)) + "\n"


def _severity(row: PlanRow) -> str:
    """How severe it is, with an arrow how severe it will be where writing makes it that."""
    if row.endangers:
        return f"→ {row.danger.word}"
    return row.severity.word if row.severity is not Severity.NONE else ""


def sum_text(plans: Sequence[Plan]) -> str:
    """Of plans for several surfaces that are only shown: where anything would be written, and where not and why."""
    writes = [f"{plan.surface} {several(len(plan.rows), 'row')}" for plan in plans if plan.rows and not plan.refusals]
    refused = [plan.surface for plan in plans if plan.refusals]
    idle = [plan.surface for plan in plans if not plan.rows and not plan.refusals]
    parts = [f"In all it would write to {', '.join(writes)}" if writes else "In all it would write nothing"]
    parts += [f"refused on {', '.join(refused)}"] if refused else []
    parts += [f"nothing to do on {', '.join(idle)}"] if idle else []
    return "; ".join(parts) + ".\n"


def _plan_lines(plan: Plan) -> Iterator[str]:
    zeroed = f", of them {plan.zeroed} set to 0" if plan.zeroed else ""
    sells = f", {plan.overselling} will oversell" if plan.overselling else ""
    yield f"Plan: {plan.kind} {plan.surface}: {several(len(plan.rows), 'row')} of {plan.listed:,} listed{zeroed}{sells}"
    width = max((len(row.sku) for row in plan.rows[:_MOST]), default=0)
    for row in plan.rows[:_MOST]:
        change = f"{shown(plan.kind, row.before):>8} → {shown(plan.kind, row.after):<8}"
        yield f"  {_severity(row):<10} {row.sku:<{width}} {change} {row.why}"
    if len(plan.rows) > _MOST:
        yield f"  … and {len(plan.rows) - _MOST:,} more"
    for skipped in plan.skipped[:_MOST]:
        yield f"  skipped    {skipped.sku}: {skipped.why}"
    if len(plan.skipped) > _MOST:
        yield f"  … and {len(plan.skipped) - _MOST:,} more are skipped"
    if not plan.rows and not plan.refusals:
        yield f"There is nothing to write to {plan.surface}."
    yield from plan.warnings
    if plan.forecast is not None and plan.rows and not plan.refusals:
        takes = "" if plan.kind == "refresh" else f"Takes {plan.forecast.takes_words}; "
        yield f"{takes}visible to shoppers {plan.forecast.seen_words}.".capitalize()
    if plan.advice and plan.rows:
        yield plan.advice
    yield from plan.refusals
    if plan.asks_trust:
        yield "Give --trust master to write what it says, --trust surface to see what to correct in the master."
    for barrier in plan.barriers if plan.rows else ():
        until = "" if barrier.until is None else f", until {local(barrier.until)}"
        yield f"{barrier.why}{until}."


def outcome_text(action: Action) -> str:
    """How an action ended, and each row that is not as it should be: all of them stand in the plan above."""
    return _outcome(action, row_texts(action, well=False), (), left=0, most=_MOST)


def record_text(action: Action, undone: Collection[str], *, left: int) -> str:
    """How an action stands, and its rows, from what to what: those that went well, too."""
    return _outcome(action, row_texts(action, undone), undone, left=left, most=_RECORDED)


def _outcome(action: Action, rows: Sequence[str], undone: Collection[str], *, left: int, most: int) -> str:
    lines = [outcome(action, undone, left=left), *(f"  {row}" for row in rows[:most])]
    if len(rows) > most:
        lines.append(f"  … and {len(rows) - most:,} more; --json has all")
    return "\n".join(lines) + "\n"


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan for scripts."""
    return {
        "schema": SCHEMA,
        "kind": plan.kind,
        "surface": plan.surface,
        "rows": [
            {
                "sku": row.sku,
                "from": row.before,
                "to": row.after,
                "severity": row.severity.name,
                "becomes": None if row.becomes is None else row.becomes.name,
                "why": row.why,
            }
            for row in plan.rows
        ],
        "skipped": [{"sku": skipped.sku, "why": skipped.why} for skipped in plan.skipped],
        "refusals": list(plan.refusals),
        "warnings": list(plan.warnings),
        "barriers": [
            {"name": one.name, "why": one.why, "until": None if one.until is None else utc(one.until)}
            for one in plan.barriers
        ],
        "asks_trust": plan.asks_trust,
        "trust": plan.trust or None,
        "undoes": plan.undoes or None,
        "retries": plan.retries or None,
        "to_type": plan.typed,
        "advice": plan.advice,
        "takes_ms": None if plan.forecast is None else plan.forecast.takes,
        "visible_ms": None if plan.forecast is None or plan.forecast.seen is None else list(plan.forecast.seen),
    }


def action_json(action: Action, clock: Clock) -> dict[str, Any]:
    """One action with everything that is recorded of it: who, when, why, what was sent, what came back, verified."""
    asked, dismissed = action.asked, action.dismissed
    return {
        "schema": SCHEMA,
        "key": asked.key,
        "asked_at": clock(asked.at),
        "operator": asked.operator,
        "kind": asked.kind,
        "surface": asked.surface,
        "reason": asked.reason,
        "note": asked.note,
        "typed": asked.typed or None,
        "trust": asked.trust or None,
        "overrides": list(asked.overrides),
        "undoes": asked.undoes or None,
        "retries": asked.retries or None,
        "settled": list(asked.settled),
        "open": action.open,
        "verified": action.verified,
        "failed": action.failed,
        "stopped_by": action.stop.operator if action.stop else None,
        "dismissed_by": dismissed.operator if dismissed else None,
        "dismissed_because": dismissed.reason if dismissed else None,
        "rows": [_row_json(action, place, wire, clock) for place, wire in enumerate(action.wires())],
        "wire": [
            {"at": clock(step.at), "state": str(step.state), "sent": step.sent, "answer": step.answer}
            for step in action.steps
            if step.sent or step.answer
        ],
    }


def spoken_json(spoken: Spoken, clock: Clock) -> dict[str, Any]:
    """What an operator said, by the keys of an action; ``before`` and ``after`` are empty where the settings' holds."""
    entry, until = spoken.entry, until_of(spoken.entry)
    return {
        "schema": SCHEMA,
        "asked_at": clock(entry.at),
        "operator": entry.operator,
        "kind": word(entry),
        "surface": entry.scope.surface,
        "sku": entry.scope.sku,
        "reason": reason_of(entry),
        "before": spoken.before,
        "after": spoken.after,
        "until": None if until is None else clock(until),
        "undoes": entry.undoes or None,
        "number": entry.number,
    }


def _row_json(action: Action, place: int, wire: tuple[str, str], clock: Clock) -> dict[str, Any]:
    change, state = action.asked.rows[place], action.states[place]
    sent_at, since = action.sent_at[place], action.since[place]
    return {
        "sku": change.sku,
        "before": change.before,
        "after": change.after,
        "state": str(state),
        "why": action.whys[place],
        "tries": action.tries[place],
        "sent_at": None if sent_at is None else clock(sent_at),
        "sent": wire[0],
        "answer": wire[1],
        "verified_at": clock(since) if state in GOOD else None,
        "since": clock(since),
    }


def utc(at: int) -> str:
    """A moment (ms since the epoch) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(at: int) -> str:
    """A moment (ms since the epoch) by this machine's clock on the wall, with its offset."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().isoformat(" ", "seconds")
