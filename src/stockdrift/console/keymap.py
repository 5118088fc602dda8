"""The operator's own keys: a TOML file whose table ``[keys]`` gives actions of the registry, by id, other keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import platformdirs
from textual.keys import Keys, _character_to_key

from stockdrift.console.footers import FOOTERS
from stockdrift.console.keys import BY_ID, KEYS, Key

_MODIFIERS: Final = ("ctrl", "shift", "alt", "super")
_PAIRS: Final = {
    "tolerance": ("looser", "stricter"),
    "step": ("step-back", "step-on"),
    "episode": ("episode-back", "episode-on"),
}
_NAMED: Final = {key.value for key in Keys} | {_character_to_key(chr(code)) for code in range(33, 127)} | {"space"}
_SIGNS: Final = {_character_to_key(chr(code)): chr(code) for code in range(33, 127)}


class KeymapError(Exception):
    """A key map cannot be used; the message is one sentence that names the file and the ids."""


def keymap_file() -> Path:
    """Where an operator's key map is."""
    return platformdirs.user_config_path("stockdrift") / "keymap.toml"


def load_keymap(file: Path) -> dict[str, str]:
    """Keys in Textual's names by id, as ``file`` gives them; empty where there is none. Raises KeymapError."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise KeymapError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeymapError(f"{file}: not TOML: {error}") from None
    strange = next((key for key in document if key != "keys"), None)
    if strange is not None:
        raise KeymapError(f"{file}: {strange} is not a key of a key map; it has one table, [keys]")
    wanted = document.get("keys", {})
    if not isinstance(wanted, dict):
        raise KeymapError(f"{file}: keys is a table")
    try:
        return validated(wanted)
    except KeymapError as error:
        raise KeymapError(f"{file}: {error}") from None


def validated(wanted: Mapping[str, object]) -> dict[str, str]:
    """The same keys in Textual's names. Raises KeymapError for an id that there is not, a key that there is not, and a
    key that two actions of one screen would share.
    """
    ids = [key.id for key in KEYS if key.action]
    keymap = {}
    for name, keys in wanted.items():
        if name not in ids:
            near = get_close_matches(name, ids, 1)
            raise KeymapError(f"keys.{name} is not an action{f'; nearest is {near[0]}' if near else ''}")
        keymap[name] = ",".join(_key_name(name, part) for part in _parts(name, keys))
    for screen in FOOTERS:
        taken: dict[str, str] = {}
        for key in KEYS:
            if key.action and screen in key.screens:
                for part in keymap.get(key.id, key.keys).split(","):
                    other = taken.setdefault(part, key.id)
                    if other != key.id:
                        raise KeymapError(
                            f"keys.{other} and keys.{key.id} are both {said(part)} on the {screen} screen"
                        )
    return keymap


def said(keys: str) -> str:
    """Keys as people read them: ``ctrl+l`` is ``Ctrl+L``, ``slash`` is ``/``."""
    return " ".join(_say(part) for part in keys.split(","))


def shown(key: Key, keymap: Mapping[str, str]) -> str:
    """What stands for ``key`` in the footer and in Help."""
    pair = _PAIRS.get(key.id, ())
    if any(name in keymap for name in pair):
        return " ".join(shown(BY_ID[name], keymap).split()[0] for name in pair)
    return said(keymap[key.id]) if key.id in keymap else key.shown


def written(keymap: Mapping[str, str]) -> str:
    """The whole key map as TOML, what each key does beside it."""
    lines = ["# Ids of actions and their keys; several keys are divided by commas.", "[keys]"]
    for key in KEYS:
        if key.action:
            lines += ["", f"# {key.tooltip}", f'{key.id} = "{keymap.get(key.id, key.keys)}"']
    return "\n".join([*lines, ""])


def _parts(name: str, keys: object) -> list[str]:
    if not isinstance(keys, str) or not keys.strip():
        raise KeymapError(f'keys.{name}: give it a key as text, such as "ctrl+s" or "f5,s"')
    return [","] if keys.strip() == "," else [part.strip() for part in keys.split(",")]


def _key_name(name: str, part: str) -> str:
    *modifiers, last = part.split("+") if part != "+" else ["+"]
    key = _character_to_key(last) if len(last) == 1 else last
    if any(modifier not in _MODIFIERS for modifier in modifiers) or (part not in _NAMED and key not in _NAMED):
        raise KeymapError(f"keys.{name}: {part!r} is not a key")
    return "+".join([*modifiers, key])


def _say(part: str) -> str:
    *modifiers, last = part.split("+")
    last = _SIGNS.get(last, last)
    if modifiers:
        return "+".join([*(modifier.capitalize() for modifier in modifiers), last.upper() if len(last) == 1 else last])
    return last if len(last) == 1 or last == "space" else last.capitalize()
