"""The way out to the terminal, which knows whether everything has gone that was given to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any


class Outlet:
    """Stands before the file that Textual's writing thread writes to.

    ``emptied`` is called from that thread whenever all is out. A slow line (SSH, a stalled terminal) is thus seen
    before frames pile up that nobody will look at.
    """

    def __init__(self, file: IO[str], emptied: Callable[[], None]) -> None:
        self._file = file
        self._emptied = emptied
        self._given = 0
        self._taken = 0
        self._out = 0

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return self._given != self._out

    def expect(self) -> None:
        """One more text has been handed to the thread."""
        self._given += 1

    def write(self, text: str) -> None:
        """As of a file."""
        self._file.write(text)
        self._taken += 1

    def flush(self) -> None:
        """As of a file; returns when the terminal has taken it all."""
        taken = self._taken
        self._file.flush()
        self._out = taken
        if not self.busy:
            self._emptied()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
