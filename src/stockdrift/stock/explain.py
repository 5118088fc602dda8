"""The answer to "your number differs from mine": one SKU with every number and time behind its verdicts.

``stockdrift explain --json`` prints it: a contract that scripts rely on. ``schema`` grows when a meaning changes.
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from stockdrift.stock import portray
from stockdrift.stock.advice import Advice, advice
from stockdrift.stock.entries import Episode
from stockdrift.stock.expect import arithmetic, expected_units
from stockdrift.stock.judge import Standing
from stockdrift.stock.lag import LagEstimate
from stockdrift.stock.levels import LevelState
from stockdrift.stock.picture import LevelLine, Phase, Severity, SurfaceLine, Verdict
from stockdrift.stock.remarks import Told
from stockdrift.stock.rules import Ignore
from stockdrift.stock.words import age

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

SCHEMA: Final = 1

Clock = Callable[[int], str]
"""How a moment (ms since the epoch) is written: the core knows no zone."""

_NEAREST: Final = 5
_SEARCHED: Final = 20_000  # SKUs among which near ones are looked for; more would make a typing error cost seconds
_COMPARED: Final = 200  # of these, letter by letter
_LIKE: Final = 0.6
_LOOKS: Final = str.maketrans("oil", "011")


def explanation(monitor: Known, row: int, now: int, clock: Clock, episodes: Sequence[Episode] = ()) -> dict[str, Any]:
    """Everything known of the SKU in ``row`` at ``now``; ``episodes`` are its own, as recorded."""
    board = monitor.board
    found = monitor.sku(row, now)
    line = found.line
    return {
        "schema": SCHEMA,
        "sku": line.sku,
        "name": line.name,
        "taken_at": clock(now),
        "standing": Standing(int(board.standings[row])).name.lower().replace("_", " "),
        "severity": line.severity.name if line.severity is not Severity.NONE else None,
        "phase": line.phase.word if line.phase is not Phase.NONE else None,
        "why": found.why,
        "ignored": _ignored(board.ignores.of("", line.sku, board.now), clock),
        "remarks": [_remark(told, clock) for told in line.remarks],
        "since": _written(line.since, clock),
        "pace": found.pace,
        "price": found.price,
        "master": _master(monitor, row, now, clock, found.master_arithmetic),
        "surfaces": [_surface(monitor, row, place, level, now, clock) for place, level in enumerate(found.levels, 1)],
        "twins": twins(monitor, line.sku),
        "advice": [_advice(one) for one in advice(episodes, monitor.terms_of(line.sku))],
    }


def _advice(one: Advice) -> dict[str, Any]:
    return {
        "surface": one.surface,
        "buffer": one.buffer,
        "interval_s": None if one.interval is None else one.interval / 1000,
        "spared": one.spared,
        "of": one.of,
        "text": one.text,
    }


def twins(monitor: Known, sku: str) -> list[str]:
    """SKUs that differ from ``sku`` in case alone: other SKUs, never merged with it."""
    folded = sku.casefold()
    return [other for other in monitor.board.catalogue.skus if other != sku and other.casefold() == folded]


def nearest(monitor: Known, sku: str) -> list[str]:
    """The SKUs that are most like ``sku``, the likest first; those that differ in case alone come before all."""
    same = twins(monitor, sku)
    folded = sku.casefold()
    skus: Sequence[str] = monitor.board.catalogue.skus
    if len(skus) > _SEARCHED:
        skus = [*_alike(skus, folded, str.startswith, first=True), *_alike(skus, folded, str.endswith, first=False)]
    wanted = _seen(sku)
    best = heapq.nlargest(_COMPARED, skus, key=lambda other: _in_place(_seen(other), wanted))
    ratios = {other: difflib.SequenceMatcher(None, _seen(other), wanted).ratio() for other in best}
    close = [other for other in sorted(ratios, key=lambda other: -ratios[other]) if ratios[other] >= _LIKE]
    return [*same, *(other for other in close if other not in same)][: max(_NEAREST, len(same))]


def _seen(sku: str) -> str:
    """As a hurried eye reads it: case aside, O as 0, I and l as 1."""
    return sku.casefold().translate(_LOOKS)


def _in_place(sku: str, wanted: str) -> int:
    """How many characters of two folded SKUs stand where they should, counted from the front or from the end."""
    front = sum(map(str.__eq__, sku, wanted))
    return max(front, sum(map(str.__eq__, reversed(sku), reversed(wanted))))


def _alike(skus: Sequence[str], folded: str, shares: Callable[[str, str], bool], *, first: bool) -> Sequence[str]:
    """The SKUs that share the beginning (or the end) of ``folded``, as much of it as leaves few enough to compare."""
    for length in range(1, len(folded) + 1):
        part = folded[:length] if first else folded[-length:]
        skus = [sku for sku in skus if shares(sku.casefold(), part)]
        if len(skus) <= _SEARCHED // 2:
            return skus
    return skus[: _SEARCHED // 2]


def _master(monitor: Known, row: int, now: int, clock: Clock, parts: str) -> dict[str, Any]:
    column = monitor.board.master
    line = portray.surface_line(monitor, 0, now)
    state = LevelState(int(monitor.board.scope[row]))
    return {
        "says": int(monitor.board.atp[row]) if state is LevelState.COUNTED else state.word,
        "arithmetic": parts,
        "said_before": [
            {"since": clock(at), "says": atp if then == LevelState.COUNTED else LevelState(then).word}
            for at, then, atp in monitor.history.of_row(row)[-6:]
        ],
        **_freshness(column.rules.name, line, now, clock),
    }


def _surface(monitor: Known, row: int, index: int, level: LevelLine, now: int, clock: Clock) -> dict[str, Any]:
    cell = level.cell
    return {
        **_freshness(level.surface, portray.surface_line(monitor, index, now), now, clock),
        "reported": cell.reported,
        "expected": cell.expected,
        "arithmetic": None if cell.expected is None else level.arithmetic,
        "deviation": cell.deviation,
        "tolerance": level.tolerance,
        "verdict": cell.verdict.word,
        "severity": cell.severity.name if cell.severity is not Severity.NONE else None,
        "reason": cell.reason or _allowed(level),
        "ignored": _ignored(cell.ignored, clock),
        "phase": level.phase.word if level.phase is not Phase.NONE else None,
        "phase_why": _phase_why(monitor, row, index, level, clock),
        "since": _written(level.since, clock),
    }


def _ignored(ignore: Ignore | None, clock: Clock) -> dict[str, Any] | None:
    if ignore is None:
        return None
    return {
        "by": ignore.by or "the settings",
        "reason": ignore.reason,
        "since": _written(ignore.since or None, clock),
        "until": clock(ignore.until),
    }


def _remark(told: Told, clock: Clock) -> dict[str, Any]:
    remark = told.remark
    return {
        "kind": str(told.kind),
        "surface": told.scope.surface or None,
        "by": remark.by,
        "since": clock(remark.since),
        "until": _written(remark.until, clock),
        "text": remark.text,
    }


def _freshness(name: str, line: SurfaceLine, now: int, clock: Clock) -> dict[str, Any]:
    return {
        "name": name,
        "kind": line.kind,
        "active": line.active,
        "status": str(line.status),
        "error": line.reason or None,
        "read_at": _written(line.read_at, clock),
        "read_age_s": None if line.read_at is None else round((now - line.read_at) / 1000, 3),
        "as_of": _written(line.as_of, clock),
        "lag_s": None if line.lag is None else round(line.lag / 1000, 3),
        "lag_allowed_s": line.allowed / 1000,
        "stale_after_s": line.stale_after / 1000,
    }


def _allowed(level: LevelLine) -> str | None:
    """A level may be off and in sync all the same."""
    cell = level.cell
    if cell.verdict is Verdict.IN_SYNC and cell.deviation:
        return f"within tolerance ({level.tolerance})"
    return None


def _phase_why(monitor: Known, row: int, index: int, level: LevelLine, clock: Clock) -> str | None:
    """Why the drift is, or is not, a matter of time: which value of the master explains it, and when it held."""
    column, master = monitor.board.columns[index], monitor.board.master
    if level.phase is Phase.NONE or column.read_at is None:
        return None
    allowed, read_at = column.rules.lag, column.read_at
    explained = _explained(monitor, row, index, read_at, clock)
    evidence = max(read_at, master.read_at or 0)
    off_for = "" if level.since is None else f"off for {age(evidence - level.since)} at the last read"
    match level.phase:
        case Phase.IN_FLIGHT:
            last = _written(master.read_at, clock) or "none"
            ahead = f"it came off after the last complete read of the master ({last}): judged after the next one"
            why = explained or ahead
            return f"{why}; a lag of up to {age(allowed)} is normal here"
        case Phase.LATE:
            behind = _behind(monitor.lags.get(index), clock)
            why = f"the whole surface shows the master{behind}; up to {age(allowed)} is normal"
        case Phase.STUCK:
            stuck = monitor.aftermath.of(column.rules.name, monitor.board.catalogue.skus[row])
            return "written, and to no avail" if stuck is None else f"found {clock(stuck.at)}: {stuck.why}"
        case Phase.PERSISTENT:
            why = f"{off_for or 'off'}, longer than the lag allowed ({age(allowed)})"
        case _:
            why = f"{off_for or 'just come off'}, not longer than the lag allowed ({age(allowed)})"
    return f"{why}; {explained or _unexplained(monitor, level.as_of, clock)}"


def _behind(estimate: LagEstimate | None, clock: Clock) -> str:
    """Of which moment a late surface shows the master."""
    match estimate:
        case LagEstimate(as_of=int(as_of), lag=int(lag)):
            return f" as of {clock(as_of)}, {age(lag)} before it was read"
        case _:
            return ""


def _unexplained(monitor: Known, as_of: int | None, clock: Clock) -> str:
    first = monitor.history.first_at
    if first is None:
        return "no value of the master that we read explains it"
    older = f", and what it shows is older ({clock(as_of)})" if as_of is not None and as_of < first else ""
    return f"no value of the master that we read since {clock(first)} explains it{older}"


def _explained(monitor: Known, row: int, index: int, read_at: int, clock: Clock) -> str:
    """The newest value of the master by which the surface would show what it shows, and until when it held."""
    column = monitor.board.columns[index]
    allotment = column.yardstick.allotment_of(row)
    state, shown = LevelState(int(column.states[row])), max(int(column.quantities[row]), 0)
    until: int | None = None
    for at, then, atp in reversed(monitor.history.of_row(row)):
        expected = expected_units(atp, allotment)
        same = {
            LevelState.COUNTED: expected == shown,
            LevelState.IN: expected > 0,
            LevelState.OUT: expected == 0,
        }.get(state, False)
        if same and then == LevelState.COUNTED and until is not None:
            how = "" if expected == atp else f" ({arithmetic(atp, allotment)} = {expected})"
            before = f", {age(read_at - until)} before this read" if until <= read_at else ", after this read"
            return f"the master said {atp}{how} from {clock(at)} until {clock(until)}{before}"
        until = at
    return ""


def _written(at: int | None, clock: Clock) -> str | None:
    return None if at is None else clock(at)
