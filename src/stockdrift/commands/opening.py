"""The screen of ``stockdrift watch``, or the lines that it prints where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stockdrift.collector.ahead import Ahead
from stockdrift.collector.memory import give_back, trim
from stockdrift.commands.console_settings import ConsoleSettings
from stockdrift.commands.watch import USAGE, complain
from stockdrift.store.base import JournalError

if TYPE_CHECKING:
    from stockdrift.commands.live import LiveSource
    from stockdrift.console.when import Meant

_STARTED: Final = 2.0  # s after which the first picture is on screen
_BREATH: Final = 0.05  # s for keys between two things that are loaded


def opened(
    settings: ConsoleSettings,
    ahead: Ahead | None,
    *,
    theme: str | None,
    at: str | None,
    remembered: Path | None,
    forwarded: str,
    plain_output: bool,
    write: bool,
) -> int:
    """The exit status of :func:`stockdrift.commands.watch.run`, whose arguments these are. Without ``ahead`` there is
    no screen; ``forwarded`` is what there is to say of how the journal was brought forward.
    """
    from stockdrift.console.theme import ThemeError, find_theme
    from stockdrift.console.wardrobe import Wardrobe
    from stockdrift.console.when import MomentError, understand

    try:
        wardrobe = Wardrobe(theme or settings.theme)
        chosen = find_theme(wardrobe.worn)
        begin_at = None if at is None else understand(at, _now(), None)
        if ahead is None:
            give_back()
            gc.enable()
            return asyncio.run(_lines(settings, writing=write) if begin_at is None else _then(settings, begin_at))
        from stockdrift.console.alarm import Alarm
        from stockdrift.console.app import Console
        from stockdrift.console.glyphs import glyphs_called
        from stockdrift.console.view import ViewFile, view_file

        async def show() -> int:
            async with following(settings, ahead, write=write) as source:
                if ahead.ready:
                    with contextlib.suppress(JournalError):  # the console meets it again, and says so
                        await source.catch_up()
                settling = asyncio.create_task(_settle())
                keymap, message = own_keys()
                store, views = settings.rules.store, ViewFile(remembered or view_file())
                app = Console(source, chosen, glyphs=glyphs_called(settings.glyphs), clock=_now, wardrobe=wardrobe,
                              keymap=keymap, message=message or forwarded, view=views.load(store),
                              links=settings.links, plain_output=plain_output or settings.plain_output,
                              remember=lambda view: views.save(store, view), begin_at=begin_at,
                              alarm=Alarm(settings.bell, settings.notify, os.environ))  # fmt: skip
                try:
                    await app.run_async()
                finally:
                    settling.cancel()
                return app.return_code or 0

        return asyncio.run(show())
    except (ThemeError, JournalError, MomentError) as error:
        complain(f"stockdrift: {error}\n")
        return USAGE


async def _settle() -> None:
    """What the start has put off: loads the other screens, one after the other. Then memory is given back, and garbage
    looked for again, but not among what was made so far: that would hold keys up, and find none.
    """
    from stockdrift.console import screens

    await asyncio.sleep(_STARTED)
    for name in screens.LATER:
        screens.load(name)
        await asyncio.sleep(_BREATH)
    gc.freeze()
    gc.enable()
    give_back()
    trim()


def own_keys() -> tuple[dict[str, str], str]:
    """The operator's own keys; where they will not do, none, and why."""
    from stockdrift.console.keymap import KeymapError, keymap_file, load_keymap

    try:
        return load_keymap(keymap_file()), ""
    except KeymapError as error:
        return {}, f"The keys are as shipped: {error}"


async def _then(settings: ConsoleSettings, meant: Meant) -> int:
    """Prints how it stood at a moment, with the exit status that ``check`` would have had: no collector is needed for
    that, and none is started.
    """
    from stockdrift.commands.check_text import text_of
    from stockdrift.commands.ending import put
    from stockdrift.commands.replay import RecordedPast
    from stockdrift.console import words
    from stockdrift.console.when import nearest
    from stockdrift.stock.monitor import Monitor
    from stockdrift.stock.report import exit_code, report
    from stockdrift.store.sqlite import open_journal

    file, rules = settings.journal, settings.rules
    past = RecordedPast(lambda: open_journal(file, writable=False), rules, Monitor(rules))
    try:
        await past.refresh()
        moment, told = nearest(past.passage, meant, _now(), None)
        if told:
            complain(f"{told}\n")
        if moment is None:
            return USAGE
        await past.go(moment)
        said = f"As it stood on {words.day(moment.at, None)} at {words.clock(moment.at, None)}:\n\n"
        put(said + text_of(report(past.model, moment.at)))
        return exit_code(past.model)
    finally:
        await past.close()


async def _lines(settings: ConsoleSettings, *, writing: bool) -> int:
    from stockdrift.commands.change_lines import print_changes

    def write(line: str) -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    async with following(settings, write=writing) as source:
        task = asyncio.ensure_future(print_changes(source, write))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError, BrokenPipeError):
            await task
    return 0


@contextlib.asynccontextmanager
async def following(
    settings: ConsoleSettings, ahead: Ahead | None = None, *, write: bool = False
) -> AsyncIterator[LiveSource]:
    """The journal, open and followed, and a collector that fills it; all given back at the end. ``ahead`` has begun to
    read it; ``write`` as of :func:`~stockdrift.commands.watch.run`.
    """
    from stockdrift.collector.follow import Follower
    from stockdrift.collector.spawn import log_path
    from stockdrift.commands.beside import CollectorBeside
    from stockdrift.commands.live import LiveSource
    from stockdrift.commands.log_tail import LogTail
    from stockdrift.commands.operator import operator
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.sqlite import open_journal

    file = settings.journal
    async with contextlib.AsyncExitStack() as stack:
        writer, unwritable = None, None
        try:
            writer = await open_journal(file, writable=True)
            stack.push_async_callback(writer.close)
        except JournalError as error:
            unwritable = error
        try:
            journal = await open_journal(file, writable=False)
            stack.push_async_callback(journal.close)
        except JournalError as error:
            raise unwritable or error from error
        beside = CollectorBeside(settings.file, file, _now, write=write)
        stack.callback(beside.close)
        beside.trouble()  # starts it now, while the screen is made
        monitor = Monitor(settings.rules)
        follower = Follower(journal, monitor, ahead=ahead)
        yield LiveSource(
            follower,
            journal,
            writer,
            trouble=beside.trouble,
            operator=operator(),
            clock=_now,
            connect=lambda: open_journal(file, writable=False),
            log=LogTail(log_path(file)),
            barred=lambda: _barred(write=write, at_work=beside.writing),
        )


def _barred(*, write: bool, at_work: bool) -> str:
    """Why nothing may be written, by what this console was started with and by the collector ``at_work``."""
    if not write:
        return "This console is read-only: start it with stockdrift watch --write."
    if not at_work:
        return "The collector at work is read-only: end it and start it again with --write."
    return ""


def _now() -> int:
    return time.time_ns() // 1_000_000
