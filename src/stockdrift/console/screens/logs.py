"""Logs: what the collector wrote and what this console said, followed as it grows."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from stockdrift.console import keys
from stockdrift.console.inquiry import Inquiry
from stockdrift.console.log_lines import CollectorLog, LogLine, matcher
from stockdrift.console.scene import Scene
from stockdrift.console.screens.records import RecordsScreen
from stockdrift.console.widgets.filter_line import FilterLine
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.log_panel import LogDetail, LogPanel
from stockdrift.console.widgets.notice import Notice


class LogsScreen(RecordsScreen):
    """Newest first; the cursor follows the newest until it is moved."""

    NAME = "logs"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("logs")]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.log_read: CollectorLog | None = None
        self._missing = "Reading the log …"
        self._inquiry = Inquiry()
        self._matches = matcher("")
        self._made_of: tuple[object, ...] = ()
        self._lines: list[LogLine] = []
        self._detail_rows = 0

    def compose(self) -> ComposeResult:
        """All panels."""
        scene = self.scene
        yield Header(scene, "header")
        yield LogPanel(scene, "list")
        yield LogDetail(scene, "detail")
        yield KeyBar(scene, "logs", self.works, "footer")
        yield Notice(scene, "notice")
        yield FilterLine(scene, "filter")
        yield self.command_line()

    def on_mount(self) -> None:
        """The filter waits for its key."""
        self.query_one(Notice).display = False
        self.query_one("#filter", FilterLine).display = False
        self.sync()

    def detail_rows(self, width: int, room: int) -> int:
        """As many as the line in focus takes, and no fewer than others have."""
        self._detail_rows = self.query_one(LogDetail).wanted(width)
        return min(max(self.DETAIL, self._detail_rows), room) if room >= self.DETAIL else 0

    def works(self, name: str) -> str | None:
        """The footer's label of a key."""
        return ("clear filter" if self._filter else "") if name == "back" else ""

    def sync(self) -> None:
        """Has the log read once a second, and draws what differs."""
        scene, now = self.scene, self.console_app.now
        notice = self.query_one(Notice)
        if notice.display != notice.wanted:
            notice.display = notice.wanted
        if self._inquiry.due("log", now // 1_000, now):
            self.console_app.read_collector_log(self)
        told = scene.told
        made_of = (self.log_read, len(told), told[-1] if told else None, self._filter)
        if made_of != self._made_of:
            self._made_of = made_of
            self._lines = self._merged()
        panel, detail = self.query_one(LogPanel), self.query_one(LogDetail)
        panel.lines, panel.filtered, panel.failed = self._lines, self._filter, self._inquiry.failed
        panel.note = self._missing if self.log_read is None or self._inquiry.failed else self.log_read.missing
        detail.where = self.log_read.where if self.log_read is not None else ""
        super().sync()
        detail.line = self._lines[panel.cursor] if panel.cursor < len(self._lines) else None
        if self._detail_rows != detail.wanted(self.size.width):
            self.replan()
        detail.sync()

    def _merged(self) -> list[LogLine]:
        """Both in the order of time, newest first; lines of one moment stay in the order in which they were said."""
        collected = list(self.log_read.lines) if self.log_read is not None else []
        both = sorted([*collected, *self.scene.told], key=lambda line: line.at or 0)
        return [line for line in reversed(both) if self._matches(line)]

    def take_log(self, log: CollectorLog) -> None:
        """The lines that were read."""
        self._inquiry.answered()
        self.log_read = log
        self.sync()

    def missed(self, why: str) -> None:
        """It cannot be read, and why."""
        self._inquiry.unanswered(why)
        self._missing = f"The log cannot be read: {why}"
        self.sync()

    def narrow(self, text: str) -> None:
        """See :class:`RecordsScreen`."""
        self._matches = matcher(text)
        self._made_of = ()

    def action_copy(self) -> None:
        """Gives the line in focus to the terminal's clipboard."""
        panel = self.query_one(LogPanel)
        if panel.cursor < len(self._lines):
            self.console_app.copy(self._lines[panel.cursor].text, "the line")
