"""A terminal that goes away ends the console, and nothing it leaves behind spins or blocks."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Final

_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


def watch_terminal(gone: Callable[[], None], fileno: int | None = None) -> Callable[[], None]:
    """Calls ``gone`` from a thread, once, when the terminal at ``fileno`` (standard input) has hung up.

    Needed where no SIGHUP comes (the process leads no session): then reads return nothing for ever. ``poll`` with no
    events asked for sleeps until then, so this costs nothing. Returns what ends the watching.
    """
    fileno = sys.__stdin__.fileno() if fileno is None and sys.__stdin__ else fileno
    if fileno is None:
        return lambda: None
    wake, stop = os.pipe()
    poll = select.poll()
    poll.register(fileno, 0)
    poll.register(wake, select.POLLIN)

    def run() -> None:
        for ready, events in poll.poll():
            if ready == fileno and events & _GONE:
                gone()
        os.close(wake)

    thread = threading.Thread(target=run, name="terminal", daemon=True)
    thread.start()

    def end() -> None:
        with contextlib.suppress(OSError):
            os.close(stop)
        thread.join(1)

    return end


def discard_output() -> None:
    """Points the standard streams at nothing, so that what is still written to a terminal that is gone cannot fail."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.dup2(nothing, stream)
    os.close(nothing)
