"""A folder with a settings file, and an environment without any settings of whoever runs the tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stockdrift.settings import SettingsError, load

LEAST = """
[master]
system = "feed"
path = "master.csv"

[surfaces.facebook]
system = "feed"
path = "facebook.tsv"
"""
"""The least that loads."""

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("STOCKDRIFT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file and returns its path."""

    def write_file(text: str) -> Path:
        file = tmp_path / "shop" / "settings.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


@pytest.fixture
def refused(write: Write) -> Callable[[str], list[str]]:
    """Loads a file that must be refused; returns the lines said, with the file's path as FILE."""

    def load_file(text: str) -> list[str]:
        file = write(text)
        with pytest.raises(SettingsError) as caught:
            load(file)
        return [problem.replace(str(file), "FILE") for problem in caught.value.problems]

    return load_file
