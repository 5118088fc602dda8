"""What a connector is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from msgspec import Struct

from stockdrift.stock.reading import Covers, Reading


class Capabilities(Struct, frozen=True):
    """What a surface can express. The core compares only that."""

    exact: bool = True  # quantities; else in or out
    delta: bool = False  # can be asked for what changed since a time, and its answer can be trusted
    states_time: bool = False  # reports when what it shows was generated
    sums_duplicates: bool = False  # means several rows of one SKU as a sum


@runtime_checkable
class Connector(Protocol):
    """Reads one surface. Made once per collector, closed at its end; used by one task at a time."""

    capabilities: Capabilities

    async def read(self, covers: Covers) -> Reading:
        """One attempt. Faults of the source come back as a ``PARTIAL`` or ``FAILED`` reading with a reason in words;
        only bugs and cancellation raise. ``Covers.CHANGED`` is asked only where ``capabilities.delta``, and means
        what changed since this connector's last complete read; it may answer with ``Covers.ALL`` where it cannot.
        """
        ...

    async def close(self) -> None:
        """Gives back connections and files. May be called more than once."""
        ...


@runtime_checkable
class Knocks(Protocol):
    """A connector that can ask for little, to see whether a read would be answered."""

    async def knock(self) -> None:
        """One small question with the source's credentials. Raises SurfaceFault."""
        ...


@runtime_checkable
class Occupies(Protocol):
    """A connector whose large readings are made one at a time (:class:`~stockdrift.surfaces.room.Room`)."""

    def leave(self) -> None:
        """What was read is recorded, or dropped. May be called where nothing was."""
        ...
