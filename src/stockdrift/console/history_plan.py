"""Where each panel of History is: the scrubber on top, below it the first screen as far as there is room."""

from __future__ import annotations

from textual.geometry import Region

from stockdrift.console.geometry import DIVIDER, FULL_WIDTH

SCRUBBER = 7
"""Rows of the scrubber where there is room for all of it; else three, or one."""

_DRIFT, _CAUSE_AT = 10, 7


def history_plan(width: int, height: int) -> dict[str, Region | None]:
    """A region for each panel by its id at ``width`` × ``height``. The line that says it is the past goes last."""
    width, height = max(width, 1), max(height, 1)
    places: dict[str, Region | None] = {"companions": None}
    places["header"] = Region(0, 0, width, 1) if height >= 2 else None
    places["footer"] = Region(0, height - 1, width, 1) if height >= 5 else None
    top, bottom = (1 if height >= 2 else 0), height - (1 if height >= 5 else 0)
    full = width >= FULL_WIDTH and height >= 30
    rows = SCRUBBER if full else 3 if height >= 16 else 1 if height >= 8 else 0
    places["scrubber"] = Region(0, top, width, rows) if rows else None
    top += rows
    places |= {"drift": None, "surfaces": None, "cause": None, "compact": None}
    if full:
        places["drift"] = Region(0, top, DIVIDER + 1, _DRIFT)
        places["surfaces"] = Region(DIVIDER + 1, top, width - DIVIDER - 1, _CAUSE_AT)
        places["cause"] = Region(DIVIDER + 1, top + _CAUSE_AT, width - DIVIDER - 1, _DRIFT - _CAUSE_AT)
        top += _DRIFT
    else:
        compact = 4 if height >= 28 else 2 if height >= 20 else 1 if bottom > top else 0
        places["compact"] = Region(0, top, width, compact) if compact else None
        top += compact
    heads = 2 if bottom - top >= 4 else 1 if bottom - top >= 2 else 0
    places["head"] = Region(0, top, width, heads) if heads else None
    places["grid"] = Region(0, top + heads, width, bottom - top - heads) if bottom - top - heads > 0 else None
    places["notice"] = Region(0, max(0, top - 1), width, 1)
    typing = Region(0, max(0, height - 1), width, 1)
    places["filter"] = places["command"] = places["footer"] or typing
    return places
