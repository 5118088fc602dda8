"""What the screens share: the scene, panels at planned places, and keys from the registry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.geometry import Region
from textual.layout import Layout
from textual.screen import Screen

from stockdrift.console.arrange import PlannedLayout
from stockdrift.console.commands import CommandError, offers, understand
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.command_line import ROWS, CommandLine
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.panel import Panel

if TYPE_CHECKING:
    from stockdrift.console.app import Console


_ROOM: Final = 12
"""Rows of a screen on which a banner may take more than one."""


class PanelScreen(Screen[None]):
    """A screen of panels. Nothing scrolls but what a panel scrolls itself."""

    NAME: ClassVar[str] = ""
    """As the registry of keys calls it."""

    DEFAULT_CSS = "PanelScreen { overflow: hidden; }"
    AUTO_FOCUS: ClassVar[str | None] = ""
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.there = asyncio.Event()
        """Set once all its panels are there: until then no key can be carried out."""
        self._planned = PlannedLayout(self._placed)
        self._notice_lines = 1
        self._palette_rows = ROWS

    def on_mount(self) -> None:
        """Now its panels are there."""
        self.there.set()

    @property
    def layout(self) -> Layout:
        """The plan, whatever style sheets say."""
        return self._planned

    @property
    def console_app(self) -> Console:
        """The app, as what it is."""
        return cast("Console", self.app)

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """A region for each panel by its id."""
        raise NotImplementedError

    def _placed(self, width: int, height: int) -> Mapping[str, Region | None]:
        """The same; where there is a line for commands, its palette lies above it and over the others."""
        places = {**self.places(width, height)}
        notice = places.get("notice")
        if notice is not None:
            places["notice"] = self._grown(notice, height)
        line = places.get("command")
        if line is None:
            return places
        rows = min(self._palette_rows, line.bottom)
        return {**places, "command": Region(line.x, line.bottom - rows, line.width, rows)}

    def _grown(self, notice: Region, height: int) -> Region:
        """The place of the banner, of as many rows as it needs: up from the foot of a screen, and over the surfaces
        where these are a line; elsewhere downwards, for the hero stands above it.
        """
        more = self._notice_lines - 1 if height >= _ROOM else 0
        upward = more if notice.y > height // 2 or 24 <= height < 30 else 0
        return Region(notice.x, notice.y - upward, notice.width, notice.height + more)

    def replan(self) -> None:
        """Puts the panels in their places anew, where the plan is another though the size is the same."""
        self._clear_arrangement_cache()
        self.refresh(layout=True)

    def panels(self) -> Iterator[Panel]:
        """All panels of the screen."""
        for child in self.children:
            if isinstance(child, Panel):
                yield child

    def sync(self) -> None:
        """Draws what has changed."""
        for panel in self.panels():
            panel.sync()
            if isinstance(panel, Notice):
                lines = panel.lines(self.size.width) if panel.display else 1
                if lines != self._notice_lines:
                    self._notice_lines = lines
                    self.replan()

    def grow_old(self) -> None:
        """Draws what has changed where nothing but time has passed."""
        self.sync()

    def tick_clock(self, now: int) -> None:
        """Tells the header the time."""
        for panel in self.panels():
            if isinstance(panel, Header) and panel.clock // 1000 != now // 1000:
                panel.clock = now
                panel.sync()

    def say(self, message: str) -> None:
        """Shows one line until the next key."""
        self.scene.message = message
        self.sync()

    def hidden(self) -> int:
        """How many of the SKUs meant the list does not show."""
        return 0

    def action_redraw(self) -> None:
        """Everything anew, also what the terminal should be showing already."""
        self.redraw()
        self.console_app.redraw_all()

    def redraw(self) -> None:
        """Paints every panel anew."""
        for panel in self.panels():
            panel.repaint()
        self.refresh(layout=True)

    def command_line(self) -> CommandLine:
        """The line for commands; a screen that has one composes it, hidden, as ``command``."""
        line = CommandLine(self.scene, lambda text: offers(text, self.NAME, self.names()), "command")
        line.display = False
        return line

    def names(self) -> Mapping[str, Sequence[str]]:
        """The names that verbs of the command line want, by verb."""
        return {"theme": self.console_app.wardrobe.names()}

    def action_command(self, text: str = "") -> None:
        """Opens the line for commands, with ``text`` typed; the palette is as high as what is offered for that."""
        line = self.query_one(CommandLine)
        line.open(text)
        self._palette_rows = line.rows
        self.replan()
        line.display = True
        self.set_focus(line, scroll_visible=False)  # now: the next key may be waiting already
        line.repaint()

    async def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        """Runs what was typed, or says why not."""
        self.query_one(CommandLine).display = False
        self.set_focus(None)
        self.say("")
        try:
            command = understand(message.text or "", self.NAME, self.names())
        except CommandError as error:
            self.say(str(error))
            return
        if command is None:
            return
        if command.key is not None:
            await self.app.run_action(command.key.action, self)
        elif command.verb == "theme":
            self.console_app.wear_theme(command.argument)
        else:
            self.obey(command.verb, command.argument)

    async def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """A key of the footer was clicked."""
        await self.app.run_action(message.action, self)

    def obey(self, verb: str, argument: str) -> None:
        """Does what only some screens can."""
        raise NotImplementedError

    def action_logs(self) -> None:
        """What the collector and this console had to say."""
        self.console_app.open_logs()

    def action_undo(self) -> None:
        """Takes the last change made here back."""
        self.console_app.undo()

    def action_reread_all(self) -> None:
        """Asks for fresh readings of all."""
        self.console_app.reread("", "the master and every surface")

    def action_theme(self) -> None:
        """The next theme."""
        self.console_app.next_theme()

    def action_quit(self) -> None:
        """Leaves."""
        self.app.exit(0)

    def action_back(self) -> None:
        """To the screen before."""
        self.app.pop_screen()

    def action_history(self) -> None:
        """Recorded time, from this moment on back."""
        self.console_app.history.open()

    def action_help(self) -> None:
        """What every key does."""
        self.console_app.open_help(self)
