"""The rows of a plan: from what is shown to what will be, and why; below them those that are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.plan_form import Item
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.drift import badge
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.actions import LISTED, LISTING
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.planner import PlanRow, Skipped

_SEVERITY, _SKU = 3, 15
_FULL: Final = 96  # cells of a box as drawn


class PlanColumns(Struct, frozen=True):
    """Where they begin, or for numbers end; ``name`` and ``why`` are None where there is no room for them."""

    sku: int
    name: int | None
    name_stop: int
    shows: int
    arrow: int
    after: int
    change: int
    why: int | None
    stop: int


def plan_columns(width: int, sku_width: int) -> PlanColumns:
    """In a box of ``width`` cells: surplus goes to the name."""
    name, stop = _SKU + sku_width + 2, width - 3
    if width >= _FULL:
        by = width - _FULL
        return PlanColumns(_SKU, name, 44 + by, 51 + by, 55 + by, 61 + by, 69 + by, 73 + by, stop)
    if width >= 72:
        right = width - 13
        return PlanColumns(_SKU, name, right - 25, right - 19, right - 17, right - 10, right - 3, right, stop)
    right = width - 4
    return PlanColumns(_SKU, None, 0, right - 17, right - 15, right - 8, right, None, stop)


def heads(row: Row, columns: PlanColumns, *, several: bool, written: bool = True) -> None:
    """The heads; with ``several`` surfaces they stand in place of names. What is not ``written`` only should be so."""
    row.put(columns.sku, "SKU", "muted")
    if columns.name is not None:
        row.put(columns.name, "surface" if several else "name", "muted")
    row.right(columns.shows, "shows", "muted")
    word = ("will be" if columns.after - columns.arrow > 5 else "will") if written else "should"
    row.right(columns.after, word, "muted")
    row.right(columns.change, "change", "muted")
    if columns.why is not None:
        row.put(columns.why, "why", "muted")


def paint_item(row: Row, scene: Scene, columns: PlanColumns, item: Item, *, several: bool) -> None:
    """One line of the list."""
    glyphs = scene.glyphs
    found = item.row
    sku_room = (columns.name or columns.shows - 4) - columns.sku - 1
    if isinstance(found, Skipped):
        row.put(_SEVERITY, f"{glyphs.light} skipped", "muted")
        after = row.put(columns.sku, words.cut_middle(found.sku, sku_room, glyphs.ellipsis), "muted")
        x = max(after + 2, columns.name or 0)
        where = f"{words.title(item.surface)}: " if several else ""
        row.put(x, words.cut(f"{where}{found.why}", columns.stop - x, glyphs.ellipsis), "muted")
        return
    _severity(row, scene, found)
    row.put(columns.sku, words.cut_middle(found.sku, sku_room, glyphs.ellipsis), "strong", bold=True)
    if columns.name is not None:
        name = words.title(item.surface) if several else found.name
        row.put(columns.name, words.cut(name, columns.name_stop - columns.name, glyphs.ellipsis), "text")
    ink = SEVERITY_INK[found.severity] if found.severity else "text"
    row.right(columns.shows, value(item.kind, found.before), ink)
    row.put(columns.arrow, "→", "muted")
    row.right(columns.after, value(item.kind, found.after), "strong", bold=True)
    if item.kind not in LISTING:
        row.right(columns.change, words.signed(found.after - found.before), "muted")
    if columns.why is not None:
        row.put(columns.why, words.cut(found.why, columns.stop - columns.why - 1, glyphs.ellipsis), "muted")


def _severity(row: Row, scene: Scene, found: PlanRow) -> None:
    """How severe it is; where writing makes it sell what is not there or too much, that, behind an arrow."""
    glyphs, ink = scene.glyphs, SEVERITY_INK[found.severity]
    if found.endangers:
        row.put(_SEVERITY, f"→ {found.danger.word}", SEVERITY_INK[found.danger], bold=True)
    elif found.severity is Severity.OVERSELL:
        badge(row, _SEVERITY - 1, f"{glyphs.oversell} oversell")
    elif found.severity is Severity.ORPHAN:
        row.put(_SEVERITY, f"{glyphs.flag} orphan", ink)
    elif found.severity is not Severity.NONE:
        row.put(_SEVERITY, f"{glyphs.tone(ink)} {found.severity.word}", ink)
    elif found.verdict is Verdict.IN_SYNC:
        row.put(_SEVERITY, f"{glyphs.ok} in sync", "ok")
    elif found.verdict is Verdict.NOT_COMPARED:
        row.put(_SEVERITY, "no verdict", "muted")
    else:
        row.put(_SEVERITY, f"{glyphs.unknown} unknown", "unknown")


def value(kind: str, number: int, width: int = 6) -> str:
    """A value of an action of this kind in at most ``width`` cells."""
    return ("on" if number == LISTED else "off") if kind in LISTING else words.short(number, width)


def changes(rows: Sequence[PlanRow]) -> tuple[int, int, int]:
    """How many rows are lowered, raised, and set to 0."""
    zeroed = sum(row.after == 0 for row in rows)
    lowered = sum(row.after < row.before for row in rows if row.after != 0)
    return lowered, sum(row.after > row.before for row in rows if row.after != 0), zeroed
