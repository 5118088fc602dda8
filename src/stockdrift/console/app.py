"""The console: follows the journal through a source, shows what its model says, sends requests back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

from textual import events, work
from textual.actions import ActionParseResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.theme import Theme as TextualTheme
from textual.widget import Widget

from stockdrift.console import words
from stockdrift.console.clipboard import osc52
from stockdrift.console.day import bounds, day_of
from stockdrift.console.driver import discard_output, watch_terminal
from stockdrift.console.export import csv_bytes, write_new
from stockdrift.console.glyphs import FULL, Glyphs
from stockdrift.console.history import History
from stockdrift.console.keys import CHANGING
from stockdrift.console.model import Past, Source
from stockdrift.console.output.application import CellApp
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.screens.help import HelpScreen
from stockdrift.console.screens.logs import LogsScreen
from stockdrift.console.screens.preview import Preview
from stockdrift.console.screens.sku import SkuScreen
from stockdrift.console.screens.surface import SurfaceScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.console.theme import Theme, ThemeError
from stockdrift.console.view import AS_ALWAYS, View
from stockdrift.console.wardrobe import Wardrobe
from stockdrift.console.when import Meant
from stockdrift.stock.filter import FilterError
from stockdrift.stock.look import Look
from stockdrift.stock.rules import WHOLE, Ignore, Scope, Tolerance
from stockdrift.stock.text import clean

FOLLOW: Final = 0.1
"""Seconds between two looks at the journal."""

PICTURE: Final = 250
"""At most one picture in so many ms."""

OLD_PICTURE: Final = 5_000
"""A picture older than this (ms) is taken anew even where nothing was judged: rates and trends age by themselves."""

THEME_LOOK: Final = 1.0
"""Seconds between two looks at the theme's file."""

IDLE: Final = 300_000
"""Who pressed no key for so many ms may have looked away; so has who left the terminal's window."""

DAY_LOOK: Final = 60_000
"""Ms between two looks at how the day went."""

EXPORTED: Final = 500
"""Lines that are made for an export at once."""

MESSAGE: Final = 8_000
"""A message leaves after so many ms, or with the next key."""


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class Console(CellApp[int]):
    """``source`` brings the news; ``clock`` gives ms since the epoch; ``zone`` None is the operator's own;
    ``begin_at`` is a moment of the past to begin with.
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
        wardrobe: Wardrobe | None = None,
        keymap: Mapping[str, str] | None = None,
        message: str = "",
        view: View = AS_ALWAYS,
        plain_output: bool = False,
        links: Mapping[str, str] | None = None,
        remember: Callable[[View], None] = lambda _view: None,
        begin_at: Meant | None = None,
    ) -> None:
        super().__init__(ansi_color=True, plain=plain_output)
        self.wardrobe = Wardrobe(theme.name) if wardrobe is None else wardrobe
        if self.no_color:
            theme = theme.without_colours()
        self.source = source
        self.clock = clock
        self.scene = Scene(theme, glyphs, zone, now=clock(), model=source.model)
        self.scene.keymap = keymap or {}
        self.scene.links = links or {}
        self.scene.message = message
        self.scene.arranged = view.arranged
        self.scene.listing.sort, self.scene.listing.reverse = view.sort, view.reverse
        self._remember = remember
        self.history = History(self)
        self._begin_at = begin_at
        self._key_at = clock()
        self._left: Look | None = None  # what drifted when the operator looked away
        self.set_keymap(dict(self.scene.keymap))
        self._undo: list[_Deed] = []
        self._ruling = asyncio.Lock()
        self._remembering = asyncio.Lock()
        self._settings_at = clock()  # what was told before is no news
        self._drawn_version = -1
        self._drawn_at = 0
        self._said_at = 0
        self._day_at = 0
        self._said = ""
        self._noted = ""  # the trouble that stands in the log
        self._unwatch: Callable[[], None] | None = None
        self._themes_worn = 0
        self._aims: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()
        self._clothe(theme)

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self.clock()

    @property
    def can_undo(self) -> bool:
        """Whether something was ruled here."""
        return bool(self._undo)

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
        """Does what a key or a command means; in History nothing that would change something, and says so."""
        if action in CHANGING and self.history.bars(self.shown):
            return True
        return await super().run_action(action, default_namespace, namespaces)

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
        self.set_interval(THEME_LOOK, self.reload_theme)
        self.follow()
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
        failures = 0
        while True:
            try:
                await self.source.catch_up()
                failures, self.scene.trouble = 0, self.source.trouble
            except Exception as error:  # whatever it is, the operator has to see it, and the screen has to live
                failures += 1
                self._troubled("Cannot follow the journal", error)
            try:
                self.draw()  # without news too: what is on screen grows old, and then it is unknown
            except Exception as error:
                failures += 1
                self._troubled("Cannot draw what the journal says", error)
            await asyncio.sleep(min(FOLLOW * 2**failures, 1.0))

    def _troubled(self, what: str, error: Exception) -> None:
        self.log.error(error)
        why = (str(error) or type(error).__name__).rstrip(".")
        halted = self.source.trouble  # the collector's own word tells since when, too
        self.scene.trouble = halted if halted.startswith(words.NOT_RECORDING) else f"{what}: {why}. Trying again."
        self._sync()

    def _note_trouble(self, now: int) -> None:
        """Trouble stands in the log too, once."""
        if self.scene.trouble != self._noted:
            self._noted = self.scene.trouble
            if self._noted:
                self.scene.told.append((now, clean(self._noted)))

    def draw(self, *, force: bool = False) -> None:
        """Takes a picture where there is news, lets ages grow where there is none, draws what differs."""
        now, scene, model = self.clock(), self.scene, self.source.model
        self._note_trouble(now)
        screen = self.screen
        if isinstance(screen, PanelScreen):
            if self._said and (screen.scene.message != self._said or now - self._said_at > MESSAGE):
                if screen.scene.message == self._said:
                    screen.scene.message = ""
                self._said = ""
            screen.tick_clock(now)
        if now - self._key_at >= IDLE:
            self._away(now)
        if scene.frozen_at is not None and not force:
            return
        second = now // 1_000 != scene.now // 1_000
        model.tick(now)  # a picture is one of its own moment, as History draws it later
        news = model.version != self._drawn_version
        age = abs(now - self._drawn_at)  # a clock that was set back must not stop the screen
        if force or (age >= PICTURE and (news or age >= OLD_PICTURE or scene.listing.waiting)):
            scene.now = now if scene.frozen_at is None else scene.frozen_at
            self._drawn_version, self._drawn_at = model.version, now
            scene.show(model.picture(scene.now))
            self._tell_settings()
            if scene.looked is None and scene.settled:
                scene.looked = model.look(scene.now)
            scene.compare()
            first = not len(scene.listing.rows)
            try:
                scene.listing.update(model, now)
            except FilterError as error:  # the rules have changed, and the surface that it names is gone
                scene.listing.text = ""
                self.say(f"The filter is cleared: {error}")
            if first and len(scene.listing.rows):
                scene.measure_skus()
            if scene.calm and (scene.day is None or now - self._day_at >= DAY_LOOK or now < self._day_at):
                self._day_at = now
                self.look_at_day()
            self._sync()
        elif second:
            scene.now = now
            self._sync()

    def _tell_settings(self) -> None:
        """Says once that the collector took over other settings; that it refused them stands until they are mended."""
        note = self.scene.picture.settings if self.scene.picture else None
        if note is not None and note.at > self._settings_at:
            self._settings_at = note.at
            if note.text and not note.refused:
                self.say(f"Settings reloaded: {note.text}")

    def _sync(self) -> None:
        screen = self.screen
        if isinstance(screen, PanelScreen):
            screen.sync()

    def say(self, message: str) -> None:
        """Shows a line for a while."""
        self._said, self._said_at = message, self.clock()
        self.scene.told.append((self._said_at, clean(message)))
        if isinstance(self.screen, PanelScreen):
            self.screen.say(message)

    def next_theme(self) -> None:
        """Wears the next theme there is, or says why it cannot."""
        self._change_theme(self.wardrobe.wear_next, "Theme {name}")

    def wear_theme(self, name: str) -> None:
        """Wears the theme called ``name``, or says why it cannot."""
        self._change_theme(lambda: self.wardrobe.wear(name), "Theme {name}")

    def reload_theme(self) -> None:
        """Wears the theme anew where its file was changed; one that is broken is said, and nothing changes."""
        self._change_theme(self.wardrobe.changed, "Theme {name}: its file has changed")

    def _change_theme(self, change: Callable[[], Theme | None], told: str) -> None:
        try:
            theme = change()
        except ThemeError as error:
            self.say(f"The theme stays as it is: {error}")
            return
        if theme is not None:
            self._clothe(theme.without_colours() if self.no_color else theme)
            for screen in self.screen_stack:
                if isinstance(screen, PanelScreen):
                    screen.scene.theme = self.scene.theme
                    screen.redraw()
            self.say(told.format(name=self.wardrobe.worn))

    def _clothe(self, theme: Theme) -> None:
        self.scene.theme = theme
        self._themes_worn += 1
        name = f"stockdrift-{self._themes_worn % 2}"  # Textual looks at a theme again only under another name
        self.register_theme(_textual_theme(name, theme))
        self.theme = name

    def copy(self, text: str, named: str) -> None:
        """Gives ``text`` to the terminal's clipboard, and says so, calling it ``named``. Whether the terminal takes
        it, it does not tell.
        """
        sequence = osc52(text, os.environ)
        if sequence is None:
            self.say("Not copied: terminals do not take so long a text")
            return
        if self._driver is not None:
            self._driver.write(sequence)
        self.say(f"Copied {named}")

    @property
    def shown(self) -> Scene:
        """The scene of the screen that is on top."""
        return self.screen.scene if isinstance(self.screen, PanelScreen) else self.scene

    def toggle_freeze(self) -> None:
        """The screen stands still, or goes on."""
        self.scene.frozen_at = None if self.scene.frozen_at is not None else self.scene.now

    def open_sku(self, row: int) -> None:
        """Shows one SKU."""
        self.push_screen(SkuScreen(self.shown, row))

    def open_surface(self, name: str) -> None:
        """Shows one surface, or the master."""
        self.push_screen(SurfaceScreen(self.shown, name))

    def open_logs(self) -> None:
        """Shows what the collector and this console had to say."""
        self.push_screen(LogsScreen(self.scene))

    @work(exit_on_error=False, group="record")
    async def read_collector_log(self, screen: LogsScreen) -> None:
        """Reads the collector's log, and hands it over."""
        try:
            log = await self.source.collector_log()
        except Exception as error:
            if screen.is_attached:
                screen.miss_log(getattr(error, "strerror", None) or str(error) or type(error).__name__)
        else:
            if screen.is_attached:
                screen.take_log(log)

    def _records(self, screen: PanelScreen) -> Past | Source:
        """Where the record of what a screen shows is: of then, or of now."""
        return self.source if screen.scene.replay is None else screen.scene.replay.past

    @work(exit_on_error=False, group="record")
    async def read_log(self, screen: SurfaceScreen, name: str, since: int) -> None:
        """Fetches the reads of a surface since then (ms), and hands them over."""
        try:
            log = await self._records(screen).surface_log(name, since)
        except Exception as error:  # the screen says so, and asks again
            if screen.is_attached:
                screen.miss_log(str(error) or type(error).__name__)
        else:
            if screen.is_attached:
                screen.take_log(log)

    @work(exit_on_error=False, group="record")
    async def look_back(self, screen: SkuScreen | Preview, sku: str, since: int) -> None:
        """Fetches what was recorded of ``sku`` since then (ms), and hands it over."""
        try:
            history = await self._records(screen).sku_history(sku, since)
        except Exception as error:  # the screen says so, and asks again
            if screen.is_attached:
                screen.miss_history(str(error) or type(error).__name__)
        else:
            if screen.is_attached:
                screen.take_history(sku, history)

    @work(exit_on_error=False, group="history", exclusive=True)
    async def open_history(self, meant: Meant | None) -> None:
        """Shows the screen as it stood at a moment."""
        await self.history.show(meant)

    def open_help(self, screen: PanelScreen) -> None:
        """Shows the keys."""
        self.push_screen(HelpScreen(self.shown, screen.NAME))

    @work(exit_on_error=False, group="day", exclusive=True)
    async def look_at_day(self) -> None:
        """Fetches how the day went, for a calm screen; where that cannot be had, the screen does without."""
        scene = self.scene
        now = scene.now
        begin, end, _hours = bounds(now, scene.zone)
        try:
            samples = await self.source.samples(begin, end)
        except Exception as error:
            self.log.error(error)
        else:
            scene.day = day_of(samples, now, scene.zone)
            self._sync()

    @work(exit_on_error=False, group="view")
    async def remember_view(self) -> None:
        """The next console will show the list in the same order and with the same columns."""
        listing = self.scene.listing
        view = View(listing.sort, listing.reverse, self.scene.arranged)
        try:
            async with self._remembering:
                await asyncio.to_thread(self._remember, view)
        except Exception as error:
            self.say(f"Cannot remember the columns: {getattr(error, 'strerror', None) or error}")

    @work(exit_on_error=False, group="export", exclusive=True)
    async def export(self) -> None:
        """Writes the marked SKUs, or else the list, as a CSV file into the current folder, and says where."""
        scene = self.shown
        picture, listing, model = scene.picture, scene.listing, scene.model
        rows = listing.marked if len(listing.marks) else listing.rows
        if picture is None or model is None:
            return
        at = self.clock() if scene.replay is None else scene.now
        order, lines = list(scene.column_order), []
        try:
            for start in range(0, len(rows), EXPORTED):
                lines += model.lines(rows[start : start + EXPORTED])
                await asyncio.sleep(0)  # keys and drawing have their turn
            content = await asyncio.to_thread(csv_bytes, picture, order, lines, scene.zone)
            path = await asyncio.to_thread(write_new, Path.cwd(), picture.store, at, scene.zone, content)
        except Exception as error:  # a full disk, a folder that is gone: the screen goes on
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            self.say(f"Cannot export: {why}")
        else:
            self.say(f"Exported {words.count(len(lines))} {'SKU' if len(lines) == 1 else 'SKUs'} to {path.name}")

    @work(exit_on_error=False)
    async def reread(self, surface: str, named: str) -> None:
        """Asks the collector to read ``surface`` now."""
        try:
            await self.source.ask_reread(surface)
        except Exception as error:
            self.say(f"Cannot ask for it: {error}")
        else:
            self.say(f"Asked to read {named} now")

    @work(exit_on_error=False)
    async def change_tolerance(self, scope: Scope, by: int) -> None:
        """A unit (or a percentage point) more or less for ``scope``; says what that did."""
        async with self._ruling:
            held = self.source.tolerance(scope)
            if held.percent:
                wanted = Tolerance(held.units, min(max(0, held.percent + by * 100), WHOLE))
            else:
                wanted = Tolerance(max(0, held.units + by))
            if wanted == held:
                self.say(f"The tolerance of {scope_words(scope)} is {held} already")
                return
            before = self.source.ruling(scope)
            of = f"Tolerance of {scope_words(scope)}"
            if await self._do(lambda: self.source.rule(scope, wanted), f"{of} {wanted}", undo=True,
                              cannot="change the tolerance"):  # fmt: skip
                self._undo.append(_Deed(lambda: self.source.rule(scope, before), f"{of} as before"))
                self._sync()

    @work(exit_on_error=False)
    async def ignore(self, scopes: Sequence[Scope], ignore: Ignore) -> None:
        """Leaves SKUs out; says what that did."""
        async with self._ruling:
            before = {scope: self.source.ignoring(scope) for scope in scopes}
            what = scope_words(scopes[0]) if len(scopes) == 1 else f"{words.count(len(scopes))} SKUs"
            ends = ignore.until <= self.now
            did = f"{what} counted again" if ends else f"{what} ignored until {self._when(ignore.until)}"
            if await self._do(lambda: self._ignore(dict.fromkeys(scopes, ignore)), did, undo=True,
                              cannot="ignore it"):  # fmt: skip
                self._undo.append(_Deed(lambda: self._ignore(before), f"{what} as before"))
                self._sync()

    def _when(self, at: int) -> str:
        return f"{words.day(at, self.scene.zone)} {words.minute(at, self.scene.zone)}"

    async def _ignore(self, said: Mapping[Scope, Ignore | None]) -> None:
        for scope, ignore in said.items():
            await self.source.ignore(scope, ignore)

    @work(exit_on_error=False)
    async def undo(self) -> None:
        """Takes back what was ruled here last."""
        async with self._ruling:
            if not self._undo:
                self.say("Nothing was changed here that could be taken back")
                return
            deed = self._undo[-1]
            if await self._do(deed.take_back, deed.told, undo=False, cannot="take it back"):
                self._undo.pop()
                self._sync()

    async def _do(self, deed: Callable[[], Awaitable[None]], did: str, *, undo: bool, cannot: str = "do that") -> bool:
        before = self.scene.picture.gauge.drifting if self.scene.picture else 0
        try:
            await deed()
            await self.source.catch_up()
        except Exception as error:
            self.say(f"Cannot {cannot}: {error}")
            return False
        self.draw(force=True)
        after = self.scene.picture.gauge.drifting if self.scene.picture else 0
        verb = "drifts" if after == 1 else "drift"
        told = f"{did}: {words.count(after)} {verb} instead of {words.count(before)}"
        self.say(told + (f" — {self.scene.key('undo')} undoes" if undo else ""))
        return True


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something that was ruled here: how it is taken back, and what is said then."""

    take_back: Callable[[], Awaitable[None]]
    told: str


def scope_words(scope: Scope) -> str:
    """What was ruled upon: the store, a surface by its title, a SKU, a SKU on a surface."""
    if scope.sku:
        return f"{scope.sku} on {words.title(scope.surface)}" if scope.surface else scope.sku
    return words.title(scope.surface) if scope.surface else "the store"


def _textual_theme(name: str, theme: Theme) -> TextualTheme:
    values: dict[str, Any] = {"background": theme.colors["background"].hex, "surface": theme.colors["panel"].hex}
    return TextualTheme(name, primary=theme.colors["accent"].hex, dark=theme.dark, **values)
