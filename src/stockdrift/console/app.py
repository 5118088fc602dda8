"""The console: follows the journal through a source, shows what its model says, sends requests back."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

from textual import events, work
from textual.actions import ActionParseResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.widget import Widget

from stockdrift.console import words
from stockdrift.console.alarm import Alarm
from stockdrift.console.cadence import Cadence
from stockdrift.console.driver import discard_output, watch_terminal
from stockdrift.console.glyphs import FULL, Glyphs
from stockdrift.console.history import History
from stockdrift.console.keys import CHANGING
from stockdrift.console.model import Source
from stockdrift.console.recalling import Recalling
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.console.speaking import Speaking
from stockdrift.console.theme import Theme
from stockdrift.console.view import AS_ALWAYS, View
from stockdrift.console.wardrobe import Wardrobe
from stockdrift.console.wearing import Wearing
from stockdrift.console.when import Meant
from stockdrift.console.writing import Writing
from stockdrift.stock.filter import FilterError
from stockdrift.stock.look import Look
from stockdrift.stock.rules import Scope

FOLLOW: Final = 0.1
"""Seconds between two looks at the journal."""

QUIET: Final = 0.25
"""The same, where :data:`_LOOKS` looks have found nothing."""

_LOOKS: Final = 20

TICK: Final = 1.0
"""Seconds between two looks at the clock and at the theme's file."""

_PAST: Final = 0.002  # s past the full second: a timer may come a little early
_OPENING: Final = 5.0  # s at most that a key waits for the screen that a key before it opens

IDLE: Final = 300_000
"""Who pressed no key for so many ms may have looked away; so has who left the terminal's window."""

DAY_LOOK: Final = 60_000
"""Ms between two looks at how the day went."""


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class Console(Wearing, Recalling, Writing, Speaking):
    """``source`` brings the news; ``clock`` gives ms since the epoch, ``busy`` the s of processor time taken so far;
    ``zone`` None is the operator's own; ``begin_at`` is a moment of the past to begin with.
    """

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = "Screen { background: $background; }"
    TITLE = "stockdrift"

    def __init__(
        self,
        source: Source,
        theme: Theme,
        *,
        glyphs: Glyphs = FULL,
        zone: tzinfo | None = None,
        clock: Callable[[], int] = wall_clock,
        busy: Callable[[], float] = time.thread_time,
        wardrobe: Wardrobe | None = None,
        keymap: Mapping[str, str] | None = None,
        message: str = "",
        view: View = AS_ALWAYS,
        plain_output: bool = False,
        alarm: Alarm | None = None,
        links: Mapping[str, str] | None = None,
        remember: Callable[[View], None] = lambda _view: None,
        begin_at: Meant | None = None,
    ) -> None:
        scene = Scene(theme, glyphs, zone=zone, moment=clock(), model=source.model)
        super().__init__(source, scene, clock, message=message, remember=remember, ansi_color=True, plain=plain_output)
        self.wardrobe = Wardrobe(theme.name) if wardrobe is None else wardrobe
        self.scene.keymap = keymap or {}
        self.scene.links = links or {}
        self.scene.arranged = view.arranged
        self.scene.listing.sort, self.scene.listing.reverse = view.sort, view.reverse
        self.alarm = alarm or Alarm()
        self.history = History(self)
        self._begin_at = begin_at
        self._key_at = clock()
        self._left: Look | None = None  # what drifted when the operator looked away
        self.set_keymap(dict(self.scene.keymap))
        self._drawn_version = -1
        self._busy = busy
        self._cadence = Cadence()
        self._looked_at: tuple[int, object] = (0, None)  # second, and screen
        self._besides: tuple[str, ...] = ()  # what the screen said besides the picture
        self._day_at = 0
        self._unwatch: Callable[[], None] | None = None
        self._aims: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()
        self._clothe(theme.without_colours() if self.no_color else theme)

    def get_default_screen(self) -> PanelScreen:
        """Watch is what all other screens lie upon."""
        return WatchScreen(self.scene)

    async def on_event(self, event: events.Event) -> None:
        """Keys that come in one burst belong to the line that the first of them opens.

        Textual aims a key when it arrives, and acts on it when it has bubbled up unused; in between the focus may have
        moved. Then the key goes to where the focus is now.
        """
        if isinstance(event, events.Key):
            self._back()
            if not event.is_forwarded:
                self._aims[event] = self.focused or self.screen
            elif self.focused is not None and self._aims.pop(event, self.focused) is not self.focused:
                again = events.Key(event.key, event.character)
                again._set_forwarded()
                self.focused.post_message(again)
                return
        await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Does what a key or a command means; in History nothing that would change something, and says so.

        A screen that a key has opened is waited for: keys of one burst come before its panels are there.
        """
        if action in CHANGING and self.history.bars(self.shown):
            return True
        await self._screen_there()
        done = await super().run_action(action, default_namespace, namespaces)
        await self._screen_there()
        return done

    async def _screen_there(self) -> None:
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, PanelScreen) and not screen.there.is_set():
            with contextlib.suppress(TimeoutError):  # where it cannot be made that is told, and the console ends
                async with asyncio.timeout(_OPENING):
                    await screen.there.wait()

    def on_app_blur(self, _event: events.AppBlur) -> None:
        """The terminal's window is left."""
        self._away(self.clock())

    def on_app_focus(self, _event: events.AppFocus) -> None:
        """And entered again."""
        self._back()

    def _away(self, now: int) -> None:
        if self._left is None and self.scene.looked is not None:
            self._left = self.source.model.look(now)

    def _back(self) -> None:
        self._key_at = self.clock()
        if self._left is not None:
            self.scene.looked, self._left = self._left, None
            self.scene.compare()
            self._sync()

    def looked(self) -> None:
        """All that is on screen was seen: what changes from now on is new."""
        self.scene.looked, self._left = self.source.model.look(self.scene.now), None
        self.scene.compare()
        self._sync()

    def on_mount(self) -> None:
        """Begins to follow, and to watch the terminal."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGHUP, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError, ValueError):
                    loop.add_signal_handler(number, self.exit, 0)
            self._unwatch = watch_terminal(lambda: self._hung_up(loop))
        if self.source.model.version:  # it is known already, and on screen from the first painting on
            self._drawn()
        self.follow()
        self.keep_time()
        if self._begin_at is not None:
            self.history.open(self._begin_at)

    def on_unmount(self) -> None:
        """Ends the watching."""
        if self._unwatch:
            self._unwatch()

    def _hung_up(self, loop: asyncio.AbstractEventLoop) -> None:
        discard_output()
        with contextlib.suppress(RuntimeError):  # the loop is at its end already
            loop.call_soon_threadsafe(self.exit, 0)

    @work(exit_on_error=False, group="follow")
    async def follow(self) -> None:
        """Looks for news until the end; what goes wrong becomes a banner, and it goes on trying."""
        failures = looks = 0
        while True:
            try:
                looks = 0 if await self.source.catch_up() else looks + 1
                failures, self.scene.trouble = 0, self.source.trouble
            except Exception as error:  # whatever it is, the operator has to see it, and the screen has to live
                failures += 1
                self._troubled("Cannot follow the journal", error)
            failures += not self._drawn()
            await asyncio.sleep(min((FOLLOW if looks < _LOOKS else QUIET) * 2**failures, 1.0))

    @work(exit_on_error=False, group="follow")
    async def keep_time(self) -> None:
        """Lets the screen grow old, also while the journal does not answer: what is not read any more is not known."""
        while True:
            await asyncio.sleep(min(TICK, 1 - self.clock() % 1_000 / 1_000) + _PAST)
            self.reload_theme()
            if self.scene.picture is not None:
                self._drawn()

    def _drawn(self, draw: Callable[[], None] | None = None) -> bool:
        """Draws what is new, by :meth:`draw` or otherwise; False where it cannot."""
        try:
            (draw or self.draw)()
        except Exception as error:
            self._troubled("Cannot draw what the journal says", error)
            return False
        return True

    def _troubled(self, what: str, error: Exception) -> None:
        self.log.error(error)
        why = (str(error) or type(error).__name__).rstrip(".")
        halted = self.source.trouble  # the collector's own word tells since when, too
        self.scene.trouble = halted if halted.startswith(words.NOT_RECORDING) else f"{what}: {why}. Trying again."
        self._sync()

    def draw(self, *, force: bool = False) -> None:
        """Takes a picture where there is news, lets ages grow where there is none, draws what differs."""
        now, scene, model = self.clock(), self.scene, self.source.model
        looked = now // 1_000, self.screen
        if looked == self._looked_at and not (force or self._picture_due(now) or self._order_due(now)):
            return
        self._looked_at = looked
        self.messages.take_trouble(now)
        self._take_licence()
        screen = self.screen
        if isinstance(screen, PanelScreen):
            if self.messages.faded(screen.scene, now):
                screen.sync()  # now: a screen that is frozen is drawn no more
            screen.tick_clock(now)
        if now - self._key_at >= IDLE:
            self._away(now)
        if scene.frozen_at is not None and not force:
            return
        second = now // 1_000 != scene.now // 1_000
        model.tick(now)  # a picture is one of its own moment, as History draws it later
        news = model.version != self._drawn_version
        if force or self._picture_due(now):
            begun = self._busy()
            self._take_picture(now, ordered=force or not scene.listing.many)
            self._cadence.taken(now, (self._busy() - begun) * 1_000)
        elif self._order_due(now):
            self._put_in_order(now)
            self._sync_next()
        elif second and not news:  # else a picture comes within a second, and brings the time with it
            scene.now = now
            before, self._besides = self._besides, (scene.trouble, scene.writing, scene.message)
            self._grow_old() if self._besides == before else self._sync()

    def _take_licence(self) -> None:
        """As whom this console may write; that it no longer may is said."""
        barred, could = self.source.acting.barred, self.scene.writing
        self.scene.writing = "" if barred else words.person(self.source.acting.operator)
        if could and barred:
            self.warn(f"Nothing can be written from here now. {barred}")

    def _picture_due(self, now: int) -> bool:
        news = self.source.model.version != self._drawn_version or bool(self.scene.listing.waiting)
        return self._cadence.due(now, news=news)

    def _order_due(self, now: int) -> bool:
        """Whether a long list is to be put in order: on its own, so that no key waits for both."""
        return self.scene.listing.many and self.scene.listing.due(self.source.model, now)

    def _take_picture(self, now: int, *, ordered: bool = True) -> None:
        """What is known now, with all that follows from it; the list in the order that follows, too, if ``ordered``."""
        scene, model = self.scene, self.source.model
        scene.now = now if scene.frozen_at is None else scene.frozen_at
        self._drawn_version = model.version
        scene.show(model.picture(scene.now))
        scene.tidy_columns(now, self._key_at)
        news = self.messages.take_picture()
        if news:
            self.say(news)
        if scene.picture is not None:
            self.emit(self.alarm.due(scene.picture, now))
        if scene.looked is None and scene.settled:
            scene.looked = model.look(scene.now)
        scene.compare()
        if ordered:
            self._put_in_order(now)
        if scene.calm and (scene.day is None or now - self._day_at >= DAY_LOOK or now < self._day_at):
            self._day_at = now
            self.look_at_day()
        self._sync() if ordered else self._sync_next()

    def _sync_next(self) -> None:
        """Draws in a step of its own: a key that has come meanwhile goes first."""
        asyncio.get_running_loop().call_soon(self._drawn, self._sync)

    def _put_in_order(self, now: int) -> None:
        """The list as the model orders it now."""
        listing, before = self.scene.listing, self.scene.listing.rows
        try:
            listing.update(self.source.model, now)
        except FilterError as error:  # the rules have changed, and the surface that it names is gone
            listing.text = ""
            self.say(f"The filter is cleared: {error}")
        if listing.rows is not before:
            self.scene.measure_skus(anew=not len(before))

    def toggle_freeze(self) -> None:
        """The screen stands still, or goes on."""
        self.scene.frozen_at = None if self.scene.frozen_at is not None else self.scene.now

    def open_sku(self, row: int) -> None:
        """Shows one SKU."""
        from stockdrift.console.screens.sku import SkuScreen

        self.push_screen(SkuScreen(self.shown, row))

    def open_surface(self, name: str) -> None:
        """Shows one surface, or the master."""
        from stockdrift.console.screens.surface import SurfaceScreen

        self.push_screen(SurfaceScreen(self.shown, name))

    def open_tuner(self, scope: Scope) -> None:
        """Shows what other tolerances would do, of ``scope`` first."""
        from stockdrift.console.screens.tuner import TunerScreen

        picture = self.scene.picture
        names = [surface.name for surface in picture.surfaces if surface.active] if picture else []
        scopes = [Scope(), *(Scope(name) for name in names)]
        if scope.sku:
            scopes += [Scope("", scope.sku), *(Scope(name, scope.sku) for name in names)]
        self.push_screen(TunerScreen(self.scene, scopes, scopes.index(scope) if scope in scopes else 0))

    def open_logs(self) -> None:
        """Shows what the collector and this console had to say."""
        from stockdrift.console.screens.logs import LogsScreen

        self.push_screen(LogsScreen(self.scene))

    @work(exit_on_error=False, group="history", exclusive=True)
    async def open_history(self, meant: Meant | None, row: int | None = None) -> None:
        """Shows the screen as it stood at a moment, and on it that of a SKU."""
        await self.history.show(meant, row)

    def open_help(self, screen: PanelScreen) -> None:
        """Shows the keys."""
        from stockdrift.console.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.shown, screen.NAME))
