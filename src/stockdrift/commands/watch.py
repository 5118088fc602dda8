"""``stockdrift watch``: the console on the journal, with a collector beside it unless one is at work already."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import Final

USAGE: Final = 3


def run(
    settings_file: Path | None,
    *,
    theme: str | None,
    at: str | None = None,
    plain_output: bool = False,
    views: Path | None = None,
    write: bool = False,
) -> int:
    """Returns the exit status: 0, 3 where settings, theme, journal or the time ``at`` will not do.

    ``views`` is the file in which the list's columns and order are remembered, by default the user's. ``write`` lets
    the operator ask for writes, and a collector that is started here carry them out.
    """
    from stockdrift.collector.memory import keep

    keep()  # until the start is over: what opens screen or lines gives it back
    gc.disable()  # nothing that is imported and set up is garbage: there is no use in looking for it
    try:
        return _run(settings_file, theme, at, views, plain_output=plain_output, write=write)
    finally:
        gc.enable()


def _run(
    settings_file: Path | None,
    theme: str | None,
    at: str | None,
    remembered: Path | None,
    *,
    plain_output: bool,
    write: bool,
) -> int:
    from stockdrift.commands.console_settings import console_settings
    from stockdrift.commands.forward import bring_forward_alone
    from stockdrift.settings import SettingsError
    from stockdrift.store.base import JournalError

    try:
        settings = console_settings(settings_file, keep=remembered is None)
        forwarded = bring_forward_alone(settings.journal)
    except (SettingsError, JournalError) as error:
        complain(f"stockdrift: {error}\n")
        return USAGE
    from stockdrift.collector.ahead import Ahead

    # Its thread works while the screen is loaded here, which takes as long: so nothing that it can do without is loaded
    # before, asyncio neither.
    ahead = Ahead(settings.journal) if _has_screen() else None
    from stockdrift.commands.opening import opened

    return opened(
        settings, ahead, theme=theme, at=at, remembered=remembered, forwarded=forwarded, plain_output=plain_output,
        write=write,
    )  # fmt: skip


def _has_screen() -> bool:
    return os.environ.get("TERM", "") not in ("", "dumb") and sys.stdin.isatty() and sys.stdout.isatty()


def complain(sentence: str) -> None:
    """Says it where errors are said, if anybody listens there."""
    with contextlib.suppress(OSError):
        sys.stderr.write(sentence)
