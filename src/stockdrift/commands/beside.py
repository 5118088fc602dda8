"""A collector beside the console: there is one as long as the console runs, its own or somebody else's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stockdrift.collector.lease import holder, is_writing, not_recording
from stockdrift.collector.spawn import end_collector, ensure_collector, last_words, log_path
from stockdrift.console import words

_GRACE: Final = 10_000  # ms in which a collector that was started may take the lease
_AGAIN: Final = 4_000  # ms between two attempts to start one: within 5 s there is one again
_LOOK: Final = 1_000  # ms between two looks at the lease


class CollectorBeside:
    """Starts a collector for ``journal`` where none is at work, also later, when the one at work has ended.

    ``clock`` gives milliseconds since the epoch; with ``write`` those that it starts carry out actions. ``writing`` is
    whether the one at work does, as far as was looked last.
    """

    def __init__(self, settings_file: Path, journal: Path, clock: Callable[[], int], *, write: bool = False) -> None:
        self.writing = False
        self._write = write
        self._settings_file = settings_file
        self._journal = journal
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = -_AGAIN
        self._looked_at = -_LOOK
        self._failed_at: int | None = None
        self._unstarted = ""
        self._trouble = ""

    def trouble(self) -> str:
        """Why nothing is being collected, as a sentence; empty while all is well. Starts one where it can."""
        now = self._clock()
        if abs(now - self._looked_at) >= _LOOK:  # a clock may be set back
            self._looked_at = now
            self._trouble = self._look(now)
        return self._trouble

    def _look(self, now: int) -> str:
        at_work = holder(self._journal)
        self.writing = is_writing(at_work)
        if at_work is not None:
            self._failed_at = None
            halted = not_recording(self._journal)
            return words.not_recording(*halted) if halted else ""
        running = self._process is not None and self._process.poll() is None
        if running and abs(now - self._started_at) < _GRACE:
            return self._trouble if self._trouble.startswith(words.NOT_RECORDING) else ""
        failed = self._process is not None and not running
        if failed and self._failed_at is None:
            self._failed_at = now
        if not running and abs(now - self._started_at) >= _AGAIN:
            self._started_at = now
            try:
                self._process = ensure_collector(self._settings_file, self._journal, write=self._write)
            except OSError as error:
                self._failed_at = self._failed_at or now
                self._unstarted = f"No collector can be started: {error.strerror}"
            else:
                self._unstarted = ""
            if not failed and not self._unstarted:
                return ""
        said = self._unstarted or (last_words(self._journal) if failed else "")
        if said:
            return words.not_recording(self._failed_at or now, said)
        return f"No collector is running: nothing new is read. Its log: {log_path(self._journal)}"

    def close(self) -> None:
        """Ends the collector that was started here."""
        if self._process is not None:
            end_collector(self._process)
            self._process = None
