"""The line above the list: how long each message stays, what is told once, and what gives way to an alarm."""

from __future__ import annotations

from typing import Final

from stockdrift.console.log_lines import LogLine
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.notice import remarks_text
from stockdrift.stock.text import clean

MESSAGE: Final = 8_000
"""A message leaves after so many ms, or with the next key."""


class Messages:
    """Of one console, whatever screen it shows. ``message`` is what there is to say at its start, at ``now``."""

    def __init__(self, scene: Scene, message: str, now: int) -> None:
        self._scene = scene
        scene.message = message
        self._lasting = {message}  # what stays until the first key
        self._banner = ""
        self._said = ""
        self._said_at = now
        self._settings_at = now  # what was told before is no news
        self._notes_told = False
        if message:
            self._keep(now, message, "warning")
        self._noted = ""  # the trouble that stands in the log

    def said(self, message: str, now: int, level: str = "info") -> None:
        """A line is shown from ``now`` on, also one that was shown before; it stands in the log as one of ``level``."""
        self._said, self._said_at = message, now
        self._keep(now, message, level)

    def faded(self, scene: Scene, now: int) -> bool:
        """Lets a message leave after a while, whoever said it; True where one has left."""
        if scene.message != self._said:
            self._said, self._said_at = scene.message, now
        elif scene.message and scene.message not in self._lasting and abs(now - self._said_at) > MESSAGE:
            scene.message = self._said = ""
            return True
        return False

    def take_picture(self) -> str:
        """Tells what a new picture brings, once; the text is for the screen that is shown to say."""
        news = self._settings()
        self._notes()
        self._give_way()
        return news

    def take_trouble(self, now: int) -> None:
        """Trouble stands in the log too, once."""
        self._give_way()
        if self._scene.trouble != self._noted:
            self._noted = self._scene.trouble
            if self._noted:
                self._keep(now, self._noted, "warning")

    def _settings(self) -> str:
        """That the collector took other settings over; that it refused them stands until they are mended."""
        note = self._scene.picture.settings if self._scene.picture else None
        if note is None or note.at <= self._settings_at:
            return ""
        self._settings_at = note.at
        return f"Settings reloaded: {note.text}" if note.text and not note.refused else ""

    def _notes(self) -> None:
        """Who opens a console reads first what the one before left, until the first key."""
        scene = self._scene
        if not self._notes_told and (scene.notes or scene.settled):
            self._notes_told = True
            if scene.notes and not scene.message and not scene.alarm[1]:
                scene.message = remarks_text(scene.notes, scene)
                self._lasting.add(scene.message)
                self._banner = scene.banner[1]  # a pause: it was there when the note was told

    def _give_way(self) -> None:
        """What would stay until the first key does not hide a banner that comes meanwhile."""
        banner = self._scene.banner[1]
        if banner and banner != self._banner and self._scene.message in self._lasting:
            self._scene.message = ""
        self._banner = banner

    def _keep(self, at: int, message: str, level: str) -> None:
        self._scene.told.append(LogLine(at, "console", level, clean(message)))
