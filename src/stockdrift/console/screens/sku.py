"""One SKU: by how much it is off, where, by which arithmetic, how its levels went, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.detail_plan import DetailPlan, sku_plan
from stockdrift.console.inquiry import PAST
from stockdrift.console.links import link_of
from stockdrift.console.scene import Scene
from stockdrift.console.screens.acting import ActingKeys
from stockdrift.console.screens.detail import DetailScreen
from stockdrift.console.screens.saying import Saying, form_region
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.console.widgets.sku_actions import SkuActionsPanel
from stockdrift.console.widgets.sku_events import EpisodesPanel, EventsPanel, SkuRecord
from stockdrift.console.widgets.sku_hero import SkuHero, SkuPanel
from stockdrift.console.widgets.sku_levels import JudgedPanel, LevelsPanel
from stockdrift.console.widgets.step_plot import StepPlot
from stockdrift.stock.advice import Advice, advice
from stockdrift.stock.picture import Severity, SkuPicture
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import Told
from stockdrift.stock.rules import Scope
from stockdrift.stock.timeline import SkuHistory, as_it_stood


class SkuScreen(Saying, DetailScreen, ActingKeys):
    """``row`` is the SKU's place in the catalogue. ↑ and ↓ go through the list it was opened from."""

    NAME = "sku"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("sku")]

    def __init__(self, scene: Scene, row: int) -> None:
        super().__init__(scene)
        self.row = row
        self.history: SkuHistory | None = None
        self._sku: SkuPicture | None = None
        self._sku_of: tuple[int, int] = (-1, -1)

    def compose(self) -> ComposeResult:
        """All panels; those for which there is room are shown."""
        scene = self.scene
        yield Header(scene, "header")
        yield SkuHero(scene, "hero")
        yield LevelsPanel(scene, "levels")
        yield StepPlot(scene, "plot")
        yield EventsPanel(scene, "events")
        yield SkuActionsPanel(scene, "actions")
        yield JudgedPanel(scene, "judged")
        yield EpisodesPanel(scene, "episodes")
        yield KeyBar(scene, "sku", self.works, "footer")
        yield Notice(scene, "notice")
        yield self.command_line()
        yield self.say_form()

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        answers: dict[str, str | None] = {
            "undo": "" if self.console_app.can_undo else None,
            "resync": self.acting_label("") if self._surface_to_read() else None,
            "contain": self.acting_label(""),
            "reread": "" if self._surface_to_read() else None,
            "surface": "" if self._surface_to_read() else None,
            "link": "" if self._panel_link() else None,
            "panel": "next panel" if len(self.plan().turns) > 1 else None,
            "earlier-later": "" if self.list_in_focus() is not None else None,
            "episode": None if self.scene.replay is None else "its episodes",
            "history": "history here" if self.scene.replay is None else None,
        }
        return answers.get(name, "")

    def plan(self) -> DetailPlan:
        """Where everything is now."""
        return self._plan(*self.size)

    def _plan(self, width: int, height: int) -> DetailPlan:
        count = len(self._sku.levels) if self._sku else len(self.scene.column_order)
        return sku_plan(width, height, count, self.tab, acting=self.scene.replay is None)

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As :func:`~stockdrift.console.detail_plan.sku_plan` says."""
        return {**self._plan(width, height).regions, "form": form_region(width, height)}

    def sync(self) -> None:
        """Takes the SKU anew where something was judged since, has its history fetched, draws what differs."""
        model = self.scene.model
        if model is None:
            return
        if (self._sku_of != (self.row, model.version) and self.scene.frozen_at is None) or self._sku is None:
            self._sku_of = (self.row, model.version)
            self._sku = model.sku(self.row, self.scene.now)
        self.show_notice()
        if self.inquiry.due(self._sku.line.sku, model.version, self.console_app.now):
            self.console_app.look_back(self, self._sku.line.sku, self.scene.now - PAST)
        self.show()

    def hand_over(self, plan: DetailPlan) -> None:
        """Gives the panels their values."""
        sku, failed = self._sku, self.inquiry.failed
        ours = self.history is not None and sku is not None and self.history.sku == sku.line.sku
        history = as_it_stood(self.history, self.scene.now) if self.history is not None and ours else None
        for panel in self.panels():
            if isinstance(panel, SkuPanel):
                panel.sku = sku
            if isinstance(panel, SkuRecord | StepPlot):
                panel.history, panel.missing, panel.failed = history, "" if history else self.inquiry.missing, failed
            if isinstance(panel, RecordList | StepPlot | JudgedPanel | LevelsPanel):
                panel.chosen = panel.id == self.chosen(plan)
        events = self.query_one(EventsPanel)
        beside = "episodes" in plan.regions and "events" in plan.regions
        events.edge = plan.regions["events"].width - 1 if beside else None
        events.tees = plan.tees
        self.query_one(EpisodesPanel).sku = sku
        self._hand_over_actions()
        self.query_one(StepPlot).below_divider = plan.divider
        self.query_one(LevelsPanel).position = self._position()

    def _hand_over_actions(self) -> None:
        actions = self.query_one(SkuActionsPanel)
        actions.link = self._panel_link()
        if self._sku is not None and self.scene.replay is None:
            actions.buffer = self.console_app.source.buffer(Scope(self._surface_to_read(), self._sku.line.sku))

    def take_history(self, sku: str, history: SkuHistory) -> None:
        """The journal's answer."""
        self.inquiry.answered()
        if self._sku is not None and self._sku.line.sku == sku:
            self.history = history
        self.sync()

    def missed(self, why: str) -> None:
        """There is no answer; what is known of another SKU does not stand for it."""
        if self._sku is not None and self.history is not None and self.history.sku != self._sku.line.sku:
            self.history = None
        super().missed(why)

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

    def rows_meant(self) -> Sequence[int]:
        """This SKU."""
        return [self.row]

    def remarks(self) -> Sequence[Told]:
        """Of the SKU."""
        return self._sku.line.remarks if self._sku else ()

    def skus_meant(self) -> Sequence[str]:
        """This one."""
        return [self._sku.line.sku] if self._sku else []

    def drifts(self) -> bool:
        """Whether it does, somewhere."""
        return self._sku is not None and self._sku.line.severity is not Severity.NONE

    def surface_meant(self) -> str:
        """The surface that is worst here: what a pause is of."""
        return self._surface_to_read()

    def advised(self) -> Advice | None:
        """The units to hold back that its episodes speak for."""
        history = self.history
        if history is None or self._sku is None or history.sku != self._sku.line.sku:
            return None
        found = advice(history.episodes, history.terms)
        return next((one for one in found if one.buffer is not None), None)

    def action_surface(self) -> None:
        """Opens the surface that is worst here."""
        name = self._surface_to_read()
        if name:
            self.console_app.open_surface(name)

    def _panel_link(self) -> str:
        """Of the surface that is worst here, else of the master."""
        links, sku = self.scene.links, self._sku.line.sku if self._sku else ""
        worst = self._surface_to_read()
        return link_of(links.get(worst) or links.get(MASTER, ""), sku) if sku else ""

    def action_panel_link(self) -> None:
        """Gives the address of the SKU in the control panel to the terminal's clipboard."""
        link = self._panel_link()
        if link:
            self.console_app.copy(link, link)
        else:
            self.say("The settings name no link for it")

    async def action_episode(self, by: int) -> None:
        """To where an episode of this SKU begins or ends, in History."""
        if self._sku is not None:
            ours = self.history is not None and self.history.sku == self._sku.line.sku
            episodes = self.history.episodes if self.history is not None and ours else ()
            await self.console_app.history.turn(self._sku, episodes, by)

    def action_tune(self) -> None:
        """What another tolerance of this SKU would do."""
        if self._sku:
            self.console_app.open_tuner(Scope("", self._sku.line.sku))

    def action_copy(self) -> None:
        """Gives the SKU to the terminal's clipboard."""
        if self._sku:
            self.console_app.copy(self._sku.line.sku, self._sku.line.sku)

    def action_tolerance(self, by: int) -> None:
        """Of this SKU, on every surface."""
        if self._sku:
            self.console_app.change_tolerance(Scope("", self._sku.line.sku), by)

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
