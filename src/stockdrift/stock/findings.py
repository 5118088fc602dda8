"""What the drift has in common, in words: a master that is gone, a surface that is behind, one surface alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from stockdrift.stock import gauge
from stockdrift.stock.aftermath import RIVAL
from stockdrift.stock.column import Column
from stockdrift.stock.grid import why_column_unknown
from stockdrift.stock.judge import Code
from stockdrift.stock.picture import Finding, Phase
from stockdrift.stock.words import age, as_sentence, several, title

if TYPE_CHECKING:
    from stockdrift.stock.known import Known

_CONCENTRATED: Final = 0.8
"""Share of the drifting SKUs that drift on one surface alone, from which on it is said to be that surface."""


def findings(monitor: Known, now: int) -> Sequence[Finding]:
    """Findings in order of weight. Each names its evidence; nothing is said where nothing is known."""
    board = monitor.board
    found = []
    if not board.master.known and board.master.last is not None:
        found.append(
            Finding(
                "unknown",
                "no master",
                "Everything is unknown: the master is.",
                as_sentence(why_column_unknown(board.master)),
                surface=board.master.rules.name,
            )
        )
    found += _behind(monitor)
    if not found:
        found += _concentrated(monitor)
    found += _stuck(monitor)
    found += [
        _silent(column, now)
        for column in board.surfaces
        if _is_silent(column) and monitor.paused(column.rules.name) is None
    ]
    found += _paused(monitor, now)
    return [*found, *_ignored_oversell(monitor)]


def _stuck(monitor: Known) -> list[Finding]:
    """What was written and did not stay, by surface; a second writer before all else."""
    found = []
    for column in monitor.board.surfaces:
        index, name = monitor.board.column_of(column.rules.name) or 0, column.rules.name
        rows, phases = monitor.phases_of(index)
        skus = [monitor.board.catalogue.skus[row] for row in rows[phases == Phase.STUCK].tolist()]
        stuck = sorted(
            (one for sku in skus if (one := monitor.aftermath.of(name, sku)) is not None),
            key=lambda one: (not one.rival, one.sku),
        )
        if not stuck:
            continue
        first, rest = stuck[0], len(stuck) - 1
        lead = f"Another app writes {title(name)}" if first.rival else f"{title(name)} did not take what was written"
        lead += f", {several(len(stuck), 'SKU')}:" if rest else ":"
        found.append(
            Finding(
                "over",
                "second writer" if first.rival else "stuck",
                lead,
                f"{first.sku} since {{at}}; {first.why.removeprefix(RIVAL)}.",
                f"And {several(rest, 'SKU')} more" if rest else "",
                name,
                first.at,
                f"phase:stuck surface:{name}",
            )
        )
    return found


def _paused(monitor: Known, now: int) -> list[Finding]:
    """Paused is not calm: what a surface shows while nobody reads it is not known."""
    found = []
    for column in monitor.board.surfaces:
        pause = monitor.paused(column.rules.name)
        if pause is None or not column.rules.active:
            continue
        until = "" if pause.until is None else " until {at}"
        since = "never read" if column.read_at is None else f"last read {age(now - column.read_at)} ago"
        why = f": {pause.text}" if pause.text else ""
        found.append(
            Finding(
                "unknown",
                "paused",
                f"{title(column.rules.name)} is paused, {since}.",
                as_sentence(f"by {pause.by}{until}{why}"),
                surface=column.rules.name,
                moment=pause.until,
            )
        )
    return found


def _ignored_oversell(monitor: Known) -> list[Finding]:
    """An oversell that nobody wants to hear of is told once, last, and with its reason."""
    board = monitor.board
    rows = gauge.left_out(board, Code.OVERSELL).tolist()
    if not rows:
        return []
    skus = [board.catalogue.skus[row] for row in rows]
    where = [column for column in board.surfaces if rows[0] in column.hidden.rows[column.hidden.codes == Code.OVERSELL]]
    ignore = board.ignores.of(where[0].rules.name, skus[0], board.now)
    verb = "oversells" if len(rows) == 1 else "oversell"
    told = "" if ignore is None else f", by {ignore.by or 'the settings'} until {{at}}: {ignore.reason}"
    return [
        Finding(
            "oversell",
            "ignored",
            f"{several(len(rows), 'ignored SKU')} {verb}:",
            f"{skus[0]} on {title(where[0].rules.name)}{told}.",
            f"And {', '.join(skus[1:3])}{' …' if len(skus) > 3 else ''}" if skus[1:] else "",
            moment=None if ignore is None else ignore.until,
            listing="ignored",
        )
    ]


def _behind(monitor: Known) -> list[Finding]:
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
            drift = "drifts" if len(rows) == 1 else "drift"
            evidence = f"made at {{at}} by its own word; {several(len(rows), 'SKU')} {drift}."
        finding = Finding(
            "late",
            certain,
            f"{title(column.rules.name)} is {age(estimate.lag)} behind" + ("" if estimate.measured else ":"),
            evidence,
            "" if not rest else f"Not lag: {len(rest)} persistent {' '.join(rest[:3])}{' …' if len(rest) > 3 else ''}",
            column.rules.name,
            estimate.as_of,
            f"surface:{column.rules.name}",
        )
        found.append((len(rows), finding))
    return [finding for _, finding in sorted(found, key=lambda pair: -pair[0])]


def _concentrated(monitor: Known) -> list[Finding]:
    """Drift on one surface means one cause; drift on several is counted by surface."""
    board = monitor.board
    total = gauge.drifting(board)
    if not total:
        return []
    rows = board.rows_where(Code.UNDER, Code.OVERSELL)
    drifts = [column.codes[rows] >= Code.UNDER for column in board.surfaces]
    alone = np.sum(drifts, axis=0) == 1
    shares = sorted(
        (
            _Share(column, int(here.sum()), int((here & alone).sum()), int(column.tally[Code.OVER :].sum()))
            for column, here in zip(board.surfaces, drifts, strict=True)
        ),
        key=lambda share: (-share.alone, -share.drifting),
    )
    first = shares[0]
    if first.alone >= _CONCENTRATED * total and len(shares) > 1:
        return [_one_surface(first, shares[1:], total)]
    shares.sort(key=lambda share: -share.drifting)
    counted = ", ".join(f"{share.name} {share.drifting:,}" for share in shares if share.drifting)
    surfaces = sum(1 for share in shares if share.drifting)
    lead = f"Drift on {several(surfaces, 'surface')}:" if surfaces > 1 else f"Drift on {shares[0].name}:"
    most = shares[0].column
    here = f"surface:{most.rules.name}"
    where = "several surfaces" if surfaces > 1 else "one surface"
    return [Finding(_tone(most), where, lead, f"{counted}.", surface=most.rules.name, listing=here)]


class _Share(Struct, frozen=True):
    """A surface's part in the drift: SKUs that drift there, of them those that drift nowhere else; levels above."""

    column: Column
    drifting: int
    alone: int
    above: int

    @property
    def name(self) -> str:
        return title(self.column.rules.name)


def _one_surface(share: _Share, others: Sequence[_Share], total: int) -> Finding:
    if any(other.drifting for other in others):
        lead = f"{share.drifting:,} of {several(total, 'drifting SKU')} are on {share.name}."
    elif total == 1:
        lead = f"The one SKU that drifts is on {share.name}."
    else:
        lead = f"All {total:,} drifting SKUs are on {share.name}."
    evidence = f"One surface means one cause: {share.above:,} above the master, {share.drifting - share.above:,} below."
    counted = ", ".join(f"{other.name} {other.drifting:,}" for other in others if other.drifting)
    also = f"Elsewhere: {counted}" if counted else ""
    name = share.column.rules.name
    return Finding(_tone(share.column), "one surface", lead, evidence, also, name, listing=f"surface:{name}")


def _tone(column: Column) -> str:
    words = {Code.OVERSELL: "oversell", Code.OVER: "over", Code.UNDER: "under"}
    return next((word for code, word in words.items() if column.tally[code]), "late")


def _is_silent(column: Column) -> bool:
    return column.rules.active and column.last is not None and not column.known


def _silent(column: Column, now: int) -> Finding:
    name = title(column.rules.name)
    since = "was never read" if column.read_at is None else f"was last read {age(now - column.read_at)} ago"
    return Finding(
        "unknown",
        "no answer",
        f"{name} {since}.",
        as_sentence(why_column_unknown(column)),
        surface=column.rules.name,
        listing="unknown",
    )
