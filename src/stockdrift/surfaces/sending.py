"""What became of a request that changes something: taken, refused, never out, or nobody knows.

Only an answer tells that a vendor took something. A refusal (4xx) and a throttle (429) say that it did not; a
connection that was never made, too. Whatever else ends a request (time-outs, 5xx, cut-off answers, resets) leaves open
whether it was carried out before that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint
from stockdrift.surfaces.writer import NotSentError, UnansweredError

_REFUSALS: Final = frozenset({Fault.REFUSED, Fault.MISSING, Fault.REJECTED, Fault.REDIRECT})
_LEFT_OPEN: Final = frozenset({408, 425, 499})
"""Statuses below 500 that say nothing of what was done: the server grew tired of waiting."""


class RefusedError(Exception):
    """The vendor answered that it does not take this. ``fault`` says why."""

    def __init__(self, fault: SurfaceFault) -> None:
        self.fault = fault
        super().__init__(fault.reason)


async def send(
    endpoint: Endpoint,
    method: str,
    path: str,
    value: object,
    params: Mapping[str, str | int] | None = None,
    *,
    tries: int = 1,
) -> Answer:
    """Sends ``value`` as JSON. More than one try only where the vendor tells a repetition by a key in ``params``.

    Raises RefusedError, NotSentError or UnansweredError; the latter also where a later try was refused and an earlier
    one may have been taken.
    """
    unanswered = ""
    for number in range(1, tries + 1):
        try:
            return await endpoint.send(method, path, value, params)
        except SurfaceFault as fault:
            failed = what_became(fault)
        if isinstance(failed, UnansweredError):
            unanswered = str(failed)
        elif unanswered or number == tries or not isinstance(failed, NotSentError):
            break
    if unanswered:
        raise UnansweredError(unanswered)
    raise failed


def what_became(fault: SurfaceFault) -> RefusedError | NotSentError | UnansweredError:
    """What ``fault`` tells of the request that met it."""
    if fault.unsent or fault.kind is Fault.THROTTLED:
        return NotSentError(fault.reason)
    if fault.kind in _REFUSALS and (fault.status or 0) not in _LEFT_OPEN:
        return RefusedError(fault)
    return UnansweredError(fault.reason)
