"""The part of the application that leads to a write: plans, the request for what was confirmed, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from stockdrift.console import words
from stockdrift.console.desk import Desk

if TYPE_CHECKING:
    from stockdrift.console.plan_form import PlanForm
    from stockdrift.console.screens.plan import PlanScreen
    from stockdrift.stock.actions import Action
    from stockdrift.stock.telling import Spoken


class Writing(Desk):
    """Nothing is asked for that was not planned on screen and confirmed there."""

    def open_plan(self, form: PlanForm) -> None:
        """Shows a plan; it is made while the screen is there already."""
        from stockdrift.console.screens.plan import PlanScreen

        form.barred = self.source.acting.barred
        self.push_screen(PlanScreen(self.scene, form))

    def open_progress(self, keys: Sequence[str]) -> None:
        """Shows what becomes of actions."""
        from stockdrift.console.screens.progress import ProgressScreen

        self.push_screen(ProgressScreen(self.shown, keys))

    def open_actions(self) -> None:
        """Shows the record of what operators wrote and said."""
        from stockdrift.console.screens.actions import ActionsScreen

        self.push_screen(ActionsScreen(self.shown))

    @work(exit_on_error=False, group="plan", exclusive=True)
    async def make_plan(self, screen: PlanScreen) -> None:
        """Has read anew what is needed, and hands the plans over."""
        wanted = screen.form.missing
        try:
            planned = await self.source.acting.plans(wanted)
        except Exception as error:  # the screen says so, and Esc leaves it
            if screen.is_attached:
                screen.failed(words.why(error))
        else:
            if screen.is_attached:
                screen.take(planned)

    @work(exit_on_error=False, group="send")
    async def send_plan(self, form: PlanForm) -> None:
        """Asks for what was confirmed, once; shows what becomes of it."""
        acting, keys = self.source.acting, []
        try:
            for plan in form.sendable:
                reason = form.rules.reasons[form.reason]
                keys.append(
                    await acting.ask(
                        plan, reason, form.note, typed=form.typed_for(plan), overrides=form.overrides_for(plan)
                    )
                )
            await self.source.catch_up()
        except Exception as error:
            self.warn(f"Cannot ask for it: {words.why(error)}")
        if keys:
            self.draw(force=True)
            self.open_progress(keys)

    @work(exit_on_error=False, group="send")
    async def stop_actions(self, keys: Sequence[str]) -> None:
        """Asks that nothing more be sent of them."""
        try:
            await self.source.acting.stop(keys)
            await self.source.catch_up()
        except Exception as error:
            self.warn(f"Cannot stop it: {words.why(error)}")
        else:
            self.say("Asked to send no more of it; what is on its way is read back")

    @work(exit_on_error=False, group="send")
    async def dismiss(self, action: Action, reason: str) -> None:
        """A dead letter is needed no more."""
        try:
            await self.source.acting.dismiss(action.key, reason)
            await self.source.catch_up()
        except Exception as error:
            self.warn(f"Cannot dismiss it: {words.why(error)}")
        else:
            self.say("Dismissed: it is on record, and no dead letter any more")

    @work(exit_on_error=False, group="export", exclusive=True)
    async def export_record(self, found: Sequence[Action | Spoken]) -> None:
        """Writes the record as a CSV file into the current folder, and says where."""
        from stockdrift.console.export import write_new

        scene = self.shown
        store = scene.picture.store if scene.picture else ""
        at = self.clock() if scene.replay is None else scene.now
        try:
            content = await asyncio.to_thread(self.source.acting.csv, found)
            path = await asyncio.to_thread(write_new, Path.cwd(), f"{store} actions", at, scene.zone, content)
        except Exception as error:  # a full disk, a folder that is gone: the screen goes on
            self.warn(f"Cannot export: {words.why(error)}")
        else:
            self.say(f"Exported {words.count(len(found))} {'entry' if len(found) == 1 else 'entries'} to {path.name}")
