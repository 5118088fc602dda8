"""What can be typed after ``:``: every key's action, by its id or by words that describe it, and a few verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from stockdrift.console.keys import KEYS, Key

MOMENT: Final = "at"
"""Takes a time, and goes there in History."""

VERBS: Final = ("sort", "theme", "filter", "hide", "show", MOMENT)
"""These take the rest of the line. ``filter`` and ``at`` want any text, the others one of some names."""

_SCREENS: Final = {
    "watch": VERBS,
    "history": ("sort", "theme", "filter", MOMENT),
}
_ANYWHERE: Final = ("theme",)

_MOST_NAMED: Final = 6


class CommandError(ValueError):
    """A command means nothing; the message is one sentence for the operator."""


class Command(Struct, frozen=True):
    """Either a verb with its argument, or a key whose action is to be run."""

    verb: str = ""
    argument: str = ""
    key: Key | None = None


def understand(text: str, screen: str, names: Mapping[str, Sequence[str]]) -> Command | None:
    """The command that ``text`` is on ``screen``; None for no text. ``names`` holds the names that a verb wants.

    Raises CommandError where it is none, or might be several.
    """
    verb, _, rest = text.strip().lstrip(":").strip().partition(" ")
    if not verb:
        return None
    argument = rest.strip()
    if argument and verb in _SCREENS.get(screen, _ANYWHERE):
        known = names.get(verb)
        if known is not None and argument not in known:
            there = f"there are {', '.join(sorted(known)[: _MOST_NAMED * 2])}" if known else "there is none"
            raise CommandError(f"No {verb} is called {argument}{_nearest(argument, known) or '; ' + there}")
        return Command(verb, argument)
    return Command(key=_key(f"{verb} {rest}".strip(), screen))


def completions(text: str, screen: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """What ``text`` can become, in order."""
    verb, space, rest = text.lstrip().partition(" ")
    if space and verb in names:
        return [f"{verb} {name}" for name in sorted(names[verb]) if name.startswith(rest)]
    return sorted(key.id for key in reachable(screen) if key.id.startswith(text)) if text.strip() else []


def reachable(screen: str) -> list[Key]:
    """The keys whose actions ``screen`` has."""
    return [key for key in KEYS if key.action and screen in key.screens]


def _key(text: str, screen: str) -> Key:
    keys = reachable(screen)
    named = [key for key in keys if key.id == text] or [key for key in keys if key.id.startswith(text)]
    if not named:
        told = {key: f"{key.id} {key.label} {key.tooltip}".casefold() for key in keys}
        sought = text.casefold()
        named = [key for key in keys if sought in told[key]]  # its words as they stand, or else in any order
        named = named or [key for key in keys if all(word in told[key] for word in sought.split())]
    if len(named) == 1:
        return named[0]
    if named:
        ids = [key.id for key in named]
        more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
        raise CommandError(f"“{text}” could be {', '.join(ids[:_MOST_NAMED])}{more}")
    raise CommandError(f"No command is called {text}{_nearest(text, [key.id for key in keys])}")


def _nearest(text: str, known: Sequence[str]) -> str:
    near = get_close_matches(text, known, 1)
    return f"; nearest is {near[0]}" if near else ""
