"""What a journal is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from msgspec import Struct

from stockdrift.stock.entries import Entry, Episode, EpisodeEvent, PollSummary
from stockdrift.stock.gauge import Sample
from stockdrift.stock.snapshot import Snapshot


class JournalError(Exception):
    """The journal cannot be opened, read or written; the message is a sentence for the operator."""


class DroppedError(JournalError):
    """What was asked for lies before the journal's beginning: retention has dropped it."""


class EntryError(JournalError):
    """One entry cannot be understood, and so nothing that follows it. ``number`` is its place in the journal."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class Mark(Struct, frozen=True):
    """A checkpoint: what is known after entry ``number``, at ``at`` (ms since the epoch)."""

    number: int
    at: int


class Retention(Struct, frozen=True):
    """How much of the past a journal keeps: ``keep`` ms of it, and ``max_size`` bytes of file and log together."""

    keep: int
    max_size: int


class Tidied(Enum):
    """What one step of retention came to."""

    MORE = "more"  # something was dropped, and there may be more to drop
    DONE = "done"  # nothing is to be dropped now
    CHECKPOINT = "checkpoint"  # too large, and a checkpoint at the end would let more be dropped
    FULL = "full"  # too large, and nothing more can be dropped


class Journal(Protocol):
    """Append-only. One collector writes polls; consoles add rulings and requests; all follow."""

    async def append(self, entries: Sequence[Entry], episodes: Sequence[EpisodeEvent] = ()) -> Sequence[int]:
        """Records entries and the episodes they opened or closed in one transaction; returns their numbers.

        Raises JournalError and then has recorded nothing.
        """
        ...

    async def record_episodes(
        self, episodes: Sequence[EpisodeEvent], through: int, samples: Sequence[Sample] = ()
    ) -> None:
        """Records what applying the entries up to number ``through`` opened and closed, and the counts that changed by
        it, in one transaction.

        An entry must have its number before it is applied, so its episodes follow it; whoever is killed in between
        finds by :meth:`judged_through` where to go on.
        """
        ...

    async def judged_through(self) -> int:
        """The number of the last entry whose episodes are recorded; 0 before the first."""
        ...

    async def read(self, after: int = 0, limit: int = 500) -> Sequence[Entry]:
        """Entries numbered above ``after``, ascending; fewer than ``limit`` where they are large, none at the end.

        A prefix of the truth at any moment. Raises DroppedError where entries above ``after`` were dropped, and
        EntryError at one that cannot be understood; those before it are given first.
        """
        ...

    async def write_checkpoint(self, number: int, snapshot: Snapshot, *, based_on: int = 0) -> None:
        """Records what is known after entry ``number``, so that a reader can begin there. Of the older ones so many
        give way that together they weigh about as much as the entries.

        ``snapshot`` is read until this returns; what it says to be new is so since the checkpoint ``based_on``.
        """
        ...

    async def checkpoints(self) -> Sequence[Mark]:
        """The checkpoints there are, oldest first."""
        ...

    async def checkpoint(self, at_most: int | None = None) -> tuple[int, Snapshot] | None:
        """The newest checkpoint, of those behind entry ``at_most`` or an earlier one where that is given, and the
        number of the entry it stands behind; None where there is none.
        """
        ...

    async def times(self, after: int = 0, limit: int = 20_000) -> Sequence[tuple[int, int]]:
        """Number and moment (ms) of entries numbered above ``after``, ascending by number; none at the end."""
        ...

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """The counts recorded from ``begin`` to ``end`` (ms), and the last before, ascending by time."""
        ...

    async def beginning(self) -> Mark | None:
        """The checkpoint at which the journal begins, what lay before having been dropped; None where nothing was."""
        ...

    async def tidy(self, kept: Retention, now: int) -> Tidied:
        """One small step towards what ``kept`` allows, at ``now`` (ms since the epoch); a few ms of work.

        What is dropped lies before a checkpoint, so that the journal judges as it did before.
        """
        ...

    async def has_news(self) -> bool:
        """Whether anyone else has written since the last call. Cheap: asked ten times a second."""
        ...

    async def episodes(self, sku: str | None = None, *, only_open: bool = False, limit: int = 200) -> Sequence[Episode]:
        """Episodes, newest first."""
        ...

    async def polls(self, surface: str, limit: int = 100, *, before: int | None = None) -> Sequence[PollSummary]:
        """The last polls of a surface, newest first; of those numbered below ``before`` where that is given."""
        ...

    async def about(self, row: int, *, after: int = 0, before: int | None = None, limit: int = 500) -> Sequence[Entry]:
        """Entries numbered above ``after`` and below ``before``, newest first; none at the end.

        Of each poll only what it changed of the catalogue's ``row`` is told, no other row, SKU, name or bad row: such
        a poll is to be looked at, not to be applied. ``limit`` counts entries; fewer come where they are large.
        """
        ...

    async def close(self) -> None:
        """Gives back the connection. May be called more than once."""
        ...
