"""What ``doctor`` finds of SKU mappings: files that cannot be used, and mappings that lead past the master's SKUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stockdrift.commands.doctor_findings import FAIL, OK, WARN, Finding
from stockdrift.stock.words import several
from stockdrift.surfaces.faults import Fault, SurfaceFault

if TYPE_CHECKING:
    from stockdrift.settings import Settings
    from stockdrift.settings.systems import AnySource
    from stockdrift.stock.monitor import Monitor

_NAMED: Final = 5  # SKUs in a sentence

_LISTED_BY: Final = "stockdrift mapping lists them, and so does the surface's screen."

_FILE_ADVICE: Final = {
    Fault.MISSING: "Put it there, or name another in mapping.file. Until then nothing of this surface is known.",
    Fault.UNREADABLE: "Look at the path and its permissions. Until then nothing of this surface is known.",
    Fault.SHAPE: "Mend that row: a table has the columns id and sku. Until then nothing of this surface is known.",
}


def of_mappings(settings: Settings, known: Monitor | None) -> list[Finding]:
    """Of every active surface; ``known`` is what the journal knows, None where there is none to be read."""
    found: list[Finding] = []
    for name, source in settings.surfaces.items():
        if source.active:
            found += [*_of_file(name, source, settings, known), *_of_coverage(name, source, known)]
    return found


def _of_file(name: str, source: AnySource, settings: Settings, known: Monitor | None) -> list[Finding]:
    from stockdrift.surfaces.mapping import read_map

    mapping = source.mapping
    if mapping is None or mapping.file is None:
        return []
    try:
        skus = read_map(mapping.file, settings.collector.max_bytes)
    except SurfaceFault as fault:
        advice = _FILE_ADVICE.get(fault.kind, "Look at the file. Until then nothing of this surface is known.")
        return [Finding("mapping", FAIL, f"{name}: {fault.reason}", advice)]
    return of_map(name, mapping.file, skus, None if known is None else _listed(name, known))


def of_map(name: str, path: Path, skus: Mapping[str, str], listed: frozenset[str] | None) -> list[Finding]:
    """Of a map that can be read: by id, the SKU. ``listed`` are the SKUs that the surface listed last, None where that
    is not known.
    """
    found = [Finding("mapping", OK, f"{name}: {path.name} maps {several(len(skus), 'id')}")]
    if listed is None:
        return found
    idle = [(own, sku) for own, sku in skus.items() if sku not in listed]
    if idle:
        named = _few([f"{own} → {sku}" for own, sku in idle])
        rows = f"{several(len(idle), 'row')} of {path.name}" if len(idle) < len(skus) else f"every row of {path.name}"
        text = f"{name}: {rows} matched nothing when it was last read: {named}"
        found.append(
            Finding("mapping", WARN, text, "Look for an id or a SKU that is misspelt, or take these rows out.")
        )
    return found


def _listed(name: str, known: Monitor) -> frozenset[str] | None:
    from stockdrift.stock.coverage import listed

    index = known.board.column_of(name)
    rows = None if index is None else listed(known.board, index)
    return None if rows is None else frozenset(known.board.catalogue.skus.take(rows))


def _of_coverage(name: str, source: AnySource, known: Monitor | None) -> list[Finding]:
    """Whether its SKUs are the master's at all."""
    from stockdrift.stock.coverage import coverage

    index = None if known is None else known.board.column_of(name)
    told = None if known is None or index is None else coverage(known.board, index)
    if told is None:
        return []
    text = f"{name}: the master knows {told.known:,} of its {told.own:,} SKUs"
    text += f", and {told.listed:,} of the {told.tracked:,} tracked ones are listed"
    if told.own and not told.known:
        advice = (
            "Its own ids are no SKUs of the master: give it a mapping."
            if source.mapping is None
            else "The mapping leads to no SKU of the master: look at it."
        )
        return [Finding("mapping", FAIL, text, advice)]
    return [
        Finding("mapping", WARN if told.known < told.own else OK, text, _LISTED_BY if told.known < told.own else "")
    ]


def _few(texts: Sequence[str]) -> str:
    rest = f" and {len(texts) - _NAMED:,} more" if len(texts) > _NAMED else ""
    return ", ".join(texts[:_NAMED]) + rest
