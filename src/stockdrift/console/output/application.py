"""The hooks in Textual: where its frames are taken, and what is done when a version of it has none of them.

Checked against textual 8.2.8: ``App._display``, the updates of ``textual/_compositor.py``, ``Widget._styles_cache``,
``LinuxDriver._file``.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Mapping
from typing import IO, Any, Final, Protocol, TypeVar, cast

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


class CellRow(Protocol):
    """A line of cells: a character each, of one or more code points, empty for the second half of a wide one."""

    chars: list[str]
    styles: list[Style]


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
        self._placed: Mapping[Widget, tuple[Region, Region]] | None = None
        self._uncovered: Mapping[Widget, Region] = {}  # of what is placed so
        self._showing = False

    @property
    def cell_writer(self) -> CellWriter | None:
        """What writes this screen cell by cell; None where Textual writes it."""
        driver = self._driver
        return driver.writer if isinstance(driver, CellDriver) and not self._plain else None

    def draw_lines(self, widget: Widget, lines: Mapping[int, CellRow]) -> bool:
        """Draws whole lines of ``widget``, by their place in it, past Textual's compositor: a line costs what it says,
        and no other widget is looked at. False where Textual has to draw them.
        """
        region, writer = self._bare(widget), self.cell_writer
        if region is None or writer is None:
            return False
        widget._styles_cache.set_dirty(*(Region(0, y, 1, 1) for y in lines))  # for frames of Textual's to come
        try:
            for y, line in lines.items():
                writer.put_cells(region.x, region.y + y, line.chars, line.styles)
        except PaletteFullError:
            self._start_over(cast("CellDriver", self._driver), self.screen, again=False)
        except NotCellsError:
            self._give_up(cast("CellDriver", self._driver))
        else:
            self._show_soon()
        return True

    def scroll_lines(self, widget: Widget, by: int) -> bool:
        """Has the terminal move all lines of ``widget``, down where ``by`` is positive; those that come in are to be
        drawn in the same breath. False where it cannot be: all of them are to be drawn.
        """
        region, writer = self._bare(widget), self.cell_writer
        if region is None or writer is None or region.x or region.width != writer.width:
            return False
        if not 0 < abs(by) < region.height:
            return False
        widget._styles_cache.clear()  # it keeps lines by their place
        writer.scroll(Scroll(region.y, region.bottom - 1, by))
        return True

    def _bare(self, widget: Widget) -> Region | None:
        """Where ``widget`` stands, if nothing but its lines is to be seen there, as they are; else None."""
        screen, writer = self.screen, self.cell_writer
        if writer is None or widget.parent is not screen or (writer.width, writer.height) != screen.size:
            return None
        if self._batch_count or not self._running or self._closed or self.get_line_filters():
            return None
        placed = screen._compositor.visible_widgets  # another one after each layout
        if self._placed is not placed:
            self._placed, self._uncovered = placed, _uncovered(placed, screen)
        return self._uncovered.get(widget)

    def _show_soon(self) -> None:
        """Shows what the present step draws, when it has drawn all of it."""
        if not self._showing:
            self._showing = True
            asyncio.get_running_loop().call_soon(self.show_cells)

    def show_cells(self) -> None:
        """Shows what was drawn."""
        self._showing = False
        driver = self._driver
        if isinstance(driver, CellDriver) and not self._plain:
            self._show(driver)

    def post_held_frame(self) -> None:
        """The line is free again: shows what has changed meanwhile."""
        driver = self._driver
        if isinstance(driver, CellDriver) and driver.held:
            self.show_cells()

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
            feed(writer, renderable)
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


def _uncovered(placed: Mapping[Widget, tuple[Region, Region]], screen: Screen[Any]) -> dict[Widget, Region]:
    """The widgets that are whole and have no other than ``screen`` above or beneath them, and where they stand."""
    others = [(widget, region) for widget, (region, _clip) in placed.items() if widget is not screen]
    return {
        widget: region
        for widget, region in others
        if placed[widget][1].contains_region(region) and screen.size.region.contains_region(region)
        if not any(region.overlaps(other) for beside, other in others if beside is not widget)
    }


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
