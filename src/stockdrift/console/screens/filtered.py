"""What the screens share whose list a line of text narrows."""

from __future__ import annotations

from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.widgets.filter_line import FilterLine


class FilteredScreen(PanelScreen):
    """Composes a :class:`FilterLine`, hidden, as ``filter``."""

    @property
    def filter_text(self) -> str:
        """What the list is narrowed by."""
        raise NotImplementedError

    def list_only(self, text: str) -> bool:
        """Lists what ``text`` means; what means nothing is said, and the list stays. Whether it meant something."""
        raise NotImplementedError

    def action_filter(self) -> None:
        """Opens the line."""
        line = self.query_one("#filter", FilterLine)
        line.text = self.filter_text
        line.display = True
        self.set_focus(line, scroll_visible=False)
        line.repaint()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """The list follows."""
        self.list_only(message.text)

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        """Closes the line; what means nothing cannot be kept, and is there to be mended."""
        line = self.query_one("#filter", FilterLine)
        if self.list_only(line.text if message.kept else ""):
            line.display = False
            self.set_focus(None)
            self.sync()
