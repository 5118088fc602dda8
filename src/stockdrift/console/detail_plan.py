"""Where each panel of the SKU and the surface screen is, by the size of the terminal."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from textual.geometry import Region

from stockdrift.console.geometry import DIVIDER, FULL_WIDTH

PLOT: Final = 15
"""Rows of the plot as drawn: title, marks, twelve rows, times."""

_LEAST_PLOT, _LEAST_LIST = 8, 6
_ACTIONS = 7  # rows, with their title
_LISTS = 13  # rows of the lists as drawn
_EVENTS, _READS, _WIDE = 72, 71, 120  # cells of the lists on the left at the width of the drawings
_HERO, _FACTS, _AGES = 9, 9, 14  # rows

TABS: Final = ("plot", "events", "episodes", "judged")
"""What takes turns in one place where there is no room for all; where even the levels have none, they come first."""

SURFACE_TABS: Final = ("ages", "reads", "drifting", "mapping")
"""The same of the surface screen, whose facts come first where they have no room."""


class DetailPlan(Struct, frozen=True):
    """A region for each panel by its id; ``turns`` are the panels that Tab goes through, ``divider`` where the panels
    above stand side by side, ``tees`` the rows within the list on the left beside which another panel begins.
    """

    regions: dict[str, Region]
    turns: tuple[str, ...]
    divider: bool = False
    tees: tuple[int, ...] = ()


def sku_plan(width: int, height: int, levels: int, chosen: str, *, acting: bool = True) -> DetailPlan:
    """At ``width`` × ``height`` with so many ``levels``; ``chosen`` is the panel that the operator wants to see. Where
    nothing can be done, in History, what can be done is not shown (``acting``).
    """
    regions, top, bottom = _frame(width, height)
    side_by_side = width >= FULL_WIDTH and height >= 24
    if side_by_side:
        tall = min(max(10, levels + 5), bottom - top)
        regions["hero"] = Region(0, top, DIVIDER + 1, tall)
        regions["levels"] = Region(DIVIDER + 1, top, width - DIVIDER - 1, tall)
        y = top + tall
        if bottom - y >= _LEAST_PLOT + _LEAST_LIST:
            return _in_full(regions, width, y, bottom, levels, chosen, acting=acting)
        return _in_turns(regions, width, y, bottom, TABS, chosen, divider=True)
    hero = 2 if bottom - top >= 2 else 1
    regions["hero"] = Region(0, top, width, hero)
    y = top + hero
    if bottom - y - (levels + 5) >= _LEAST_LIST:
        regions["levels"] = Region(0, y, width, levels + 5)
        return _in_turns(regions, width, y + levels + 5, bottom, TABS, chosen)
    return _in_turns(regions, width, y, bottom, ("levels", *TABS), chosen)


def surface_plan(width: int, height: int, chosen: str) -> DetailPlan:
    """At ``width`` × ``height``; ``chosen`` is the panel that the operator wants to see."""
    regions, top, bottom = _frame(width, height)
    if width >= FULL_WIDTH and height >= 24:
        regions["hero"] = Region(0, top, DIVIDER + 1, _HERO)
        regions["facts"] = Region(DIVIDER + 1, top, width - DIVIDER - 1, _HERO)
        y = top + _HERO
        left = bottom - y
        if left < _LEAST_PLOT + _LEAST_LIST:
            return _in_turns(regions, width, y, bottom, SURFACE_TABS, chosen, divider=True)
        ages = max(_LEAST_PLOT, min(_AGES, left - _LEAST_LIST - 2)) + max(0, left - _AGES - _LISTS - 2) // 2
        regions["ages"] = Region(0, y, width, ages)
        y += ages
        split = _split(width, _READS)
        regions["reads"] = Region(0, y, split + 1, bottom - y)
        right = "mapping" if chosen == "mapping" else "drifting"
        regions[right] = Region(split + 1, y, width - split - 1, bottom - y)
        return DetailPlan(regions, ("reads", "drifting", "mapping"), divider=True)
    hero = 2 if bottom - top >= 2 else 1
    regions["hero"] = Region(0, top, width, hero)
    y = top + hero
    if bottom - y - _FACTS >= _LEAST_LIST:
        regions["facts"] = Region(0, y, width, _FACTS)
        return _in_turns(regions, width, y + _FACTS, bottom, SURFACE_TABS, chosen)
    return _in_turns(regions, width, y, bottom, ("facts", *SURFACE_TABS), chosen)


def _frame(width: int, height: int) -> tuple[dict[str, Region], int, int]:
    """Header, footer and what lies above others; the first row that is free, and the one after the last."""
    width, height = max(width, 1), max(height, 1)
    regions: dict[str, Region] = {}
    top = 1 if height >= 16 else 0
    bottom = height - (1 if height >= 4 else 0)
    if top:
        regions["header"] = Region(0, 0, width, 1)
    if bottom < height:
        regions["footer"] = Region(0, bottom, width, 1)
    regions["command"] = Region(0, height - 1, width, 1)
    regions["notice"] = Region(0, max(0, bottom - 1), width, 1)
    return regions, top, bottom


def _split(width: int, drawn: int) -> int:
    """Where the divider between the lists is: what is wider than the drawing goes to the left one for the most part."""
    return drawn + ((width - _WIDE) * 3 // 5 if width >= _WIDE else width - _WIDE)


def _in_full(
    regions: dict[str, Region], width: int, y: int, bottom: int, levels: int, chosen: str, *, acting: bool
) -> DetailPlan:
    """Right of the events what can be done, or how it is judged, or with room both; below these the episodes."""
    left = bottom - y
    plot = max(_LEAST_PLOT, min(PLOT, left - _LEAST_LIST))
    plot += max(0, left - PLOT - _LISTS) // 2
    regions["plot"] = Region(0, y, width, plot)
    y += plot
    split = _split(width, _EVENTS)
    regions["events"] = Region(0, y, split + 1, bottom - y)
    rest = width - split - 1
    tall = {"actions": _ACTIONS, "judged": levels + 1}
    top = y
    judged_first = chosen == "judged" or not acting
    for name in ("judged", "actions") if judged_first else ("actions", "judged"):
        if (name == "judged" or acting) and bottom - top >= tall[name] + _LEAST_LIST:
            regions[name] = Region(split + 1, top, rest, tall[name])
            top += tall[name]
    last = "judged" if chosen == "judged" and "judged" not in regions else "episodes"
    regions[last] = Region(split + 1, top, rest, bottom - top)
    tees = tuple(region.y - y for name, region in regions.items() if region.x == split + 1 and region.y > y)
    return DetailPlan(regions, ("events", "episodes", "judged"), divider=True, tees=tees)


def _in_turns(
    regions: dict[str, Region],
    width: int,
    y: int,
    bottom: int,
    turns: tuple[str, ...],
    chosen: str,
    *,
    divider: bool = False,
) -> DetailPlan:
    if bottom <= y:
        return DetailPlan(regions, (), divider)
    regions[chosen if chosen in turns else turns[0]] = Region(0, y, width, bottom - y)
    return DetailPlan(regions, turns, divider)
