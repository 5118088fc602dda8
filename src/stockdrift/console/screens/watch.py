"""The first screen: is anything overselling, where, why, since when, and which key helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize, ScreenResume
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.arrangement import HIDEABLE
from stockdrift.console.columns import heads
from stockdrift.console.geometry import PREVIEW_FROM, PREVIEW_OVER, Plan, plan
from stockdrift.console.listing import SORTS
from stockdrift.console.screens.list_keys import ListKeys
from stockdrift.console.screens.preview import Preview
from stockdrift.console.screens.saying import form_region
from stockdrift.console.screens.subject import Subject
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
from stockdrift.stock.rules import Scope


class WatchScreen(Subject, ListKeys, Preview):
    """Panels above, the grid of SKUs below."""

    NAME = "watch"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("watch")]

    _planned_for: Plan | None = None

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
        yield from self.preview_panels(self._plan(*self.app.size))
        yield KeyBar(scene, self.NAME, self.works, "footer")
        yield Notice(scene, "notice")
        yield FilterLine(scene, "filter")
        yield self.command_line()
        yield self.say_form()

    def on_mount(self) -> None:
        """The filter waits for its key."""
        self.query_one("#filter", FilterLine).display = False
        self.query_one(Notice).display = False

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As :func:`~stockdrift.console.geometry.plan` says."""
        now = self._plan(width, height)
        preview = now.preview
        self.scene.roomy = width >= PREVIEW_OVER and (preview is None or width >= PREVIEW_FROM)
        return {
            "divider": preview.divider if preview else None,
            "preview": preview.sku if preview else None,
            "plot": preview.plot if preview else None,
            "events": preview.events if preview else None,
            "doing": preview.doing if preview else None,
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
            "form": form_region(width, height),
        }

    def _plan(self, width: int, height: int) -> Plan:
        return plan(width, height, toggled=self.scene.preview_toggled, levels=len(self.scene.column_order))

    def action_preview(self) -> None:
        """The SKU under the cursor beside the list, or not."""
        self.scene.preview_toggled = not self.scene.preview_toggled
        self.replan()
        if self.size.width < PREVIEW_OVER or self.size.height < 30:
            self.say(f"A preview needs {PREVIEW_OVER} columns and 30 rows; {self.scene.key('open')} opens the SKU")
        else:
            self.changed()

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        listing, scene = self.scene.listing, self.scene
        marks, rows = len(listing.marks), len(listing.rows)
        answers: dict[str, Callable[[], str | None]] = {
            "open": lambda: "" if rows and scene.focus == "grid" else None,
            "sort": lambda: (f"sort by {self._chosen()}" if scene.column else "") if rows > 1 else None,
            "freeze": lambda: "go on" if scene.frozen_at is not None else "",
            "everything": self._all_or_drifting,
            "actions": lambda: "" if scene.calm or self.size.width >= PREVIEW_OVER else None,
            "export": lambda: f"export {words.count(marks)} marked" if marks else "" if rows else None,
            "undo": lambda: "" if self.console_app.can_undo else None,
            "tune": lambda: "" if scene.picture else None,
            "resync-surface": lambda: "" if self._drifts_somewhere() else None,
            "acknowledge": lambda: "" if rows else None,
            "preview": lambda: "" if self.size.width >= PREVIEW_OVER and self.size.height >= 30 else None,
            "panel": lambda: "" if len(self.panels_there()) > 1 else None,
            "evidence": lambda: "" if scene.finding is not None and scene.finding.listing else None,
            "reread": lambda: "" if self.surface_to_read() else None,
            "ignore": lambda: self.of_marked("ignore") if marks or listing.row is not None else None,
            "resync": lambda: self.acting_label(self.of_marked("resync")),
            "contain": lambda: self.acting_label(self.of_marked("contain")),
            "back": self.unmarks,
        }
        return answers[name]() if name in answers else ""

    def _all_or_drifting(self) -> str | None:
        """Of a list that is not the usual one, or empty, it is the way out."""
        if self.scene.listing.everything:
            return "drifting"
        return "all SKUs" if self.scene.calm or self.size.width >= PREVIEW_OVER else None

    def _drifts_somewhere(self) -> bool:
        meant, picture = self.surface_meant(), self.scene.picture
        return picture is not None and any(line.name == meant and line.drifting for line in picture.surfaces)

    def _chosen(self) -> str:
        shown = self.scene.columns(self.grid_width)
        return next((head.text for head in heads(shown, "") if head.id == self.scene.column), "this").strip()

    def sync(self) -> None:
        """Draws what has changed; the notice comes and goes."""
        notice = self.query_one(Notice)
        notice.remarks = [told for told in self.scene.notes if told.scope == Scope()]
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        plan = self._plan(*self.size)
        if plan != self._planned_for:
            self._planned_for = plan
            if panels := self.preview_panels(plan):
                self.mount(*panels, before="#footer")
            self.replan()
            self.call_after_refresh(self._sync_again)
        self.show_preview()
        super().sync()

    def on_resize(self, event: Resize) -> None:
        """There may be room now for a preview that was never there."""
        if panels := self.preview_panels(self._plan(*event.size)):
            self.mount(*panels, before="#footer")
            self.call_after_refresh(self._sync_again)

    def _sync_again(self) -> None:
        if self.children:  # it may have been closed meanwhile
            self.sync()

    def grow_old(self) -> None:
        """Draws what has changed where nothing but time has passed."""
        self.show_preview()
        for panel in self.panels():
            panel.grow_old()

    def on_screen_resume(self, _event: ScreenResume) -> None:
        """Opened again: the columns may take their order anew."""
        self.scene.order_columns()
        self.sync()

    def action_move(self, by: int) -> None:
        """Moves the cursor of the panel in focus."""
        scene = self.scene
        if scene.focus == "surfaces":
            scene.surface_cursor = max(0, min(scene.surface_cursor + by, len(scene.surface_order) - 1))
        elif scene.focus == "cause":
            scene.finding_cursor = max(0, min(scene.finding_cursor + by, len(scene.findings) - 1))
        else:
            scene.listing.move(by, self.console_app.now)
            self.moved()
            return
        self.changed()

    def moved(self) -> None:
        """Draws after the list's cursor has moved: panels that have no part in it stay as they are."""
        if self.scene.message:
            self.changed()
            return
        self.show_preview()
        for panel in self.panels():
            if panel.FOLLOWS_CURSOR:
                panel.sync()

    def on_surfaces_panel_chosen(self, message: SurfacesPanel.Chosen) -> None:
        """A click is focus; a second one opens."""
        self.scene.focus = "surfaces"
        self.scene.surface_cursor = message.place
        self.changed()
        if message.opened:
            self.action_open()

    def on_cause_panel_chosen(self, message: CausePanel.Chosen) -> None:
        """A click is focus; a second one lists the evidence."""
        if message.place >= len(self.scene.findings):
            return
        self.scene.focus = "cause"
        self.scene.finding_cursor = message.place
        self.changed()
        if message.opened:
            self.action_evidence()

    def panels_there(self) -> list[str]:
        """The panels that can have the focus now."""
        there = ["grid"]
        if self.scene.picture is not None and self._plan(*self.size).surfaces is not None:
            there.append("surfaces")
            if self.scene.findings:
                there.append("cause")
        return there

    def action_panel(self, by: int) -> None:
        """Focus goes on to the next panel, or back."""
        there = self.panels_there()
        here = there.index(self.scene.focus) if self.scene.focus in there else 0
        self.action_focus_panel(there[(here + by) % len(there)])

    def action_focus_panel(self, name: str) -> None:
        """Focus goes to one panel."""
        if name in self.panels_there():
            self.scene.focus = name
            self.changed()
        elif self.scene.picture is None or self._plan(*self.size).surfaces is not None:
            self.say("There is nothing to choose from in that panel now")
        else:
            self.say(self._where_instead(name))

    def _where_instead(self, name: str) -> str:
        """On a small screen two panels have no place: which key shows what they say."""
        key = self.scene.key
        if name == "cause":
            return f"No room for the causes; {key('evidence')} lists what the first one speaks of"
        return f"No room for the surfaces; {key('surface')} opens the worst, up and down there the others"

    def action_evidence(self) -> None:
        """Lists the SKUs that a finding speaks of."""
        scene = self.scene
        finding = scene.finding
        if finding is None or not finding.listing:
            self.say("No cause is named, or it names no SKUs")
            return
        scene.focus = "grid"
        self.query_one("#filter", FilterLine).text = finding.listing
        self.list_only(finding.listing)

    def names(self) -> Mapping[str, Sequence[str]]:
        """Orders to sort by, columns to hide and to show, themes."""
        picture = self.scene.picture
        surfaces = [f"surface:{surface.name}" for surface in picture.surfaces] if picture else []
        return {
            **super().names(),
            "sort": [*SORTS, *surfaces],
            "hide": [*HIDEABLE, *surfaces],
            "show": sorted(self.scene.arranged.hidden),
        }

    def obey(self, verb: str, argument: str) -> None:
        """Does what takes a word more."""
        match verb:
            case "sort":
                self.sort_by(argument)
            case "hide":
                self.hide(argument)
            case "show":
                self.show(argument)
            case "at":
                self.console_app.history.go_to(argument)
            case _:
                self.list_only(argument)

    def action_everything(self) -> None:
        """All SKUs, or those that drift."""
        self.scene.listing.everything = not self.scene.listing.everything
        self.refill()

    def action_freeze(self) -> None:
        """Stands still, or goes on."""
        self.console_app.toggle_freeze()
        self.scene.message = ""
        self.console_app.draw(force=True)

    def action_back(self) -> None:
        """From another panel to the list; else lets the column go; else clears the filter; else takes marks away."""
        scene = self.scene
        if scene.focus != "grid":
            scene.focus = "grid"
        elif scene.column:
            scene.column = ""
        elif scene.listing.text:
            scene.listing.text = self.query_one("#filter", FilterLine).text = ""
            self.refill()
        elif len(scene.listing.marks):
            self.unmark()
            return
        self.changed()

    def action_open(self) -> None:
        """Opens what is under the cursor, or the evidence of the finding."""
        row = self.scene.listing.row
        if self.scene.focus == "cause":
            self.action_evidence()
        elif self.scene.focus == "surfaces":
            if self.scene.surface is not None:
                self.console_app.open_surface(self.scene.surface.name)
        elif row is not None:
            self.console_app.open_sku(row)
