"""What the drift has in common, in words: a master that is gone, a surface that is behind, one surface alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stockdrift.stock import gauge
from stockdrift.stock.board import Column
from stockdrift.stock.grid import why_column_unknown
from stockdrift.stock.judge import Code
from stockdrift.stock.picture import Finding, Phase
from stockdrift.stock.words import age, several, title

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor

_CONCENTRATED: Final = 0.8
"""Share of the drifting SKUs on one surface from which on it is said to be that surface."""


def findings(monitor: Monitor, now: int) -> Sequence[Finding]:
    """Findings in order of weight. Each names its evidence; nothing is said where nothing is known."""
    board = monitor.board
    found = []
    if not board.master.known and board.master.last is not None:
        found.append(
            Finding(
                "unknown",
                "no master",
                "Everything is unknown: the master is.",
                _sentence(why_column_unknown(board.master)),
                surface=board.master.rules.name,
            )
        )
    found += _behind(monitor)
    if not found:
        found += _concentrated(monitor)
    found += [_silent(column, now) for column in board.surfaces if _is_silent(column)]
    return found


def _behind(monitor: Monitor) -> list[Finding]:
    """Surfaces whose levels as a whole are older than allowed, the one with most SKUs first."""
    found = []
    for index, column in enumerate(monitor.board.columns):
        estimate = monitor.lags.get(index)
        if not index or not column.known or estimate is None or estimate.bracket(column.rules.lag) is None:
            continue
        rows, phases = monitor.phases_of(index)
        late = int((phases == Phase.LATE).sum())
        rest = [monitor.board.catalogue.skus[row] for row in rows[phases == Phase.PERSISTENT].tolist()]
        if estimate.measured:
            certain = f"feed lag, {estimate.confidence:.0%} agree".replace("%", " %")
            evidence = f"as a whole: {late} of its {len(rows)} match the master at {{at}}."
        else:
            certain = "feed lag, by its own word"
            evidence = f"made at {{at}} by its own word; {several(len(rows), 'SKU')} drift."
        finding = Finding(
            "late",
            certain,
            f"{title(column.rules.name)} is {age(estimate.lag)} behind" + ("" if estimate.measured else ":"),
            evidence,
            "" if not rest else f"Not lag: {len(rest)} persistent {' '.join(rest[:3])}{' …' if len(rest) > 3 else ''}",
            column.rules.name,
            estimate.as_of,
        )
        found.append((len(rows), finding))
    return [finding for _, finding in sorted(found, key=lambda pair: -pair[0])]


def _concentrated(monitor: Monitor) -> list[Finding]:
    """Drift on one surface means one cause; drift on several is counted by surface."""
    board = monitor.board
    total = gauge.drifting(board)
    if not total:
        return []
    per_surface = [
        (int(column.tally[Code.UNDER :].sum()), int(column.tally[Code.OVER :].sum()), column)
        for column in board.surfaces
    ]
    per_surface.sort(key=lambda entry: -entry[0])
    drifting, above, column = per_surface[0]
    elsewhere = sum(1 for other, _, _ in per_surface if other)
    name = title(column.rules.name)
    tone = _tone(column)
    if drifting >= _CONCENTRATED * total and len(per_surface) > 1:
        if drifting < total or elsewhere > 1:
            lead = f"{drifting:,} of {several(total, 'drifting SKU')} are on {name}."
        elif total == 1:
            lead = f"The one SKU that drifts is on {name}."
        else:
            lead = f"All {total:,} drifting SKUs are on {name}."
        direction = f"{above:,} above the master, {drifting - above:,} below"
        others = ", ".join(f"{title(other.rules.name)} {count:,}" for count, _, other in per_surface[1:] if count)
        evidence = f"One surface means one cause: {direction}."
        return [
            Finding(tone, "one surface", lead, evidence, f"Elsewhere: {others}" if others else "", column.rules.name)
        ]
    counted = ", ".join(f"{title(other.rules.name)} {count:,}" for count, _, other in per_surface if count)
    lead = f"Drift on {several(elsewhere, 'surface')}:" if elsewhere > 1 else f"Drift on {name}:"
    return [Finding(tone, "several surfaces", lead, f"{counted}.", surface=column.rules.name)]


def _tone(column: Column) -> str:
    words = {Code.OVERSELL: "oversell", Code.OVER: "over", Code.UNDER: "under"}
    return next((word for code, word in words.items() if column.tally[code]), "late")


def _is_silent(column: Column) -> bool:
    return column.rules.active and column.last is not None and not column.known


def _silent(column: Column, now: int) -> Finding:
    name = title(column.rules.name)
    since = "was never read" if column.read_at is None else f"was last read {age(now - column.read_at)} ago"
    return Finding(
        "unknown", "no answer", f"{name} {since}.", _sentence(why_column_unknown(column)), surface=column.rules.name
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
