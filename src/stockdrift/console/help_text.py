"""What Help says besides the keys' own sentences: under which heading each key stands, filters, the states."""

from __future__ import annotations

from typing import Final

GROUPS: Final = {
    "Recorded time": (
        "step-back", "step-on", "episode-back", "episode-on", "slide-back", "slide-on", "play",
        *(f"speed-{place}" for place in range(1, 10)), "go", "oldest", "live", "zoom-in", "zoom-out", "barred",
    ),
    "The form": ("field", "field-back", "choose", "option-back", "option", "drop"),
    "Look closer": (
        "open", "surface", "evidence", "preview", "history", "actions", "logs", "link", "next-change", "seen",
    ),
    "The list": (
        "filter", "everything", "sort", "reverse", "freeze", "mark", "mark-all", "copy", "export", "export-then",
        "export-record", "column-left", "column-right", "column-earlier", "column-later", "column-hide", "columns",
    ),
    "Write to a surface": ("resync", "resync-surface", "contain", "rollback", "retry", "dismiss"),
    "Tell the others": (
        "acknowledge", "snooze", "claim", "note", "ignore", "buffer", "looser", "stricter", "tune", "percent", "pause",
        "undo",
    ),
    "Read again": ("reread", "reread-all"),
    "Get about": (
        "up", "down", "page-up", "page-down", "first", "last", "earlier", "later", "panel", "panel-back", "panel-list",
        "panel-surfaces", "panel-causes", "back",
    ),
    "The console": ("command", "help", "theme", "redraw", "quit"),
}  # fmt: skip
"""Ids of keys by heading, in Help's order: what helps in trouble first."""

FILTERS: Final = (
    ("salt", 'SKU or name contains it; with spaces in quotation marks: "sea salt"'),
    ("oversell", "or over, under, orphan: how the SKU drifts"),
    ("surface:face", "it drifts on that surface; the beginning of the name will do"),
    ("phase:late", "or new, in-flight, persistent, stuck"),
    ("unknown", "it is not known, or not everywhere; with surface:name, not there"),
    ("snoozed", "or acknowledged, claimed, ignored: what was said of it"),
    ("~^SEA-[0-9]", "SKU or name matches the regular expression"),
    ("!over", "turns a word round; words beside each other must all hold"),
)
"""Examples of filters, and what they list."""

STATES: Final = (
    ("oversell", "oversell", "a surface sells what the master does not have"),
    ("over", "over", "a surface shows more than it should: it will oversell"),
    ("under", "under", "a surface shows less than it should: lost sales"),
    ("late", "late", "behind the master by more than is allowed, or in flight"),
    ("unknown", "unknown", "not read, not read whole, or too old: never taken for agreement"),
    ("ok", "in sync", "read back, and as expected"),
)
"""A state's tone, its word and what it means."""
