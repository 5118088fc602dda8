"""History: the first screen as it stood at a recorded moment, and the keys that go from one moment to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import ClassVar, Final

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume, ScreenSuspend
from textual.geometry import Region

from stockdrift.console import keys, words
from stockdrift.console.commands import MOMENT
from stockdrift.console.geometry import DIVIDER, FULL_WIDTH, PREVIEW_OVER
from stockdrift.console.history_plan import history_plan
from stockdrift.console.keys import SPEEDS
from stockdrift.console.listing import Listing
from stockdrift.console.replay import Replay
from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.console.widgets.grid_head import GridHead
from stockdrift.console.widgets.scrubber import Scrubber, columns_at
from stockdrift.stock.filter import FilterError
from stockdrift.stock.passage import Moment

GROW: Final = 1.0
"""Seconds between two looks at what was recorded since."""

LOOK: Final = 30.0
"""Seconds between two looks at the times that surfaces have missed."""

FRAME: Final = 0.2
"""Seconds between two moments while it plays."""


def scene_of(live: Scene, past: Replay) -> Scene:
    """A scene of the past that is looked at as the live one is: same order, same columns, same filter."""
    seen = live.listing
    return Scene(
        live.theme,
        live.glyphs,
        zone=live.zone,
        moment=past.moment.at,
        model=past.past.model,
        listing=Listing(sort=seen.sort, reverse=seen.reverse, everything=seen.everything, text=seen.text),
        surface_order=live.surface_order,
        column_order=live.column_order,
        arranged=live.arranged,
        sku_width=live.sku_width,
        keymap=live.keymap,
        replay=past,
    )


class HistoryScreen(WatchScreen, inherit_bindings=False):
    """``replay`` is where it stands; its model stands there already."""

    NAME = "history"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("history")]

    def __init__(self, scene: Scene, past: Replay) -> None:
        super().__init__(scene)
        self.replay = past
        self._played_at = 0.0

    def compose(self) -> ComposeResult:
        """As the first screen, and the scrubber."""
        yield from super().compose()
        yield Scrubber(self.scene, "scrubber")

    def on_mount(self) -> None:
        """Looks for what is recorded meanwhile; plays where that was asked for."""
        super().on_mount()
        self.set_interval(GROW, self._grow)
        self.set_interval(FRAME, self._play_on)
        self.set_interval(LOOK, self.look_for_missed)
        self.look_for_missed()
        self.tick_clock(self.console_app.now)
        self.take()
        self._point_at(self.console_app.scene.listing.row)

    async def on_unmount(self) -> None:
        """Gives the journal back."""
        await self.replay.past.close()

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """As :func:`~stockdrift.console.history_plan.history_plan` says."""
        if self.replay.fit(columns_at(width)):
            self.load()
        self.scene.roomy = width >= PREVIEW_OVER
        return history_plan(width, height)

    def panels_there(self) -> list[str]:
        """The panels that can have the focus now."""
        full = self.scene.picture is not None and history_plan(*self.size)["surfaces"] is not None
        causes = ["cause"] if full and self.scene.findings else []
        return ["grid", *(["surfaces"] if full else []), *causes]

    def works(self, name: str) -> str | None:
        """The footer's label of a key, None where it would do nothing now."""
        match name:
            case "back":
                return "live"
            case "play":
                return "stop" if self.replay.playing else ""
            case "open":
                label = super().works("open")
                return "open as it stood" if label == "" and self.size.width >= FULL_WIDTH else label
            case "export-then":
                return super().works("export")
        return ""

    def names(self) -> Mapping[str, Sequence[str]]:
        """Orders to sort by, and themes."""
        found = super().names()
        return {name: found[name] for name in ("theme", "sort")}

    def on_screen_suspend(self, _event: ScreenSuspend) -> None:
        """Whoever opens another screen wants to look at this moment."""
        self.replay.playing = False

    def on_screen_resume(self, _event: ScreenResume) -> None:
        """The columns stay as they are."""
        self.sync()

    def sync(self) -> None:
        """Draws what has changed."""
        self.query_one(GridHead).joint = DIVIDER if history_plan(*self.size)["drift"] else 0
        super().sync()

    # -- from moment to moment ----------------------------------------------------------------------------------

    def take(self) -> None:
        """Draws the moment at which the model stands."""
        scene, at = self.scene, self.replay.moment.at
        model = scene.model
        if model is None:
            return
        scene.now = at
        scene.show(model.picture(at))
        try:
            scene.listing.update(model, at, force=True)
        except FilterError as error:  # there was no such surface then
            scene.listing.text = ""
            scene.listing.update(model, at, force=True)
            self.console_app.say(f"The filter is cleared: {error}")
        if len(scene.listing.rows):
            scene.measure_skus()
        self.sync()

    def _point_at(self, row: int | None) -> None:
        """Puts the cursor on a catalogue row, where it is listed: the one that was looked at."""
        listing = self.scene.listing
        found = np.flatnonzero(listing.rows == (-1 if row is None else row))
        if len(found) and found[0]:
            listing.move_to(int(found[0]), self.replay.moment.at)
            self.sync()

    def ask(self, moment: Moment | None, told: str) -> None:
        """Goes to ``moment``; one that was asked for before is given up. None: says ``told``."""
        self.scene.message = ""
        if moment is None:
            self.replay.playing = False
            self.console_app.say(told)
            return
        self.replay.target = moment
        if self.replay.frame(moment.at):
            self.load()
        self._arrive(moment)
        self.sync()

    @work(exit_on_error=False, group="replay", exclusive=True)
    async def _arrive(self, moment: Moment) -> None:
        replay = self.replay
        try:
            await replay.past.go(moment)
        except Exception as error:  # whatever it is, the screen stays where it is
            replay.target, replay.playing = None, False
            self.console_app.warn(f"Cannot go there: {words.why(error)}")
        else:
            replay.moment, replay.target = moment, None
            self.take()
            if isinstance(self.app.screen, PanelScreen) and self.app.screen is not self:
                self.app.screen.sync()  # the screen of a SKU, from which one may go on as well

    @work(exit_on_error=False, group="counts", exclusive=True)
    async def load(self) -> None:
        """Fetches the counts of the columns shown."""
        await self._load()

    @work(exit_on_error=False, group="missed", exclusive=True)
    async def look_for_missed(self) -> None:
        """Looks which times surfaces have missed; where that cannot be told, the scrubber does without."""
        try:
            self.replay.missed = await self.replay.past.missed()
        except Exception as error:
            self.log.error(error)
        else:
            self.sync()

    async def _load(self) -> None:
        try:
            await self.replay.load()
        except Exception as error:
            self.console_app.warn(f"Cannot read the counts over time: {words.why(error)}")
        else:
            self.sync()

    async def _grow(self) -> None:
        """What is recorded meanwhile, and the time that goes on, lengthen what can be gone through."""
        replay = self.replay
        before, replay.now = replay.now, self.console_app.now
        try:
            await replay.past.refresh()
        except Exception as error:
            self.console_app.warn(f"Cannot read the journal: {words.why(error)}")
            return
        if before < replay.end and replay.now >= replay.end and replay.asked.at >= replay.end - replay.width:
            replay.frame(replay.now)
        if before <= replay.end:
            await self._load()

    def _play_on(self) -> None:
        replay = self.replay
        if not replay.playing or replay.target is not None:
            return
        now = monotonic()
        moment = replay.played(round((now - self._played_at) * 1000))
        self._played_at = now
        self.ask(moment, "This is the end of what is recorded")

    def on_scrubber_sought(self, message: Scrubber.Sought) -> None:
        """The mouse did what keys do."""
        if message.column is None:
            self.action_slide(message.by)
        else:
            at = max(self.replay.first_at, min(self.replay.begin + message.column * self.replay.width, self.replay.now))
            self.ask(self.replay.past.passage.at(at), "Nothing is recorded there")

    # -- keys ---------------------------------------------------------------------------------------------------

    def action_step(self, by: int) -> None:
        """One recorded entry on, or back."""
        self.ask(self.replay.step(by), _EDGE[by])

    def action_slide(self, by: int) -> None:
        """One column on, or back."""
        self.ask(self.replay.slide(by), _EDGE[by])

    async def action_episode(self, by: int) -> None:
        """To where the next episode begins, oversells or ends, or the one before."""
        try:
            moment = await self.replay.turn(by)
        except Exception as error:
            self.console_app.warn(f"Cannot read the counts over time: {words.why(error)}")
        else:
            self.ask(moment, no_episode("the store", by))

    def action_play(self) -> None:
        """Lets the time go on, or stops it."""
        self.replay.playing = not self.replay.playing
        self._played_at = monotonic()
        self.changed()

    def action_speed(self, key: int) -> None:
        """How fast it plays."""
        self.replay.speed = key
        self.console_app.say(f"Plays {SPEEDS[key - 1]:,} times as fast")

    def action_zoom(self, by: int) -> None:
        """Less time in a column, or more."""
        if self.replay.zoom(by):
            self.load()
            self.changed()
        else:
            self.say("A column cannot be narrower" if by > 0 else "A column cannot be wider")

    def action_oldest(self) -> None:
        """To the beginning of what is recorded."""
        self.ask(self.replay.past.passage.first, "Nothing is recorded")

    def action_go(self) -> None:
        """Opens the line, the word for it typed already."""
        self.action_command(f"{MOMENT} ")

    def obey(self, verb: str, argument: str) -> None:
        """Goes to a time; sorts and filters."""
        if verb == MOMENT:
            self.console_app.history.go_to(argument)
        else:
            super().obey(verb, argument)

    def action_back(self) -> None:
        """From another panel to the list; clears the filter; else back to what is live."""
        if self.scene.focus != "grid" or self.scene.listing.text:
            super().action_back()
        else:
            self.action_live()

    def action_live(self) -> None:
        """Back to what is live."""
        self.console_app.history.leave()

    def action_barred(self) -> None:
        """Nothing can be changed in the past."""
        self.say(barred(self.scene))


def no_episode(whose: str, by: int) -> str:
    """That there is no episode of ``whose`` to go to."""
    return f"No episode of {whose} begins or ends {'after' if by > 0 else 'before'} this"


_EDGE: Final = {1: "This is the end of what is recorded", -1: "This is the beginning of what is recorded"}


def barred(scene: Scene) -> str:
    """Why a key that would change something does nothing."""
    at = words.clock(scene.now, scene.zone)
    return f"This is {at}, as it stood: nothing can be changed there. {scene.key('back')} goes back to what is live"
