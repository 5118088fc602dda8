"""The part of the application that has looked up what was recorded, for the screens that show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import work

from stockdrift.console import words
from stockdrift.console.desk import Desk
from stockdrift.console.screens.base import PanelScreen

if TYPE_CHECKING:
    from stockdrift.console.model import Past, Source
    from stockdrift.console.screens.logs import LogsScreen
    from stockdrift.console.screens.preview import Preview
    from stockdrift.console.screens.sku import SkuScreen
    from stockdrift.console.screens.surface import SurfaceScreen

Answer = TypeVar("Answer")


class Recalling(Desk):
    """Each answer goes to the screen that asked, unless it is gone by then; so does why there is none, so that the
    screen says so and asks again.
    """

    @work(exit_on_error=False, group="record")
    async def read_collector_log(self, screen: LogsScreen) -> None:
        """Reads the collector's log, and hands it over."""
        await _hand_over(screen, self.source.collector_log(), screen.take_log, screen.missed)

    @work(exit_on_error=False, group="record")
    async def read_log(self, screen: SurfaceScreen, name: str, since: int) -> None:
        """Fetches the reads of a surface since then (ms), and hands them over."""
        await _hand_over(screen, self._records(screen).surface_log(name, since), screen.take_log, screen.missed)

    @work(exit_on_error=False, group="record")
    async def read_mapping(self, screen: SurfaceScreen, name: str) -> None:
        """Looks how the SKUs of a surface go with the master's, and hands it over."""
        asked = self._records(screen).mapping(name)
        await _hand_over(screen, asked, partial(screen.take_mapping, name), screen.missed_mapping)

    @work(exit_on_error=False, group="record")
    async def look_back(self, screen: SkuScreen | Preview, sku: str, since: int) -> None:
        """Fetches what was recorded of ``sku`` since then (ms), and hands it over."""
        asked = self._records(screen).sku_history(sku, since)
        await _hand_over(screen, asked, partial(screen.take_history, sku), screen.missed)

    def _records(self, screen: PanelScreen) -> Past | Source:
        """Where the record of what a screen shows is: of then, or of now."""
        return self.source if screen.scene.replay is None else screen.scene.replay.past

    @work(exit_on_error=False, group="day", exclusive=True)
    async def look_at_day(self) -> None:
        """Fetches how the day went, for a calm screen; where that cannot be had, the screen does without."""
        from stockdrift.console.day import bounds, day_of

        scene = self.scene
        now = scene.now
        begin, end, _hours = bounds(now, scene.zone)
        try:
            samples = await self.source.samples(begin, end)
        except Exception as error:
            self.log.error(error)
        else:
            scene.day = day_of(samples, now, scene.zone)
            self._sync()


async def _hand_over(
    screen: PanelScreen, asked: Awaitable[Answer], take: Callable[[Answer], None], missed: Callable[[str], None]
) -> None:
    try:
        found = await asked
    except Exception as error:
        if screen.is_attached:
            missed(words.why(error))
    else:
        if screen.is_attached:
            take(found)
