"""What a writer is: the part of a system that can be told quantities. Only the action service uses it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from msgspec import Struct, field

from stockdrift.stock.actions import RowChange

_SHOWN: Final = 5  # rows that a description names


class Verdict(StrEnum):
    """What the surface said of one row."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STALE = "stale"  # it compared, and shows something else than ``before``: nothing was written
    UNANSWERED = "unanswered"  # this row may have been taken or not: only reading back can tell


class RowAnswer(Struct, frozen=True):
    """``why`` in the surface's own words, where it gave any; cleaned, without secrets."""

    verdict: Verdict
    why: str = ""


class WriteAnswer(Struct, frozen=True):
    """``rows`` are parallel to what was sent; ``said`` is what came back as a whole, short and without secrets."""

    rows: Sequence[RowAnswer] = field(default_factory=list)
    said: str = ""


class UnansweredError(Exception):
    """Something went out, and it is not known whether it was taken: only reading back can tell."""


class NotSentError(Exception):
    """Nothing was taken for certain: the connection was refused, the budget is used up, the file cannot be written.

    It is tried again after ``retry_after`` ms at the earliest, unless ``lasting``: then no further try would help.
    """

    def __init__(self, reason: str, *, retry_after: int = 0, lasting: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.lasting = lasting


@runtime_checkable
class Refresher(Protocol):
    """A writer whose vendor can be asked to make the surface anew."""

    refreshes: bool
    """Whether the settings say how."""

    def describe_refresh(self) -> str:
        """What would go over the wire, short and without secrets."""
        ...

    async def refresh(self) -> str:
        """Asks once; returns what came back. Raises UnansweredError or NotSentError."""
        ...


class Writer(Protocol):
    """Writes quantities to one surface. Made once per collector that may write; used by one task at a time."""

    batch: int
    """Most rows of one write."""

    visible_within: int
    """Ms after which what was accepted should be seen by a read."""

    def spent(self) -> float | None:
        """Share (0 to 1) of the surface's allowance of requests that is in use now; None where there is no budget."""
        ...

    def describe(self, changes: Sequence[RowChange]) -> str:
        """What would go over the wire, short and without secrets: recorded before it does."""
        ...

    async def ready(self) -> str:
        """Empty where it may write as far as can be told without writing; else why not, as a sentence with what to do.
        Asked before anything is recorded as sent: credentials, their scopes, what the settings name.
        """
        ...

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """Writes once. ``key`` is the same for the same write, for vendors that can tell a repetition by it. Where the
        vendor compares, only rows that still show ``before`` are written.

        Raises UnansweredError or NotSentError; anything else is a bug, and as good as unanswered.
        """
        ...

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """As :meth:`write`, for listings: ``after`` is LISTED or DOWN. Asked only where the rules name a listing."""
        ...

    async def close(self) -> None:
        """Gives back what it holds. May be called more than once."""
        ...


def shown(changes: Sequence[RowChange]) -> str:
    """The first of ``changes`` as text, and how many more there are."""
    first = ", ".join(f"{change.sku} {change.before} → {change.after}" for change in changes[:_SHOWN])
    return f"{first}{f' and {len(changes) - _SHOWN} more' if len(changes) > _SHOWN else ''}"
