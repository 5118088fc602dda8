"""What the screens of records share: a list that a filter narrows, and below it the whole of the line in focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.geometry import Region

from stockdrift.console.log_lines import LogFilterError
from stockdrift.console.scene import Scene
from stockdrift.console.screens.filtered import FilteredScreen
from stockdrift.console.widgets.record_list import RecordList

_LEAST_LIST = 8


class RecordsScreen(FilteredScreen):
    """Newest first. A subclass composes its list as ``list``, and what is below it as ``detail``."""

    DETAIL: ClassVar[int] = 4
    """Rows of what is below the list."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._filter = ""

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#list", RecordList)

    def detail_rows(self, _width: int, room: int) -> int:
        """How many rows below the list say the whole of what is in focus, where there is ``room``; 0 for none."""
        return self.DETAIL if room >= self.DETAIL else 0

    def narrow(self, text: str) -> None:
        """Lists from now on what ``text`` means. Raises LogFilterError where it means nothing; then nothing changes."""
        raise NotImplementedError

    def places(self, width: int, height: int) -> Mapping[str, Region | None]:
        """The list takes what the others leave."""
        top = 1 if height >= 16 else 0
        bottom = height - (1 if height >= 4 else 0)
        detail = self.detail_rows(width, bottom - top - _LEAST_LIST)
        line = Region(0, max(0, height - 1), width, 1)
        return {
            "header": Region(0, 0, width, 1) if top else None,
            "list": Region(0, top, width, bottom - top - detail),
            "detail": Region(0, bottom - detail, width, detail) if detail else None,
            "footer": Region(0, bottom, width, 1) if bottom < height else None,
            "notice": Region(0, max(0, bottom - detail - 1), width, 1),
            "filter": line,
            "reason": line,
            "command": line,
        }

    @property
    def filter_text(self) -> str:
        """What the list is narrowed by."""
        return self._filter

    def list_only(self, text: str) -> bool:
        """See :class:`FilteredScreen`."""
        try:
            self.narrow(text)
        except LogFilterError as error:
            self.say(str(error))
            return False
        self._filter = text
        self._moved()
        return True

    def _moved(self) -> None:
        self.scene.message = ""
        self.sync()

    def action_back(self) -> None:
        """Clears the filter; else back."""
        if self._filter:
            self.list_only("")
        else:
            super().action_back()

    def action_move(self, by: int) -> None:
        """Through the list."""
        self.records.move(by)
        self._moved()

    def action_page(self, by: int) -> None:
        """By pages."""
        self.records.page(by)
        self._moved()

    def action_first(self) -> None:
        """To the newest, which is followed again."""
        self.records.move_to(0)
        self._moved()

    def action_last(self) -> None:
        """To the oldest."""
        self.records.move_to(len(self.records.keys()) - 1)
        self._moved()

    def on_record_list_moved(self, message: RecordList.Moved) -> None:
        """The mouse did what keys do."""
        if message.index is None:
            message.panel.move(message.by)
        else:
            message.panel.move_to(message.index)
        self._moved()
        if message.opened:
            self.action_open()

    def action_open(self) -> None:
        """Opens what is in focus, where it can be opened."""
