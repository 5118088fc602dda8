"""Which keys the footer of each screen shows, and which it drops where there is no room."""

from __future__ import annotations

from typing import Final

FOOTERS: Final = {
    "watch": (
        "filter",
        "sort",
        "open",
        "freeze",
        "everything",
        "tolerance",
        "resync",
        "contain",
        "ignore",
        "remark",
        "undo",
        "reread",
        "evidence",
        "history",
        "panel",
        "export",
        "help",
        "quit",
    ),
    "sku": (
        "back",
        "resync",
        "contain",
        "surface",
        "tolerance",
        "ignore",
        "remark",
        "undo",
        "reread",
        "panel",
        "earlier-later",
        "link",
        "history",
        "help",
        "quit",
    ),
    "surface": (
        "back",
        "open",
        "resync-surface",
        "tolerance",
        "remark",
        "undo",
        "reread",
        "panel",
        "earlier-later",
        "history",
        "help",
        "quit",
    ),
    "tuner": ("tolerance", "percent", "panel", "open", "undo", "back", "help"),
    "logs": ("back", "filter", "help", "quit"),
    "help": ("back", "quit"),
    "plan": ("field", "rows", "drop", "back", "help"),
    "actions": ("back", "filter", "open", "rollback", "retry", "dismiss", "export-record", "help", "quit"),
    "progress": ("back", "rows", "open", "field", "contain", "actions", "help"),
    "history": ("step", "episode", "play", "speed", "go", "open", "export-then", "back", "help"),
}
"""The footer's keys by screen, in its order."""

LEAVES_FIRST: Final = (
    "remark",
    "speed",
    "export-then",
    "ignore",
    "evidence",
    "export",
    "panel",
    "sort",
    "freeze",
    "history",
    "everything",
    "undo",
    "reread",
    "quit",
    "tolerance",
)
"""Which keys a footer without room drops, in this order: Help has them all."""


DETAILS_LEAVE_FIRST: Final = (
    "remark",
    "link",
    "ignore",
    "undo",
    "surface",
    "earlier-later",
    "reread",
    "quit",
    "open",
    "tolerance",
    "panel",
)
"""The same for all screens but the first: there, without room, Tab is the way to what is not shown."""
