"""One attempt to read a source, of which a reading always comes."""

from __future__ import annotations

import logging
import traceback

from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.clock import Clock

_log = logging.getLogger(__name__)


class Brought:
    """A reading, with all that it holds until that is recorded."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def let_go(self) -> None:
        """Keeps how the reading went, and no level."""
        went = self.reading
        self.reading = Reading(went.surface, went.outcome, went.started_at, went.read_at, reason=went.reason)


async def attempt(name: str, connector: Connector, covers: Covers, clock: Clock) -> Reading:
    """What ``connector`` read; a bug in it is a failed reading, and a traceback in the log."""
    started_at = clock()
    try:
        return await connector.read(covers)
    except Exception as error:
        return broken(name, error, started_at, clock())


def broken(name: str, error: Exception, started_at: int, read_at: int) -> Reading:
    """The failed reading that stands for an error of ours.

    Its type is told, and in the log where it happened. Its text is not: it may hold anything, a secret too.
    """
    reason = f"internal error: {type(error).__name__}"
    _log.error("%s: %s\n%s", name, reason, "".join(traceback.format_tb(error.__traceback__)))
    return Reading(name, Outcome.FAILED, started_at, read_at, reason=reason)
