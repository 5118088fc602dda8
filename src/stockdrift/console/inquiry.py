"""When to ask what was recorded: one question at a time, and none too often."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

PAST: Final = 86_400_000
"""How far back (ms) what was recorded of a SKU is shown, at most."""

AGAIN: Final = 1_000
"""The same is asked again after so many ms, where there is news."""

AFTER_FAILURE: Final = 5_000
"""And after so many where it could not be answered."""

LOOKING: Final = "Looking back through the journal …"


class Inquiry(Struct):
    """Another subject is asked about at once, the same one where ``version`` is another.

    ``missing`` is what to show while there is no answer; ``failed``: the last question had none.
    """

    subject: object = None
    failed: bool = False
    missing: str = LOOKING
    _version: int = -1
    _asked_at: int | None = None
    _under_way: bool = False

    def due(self, subject: object, version: int, now: int) -> bool:
        """Whether to ask now; then it is taken for asked until :meth:`answered`."""
        if self._under_way:
            return False
        if subject == self.subject and self._asked_at is not None:
            waited = abs(now - self._asked_at)  # a clock may be set back
            if version == self._version and not self.failed:
                return False
            if waited < (AFTER_FAILURE if self.failed else AGAIN):
                return False
        if subject != self.subject:
            self.missing = LOOKING
        self.subject, self._version, self._asked_at, self._under_way = subject, version, now, True
        return True

    def answered(self) -> None:
        """The question under way has its answer."""
        self._under_way = self.failed = False

    def unanswered(self, why: str) -> None:
        """The question under way has none."""
        self._under_way, self.failed, self.missing = False, True, f"What was recorded cannot be read: {why}"
