"""Logs: what the collector wrote and what this console said, followed as it grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region

from stockdrift.console import keys
from stockdrift.console.inquiry import Inquiry
from stockdrift.console.log_lines import CollectorLog, LogFilterError, LogLine, matcher
from stockdrift.console.scene import Scene
from stockdrift.console.screens.filtered import FilteredScreen
from stockdrift.console.widgets.filter_line import FilterLine
from stockdrift.console.widgets.header import Header
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.log_panel import LogDetail, LogPanel
from stockdrift.console.widgets.notice import Notice
from stockdrift.console.widgets.record_list import RecordList

_DETAIL = 4  # rows
_LEAST_LIST = 8


class LogsScreen(FilteredScreen):
    """Newest first; the cursor follows the newest until it is moved."""

    NAME = "logs"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("logs")]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.log_read: CollectorLog | None = None
        self._missing = "Reading the log …"
        self._inquiry = Inquiry()
        self._filter = ""
        self._matches = matcher("")
        self._made_of: tuple[object, ...] = ()
        self._lines: list[LogLine] = []

    def compose(self) -> ComposeResult:
        """All panels."""
        scene = self.scene
        yield Header(scene, "header")
        yield LogPanel(scene, "log")
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

    def works(self, name: str) -> str | None:
        """The footer's label of a key."""
        return ("clear filter" if self._filter else "") if name == "back" else ""

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """The list takes what the others leave."""
        top = 1 if height >= 16 else 0
        bottom = height - (1 if height >= 4 else 0)
        detail = _DETAIL if bottom - top >= _LEAST_LIST + _DETAIL else 0
        line = Region(0, max(0, height - 1), width, 1)
        return {
            "header": Region(0, 0, width, 1) if top else None,
            "log": Region(0, top, width, bottom - top - detail),
            "detail": Region(0, bottom - detail, width, detail) if detail else None,
            "footer": Region(0, bottom, width, 1) if bottom < height else None,
            "notice": Region(0, max(0, bottom - 1), width, 1),
            "filter": line,
            "command": line,
        }

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
        detail.sync()

    def _merged(self) -> list[LogLine]:
        """Both in the order of time, newest first; lines of one moment stay in the order in which they were said."""
        collected = list(self.log_read.lines) if self.log_read is not None else []
        said = [LogLine(at, "console", "info", text) for at, text in self.scene.told]
        both = sorted([*collected, *said], key=lambda line: line.at or 0)
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

    @property
    def filter_text(self) -> str:
        """What the lines are narrowed by."""
        return self._filter

    def list_only(self, text: str) -> None:
        """Filters; what means nothing is said, and the list stays."""
        try:
            self._matches = matcher(text)
        except LogFilterError as error:
            self.say(str(error))
            return
        self._filter = text
        self.scene.message = ""
        self.sync()

    def action_back(self) -> None:
        """Clears the filter; else back."""
        if self._filter:
            self.list_only("")
        else:
            super().action_back()

    def _moved(self) -> None:
        self.scene.message = ""
        self.sync()

    def action_move(self, by: int) -> None:
        """Through the lines."""
        self.query_one(LogPanel).move(by)
        self._moved()

    def action_page(self, by: int) -> None:
        """By pages."""
        self.query_one(LogPanel).page(by)
        self._moved()

    def action_first(self) -> None:
        """To the newest, which is followed again."""
        self.query_one(LogPanel).move_to(0)
        self._moved()

    def action_last(self) -> None:
        """To the oldest."""
        self.query_one(LogPanel).move_to(len(self._lines) - 1)
        self._moved()

    def on_record_list_moved(self, message: RecordList.Moved) -> None:
        """The mouse did what keys do."""
        if message.index is None:
            message.panel.move(message.by)
        else:
            message.panel.move_to(message.index)
        self._moved()

    def action_copy(self) -> None:
        """Gives the line in focus to the terminal's clipboard."""
        panel = self.query_one(LogPanel)
        if panel.cursor < len(self._lines):
            self.console_app.copy(self._lines[panel.cursor].text, "the line")
