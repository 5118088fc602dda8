"""The log: who said what, newest first, and below it the whole of the line in focus."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.log_lines import LogLine
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.record_list import RecordList

_MOST = 20  # rows that one line takes at most, however long
_INKS = {"error": "unknown", "warning": "late", "info": "muted"}


class LogPanel(RecordList):
    """A line each: time, who, level, text. ``filtered`` is the filter that holds."""

    chosen = True

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.lines: Sequence[LogLine] = ()
        self.filtered = ""
        self.note = ""
        self.failed = False

    def title(self) -> str:
        """See :class:`RecordList`."""
        return f"Logs with “{self.filtered}”" if self.filtered else "Logs"

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return self.lines

    def below(self) -> tuple[str, str]:
        """Why there is no more."""
        if self.note:
            return self.note, "unknown" if self.failed else "muted"
        return ("" if self.lines else "No line matches" if self.filtered else "Nothing was said yet"), "muted"

    def item(self, row: Row, index: int, width: int) -> None:
        """One line."""
        scene, line = self.scene, self.lines[index]
        glyphs, ink = scene.glyphs, _INKS[line.level]
        row.put(2, glyphs.unknown if line.at is None else words.moment(line.at, scene.now, scene.zone), "muted")
        glyph = {"error": glyphs.failed, "warning": glyphs.flag}.get(line.level, glyphs.actor)
        row.put(12, glyph, ink)
        x = 14
        if width >= 60:
            row.put(14, line.level, ink)
            row.put(23, line.who, "muted")
            x = 34
        row.put(x, words.cut(line.text, width - x - 1, glyphs.ellipsis), "text")


class LogDetail(Panel):
    """The line in focus, as much of it as there is room for."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.line: LogLine | None = None
        self.where = ""

    def wanted(self, width: int) -> int:
        """How many rows the whole of it takes at a width, its rule among them."""
        if self.line is None:
            return 1
        rows = [self.row(width) for _ in range(_MOST)]
        return 1 + flow(rows, 0, 2, width - 2, [(self.line.text, "text", False)], _MOST, self.scene.glyphs.ellipsis)

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """A rule, then the text."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        title_rule(rows[0], 0, width, "In full", words.cut_middle(self.where, max(10, width - 20)), light=glyphs.light)
        if self.line is not None and height > 1:
            flow(rows[1:], 0, 2, width - 2, [(self.line.text, "text", False)], height - 1, glyphs.ellipsis)
        return rows
