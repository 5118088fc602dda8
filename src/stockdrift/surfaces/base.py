"""What a connector is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from stockdrift.stock.reading import Covers, Reading


@runtime_checkable
class Connector(Protocol):
    """Reads one surface. Made once per collector, closed at its end; used by one task at a time."""

    delta: bool
    """Whether it can be asked for what changed since its last complete read, and the answer can be trusted."""

    async def read(self, covers: Covers) -> Reading:
        """One attempt. Faults of the source come back as a ``PARTIAL`` or ``FAILED`` reading with a reason in words;
        only bugs and cancellation raise. ``Covers.CHANGED`` is asked only where ``delta``, and means
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
