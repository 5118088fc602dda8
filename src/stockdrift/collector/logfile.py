"""What the collector has to say to people: one line per event, on the terminal or in a file that stays small."""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_LONGEST: Final = 2**20
_FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"


def start_logging(log_file: Path | None) -> logging.Handler:
    """Sends the log of this program to ``log_file``, or to the standard error. Raises OSError."""
    handler = logging.StreamHandler(sys.stderr) if log_file is None else _CappedFile(log_file)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger = logging.getLogger("stockdrift")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler


def append_to(path: Path) -> TextIOWrapper:
    """``path`` opened for appending; a new file can be read by its owner alone."""
    return open(path, "a", encoding="utf-8", opener=_private)


class _CappedFile(RotatingFileHandler):
    """Two megabytes at most: the file, and the one before it as ``….1``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LONGEST, backupCount=1, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return append_to(Path(self.baseFilename))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
