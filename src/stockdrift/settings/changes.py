"""What differs between two settings, in words that hold no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, BeforeValidator, SecretStr

from stockdrift.settings import values
from stockdrift.settings.loading import Settings
from stockdrift.settings.models import Section
from stockdrift.settings.problems import dotted
from stockdrift.settings.shape import NOT_SETTABLE, Keys
from stockdrift.settings.sources import SourceSettings
from stockdrift.settings.systems import AnySource
from stockdrift.stock.rules import Scope
from stockdrift.stock.text import clean
from stockdrift.stock.words import age

_MOST: Final = 3

_JUDGING: Final = (SourceSettings.OF_SURFACES - {"mapping"}) | {"every", "kind", "stale_after"}
"""Keys of a source that its connector does not see."""

_BY_NAME: Final = NOT_SETTABLE | {"ignore"}
"""What is not told value by value."""

NEXT_START: Final = ("journal",)
"""Tables that a running collector cannot take over."""

_WINDOWS: Final = frozenset({("actions", "freeze"), ("actions", "open")})
"""Tables of windows, which are told by their names."""

_SAID: Final[Mapping[object, Callable[[int], str]]] = {
    values.parse_duration: age,
    values.parse_span: age,
    values.parse_pause: lambda value: age(value) if value >= 1_000 else f"{value}ms",
    values.parse_part: lambda value: f"{value / 100:g}%",
    values.parse_share: lambda value: f"{value / 100:g}%",
}


def changes(before: Settings, after: Settings) -> list[str]:
    """Each difference as a phrase that begins with its key: ``surfaces.facebook.lag 1h00m → 2h00m``."""
    old, new = dict(leaves(before)), dict(leaves(after))
    found = [*_ignores(before, after), *_windows(before, after)]
    for name in (*before.surfaces, *after.surfaces):
        if (name in before.surfaces) != (name in after.surfaces):
            told = dotted(("surfaces", name)) + (" removed" if name in before.surfaces else " added")
            found += [told] if told not in found else []
    both = {name for name in before.surfaces if name in after.surfaces}
    for keys in sorted({*old, *new}):
        whole = keys[:2] in _WINDOWS or (keys[0] == "surfaces" and keys[1] not in both)
        if old.get(keys) != new.get(keys) and not whole:
            later = ", with the next start" if keys[0] in NEXT_START else ""
            found.append(f"{dotted(keys)} {_told(keys, old.get(keys))} → {_told(keys, new.get(keys))}{later}")
    return found


def summary(found: list[str]) -> str:
    """The first few of ``found`` in one line: ``2 changes: …``."""
    if not found:
        return "nothing differs from what holds"
    rest = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{len(found)} change{'' if len(found) == 1 else 's'}: {'; '.join(found[:_MOST])}{rest}"


def _ignores(before: Settings, after: Settings) -> list[str]:
    old, new = (
        {Scope(one.surface, one.sku): (one.reason, one.until) for one in settings.ignore}
        for settings in (before, after)
    )
    return [
        f"ignore of {scope} {'added' if scope not in old else 'removed' if scope not in new else 'changed'}"
        for scope in dict.fromkeys((*old, *new))
        if old.get(scope) != new.get(scope)
    ]


def _windows(before: Settings, after: Settings) -> list[str]:
    """Freeze windows and opening times that differ, each by its name."""
    found = []
    for _, kind in sorted(_WINDOWS):
        old, new = ({one.name: one for one in getattr(each.actions, kind)} for each in (before, after))
        found += [
            f"actions.{kind} {name} {'added' if name not in old else 'removed' if name not in new else 'changed'}"
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ]
    return found


def reads_alike(before: AnySource | None, after: AnySource) -> bool:
    """Whether a connector that was made for ``before`` reads as one made for ``after`` would."""
    return type(before) is type(after) and _seen(before) == _seen(after)


def _seen(source: BaseModel | None) -> dict[str, Any]:
    return {} if source is None else source.model_dump(exclude=set(_JUDGING))


def leaves(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """The single values, each by its key; where they come from is none."""
    inner: Mapping[str, Any] = {}
    if isinstance(value, BaseModel):
        inner = {name: getattr(value, name) for name in type(value).model_fields if keys or name not in _BY_NAME}
    elif isinstance(value, Mapping):
        inner = value
    elif isinstance(value, list | tuple):
        inner = {str(number): item for number, item in enumerate(value, 1)}
    if not inner:
        yield keys, None if value == {} or value == [] else value
    for key, item in inner.items():
        yield from leaves(item, (*keys, str(key)))


def _told(keys: Keys, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, SecretStr) or keys[-1] in {"url", "api"}:  # an address may hold one
        return "(not shown)"
    if isinstance(value, bool):
        return str(value).lower()
    say = _SAYERS.get(keys[-1])
    text = say(value) if say is not None and isinstance(value, int) else clean(str(value))
    return text if len(text) <= 40 else text[:39] + "…"


def sayers(said: Mapping[object, Callable[[int], str]]) -> Iterator[tuple[str, Callable[[int], str]]]:
    """How the values of fields are said, by the fields' names: they mean the same in every table. ``said`` is by the
    function that reads a value of that kind.
    """
    for model in _sections(Section):
        for name, field in model.model_fields.items():
            inner = [part for kind in _annotations(field.annotation) for part in getattr(kind, "__metadata__", ())]
            for item in (*field.metadata, *inner):
                if isinstance(item, BeforeValidator) and item.func in said:
                    yield name, said[item.func]


def _sections(of: type[Section]) -> Iterator[type[Section]]:
    for model in of.__subclasses__():
        yield model
        yield from _sections(model)


def _annotations(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _annotations(argument)


_SAYERS: Final[Mapping[str, Callable[[int], str]]] = dict(sayers(_SAID))
