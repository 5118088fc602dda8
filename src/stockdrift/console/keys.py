"""All keys, in one place: bindings, the footer (:mod:`.footers`) and Help are made from these."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from textual.binding import Binding

from stockdrift.stock.values import replace
from stockdrift.stock.words import several

SPEEDS: Final = (1, 10, 30, 60, 150, 300, 600, 1_800, 3_600)
"""Recorded seconds in one second, by the keys 1 to 9."""


class Key(Struct, frozen=True):
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
    changes: bool = False  # something in the world or in the journal: barred in History


_DETAILS: Final = ("sku", "surface")
_WORKING: Final = ("watch", *_DETAILS)
_TUNED: Final = (*_WORKING, "tuner")
_MODAL: Final = ("plan", "progress")
_RECORDS: Final = ("logs", "actions")
_ALL: Final = (*_TUNED, *_RECORDS, *_MODAL, "help")

_HISTORY: Final = (
    Key("step-back", "left_square_bracket", "[", "step(-1)", "", "One recorded entry back.", ("history",)),
    Key("step-on", "right_square_bracket", "]", "step(1)", "", "One recorded entry on.", ("history",)),
    Key("step", "", "[ ]", "", "step", "", ("history",)),
    Key("episode-back", "left_curly_bracket", "{", "episode(-1)", "",
        "Back to where drift of the store begins, oversells or ends; on a SKU's screen, of that SKU.",
        ("history", "sku")),
    Key("episode-on", "right_curly_bracket", "}", "episode(1)", "",
        "On to where drift of the store begins, oversells or ends; on a SKU's screen, of that SKU.",
        ("history", "sku")),
    Key("episode", "", "{ }", "", "episode", "", ("history", "sku")),
    Key("slide-back", "left", "←", "slide(-1)", "", "One column of the recorded time back.", ("history",)),
    Key("slide-on", "right", "→", "slide(1)", "", "One column of the recorded time on.", ("history",)),
    Key("play", "space", "space", "play", "play", "Let the recorded time go on by itself, or stop it.", ("history",)),
    *(
        Key(f"speed-{place}", str(place), str(place), f"speed({place})", "", f"Play {several(speed, 'second')} in one.",
            ("history",))
        for place, speed in enumerate(SPEEDS, 1)
    ),
    Key("speed", "", "1 to 9", "", "speed", "", ("history",)),
    Key("go", "g", "g", "go", "go to time", "Go to a time: 10:42, 2026-11-27 10:42, with a zone, -2h.", ("history",)),
    Key("oldest", "home", "Home", "oldest", "", "Go to the beginning of what is recorded.", ("history",)),
    Key("live", "end", "End", "live", "", "Go back to what is live.", ("history",)),
    Key("zoom-in", "z", "z", "zoom(1)", "", "Less time in a column of the scrubber.", ("history",)),
    Key("zoom-out", "Z", "Z", "zoom(-1)", "", "More time in a column of the scrubber.", ("history",)),
    Key("export-then", "E", "E", "export", "export", "Write the list as it stood as CSV into the current folder.",
        ("history",)),
    Key("barred", "plus,equals_sign,minus,i,t,u,G,a,b,c,p,w,r,R,x", "+ − i u …", "barred", "",
        "Change nothing here: in the past nothing can be changed.", ("history",)),
)  # fmt: skip
_HISTORY_TOO: Final = (
    "filter", "sort", "reverse", "open", "surface", "back", "everything", "panel", "panel-back", "copy", "up", "down",
    "page-up", "page-down", "command", "theme", "help", "redraw", "quit", "actions", "evidence",
)  # fmt: skip
"""Keys that mean in History what they mean on the screens that are live."""

_CHANGING: Final = (
    "looser", "stricter", "tolerance", "ignore", "undo", "reread", "reread-all", "acknowledge", "snooze", "claim",
    "note", "buffer", "pause", "tune", "resync", "resync-surface", "contain", "rollback", "retry", "dismiss",
    "remark",
)  # fmt: skip

_LIVE: Final = (
    Key("filter", "slash", "/", "filter", "filter",
        "List only what matches: a text, over, surface:name, phase:late, ~regex; ! inverts.",
        ("watch", *_RECORDS)),
    Key("sort", "s", "s", "sort", "sort", "Order the list by the column chosen, or by the next thing."),
    Key("reverse", "S", "S", "reverse", "", "Order the list the other way round."),
    Key("open", "enter", "Enter", "open", "open", "Open the SKU or the surface under the cursor.",
        ("watch", "surface", "progress", "actions", "tuner")),
    Key("surface", "f", "f", "surface", "surface", "Open the surface in focus, or the one that is worst.",
        ("watch", "sku")),
    Key("back", "escape", "Esc", "back", "back", "Go back; clear the filter.", _ALL),
    Key("history", "h", "h", "history", "history", "Go through recorded time: the screen as it stood.",
        _WORKING),
    Key("freeze", "space", "space", "freeze", "freeze", "Let the screen stand still; recording goes on."),
    Key("everything", "l", "l", "everything", "all SKUs", "List every SKU, or only those that drift."),
    Key("looser", "plus,equals_sign", "+", "tolerance(1)", "", "One unit more tolerance: store, surface or SKU.",
        _TUNED),
    Key("stricter", "minus", "−", "tolerance(-1)", "", "One unit less tolerance: store, surface or SKU.",
        _TUNED),
    Key("tolerance", "", "+ −", "", "tolerance", "", _TUNED),
    Key("tune", "t", "t", "tune", "tolerance",
        "See what another tolerance would do, and for whom, before it is applied.", _WORKING),
    Key("percent", "percent_sign", "%", "percent", "per cent", "A percentage with the units as its floor, or units.",
        ("tuner",)),
    Key("ignore", "i", "i", "ignore", "ignore", "Leave a SKU, or the marked ones, out for a reason and until a moment.",
        ("watch", "sku")),
    Key("resync", "r", "r", "resync", "resync",
        "Plan to bring the marked SKUs, or the one under the cursor, to what the surfaces should show.", _WORKING),
    Key("resync-surface", "R", "R", "resync_surface", "surface", "Plan the same for all that drifts on a surface.",
        _WORKING),
    Key("contain", "x", "x", "contain", "contain",
        "Plan to set a SKU, or the marked ones, to 0 on one surface or on all.",
        (*_WORKING, "progress")),
    Key("actions", "A", "A", "actions", "actions", "Read who wrote and said what, when, why, and what came of it.",
        (*_WORKING, "progress")),
    Key("rollback", "B", "B", "rollback", "roll back", "Plan to take back what the action in focus has written.",
        ("actions",)),
    Key("retry", "r", "r", "retry", "try again", "Plan to try once more what failed of the action.", ("actions",)),
    Key("dismiss", "D", "D", "dismiss_letter", "dismiss", "Say why a dead letter is needed no more.", ("actions",)),
    Key("export-record", "E", "E", "export", "export", "Write what is listed as CSV into the current folder.",
        ("actions",)),
    Key("field", "tab", "Tab", "field(1)", "next field", "Go to the next field.", _MODAL),
    Key("field-back", "shift+tab", "Shift+Tab", "field(-1)", "", "Go to the field before.", _MODAL),
    Key("choose", "enter", "Enter", "choose", "", "Press the button in focus; in a field, go to the next one.",
        ("plan",)),
    Key("option-back", "left", "←", "option(-1)", "", "Choose what is to the left.", _MODAL),
    Key("option", "right,space", "→", "option(1)", "", "Choose what is to the right.", _MODAL),
    Key("rows", "", "↑ ↓", "", "rows", "", _MODAL),
    Key("drop", "d", "d", "drop", "drop row", "Leave the row under the cursor out of the plan.", ("plan",)),
    Key("acknowledge", "a", "a", "acknowledge", "ack",
        "Mark drift as known to you: it is listed and counted as before.", _WORKING),
    Key("snooze", "z", "z", "snooze", "", "Let drift rest until then, or until it grows worse; it stays counted.",
        _WORKING),
    Key("claim", "c", "c", "claim", "", "Say that you are at work on a SKU or a surface.", _WORKING),
    Key("remark", "", "a z c", "", "known, snooze, claim", "", _WORKING),
    Key("note", "w", "w", "note", "", "Leave a note for whoever comes next.", _WORKING),
    Key("buffer", "b", "b", "buffer", "", "Hold units of a SKU or of a surface back.", _WORKING),
    Key("pause", "p", "p", "pause", "pause polling", "Have a surface not read on schedule, or read again.", _WORKING),
    Key("undo", "u", "u", "undo", "undo", "Take back what you said last: a tolerance, a buffer, a snooze …", _TUNED),
    Key("reread", "g", "g", "reread", "read again", "Read a surface now: the one in focus, or the worst of this SKU.",
        _WORKING),
    Key("reread-all", "G", "G", "reread_all", "", "Read the master and every surface now.", _WORKING),
    Key("panel", "tab", "Tab", "panel(1)", "panel", "Move the focus to the next panel.", _TUNED),
    Key("panel-back", "shift+tab", "Shift+Tab", "panel(-1)", "", "Move the focus to the panel before.",
        _TUNED),
    Key("earlier", "left_square_bracket", "[", "item(1)", "", "Go to what was earlier, in the list in focus.",
        _DETAILS),
    Key("later", "right_square_bracket", "]", "item(-1)", "", "Go to what was later.", _DETAILS),
    Key("earlier-later", "", "[ ]", "", "earlier, later", "", _DETAILS),
    Key("panel-list", "1", "1", "focus_panel('grid')", "", "Go to the list."),
    Key("panel-surfaces", "2", "2", "focus_panel('surfaces')", "", "Go to the surfaces."),
    Key("panel-causes", "3", "3", "focus_panel('cause')", "", "Go to the likely causes."),
    Key("evidence", "e", "e", "evidence", "evidence", "List the SKUs that the likely cause speaks of."),
    Key("mark", "m", "m", "mark", "", "Mark the SKU, or take its mark away; copy and export take the marked."),
    Key("mark-all", "M", "M", "mark_all", "", "Mark all that is listed, or take these marks away."),
    Key("next-change", "n", "n", "next_change", "", "Go to the next SKU that is new or worse since you last looked."),
    Key("seen", "N", "N", "seen", "", "All was seen: count changes from now on."),
    Key("column-left", "left", "←", "column(-1)", "", "Choose the column to the left: to sort by, to move, to hide."),
    Key("column-right", "right", "→", "column(1)", "", "Choose the column to the right."),
    Key("column-earlier", "less_than_sign", "<", "column_move(-1)", "", "Move the chosen column to the left."),
    Key("column-later", "greater_than_sign", ">", "column_move(1)", "", "Move the chosen column to the right."),
    Key("column-hide", "H", "H", "column_hide", "", "Take the chosen column away; its drift is listed all the same."),
    Key("preview", "f2", "F2", "preview", "preview", "Preview the SKU under the cursor beside the list, or not."),
    Key("columns", "v", "v", "columns", "", "Bring all columns back, the worst surface first."),
    Key("export", "E", "E", "export", "export", "Write the marked SKUs, or the list, as CSV into the current folder."),
    Key("copy", "y", "y", "copy", "", "Copy the SKU, or the marked ones.", (*_WORKING, *_RECORDS)),
    Key("up", "up,k", "↑ k", "move(-1)", "", "One up; on the screen of a SKU or a surface the one before.", _ALL),
    Key("down", "down,j", "↓ j", "move(1)", "", "One down; on the screen of a SKU or a surface the next one.", _ALL),
    Key("page-up", "pageup,ctrl+b", "PgUp", "page(-1)", "", "One page up.", _ALL),
    Key("page-down", "pagedown,ctrl+f", "PgDn", "page(1)", "", "One page down.", _ALL),
    Key("first", "home", "Home", "first", "", "To the first row.", ("watch", *_RECORDS, *_MODAL, "help")),
    Key("last", "end", "End", "last", "", "To the last row.", ("watch", *_RECORDS, *_MODAL, "help")),
    Key("scroll", "", "↑ ↓ PgDn", "", "scroll", "", ("help",)),
    Key("command", "colon,ctrl+p", ":", "command", "command",
        "Run any of these by name; sort, theme and filter take a word more.", (*_TUNED, *_RECORDS)),
    Key("theme", "T", "T", "theme", "", "Wear the next theme: dark, light, high contrast, your own.",
        _ALL),
    Key("link", "o", "o", "panel_link", "copy link", "Copy the address of the SKU in the control panel.", _DETAILS),
    Key("logs", "L", "L", "logs", "", "Read what the collector and this console had to say.", _WORKING),
    Key("help", "question_mark,f1", "?", "help", "help", "What every key does.", (*_TUNED, *_RECORDS, *_MODAL)),
    Key("redraw", "ctrl+l", "Ctrl+L", "redraw", "", "Draw the screen anew.", _ALL),
    Key("quit", "q,ctrl+c,ctrl+q", "q", "quit", "quit", "Leave. The journal keeps what was recorded.",
        _ALL),
)  # fmt: skip
KEYS: Final = (
    *_HISTORY,
    *(
        replace(
            key,
            screens=(*key.screens, "history") if key.id in _HISTORY_TOO else key.screens,
            changes=key.id in _CHANGING,
        )
        for key in _LIVE
    ),
)
BY_ID: Final = {key.id: key for key in KEYS}
CHANGING: Final = frozenset(key.action for key in KEYS if key.changes and key.action)
"""Actions that change something in the world or in the journal: barred in History, by key and by name."""

_MEANINGS: Final = {
    ("actions", "back"): "Clear the filter; go back.",
    ("actions", "copy"): "Copy the key of the action.",
    ("actions", "down"): "One row down.",
    ("actions", "filter"): "List only what holds all these words, or matches a ~regex; ! inverts.",
    ("actions", "open"): "See the rows of the action, and what became of each.",
    ("actions", "up"): "One row up.",
    ("help", "back"): "Go back.",
    ("help", "down"): "One line down.",
    ("help", "first"): "To the beginning.",
    ("help", "last"): "To the end.",
    ("help", "up"): "One line up.",
    ("history", "back"): "Clear the filter; go back to what is live.",
    ("history", "down"): "One row down.",
    ("history", "evidence"): "List the SKUs that the likely cause of that moment speaks of.",
    ("history", "up"): "One row up.",
    ("logs", "back"): "Clear the filter; go back.",
    ("logs", "copy"): "Copy the line.",
    ("logs", "down"): "One line down.",
    ("logs", "filter"): "List only what holds all these words, or matches a ~regex; ! inverts.",
    ("logs", "up"): "One line up.",
    ("plan", "back"): "Leave: nothing is sent.",
    ("plan", "down"): "One row down.",
    ("plan", "up"): "One row up.",
    ("progress", "back"): "Send no more of what is unsent; where nothing is, leave: what was sent goes on.",
    ("progress", "down"): "One row down.",
    ("progress", "open"): "Open the SKU under the cursor with its evidence, or press the button in focus.",
    ("progress", "up"): "One row up.",
    ("sku", "back"): "Go back.",
    ("sku", "copy"): "Copy the SKU.",
    ("sku", "down"): "The next SKU of the list.",
    ("sku", "episode-back"): "Back to where this SKU began to drift somewhere, or ceased to; History opens there.",
    ("sku", "episode-on"): "On to where this SKU began to drift somewhere, or ceased to.",
    ("sku", "looser"): "One unit more tolerance for this SKU, at once; u takes it back.",
    ("sku", "stricter"): "One unit less tolerance for this SKU, at once; u takes it back.",
    ("sku", "up"): "The SKU before it in the list.",
    ("surface", "back"): "Go back.",
    ("surface", "copy"): "Copy the SKU in focus, or else the name of the surface.",
    ("surface", "down"): "The next surface.",
    ("surface", "looser"): "One unit more tolerance on this surface, at once; u takes it back.",
    ("surface", "open"): "Open the SKU in focus; of a read, its requests one by one, or say all that came of it.",
    ("surface", "stricter"): "One unit less tolerance on this surface, at once; u takes it back.",
    ("surface", "up"): "The surface before.",
    ("tuner", "back"): "Leave: what was only looked at is not applied.",
    ("tuner", "down"): "One row down.",
    ("tuner", "looser"): "Look at one unit more; nothing is applied.",
    ("tuner", "open"): "Say why, and apply the tolerance that is looked at.",
    ("tuner", "stricter"): "Look at one unit less; nothing is applied.",
    ("tuner", "up"): "One row up.",
    ("watch", "back"): "Go back to the list; let the chosen column go; clear the filter; take the marks away.",
    ("watch", "down"): "One row down.",
    ("watch", "looser"): "One unit more tolerance, at once: the store's, or the surface's in focus; u takes it back.",
    ("watch", "stricter"): "One unit less tolerance, at once: the store's, or the surface's in focus; u takes it back.",
    ("watch", "up"): "One row up.",
}
"""What a key means on one screen, where its own sentence, which speaks of all its screens, would be vague or untrue."""


def meaning(key: Key, screen: str) -> str:
    """Help's sentence about ``key`` on ``screen``."""
    return _MEANINGS.get((screen, key.id), key.tooltip)


def bindings(screen: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The bindings of ``screen``; their ids are the registry's."""
    return [
        Binding(key.keys, key.action, key.label or key.tooltip, show=False, id=key.id, tooltip=meaning(key, screen))
        for key in KEYS
        if key.action and screen in key.screens
    ]
