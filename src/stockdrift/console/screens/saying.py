"""The part of the screens by which an operator says what stands: one form for all of it, and what Enter does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.geometry import Region

from stockdrift.console import questions, words
from stockdrift.console.questions import Answer, Place, Question
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.say_form import NARROW, ROWS, SayForm
from stockdrift.stock.advice import Advice
from stockdrift.stock.reading import MASTER
from stockdrift.stock.remarks import QUIET, Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope

MOST_SAID: Final = 200
"""SKUs of which something is said at once: each is an entry of the journal."""


def form_region(width: int, height: int) -> Region:
    """Where a form lies: above the footer, as much of it as there is room for."""
    rows = min(ROWS + (width < NARROW), max(1, height - 1))
    return Region(0, max(0, height - 1 - rows), width, rows)


class Saying(PanelScreen):
    """A screen that composes :meth:`say_form`."""

    def skus_meant(self) -> Sequence[str]:
        """The SKUs of which the keys speak; empty where a surface is meant, or nothing."""
        return ()

    def surface_meant(self) -> str:
        """The surface of which they speak where no SKU is meant, and that a pause is of."""
        return ""

    def drifts(self) -> bool:
        """Whether any of the SKUs meant drifts: what does not cannot be acknowledged."""
        return True

    def too_many(self) -> bool:
        """Whether more SKUs are meant than something is said of at once."""
        return False

    def advised(self) -> Advice | None:
        """How many units of the SKU to hold back, where its record speaks for any; offered first."""
        return None

    def say_form(self) -> SayForm:
        """The form, hidden, as ``form``."""
        form = SayForm(self.scene, "form")
        form.display = False
        return form

    def action_ignore(self) -> None:
        """Asks why, until when and where SKUs are to be left out."""
        if self._may_ask(self.skus_meant()):
            skus = self.skus_meant()
            ignore = self.console_app.source.ignored(Scope("", skus[0])) if len(skus) == 1 else None
            standing = ""
            if ignore is not None:
                standing = f"Ignored by {ignore.by or 'the settings'} until {self._when(ignore.until)}."
            self._ask(questions.IGNORE, standing, "" if ignore is None else ignore.reason)

    def action_buffer(self) -> None:
        """Asks how many units are to be held back."""
        if self._may_ask():
            places, source = self._places(questions.BUFFER), self.console_app.source
            scope = places[0].scopes[0]
            ruled = source.held_back(scope)
            standing = "" if ruled is None else f"An operator holds back {ruled} already. Empty: what the settings say."
            advised = self.advised()
            units = source.buffer(scope) if advised is None else advised.buffer
            self._ask(questions.BUFFER, standing or (advised.short if advised else ""), units=str(units))

    def action_acknowledge(self) -> None:
        """Asks whether the drift of now is known."""
        self._remark(questions.ACKNOWLEDGE)

    def action_snooze(self) -> None:
        """Asks until when it is to rest."""
        self._remark(questions.SNOOZE)

    def action_claim(self) -> None:
        """Asks whether one is at work on it."""
        self._remark(questions.CLAIM)

    def action_note(self) -> None:
        """Asks what the next one should know."""
        self._remark(questions.NOTE)

    def action_pause(self) -> None:
        """Asks why a surface is not to be read; one that is paused is resumed."""
        surface, source = self.surface_meant(), self.console_app.source
        if surface == MASTER:
            self.say("The master is not paused: without it nothing is known")
        elif not surface:
            self.say("No surface is chosen")
        elif source.remarked(RemarkKind.PAUSE, Scope(surface)) is not None:
            self.console_app.remark(RemarkKind.PAUSE, [Scope(surface)], None)
        else:
            form = self.query_one(SayForm)
            others = [
                line.name
                for line in (self.scene.picture.surfaces if self.scene.picture else ())
                if line.active and line.pause is None and line.name != surface
            ]
            places = [Place(words.title(name), [Scope(name)]) for name in (surface, *others)]
            form.ask(questions.PAUSE, "the reading of a surface", places, self.console_app.now)
            self._open(form)

    def _remark(self, question: Question) -> None:
        kind = question.kind
        if kind is None or not self._may_ask():
            return
        if kind in QUIET and self.skus_meant() and not self.drifts():
            self.say(f"Nothing is known to drift there: there is nothing to {kind}")
            return
        places = self._places(question)
        scope = places[0].scopes[0]
        remark = self.console_app.source.remarked(kind, scope) if len(places[0].scopes) == 1 else None
        standing, text = "", ""
        if remark is not None:
            until = "" if remark.until is None else f" until {self._when(remark.until)}"
            standing = f"{kind.done.capitalize()} by {remark.by}{until}. Until: now ends that."
            text = remark.text
        self._ask(question, standing, text)

    def _may_ask(self, meant: Sequence[str] | None = None) -> bool:
        if self.too_many():
            self.say(f"Not at once: more than {words.count(MOST_SAID)} SKUs are marked")
            return False
        if meant is not None:
            if not meant:
                self.say("No SKU is chosen")
            return bool(meant)
        if not (self.skus_meant() or self.surface_meant()) or self.surface_meant() == MASTER:
            self.say("No SKU is chosen, and no surface")
            return False
        return True

    def _places(self, question: Question) -> list[Place]:
        """Where it may be said: everywhere, or on one of the surfaces; a note also of the store."""
        skus, surface = self.skus_meant(), self.surface_meant()
        store = [Place("the store", [Scope()])] if question is questions.NOTE else []
        if not skus:
            return [Place(words.title(surface), [Scope(surface)]), *store]
        picture = self.scene.picture
        names = [one.name for one in picture.surfaces if one.active] if picture else []
        here = [Place(words.title(name), [Scope(name, sku) for sku in skus]) for name in names]
        everywhere = Place("everywhere", [Scope("", sku) for sku in skus])
        advised = self.advised() if question is questions.BUFFER else None
        if advised is None or advised.surface not in names:
            return [everywhere, *here, *store]
        first = here.pop(names.index(advised.surface))
        return [first, everywhere, *here]

    def _ask(self, question: Question, standing: str, text: str = "", units: str = "") -> None:
        skus = self.skus_meant()
        about = words.title(self.surface_meant())
        if skus:
            unseen = self.hidden()
            apart = f", {words.count(unseen)} of them not in this list" if unseen else ""
            about = skus[0] if len(skus) == 1 else f"{words.count(len(skus))} SKUs{apart}"
        form = self.query_one(SayForm)
        if question is questions.IGNORE and standing:
            standing += " Until: now ends that."
        form.ask(question, about, self._places(question), self.console_app.now, standing=standing, text=text,
                 units=units)  # fmt: skip
        self._open(form)

    def _open(self, form: SayForm) -> None:
        form.display = self.scene.asking = True
        self.scene.message = ""
        self.set_focus(form, scroll_visible=False)
        self.sync()
        form.repaint()

    def on_say_form_done(self, message: SayForm.Done) -> None:
        """Closes the form, and does what it says."""
        self.query_one(SayForm).display = self.scene.asking = False
        self.set_focus(None)
        self.sync()
        if message.answer is not None:
            self._do(message.question, message.place.scopes, message.answer)

    def _do(self, question: Question, scopes: Sequence[Scope], answer: Answer) -> None:
        app = self.console_app
        if question is questions.BUFFER:
            app.hold_back(scopes, answer.units, answer.text)
        elif question.kind is None:
            app.ignore(scopes, Ignore(answer.text, answer.until or 0))
        else:
            ended = answer.until is not None and answer.until <= app.now
            app.remark(question.kind, scopes, None if ended else Remark(answer.text, answer.until))

    def _when(self, at: int) -> str:
        return f"{words.day(at, self.scene.zone)} {words.minute(at, self.scene.zone)}"
