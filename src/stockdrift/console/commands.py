"""What can be typed after ``:``: every key's action, by its id or by words that describe it, and a few verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from stockdrift.console.keys import KEYS, Key, meaning

MOMENT: Final = "at"
"""Takes a time, and goes there in History."""

VERBS: Final = ("sort", "theme", "filter", "hide", "show", MOMENT)
"""These take the rest of the line. ``filter`` and ``at`` want any text, the others one of some names."""

_SCREENS: Final = {
    "watch": VERBS,
    "history": ("sort", "theme", "filter", MOMENT),
}
_ANYWHERE: Final = ("theme",)

_SAID: Final = {
    "sort": "Order the list by what you name; the same again, the other way round.",
    "theme": "Wear the theme that you name.",
    "filter": "List only what matches: a text, over, surface:name, phase:late, ~regex; ! inverts.",
    "hide": "Take a column away; its drift is listed all the same.",
    "show": "Bring a hidden column back.",
    MOMENT: "Go to a time: 10:42, 2026-11-27 10:42, with a zone, -2h.",
}
_MOST_NAMED: Final = 6


class CommandError(ValueError):
    """A command means nothing; the message is one sentence for the operator."""


class Command(Struct, frozen=True):
    """Either a verb with its argument, or a key whose action is to be run."""

    verb: str = ""
    argument: str = ""
    key: Key | None = None


class Offer(Struct, frozen=True):
    """What a text can become: ``text`` is what would be typed, ``said`` what it does. ``key`` is the registry's where
    there is one; ``open`` where more has to be typed after it.
    """

    text: str
    said: str
    key: Key | None = None
    open: bool = False


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


def offers(text: str, screen: str, names: Mapping[str, Sequence[str]]) -> list[Offer]:
    """What ``text`` can become on ``screen``, the nearest first; for no text all there is. ``names`` as for
    :func:`understand`.
    """
    text = text.lstrip(" :")
    verbs = _SCREENS.get(screen, _ANYWHERE)
    verb, space, rest = text.partition(" ")
    if space and verb in verbs:
        if verb not in names:
            return [Offer(f"{verb} ", _SAID[verb], open=True)]
        found = sorted(name for name in names[verb] if rest.strip() in name)
        return [Offer(f"{verb} {name}", "") for name in sorted(found, key=lambda name: not name.startswith(rest))]
    every = [Offer(key.id, meaning(key, screen), key) for key in reachable(screen) if key.id != "barred"]
    every += [Offer(f"{name} ", _SAID[name], open=True) for name in verbs]
    ranked = [(_rank(offer, text.casefold().strip()), offer) for offer in every]
    return [offer for rank, offer in sorted(ranked, key=lambda one: one[0]) if rank < _FAR]


_FAR: Final = 4


def _rank(offer: Offer, text: str) -> int:
    """How near ``text`` is to what is offered: its name, how it begins, a part of it, how words that describe it
    begin.
    """
    name = offer.text.strip()
    if name == text:
        return 0
    if name.startswith(text):
        return 1
    if text in name:
        return 2
    label = offer.key.label if offer.key else ""
    told = f" {name} {label} {offer.said} {offer.key.tooltip if offer.key else ''}".casefold()
    return 3 if all(f" {word}" in told for word in text.split()) else _FAR


def reachable(screen: str) -> list[Key]:
    """The keys whose actions ``screen`` has."""
    return [key for key in KEYS if key.action and screen in key.screens]


def _key(text: str, screen: str) -> Key:
    keys = reachable(screen)
    named = [key for key in keys if key.id == text] or [key for key in keys if key.id.startswith(text)]
    if not named:
        wanted = text.casefold()
        told = [(key, f"{key.id} {key.label} {key.tooltip}".casefold()) for key in keys]
        named = [key for key, said in told if wanted in said]
        named = named or [key for key, said in told if all(word in said for word in wanted.split())]
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
