"""One surface, or the master: its levels by row, and how its reads went."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from stockdrift.stock.entries import Poll
from stockdrift.stock.expect import Yardstick
from stockdrift.stock.ignoring import Hidden
from stockdrift.stock.judge import Code
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.packed_levels import PackedLevels, Quantities, States
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.stock.rows import set_rows, union
from stockdrift.stock.rules import SurfaceRules
from stockdrift.stock.sparse import Sparse

SLACK: Final = 30_000
"""Ms that a reading may lie ahead of the clock: readings end out of order. Further ahead, the clock was set back."""


class Column(Struct):
    """``read_at`` is the end of the last complete read, ``complete_at`` the ordinal of the poll that brought it."""

    rules: SurfaceRules
    levels: PackedLevels
    reasons: NDArray[np.uint8]
    codes: NDArray[np.uint8]
    since: Sparse = field(default_factory=Sparse)  # ordinal of the poll that opened the present episode
    begun_at: int = 0  # when the rules began to mean this place by its name
    last: Poll | None = None  # the last attempt, without what it brought
    read_at: int | None = None
    as_of: int | None = None
    complete_at: int = 0
    complete_reads: int = 0
    listed: int = 0
    bad_rows: int = 0
    nameless: int | None = None  # rows without a SKU in the last complete read of everything
    named: int | None = None  # and in the last one after which none of them could be that of a missing SKU
    whole: bool = False  # of the reads of everything that brought anything the last was complete: changes add to it
    unread: bool = True  # there may be rows that it was never asked for
    tally: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Code), np.int64))  # levels by code
    known: bool = False  # whether its levels may be judged now
    hidden: Hidden = field(default_factory=Hidden)  # levels that are ignored now
    yardstick: Yardstick = field(default=None)  # type: ignore[assignment]  # set before any use, by the board

    @classmethod
    def of(cls, rules: SurfaceRules, capacity: int) -> Column:
        """One that was never read, with room for ``capacity`` rows."""
        return cls(
            rules,
            PackedLevels(capacity, LevelState.UNKNOWN),
            uniform(UnknownReason.NOT_READ, capacity),
            np.zeros(capacity, np.uint8),  # not compared
        )

    @property
    def states(self) -> States:
        """By row, what each level is."""
        return self.levels.states

    @property
    def quantities(self) -> Quantities:
        """By row, the quantities; 0 where there is none."""
        return self.levels.quantities

    def usable(self, now: int) -> bool:
        """Active, its last read complete, and that read neither stale nor of a clock that has been set back since.

        Nothing else may count as agreement.
        """
        return (
            self.rules.active
            and self.last is not None
            and self.last.outcome is Outcome.COMPLETE
            and self.read_at is not None
            and -SLACK <= now - self.read_at <= self.rules.stale_after
        )

    def grow(self, codes: NDArray[np.uint8]) -> None:
        """Makes room for as many rows as there are ``codes``, which are *not compared* and become its own."""
        capacity = len(codes)
        self.reasons = (
            grown(self.reasons, capacity, UnknownReason.NOT_READ)
            if self.reasons.flags.writeable
            else uniform(int(self.reasons[0]), capacity)
        )
        codes[: len(self.codes)] = self.codes
        self.codes = codes

    def extend(self, before: int, size: int) -> None:
        """Rows from ``before`` to ``size`` are new. A column that is known did not list them; another has not been
        asked yet.
        """
        self.tally[Code.NOT_COMPARED] += size - before
        if self.known:
            self.levels.put_state(slice(before, size), LevelState.UNLISTED)
        else:
            self.unread = True
        self.give_reasons(slice(before, size), UnknownReason.NONE if self.known else UnknownReason.NOT_READ)

    def give_reasons(self, rows: NDArray[np.int32] | slice, reasons: NDArray[np.uint8] | int) -> None:
        """Writes why levels are unknown. As long as it is the same for all rows, it takes no room."""
        if not self.reasons.flags.writeable:
            if np.all(reasons == self.reasons[0]):
                return
            self.reasons = self.reasons.copy()
        self.reasons[rows] = reasons

    def write(self, poll: Poll, ordinal: int, size: int) -> NDArray[np.int32]:
        """Takes over the levels of a complete poll, the one numbered ``ordinal``; returns the rows they changed."""
        changes = poll.changes
        rows = changes.rows
        if poll.covers is Covers.ALL:
            self.listed = poll.listed
            if self.unread:
                # What nobody has asked it for before, and it does not speak of, is not listed. Polls of earlier
                # versions left that unsaid.
                unread = set_rows(self.reasons[:size] == UnknownReason.NOT_READ)
                self.levels.put_state(unread, LevelState.UNLISTED)
                if len(unread) == size:
                    self.reasons = uniform(UnknownReason.NONE, len(self.levels))
                self.give_reasons(unread, UnknownReason.NONE)
                self.unread = False
                rows = union(rows, unread, size)
        self.levels.put(changes.rows, changes.states, changes.quantities)
        self.give_reasons(changes.rows, changes.reasons)
        if poll.covers is Covers.ALL:
            self.nameless = poll.nameless
            reasons = self.reasons[:size] if self.reasons.flags.writeable else self.reasons[:1]  # the same for all
            if not (reasons == UnknownReason.NAMELESS).any():
                self.named = poll.nameless
        self.read_at = poll.read_at
        self.as_of = poll.as_of
        self.complete_at = ordinal
        self.complete_reads += 1
        return rows


def grown(column: NDArray[Any], capacity: int, fill: int) -> NDArray[Any]:
    """``column`` with room for ``capacity`` rows, the new ones ``fill``."""
    # What was never written takes no room: of the master's codes that is all of them.
    larger: NDArray[Any] = np.full(capacity, fill, column.dtype) if fill else np.zeros(capacity, column.dtype)
    larger[: len(column)] = column
    return larger


def uniform(value: int, capacity: int) -> NDArray[np.uint8]:
    """A column that is the same everywhere: one byte that stands for all, and cannot be written to."""
    return np.broadcast_to(np.uint8(value), capacity)
