"""Links to control panels, which terminals open (OSC 8, "Hyperlinks in Terminal Emulators")."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_LONGEST: Final = 2_083
"""Characters; terminals drop longer ones."""


def link_of(template: str, sku: str) -> str:
    """The address that ``template`` means for ``sku``; empty where there is none, or no terminal would take it.

    The SKU is percent-encoded whole, so that nothing in it ends the address or the escape sequence around it.
    """
    if not template.startswith(("https://", "http://")) or not template.isascii() or not template.isprintable():
        return ""
    found = template.replace("{sku}", quote(sku, safe="", errors="replace"))
    return found if len(found) <= _LONGEST else ""
