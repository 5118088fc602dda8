"""Every setting that holds, and where it comes from: the default, the file, or a variable of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import SecretStr

from stockdrift.settings import values
from stockdrift.settings.changes import leaves, sayers
from stockdrift.settings.environment import Environment, read_environment
from stockdrift.settings.loading import Settings, parsed
from stockdrift.settings.problems import dotted
from stockdrift.settings.reference import duration, size
from stockdrift.settings.rules import rules_of
from stockdrift.settings.shape import Keys
from stockdrift.settings.sources import SourceSettings
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Scope
from stockdrift.stock.text import clean, clean_sku

DEFAULT, FILE, ENVIRONMENT = "default", "file", "environment"

_SAID: Final[Mapping[object, Callable[[int], str]]] = {
    values.parse_duration: duration,
    values.parse_span: duration,
    values.parse_pause: duration,
    values.parse_size: size,
    values.parse_part: lambda value: f"{value / 100:g}%",
    values.parse_share: lambda value: f"{value / 100:g}%",
}
_SAYERS: Final = dict(sayers(_SAID))
_BY_KIND: Final = ("kind", "every", "lag", "stale_after")
"""What a source takes from its kind, or from another value, unless it is set."""


class Effective(Struct, frozen=True):
    """A value as it is written, never a secret itself. ``where`` names the variable where the origin is one."""

    key: str
    value: str
    origin: str  # default | file | environment
    where: str = ""


def effective(settings: Settings) -> Iterator[Effective]:
    """All values, in the order of the models. Raises SettingsError where the file cannot be read any more."""
    document = {} if settings.file is None else parsed(settings.file)
    environment = read_environment(Settings, document, os.environ)
    for keys, value in leaves(settings):
        if keys[0] == MASTER and keys[1] in SourceSettings.OF_SURFACES:
            continue  # without effect there, and refused
        origin, where = _origin(keys, document, environment)
        yield Effective(dotted(keys), _by_kind(settings, keys, value) or _text(keys, value), origin, where)
    for one in settings.ignore:
        text = f"until {datetime.fromtimestamp(one.until / 1000, UTC).isoformat()}: {one.reason}"
        place = (one.surface, one.sku) if one.surface else (one.sku,)
        yield Effective(dotted(("ignore", *place)), text, *_origin(("ignore",), document, environment))


def origins(settings: Settings) -> dict[str, str]:
    """Where each value comes from, by its key: default, file, or the variable of the environment."""
    return {one.key: one.where or one.origin for one in effective(settings)}


def tolerance_key(scope: Scope) -> str:
    """The key by which the settings state the tolerance of ``scope``."""
    table = ("surfaces", scope.surface) if scope.surface else ("store",)
    return dotted((*table, "sku_tolerance", scope.sku) if scope.sku else (*table, "tolerance"))


def buffer_key(scope: Scope) -> str:
    """The key by which the settings state the buffer of ``scope``; of a SKU on every surface they have none."""
    table = ("surfaces", scope.surface or "*")
    return dotted((*table, "sku_allotment", scope.sku, "buffer") if scope.sku else (*table, "buffer"))


def _origin(keys: Keys, document: Mapping[str, Any], environment: Environment) -> tuple[str, str]:
    variable = environment.variable_of(keys)
    if variable:
        return ENVIRONMENT, variable
    table: Any = document
    for key in keys:
        if isinstance(table, Mapping):
            written = next((one for one in table if one == key or clean_sku(one) == key), None)
            if written is None:
                return DEFAULT, ""
            table = table[written]
    return FILE, ""


def _by_kind(settings: Settings, keys: Keys, value: Any) -> str:
    """What a source has by its kind, where it is told nothing else."""
    name = MASTER if keys[0] == MASTER else keys[1] if keys[0] == "surfaces" else ""
    if value is not None or not name or keys[-1] not in _BY_KIND:
        return ""
    held = getattr(rules_of(settings).surface(name), keys[-1])
    return held if isinstance(held, str) else duration(held)


def _text(keys: Keys, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, SecretStr):
        return "(not shown)"
    if isinstance(value, bool):
        return str(value).lower()
    if keys[-1] in {"url", "api"} and keys[0] != "journal":  # what follows the host may be a secret
        parts = urlsplit(str(value))
        return clean(f"{parts.scheme}://{parts.netloc}/…")
    say = _SAYERS.get(keys[-1])
    return say(value) if say is not None and isinstance(value, int) else clean(str(value))
