"""The tuner: what another tolerance would do, for the store, a surface, a SKU, before it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from stockdrift.console import keys, questions
from stockdrift.console.geometry import DIVIDER, FULL_WIDTH
from stockdrift.console.questions import Answer, Place, Question
from stockdrift.console.scene import Scene
from stockdrift.console.screens.saying import Saying, form_region
from stockdrift.console.tuner import Tuner
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.say_form import SayForm
from stockdrift.console.widgets.tuner_deviations import Histogram, LeavingPanel
from stockdrift.console.widgets.tuner_panels import ScopesPanel, TunerHero, TunerPanel, WhatIf, scope_name
from stockdrift.stock.rules import Scope, stated_tolerance
from stockdrift.stock.words import as_sentence

_AGAIN: Final = 2_000  # ms between two looks at what news make of it
_TOP, _TABLE, _LIST = 10, 11, 40  # rows above, rows of the table as drawn, columns of the list
_MOST: Final = 100  # SKUs that are listed


class TunerScreen(Saying):
    """``scopes`` are those that may be tuned, the ``place``-th first."""

    NAME = "tuner"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("tuner")]

    def __init__(self, scene: Scene, scopes: Sequence[Scope], place: int) -> None:
        super().__init__(scene)
        self.tuner = Tuner(scopes)
        self._begin = place
        self._looked_at = 0
        self._version = -1

    def compose(self) -> ComposeResult:
        """All panels; those for which there is room are shown."""
        scene, tuner = self.scene, self.tuner
        yield Header(scene, "header")
        yield TunerHero(scene, tuner, "hero")
        yield ScopesPanel(scene, tuner, "scopes")
        yield Histogram(scene, tuner, "histogram")
        yield LeavingPanel(scene, tuner, "leaving")
        yield WhatIf(scene, tuner, "table")
        yield KeyBar(scene, "tuner", self.works, "footer")
        yield Notice(scene, "notice")
        yield self.command_line()
        yield self.say_form()

    def on_mount(self) -> None:
        """Begins with what holds."""
        self.query_one(Notice).display = False
        self._turn(self._begin)

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As drawn where there is room, else one below the other."""
        bottom = max(0, height - 1)
        found: dict[str, Region | None] = {
            "header": Region(0, 0, width, 1),
            "footer": Region(0, bottom, width, 1),
            "notice": Region(0, max(0, bottom - 1), width, 1),
            "command": Region(0, bottom, width, 1),
            "form": form_region(width, height),
        }
        if width >= FULL_WIDTH and height >= 36:
            middle = height - 2 - _TOP - _TABLE
            left = width - _LIST
            return {
                **found,
                "hero": Region(0, 1, DIVIDER + 1, _TOP),
                "scopes": Region(DIVIDER + 1, 1, width - DIVIDER - 1, _TOP),
                "histogram": Region(0, 1 + _TOP, left, middle),
                "leaving": Region(left, 1 + _TOP, _LIST, middle),
                "table": Region(0, 1 + _TOP + middle, width, _TABLE),
            }
        hero = min(3, max(1, height - 2))
        left = bottom - 1 - hero
        table = min(_TABLE, max(0, left - 4) if left > 8 else left)
        found["hero"] = Region(0, 1, width, hero)
        found["table"] = Region(0, 1 + hero, width, table) if table > 0 else None
        found["leaving"] = Region(0, 1 + hero + table, width, left - table) if left > table else None
        return found

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        answers: dict[str, str | None] = {
            "tolerance": "one point" if self.tuner.percent else "one unit",
            "percent": "units" if self.tuner.percent else "per cent",
            "panel": "store, surface, SKU" if len(self.tuner.scopes) > 1 else None,
            "open": "apply" if self.tuner.changes else None,
            "undo": "undo last" if self.console_app.can_undo else None,
            "back": "leave as it was" if self.tuner.changes else "back",
        }
        return answers.get(name, "")

    def sync(self) -> None:
        """Looks anew where it has to, and draws what differs."""
        self._look()
        notice = self.query_one(Notice)
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        super().sync()

    def _look(self) -> None:
        tuner, model, picture = self.tuner, self.scene.model, self.scene.picture
        now = self.console_app.now
        if model is None or picture is None:
            return
        held = self.console_app.source.tolerance(tuner.scope)
        if held != tuner.held and not tuner.changes:
            tuner.turn(tuner.place, held)
        tuner.held = held
        waiting = "" if picture.gauge.known else "The master is unknown: nothing can be said"
        stale = model.version != self._version and abs(now - self._looked_at) >= _AGAIN
        if not waiting and (tuner.prospect is None or stale):
            self._version, self._looked_at = model.version, now
            tuner.look(model)
            outlook = tuner.outlook
            leaving = outlook.leaving[:_MOST] if outlook is not None else ()
            lines = model.lines(leaving) if len(leaving) else []
            self.query_one(LeavingPanel).lines = sorted(lines, key=lambda line: -line.severity)
        elif waiting:
            tuner.prospect = None
        for panel in self.query(TunerPanel):
            panel.waiting = waiting
        source = self.console_app.source
        self.query_one(ScopesPanel).held = {
            scope: ruled if (ruled := source.ruling(scope)) is not None else stated_tolerance(model.rules, scope)
            for scope in tuner.scopes
        }

    def _turn(self, place: int) -> None:
        place %= len(self.tuner.scopes)
        self.tuner.turn(place, self.console_app.source.tolerance(self.tuner.scopes[place]))
        self.scene.message = ""
        self.sync()

    def action_panel(self, by: int) -> None:
        """The next scope, or the one before."""
        self._turn(self.tuner.place + by)

    def on_tuner_panel_chosen(self, message: TunerPanel.Chosen) -> None:
        """A click on a scope, or on a tolerance of the table."""
        if isinstance(message.chosen, int):
            self._turn(message.chosen)
        else:
            self.tuner.chosen = message.chosen
            self._changed()

    def action_move(self, by: int) -> None:
        """The next tolerance of the table, or the one before."""
        table, chosen = self.tuner.table, self.tuner.chosen
        if chosen in table:
            self.tuner.chosen = table[max(0, min(table.index(chosen) + by, len(table) - 1))]
            self._changed()

    def action_tolerance(self, by: int) -> None:
        """A unit, or a percentage point, more or less."""
        self.tuner.step(by)
        self._changed()

    def action_percent(self) -> None:
        """Units, or a percentage with the units as its floor."""
        self.tuner.toggle_percent()
        self._changed()

    def _changed(self) -> None:
        self.tuner.prospect = None
        self.scene.message = ""
        self.sync()

    def action_open(self) -> None:
        """Asks why, and applies what is looked at."""
        if not self.tuner.changes:
            self.say(as_sentence(f"{scope_name(self.tuner.scope)} has that tolerance already"))
            return
        form = self.query_one(SayForm)
        place = Place(scope_name(self.tuner.scope), [self.tuner.scope])
        form.ask(questions.TOLERANCE, f"{self.tuner.chosen} to {place.word}", [place], self.console_app.now)
        self._open(form)

    def _do(self, question: Question, scopes: Sequence[Scope], answer: Answer) -> None:
        if question is questions.TOLERANCE:
            self.console_app.set_tolerance(scopes[0], self.tuner.chosen, answer.text)
        else:
            super()._do(question, scopes, answer)
