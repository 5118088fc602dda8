"""Finding, reading and checking the settings file; what is wrong with it is said in one message."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from platformdirs import user_config_dir, user_data_dir
from pydantic import BaseModel, Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from stockdrift.settings.models import (
    AnySource,
    CollectorSettings,
    DisplaySettings,
    EcwidSettings,
    EcwidStorefrontSettings,
    FeedSettings,
    JournalSettings,
    StoreSettings,
)
from stockdrift.stock.reading import MASTER

_PREFIX: Final = "STOCKDRIFT_"
_FILE_NAME: Final = "settings.toml"
_SOURCES: Final = {"feed": FeedSettings, "ecwid": EcwidSettings, "ecwid-storefront": EcwidStorefrontSettings}
_JOURNAL_SCHEME: Final = "sqlite:///"


class SettingsError(Exception):
    """The settings cannot be used; the text is the whole message for the operator."""


class Settings(BaseSettings):
    """All settings, checked. Made by :func:`load`."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=_PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    store: StoreSettings = StoreSettings()
    journal: JournalSettings = JournalSettings()
    collector: CollectorSettings = CollectorSettings()
    display: DisplaySettings = DisplaySettings()
    master: AnySource
    surfaces: dict[str, AnySource] = Field(min_length=1)
    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """Where they were read from."""
        return self._file

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks the file, which comes in as the arguments of the constructor."""
        return (env_settings, init_settings)

    @model_validator(mode="after")
    def _no_surface_is_the_master(self) -> Settings:
        if MASTER in self.surfaces:
            raise ValueError(f'a surface cannot be called "{MASTER}"')
        own = _endpoint(self.master)
        for name, surface in self.surfaces.items():
            if _endpoint(surface) == own:
                raise ValueError(
                    f"surfaces.{name} is read through the master's own endpoint and credential: "
                    "it would be compared with itself"
                )
        return self


def load(path: Path | None = None) -> Settings:
    """The settings of ``path``, or of ``settings.toml`` here or in the user's config folder, under the environment's.

    Raises SettingsError with one message that names the file, each key and the nearest valid key.
    """
    file = _find(path)
    document = _resolved(_parsed(file), file.parent)
    try:
        settings = Settings(**document)
    except ValidationError as error:
        raise SettingsError(_explained(file, error)) from None
    settings._file = file
    return settings


def journal_path(settings: Settings) -> Path:
    """The journal's file. Raises SettingsError for a URL of another kind."""
    url = settings.journal.url
    if url is None:
        return Path(user_data_dir("stockdrift")) / "drift.db"
    if not url.startswith(_JOURNAL_SCHEME) or len(url) == len(_JOURNAL_SCHEME):
        raise SettingsError(f'journal.url: {url!r} is not supported; write "sqlite:///drift.db"')
    path = Path(url.removeprefix(_JOURNAL_SCHEME)).expanduser()
    return path if settings.file is None else settings.file.parent / path


def _find(path: Path | None) -> Path:
    if path is not None:
        if not path.is_file():
            raise SettingsError(f"{path}: no such settings file")
        return path.absolute()
    places = [Path.cwd() / _FILE_NAME, Path(user_config_dir("stockdrift")) / _FILE_NAME]
    for place in places:
        if place.is_file():
            return place
    looked = " and ".join(str(place) for place in places)
    raise SettingsError(
        f"no settings found; looked for {looked}.\n"
        "Copy settings.example.toml to settings.toml and fill it in, or try a simulated store:\n"
        "  stockdrift sandbox --write-settings settings.toml"
    )


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None


def _resolved(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Feed paths and secret files are relative to the settings file."""
    surfaces = document.get("surfaces")
    tables = [document.get("master"), *(surfaces.values() if isinstance(surfaces, dict) else ())]
    for table in tables:
        if not isinstance(table, dict):
            continue
        if isinstance(table.get("path"), str):
            table["path"] = str(folder / Path(table["path"]).expanduser())
        token = table.get("token")
        if isinstance(token, str) and token.startswith("file:"):
            table["token"] = f"file:{folder / Path(token.removeprefix('file:')).expanduser()}"
    return document


def _endpoint(source: AnySource) -> tuple[object, ...]:
    secret = None if source.token is None else source.token.get_secret_value()
    match source:
        case FeedSettings():
            return ("feed", source.path, source.url, secret)
        case EcwidSettings() | EcwidStorefrontSettings():
            return ("ecwid", source.api.rstrip("/"), source.store_id, secret)


# -- what is wrong, in words ----------------------------------------------------------------------------------------


def _explained(file: Path, error: ValidationError) -> str:
    problems = [_problem(file, detail) for detail in error.errors(include_url=False, include_context=True)]
    return "\n".join(problems)


def _problem(file: Path, detail: ErrorDetails) -> str:
    keys = [str(part) for part in detail["loc"] if str(part) not in _SOURCES]
    key = ".".join(keys)
    where = f"{file}: {key}" if key else str(file)
    variable = _variable(keys)
    if variable:
        where = f"{variable} (environment): {key}"
    match detail["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(keys[-1], sorted(_valid(detail["loc"])), 1, 0.5)
            hint = f'; did you mean "{".".join([*keys[:-1], near[0]])}"?' if near else ""
            return f"{where}: unknown key{hint}" + (
                "" if near else f"; valid are {', '.join(sorted(_valid(detail['loc'])))}"
            )
        case "missing":
            return f"{where}: is missing"
        case "union_tag_not_found":
            return f"{where}: system is missing; one of {', '.join(_SOURCES)}"
        case "union_tag_invalid":
            said = str(detail.get("ctx", {}).get("tag", ""))
            near = difflib.get_close_matches(said, _SOURCES, 1, 0.4)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            return f'{where}.system: unknown system "{said}"; one of {", ".join(_SOURCES)}{hint}'
        case _:
            return f"{where}: {detail['msg'].removeprefix('Value error, ')}"


def _variable(keys: list[str]) -> str:
    """The environment variable that a key was taken from; empty where the file said it."""
    for length in range(len(keys), 0, -1):
        name = _PREFIX + "__".join(keys[:length]).upper()
        found = next((variable for variable in os.environ if variable.upper() == name), None)
        if found:
            return found
    return ""


def _valid(location: tuple[int | str, ...]) -> set[str]:
    """The keys that are valid where an unknown one stands."""
    model: Any = Settings
    for part in location[:-1]:
        if model is None:
            return set()
        if part in _SOURCES:
            model = _SOURCES[str(part)]
        elif isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = None if field is None else field.annotation
        # A table of tables (surfaces.NAME) keeps its union until the tag comes.
        model = next(iter(_models(model)), model) if not (isinstance(model, type)) else model
    return set(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else set()


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for argument in get_args(annotation):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            yield argument
        else:
            yield from _models(argument)
