"""All keys, in one place: bindings, the footer and Help are made from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """``keys`` are Textual's names, ``shown`` is what people read. ``label`` is the footer's word, empty where the
    footer does not show the key; ``tooltip`` is Help's sentence. ``screens`` are those on which it can work.
    """

    id: str
    keys: str
    shown: str
    action: str
    label: str
    tooltip: str
    screens: tuple[str, ...] = ("watch",)


KEYS: Final = (
    Key("filter", "slash", "/", "filter", "filter",
        "List only what matches: a text, over, surface:name, phase:late, ~regex; ! inverts."),
    Key("sort", "s", "s", "sort", "sort", "Order the list by the next thing: danger, deviation, risk, age, SKU, name."),
    Key("open", "enter", "Enter", "open", "open", "Open the SKU under the cursor."),
    Key("back", "escape", "Esc", "back", "back", "Go back; clear the filter.", ("watch", "sku", "help")),
    Key("freeze", "space", "space", "freeze", "freeze", "Let the screen stand still; recording goes on."),
    Key("everything", "l", "l", "everything", "all SKUs", "List every SKU, or only those that drift."),
    Key("looser", "plus,equals_sign", "+", "tolerance(1)", "", "One unit more tolerance: store, surface or SKU.",
        ("watch", "sku")),
    Key("stricter", "minus", "−", "tolerance(-1)", "", "One unit less tolerance: store, surface or SKU.",
        ("watch", "sku")),
    Key("tolerance", "", "+ −", "", "tolerance", "", ("watch", "sku")),
    Key("undo", "u", "u", "undo", "undo", "Take back the last change of a tolerance.", ("watch", "sku")),
    Key("reread", "g", "g", "reread", "read again", "Read a surface now: the one in focus, or the worst of this SKU.",
        ("watch", "sku")),
    Key("reread-all", "G", "G", "reread_all", "", "Read the master and every surface now.", ("watch", "sku")),
    Key("panel", "tab,shift+tab", "Tab", "panel", "panel", "Move the focus between the surfaces and the list."),
    Key("columns", "v", "v", "columns", "", "Put the columns in order again, the worst surface first."),
    Key("export", "E", "E", "export", "export", "Write the list as CSV into the current folder, in full."),
    Key("copy", "y", "y", "copy", "", "Copy the SKU.", ("watch", "sku")),
    Key("up", "up,k", "↑ k", "move(-1)", "", "One up; on the SKU screen the SKU before.", ("watch", "sku", "help")),
    Key("down", "down,j", "↓ j", "move(1)", "", "One down; on the SKU screen the next SKU.", ("watch", "sku", "help")),
    Key("page-up", "pageup,ctrl+b", "PgUp", "page(-1)", "", "One page up.", ("watch", "help")),
    Key("page-down", "pagedown,ctrl+f", "PgDn", "page(1)", "", "One page down.", ("watch", "help")),
    Key("first", "home", "Home", "first", "", "To the first row."),
    Key("last", "end", "End", "last", "", "To the last row."),
    Key("command", "colon", ":", "command", "", "Run any of these by name; sort, theme and filter take a word more.",
        ("watch", "sku")),
    Key("theme", "T", "T", "theme", "", "Wear the next theme: dark, light, high contrast, your own.",
        ("watch", "sku", "help")),
    Key("help", "question_mark,f1", "?", "help", "help", "What every key does.", ("watch", "sku")),
    Key("redraw", "ctrl+l", "Ctrl+L", "redraw", "", "Draw the screen anew.", ("watch", "sku", "help")),
    Key("quit", "q,ctrl+c,ctrl+q", "q", "quit", "quit", "Leave. The journal keeps what was recorded.",
        ("watch", "sku", "help")),
)  # fmt: skip
BY_ID: Final = {key.id: key for key in KEYS}

FOOTERS: Final = {
    "watch": (
        "filter",
        "sort",
        "open",
        "freeze",
        "everything",
        "tolerance",
        "undo",
        "reread",
        "panel",
        "export",
        "help",
        "quit",
    ),
    "sku": ("back", "tolerance", "undo", "reread", "help", "quit"),
    "help": ("back", "quit"),
}
"""The footer's keys by screen, in its order."""

LEAVES_FIRST: Final = ("export", "panel", "sort", "freeze", "everything", "undo", "reread", "quit", "tolerance")
"""Which keys a footer without room drops, in this order: Help has them all."""


def bindings(screen: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The bindings of ``screen``; their ids are the registry's."""
    return [
        Binding(key.keys, key.action, key.label or key.tooltip, show=False, id=key.id, tooltip=key.tooltip)
        for key in KEYS
        if key.action and screen in key.screens
    ]
