"""The moment that is shown, and how long what was painted of it stays true."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from msgspec import Struct

from stockdrift.console import words

FOREVER: Final = 2**63 - 1

_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
_DAY_EDGE: Final = 15 * _MINUTE  # in every zone days begin at one of these


class Moment(Struct, kw_only=True):
    """``moment`` is ms since the epoch. While something is painted, ``holds_until`` falls to when it would have to be
    painted otherwise, though nothing but time has passed: whoever asks for ``now`` is painted anew each second, and who
    asks for an age, when its text changes.
    """

    moment: int = 0
    zone: tzinfo | None = None  # None is the operator's own
    holds_until: int = FOREVER

    @property
    def now(self) -> int:
        """The moment itself."""
        self.holds(0)
        return self.moment

    @now.setter
    def now(self, moment: int) -> None:
        self.moment = moment

    def holds(self, until: int) -> None:
        """What is painted is true before ``until``, if that long."""
        self.holds_until = min(self.holds_until, until)

    def age(self, since: int | None) -> str:
        """How old what is of ``since`` is, in words; a dash where that is not known."""
        if since is None:
            return words.age(None)
        passed = max(0, self.moment - since)
        step = _grain(passed)
        self.holds(since + (passed // step + 1) * step)
        return words.age(passed)

    def left(self, until: int) -> str:
        """How long it is until ``until``, in words."""
        ahead = max(0, until - self.moment)
        step = _grain(ahead)
        if ahead >= step:
            self.holds(until - ahead // step * step + 1)
        return words.age(ahead)

    def minute_of(self, at: int) -> str:
        """The minute of ``at``, and its day where that is another than the moment's."""
        self.holds((self.moment // _DAY_EDGE + 1) * _DAY_EDGE)
        return words.minute_of(at, self.moment, self.zone)


def _grain(passed: int) -> int:
    """The ms after which an age of ``passed`` ms may have another text."""
    return 1_000 if passed < _MINUTE else _MINUTE if passed < 10 * _HOUR else _HOUR
