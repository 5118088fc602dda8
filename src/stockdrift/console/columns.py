"""The columns of the SKU grid, by width. They stand still until the operator asks for them anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words

SKU_MIN: Final = 7
SKU_MAX: Final = 20
_NAME: Final = 19
_NAME_MIN: Final = 12
_NAME_MAX: Final = 40
_LABEL: Final = 9
_AXIS: Final = 15  # the deviation axis with its gap


@dataclass(frozen=True, slots=True)
class SurfaceColumn:
    """``surfaces`` are indices as configured: one, or those that share a column. Edges are last cells."""

    label: str
    surfaces: Sequence[int]
    head: int
    value: int
    deviation: int | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of a row. Left-aligned columns by first cell and width, right-aligned by last cell; None: no room."""

    width: int
    severity: str  # words | glyph
    sku: int
    sku_width: int
    name: int | None
    name_width: int
    master: int | None
    line: int | None
    surfaces: Sequence[SurfaceColumn]
    worst: int | None
    worst_width: int
    shows: int | None
    off: int | None
    axis: int | None
    phase: int | None
    phase_width: int
    since: int | None
    out_in: int | None
    risk: int | None


def sku_width(lengths: Sequence[int]) -> int:
    """Wide enough for 95 of 100 SKUs, within limits; longer ones lose their middle."""
    if not lengths:
        return SKU_MIN
    ordered = sorted(lengths)
    return min(SKU_MAX, max(SKU_MIN, ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]))


def columns(width: int, surfaces: Sequence[str], order: Sequence[int], sku: int = SKU_MIN) -> Columns:
    """The grid at ``width`` cells. ``surfaces`` are names as configured, ``order`` their indices, worst first."""
    if width >= 104:
        return _wide(width, surfaces, order, sku)
    if width >= 60:
        return _middle(width, sku)
    return _narrow(width)


def _wide(width: int, surfaces: Sequence[str], order: Sequence[int], sku: int) -> Columns:
    risk = width - 3
    out_in = risk - 6
    since = out_in - 7
    phase = since - 15
    axis = phase - 1 - _AXIS if width >= 160 else None
    end = phase - 3 if axis is None else axis - 2  # the last cell that surfaces may take
    name = 14 + sku + 1
    name_width = max(_NAME_MIN, _NAME - (sku - SKU_MIN))
    room = end - (name + name_width + 6)
    plans = _fit([(words.short_title(surfaces[index], _LABEL), (index,)) for index in order], room)
    spare = room - sum(gap + wide for _label, _which, gap, wide, _dev in plans)
    wider = min(max(spare, 0), _NAME_MAX - name_width)
    name_width += wider
    spare -= wider
    gap_more = max(spare, 0) // len(plans) if plans else 0
    master = name + name_width + 4
    x = master + 2
    placed = []
    for label, which, gap, wide, with_deviation in plans:
        x += gap + gap_more + wide
        placed.append(SurfaceColumn(label, which, x, x - 4 if with_deviation else x, x if with_deviation else None))
    return Columns(
        width, "words", 14, sku, name, name_width, master, master + 2, placed, None, 0, None, None, axis,
        phase, 10, since, out_in, risk,
    )  # fmt: skip


_Fit = tuple[str, tuple[int, ...], int, int, bool]


def _fit(wanted: Sequence[tuple[str, tuple[int, ...]]], room: int) -> list[_Fit]:
    """Label, surfaces, gap, width, and whether the deviation has a column: the worst are served first."""

    def plain(label: str, which: tuple[int, ...]) -> _Fit:
        return label, which, 1, max(cell_len(label), 4), False

    plans = [plain(label, which) for label, which in wanted]
    folded: tuple[int, ...] = ()
    while len(plans) > 1 and sum(gap + wide for _label, _which, gap, wide, _dev in plans) > room:
        if folded:
            plans.pop()
        folded = (*plans.pop()[1], *folded)
        plans.append(plain("others", folded))
    used = sum(gap + wide for _label, _which, gap, wide, _dev in plans)
    for index, (label, which, gap, wide, _dev) in enumerate(plans):
        more = 2 + max(cell_len(label), 8) - gap - wide
        if len(which) == 1 and used + more <= room:
            plans[index] = (label, which, 2, max(cell_len(label), 8), True)
            used += more
    return plans


def _middle(width: int, sku: int) -> Columns:
    out_in = width - 2
    with_phase = width >= 68
    phase = out_in - 13 if with_phase else None
    off = (phase if phase is not None else out_in - 4) - 2
    shows = off - 5
    if phase is None:
        off, shows = out_in - 7, out_in - 12
    worst = shows - 13
    line = worst - 2
    master = line - 2
    name: int | None = 14 + sku + 1
    name_width = master - 5 - (name or 0)
    if width < 80 or name_width < 4:
        name, name_width = None, 0
        sku = master - 6 - 14
    return Columns(
        width, "words", 14, sku, name, name_width, master, line, (), worst, 9, shows, off, None,
        phase, 8, None, out_in, None,
    )  # fmt: skip


def _narrow(width: int) -> Columns:
    bare = Columns(
        width, "glyph", 4, max(1, width - 6), None, 0, None, None, (), None, 0, None, None, None,
        None, 0, None, None, None,
    )  # fmt: skip
    if width < 30:
        return bare
    out_in = width - 2
    shows = out_in - 7
    return replace(bare, sku_width=shows - 10 - 4, shows=shows, out_in=out_in)
