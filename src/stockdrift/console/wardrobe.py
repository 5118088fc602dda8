"""The themes that there are, the one that is worn, and whether its file has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stockdrift.console.theme import Theme, ThemeError, find_theme, shipped_folder, theme_file, theme_names, user_folder

_Stamp = tuple[Path, int, int]
"""File, time of its last change in ns, size in bytes."""


class Wardrobe:
    """Whatever raises :class:`ThemeError` leaves the theme that is worn as it was."""

    def __init__(self, worn: str, folders: Sequence[Path] | None = None) -> None:
        self.worn = worn
        self._folders = (user_folder(), shipped_folder()) if folders is None else folders
        self._tried = worn
        self._stamp = self._look()

    def names(self) -> list[str]:
        """Of all themes there are."""
        return theme_names(self._folders)

    def wear(self, name: str) -> Theme:
        """Changes to the theme called ``name``. Raises ThemeError."""
        self._tried = name
        theme = find_theme(name, self._folders)
        self.worn = name
        self._stamp = self._look()
        return theme

    def wear_next(self) -> Theme:
        """Changes to the next theme by name; after one that will not do, to the one behind it. Raises ThemeError."""
        names = self.names()
        after = [name for name in names if name > self._tried]
        return self.wear(after[0] if after else names[0] if names else self._tried)

    def changed(self) -> Theme | None:
        """The worn theme anew where its file has changed; None where it has not. Raises ThemeError, once a change."""
        stamp = self._look()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        return find_theme(self.worn, self._folders)

    def _look(self) -> _Stamp | None:
        try:
            file = theme_file(self.worn, self._folders)
            facts = file.stat()
        except (ThemeError, OSError):
            return None
        return file, facts.st_mtime_ns, facts.st_size
