"""Where each panel is, by the size of the terminal. No size is refused."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from textual.geometry import Region

DIVIDER: Final = 38
"""The column between Drift and what is right of it."""

FULL_WIDTH: Final = 104
"""From here on the panels stand side by side; below, they become lines."""

PREVIEW_WIDTH: Final = 59
"""Cells of the preview with its divider."""

PREVIEW_FROM: Final = 200
"""From so many cells on the preview stands beside the list; from :data:`PREVIEW_OVER` on it can be called there."""
PREVIEW_OVER: Final = 160

_PLOT_ROWS: Final = 15
_LEAST_EVENTS: Final = 4
_DOING_ROWS: Final = 5  # with their title


class Plan(Struct, frozen=True):
    """A region for each panel of the watch screen, None for what has no room. ``notice`` lies above all others."""

    header: Region | None
    drift: Region | None
    surfaces: Region | None
    cause: Region | None
    companions: Region | None
    compact: Region | None
    head: Region | None
    grid: Region | None
    footer: Region | None
    notice: Region
    preview: PreviewPlan | None = None


class PreviewPlan(Struct, frozen=True):
    """The preview: a divider, the SKU, and with room its levels over time, its events, what can be done about it."""

    divider: Region
    sku: Region
    plot: Region | None
    events: Region | None
    doing: Region | None


def preview_plan(width: int, height: int, levels: int) -> PreviewPlan:
    """The preview at the right edge of a screen, for a SKU with so many ``levels``."""
    left, bottom = width - PREVIEW_WIDTH + 1, height - 1
    top = min(9 + levels, bottom - 1)
    sku = Region(left, 1, PREVIEW_WIDTH - 1, top)
    plot = events = doing = None
    y = 1 + top
    if bottom - y >= _PLOT_ROWS:
        plot = Region(left, y, PREVIEW_WIDTH - 1, _PLOT_ROWS)
        y += _PLOT_ROWS
    if bottom - y >= _LEAST_EVENTS + _DOING_ROWS:
        bottom -= _DOING_ROWS
        doing = Region(left, bottom, PREVIEW_WIDTH - 1, _DOING_ROWS)
    if bottom - y >= _LEAST_EVENTS:
        events = Region(left, y, PREVIEW_WIDTH - 1, bottom - y)
    return PreviewPlan(Region(left - 1, 1, 1, height - 2), sku, plot, events, doing)


def previews(width: int, height: int, *, toggled: bool) -> bool:
    """Whether the preview is shown: from a width on unless it was sent away, from a lesser one if it was called."""
    if height < 30:
        return False
    return not toggled if width >= PREVIEW_FROM else toggled and width >= PREVIEW_OVER


def plan(width: int, height: int, *, toggled: bool = False, levels: int = 5) -> Plan:
    """The watch screen at ``width`` × ``height``. ``toggled``: the operator wants the preview where it is not, or not
    where it is; ``levels`` are the surfaces that it shows.
    """
    width, height = max(width, 1), max(height, 1)
    header = Region(0, 0, width, 1) if height >= 16 else None
    footer = Region(0, height - 1, width, 1) if height >= 4 else None
    preview = preview_plan(width, height, levels) if previews(width, height, toggled=toggled) else None
    full = width >= FULL_WIDTH and height >= 30
    if preview:
        width -= PREVIEW_WIDTH
    drift = surfaces = cause = companions = compact = None
    if full:
        drift = Region(0, 1, DIVIDER + 1, 12)
        surfaces = Region(DIVIDER + 1, 1, width - DIVIDER - 1, 7)
        cause = Region(DIVIDER + 1, 8, width - DIVIDER - 1, 5)
        companions = Region(0, 13, width, 3 if height >= 36 else 2)
        top = 17 if height >= 36 else 15
    else:
        rows = 4 if height >= 24 else 2 if height >= 16 else 1
        top = (1 if header else 0) + rows
        compact = Region(0, 1 if header else 0, width, rows)
    bottom = height - (1 if footer else 0)
    head_rows = 2 if bottom - top >= 4 else 1 if bottom - top >= 2 else 0
    head = Region(0, top, width, head_rows) if head_rows else None
    grid_rows = bottom - top - head_rows
    grid = Region(0, top + head_rows, width, grid_rows) if grid_rows > 0 else None
    notice = Region(0, max(0, top - 1), width, 1)
    return Plan(header, drift, surfaces, cause, companions, compact, head, grid, footer, notice, preview)


class SurfaceColumns(Struct, frozen=True):
    """Columns of the surfaces panel, from its own left edge; right-aligned ones by their last cell."""

    name: int
    name_width: int
    read: int
    bar: int
    word: int
    lag: int
    drift: int
    pending: int
    errors: int | None
    budget: int | None
    next_read: int | None


def surface_columns(width: int, *, calm: bool, roomy: bool = False) -> SurfaceColumns:
    """The surfaces panel at ``width`` cells; calm shows the next read instead of errors and budget, a roomy screen
    all of them.
    """
    last = 81 if width >= 81 else 68
    wide = roomy and width >= 92 and not calm
    if wide:
        last += 11
    spare = width - last
    name_width = max(6, 14 + min(spare, 10))
    spare -= name_width - 14
    gap = min(3, max(0, spare) // 6)
    read = 9 + name_width
    lag = read + 29 + gap
    drift = lag + 6 + gap
    pending = drift + 8 + gap
    full = width >= 81
    errors = pending + 6 + gap if full and not calm else None
    budget = errors + 7 + gap if errors is not None else None
    next_read = None
    if calm and full:
        next_read = pending + 13 + 2 * gap
    elif wide and budget is not None:
        next_read = budget + 11 + gap
    return SurfaceColumns(3, name_width, read, read + 2, read + 15, lag, drift, pending, errors, budget, next_read)
