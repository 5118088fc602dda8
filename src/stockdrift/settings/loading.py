"""Finding, reading and checking the settings."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from platformdirs import user_data_dir
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stockdrift.settings.checks import contradictions
from stockdrift.settings.environment import over, read_environment
from stockdrift.settings.find import SettingsError, find
from stockdrift.settings.models import (
    JOURNAL_SCHEME,
    ActionSettings,
    CollectorSettings,
    DisplaySettings,
    IgnoreSettings,
    JournalSettings,
    StoreSettings,
)
from stockdrift.settings.problems import dotted, explain
from stockdrift.settings.shape import NOT_SETTABLE, keys_of
from stockdrift.settings.systems import AnySource

_PLACE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


class Settings(BaseModel):
    """All settings, checked. Made by :func:`load`."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    store: StoreSettings = Field(StoreSettings(), description="The store that is watched.")
    journal: JournalSettings = Field(JournalSettings(), description="Where polls and level changes are recorded.")
    collector: CollectorSettings = Field(CollectorSettings(), description="Limits that hold for every request.")
    actions: ActionSettings = Field(ActionSettings(), description="Limits and reasons of writes.")
    display: DisplaySettings = Field(DisplaySettings(), description="The console.")
    master: AnySource = Field(description="The one source of truth.")
    surfaces: dict[str, AnySource] = Field(min_length=1, description="The places that sell, by name.")
    ignore: list[IgnoreSettings] = Field([], description="SKUs that are left out for a while.")
    file: Path | None = Field(None, exclude=True, description="Where they were read from; not a setting.")

    @model_validator(mode="before")
    @classmethod
    def _beside_the_file(cls, document: dict[str, Any]) -> dict[str, Any]:
        """Paths and secret files are relative to the settings file, whoever set them."""
        file = document.get("file")
        if file is None:
            return document
        folder = Path(file).parent
        resolved = {**document, "master": _located(document.get("master"), folder)}
        if "master" not in document:
            del resolved["master"]
        if isinstance(document.get("surfaces"), dict):
            resolved["surfaces"] = {name: _located(table, folder) for name, table in document["surfaces"].items()}
        return resolved

    @model_validator(mode="after")
    def _without_contradiction(self) -> Settings:
        found = list(contradictions(self.master, self.surfaces, journal_path(self), self.ignore, self.actions))
        if found:
            raise ValueError("\n".join(found))
        return self


def load(path: Path | None = None) -> Settings:
    """The settings of ``path``, or of ``settings.toml`` here or in the user's config folder, under the environment's.

    Raises SettingsError with one message that names, for each error, the file or variable, the key, what is wrong and
    the nearest valid key.
    """
    file = find(path)
    document = parsed(file)
    environment = read_environment(Settings, document, os.environ)
    problems = [*environment.problems, *_strangers(file, document)]
    for key in NOT_SETTABLE:
        document.pop(key, None)
    try:
        settings = Settings.model_validate({**over(document, environment.document), "file": file})
    except ValidationError as error:
        problems += explain(Settings, file, environment, error)
    if problems:
        raise SettingsError(*dict.fromkeys(problems))
    return settings


def journal_path(settings: Settings) -> Path:
    """The journal's file; a relative one lies beside the settings file.

    Without one in the settings it lies in the user's data folder, under a name that no other settings file gives: two
    stores in one journal would be judged by each other's levels.
    """
    if settings.journal.url is None:
        mark = hashlib.sha256(os.fsencode(settings.file or "")).hexdigest()[:8]
        return Path(user_data_dir("stockdrift")) / f"drift-{mark}.db"
    path = _expanded(settings.journal.url.removeprefix(JOURNAL_SCHEME))
    return path if settings.file is None else settings.file.parent / path


def parsed(file: Path) -> dict[str, Any]:
    """The document in ``file``, unchecked. Raises SettingsError."""
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text (byte {error.start + 1})") from None
    except RecursionError:
        raise SettingsError(f"{file}: is nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and Python's own limit on the digits of a number
        match = _PLACE.fullmatch(str(error))
        if match is None:
            raise SettingsError(f"{file}: is not TOML: {error}") from None
        where = f"line {match[2]}, column {match[3]}" if match[2] else "at the end"
        raise SettingsError(f"{file}: is not TOML: {where}: {match[1]}") from None


def _strangers(file: Path, document: dict[str, Any]) -> list[str]:
    """A field that is not a setting is an unknown key like any other, though the model has it."""
    valid = ", ".join(sorted(keys_of(Settings)))
    return [
        f"{file}: {dotted((key,))}: unknown key; valid are {valid}" for key in sorted(NOT_SETTABLE & document.keys())
    ]


def _located(table: Any, folder: Path) -> Any:
    if not isinstance(table, dict):
        return table
    located = dict(table)
    if isinstance(table.get("path"), str) and table["path"].strip():
        located["path"] = folder / _expanded(table["path"])
    mapping = table.get("mapping")
    if isinstance(mapping, dict) and isinstance(mapping.get("file"), str) and mapping["file"].strip():
        located["mapping"] = {**mapping, "file": folder / _expanded(mapping["file"])}
    reference = table.get("token")
    if isinstance(reference, str) and reference.startswith("file:"):
        name = reference.removeprefix("file:")
        located["token"] = f"file:{folder / _expanded(name)}" if name else reference
    return located


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user
        return Path(path)
