"""A plan, before anything is sent: what will be written, what it takes, Cancel in focus."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from stockdrift.console import keys
from stockdrift.console.model import Planned
from stockdrift.console.plan_form import PlanForm
from stockdrift.console.scene import Scene
from stockdrift.console.screens.modal import ModalScreen
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.modal_list import ModalList
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.plan_box import PlanBox
from stockdrift.stock.planner import PlanRow


class PlanScreen(ModalScreen):
    """``form`` is what the operator sees and says."""

    NAME = "plan"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("plan")]

    def __init__(self, scene: Scene, form: PlanForm) -> None:
        super().__init__(scene)
        self.form = form

    def compose(self) -> ComposeResult:
        """Header, the plan, footer."""
        yield Header(self.scene, "header")
        yield PlanBox(self.scene, (), self.form, "box")
        yield KeyBar(self.scene, "plan", self.works, "footer")
        yield Notice(self.scene, "notice")

    def on_mount(self) -> None:
        """Has the plan made."""
        super().on_mount()
        self.console_app.make_plan(self)

    @property
    def box(self) -> PlanBox:
        """What is drawn."""
        return self.query_one(PlanBox)

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        answers: dict[str, str | None] = {
            "back": "cancel",
            "field": "" if len(self.form.fields) > 1 else None,
            "rows": "" if self.form.items else None,
            "drop": "" if self.form.rows and not self.form.typing else None,
            "help": "" if not self.form.typing else None,
        }
        return answers.get(name, "")

    def sync(self) -> None:
        """What may be written from here can change while the plan lies open."""
        self.form.barred = self.console_app.source.acting.barred
        self.form.settle()
        super().sync()

    def take(self, planned: Planned) -> None:
        """The plans that were asked for."""
        form, scene = self.form, self.scene
        form.take(planned)
        if scene.model is not None and not any(one.skus for one in form.wanted):  # of a whole surface, not of marks
            rows = (scene.model.row_of(item.row.sku) for item in form.items if isinstance(item.row, PlanRow))
            form.hidden = sum(row is not None and not scene.listing.lists(row) for row in rows)
        self.sync()

    def failed(self, why: str) -> None:
        """There is no plan, and why."""
        self.form.failed = f"No plan can be made: {why}"
        self.sync()

    def on_plan_box_typed(self, _message: PlanBox.Typed) -> None:
        """A letter."""
        self.changed()

    def on_modal_list_scrolled(self, message: ModalList.Scrolled) -> None:
        """The mouse did what keys do."""
        if message.index is None:
            self.box.move(message.by)
        else:
            self.box.move_to(message.index)
        self.changed()

    def action_move(self, by: int) -> None:
        """Through the rows."""
        self.box.move(by)
        self.changed()

    def action_page(self, by: int) -> None:
        """By pages."""
        self.box.move(by * max(1, self.box.room - 1))
        self.changed()

    def action_first(self) -> None:
        """To the first row."""
        self.box.move_to(0)
        self.changed()

    def action_last(self) -> None:
        """To the last row."""
        self.box.move_to(len(self.form.items) - 1)
        self.changed()

    def action_field(self, by: int) -> None:
        """The next field, or the one before."""
        self.form.turn(by)
        self.changed()

    def action_option(self, by: int) -> None:
        """Another value of the field in focus."""
        if self.form.choose(by) and self.form.missing:
            self.console_app.make_plan(self)
        self.changed()

    def action_drop(self) -> None:
        """Leaves the row under the cursor out."""
        item = self.box.item
        if item is None:
            self.say(f"{self.scene.key('up')} and {self.scene.key('down')} choose a row first")
        elif not self.form.drop(item):
            self.say("It is not written anyway")
        else:
            self.changed()

    def action_choose(self) -> None:
        """Presses the button in focus; in a field, goes to the next one."""
        form = self.form
        if form.focus == "cancel":
            self.action_back()
        elif form.focus == "send" and not form.obstacle:
            form.sent = True  # a second Enter in the same burst asks for nothing
            self.app.pop_screen()
            self.console_app.send_plan(form)
        else:
            form.go_on()
            self.changed()

    def action_back(self) -> None:
        """Nothing is sent."""
        self.app.pop_screen()
        self.console_app.say("Cancelled: nothing was sent")
