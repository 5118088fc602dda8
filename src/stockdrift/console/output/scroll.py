"""Finds out whether a part of the screen has moved up or down, which a terminal does by itself when told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import ne
from typing import Final, NamedTuple

LINES: Final = 4
"""So many that differ are written sooner than searched."""

_WORTH: Final = 60  # cells that need not be written


class Scroll(NamedTuple):
    """Lines ``top`` to ``bottom`` (inclusive) move by ``by`` lines, down where that is positive."""

    top: int
    bottom: int
    by: int

    def apply(self, lines: list[str], blank: str) -> None:
        """Moves ``lines`` in place; what comes in is ``blank``."""
        part = lines[self.top : self.bottom + 1]
        fresh = [blank] * abs(self.by)
        lines[self.top : self.bottom + 1] = fresh + part[: -self.by] if self.by > 0 else part[-self.by :] + fresh

    @property
    def sequence(self) -> str:
        """The same for a terminal: a scroll region (DECSTBM), lines inserted or deleted. The cursor ends at home."""
        last = "L" if self.by > 0 else "M"
        count = abs(self.by) if abs(self.by) > 1 else ""
        return f"\x1b[{self.top + 1};{self.bottom + 1}r\x1b[{self.top + 1}H\x1b[{count}{last}\x1b[r"


def find_scroll(have: Sequence[str], want: Sequence[str]) -> Scroll | None:
    """The movement that most lines agree on, where it saves enough. A line is its characters, and maybe its styles."""
    changed = [y for y, (old, new) in enumerate(zip(have, want, strict=True)) if old != new]
    if len(changed) <= LINES:
        return None
    counted = Counter(have)
    places = {line: y for y, line in enumerate(have) if counted[line] == 1}
    moves = [(y, y - places[want[y]]) for y in changed if want[y] in places]
    if not moves:
        return None
    by, _votes = Counter(move for _y, move in moves).most_common(1)[0]
    rows = [y for y, move in moves if move == by]
    scroll = _widened(have, want, rows[0], rows[-1], by)
    moved = list(have)
    scroll.apply(moved, "\0" * len(want[0]))
    part = slice(scroll.top, scroll.bottom + 1)
    saved = sum(map(_differing, have[part], want[part])) - sum(map(_differing, moved[part], want[part]))
    return scroll if saved >= _WORTH else None


def _widened(have: Sequence[str], want: Sequence[str], first: int, last: int, by: int) -> Scroll:
    """The movement by which lines ``first`` to ``last`` come to their places, with those beside them that moved too and
    differ in a few cells, such as the thumb of a scroll bar.
    """
    while min(first - 1, first - 1 - by) >= 0 and _moved_too(have, want, first - 1, by, comes_in=by > 0):
        first -= 1
    while max(last + 1, last + 1 - by) < len(have) and _moved_too(have, want, last + 1, by, comes_in=by < 0):
        last += 1
    return Scroll(first - max(by, 0), last - min(by, 0), by)


def _moved_too(have: Sequence[str], want: Sequence[str], y: int, by: int, *, comes_in: bool) -> bool:
    """Whether line ``y`` is sooner made of the one that comes to it: else that would leave the screen, or, at the end
    at which lines come in, stay where it is.
    """
    other = _differing(have[y - by], want[y - by]) if comes_in else _differing(have[y], want[y])
    return _differing(have[y - by], want[y]) < other


def _differing(have: str, want: str) -> int:
    return 0 if have == want else sum(map(ne, have, want))
