"""What can go wrong with a source, in words that an operator can act on."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from stockdrift.stock.reading import Outcome, Reading, Traffic
from stockdrift.stock.text import clean


class Fault(StrEnum):
    """The kinds of fault, for code that treats them differently. People read the reason."""

    REFUSED = "refused"  # 401, 403: credentials
    MISSING = "missing"  # 404, 410; no such file
    REJECTED = "rejected"  # any other status that says the request was wrong
    THROTTLED = "throttled"  # 429, or a pause that the vendor asked for
    SERVER = "server"  # 5xx
    UNREACHABLE = "unreachable"  # no name, no connection, no TLS, reset before an answer
    LATE = "late"  # over its deadline
    CUT = "cut"  # something came, but not all of it
    EMPTY = "empty"  # an answer without rows
    LARGE = "large"  # more bytes, or deeper, than is read
    REDIRECT = "redirect"  # a redirect that is not followed
    SHAPE = "shape"  # HTML for JSON, JSON of another form, a table without a column
    UNREADABLE = "unreadable"  # a file or address that cannot be opened


_PARTIAL: Final = frozenset({Fault.CUT, Fault.EMPTY})


class SurfaceFault(Exception):  # noqa: N818 - the fault is the source's, and no error of ours
    """A source did not deliver. ``reason`` is ready for the operator: clean, one line, without secrets.

    ``status`` is the HTTP status where there was one, ``retry_after`` the milliseconds that the vendor asked us to
    stay away. ``unsent``: nothing of the request went out.
    """

    def __init__(
        self, reason: str, kind: Fault, *, status: int | None = None, retry_after: int = 0, unsent: bool = False
    ) -> None:
        self.reason = clean(reason)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.unsent = unsent
        super().__init__(self.reason)

    @property
    def outcome(self) -> Outcome:
        """How a reading ends that met this fault."""
        return Outcome.PARTIAL if self.kind in _PARTIAL else Outcome.FAILED


def reading_of_fault(
    surface: str, fault: SurfaceFault, *, started_at: int, read_at: int, traffic: Traffic | None = None
) -> Reading:
    """The reading that a fault leaves: no levels, and the reason."""
    return Reading(
        surface=surface,
        outcome=fault.outcome,
        started_at=started_at,
        read_at=read_at,
        reason=fault.reason,
        traffic=traffic or Traffic(),
    )


def size_words(size: int) -> str:
    """``"12 bytes"``, ``"40 kB"``, ``"256 MB"``."""
    if size < 1024:
        return f"{size} byte" + ("" if size == 1 else "s")
    if size < 2**20:
        return f"{size / 1024:.0f} kB"
    return f"{size / 2**20:.0f} MB" if size >= 10 * 2**20 else f"{size / 2**20:.3g} MB"


def duration_words(milliseconds: int) -> str:
    """``"250 ms"``, ``"30 s"``, ``"1.5 s"``, ``"10 min"``, ``"24 h"``."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    for unit, word in ((3_600_000, "h"), (60_000, "min")):
        if milliseconds >= 2 * unit:
            return f"{milliseconds / unit:.3g} {word}"
    return f"{milliseconds / 1_000:.4g} s"
