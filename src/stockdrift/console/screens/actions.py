"""Actions: who wrote and said what, when, why, what was sent, what came back, verified or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from stockdrift.console import keys
from stockdrift.console.action_lines import ActionLine, action_lines
from stockdrift.console.log_lines import words_matcher
from stockdrift.console.plan_form import Choice, PlanForm
from stockdrift.console.scene import Scene
from stockdrift.console.screens.records import RecordsScreen
from stockdrift.console.widgets.actions_list import ActionDetail, ActionsPanel
from stockdrift.console.widgets.filter_line import FilterLine
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.reason_line import ReasonLine
from stockdrift.stock.actions import WRITTEN, Action
from stockdrift.stock.text import clean
from stockdrift.stock.wanted import Wanted


class ActionsScreen(RecordsScreen):
    """Newest first; made anew where the model has news, and only then."""

    NAME = "actions"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("actions")]
    DETAIL = 5

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._matches = words_matcher("")
        self._all: Sequence[ActionLine] = ()
        self._all_of = -1
        self.lines: Sequence[ActionLine] = ()

    def compose(self) -> ComposeResult:
        """All panels."""
        scene = self.scene
        yield Header(scene, "header")
        yield ActionsPanel(scene, "list")
        yield ActionDetail(scene, "detail")
        yield KeyBar(scene, "actions", self.works, "footer")
        yield Notice(scene, "notice")
        yield FilterLine(scene, "filter")
        yield ReasonLine(scene, "reason")
        yield self.command_line()

    def on_mount(self) -> None:
        """The lines wait for their keys."""
        for name in ("notice", "filter", "reason"):
            self.query_one(f"#{name}").display = False
        self.tick_clock(self.console_app.now)
        self.sync()

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        action = self.action
        answers: dict[str, str | None] = {
            "back": "clear filter" if self._filter else "",
            "open": "rows" if action is not None else None,
            "rollback": "" if self._can_undo(action) else None,
            "retry": "" if action is not None and self._is_dead(action) else None,
            "dismiss": "" if action is not None and self._is_dead(action) else None,
            "export-record": "" if self.lines else None,
        }
        return answers.get(name, "")

    @property
    def action(self) -> Action | None:
        """The action in focus; None where it is something that was said."""
        panel = self.query_one(ActionsPanel)
        one = self.lines[panel.cursor].one if panel.cursor < len(self.lines) else None
        return one if isinstance(one, Action) else None

    def _is_dead(self, action: Action) -> bool:
        return self.scene.model is not None and self.scene.model.ledger.is_dead(action)

    def _can_undo(self, action: Action | None) -> bool:
        return action is not None and not action.open and any(state in WRITTEN for state in action.states)

    def sync(self) -> None:
        """Draws what differs."""
        if not self.children:  # it was opened a moment ago
            return
        notice, model = self.query_one(Notice), self.scene.model
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        if model is not None and model.version != self._all_of:
            self._all, self._all_of = action_lines(model), model.version
            self._narrow()
        panel, detail = self.query_one(ActionsPanel), self.query_one(ActionDetail)
        panel.lines, panel.filtered = self.lines, self._filter
        super().sync()
        detail.line = self.lines[panel.cursor] if panel.cursor < len(self.lines) else None
        detail.sync()

    def narrow(self, text: str) -> None:
        """See :class:`RecordsScreen`."""
        self._matches = words_matcher(text)
        self._narrow()

    def _narrow(self) -> None:
        self.lines = [line for line in self._all if self._matches(line.held)]

    def action_open(self) -> None:
        """The rows of the action in focus, and what became of each."""
        action = self.action
        if action is not None:
            self.console_app.open_progress([action.key])
        elif self.lines:
            self.say("It has no rows: all of it is said below")

    def action_rollback(self) -> None:
        """Plans to take back what the action in focus has written."""
        self._plan("rollback", "Nothing of it can be taken back: it wrote nothing, or is under way")

    def action_retry(self) -> None:
        """Plans to try once more what failed of it."""
        self._plan("retry", "Only a dead letter is tried once more")

    def _plan(self, kind: str, cannot: str) -> None:
        action, model = self.action, self.scene.model
        if action is None or model is None:
            self.say("Only what was written to a surface can be planned again")
        elif not (self._can_undo(action) if kind == "rollback" else self._is_dead(action)):
            self.say(cannot)
        else:
            wanted = Wanted(kind, action.asked.surface, action=action.key)
            choice = Choice(action.asked.surface, (action.asked.surface,))
            self.console_app.open_plan(PlanForm([wanted], [choice], model.rules.actions))

    def action_dismiss_letter(self) -> None:
        """Asks why the dead letter in focus is needed no more."""
        action = self.action
        if action is None or not self._is_dead(action):
            self.say("Only a dead letter is dismissed")
            return
        line = self.query_one(ReasonLine)
        line.text, line.about = "", action.key
        line.display = True
        self.set_focus(line, scroll_visible=False)
        line.repaint()

    def on_reason_line_entered(self, message: ReasonLine.Entered) -> None:
        """The reason, or that it stays."""
        self.query_one(ReasonLine).display = False
        self.set_focus(None)
        reason = clean(message.text or "").strip()
        model = self.scene.model
        action = model.ledger.get(message.about) if model is not None else None
        if action is not None and reason:
            self.console_app.dismiss(action, reason)
        else:
            self.say("It stays: say why it is needed no more" if message.text is not None else "It stays")

    def action_export(self) -> None:
        """Writes what is listed as CSV into the current folder."""
        if self.lines:
            self.console_app.export_record([line.one for line in self.lines])
        else:
            self.say("Nothing is listed: nothing to export")

    def action_copy(self) -> None:
        """Gives the key of the action in focus to the terminal's clipboard."""
        action = self.action
        if action is not None:
            self.console_app.copy(action.key, f"the key {action.key[:8]}")
        else:
            self.say("Only actions have a key")
