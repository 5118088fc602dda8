"""How a command ends: its exit statuses, its words on the standard output, and those for what stopped it."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, Final

DONE: Final = 0
REFUSED: Final = 2
USAGE: Final = 3
INTERNAL: Final = 4
INTERRUPTED: Final = 130


class UsageError(Exception):
    """What was asked cannot be; the message is a sentence."""


def guarded(work: Callable[[], int]) -> int:
    """The exit status of ``work``; what it raises is said on the standard error."""
    from stockdrift.collector.lease import LeaseError
    from stockdrift.settings import SettingsError
    from stockdrift.store.base import JournalError

    try:
        return work()
    except (SettingsError, LeaseError, JournalError, UsageError) as error:
        sys.stderr.write(f"stockdrift: {error}\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        logging.getLogger(__name__).debug("the command failed", exc_info=True)
        sys.stderr.write(f"stockdrift: internal error: {type(error).__name__}: {error}\n")
        return INTERNAL


def put(text: str) -> None:
    """Writes ``text`` to the standard output, whatever its encoding; a reader who has left takes nothing from the exit
    status, and what is under way goes on.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end


def json_line(value: Any) -> str:
    """``value`` as JSON in one line, with its line end, for :func:`put`."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(value, ensure_ascii=not utf8) + "\n"
