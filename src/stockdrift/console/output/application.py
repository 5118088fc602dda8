"""The hooks in Textual: where its frames are taken, and what is done when a version of it has none of them.

Checked against textual 8.2.8: ``App._display``, the updates of ``textual/_compositor.py``, ``Widget._styles_cache``,
``LinuxDriver._file``.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from typing import IO, Any, Final, NamedTuple, TypeVar, cast

from rich.color import ColorSystem
from rich.console import RenderableType
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from stockdrift.console.output.cells import NotCellsError
from stockdrift.console.output.moves import move
from stockdrift.console.output.outlet import Outlet
from stockdrift.console.output.palette import PaletteFullError
from stockdrift.console.output.scroll import Scroll
from stockdrift.console.output.writer import CellWriter

Result = TypeVar("Result")

_AT_ONCE: Final = 512
"""So many characters reach a terminal in one piece; more are shown together where it can (mode 2026)."""

# What changes neither cells, cursor nor pen: modes of mouse, focus, paste and keyboard, bells, OSC and those for tmux.
_HARMLESS: Final = re.compile(
    r"(?:\x07|\x1b\[\?(?:7|25|100[0-6]|101[56]|2004|2026|2048)[hl]|\x1b\[\?\d+\$p|\x1b\[[<>]\d*u"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bPtmux;(?:[^\x1b]|\x1b\x1b)*\x1b\\)*",
    re.DOTALL,
)


def supported() -> bool:
    """Whether this Textual and Rich have the names that are built upon."""
    return (
        list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
        and list(inspect.signature(LayoutUpdate).parameters) == ["strips", "region"]
        and list(inspect.signature(ChopsUpdate).parameters) == ["chops", "spans", "chop_ends"]
        and {"_attributes", "_set_attributes", "_color", "_bgcolor", "_link", "_link_id"} <= set(Style.__slots__)
        and "_styles_cache" in Widget.render_lines.__code__.co_names
        and {"_file", "WriterThread"} <= set(LinuxDriver.start_application_mode.__code__.co_names)
    )


class CellDriver(LinuxDriver):
    """Textual's driver, which sees when somebody else than the writer of cells draws."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.writer: CellWriter | None = None
        self.held = False
        self._loop = asyncio.get_running_loop()
        self.outlet = Outlet(cast("IO[str]", self._file), self._emptied)
        self._file = self.outlet  # type: ignore[assignment]  # Textual's thread writes and flushes, and no more

    def write(self, data: str) -> None:
        """Textual's own writes. What draws or moves makes the screen unknown."""
        if not _HARMLESS.fullmatch(data) and self.writer is not None:
            data = self.writer.reset() + data
            self.writer.invalidate()
        self._send(data)

    def show(self, *, together: bool) -> None:
        """Writes what differs, or later, where the line is busy: only the last of such frames will be written."""
        self.held = True  # before looking: the thread looks here when it has done its work
        if self.writer is None or self.outlet.busy:
            return
        self.held = False
        sequence = self.writer.flush()
        if sequence:
            x, y = self._app.cursor_position
            if x or y:  # where an input method opens its window
                sequence += move(None, x, y)
            wrap = together and len(sequence) > _AT_ONCE
            self._send(f"\x1b[?2026h{sequence}\x1b[?2026l" if wrap else sequence)

    def _send(self, data: str) -> None:
        self.outlet.expect()
        super().write(data)

    def _emptied(self) -> None:
        if self.held:
            with contextlib.suppress(RuntimeError):  # the loop is at its end
                self._loop.call_soon_threadsafe(self._app.post_held_frame)  # type: ignore[attr-defined]


class CellApp(App[Result]):
    """An app that writes differing cells where it can, and as Textual does where it cannot or ``plain`` asks for it."""

    def __init__(self, *, plain: bool = False, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color, driver_class=None if plain or not supported() else CellDriver)
        self._plain = False
        self._moved: _Moved | None = None  # and not shown yet

    @property
    def cell_writer(self) -> CellWriter | None:
        """What writes this screen cell by cell; None where Textual writes it."""
        driver = self._driver
        return driver.writer if isinstance(driver, CellDriver) and not self._plain else None

    def scrolled(self, widget: Widget, by: int) -> bool:
        """Told, before it is drawn, that all lines of ``widget`` have moved ``by`` lines, down where that is positive:
        then only those that come in, and those that differ otherwise, need be drawn. False where all of them must be.
        """
        moved = _Moved(widget, widget.region, by)
        if self._moved is not None or not self._moves(moved):
            return False
        self._moved = moved
        widget._styles_cache.clear()  # it keeps lines by their place, for frames to come
        return True

    def _moves(self, moved: _Moved) -> bool:
        """Whether the lines that move are the widget's alone, so that a terminal can move them."""
        writer, region, screen = self.cell_writer, moved.region, self.screen
        if writer is None or (writer.width, writer.height) != screen.size or moved.widget.region != region:
            return False
        if region.x or region.width != writer.width or not 0 < abs(moved.by) < region.height:
            return False
        others = (other for other in screen.children if other is not moved.widget and other.display)
        return moved.widget.parent is screen and not any(other.region.overlaps(region) for other in others)

    def take_frame(self, writer: CellWriter, update: ChopsUpdate | LayoutUpdate) -> None:
        """Hands ``writer`` a frame, and before it what was told of it. Raises NotCellsError, PaletteFullError."""
        moved = self._moved
        if moved is not None and isinstance(update, LayoutUpdate):
            self._moved = None  # all lines come
        elif moved is not None and not self._moves(moved):
            self._moved = None
            moved.widget.refresh()
        elif moved is not None and moved.comes_with(update):
            self._moved = None
            writer.scroll(moved.scroll)
        feed(writer, update)

    def post_held_frame(self) -> None:
        """The line is free again: shows what has changed meanwhile."""
        driver = self._driver
        if isinstance(driver, CellDriver) and driver.held and not self._plain:
            self._show(driver)

    def redraw_all(self) -> None:
        """The terminal may show anything, such as what somebody else wrote into it: all is sent again."""
        driver = self._driver
        if isinstance(driver, CellDriver) and driver.writer is not None:
            driver.writer.invalidate()
            self._show(driver)

    async def on_event(self, event: events.Event) -> None:
        """After every change of size, be it back to the same, the terminal shows what it likes."""
        if isinstance(event, events.Resize) and event.size == self.size:
            self.call_later(self.redraw_all)
        await super().on_event(event)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            self._plain
            or not isinstance(driver, CellDriver)
            or not isinstance(renderable, ChopsUpdate | LayoutUpdate)
            or not self._running
            or self._closed
            or self._batch_count
        ):
            super()._display(screen, renderable)
            return
        writer = driver.writer
        fresh = writer is None or (writer.width, writer.height) != screen.size
        if writer is None or fresh:
            system = self.console._color_system or ColorSystem.TRUECOLOR
            driver.writer = writer = CellWriter(screen.size.width, screen.size.height, system)
            if isinstance(renderable, ChopsUpdate):
                screen.refresh()
        try:
            self.take_frame(writer, renderable)
        except PaletteFullError:
            self._start_over(driver, screen, again=fresh)
        except NotCellsError:
            self._give_up(driver)
        else:
            self._show(driver)
        self.post_display_hook()

    def _show(self, driver: CellDriver) -> None:
        try:
            driver.show(together=self._sync_available)
        except PaletteFullError:
            self._start_over(driver, self.screen, again=False)

    def _start_over(self, driver: CellDriver, screen: Screen[Any], *, again: bool) -> None:
        if again:  # one screen alone has more styles than can be told apart
            self._give_up(driver)
        else:
            driver.writer = None
            screen.refresh()

    def _give_up(self, driver: CellDriver) -> None:
        self.log.warning("The screen cannot be told as cells: writing as Textual does")
        driver.write("\x1b[0m")
        driver.writer, self._plain = None, True
        self.screen.refresh()


class _Moved(NamedTuple):
    """That the lines of ``widget``, which stands at ``region``, have moved ``by`` lines."""

    widget: Widget
    region: Region
    by: int

    @property
    def scroll(self) -> Scroll:
        return Scroll(self.region.y, self.region.bottom - 1, self.by)

    def comes_with(self, update: ChopsUpdate | LayoutUpdate) -> bool:
        """Whether a frame has the lines that come in: another widget's may be sooner."""
        first = self.region.y if self.by > 0 else self.region.bottom + self.by
        missing = set(range(first, first + abs(self.by)))
        if isinstance(update, ChopsUpdate):
            missing -= {y for y, x, end in update.spans if x <= self.region.x and end >= self.region.right}
        return not missing


def feed(writer: CellWriter, update: ChopsUpdate | LayoutUpdate) -> None:
    """Takes whole pieces of lines: cut at the edge of a span, a wide glyph would lose its half."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                writer.put(x, y, strip)
                x += strip.cell_length
        return
    for y, first, last in update.spans:
        for end, (x, piece) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if piece is not None and x < last and end > first:
                writer.put(x, y, piece)
