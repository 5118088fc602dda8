"""The course of the counts: recorded samples as columns of a picture, and the episodes of drift within them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from stockdrift.stock.gauge import Sample
from stockdrift.stock.picture import Severity


class Slot(Struct, frozen=True):
    """One column: the most SKUs that drifted within it, and the worst they came to.

    ``drifting`` is None where nothing was known, or nothing but a calm that was not known throughout, of every SKU;
    ``recorded`` is False where there is no count at all.
    """

    recorded: bool
    drifting: int | None = None
    severity: Severity = Severity.NONE


class Stretch(Struct, frozen=True):
    """An episode of the store: more SKUs drifted than at the calmest moment of the stretch of time it was sought in.

    ``end`` is when no more than these were known to drift again; None while it is still open. ``oversell_at`` is when
    the first SKU was oversold.
    """

    begin: int
    end: int | None
    peak: int
    severity: Severity
    oversell_at: int | None


def slots(samples: Sequence[Sample], begin: int, width: int, count: int, until: int) -> list[Slot]:
    """``count`` columns of ``width`` ms from ``begin`` on; nothing is recorded after ``until``.

    ``samples`` ascend by time; each holds until the next, so that one before ``begin`` counts in the first column.
    """
    found: list[Slot] = []
    place, standing = 0, None  # the sample that holds when the column begins
    for index in range(count):
        opens, closes = begin + index * width, begin + (index + 1) * width
        while place < len(samples) and samples[place].at <= opens:
            standing = samples[place]
            place += 1
        within = [] if standing is None or opens > until else [standing]
        while place < len(samples) and samples[place].at < closes:
            standing = samples[place]
            place += 1
            if standing.at <= until:
                within.append(standing)
        found.append(_slot(within))
    return found


def _slot(samples: Sequence[Sample]) -> Slot:
    known = [sample for sample in samples if sample.known]
    if not samples:
        return Slot(recorded=False)
    peak = max((sample.drifting for sample in known), default=0)
    if not peak:
        calm = not any(map(in_doubt, samples))
        return Slot(recorded=True, drifting=0 if calm else None)
    return Slot(recorded=True, drifting=peak, severity=max(map(worst, known)))


def in_doubt(sample: Sample) -> bool:
    """Whether nothing that was known drifted, and not all was known: no drift, and no calm."""
    return not sample.known or bool(sample.unknown and not sample.drifting)


def worst(sample: Sample) -> Severity:
    """The worst severity that a count holds."""
    for number, severity in (
        (sample.oversell, Severity.OVERSELL),
        (sample.over, Severity.OVER),
        (sample.under, Severity.UNDER),
    ):
        if sample.known and number:
            return severity
    return Severity.NONE


def stretches(samples: Sequence[Sample], begin: int, end: int, apart: int) -> list[Stretch]:
    """The episodes between ``begin`` and ``end``, oldest first.

    A moment at which nothing drifted ends an episode, however short it was. Where something always drifted, two that
    are closer than ``apart`` ms are one. What is not known for a while neither ends an episode nor begins one.
    """
    seen = [sample for sample in samples if sample.known and sample.at <= end]
    seen = seen[max((place for place, sample in enumerate(seen) if sample.at <= begin), default=0) :]
    calmest = min((sample.drifting for sample in seen), default=0)
    apart = apart if calmest else 0
    found: list[Stretch] = []
    for sample in seen:
        at = max(sample.at, begin)
        last = found[-1] if found else None
        if sample.drifting <= calmest:
            if last is not None and last.end is None:
                found[-1] = Stretch(last.begin, at, last.peak, last.severity, last.oversell_at)
        elif last is not None and (last.end is None or at - last.end < apart):
            oversell = at if last.oversell_at is None and sample.oversell else last.oversell_at
            found[-1] = Stretch(
                last.begin, None, max(last.peak, sample.drifting), max(last.severity, worst(sample)), oversell
            )
        else:
            found.append(Stretch(at, None, sample.drifting, worst(sample), at if sample.oversell else None))
    return found


def joined(found: Sequence[Stretch]) -> Stretch:
    """Episodes that follow one another, drawn as one."""
    if len(found) == 1:
        return found[0]
    oversells = next((one.oversell_at for one in found if one.oversell_at is not None), None)
    peak, severity = max(one.peak for one in found), max(one.severity for one in found)
    return Stretch(found[0].begin, found[-1].end, peak, severity, oversells)


def turns(found: Sequence[Stretch]) -> list[int]:
    """The moments worth a jump, ascending: where an episode begins, where it first oversells, where it ends."""
    moments = {
        moment
        for stretch in found
        for moment in (stretch.begin, stretch.oversell_at, stretch.end)
        if moment is not None
    }
    return sorted(moments)
