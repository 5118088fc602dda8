"""A Textual layout that puts widgets where a plan says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

Placing = Callable[[int, int], Mapping[str, Region | None]]
"""From width and height to a region for each widget by its id; None or absent: not shown."""

ABOVE = ("notice", "filter", "command")
"""Widgets that lie above those they overlap."""


class PlannedLayout(Layout):
    """Fixed places: a size has one arrangement, whatever the widgets hold."""

    name = "planned"

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """One placement for each child that has a region."""
        regions = self._placing(size.width, size.height)
        placements = []
        for child in children:
            region = regions.get(child.id or "")
            if region is not None:
                order = 1 if child.id in ABOVE else 0
                placements.append(WidgetPlacement(region, NULL_OFFSET, Spacing(), child, order))
        return placements
