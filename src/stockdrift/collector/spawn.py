"""A collector beside a console: a child process that ends with its parent, however that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stockdrift.collector.lease import holder
from stockdrift.collector.logfile import append_to


def ensure_collector(settings_file: Path, journal: Path) -> subprocess.Popen[bytes] | None:
    """Starts a collector where nobody holds the lease of ``journal``; returns its process, None where one is at work.

    The child holds the other end of a pipe whose end it takes for ours, so that not even ``kill -9`` leaves it behind.
    It writes to a log beside the journal and never to the terminal. End it with :func:`end_collector`. Raises OSError.
    """
    if holder(journal) is not None:
        return None
    log_file = log_path(journal)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "stockdrift", "collect", "--settings", str(settings_file)]
    with append_to(log_file) as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--until-eof", "--log-file", str(log_file)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's interrupts and hang-ups are the console's
        )


def end_collector(process: subprocess.Popen[bytes], patience: float = 2.0) -> None:
    """Lets ``process`` end, and ends it where it has not within ``patience`` seconds."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def log_path(journal: Path) -> Path:
    """Where the collector that a console started writes its log."""
    return journal.with_name(journal.name + ".log")
