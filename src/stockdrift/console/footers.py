"""Which keys the footer of each screen shows, and which it drops where there is no room."""

from __future__ import annotations

from typing import Final

FOOTERS: Final = {
    "watch": (
        "filter",
        "sort",
        "open",
        "everything",
        "freeze",
        "back",
        "resync",
        "resync-surface",
        "tune",
        "acknowledge",
        "undo",
        "history",
        "actions",
        "command",
        "help",
        "preview",
        "contain",
        "evidence",
        "reread",
        "ignore",
        "panel",
        "export",
        "quit",
    ),
    "sku": (
        "back",
        "resync",
        "contain",
        "tolerance",
        "panel",
        "earlier-later",
        "history",
        "episode",
        "command",
        "help",
        "undo",
        "link",
        "surface",
        "reread",
        "ignore",
        "remark",
        "quit",
    ),
    "surface": (
        "back",
        "resync-surface",
        "pause",
        "tolerance",
        "contain",
        "link",
        "panel",
        "command",
        "help",
        "open",
        "undo",
        "reread",
        "history",
        "earlier-later",
        "remark",
        "quit",
    ),
    "tuner": ("tolerance", "percent", "panel", "open", "undo", "back", "help"),
    "logs": ("back", "filter", "help", "quit"),
    "help": ("back", "scroll", "quit"),
    "plan": ("field", "rows", "drop", "back", "help"),
    "actions": ("back", "filter", "open", "rollback", "retry", "dismiss", "export-record", "help", "quit"),
    "progress": ("back", "rows", "open", "field", "contain", "actions", "help"),
    "history": ("step", "episode", "play", "speed", "go", "open", "export-then", "back", "help"),
}
"""The footer's keys by screen, in its order: as drawn, and after them what else there may be room for."""

LEAVES_FIRST: Final = (
    "speed",
    "export-then",
    "actions",
    "acknowledge",
    "command",
    "freeze",
    "sort",
    "everything",
    "undo",
    "history",
    "tune",
)
"""Which keys a footer without room drops, in this order, after those that stand behind help: Help has them all."""

DETAILS_LEAVE_FIRST: Final = (
    "link",
    "command",
    "earlier-later",
    "history",
    "contain",
    "pause",
    "open",
    "tolerance",
    "panel",
)
"""The same for all screens but the first: there, without room, Tab is the way to what is not shown."""


TUNER_LEAVES_FIRST: Final = ("percent", "panel", "undo", "tolerance")
"""The same for the tuner: what applies is said as long as there is room for anything."""


def leaving(screen: str) -> list[str]:
    """The keys that the footer of ``screen`` drops where it has no room, in their order."""
    names = FOOTERS[screen]
    beyond = names[names.index("help") + 1 :] if "help" in names else ()
    first = {"watch": LEAVES_FIRST, "history": LEAVES_FIRST, "tuner": TUNER_LEAVES_FIRST}
    return [*reversed(beyond), *first.get(screen, DETAILS_LEAVE_FIRST)]
