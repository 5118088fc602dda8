"""One attempt that reads everything, from its start to the reading that comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from stockdrift.stock.reading import Reading, Traffic
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.columns import Columns
from stockdrift.surfaces.faults import SurfaceFault, reading_of_fault


async def whole_reading(
    surface: str, clock: Clock, fill: Callable[[], Awaitable[Columns]], traffic: Callable[[], Traffic]
) -> Reading:
    """What ``fill`` brings as a complete reading, or the reading of the SurfaceFault that it raises."""
    started_at = clock()
    try:
        columns = await fill()
    except SurfaceFault as fault:
        return reading_of_fault(surface, fault, started_at=started_at, read_at=clock(), traffic=traffic())
    return columns.reading(surface, started_at=started_at, read_at=clock(), traffic=traffic())
