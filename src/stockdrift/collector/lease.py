"""The lease: a lock on a file beside the journal, so that one collector at a time polls. No clocks: the kernel frees
it with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Final

_TRIES: Final = 10
_PAUSE: Final = 0.02  # s; who only asks for the holder has the lock for an instant


class LeaseError(Exception):
    """The lease cannot be had; the message is a sentence that says who has it, or why."""


class Lease:
    """Held until :meth:`release`, or until the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Lets others collect. May be called more than once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)


def acquire(journal: Path, *, started: datetime) -> Lease:
    """The lease of ``journal``, without waiting for a holder. Raises LeaseError.

    The file stays when the lease is given back: were it deleted, two could lock two files of one name.
    """
    path = _path(journal)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LeaseError(f"The lease {path} cannot be opened: {error.strerror}.") from None
    try:
        for tries_left in reversed(range(_TRIES)):
            if _lock(descriptor, fcntl.LOCK_EX):
                break
            if tries_left:
                time.sleep(_PAUSE)
        else:
            raise LeaseError(f"A collector is at work on {journal} already: {_text(descriptor)}.")
        os.ftruncate(descriptor, 0)
        text = f"process {os.getpid()} on {socket.gethostname()}, since {started.astimezone():%Y-%m-%d %H:%M:%S %z}"
        os.pwrite(descriptor, text.encode(), 0)
    except BaseException:
        os.close(descriptor)
        raise
    return Lease(descriptor)


def holder(journal: Path) -> str | None:
    """Who collects into ``journal``, in words; None where nobody does."""
    try:
        descriptor = os.open(_path(journal), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return None if _lock(descriptor, fcntl.LOCK_SH) else _text(descriptor)
    finally:
        os.close(descriptor)


def _path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".lease")


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _text(descriptor: int) -> str:
    said = os.pread(descriptor, 500, 0).decode(errors="replace")
    return said if said.isprintable() and said else "another process"
