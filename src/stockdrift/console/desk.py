"""What every part of the application stands on: a source, a clock, a scene, and a line to say something in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockdrift.console.messages import Messages
from stockdrift.console.model import Source
from stockdrift.console.output.application import CellApp
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen


class Desk(CellApp[int]):
    """``source`` brings the news; ``clock`` gives ms since the epoch; ``scene`` is what is on screen now, ``message``
    what there is to say at the start.
    """

    def __init__(
        self, source: Source, scene: Scene, clock: Callable[[], int], message: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self.source = source
        self.clock = clock
        self.scene = scene
        self.messages = Messages(scene, message, clock())

    def emit(self, sequence: str) -> None:
        """Gives the terminal what draws nothing: its bell, its clipboard, a notification."""
        if sequence and self._driver is not None:
            self._driver.write(sequence)

    def draw(self, *, force: bool = False) -> None:
        """Takes a picture where there is news, or where it has to be."""
        raise NotImplementedError

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self.clock()

    @property
    def shown(self) -> Scene:
        """The scene of the screen that is on top."""
        return self.screen.scene if isinstance(self.screen, PanelScreen) else self.scene

    def _sync(self) -> None:
        screen = self.screen
        if isinstance(screen, PanelScreen) and screen.is_mounted:  # what is not there yet is painted as the scene is
            screen.sync()

    def _grow_old(self) -> None:
        screen = self.screen
        if isinstance(screen, PanelScreen) and screen.is_mounted:
            screen.grow_old()

    def warn(self, message: str) -> None:
        """Says that something is amiss, or was asked for and could not be done."""
        self.say(message, "warning")

    def say(self, message: str, level: str = "info") -> None:
        """Shows a line for a while, and keeps it for the log as one of ``level``."""
        self.messages.said(message, self.clock(), level)
        if isinstance(self.screen, PanelScreen):
            self.screen.say(message)
