"""Runs the console headless on fixture data and reads its screen, cell by cell."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from rich.color import Color
from rich.style import Style
from textual.events import Key
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from stockdrift.console.app import Console
from stockdrift.console.glyphs import FULL, Glyphs
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.console.view import View
from stockdrift.console.wardrobe import Wardrobe
from stockdrift.console.when import Meant
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW


@dataclass
class Clock:
    """Time that moves when a test says so."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Running:
    """A console under test."""

    pilot: Pilot[int]
    app: Console
    source: FakeSource
    clock: Clock

    @property
    def model(self) -> FakeModel:
        return self.source.model

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def burst(self, *pressed: str) -> None:
        """Keys that come all at once, as over a slow line."""
        for key in pressed:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
        await self.settle()

    async def settle(self, ms: int = 0) -> None:
        """Lets ``ms`` pass, follows once, draws, and waits until all is painted."""
        self.clock.now += ms
        for worker in [worker for worker in self.app.workers if worker.group != "follow"]:
            with contextlib.suppress(WorkerCancelled):  # given up for another
                await worker.wait()
        self.app.draw()
        await self.pilot.pause()

    def rows(self) -> list[str]:
        """The screen as text."""
        return ["".join(character for character, _style in row) for row in self.cells()]

    def text(self) -> str:
        """The same, its rows as lines."""
        return "\n".join(self.rows())

    def cells(self) -> list[list[tuple[str, Style]]]:
        """The screen as cells; a wide character has an empty one after it."""
        found = []
        for strips in self.app.screen._compositor.render_strips():
            row: list[tuple[str, Style]] = []
            for segment in strips:
                style = segment.style or Style.null()
                row.extend((character, style) for character in segment.text)
            found.append(row)
        return found

    def inks(self) -> list[list[tuple[str, str]]]:
        """Each cell with its foreground as ``#rrggbb``: for many cells, the screen is drawn but once."""
        return [[(character, _hex(style.color)) for character, style in row] for row in self.cells()]

    def colour(self, x: int, y: int) -> str:
        """The foreground of a cell as ``#rrggbb``."""
        return _hex(self.cells()[y][x][1].color)

    def background(self, x: int, y: int) -> str:
        """The background of a cell as ``#rrggbb``."""
        return _hex(self.cells()[y][x][1].bgcolor)

    def bold(self, x: int, y: int) -> bool:
        return bool(self.cells()[y][x][1].bold)


@asynccontextmanager
async def running(
    size: tuple[int, int] = (120, 40),
    source: FakeSource | None = None,
    theme: str = "dark",
    glyphs: Glyphs = FULL,
    folders: tuple[Path, ...] = (shipped_folder(),),
    keymap: dict[str, str] | None = None,
    remember: Callable[[View], None] = lambda _view: None,
    begin_at: Meant | None = None,
) -> AsyncIterator[Running]:
    """The console on ``source``, its first picture drawn."""
    source = source or FakeSource()
    clock = Clock()
    wardrobe = Wardrobe(theme, folders)
    app = Console(
        source,
        find_theme(theme, folders),
        glyphs=glyphs,
        zone=UTC,
        clock=clock,
        busy=lambda: 0.0,  # no picture is dear: when the next one is due does not follow from the machine
        wardrobe=wardrobe,
        keymap=keymap,
        begin_at=begin_at,
        remember=remember,
    )
    async with app.run_test(size=size) as pilot:
        console = Running(pilot, app, source, clock)
        while app.scene.picture is None and source.broken is None:
            await pilot.pause()
        await console.settle()
        yield console


def dump(console: Running) -> str:
    """Text and styles of the whole screen, for comparison with a stored one."""
    text = [row.rstrip() for row in console.rows()]
    styles = []
    for y, row in enumerate(console.cells()):
        runs: list[str] = []
        last, length = "", 0
        for _character, style in row:
            name = _style_name(style)
            if name != last and length:
                runs.append(f"{length}×{last}")
                length = 0
            last, length = name, length + 1
        runs.append(f"{length}×{last}")
        styles.append(f"{y:3} {' '.join(runs)}")
    return "\n".join([*text, "=" * 20, *styles, ""])


def _hex(color: Color | None) -> str:
    return color.triplet.hex if color is not None and color.triplet is not None else ""


def _style_name(style: Style) -> str:
    return f"{_name(style.color)}/{_name(style.bgcolor)}{'b' if style.bold else ''}{'r' if style.reverse else ''}"


def _name(color: Color | None) -> str:
    if color is None:
        return "-"
    return color.triplet.hex[1:] if color.triplet else f"ansi{color.number}"
