"""The screens: each arranges panels and answers keys.

The first is there from the start. The others are loaded where they are opened, or before, when there is time for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

LATER: Final = ("sku", "surface", "help", "history", "logs", "actions", "tuner", "plan", "progress")
"""The modules of those that are not there from the start; the likeliest first."""


def load(name: str) -> None:
    """Loads a screen before it is opened."""
    import_module(f"{__name__}.{name}")
