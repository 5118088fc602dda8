"""What the first screen shows beside its list where there is room: the SKU under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockdrift.console.inquiry import PAST, Inquiry
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import SkuPicture

if TYPE_CHECKING:
    from stockdrift.stock.timeline import SkuHistory


class Preview(PanelScreen):
    """The part of the first screen that is about one SKU. What was recorded comes when it comes.

    Its panels are loaded and made where there is first room for them: on most terminals there is none, and a start
    there does not wait for them.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._previews = False
        self._inquiry = Inquiry()
        self._history: SkuHistory | None = None
        self._sku: SkuPicture | None = None
        self._sku_of: tuple[int | None, int] = (None, -1)

    def preview_panels(self) -> Sequence[Panel]:
        """The panels, to be composed or mounted once."""
        from stockdrift.console.widgets.preview import PreviewDivider, PreviewPanel
        from stockdrift.console.widgets.sku_actions import DoingPanel
        from stockdrift.console.widgets.sku_events import EventsPanel
        from stockdrift.console.widgets.step_plot import StepPlot

        self._previews, scene = True, self.scene
        return (
            PreviewDivider(scene, "divider"),
            PreviewPanel(scene, "preview"),
            StepPlot(scene, "plot"),
            EventsPanel(scene, "events"),
            DoingPanel(scene, "doing"),
        )

    def make_room_for_preview(self) -> None:
        """Sees to it that the panels are there."""
        if not self._previews:
            self.mount(*self.preview_panels(), before="#footer")

    def show_preview(self) -> None:
        """Gives the panels what there is of the SKU under the cursor, and has the rest fetched."""
        if not self._previews:
            return
        from stockdrift.console.widgets.preview import PreviewPanel
        from stockdrift.console.widgets.sku_actions import DoingPanel
        from stockdrift.console.widgets.sku_events import EventsPanel
        from stockdrift.console.widgets.step_plot import StepPlot
        from stockdrift.stock.timeline import as_it_stood

        scene, model = self.scene, self.scene.model
        panel = self.query_one(PreviewPanel)
        if model is None or not panel.size.width:
            return
        row = scene.listing.row
        if self._sku_of != (row, model.version) and (scene.frozen_at is None or self._sku_of[0] != row):
            self._sku_of = (row, model.version)
            self._sku = None if row is None else model.sku(row, scene.now)
        sku = self._sku
        if sku is not None and self._inquiry.due(sku.line.sku, model.version, self.console_app.now):
            self.console_app.look_back(self, sku.line.sku, scene.now - PAST)
        ours = self._history if self._history and sku and self._history.sku == sku.line.sku else None
        history = None if ours is None else as_it_stood(ours, scene.now)
        missing = "" if history else self._inquiry.missing if sku else ""
        panel.sku = self.query_one(DoingPanel).sku = sku
        plot, events = self.query_one(StepPlot), self.query_one(EventsPanel)
        plot.sku = sku
        plot.history = events.history = history
        plot.missing = events.missing = missing
        plot.failed = events.failed = self._inquiry.failed

    def take_history(self, sku: str, history: SkuHistory) -> None:
        """The journal's answer; the cursor may be elsewhere by now."""
        self._inquiry.answered()
        if history.sku == sku:
            self._history = history
        self.sync()

    def missed(self, why: str) -> None:
        """There is no answer, and why."""
        self._inquiry.unanswered(why)
        self.sync()
