"""Settings from the environment: ``STOCKDRIFT_SURFACES__FACEBOOK__LAG=2h`` outranks ``surfaces.facebook.lag``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field
from pydantic import BaseModel

from stockdrift.settings.shape import Keys, keys_of, kind_at

PREFIX: Final = "STOCKDRIFT_"
DELIMITER: Final = "__"


class Environment(Struct, frozen=True):
    """What the environment sets: a document shaped like the file, and the variable that each key came from.

    ``problems`` are sentences about variables that cannot be read.
    """

    document: dict[str, Any] = field(default_factory=dict)
    variables: dict[Keys, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def variable_of(self, keys: Keys) -> str:
        """The variable that set ``keys`` or a table around it; empty where none did."""
        return next((self.variables[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.variables), "")


def read_environment(settings: type[BaseModel], document: Mapping[str, Any], environ: Mapping[str, str]) -> Environment:
    """What ``environ`` sets over ``document``.

    Variables of other purposes may share the prefix (a token, say): those that name no table are passed over. An empty
    variable counts as not set. A name cannot hold everything that a key can: case does not matter, ``_`` finds a ``-``,
    and a whole table may be given as a JSON object.
    """
    found = Environment()
    # The shallow first: a single key outranks a table that holds it.
    names = sorted((name for name in environ if name.upper().startswith(PREFIX)), key=lambda n: (n.count(DELIMITER), n))
    for name in names:
        parts = name[len(PREFIX) :].split(DELIMITER)
        if not environ[name] or parts[0].lower() not in keys_of(settings):
            continue
        keys = _keys(settings, document, parts, found, name)
        if keys is None:
            continue
        value: Any = environ[name]
        kind = kind_at(settings, keys)
        if kind in ("table", "list"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict if kind == "table" else list):
                written = "a table is written as a JSON object" if kind == "table" else "a list is written as JSON"
                found.problems.append(f"{name} (environment): {written}")
                continue
        _put(found.document, keys, value)
        found.variables[keys] = name
    return found


def over(document: Mapping[str, Any], outranking: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` with what ``outranking`` sets in its place, table by table."""
    merged = dict(document)
    for key, value in outranking.items():
        below = merged.get(key)
        merged[key] = over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _keys(
    settings: type[BaseModel], document: Mapping[str, Any], parts: list[str], found: Environment, name: str
) -> Keys | None:
    """The dotted key that a variable's parts mean, in the spelling of the file where it has that key already."""
    keys: Keys = ()
    table: Any = document
    for part in parts:
        fields = keys_of(settings, keys)
        known = list(table) if isinstance(table, Mapping) and not fields else sorted(fields)
        same = [key for key in known if _folded(key) == _folded(part)]
        if len(same) > 1 and part not in same:
            found.problems.append(f"{name} (environment): {part} may mean {' or '.join(same)}")
            return None
        if part in same:
            key = part
        elif same:
            key = same[0]
        else:
            # The name of a new surface, a SKU, or a key that will be refused by its name.
            key = part.lower() if fields or keys == ("surfaces",) else part
        keys = (*keys, key)
        table = table.get(key) if isinstance(table, Mapping) else None
    return keys


def _folded(key: str) -> str:
    return key.casefold().replace("-", "_")


def _put(document: dict[str, Any], keys: Keys, value: Any) -> None:
    for key in keys[:-1]:
        inner = document.get(key)
        if not isinstance(inner, dict):
            inner = document[key] = {}
        document = inner
    document[keys[-1]] = value
