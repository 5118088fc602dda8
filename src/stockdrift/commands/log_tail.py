"""The end of the collector's log file, read again only where it has changed."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from stockdrift.console.log_lines import CollectorLog, LogLine
from stockdrift.stock.text import clean

_BYTES: Final = 256 * 1024
"""So much of the file's end is looked at, and of the file before it where this one holds less."""

_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) ([A-Z]+) (.*)")
_LEVELS: Final = {"CRITICAL": "error", "ERROR": "error", "WARNING": "warning"}


class LogTail:
    """The log that a collector beside a console writes to ``path``; see :mod:`stockdrift.collector.logfile`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[object, ...] | None = None
        self._log = CollectorLog(str(path))

    def read(self) -> CollectorLog:
        """The last lines. Blocks for as long as a disk takes; raises OSError where the file cannot be read."""
        before = self._path.with_name(self._path.name + ".1")
        seen = (_mark(self._path), _mark(before))
        if seen != self._seen:
            content = b""
            if seen[0] is not None:
                content = _end_of(self._path, _BYTES)
            if seen[1] is not None and len(content) < _BYTES:
                content = _end_of(before, _BYTES - len(content)) + content
            missing = (
                "" if content else f"{self._path} holds nothing: a collector that was started elsewhere logs elsewhere."
            )
            self._log = CollectorLog(str(self._path), lines_of(content), missing)
            self._seen = seen
        return self._log


def lines_of(content: bytes) -> list[LogLine]:
    """The lines, oldest first. One that does not begin with a time goes on with the one before it: a traceback does."""
    found: list[LogLine] = []
    for raw in content.decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(raw)
        if match is None:
            if raw.strip():
                last = found[-1] if found else None
                found.append(
                    LogLine(last.at if last else None, "collector", last.level if last else "info", clean(raw))
                )
            continue
        moment, ms, level, text = match.groups()
        found.append(LogLine(_when(moment, int(ms)), "collector", _LEVELS.get(level, "info"), clean(text)))
    return found


def _when(text: str, ms: int) -> int | None:
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").astimezone().timestamp()) * 1_000 + ms
    except (ValueError, OverflowError, OSError):
        return None


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _end_of(path: Path, most: int) -> bytes:
    """The last whole lines of at most ``most`` bytes; nothing where the file has gone meanwhile."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            start = max(0, size - most)
            file.seek(start)
            content = file.read(most)
    except FileNotFoundError:
        return b""
    return content.partition(b"\n")[2] if start else content
