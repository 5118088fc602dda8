"""A collector beside a console: a child process that ends with its parent, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from stockdrift.collector.lease import holder

_OURS: Final = "stockdrift: "  # how a command says why it ends


def ensure_collector(settings_file: Path, journal: Path, *, write: bool = False) -> subprocess.Popen[bytes] | None:
    """Starts a collector where nobody holds the lease of ``journal``; returns its process, None where one is at work.
    ``write`` lets it carry out actions.

    The child holds the other end of a pipe whose end it takes for ours, so that not even ``kill -9`` leaves it behind.
    It writes to a log beside the journal and never to the terminal. End it with :func:`end_collector`. Raises OSError.
    """
    if holder(journal) is not None:
        return None
    from stockdrift.collector.logfile import append_to  # a console beside a collector at work needs no log

    log_file = log_path(journal)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "stockdrift", "collect", "--settings", str(settings_file)]
    with append_to(log_file) as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--until-eof", "--log-file", str(log_file), *(["--write"] if write else [])],
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


def last_words(journal: Path) -> str:
    """Why the collector that a console started could not begin, in its own words; empty where it said nothing."""
    try:
        with log_path(journal).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4_096))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    said = lines[-1].removeprefix(_OURS) if lines and lines[-1].startswith(_OURS) else ""
    return said if said.isprintable() else ""


def log_path(journal: Path) -> Path:
    """Where the collector that a console started writes its log."""
    return journal.with_name(journal.name + ".log")
