"""What became of a request that changes something: taken, refused, never out, or nobody knows.

Only an answer tells that a vendor took something. A refusal (4xx) and a throttle (429) say that it did not; a
connection that was never made, too. Whatever else ends a request (time-outs, 5xx, cut-off answers, resets) leaves open
whether it was carried out before that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.backoff import backoff
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint, Http
from stockdrift.surfaces.writer import NotSentError, UnansweredError

_REFUSALS: Final = frozenset({Fault.REFUSED, Fault.MISSING, Fault.REJECTED})
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
) -> Answer:
    """Sends ``value`` as JSON, once. Raises RefusedError, NotSentError or UnansweredError."""
    try:
        return await endpoint.send(method, path, value, params)
    except SurfaceFault as fault:
        failed = what_became(fault)
    raise failed


async def send_until_answered(
    endpoint: Endpoint, method: str, path: str, value: object, params: Mapping[str, str | int], http: Http
) -> Answer:
    """As :func:`send`, and again where no answer came: only where the vendor tells a repetition by a key in ``params``.
    What follows a try that may have been taken says nothing of that: it stays unanswered.
    """
    try:
        return await send(endpoint, method, path, value, params)
    except UnansweredError as error:
        unanswered = error
    for tries in range(1, http.tries):
        await http.sleep(backoff(tries, http.backoff_cap_ms, http.jitter) / 1_000)
        try:
            return await send(endpoint, method, path, value, params)
        except (RefusedError, NotSentError, UnansweredError):
            continue
    raise unanswered


def what_became(fault: SurfaceFault) -> RefusedError | NotSentError | UnansweredError:
    """What ``fault`` tells of the request that met it."""
    if fault.unsent or fault.kind is Fault.THROTTLED:
        return NotSentError(fault.reason, retry_after=fault.retry_after)
    status = fault.status or 400  # GraphQL refuses without one
    if fault.kind in _REFUSALS and 400 <= status < 500 and status not in _LEFT_OPEN:
        return RefusedError(fault)
    return UnansweredError(fault.reason)
