"""The part of the application that wears themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.theme import Theme as TextualTheme

from stockdrift.console.desk import Desk
from stockdrift.console.screens.base import PanelScreen
from stockdrift.console.theme import Theme, ThemeError
from stockdrift.console.wardrobe import Wardrobe


class Wearing(Desk):
    """``wardrobe`` holds the themes that there are, and which is worn."""

    wardrobe: Wardrobe
    _themes_worn = 0

    def next_theme(self) -> None:
        """Wears the next theme there is, or says why it cannot."""
        self._change_theme(self.wardrobe.wear_next, "Theme {name}")

    def wear_theme(self, name: str) -> None:
        """Wears the theme called ``name``, or says why it cannot."""
        self._change_theme(lambda: self.wardrobe.wear(name), "Theme {name}")

    def reload_theme(self) -> None:
        """Wears the theme anew where its file was changed; one that is broken is said, and nothing changes."""
        self._change_theme(self.wardrobe.changed, "Theme {name}: its file has changed")

    def _change_theme(self, change: Callable[[], Theme | None], told: str) -> None:
        try:
            theme = change()
        except ThemeError as error:
            self.warn(f"The theme stays as it is: {error}")
            return
        if theme is not None:
            self._clothe(theme.without_colours() if self.no_color else theme)
            for screen in self.screen_stack:
                if isinstance(screen, PanelScreen):
                    screen.scene.theme = self.scene.theme
                    screen.redraw()
            self.say(told.format(name=self.wardrobe.worn))

    def _clothe(self, theme: Theme) -> None:
        self.scene.theme = theme
        self._themes_worn += 1
        name = f"stockdrift-{self._themes_worn % 2}"  # Textual looks at a theme again only under another name
        self.register_theme(_textual_theme(name, theme))
        if self.is_running:
            self.theme = name
        else:  # no style sheet has been read yet: to tell Textual of a change would have all of them read twice
            self.set_reactive(App.theme, name)
            self.stylesheet.set_variables(self.get_css_variables())


def _textual_theme(name: str, theme: Theme) -> TextualTheme:
    values: dict[str, Any] = {"background": theme.colors["background"].hex, "surface": theme.colors["panel"].hex}
    return TextualTheme(name, primary=theme.colors["accent"].hex, dark=theme.dark, **values)
