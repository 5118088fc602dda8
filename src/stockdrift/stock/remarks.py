"""What operators say that changes no verdict: a pause, an acknowledgement, a snooze, a claim, a handover note.

None of them makes agreement of drift. An acknowledged or snoozed SKU is counted as before; what they change is what is
listed first and what rings.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Scope

CLAIM_LASTS: Final = "8h"
"""A shift: a claim that says no end."""


class RemarkKind(StrEnum):
    """What is meant; the scopes that it may have are in :func:`misplaced`."""

    PAUSE = "pause"  # the surface is not read on schedule
    ACKNOWLEDGE = "acknowledge"  # the drift of now is known to somebody
    SNOOZE = "snooze"  # let it rest until then
    CLAIM = "claim"  # somebody works on it
    NOTE = "note"  # for whoever comes next

    @property
    def done(self) -> str:
        """The word for what it was said of: a SKU is ``snoozed``."""
        return {"pause": "paused", "note": "noted"}.get(self.value, self.value.rstrip("e") + "ed")


QUIET = (RemarkKind.ACKNOWLEDGE, RemarkKind.SNOOZE)
"""Kinds that speak of drift, and hold only while it is no worse than it was."""


class Remark(Struct, frozen=True):
    """``text`` is the reason, or the note itself. ``until`` (ms) None: until it is taken back. ``since`` is when it was
    said, by ``by``. ``worst`` is the severity, as a word, up to which drift is meant; empty where that means nothing.
    """

    text: str = ""
    until: int | None = None
    by: str = ""
    since: int = 0
    worst: str = ""

    def holds(self, now: int) -> bool:
        """Whether it stands at ``now``."""
        return self.until is None or now < self.until


class Told(Struct, frozen=True):
    """A remark that stands, with what it is and of what."""

    kind: RemarkKind
    scope: Scope
    remark: Remark


class Remarks:
    """All that stand, or stood until their end came: the last of each kind and scope."""

    def __init__(self) -> None:
        self._last: dict[tuple[RemarkKind, Scope], Remark] = {}

    def say(self, kind: RemarkKind, scope: Scope, remark: Remark | None) -> None:
        """Takes over a remark; None takes the one before it back."""
        self._last.pop((kind, scope), None)
        if remark is not None:
            self._last[kind, scope] = remark

    def of(self, kind: RemarkKind, scope: Scope, now: int) -> Remark | None:
        """What stands of exactly this scope at ``now``."""
        found = self._last.get((kind, scope))
        return found if found is not None and found.holds(now) else None

    def standing(self, now: int, *kinds: RemarkKind) -> Iterator[Told]:
        """All that stand at ``now``, of ``kinds`` alone where some are given, in the order in which they were said."""
        for (kind, scope), remark in self._last.items():
            if (not kinds or kind in kinds) and remark.holds(now):
                yield Told(kind, scope, remark)

    def turned(self, before: int, now: int) -> bool:
        """Whether an end lies between two moments, whichever is the earlier."""
        first, last = sorted((before, now))
        return any(remark.until is not None and first < remark.until <= last for remark in self._last.values())


def misplaced(kind: RemarkKind, scope: Scope) -> str:
    """Why a remark of ``kind`` cannot be of ``scope``, as a sentence; empty where it can."""
    if kind is RemarkKind.PAUSE and (scope.sku or not scope.surface):
        return "A pause is of a surface."
    if kind is RemarkKind.PAUSE and scope.surface == MASTER:
        return "The master is not paused: without it nothing is known."
    if kind is not RemarkKind.NOTE and scope == Scope():
        return f"To {kind} is to speak of a surface, a SKU, or a SKU on a surface."
    return ""
