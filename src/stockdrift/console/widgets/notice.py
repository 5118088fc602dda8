"""One line above the grid: a banner that stands until its cause is gone, or what the last key did."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.widgets.panel import Panel


class Notice(Panel):
    """Shown only while there is something to say."""

    @property
    def wanted(self) -> bool:
        """Whether there is something to say."""
        return bool(self.scene.message or self.scene.banner[1])

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The banner as a filled line; a message quietly."""
        scene = self.scene
        ink, text = scene.banner
        row = self.row(width)
        if text and not scene.message:
            row = Row(scene.theme, width, on=ink)
            row.put(1, f"{scene.glyphs.tone(ink)} {words.cut(text, width - 4, scene.glyphs.ellipsis)}", "background",
                    bold=True)  # fmt: skip
        elif scene.message:
            after = row.put(1, f"{scene.glyphs.actor} ", "accent", bold=True)
            row.put(after, words.cut(scene.message, width - after - 1, scene.glyphs.ellipsis), "strong")
        return [row]
