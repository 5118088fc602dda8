"""The first screen: is anything overselling, where, why, since when, and which key helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.geometry import plan
from stockdrift.console.listing import SORTS
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.cause import CausePanel
from stockdrift.console.widgets.compact import CompactTop
from stockdrift.console.widgets.companions import Companions
from stockdrift.console.widgets.drift import DriftPanel
from stockdrift.console.widgets.filter_line import FilterLine
from stockdrift.console.widgets.grid_head import GridHead
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.sku_grid import SkuGrid
from stockdrift.console.widgets.surfaces import SurfacesPanel
from stockdrift.stock.filter import FilterError
from stockdrift.stock.rules import Scope


class WatchScreen(PanelScreen):
    """Panels above, the grid of SKUs below."""

    NAME = "watch"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("watch")]

    def compose(self) -> ComposeResult:
        """All panels; the plan shows those for which there is room."""
        scene = self.scene
        yield Header(scene, "header")
        yield DriftPanel(scene, "drift")
        yield SurfacesPanel(scene, "surfaces")
        yield CausePanel(scene, "cause")
        yield Companions(scene, "companions")
        yield CompactTop(scene, "compact")
        yield GridHead(scene, "head")
        yield SkuGrid(scene, "grid")
        yield KeyBar(scene, "watch", self.works, "footer")
        yield Notice(scene, "notice")
        yield FilterLine(scene, "filter")
        yield self.command_line()

    def on_mount(self) -> None:
        """The filter waits for its key."""
        self.query_one("#filter", FilterLine).display = False
        self.query_one(Notice).display = False

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As :func:`~stockdrift.console.geometry.plan` says."""
        now = plan(width, height)
        return {
            "header": now.header,
            "drift": now.drift,
            "surfaces": now.surfaces,
            "cause": now.cause,
            "companions": now.companions,
            "compact": now.compact,
            "head": now.head,
            "grid": now.grid,
            "footer": now.footer,
            "notice": now.notice,
            "filter": now.footer or Region(0, max(0, height - 1), width, 1),
            "command": now.footer or Region(0, max(0, height - 1), width, 1),
        }

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        listing, scene = self.scene.listing, self.scene
        everything = "drifting" if listing.everything else "all SKUs"
        answers: dict[str, str | None] = {
            "open": "" if len(listing.rows) and scene.focus == "grid" else None,
            "sort": "" if len(listing.rows) > 1 else None,
            "freeze": "go on" if scene.frozen_at is not None else "",
            "everything": everything,
            "export": "" if len(listing.rows) else None,
            "undo": "" if self.console_app.can_undo else None,
            "tolerance": "" if scene.picture else None,
            "panel": "" if scene.picture and plan(*self.size).surfaces else None,
            "reread": "" if self._surface_to_read() else None,
        }
        return answers.get(name, "")

    def sync(self) -> None:
        """Draws what has changed; the notice comes and goes."""
        notice = self.query_one(Notice)
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        super().sync()

    def on_screen_resume(self, _event: ScreenResume) -> None:
        """Opened again: the columns may take their order anew."""
        self.scene.order_columns()
        self.sync()

    def _changed(self) -> None:
        self.scene.message = ""
        self.sync()

    def _refill(self) -> None:
        scene = self.scene
        scene.message = ""
        if scene.model is not None:
            scene.listing.update(scene.model, self.console_app.now, force=True)
            scene.measure_skus()
        self.sync()

    def list_only(self, text: str) -> None:
        """Filters the list; one that means nothing is said, and the list stays."""
        listing = self.scene.listing
        before, listing.text = listing.text, text
        try:
            self._refill()
        except FilterError as error:
            listing.text = before
            self.say(str(error))

    def action_move(self, by: int) -> None:
        """Moves the cursor of the panel in focus."""
        scene = self.scene
        if scene.focus == "surfaces":
            scene.surface_cursor = max(0, min(scene.surface_cursor + by, len(scene.surface_order) - 1))
        else:
            scene.listing.move(by, self.console_app.now)
        self._changed()

    def action_page(self, by: int) -> None:
        """Moves by pages."""
        self.scene.listing.page(by, self.console_app.now)
        self._changed()

    def action_first(self) -> None:
        """To the first row."""
        self.scene.listing.move_to(0, self.console_app.now)
        self._changed()

    def action_last(self) -> None:
        """To the last row."""
        self.scene.listing.move_to(len(self.scene.listing.rows) - 1, self.console_app.now)
        self._changed()

    def on_sku_grid_moved(self, message: SkuGrid.Moved) -> None:
        """The mouse did what keys do."""
        self.scene.focus = "grid"
        if message.index is None:
            self.scene.listing.scroll(message.by, self.console_app.now)
        else:
            self.scene.listing.move_to(message.index, self.console_app.now)
        self._changed()
        if message.opened:
            self.action_open()

    def on_surfaces_panel_chosen(self, message: SurfacesPanel.Chosen) -> None:
        """A click is focus."""
        self.scene.focus = "surfaces"
        self.scene.surface_cursor = message.place
        self._changed()

    def action_panel(self) -> None:
        """Focus goes from the list to the surfaces and back."""
        scene = self.scene
        there = scene.picture is not None and plan(*self.size).surfaces is not None
        scene.focus = "surfaces" if scene.focus == "grid" and there else "grid"
        self._changed()

    def action_sort(self) -> None:
        """The next order."""
        names = list(SORTS)
        self.scene.listing.sort = names[(names.index(self.scene.listing.sort) + 1) % len(names)]
        self._refill()
        self.say(f"Sorted {SORTS[self.scene.listing.sort]}")

    def obey(self, verb: str, argument: str) -> None:
        """Sorts or filters by name."""
        if verb == "sort":
            self.scene.listing.sort = argument
            self._refill()
            self.say(f"Sorted {SORTS[argument]}")
        else:
            self.list_only(argument)

    def action_everything(self) -> None:
        """All SKUs, or those that drift."""
        self.scene.listing.everything = not self.scene.listing.everything
        self._refill()

    def action_columns(self) -> None:
        """The worst surface first again."""
        self.scene.order_columns()
        self._changed()

    def action_freeze(self) -> None:
        """Stands still, or goes on."""
        self.console_app.toggle_freeze()
        self.scene.message = ""
        self.console_app.draw(force=True)

    def action_back(self) -> None:
        """From the surfaces to the list; else clears the filter."""
        scene = self.scene
        if scene.focus == "surfaces":
            scene.focus = "grid"
        elif scene.listing.text:
            scene.listing.text = self.query_one("#filter", FilterLine).text = ""
            self._refill()
        self._changed()

    def action_filter(self) -> None:
        """Opens the line."""
        line = self.query_one("#filter", FilterLine)
        line.text = self.scene.listing.text
        line.display = True
        self.set_focus(line, scroll_visible=False)
        line.repaint()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """The list follows."""
        self.list_only(message.text)

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        """Closes the line."""
        self.query_one("#filter", FilterLine).display = False
        self.set_focus(None)
        self.list_only(self.query_one("#filter", FilterLine).text if message.kept else "")

    def action_open(self) -> None:
        """Opens the SKU under the cursor."""
        if self.scene.focus == "surfaces":
            return
        row = self.scene.listing.row
        if row is not None:
            self.console_app.open_sku(row)

    def action_copy(self) -> None:
        """Gives the SKU under the cursor to the terminal's clipboard."""
        row = self.scene.listing.row
        if row is not None and self.scene.model is not None:
            (line,) = self.scene.model.lines([row])
            self.console_app.copy(line.sku)

    def action_export(self) -> None:
        """Writes the list as it stands, with its filter and its order."""
        if not len(self.scene.listing.rows):
            self.say("Nothing is listed: nothing to export")
        else:
            self.console_app.export()

    def action_tolerance(self, by: int) -> None:
        """Of the surface in focus, else of the store."""
        surface = self.scene.surface if self.scene.focus == "surfaces" else None
        self.console_app.change_tolerance(Scope(surface.name if surface else "", ""), by)

    def action_undo(self) -> None:
        """Takes the last tolerance back."""
        self.console_app.undo_tolerance()

    def _surface_to_read(self) -> str:
        scene = self.scene
        if scene.picture is None:
            return ""
        if scene.focus == "surfaces" and scene.surface is not None:
            return scene.surface.name if scene.surface.active else ""
        for finding in scene.picture.findings:
            if finding.surface:
                return finding.surface
        for index in scene.surface_order:
            if scene.picture.surfaces[index].active:
                return scene.picture.surfaces[index].name
        return ""

    def action_reread(self) -> None:
        """Asks for a fresh reading of the surface in focus, or of the one that is worst."""
        name = self._surface_to_read()
        if name:
            self.console_app.reread(name, words.title(name))

    def action_reread_all(self) -> None:
        """Asks for fresh readings of all."""
        self.console_app.reread("", "the master and every surface")
