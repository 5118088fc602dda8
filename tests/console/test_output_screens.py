"""The console's own screens, written twice: as Textual does and cell by cell. Emulators of both show the same."""

from __future__ import annotations

import os
import random
from typing import Any

import pyte
import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Size
from textual.screen import Screen

from stockdrift.console.app import Console
from stockdrift.console.output.application import CellDriver, feed, supported
from stockdrift.console.output.writer import CellWriter
from tests.console.fakes import FakeSource
from tests.console.harness import Running, running
from tests.console.test_output import emulator, looks

KEYS = ["down", "down", "up", "pagedown", "pageup", "end", "home", "s", "S", "a", "t", "tab", "space", "question_mark"]
KEYS += ["escape", "enter", "slash", "m", "g", "plus", "colon", "ctrl+l", "x", "f"]
SIZES = [(120, 40), (80, 24), (60, 16), (131, 37), (200, 55)]


class Twins:
    """Takes the console's frames and writes each of them twice."""

    def __init__(self) -> None:
        self.frames = 0
        self.stock_bytes = self.cell_bytes = 0
        self._begin(Size(1, 1))

    def _begin(self, size: Size) -> None:
        self.writer = CellWriter(size.width, size.height)
        self.stock, self.cells = emulator(size.width, size.height), emulator(size.width, size.height)
        self._to_stock, self._to_cells = pyte.Stream(self.stock), pyte.Stream(self.cells)

    def display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not isinstance(renderable, ChopsUpdate | LayoutUpdate):
            return
        if screen.size != (self.writer.width, self.writer.height):
            self._begin(screen.size)
            screen.refresh()
        self.frames += 1
        plain = renderable.render_segments(screen.app.console)
        feed(self.writer, renderable)
        cells = self.writer.flush()
        self.stock_bytes += len(plain.encode())
        self.cell_bytes += len(cells.encode())
        self._to_stock.feed(plain.replace("\n", ""))
        self._to_cells.feed(cells)

    def check(self, said: str) -> None:
        stock, cells = looks(self.stock), looks(self.cells)
        for y, (one, other) in enumerate(zip(stock, cells, strict=True)):
            differ = [(x, *pair) for x, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
            assert not differ, f"{said}: line {y}\n{self.stock.display[y]}\n{self.cells.display[y]}\n{differ[:5]}"


async def resize(console: Running, size: tuple[int, int]) -> None:
    await console.pilot.resize_terminal(*size)
    await console.settle()


async def session(seed: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> Twins:
    """Random keys, sizes, passing time; compared after each."""
    twins, chance = Twins(), random.Random(seed)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Console, "_display", twins.display)
    async with running(SIZES[0], FakeSource()) as console:
        console.app.screen.refresh()
        await console.settle()
        twins.check(f"seed {seed}, first")
        for number in range(steps):
            kind = chance.random()
            if kind < 0.75:
                done = chance.choice(KEYS)
                await console.press(done)
            elif kind < 0.85:
                done = str(size := chance.choice(SIZES))
                await resize(console, size)
            else:
                done = "time"
                await console.settle(chance.choice([300, 1_000, 61_000]))
            twins.check(f"seed {seed}, step {number}, {done}")
    return twins


@pytest.mark.parametrize("seed", range(2))
async def test_both_ways_show_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = await session(seed, 40, monkeypatch)
    assert twins.frames > 20
    assert twins.cell_bytes < twins.stock_bytes / 2


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(100, 100 + int(os.environ.get("STOCKDRIFT_OUTPUT_RUNS", "12"))))
async def test_both_ways_show_the_same_for_long(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await session(seed, 300, monkeypatch)


def test_this_textual_has_the_hooks() -> None:
    assert supported()
    assert issubclass(CellDriver, object)


async def test_without_the_hooks_textual_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stockdrift.console.output.application.supported", lambda: False)
    async with running() as console:
        assert not issubclass(console.app.driver_class, CellDriver)


async def test_a_size_that_comes_back_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as console:
        drawn: list[bool] = []
        monkeypatch.setattr(console.app, "redraw_all", lambda: drawn.append(True))
        size = console.app.size
        console.app.post_message(events.Resize(size, size))
        await console.pilot.pause()
        assert drawn
