"""The door to recorded time: opens History at a moment, goes to another one by name, leaves it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockdrift.console import words
from stockdrift.console.scene import Scene
from stockdrift.console.when import Meant, MomentError, nearest, understand
from stockdrift.stock.entries import Episode
from stockdrift.stock.picture import SkuPicture

if TYPE_CHECKING:
    from stockdrift.console.app import Console
    from stockdrift.console.screens.history import HistoryScreen


class History:
    """History as ``app`` shows it: one at most is open."""

    def __init__(self, app: Console) -> None:
        self._app = app
        self._screen: HistoryScreen | None = None

    @property
    def screen(self) -> HistoryScreen | None:
        """The screen, where it is open; others may lie upon it."""
        return self._screen if self._screen in self._app.screen_stack else None

    def bars(self, scene: Scene) -> bool:
        """Whether ``scene`` is one of the past, where nothing can be changed; then that is said."""
        if scene.replay is None:
            return False
        from stockdrift.console.screens.history import barred

        self._app.say(barred(scene))
        return True

    def open(self, meant: Meant | None = None, row: int | None = None) -> None:
        """Shows the screen as it stood at ``meant``, by default as it stands: from there one goes back. With ``row``
        the screen of that SKU is opened on it.
        """
        if self.screen is None:
            self._app.open_history(meant, row)

    def go_to(self, text: str) -> None:
        """To the moment that ``text`` is, or says that it is none."""
        app, screen = self._app, self.screen
        try:
            meant = understand(text, app.now, app.scene.zone)
        except MomentError as error:
            app.say(str(error))
            return
        if screen is None:
            self.open(meant)
            return
        moment, told = nearest(screen.replay.past.passage, meant, app.now, app.scene.zone)
        screen.ask(moment, "Nothing is recorded")
        if told:
            app.say(told)

    def leave(self) -> None:
        """Back to what is live."""
        while self.screen is not None:
            self._app.pop_screen()

    async def turn(self, sku: SkuPicture, episodes: Sequence[Episode], by: int) -> None:
        """To where ``sku`` began to drift or ceased to, next before or after the moment shown; ``episodes`` are those
        that are known where History is not open yet.
        """
        from stockdrift.console.replay import turn_of
        from stockdrift.console.screens.history import no_episode

        app, screen, name = self._app, self.screen, sku.line.sku
        none = no_episode(name, by)
        if screen is None:
            found = turn_of(episodes, app.scene.now, by)
            if found is None:
                app.say(none)
            else:
                self.open(Meant(found), sku.line.row)
            return
        try:
            moment = await screen.replay.turn_of(name, by)
        except Exception as error:
            app.warn(f"Cannot read the episodes of {name}: {words.why(error)}")
        else:
            screen.ask(moment, none)

    async def show(self, meant: Meant | None, row: int | None = None) -> None:
        """Does so: looks what is recorded, goes there, and only then puts the screen up."""
        from stockdrift.console.replay import Replay
        from stockdrift.console.screens.history import HistoryScreen, scene_of

        app = self._app
        past, opened = app.source.past(), False
        try:
            await past.refresh()
            frozen = app.scene.frozen_at
            begin = meant or Meant(app.now if frozen is None else frozen)
            moment, told = nearest(past.passage, begin, app.now, app.scene.zone)
            if moment is not None:
                await past.go(moment)
                replay = Replay(past, moment, app.now)
                self._screen = HistoryScreen(scene_of(app.scene, replay), replay)
                await app.push_screen(self._screen)
                opened = True  # the screen gives it back
                if row is not None:
                    app.open_sku(row)
            if told:
                app.say(told)
        except Exception as error:  # whatever it is, the operator has to see it
            app.warn(f"Cannot open History: {words.why(error)}")
        finally:
            if not opened:
                await past.close()
