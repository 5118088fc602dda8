"""What the screens share that lie as a box upon another one: it stands still behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.geometry import Region

from stockdrift.console.scene import Scene
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.modal import Modal, text_of
from stockdrift.console.widgets.notice import Notice


class ModalScreen(PanelScreen):
    """Its box has the id ``box``."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.behind: Sequence[str] = ()

    def on_mount(self) -> None:
        """Keeps what the screen below shows; of another box, what that one has kept."""
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        if isinstance(below, ModalScreen):
            self.behind = below.behind
        elif isinstance(below, PanelScreen):
            self.behind = text_of(below.panels(), *self.app.size)
        box = self.query_one("#box", Modal)
        box.behind = self.behind
        self.query_one(Notice).display = False
        self.set_focus(box, scroll_visible=False)
        self.tick_clock(self.console_app.now)
        self.sync()

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """Header and footer as on every screen, the box between them."""
        slim = height < 4
        return {
            "header": None if slim else Region(0, 0, width, 1),
            "box": Region(0, 0, width, height) if slim else Region(0, 1, width, height - 2),
            "footer": None if slim else Region(0, height - 1, width, 1),
            "notice": Region(0, max(0, height - 2), width, 1),
        }

    def sync(self) -> None:
        """Draws what differs; the notice comes and goes."""
        if not self.children:  # it was opened a moment ago
            return
        notice = self.query_one(Notice)
        if notice.display != bool(self.scene.message):
            notice.display = bool(self.scene.message)
            self.query_one("#box", Modal).repaint()
        super().sync()

    def changed(self) -> None:
        """Draws after a key."""
        self.scene.message = ""
        self.sync()
