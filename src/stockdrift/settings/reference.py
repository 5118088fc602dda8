"""The reference of all settings, made from the models: ``python -m stockdrift.settings.reference`` prints it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from stockdrift.settings import values, windows
from stockdrift.settings.loading import Settings
from stockdrift.settings.models import IgnoreSettings
from stockdrift.settings.shape import types_in
from stockdrift.settings.sources import AllotmentSettings, FeedColumns, MappingSettings, SourceSettings
from stockdrift.settings.systems import SOURCES
from stockdrift.settings.windows import WindowSettings
from stockdrift.stock.rules import Tolerance

_HEAD: Final = """\
# Settings

Made from the models by `make docs`; `settings.example.toml` holds the same with values to start from.

stockdrift reads the file given by `--settings FILE`, else `settings.toml` in the working directory, else
`settings.toml` in the user's configuration folder. Paths in it are relative to the file. An unknown key is an error.

The environment outranks the file: `STOCKDRIFT_`, then the dotted key in capitals with `__` between its parts and `_`
for `-`, so `STOCKDRIFT_SURFACES__FACEBOOK__LAG=2h` sets `surfaces.facebook.lag`. A whole table may be given as a JSON
object. A variable that is empty counts as not set.

A secret is never written itself: `"env:NAME"` takes it from an environment variable, `"file:PATH"` from a file.

| written as | means |
| --- | --- |
| duration | `"500ms"`, `"30s"`, `"15m"`, `"1h30m"`, `"2d"` |
| percentage | `"5%"`, `"2.5%"` |
| share | `0.5` or `"50%"` |
| tolerance | whole units such as `2`, or a percentage of the expected quantity such as `"5%"` |
| date | `2026-12-24`, `2026-12-24T18:00:00`, in this machine's zone, or `2026-12-24T18:00:00+01:00` |
| size | `"500MB"`, `"2GB"`, `"1.5GiB"`, or a whole number of bytes |
| secret | `"env:NAME"` or `"file:PATH"` |
| hours | `"18:00-23:00"`, or over midnight `"22:00-06:00"` |
| list of days | `["fri", "sat"]` |
| list of names | `["one", "another"]`; in the environment `one, another` |
"""

_KINDS: Final = {
    values.parse_duration: "duration",
    values.parse_names: "list of names",
    values.parse_size: "size",
    values.parse_span: "duration",
    values.parse_pause: "duration",
    values.parse_moment: "date",
    values.parse_part: "percentage",
    values.parse_share: "share",
    values.refuse_switch: "whole number",
    values.parse_tolerance: "tolerance",
    windows.parse_days: "list of days",
    windows.parse_hours: "hours",
    values.read_secret: "secret",
    values.read_password: "secret",
}


def reference() -> str:
    """The whole page, in Markdown."""
    lines = [_HEAD]
    for name in ("store", "journal", "collector", "actions", "display"):
        (model,) = types_in(Settings.model_fields[name].annotation)
        lines += _section(f"`[{name}]`", model, model.model_fields)
    lines += _section(
        "`[[actions.freeze]]` and `[[actions.open]]`, as often as needed", WindowSettings, WindowSettings.model_fields
    )
    lines += _section("`[[ignore]]`, as often as needed", IgnoreSettings, IgnoreSettings.model_fields)
    lines += _section("`[master]` and every `[surfaces.NAME]`", SourceSettings, SourceSettings.model_fields)
    lines.append(
        f"On the master these have no effect and are refused: {_listed(sorted(SourceSettings.OF_SURFACES))}.\n"
    )
    for system, source in SOURCES.items():
        own = {key: field for key, field in source.model_fields.items() if key not in SourceSettings.model_fields}
        lines += _section(f'`system = "{system}"`', source, own)
    lines += _section("`mapping` of a surface", MappingSettings, MappingSettings.model_fields)
    lines += _section("`columns` of a feed", FeedColumns, FeedColumns.model_fields)
    lines += _section("`sku_allotment` of a surface, by SKU", AllotmentSettings, AllotmentSettings.model_fields)
    return "\n".join(lines)


def _section(title: str, model: type[BaseModel], fields: dict[str, FieldInfo]) -> Iterator[str]:
    about = " ".join((model.__doc__ or "").split()).replace("``", "`")
    yield f"## {title}\n\n{about}\n"
    yield "| key | written as | default | what it is |\n| --- | --- | --- | --- |"
    yield "\n".join(
        f"| `{key}` | {_written(field)} | {_default(field)} | {_escaped(field.description or '')} |"
        for key, field in fields.items()
    )
    yield ""


def _written(field: FieldInfo) -> str:
    validator = next((item.func for item in field.metadata if isinstance(item, BeforeValidator)), None)
    if validator is None:
        validator = next((v for v in map(_validator, _annotated(field.annotation)) if v is not None), None)
    kinds = [kind for kind in types_in(field.annotation) if kind is not type(None)]
    if any(get_origin(kind) is dict for kind in kinds):
        return "table"
    if any(get_origin(kind) is list for kind in kinds):
        return "tables"
    if validator in _KINDS:
        return _KINDS[validator]
    kind = kinds[0]
    if get_origin(kind) is Literal:
        return " or ".join(f'`"{choice}"`' for choice in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    return {bool: "`true` or `false`", int: "whole number", SecretStr: "secret"}.get(kind, "text")


def _annotated(annotation: Any) -> Iterator[Any]:
    for argument in get_args(annotation):
        yield argument
        yield from _annotated(argument)


def _validator(argument: Any) -> Any:
    return argument.func if isinstance(argument, BeforeValidator) else None


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined and field.default_factory is None:
        return "must be set"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default == []:
        return "none"
    if default is None or isinstance(default, (dict, BaseModel)):
        return "see below" if isinstance(default, BaseModel) else "none"
    kind = _written(field)
    if kind == "duration":
        return f'`"{duration(default)}"`'
    if kind == "size":
        return f'`"{size(default)}"`'
    if kind == "percentage":
        return f'`"{default / 100:g}%"`'
    if kind == "share":
        return f"`{default / 10_000:g}`"
    return f"`{default.units}`" if isinstance(default, Tolerance) else f"`{json.dumps(default)}`"


def duration(milliseconds: int) -> str:
    """As a settings file writes it."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def size(count: int) -> str:
    """As a settings file writes it."""
    for unit, of in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count and count % of == 0:
            return f"{count // of}{unit}"
    return str(count)


def _listed(keys: list[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
