"""The shape of the settings: which keys a table may hold, found by walking the models."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from stockdrift.settings.systems import SOURCES

Keys = tuple[str, ...]
"""A dotted key by its parts: ``("surfaces", "facebook", "lag")``."""

NOT_SETTABLE = frozenset({"file"})
"""Fields of the whole that say where it comes from."""


def keys_of(model: type[BaseModel], keys: Keys = (), system: str | None = None) -> frozenset[str]:
    """The keys that the table at ``keys`` may hold; empty where any may stand (surfaces, SKUs) or none can.

    A source's table holds what its ``system`` allows; what any system allows where that is None.
    """
    found: set[str] = set()
    for kind in _kinds(model, keys, system):
        if _is_model(kind):
            found.update(name for name in kind.model_fields if keys or name not in NOT_SETTABLE)
    return frozenset(found)


def kind_at(model: type[BaseModel], keys: Keys) -> Literal["table", "list", "secret", "value", "nothing"]:
    """What stands at ``keys``."""
    kinds = _kinds(model, keys, None)
    if any(_is_model(kind) or get_origin(kind) is dict for kind in kinds):
        return "table"
    if any(get_origin(kind) is list for kind in kinds):
        return "list"
    if SecretStr in kinds:
        return "secret"
    return "value" if kinds else "nothing"


def _kinds(model: type[BaseModel], keys: Keys, system: str | None) -> list[Any]:
    """The types that may stand at ``keys``, unions taken apart."""
    kinds: list[Any] = [model]
    for depth, key in enumerate(keys):
        inner: list[Any] = []
        for kind in kinds:
            if _is_model(kind):
                field = kind.model_fields.get(key)
                hidden = not depth and key in NOT_SETTABLE
                inner += types_in(field.annotation) if field is not None and not hidden else []
            elif get_origin(kind) is dict:
                inner += types_in(get_args(kind)[1])
            elif get_origin(kind) is list:  # whatever its number
                inner += types_in(get_args(kind)[0])
        kinds = [kind for kind in inner if system is None or kind not in SOURCES.values() or kind is SOURCES[system]]
    return kinds


def types_in(annotation: Any) -> list[Any]:
    """The types that an annotation allows, unions and annotations taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return types_in(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [part for argument in get_args(annotation) for part in types_in(argument)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
