"""The newest checkpoint of a journal, put together in a thread while the rest of a program is still being loaded."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from stockdrift.stock.monitor import Monitor
from stockdrift.stock.snapshot import thaw
from stockdrift.store.base import JournalError
from stockdrift.store.checkpoint import read_checkpoint
from stockdrift.store.connect import connect


class Ahead:
    """Begins at once, on a connection of its own. Whatever goes wrong, whoever asks goes the usual way and meets it."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._found: tuple[int, Monitor] | None = None
        self._thread = threading.Thread(target=self._work, name="checkpoint ahead", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether :meth:`take` need not wait."""
        return not self._thread.is_alive()

    def take(self) -> tuple[int, Monitor] | None:
        """The number of the checkpoint and what was known there, once; None where there is none. Waits for it."""
        self._thread.join()
        found, self._found = self._found, None
        return found

    def _work(self) -> None:
        try:
            connection = connect(self._journal, writable=False)
            try:
                found = read_checkpoint(connection, None)
            finally:
                connection.close()
            if found is not None:
                self._found = found[0], thaw(found[1], take=True)
        except (JournalError, sqlite3.Error, OSError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            return
