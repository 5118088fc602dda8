"""What is wrong with settings, in words: the file or variable, the key, what is wrong and what would be right."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from stockdrift.settings.environment import DELIMITER, PREFIX, Environment
from stockdrift.settings.shape import Keys, keys_of, kind_at
from stockdrift.settings.systems import SOURCES
from stockdrift.stock.text import escaped

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_PLAIN: Final[Mapping[str, str]] = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "string_too_short": "must not be empty",
    "dict_type": "must be a table",
    "list_type": "must be a list of tables",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
}
_SHOWN: Final = frozenset({"int_type", "int_parsing", "int_from_float", "bool_type", "bool_parsing", "literal_error"})
"""Errors that quote what was written: of numbers, switches and choices alone, so that no secret is ever printed."""


def dotted(keys: Iterable[str]) -> str:
    """A key as TOML writes it: ``surfaces.facebook.lag``, ``store.sku_tolerance."AB 1"``. Steers no terminal."""
    return ".".join(key if _BARE.fullmatch(key) else json.dumps(key) for key in keys)


def explain(
    settings: type[BaseModel], file: Path | None, environment: Environment, error: ValidationError
) -> list[str]:
    """One line for each error: its file or variable, its key, what is wrong."""
    lines: list[str] = []
    for detail in error.errors(include_url=False):
        keys, system = _located(detail["loc"])
        variable = environment.variable_of(keys) or _misspelt(detail, keys, environment)
        place = f"{variable} (environment)" if variable else str(file or "settings")
        lines += [escaped(f"{place}: {said}") for said in _said(settings, detail, keys, system, environment)]
    return list(dict.fromkeys(lines))


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of ``words`` that was likely meant."""
    folded = {candidate.casefold(): candidate for candidate in sorted(words)}
    near = difflib.get_close_matches(word.casefold(), folded, 1, 0.5)
    return folded[near[0]] if near else None


def _located(location: tuple[int | str, ...]) -> tuple[Keys, str | None]:
    """The key without pydantic's own marks: the chosen system stands behind a source's key, ``[key]`` at the end."""
    keys = [str(part + 1 if isinstance(part, int) else part) for part in location if part != "[key]"]
    place = {"master": 1, "surfaces": 2}.get(keys[0] if keys else "", len(keys))
    if place < len(keys) and keys[place] in SOURCES:
        return (*keys[:place], *keys[place + 1 :]), keys[place]
    return tuple(keys), None


def _misspelt(detail: ErrorDetails, keys: Keys, environment: Environment) -> str:
    """The variable that alone brought up a table without a system, most likely by a slip in the surface's name."""
    table = detail["input"]
    if detail["type"] != "union_tag_not_found" or not isinstance(table, dict):
        return ""
    names = [environment.variables.get((*keys, str(key)), "") for key in table]
    return names[0] if names and all(names) else ""


def _said(
    settings: type[BaseModel], detail: ErrorDetails, keys: Keys, system: str | None, environment: Environment
) -> list[str]:
    key, kind = dotted(keys), detail["type"]
    if not keys:  # of the whole: each line names its own key
        return detail["msg"].removeprefix("Value error, ").splitlines()
    if kind == "extra_forbidden":
        return [f"{key}: {_unknown(settings, keys, system, environment)}"]
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return [_system(detail, keys)]
    if keys == ("surfaces",) and kind in {"missing", "too_short"}:
        return ["surfaces: there is none to compare; add a table such as [surfaces.facebook]"]
    if keys == ("master",) and kind == "missing":
        return ["master: is missing: the table [master] says where the true stock is read"]
    if kind == "missing":
        return [f"{key}: is missing; it must be set"]
    return [f"{key}: {_wrong(settings, detail, keys)}"]


def _unknown(settings: type[BaseModel], keys: Keys, system: str | None, environment: Environment) -> str:
    valid = keys_of(settings, keys[:-1], system)
    elsewhere = [other for other in SOURCES if system and keys[-1] in keys_of(settings, keys[:-1], other)]
    if elsewhere:
        return f"unknown key for the system {system}; it belongs to {' and '.join(elsewhere)}"
    near = nearest(keys[-1], valid)
    if near is None:
        return f"unknown key; valid are {', '.join(sorted(valid))}"
    meant = (*keys[:-1], near)
    if environment.variable_of(keys):
        return f'unknown key; did you mean "{PREFIX}{DELIMITER.join(meant).upper()}"?'
    return f'unknown key; did you mean "{dotted(meant)}"?'


def _system(detail: ErrorDetails, keys: Keys) -> str:
    systems = ", ".join(sorted(SOURCES))
    if detail["type"] == "union_tag_not_found":
        if not isinstance(detail["input"], dict):
            return f"{dotted(keys)}: must be a table with a system: {systems}"
        return f"{dotted((*keys, 'system'))}: is missing; one of {systems}"
    tag = str(detail.get("ctx", {}).get("tag", ""))
    near = nearest(tag, SOURCES)
    return f"{dotted((*keys, 'system'))}: {tag[:40]!r} is no system; one of {systems}" + (
        f'; did you mean "{near}"?' if near else ""
    )


def _wrong(settings: type[BaseModel], detail: ErrorDetails, keys: Keys) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _PLAIN:
        said = _PLAIN[kind]
    elif kind == "literal_error":
        said = f"must be one of {str(context.get('expected', '')).replace(' or ', ', ')}"
    elif kind in {"greater_than_equal", "greater_than"}:
        least = context.get("ge", context.get("gt"))
        said = f"must be {'at least' if kind == 'greater_than_equal' else 'more than'} {least}"
    elif kind == "less_than_equal":
        said = f"must be at most {context.get('le')}"
    elif kind == "string_too_long":
        said = f"must have at most {context.get('max_length')} characters"
    else:
        said = detail["msg"].removeprefix("Value error, ")
    if kind in _SHOWN and kind_at(settings, keys) == "value":
        said += f", not {_quoted(detail['input'])}"
    return said


def _quoted(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:39] + "…"
