"""Settings that change while a collector is at work: noticed, checked, and applied or refused as a whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from stockdrift.collector.collector import Collector
from stockdrift.settings import Settings, SettingsError, rules_of
from stockdrift.settings.changes import changes, reads_alike, summary
from stockdrift.stock.reading import MASTER
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.writers import build_writers

_log = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks at the file."""

Mark = tuple[int, int, int] | None
"""What tells two states of a file apart; None where there is no file."""


class Reloader:
    """Keeps ``collector`` at what the settings file says. ``settings`` are those it was started with, and ``http`` is
    what its connectors ask through. ``load`` reads the file anew, and raises SettingsError. ``write``
    lets surfaces be written whose settings allow it.
    """

    def __init__(
        self,
        collector: Collector,
        settings: Settings,
        http: Http,
        clock: Clock,
        load: Callable[[], Settings],
        asked: asyncio.Event | None = None,
        *,
        write: bool = False,
    ) -> None:
        self.asked = asked or asyncio.Event()
        """Set to have the file read though it looks the same: a variable or a secret file may have changed."""
        self._collector = collector
        self._settings = settings
        self._http = http
        self._clock = clock
        self._load = load
        self._write = write
        self._loaded: Mark = _mark(settings.file)
        self._last: Mark = self._loaded
        self._refused = ""

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK):
                    await self.asked.wait()
            except TimeoutError:
                pass
            try:
                await self.look()
            except Exception:  # the loop outlives every bug of ours
                _log.exception("internal error while the settings were read again")

    async def look(self) -> None:
        """Reads the file where it has changed and stands still since the last look, or where it was asked to."""
        asked, mark = self.asked.is_set(), await asyncio.to_thread(_mark, self._settings.file)
        steady, self._last = mark == self._last, mark
        if asked or (mark != self._loaded and steady):  # a file that is just being written is read when it is whole
            self.asked.clear()
            self._loaded = mark
            await self._reload()

    async def close(self) -> None:
        """Gives back the connections."""
        await self._http.close()

    async def _reload(self) -> None:
        try:
            settings = await asyncio.to_thread(self._load)
        except SettingsError as error:
            self._refused = str(error)
            _log.error("The settings were refused, those before hold on: %s", error)
            await self._collector.recorder.settings_told(
                "settings refused", _first(error.problems, self._settings.file)
            )
            return
        found = changes(self._settings, settings)
        if not found and not self._refused:
            return
        self._refused = ""
        await self._apply(settings)
        told = summary(found)
        _log.info("Settings reloaded: %s", "; ".join(found) or told)
        await self._collector.recorder.settings_told("settings reloaded", told)

    async def _apply(self, settings: Settings) -> None:
        """Takes over ``settings``: a source that is read otherwise gets another connector, the others keep theirs."""
        old, rules = self._settings, rules_of(settings)
        before = {MASTER: old.master, **old.surfaces}
        after = {MASTER: settings.master, **settings.surfaces}
        anew = settings.collector != old.collector
        former = self._http
        if anew:
            self._http = Http.of(settings.collector, self._clock, self._http.room)
        connectors = {
            name: build_connector(name, source, self._http, self._clock)
            for name, source in after.items()
            if source.active
            and (anew or name not in before or not before[name].active or not reads_alike(before[name], source))
        }
        self._settings = settings
        writers = build_writers(settings.surfaces, self._http) if self._write else {}
        await self._collector.adopt(rules, connectors, writers)
        if anew:
            await former.close()


def _first(problems: Sequence[str], file: Path | None) -> str:
    """The first of several problems, without the path that an operator knows."""
    first, *more = problems
    first = first.split("\n")[0]
    first = first.removeprefix(f"{file}: ")
    return first + (f" (and {len(more)} more)" if more else "")


def _mark(file: Path | None) -> Mark:
    try:
        status = file.stat() if file is not None else None
    except OSError:
        return None
    return None if status is None else (status.st_mtime_ns, status.st_size, status.st_ino)
