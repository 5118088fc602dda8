"""How long a plan will take, and when shoppers will see it: by what earlier writes to the same surface took.

Nothing is promised where nothing was written before. What a surface's settings allow it to be behind is the most that
can be said of it then.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Final

from msgspec import Struct

from stockdrift.stock.actions import GOOD, LISTING, Action, RowState
from stockdrift.stock.rules import SurfaceRules
from stockdrift.stock.words import roughly, roughly_between

RECENT: Final = 20
"""So many earlier actions on a surface are looked at, the newest."""

_FAMILIES: Final = {**dict.fromkeys(LISTING, "listing"), "refresh": "refresh"}
_ANSWERED: Final = (RowState.ACCEPTED, RowState.REJECTED)


class Forecast(Struct, frozen=True):
    """``takes`` (ms) is until the last row is answered, ``seen`` (ms, least and most) until rows are read back as they
    should be; None where no earlier write tells. ``allowed`` (ms) is how far behind the surface may be by its settings.
    ``spends`` is the part of its allowance of requests that sending takes, None where there is no allowance.
    """

    takes: int | None
    seen: tuple[int, int] | None
    allowed: int
    spends: float | None = None

    @property
    def takes_words(self) -> str:
        """``about 40 s``."""
        return "not known" if self.takes is None else f"about {roughly(self.takes)}"

    @property
    def seen_words(self) -> str:
        """``in 1 to 4 min``."""
        if self.seen is None:
            return f"within {roughly(self.allowed)} by its settings"
        return f"in {roughly_between(*self.seen)}"


def forecast(earlier: Iterable[Action], kind: str, rules: SurfaceRules, rows: int) -> Forecast:
    """Of ``rows`` rows of an action of ``kind`` on a surface; ``earlier`` are a journal's actions, oldest first."""
    surface, allowed = rules.name, rules.lag
    there = [one for one in earlier if one.asked.surface == surface]
    like = [one for one in there if _family(one.asked.kind) == _family(kind)][-RECENT:]
    times = [found for one in like if (found := _sending(one)) is not None]
    waits = [
        since - sent
        for one in like
        for state, since, sent in zip(one.states, one.since, one.sent_at, strict=True)
        if state in GOOD and sent is not None
    ]
    takes = None
    if times:  # a batch takes its time however small it is; many take as much longer as they are more
        takes = round(max(median(time for time, _ in times), rows * median(time / count for time, count in times)))
    spends = None if rules.spending is None else rules.spending.share(rows)
    return Forecast(takes, (max(0, min(waits)), max(0, *waits)) if waits else None, allowed, spends)


def _family(kind: str) -> str:
    """What goes the same way over the wire."""
    return _FAMILIES.get(kind, "write")


def _sending(action: Action) -> tuple[int, int] | None:
    """Ms from the first row that was sent to the last that was answered, and how many were; None where none was."""
    sent = [step.at for step in action.steps if step.state is RowState.SENT]
    answered = [step for step in action.steps if step.state in _ANSWERED]
    rows = {place for step in answered for place in step.places}
    if not sent or not rows:
        return None
    return max(0, max(step.at for step in answered) - min(sent)), len(rows)
