"""Settings: one TOML file as models, outranked by the environment.

The models are loaded when one of their names is first asked for: a console that knows its settings needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from stockdrift.settings.find import SettingsError

if TYPE_CHECKING:
    from stockdrift.settings.loading import Settings, journal_path, load
    from stockdrift.settings.rules import rules_of

__all__ = ["Settings", "SettingsError", "journal_path", "load", "rules_of"]

_PLACES: Final = {"Settings": "loading", "journal_path": "loading", "load": "loading", "rules_of": "rules"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
