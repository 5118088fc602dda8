"""What the screens of one SKU and of one surface share: a panel in focus, lists to go through, a question asked."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console.detail_plan import DetailPlan
from stockdrift.console.inquiry import Inquiry
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.stock.remarks import Told


class DetailScreen(PanelScreen):
    """One thing, closely. ``tab`` is the panel that the operator chose."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.tab = ""
        self.inquiry = Inquiry()
        self._planned_for: DetailPlan | None = None

    def on_mount(self) -> None:
        """Draws what is known already."""
        self.query_one(Notice).display = False
        self.sync()

    def plan(self) -> DetailPlan:
        """Where everything is now."""
        raise NotImplementedError

    def remarks(self) -> Sequence[Told]:
        """What operators said that stands, of what the screen is about."""
        return ()

    def hand_over(self, plan: DetailPlan) -> None:
        """Gives the panels their values."""
        raise NotImplementedError

    def show_notice(self) -> None:
        """Shows the banner where there is something to say, and no form in its place."""
        notice = self.query_one(Notice)
        notice.remarks = self.remarks()
        wanted = notice.wanted and not self.scene.asking
        if notice.display != wanted:
            notice.display = wanted

    def show(self) -> None:
        """Puts the panels where the plan wants them, and draws what differs."""
        plan = self.plan()
        if plan != self._planned_for:
            self._planned_for = plan
            self.replan()
        self.hand_over(plan)
        super().sync()

    def chosen(self, plan: DetailPlan) -> str:
        """The panel in focus."""
        return self.tab if self.tab in plan.turns else plan.turns[0] if plan.turns else ""

    def list_in_focus(self) -> RecordList | None:
        """The list that the keys go through."""
        chosen = self.chosen(self.plan())
        return next((panel for panel in self.panels() if isinstance(panel, RecordList) and panel.id == chosen), None)

    def missed(self, why: str) -> None:
        """The journal gives no answer, and why."""
        self.inquiry.unanswered(why)
        self.sync()

    def action_panel(self, by: int) -> None:
        """The next panel, or the one before."""
        plan = self.plan()
        if plan.turns:
            self.tab = plan.turns[(plan.turns.index(self.chosen(plan)) + by) % len(plan.turns)]
            self.scene.message = ""
            self.sync()

    def action_item(self, by: int) -> None:
        """Moves in the list in focus: what is newest is first, so earlier is further down."""
        found = self.list_in_focus()
        if found is not None:
            found.move(by)
            self.scene.message = ""
            self.sync()

    def action_page(self, by: int) -> None:
        """By pages."""
        found = self.list_in_focus()
        if found is not None:
            found.page(by)
            self.sync()

    def on_record_list_moved(self, message: RecordList.Moved) -> None:
        """The mouse did what keys do, and a click is focus."""
        self.tab = message.panel.id or ""
        if message.index is None:
            message.panel.move(message.by)
        else:
            message.panel.move_to(message.index)
        self.sync()
        if message.opened:
            self.action_open()

    def action_open(self) -> None:
        """Opens what is in focus, where it can be opened."""
