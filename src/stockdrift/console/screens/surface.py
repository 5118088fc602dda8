"""One surface: how old what it shows is, how that went, what reading it costs, and which SKUs drift on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.detail_plan import DetailPlan, surface_plan
from stockdrift.console.inquiry import AGAIN, Inquiry
from stockdrift.console.links import link_of
from stockdrift.console.scene import Scene
from stockdrift.console.screens.acting import ActingKeys
from stockdrift.console.screens.detail import DetailScreen
from stockdrift.console.screens.saying import Saying, form_region
from stockdrift.console.widgets.age_plot import DAY, AgePlot
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.mapping_list import MappingPanel
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.console.widgets.surface_lists import DriftingPanel, ReadsPanel
from stockdrift.console.widgets.surface_panels import FactsPanel, SurfaceHero, SurfacePanel
from stockdrift.stock.entries import PollSummary, SurfaceLog
from stockdrift.stock.filter import FilterError
from stockdrift.stock.picture import SurfaceLine
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import Told
from stockdrift.stock.rhythm import Missed, missed_by
from stockdrift.stock.rules import Allotment, Scope

if TYPE_CHECKING:
    from stockdrift.stock.coverage import Mapped


class SurfaceScreen(Saying, DetailScreen, ActingKeys):
    """``name`` is the surface's, or the master's. ↑ and ↓ go through the surfaces as the first screen has them."""

    NAME = "surface"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("surface")]

    def __init__(self, scene: Scene, name: str) -> None:
        super().__init__(scene)
        self.surface = name
        self.log_read: SurfaceLog | None = None
        self.mapping_read: tuple[str, Mapped | None] = ("", None)  # and the surface that it is of
        self.mapping_inquiry = Inquiry()
        self._rows: Sequence[int] = ()
        self._rows_of: tuple[str, int] = ("", -1)
        self._rows_at = 0
        self._missed_of: tuple[str, int] = ("", -1)
        self._missed_times: Sequence[Missed] = ()

    def compose(self) -> ComposeResult:
        """All panels; those for which there is room are shown."""
        scene = self.scene
        yield Header(scene, "header")
        yield SurfaceHero(scene, "hero")
        yield FactsPanel(scene, "facts")
        yield AgePlot(scene, "ages")
        yield ReadsPanel(scene, "reads")
        yield DriftingPanel(scene, "drifting")
        yield MappingPanel(scene, "mapping")
        yield KeyBar(scene, "surface", self.works, "footer")
        yield Notice(scene, "notice")
        yield self.command_line()
        yield self.say_form()

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        line = self._line()
        answers: dict[str, str | None] = {
            "undo": "" if self.console_app.can_undo else None,
            "resync-surface": "plan resync" if line is not None and line.drifting else None,
            "contain": self.acting_label(""),
            "pause": self._pause_label(line),
            "link": "" if self.panel_link() else None,
            "reread": "" if line is not None and line.active else None,
            "tolerance": "" if self.surface != MASTER else None,
            "panel": "next panel" if len(self.plan().turns) > 1 else None,
            "earlier-later": "" if self.list_in_focus() is not None else None,
            "open": "open SKU" if self.rows_in_focus() else None,
        }
        return answers.get(name, "")

    def _pause_label(self, line: SurfaceLine | None) -> str | None:
        if line is None or not line.active or line.name == MASTER:
            return None
        return "resume polling" if line.pause is not None else ""

    def panel_link(self) -> str:
        """The address of the SKU in focus in the surface's control panel; of none, where the address needs none."""
        template, rows = self.scene.links.get(self.surface, ""), self.rows_meant()
        if rows and self.scene.model is not None:
            (line,) = self.scene.model.lines(rows[:1])
            return link_of(template, line.sku)
        return "" if "{sku}" in template else link_of(template, "")

    def action_panel_link(self) -> None:
        """Gives that address to the terminal's clipboard."""
        link = self.panel_link()
        if link:
            self.console_app.copy(link, link)
        else:
            self.say("The settings name no link for it, or no SKU is in focus")

    def plan(self) -> DetailPlan:
        """Where everything is now."""
        return surface_plan(*self.size, self.tab)

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As :func:`~stockdrift.console.detail_plan.surface_plan` says."""
        return {**surface_plan(width, height, self.tab).regions, "form": form_region(width, height)}

    def _line(self) -> SurfaceLine | None:
        picture = self.scene.picture
        if picture is None:
            return None
        if self.surface == MASTER:
            return picture.master
        return next((line for line in picture.surfaces if line.name == self.surface), None)

    def sync(self) -> None:
        """Has the reads fetched where there is news, and draws what differs."""
        model = self.scene.model
        if model is None:
            return
        self.show_notice()
        if self.inquiry.due(self.surface, model.version, self.console_app.now):
            self.console_app.read_log(self, self.surface, self.scene.now - DAY)
        if self.surface != MASTER and self.mapping_inquiry.due(self.surface, model.version, self.console_app.now):
            self.console_app.read_mapping(self, self.surface)
        self._list_drifting(model.version)
        self.show()

    def _list_drifting(self, version: int) -> None:
        """The list is taken anew where something was judged since, and of one surface at most once a second."""
        now = self.console_app.now
        same = self._rows_of[0] == self.surface
        still = version == self._rows_of[1] or self.scene.frozen_at is not None or abs(now - self._rows_at) < AGAIN
        if not same or not still:
            self._rows_of, self._rows_at = (self.surface, version), now
            self._rows = self._drifting()

    def _drifting(self) -> Sequence[int]:
        model = self.scene.model
        if model is None or self.surface == MASTER:
            return ()
        try:
            found: list[int] = model.order(text=f"surface:{self.surface}").tolist()
        except FilterError:  # the settings have changed, and it is gone
            return ()
        return found

    def hand_over(self, plan: DetailPlan) -> None:
        """Gives the panels their values."""
        line, model = self._line(), self.scene.model
        log = self.log_read if self.log_read is not None and self.log_read.surface == self.surface else None
        polls: Sequence[PollSummary] | None = None
        if log is not None:
            polls = [poll for poll in log.polls if poll.read_at <= self.scene.now]
        missing, failed = "" if log is not None else self.inquiry.missing, self.inquiry.failed
        chosen = self.chosen(plan)
        for panel in self.panels():
            if isinstance(panel, SurfacePanel):
                panel.surface, panel.polls = line, polls
            if isinstance(panel, SurfacePanel | RecordList):
                panel.chosen = panel.id == chosen
        ages = self.query_one(AgePlot)
        ages.missing, ages.failed, ages.below_divider = missing, failed, plan.divider
        if model is not None:
            ages.lag_at = partial(model.lag_at, self.surface)
        reads = self.query_one(ReadsPanel)
        reads.polls, reads.missing, reads.failed = polls or (), missing, failed
        reads.missed = self._missed(polls or ())
        reads.whole = log is not None and log.whole
        beside = "reads" in plan.regions and not {"drifting", "mapping"}.isdisjoint(plan.regions)
        reads.edge = plan.regions["reads"].width - 1 if beside else None
        drifting = self.query_one(DriftingPanel)
        names = [one.name for one in self.scene.picture.surfaces] if self.scene.picture else []
        drifting.rows, drifting.column = self._rows, names.index(self.surface) if self.surface in names else None
        drifting.known = line is not None and line.drifting is not None
        self._hand_over_mapping(drifting.column)
        facts = self.query_one(FactsPanel)
        facts.position = self._position()
        since = reads.missed[-1].shown if reads.missed else None
        facts.missed = [one for one in reads.missed if one.shown == since == (line.as_of if line else None)]
        if model is not None:
            rules = next((one for one in (model.rules.master, *model.rules.surfaces) if one.name == self.surface), None)
            facts.rules = rules
            facts.tolerance = str(model.tolerance_of(self.surface)) if rules is not None else ""
            facts.allotment = model.allotment_of(self.surface) if rules is not None else Allotment()

    def _missed(self, polls: Sequence[PollSummary]) -> Sequence[Missed]:
        """When it was due to show something newer and did not, as far as its reads tell."""
        newest = polls[0].number if polls else 0
        if self._missed_of != (self.surface, newest):
            self._missed_of, self._missed_times = (self.surface, newest), missed_by(polls)
        return self._missed_times

    def _hand_over_mapping(self, column: int | None) -> None:
        mapping = self.query_one(MappingPanel)
        known = self.mapping_read[0] == self.surface
        mapping.found, mapping.column = self.mapping_read[1] if known else None, column
        mapping.failed = known or self.mapping_inquiry.failed
        then = self.scene.tense("not read completely yet", "no complete read of it, or of the master, is recorded")
        mapping.missing = f"{self.scene.glyphs.unknown} Not known: {then}" if known else self.mapping_inquiry.missing
        self.query_one(FactsPanel).mapped = mapping.found

    def _names(self) -> list[str]:
        """The surfaces as the first screen has them, and the master last."""
        picture = self.scene.picture
        if picture is None:
            return [self.surface]
        return [*(picture.surfaces[index].name for index in self.scene.surface_order), MASTER]

    def _position(self) -> str:
        names = self._names()
        if self.surface == MASTER:
            return "↑ ↓ next surface"
        place = names.index(self.surface) + 1 if self.surface in names else 0
        return f"{place} of {len(names) - 1}  ↑ ↓ next surface" if place else "not in the settings any more"

    def take_log(self, log: SurfaceLog) -> None:
        """The journal's answer."""
        self.inquiry.answered()
        if log.surface == self.surface:
            self.log_read = log
        self.sync()

    def take_mapping(self, name: str, found: Mapped | None) -> None:
        """How the SKUs of the surface go with the master's."""
        self.mapping_inquiry.answered()
        self.mapping_read = (name, found)
        self.sync()

    def missed_mapping(self, why: str) -> None:
        """That cannot be told, and why."""
        self.mapping_inquiry.unanswered(why)
        self.sync()

    def action_move(self, by: int) -> None:
        """The next surface, or the one before."""
        names = self._names()
        index = names.index(self.surface) if self.surface in names else 0
        if 0 <= index + by < len(names):
            self.surface = names[index + by]
            for panel in self.panels():
                if isinstance(panel, RecordList):
                    panel.move_to(0)
        self.scene.message = ""
        self.sync()

    def action_open(self) -> None:
        """Opens the SKU in focus; of a read, says all of what came of it."""
        found, rows = self.list_in_focus(), self.rows_in_focus()
        if rows:
            self.console_app.open_sku(rows[0])
        elif isinstance(found, ReadsPanel):
            said = found.open()
            self.scene.message = ""
            if said:
                self.console_app.say(said)
            self.sync()

    def rows_in_focus(self) -> Sequence[int]:
        """The SKU under the cursor of the list in focus, where that is one of SKUs."""
        found = self.list_in_focus()
        if isinstance(found, DriftingPanel):
            return found.rows[found.cursor : found.cursor + 1]
        row = found.row_meant if isinstance(found, MappingPanel) else None
        return [] if row is None else [row]

    def rows_meant(self) -> Sequence[int]:
        """The SKU under the cursor of the list in focus; else of the list of those that drift here."""
        rows = self.rows_in_focus()
        if rows:
            return rows
        drifting = self.query_one(DriftingPanel)
        return [drifting.rows[drifting.cursor]] if drifting.cursor < len(drifting.rows) else []

    def surface_in_focus(self) -> bool:
        """That is what this screen is about."""
        return self.surface != MASTER

    def action_copy(self) -> None:
        """Gives the SKU in focus, or else the surface's name, to the terminal's clipboard."""
        rows = self.rows_in_focus()
        if rows and self.scene.model is not None:
            (line,) = self.scene.model.lines(rows)
            self.console_app.copy(line.sku, line.sku)
        else:
            self.console_app.copy(self.surface, self.surface)

    def remarks(self) -> Sequence[Told]:
        """Of the surface."""
        line = self._line()
        return line.remarks if line is not None else ()

    def surface_meant(self) -> str:
        """This one."""
        return self.surface

    def action_tune(self) -> None:
        """What another tolerance of this surface would do."""
        self.console_app.open_tuner(Scope("" if self.surface == MASTER else self.surface))

    def action_tolerance(self, by: int) -> None:
        """Of this surface."""
        if self.surface != MASTER:
            self.console_app.change_tolerance(Scope(self.surface, ""), by)

    def action_reread(self) -> None:
        """Asks for a fresh reading."""
        line = self._line()
        if line is not None and line.active:
            self.console_app.reread(self.surface, words.title(self.surface))
