"""settings.example.toml shows every setting, tells the defaults truly, and loads; docs/settings.md is current."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from stockdrift.settings import load, rules_of
from stockdrift.settings.loading import Settings
from stockdrift.settings.reference import reference
from stockdrift.settings.sources import AllotmentSettings, FeedColumns, SourceSettings
from stockdrift.settings.systems import SOURCES
from stockdrift.settings.windows import WindowSettings

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "settings.example.toml").read_text(encoding="utf-8")
SETTING = re.compile(r'^#(?=\[|"?[\w-]+"? = )', re.MULTILINE)
ALL = SETTING.sub("", EXAMPLE)
"""The example with every setting that it only shows set as well."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECWID_TOKEN", "secret_1")
    monkeypatch.setenv("FEED_TOKEN", "feed_1")
    monkeypatch.setenv("META_TOKEN", "EAAB_1")
    monkeypatch.setenv("VENDURE_PASSWORD", "vendure_1")
    monkeypatch.setenv("VENDURE_API_KEY", "lookup:secret")
    monkeypatch.setenv("MEDUSA_PASSWORD", "medusa_1")
    monkeypatch.setenv("MEDUSA_API_KEY", "sk_1")
    monkeypatch.setenv("MEDUSA_PUBLISHABLE_KEY", "pk_1")
    (tmp_path / "site.token").write_text("public_1\n")
    return tmp_path / "settings.toml"


def test_it_loads_as_it_stands(file: Path) -> None:
    file.write_text(EXAMPLE, encoding="utf-8")
    settings = load(file)
    assert settings.store.name == "Candle & Co"
    assert [surface.name for surface in rules_of(settings).surfaces] == [
        *("facebook", "google", "site", "instagram", "outlet", "popup", "outlet-shop"),
        *("wholesale", "studio", "studio-shop"),
    ]


def test_it_loads_with_everything_that_it_shows(file: Path) -> None:
    assert ALL != EXAMPLE
    file.write_text(ALL, encoding="utf-8")
    assert load(file).surfaces["facebook"].cap == 99


def test_it_is_complete() -> None:
    document = tomllib.loads(ALL)
    for name in ("store", "journal", "collector", "actions", "display"):
        annotation = Settings.model_fields[name].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        assert set(document[name]) == set(annotation.model_fields), name
    assert set(document) == {name for name in Settings.model_fields if name != "file"}
    tables = [document["master"], *document["surfaces"].values()]
    assert set(SourceSettings.model_fields) <= set(document["surfaces"]["facebook"])
    for system, model in SOURCES.items():
        shown = {key for table in tables if table["system"] == system for key in table}
        assert set(model.model_fields) - set(SourceSettings.model_fields) <= shown, system
    columns = {key for table in tables for key in table.get("columns", {})}
    assert columns == set(FeedColumns.model_fields)
    windows = [key for key in ("freeze", "open") for window in document["actions"][key] for key in window]
    assert set(windows) == set(WindowSettings.model_fields)
    allotments = document["surfaces"]["facebook"]["sku_allotment"].values()
    assert {key for allotment in allotments for key in allotment} == set(AllotmentSettings.model_fields)


def test_what_it_shows_as_default_is_the_default(file: Path) -> None:
    """Where a model has a default, the commented line states it."""
    file.write_text(EXAMPLE, encoding="utf-8")
    plain = load(file)
    file.write_text(ALL, encoding="utf-8")
    shown = load(file)
    compared = 0
    for name in ("store", "journal", "collector", "actions", "display"):
        compared += _compare(getattr(plain, name), getattr(shown, name))
    compared += _compare(plain.master, shown.master)
    compared += _compare(plain.surfaces["facebook"], shown.surfaces["facebook"])
    for name in ("instagram", "outlet", "outlet-shop", "wholesale"):
        compared += _compare(plain.surfaces[name], shown.surfaces[name])
    assert compared > 20


def test_what_it_shows_as_default_by_kind_is_what_the_rules_say(file: Path) -> None:
    file.write_text(EXAMPLE, encoding="utf-8")
    plain = rules_of(load(file))
    file.write_text(ALL, encoding="utf-8")
    shown = rules_of(load(file))
    for name in ("master", "facebook"):
        for key in ("every", "lag", "stale_after", "kind"):
            assert getattr(plain.surface(name), key) == getattr(shown.surface(name), key), (name, key)


def test_the_reference_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == reference(), "docs/settings.md is behind the models: run `make docs`"


def _compare(plain: BaseModel, shown: BaseModel) -> int:
    compared = 0
    for key, field in type(plain).model_fields.items():
        was: Any = getattr(plain, key)
        if was is None or was in ({}, (), []) or key in plain.model_fields_set or field.is_required():
            continue
        assert getattr(shown, key) == was, key
        compared += 1
    return compared
