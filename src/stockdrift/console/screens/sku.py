"""One SKU: by how much it is off, where, by which arithmetic, and how each level is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.geometry import DIVIDER, FULL_WIDTH
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.sku_hero import SkuHero, SkuPanel
from stockdrift.console.widgets.sku_levels import LevelFacts, LevelsPanel
from stockdrift.console.widgets.step_plot import StepPlot
from stockdrift.stock.picture import SkuPicture
from stockdrift.stock.rules import Scope

_PLOT = 15


class SkuScreen(PanelScreen):
    """``row`` is the SKU's place in the catalogue. ↑ and ↓ go through the list it was opened from."""

    NAME = "sku"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("sku")]

    def __init__(self, scene: Scene, row: int) -> None:
        super().__init__(scene)
        self.row = row
        self._sku: SkuPicture | None = None
        self._sku_of: tuple[int, int] = (-1, -1)

    def compose(self) -> ComposeResult:
        """All panels; those for which there is room are shown."""
        scene = self.scene
        yield Header(scene, "header")
        yield SkuHero(scene, "hero")
        yield LevelsPanel(scene, "levels")
        yield StepPlot(scene, "plot")
        yield LevelFacts(scene, "facts")
        yield KeyBar(scene, "sku", self.works, "footer")
        yield Notice(scene, "notice")
        yield self.command_line()

    def on_mount(self) -> None:
        """Fetches the SKU."""
        self.query_one(Notice).display = False
        self.sync()

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        if name == "undo":
            return "" if self.console_app.can_undo else None
        if name == "reread":
            return "" if self._surface_to_read() else None
        if name == "tolerance":
            return "tolerance of this SKU"
        return ""

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """Side by side from 104 columns on, else one above the other."""
        count = len(self._sku.levels) if self._sku else len(self.scene.column_order)
        footer = Region(0, height - 1, width, 1) if height >= 4 else None
        top = 1 if height >= 16 else 0
        typing = Region(0, max(0, height - 1), width, 1)
        regions: dict[str, Region | None] = {
            "command": typing,
            "header": Region(0, 0, width, 1) if top else None,
            "footer": footer,
        }
        bottom = height - (1 if footer else 0)
        if width >= FULL_WIDTH and height >= 24:
            tall = min(max(10, count + 5), bottom - top)
            regions["hero"] = Region(0, top, DIVIDER + 1, tall)
            regions["levels"] = Region(DIVIDER + 1, top, width - DIVIDER - 1, tall)
            y = top + tall
            if self._sku and self._sku.steps and bottom - y >= _PLOT + count + 3:
                regions["plot"] = Region(0, y, width, _PLOT)
                y += _PLOT
            if bottom - y >= 3:
                regions["facts"] = Region(0, y, width, bottom - y)
        else:
            hero = 2 if bottom - top >= 2 else 1
            regions["hero"] = Region(0, top, width, hero)
            y = top + hero
            levels = min(bottom - y, count + 5)
            regions["levels"] = Region(0, y, width, levels) if levels >= 5 else None
            y += levels
            regions["facts"] = Region(0, y, width, bottom - y) if bottom - y >= 3 and width >= 80 else None
        regions["notice"] = Region(0, max(0, bottom - 1), width, 1)
        return regions

    def sync(self) -> None:
        """Fetches the SKU where something was judged since, and draws what differs."""
        model = self.scene.model
        if model is None:
            return
        notice = self.query_one(Notice)
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        if (self._sku_of != (self.row, model.version) and self.scene.frozen_at is None) or self._sku is None:
            before = self._sku
            self._sku_of = (self.row, model.version)
            self._sku = model.sku(self.row, self.scene.now)
            if before is None or bool(before.steps) != bool(self._sku.steps):
                self.refresh(layout=True)
        for panel in self.panels():
            if isinstance(panel, SkuPanel):
                panel.sku = self._sku
        self.query_one(LevelsPanel).position = self._position()
        here = self.places(*self.size)
        self.query_one(LevelFacts).below_divider = "plot" not in here and self.size.width >= FULL_WIDTH
        super().sync()

    def _index(self) -> int | None:
        found = np.flatnonzero(self.scene.listing.rows == self.row)
        return int(found[0]) if len(found) else None

    def _position(self) -> str:
        index = self._index()
        if index is None:
            return "not in the list"
        return f"{words.count(index + 1)} of {words.count(len(self.scene.listing.rows))}  ↑ ↓ next SKU"

    def action_move(self, by: int) -> None:
        """The next SKU of the list, or the one before."""
        listing = self.scene.listing
        index = self._index()
        if index is None:
            index = min(listing.index, len(listing.rows) - 1) - by
        if 0 <= index + by < len(listing.rows):
            listing.move_to(index + by, self.console_app.now)
            self.row = int(listing.rows[index + by])
            self._sku = None
        self.scene.message = ""
        self.sync()

    def action_copy(self) -> None:
        """Gives the SKU to the terminal's clipboard."""
        if self._sku:
            self.console_app.copy(self._sku.line.sku, self._sku.line.sku)

    def action_tolerance(self, by: int) -> None:
        """Of this SKU, on every surface."""
        if self._sku:
            self.console_app.change_tolerance(Scope("", self._sku.line.sku), by)

    def action_undo(self) -> None:
        """Takes the last tolerance back."""
        self.console_app.undo_tolerance()

    def _surface_to_read(self) -> str:
        if self._sku is None or not self._sku.levels:
            return ""
        worst = self._sku.line.worst
        return self._sku.levels[worst].surface if worst >= 0 else ""

    def action_reread(self) -> None:
        """Asks for a fresh reading of the surface that is worst here."""
        name = self._surface_to_read()
        if name:
            self.console_app.reread(name, words.title(name))

    def action_reread_all(self) -> None:
        """Asks for fresh readings of all."""
        self.console_app.reread("", "the master and every surface")
