"""Themes: TOML files of semantic colours, and the styles that are made of them.

A theme file holds ``name``, ``dark`` (true or false) and a table ``[colors]`` with exactly the tokens of
:data:`TOKENS`; a value is any opaque colour that Textual reads (``#11161b``, ``rgb(…)``, ``ansi_red``). A table
``[on_cursor]`` may name other colours for tokens on the row under the cursor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import platformdirs
from msgspec import Struct, field
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
_GROUNDS: Final = ("background", "panel")
"""What is written on any other is set off from these: without colours, by reverse video."""
FAINT: Final = "faint"
"""What is not to be read stands in it: the screen below a form. Made of the theme's others."""
_FAINT_CONTRAST: Final = 2.5
_MOST_LINKS: Final = 256
_NAME: Final = re.compile(r"[\w-]+", re.ASCII)


class ThemeError(Exception):
    """A theme cannot be used; the message names the file and the key."""


class Theme(Struct, frozen=True, eq=False):
    """Colours by token. Without colours (``NO_COLOR``), weight and reverse video say what has to be said."""

    name: str
    dark: bool
    colors: Mapping[str, Color]
    colourless: bool = False
    on_cursor: Mapping[str, Color] = field(default_factory=dict)
    _styles: dict[tuple[str, str, bool], Style] = field(default_factory=dict)
    _links: dict[tuple[str, str, bool, str], Style] = field(default_factory=dict)

    def style(self, token: str, on: str = "background", *, bold: bool = False) -> Style:
        """The style of ``token`` on the background token ``on``. The same request gives the same object."""
        key = (token, on, bold)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(token, on, bold=bold)
        return style

    def linked(self, token: str, on: str, *, bold: bool, link: str) -> Style:
        """The style, leading to ``link``. The same request gives the same object, as long as it is among the last."""
        key = (token, on, bold, link)
        style = self._links.get(key)
        if style is None:
            if len(self._links) >= _MOST_LINKS:
                self._links.clear()
            style = self._links[key] = self.style(token, on, bold=bold) + Style(link=link)
        return style

    def _make(self, token: str, on: str, *, bold: bool) -> Style:
        if self.colourless:
            return Style(bold=bold or token in ("strong", "accent"), reverse=on not in _GROUNDS)
        return Style(color=self.color(token, on).rich_color, bgcolor=self.colors[on].rich_color, bold=bold)

    def color(self, token: str, on: str = "background") -> Color:
        """The colour of ``token`` on the background token ``on``."""
        own = self.on_cursor.get(token) if on == "cursor" else None
        return self.colors[token] if own is None else own

    def without_colours(self) -> Theme:
        """The same theme for ``NO_COLOR``."""
        return Theme(self.name, self.dark, self.colors, colourless=True, on_cursor=self.on_cursor)


def shipped_folder() -> Path:
    """Where the themes of the package are: inside it, or at the top of the checkout it is installed from."""
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parents[1] / "themes"


def user_folder() -> Path:
    """Where an operator's own themes are."""
    return platformdirs.user_config_path("stockdrift") / "themes"


def theme_names(folders: Sequence[Path] | None = None) -> list[str]:
    """Names of all themes, the operator's own and the shipped ones, in order."""
    folders = (user_folder(), shipped_folder()) if folders is None else folders
    return sorted({file.stem for folder in folders if folder.is_dir() for file in folder.glob("*.toml")})


def theme_file(name: str, folders: Sequence[Path] | None = None) -> Path:
    """The file of the theme called ``name``: the operator's own before the shipped one. Raises ThemeError."""
    folders = (user_folder(), shipped_folder()) if folders is None else folders
    if not _NAME.fullmatch(name):
        raise ThemeError(f"theme {name!r}: a theme's name is letters, digits, - and _")
    for folder in folders:
        file = folder / f"{name}.toml"
        if file.is_file():
            return file
    raise ThemeError(f"no theme is called {name!r}; there are {', '.join(theme_names(folders)) or 'none'}")


def find_theme(name: str, folders: Sequence[Path] | None = None) -> Theme:
    """The theme called ``name``. Raises ThemeError."""
    return load_theme(theme_file(name, folders))


def load_theme(file: Path) -> Theme:
    """The theme that ``file`` holds. Raises ThemeError, one sentence that names the file and the key."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ThemeError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"{file}: not TOML: {error}") from None
    others = document.pop("on_cursor", {})
    _refuse_unknown(file, "", document, ("name", "dark", "colors"))
    name, dark, values = document["name"], document["dark"], document["colors"]
    if not isinstance(name, str) or not isinstance(dark, bool) or not isinstance(values, dict):
        raise ThemeError(f"{file}: name is text, dark is true or false, colors is a table")
    if not isinstance(others, dict):
        raise ThemeError(f"{file}: on_cursor is a table")
    _refuse_unknown(file, "colors.", values, TOKENS)
    _refuse_unknown(file, "on_cursor.", others, TOKENS, all_of_them=False)
    colors = {token: _color(file, f"colors.{token}", values[token]) for token in TOKENS}
    return Theme(
        name,
        dark,
        {**colors, FAINT: _faint(colors)},
        on_cursor={token: _color(file, f"on_cursor.{token}", value) for token, value in others.items()},
    )


def _faint(colors: Mapping[str, Color]) -> Color:
    """So much of ``muted`` on the background as gives the contrast wanted; of the terminal's own colours, ``rule``."""
    ground, ink = colors["background"], colors["muted"]
    if ground.ansi is not None or ink.ansi is not None:
        return colors["rule"]
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if contrast(ground, ground.blend(ink, middle)) < _FAINT_CONTRAST else (low, middle)
    return ground.blend(ink, high)


def contrast(one: Color, other: Color) -> float:
    """From 1 to 21, as WCAG 2 defines it."""

    def light(color: Color) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _color(file: Path, key: str, value: object) -> Color:
    try:
        color = Color.parse(value) if isinstance(value, str) else None
    except ColorParseError:
        color = None
    if color is None:
        raise ThemeError(f"{file}: {key}: {value!r} is not a colour")
    if color.a < 1:
        raise ThemeError(f"{file}: {key}: {value!r} is not opaque")
    return color


def _refuse_unknown(
    file: Path, prefix: str, found: Mapping[str, object], known: tuple[str, ...], *, all_of_them: bool = True
) -> None:
    for key in found:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; nearest is {prefix}{near[0]}" if near else ""
            raise ThemeError(f"{file}: {prefix}{key} is not a key of a theme{hint}")
    for key in known:
        if all_of_them and key not in found:
            raise ThemeError(f"{file}: {prefix}{key} is missing")
