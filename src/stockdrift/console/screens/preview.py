"""What the first screen shows beside its list where there is room: the SKU under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from stockdrift.console.geometry import Plan
from stockdrift.console.inquiry import PAST, Inquiry
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import SkuPicture

if TYPE_CHECKING:
    from stockdrift.console.widgets.preview import PreviewDivider, PreviewPanel
    from stockdrift.console.widgets.sku_actions import DoingPanel
    from stockdrift.console.widgets.sku_events import PreviewEvents
    from stockdrift.console.widgets.step_plot import StepPlot
    from stockdrift.stock.timeline import SkuHistory


class PreviewPanels(NamedTuple):
    """What the preview is made of."""

    divider: PreviewDivider
    preview: PreviewPanel
    plot: StepPlot
    events: PreviewEvents
    doing: DoingPanel


class Preview(PanelScreen):
    """The part of the first screen that is about one SKU. What was recorded comes when it comes.

    Its panels are loaded and made where there is first room for them: on most terminals there is none, and a start
    there does not wait for them.
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._panels: PreviewPanels | None = None
        self._inquiry = Inquiry()
        self._history: SkuHistory | None = None
        self._sku: SkuPicture | None = None
        self._sku_of: tuple[int | None, int] = (None, -1)

    def preview_panels(self, plan: Plan) -> Sequence[Panel]:
        """The panels, to be composed or mounted, where ``plan`` has room for them and they are not there yet. The
        rules of the first screen end in their divider.
        """
        made: Sequence[Panel] = ()
        if plan.preview and self._panels is None:
            self._panels = made = _made(self.scene)
        if self._panels is not None:
            rules = [
                part.y - 1 for part in (plan.cause, plan.companions) if part is not None
            ]  # the divider begins at 1
            self._panels.divider.tees = tuple(rules)
        return made

    def show_preview(self) -> None:
        """Gives the panels what there is of the SKU under the cursor, and has the rest fetched."""
        scene, model, panels = self.scene, self.scene.model, self._panels
        if model is None or panels is None or not panels.preview.size.width:
            return
        from stockdrift.stock.timeline import as_it_stood

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
        panels.preview.sku = panels.plot.sku = panels.doing.sku = sku
        for record in (panels.plot, panels.events):
            record.history, record.missing, record.failed = history, missing, self._inquiry.failed

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


def _made(scene: Scene) -> PreviewPanels:
    from stockdrift.console.widgets.preview import PreviewDivider, PreviewPanel
    from stockdrift.console.widgets.sku_actions import DoingPanel
    from stockdrift.console.widgets.sku_events import PreviewEvents
    from stockdrift.console.widgets.step_plot import StepPlot

    return PreviewPanels(
        PreviewDivider(scene, "divider"),
        PreviewPanel(scene, "preview"),
        StepPlot(scene, "plot"),
        PreviewEvents(scene, "events"),
        DoingPanel(scene, "doing"),
    )
