"""``stockdrift collect``: the collector without a screen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stockdrift.commands.ending import INTERNAL, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from stockdrift.collector.lease import Lease
    from stockdrift.settings import Settings

_log = logging.getLogger(__name__)

_FAREWELL: Final = 1.8  # s from a signal to the end, whatever a thread may still wait for


def run(
    settings_file: Path | None, *, until_eof: bool = False, log_file: Path | None = None, write: bool = False
) -> int:
    """Collects until a signal comes, or with ``until_eof`` until the standard input ends; returns the exit status:
    0 ended by SIGTERM or end of input, 130 by SIGINT, 3 settings, journal or lease cannot be had, 4 a bug of ours.
    """
    from stockdrift.collector.lease import LeaseError
    from stockdrift.collector.logfile import start_logging
    from stockdrift.collector.memory import give_back
    from stockdrift.settings import SettingsError, load
    from stockdrift.store.base import JournalError

    give_back()
    try:
        handler = start_logging(log_file)
    except OSError as error:
        sys.stderr.write(f"stockdrift: the log {log_file} cannot be opened: {error.strerror}\n")
        return USAGE
    try:
        return asyncio.run(_collect(load(settings_file), until_eof=until_eof, write=write))
    except (SettingsError, LeaseError, JournalError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except Exception:
        _log.exception("internal error")
        return INTERNAL
    finally:
        logging.getLogger("stockdrift").removeHandler(handler)
        handler.close()


async def _collect(settings: Settings, *, until_eof: bool, write: bool) -> int:
    from stockdrift.collector.lease import acquire
    from stockdrift.settings import journal_path

    ending = _Ending(until_eof=until_eof)
    journal_file = journal_path(settings)
    lease = acquire(journal_file, started=datetime.now(UTC), writing=write)
    try:
        work = asyncio.create_task(collecting(settings, journal_file, lease, ending.reload, write=write))
        end = asyncio.create_task(ending.asked.wait())
        await asyncio.wait([work, end], return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
    finally:
        lease.release()
    return ending.status


async def collecting(
    settings: Settings, journal_file: Path, lease: Lease, reload: asyncio.Event | None = None, *, write: bool
) -> None:
    """Collects until it is cancelled, for whoever holds ``lease``. ``reload`` is set to have the settings read again;
    ``write`` lets it carry out actions.
    """
    from stockdrift.collector.collector import Collector
    from stockdrift.collector.reload import Reloader
    from stockdrift.settings import load, rules_of
    from stockdrift.stock.reading import MASTER
    from stockdrift.store.base import Retention
    from stockdrift.store.migrate import bring_forward
    from stockdrift.store.sqlite import open_journal
    from stockdrift.surfaces.build import build_connector
    from stockdrift.surfaces.clock import wall_clock
    from stockdrift.surfaces.http import Http
    from stockdrift.surfaces.room import Room
    from stockdrift.surfaces.writers import build_writers

    copy = await asyncio.to_thread(bring_forward, journal_file, datetime.now(UTC))
    if copy:
        _log.info("The journal was brought to this version's schema; as it was it lies at %s.", copy)
    journal = await open_journal(journal_file, writable=True)
    http = Http.of(settings.collector, wall_clock, Room())
    sources = {MASTER: settings.master, **settings.surfaces}
    connectors = {
        name: build_connector(name, source, http, wall_clock) for name, source in sources.items() if source.active
    }
    writers = build_writers(settings.surfaces, http) if write else {}
    if write:
        _log.info("May write to: %s.", ", ".join(writers) or "no surface, for none is set to write = true")
    collector = Collector(
        rules_of(settings),
        connectors,
        journal,
        wall_clock,
        random.Random(),  # noqa: S311
        Retention(settings.journal.keep, settings.journal.max_size),
        lease.tell,
        writers,
    )
    reloader = Reloader(collector, settings, http, wall_clock, lambda: load(settings.file), reload, write=write)
    watching = asyncio.create_task(reloader.run())
    try:
        await collector.run()
    finally:
        watching.cancel()
        await reloader.close()
        await journal.close()


class _Ending:
    """Hears what asks the process to end, and sees to it that it does."""

    def __init__(self, *, until_eof: bool) -> None:
        self.asked = asyncio.Event()
        self.reload = asyncio.Event()
        self.status = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGTERM, self._ask, 0)
        self._loop.add_signal_handler(signal.SIGINT, self._ask, INTERRUPTED)
        self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        self._on_terminal = not until_eof and os.isatty(0)
        if until_eof:
            threading.Thread(target=self._await_eof, name="stdin", daemon=True).start()

    def _hang_up(self) -> None:
        """A terminal that is gone ends what runs on it; else the signal asks for the settings to be read again."""
        if self._on_terminal and not _terminal_is_there():
            self._ask(0)
        else:
            self.reload.set()

    def _ask(self, status: int) -> None:
        if self.asked.is_set():
            return
        self.status = status
        self.asked.set()
        # A file on a drive that is gone holds its thread for ever. What was recorded is recorded.
        timer = threading.Timer(_FAREWELL, os._exit, [status])
        timer.daemon = True
        timer.start()

    def _await_eof(self) -> None:
        while os.read(0, 4096):
            pass
        self._loop.call_soon_threadsafe(self._ask, 0)


def _terminal_is_there() -> bool:
    try:
        os.tcgetpgrp(0)
    except OSError:
        return False
    return True
