"""Which settings file is meant; and the error of all that has to do with settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from platformdirs import user_config_dir

from stockdrift.stock.text import escaped

FILE_NAME: Final = "settings.toml"


class SettingsError(Exception):
    """The settings cannot be used; the text is the whole message for the operator, and steers no terminal. ``problems``
    are what is wrong, one by one; where there are several, the text counts them first and gives each a line.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = ["\n".join(map(escaped, problem.split("\n"))) for problem in problems]
        count = len(self.problems)
        lines = (
            self.problems if count == 1 else [f"{count} settings will not do:", *(f"  {one}" for one in self.problems)]
        )
        super().__init__("\n".join(lines))


def find(path: Path | None) -> Path:
    """``path``, or ``settings.toml`` here or in the user's config folder. Raises SettingsError where there is none."""
    if path is not None:
        if path.is_dir():
            raise SettingsError(f"{path}: is a folder, not a settings file")
        if not path.exists():
            raise SettingsError(f"{path}: there is no such settings file")
        return path.absolute()
    places = [Path.cwd() / FILE_NAME, Path(user_config_dir("stockdrift")) / FILE_NAME]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SettingsError(
            f"No settings found. Looked for {' and '.join(str(place) for place in places)}.\n"
            "Copy settings.example.toml to settings.toml and fill it in, or try a simulated store:\n"
            "  stockdrift sandbox --write-settings settings.toml"
        )
    return found
