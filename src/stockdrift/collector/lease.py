"""The lease: a lock on a file beside the journal, so that one collector at a time polls. No clocks: the kernel frees
it with its process, however that ends.

Its text says who holds it, and in a second line since when and why nothing is recorded: a collector that cannot write
the journal could not say so there. The file has its full size from the beginning, so that a full disk takes the words.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Final

_TRIES: Final = 10
_SIZE: Final = 2_048  # bytes
_PAUSE: Final = 0.02  # s; who only asks for the holder has the lock for an instant


_WRITING: Final = ", writing"
"""How the holder's words end who carries out actions."""


_SINCE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([+-]\d{4})")


class LeaseError(Exception):
    """The lease cannot be had; the message is a sentence that says who has it, or why."""


class Lease:
    """Held until :meth:`release`, or until the process ends."""

    def __init__(self, descriptor: int, holder: str = "") -> None:
        self._descriptor = descriptor
        self._holder = holder

    def tell(self, since: int, why: str) -> None:
        """Lets consoles know since when (ms) and why nothing is recorded; an empty reason takes it back."""
        if self._descriptor < 0:
            return
        lines = [self._holder, f"{since} {' '.join(why.split())}"] if why else [self._holder]
        text = "\n".join(lines).encode()[: _SIZE - 1] + b"\n"
        with contextlib.suppress(OSError):  # a courtesy: the lock is what counts
            os.pwrite(self._descriptor, text.ljust(_SIZE), 0)

    def release(self) -> None:
        """Lets others collect. May be called more than once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.pwrite(descriptor, b" " * _SIZE, 0)  # as long as it was: the disk may be full by the next time
            os.close(descriptor)


def acquire(journal: Path, *, started: datetime, writing: bool = False) -> Lease:
    """The lease of ``journal``, without waiting for a holder; ``writing``: for one who carries out actions. Raises
    LeaseError.

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
        lease = Lease(
            descriptor,
            f"process {os.getpid()} on {socket.gethostname()}, since {started.astimezone():%Y-%m-%d %H:%M:%S %z}"
            f"{_WRITING if writing else ''}",
        )
        lease.tell(0, "")
    except BaseException:
        os.close(descriptor)
        raise
    return lease


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


def is_writing(holder: str | None) -> bool:
    """Whether the collector that ``holder`` (its words) stands for carries out actions."""
    return holder is not None and holder.endswith(_WRITING)


def not_recording(journal: Path) -> tuple[int, str] | None:
    """Since when (ms) and why the collector of ``journal`` records nothing, in a sentence; None where it does."""
    try:
        descriptor = os.open(_path(journal), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        since, _, why = (*_lines(descriptor), "", "")[1].partition(" ")
        return (int(since), why) if since.isdecimal() and why and why.isprintable() else None
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
    said = _lines(descriptor)[0]
    return _SINCE.sub(_by_this_clock, said) if said.isprintable() and said else "another process"


def _by_this_clock(since: re.Match[str]) -> str:
    """A collector writes when it began by the clock of its zone, which need not be the reader's."""
    try:
        began = datetime.fromisoformat(since[1] + since[2])
    except ValueError:
        return since[0]
    return began.astimezone().isoformat(" ", "seconds")


def _lines(descriptor: int) -> list[str]:
    return os.pread(descriptor, _SIZE, 0).decode(errors="replace").rstrip().split("\n")
