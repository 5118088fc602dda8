"""Steps of actions, recorded: nothing goes on that could not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from stockdrift.stock.actions import Action, ActionStep, RowState
from stockdrift.stock.entries import Entry
from stockdrift.stock.monitor import Monitor
from stockdrift.surfaces.clock import Clock


class Record(Protocol):
    """What the journal says and is told, as :class:`stockdrift.collector.recorder.Recorder` offers it."""

    @property
    def monitor(self) -> Monitor:
        """What is known, by all that was recorded."""
        ...

    async def tell(self, entries: Sequence[Entry]) -> bool:
        """Records entries; False where they could not be recorded."""
        ...


class NotRecordedError(Exception):
    """The journal cannot be written: what cannot be recorded is not sent."""


class Steps:
    """Records where rows of an action stand from now on. Each raises NotRecordedError where that cannot be recorded."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def tell(
        self, action: Action, state: RowState, places: Sequence[int], why: str = "", *, sent: str = "", answer: str = ""
    ) -> None:
        """One step of the rows at ``places``; none where there are none. The rest as in ``ActionStep``."""
        if not places:
            return
        step = ActionStep(self._clock(), action.key, state, tuple(places), why, sent, answer)
        if not await self._record.tell([step]):
            raise NotRecordedError

    async def tell_each(self, action: Action, ends: Mapping[int, tuple[RowState, str]], *, answer: str = "") -> None:
        """The state of each row by its place, and why: one step for all that are alike."""
        alike: dict[tuple[RowState, str], list[int]] = {}
        for place, end in ends.items():
            alike.setdefault(end, []).append(place)
        for (state, why), places in alike.items():
            await self.tell(action, state, places, why, answer=answer)
