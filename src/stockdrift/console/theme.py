"""Themes: TOML files of semantic colours, and the styles that are made of them.

A theme file holds ``name``, ``dark`` (true or false) and a table ``[colors]`` with exactly the tokens of
:data:`TOKENS`; a value is anything Textual reads as a colour (``#11161b``, ``rgb(…)``, ``ansi_red``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import platformdirs
from rich.style import Style
from textual.color import Color, ColorParseError

TOKENS: Final = (
    "background",
    "panel",
    "cursor",
    "rule",
    "track",
    "muted",
    "text",
    "strong",
    "accent",
    "ok",
    "unknown",
    "under",
    "late",
    "over",
    "oversell",
    "oversell_badge_text",
    "oversell_badge",
)
_NAME: Final = re.compile(r"[\w-]+", re.ASCII)


class ThemeError(Exception):
    """A theme cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Theme:
    """Colours by token. Without colours (``NO_COLOR``), weight and reverse video say what has to be said."""

    name: str
    dark: bool
    colors: Mapping[str, Color]
    colourless: bool = False
    _styles: dict[tuple[str, str, bool], Style] = field(default_factory=dict, compare=False, repr=False)

    def style(self, token: str, on: str = "background", *, bold: bool = False) -> Style:
        """The style of ``token`` on the background token ``on``. The same request gives the same object."""
        key = (token, on, bold)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(token, on, bold=bold)
        return style

    def _make(self, token: str, on: str, *, bold: bool) -> Style:
        if self.colourless:
            reverse = on in ("cursor", "oversell_badge", "late", "unknown", "oversell")
            return Style(bold=bold or token in ("strong", "accent"), reverse=reverse)
        return Style(color=self.colors[token].rich_color, bgcolor=self.colors[on].rich_color, bold=bold)

    def without_colours(self) -> Theme:
        """The same theme for ``NO_COLOR``."""
        return Theme(self.name, self.dark, self.colors, colourless=True)


def shipped_folder() -> Path:
    """Where the themes of the package are: inside it, or at the top of the checkout it is installed from."""
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def user_folder() -> Path:
    """Where an operator's own themes are."""
    return platformdirs.user_config_path("stockdrift") / "themes"


def find_theme(name: str, folders: tuple[Path, ...] | None = None) -> Theme:
    """The theme called ``name``: the operator's own before the shipped one. Raises ThemeError."""
    folders = (user_folder(), shipped_folder()) if folders is None else folders
    if not _NAME.fullmatch(name):
        raise ThemeError(f"theme {name!r}: a theme's name is letters, digits, - and _")
    for folder in folders:
        file = folder / f"{name}.toml"
        if file.is_file():
            return load_theme(file)
    known = sorted({file.stem for folder in folders if folder.is_dir() for file in folder.glob("*.toml")})
    raise ThemeError(f"no theme is called {name!r}; there are {', '.join(known) or 'none'}")


def load_theme(file: Path) -> Theme:
    """The theme that ``file`` holds. Raises ThemeError, one sentence that names the file and the key."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ThemeError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"{file}: not TOML: {error}") from None
    _refuse_unknown(file, "", document, ("name", "dark", "colors"))
    name, dark, values = document["name"], document["dark"], document["colors"]
    if not isinstance(name, str) or not isinstance(dark, bool) or not isinstance(values, dict):
        raise ThemeError(f"{file}: name is text, dark is true or false, colors is a table")
    _refuse_unknown(file, "colors.", values, TOKENS)
    colors = {}
    for token in TOKENS:
        try:
            colors[token] = Color.parse(values[token])
        except (ColorParseError, TypeError, AttributeError):
            raise ThemeError(f"{file}: colors.{token}: {values[token]!r} is not a colour") from None
    return Theme(name, dark, colors)


def _refuse_unknown(file: Path, prefix: str, found: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in found:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; nearest is {prefix}{near[0]}" if near else ""
            raise ThemeError(f"{file}: {prefix}{key} is not a key of a theme{hint}")
    for key in known:
        if key not in found:
            raise ThemeError(f"{file}: {prefix}{key} is missing")
