"""The console's own screens, written twice: as Textual does and cell by cell. Emulators of both show the same."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import Any

import pyte
import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from stockdrift.console.app import Console
from stockdrift.console.output.application import CellApp, CellDriver, feed, supported
from stockdrift.console.output.writer import CellWriter
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import sku_line
from tests.console.harness import Running, running
from tests.console.test_output import anew, emulator, looks

KEYS = ["down", "down", "up", "pagedown", "pageup", "end", "home", "s", "S", "a", "t", "tab", "space", "question_mark"]
KEYS += ["escape", "enter", "slash", "m", "g", "plus", "colon", "ctrl+l", "x", "f"]
SIZES = [(120, 40), (80, 24), (60, 16), (131, 37), (200, 55)]


class Twins:
    """Takes the console's frames and writes each of them twice."""

    def __init__(self, *, direct: bool = False) -> None:
        self.direct = direct
        self.frames = self.lines = self.moved = 0
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

    def show(self) -> None:
        """Lines that were drawn past Textual."""
        written = self.writer.flush()
        self.lines += bool(written)
        self._to_cells.feed(written)

    async def check(self, said: str, console: Running) -> None:
        """Where lines are drawn past Textual, it is held against a whole frame, of which the last part may be on its
        way.
        """
        for _ in range(20):
            lines = whole(console.app.screen) if self.direct else []
            stock, cells = anew(lines) if lines else looks(self.stock), looks(self.cells)
            if stock == cells:
                return
            await console.pilot.pause(0.02)
        for y, (one, other) in enumerate(zip(stock, cells, strict=True)):
            differ = [(x, *pair) for x, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
            told = "".join(str(cell[0]) for cell in one)
            assert not differ, f"{said}: line {y}\n{told}\n{self.cells.display[y]}\n{differ[:5]}"


def whole(screen: Screen[Any]) -> list[Strip]:
    """All lines of a screen, as Textual draws them now."""
    frame = screen._compositor.render_update(full=True, screen_stack=screen.app._background_screens)
    assert isinstance(frame, LayoutUpdate)
    return [Strip.join(line) for line in frame.strips]


async def resize(console: Running, size: tuple[int, int]) -> None:
    await console.pilot.resize_terminal(*size)
    await console.settle()


async def session(
    seed: int, steps: int, monkeypatch: pytest.MonkeyPatch, source: FakeSource | None = None, keys: Sequence[str] = KEYS
) -> Twins:
    """Random keys, some of them at once, sizes, passing time; compared after each."""
    twins, chance = Twins(direct=source is not None), random.Random(seed)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Console, "_display", lambda _app, screen, renderable: twins.display(screen, renderable))
    async with running(SIZES[0], source or FakeSource()) as console:
        if twins.direct:

            def scroll(app: Console, widget: Widget, by: int) -> bool:
                done = CellApp.scroll_lines(app, widget, by)
                twins.moved += done
                return done

            monkeypatch.setattr(Console, "cell_writer", property(lambda _app: twins.writer))
            monkeypatch.setattr(Console, "_show_soon", lambda _app: twins.show())
            monkeypatch.setattr(Console, "scroll_lines", scroll)
        console.app.screen.refresh()
        await console.settle()
        await twins.check(f"seed {seed}, first", console)
        for number in range(steps):
            kind = chance.random()
            if kind < 0.7:
                done = chance.choice(keys)
                await console.press(done)
            elif kind < 0.75:
                pressed = chance.choices(keys, k=chance.randint(2, 5))
                done = " ".join(pressed)
                for key in pressed:
                    console.app.post_message(events.Key(key, None))
                await console.settle()
            elif kind < 0.85:
                done = str(size := chance.choice(SIZES))
                await resize(console, size)
            else:
                done = "time"
                await console.settle(chance.choice([300, 1_000, 61_000]))
            await twins.check(f"seed {seed}, step {number}, {done}", console)
    return twins


@pytest.mark.parametrize("seed", range(2))
async def test_both_ways_show_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = await session(seed, 40, monkeypatch)
    assert twins.frames > 20
    assert twins.cell_bytes < twins.stock_bytes / 2


def long_list() -> FakeSource:
    """Three hundred SKUs, some of them alike."""
    lines = {
        row: replace(sku_line(row % 8), row=row, sku=f"SKU-{row // 2 * 7919 % 9973:05}", name="One of many" * (row % 3))
        for row in range(300)
    }
    return FakeSource(FakeModel(rows=list(lines), names=lines))


SCROLLING = ["down", "up"] * 8 + ["pagedown", "pageup"] * 6 + ["end", "home", "m", "s", "p", "x", "tab", "space", "t"]
SCROLLING += ["escape"] * 6 + ["slash", "question_mark", "colon"]


async def test_what_the_terminal_scrolls_by_itself_looks_as_if_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = await session(12, 25, monkeypatch, long_list(), SCROLLING)
    assert twins.lines > 10
    assert twins.moved


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(500, 500 + int(os.environ.get("STOCKDRIFT_OUTPUT_RUNS", "12"))))
async def test_what_the_terminal_scrolls_looks_as_if_written_anew_for_long(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session(seed, 300, monkeypatch, long_list(), SCROLLING)


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
