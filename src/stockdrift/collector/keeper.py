"""Retention at work: what is older than the operator keeps, or does not fit, is dropped in small steps in between."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from stockdrift.collector.recorder import Recorder
from stockdrift.store.base import Journal, JournalError, Retention, Tidied
from stockdrift.surfaces.clock import Clock

_log = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks at what is to be dropped."""

_REST: Final = 0.02  # s between two steps: others write meanwhile
_AGAIN: Final = 60_000  # ms between two checkpoints written to make room


class Keeper:
    """Keeps ``journal`` within ``retention``. ``clock`` gives ms since the epoch."""

    def __init__(self, journal: Journal, recorder: Recorder, retention: Retention, clock: Clock) -> None:
        self._journal = journal
        self._recorder = recorder
        self._retention = retention
        self._clock = clock
        self._made_room_at: int | None = None
        self._said = ""

    async def run(self) -> None:
        """Tidies until it is cancelled."""
        while True:
            try:
                await self.tidy()
            except JournalError as error:
                self._say(f"Nothing can be dropped from the journal: {error}")
            except Exception:  # the loop outlives every bug of ours
                _log.exception("internal error while tidying the journal")
                await asyncio.sleep(_AGAIN / 1000)
            await asyncio.sleep(LOOK)

    async def tidy(self) -> None:
        """Drops what is to be dropped now. Raises JournalError."""
        while True:
            match await self._journal.tidy(self._retention, self._clock()):
                case Tidied.MORE:
                    await asyncio.sleep(_REST)
                    continue
                case Tidied.CHECKPOINT if self._may_make_room():
                    await self._recorder.checkpoint()
                    continue
                case Tidied.FULL:
                    self._say(
                        f"The journal is larger than journal.max_size allows ({self._retention.max_size:,} bytes), and "
                        "nothing more can be dropped: one checkpoint and what drifts now need that much. Raise it."
                    )
                case Tidied.DONE:
                    self._said = ""
            return

    def _may_make_room(self) -> bool:
        now = self._clock()
        if self._made_room_at is not None and abs(now - self._made_room_at) < _AGAIN:
            return False
        self._made_room_at = now
        return True

    def _say(self, text: str) -> None:
        """Once, until something else is to be said."""
        if text != self._said:
            self._said = text
            _log.warning("%s", text)
