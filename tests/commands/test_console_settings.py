"""What is kept of the settings is what checking them anew would find, and nothing is kept that no longer holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stockdrift.commands import console_settings as module
from stockdrift.commands.console_settings import console_settings, kept_in, of
from stockdrift.settings import SettingsError, load

TEXT = """
[store]
name = "Candles & Co"
sku_tolerance = { "A 1" = "5%" }
bundles = { set = { a = 2, b = 1 } }
[display]
theme = "light"
bell = true
[master]
system = "feed"
path = "master.csv"
link = "https://example.test/{sku}"
[surfaces.facebook]
system = "feed"
path = "facebook.csv"
share = "50%"
sku_allotment = { "A 1" = { buffer = 2 } }
[[ignore]]
sku = "A 1"
reason = "recount"
until = 2030-01-01
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "settings.toml"
    found.write_text(TEXT, encoding="utf-8")
    return found


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose settings were checked."""
    found: list[Path] = []
    plain = module._checked

    def check(file: Path) -> module.ConsoleSettings:
        found.append(file)
        return plain(file)

    monkeypatch.setattr(module, "_checked", check)
    return found


def test_what_is_kept_is_what_checking_finds(file: Path, checked: list[Path]) -> None:
    first, second = console_settings(file), console_settings(file)
    assert first == second == of(load(file))
    assert type(second.rules.surfaces) is tuple
    assert len(checked) == 1
    assert kept_in(file).stat().st_mode & 0o077 == 0


def test_a_change_of_file_environment_or_program_is_checked(
    file: Path, checked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    console_settings(file)
    file.write_text(TEXT.replace("light", "dark"), encoding="utf-8")
    assert console_settings(file).theme == "dark"
    monkeypatch.setenv("STOCKDRIFT_DISPLAY__THEME", "contrast")
    assert console_settings(file).theme == "contrast"
    monkeypatch.setattr(module, "_MAKES", ("settings/find.py",))
    assert console_settings(file).theme == "contrast"
    assert len(checked) == 4


def test_settings_that_will_not_do_are_said_each_time(file: Path) -> None:
    console_settings(file)
    file.write_text(TEXT + "\n[display.no]\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"settings\.toml"):
            console_settings(file)


def test_what_is_kept_may_be_broken_or_cannot_be_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = console_settings(file)
    for content in (b"", b"{}", b'{"key": 1}', os.urandom(50), kept_in(file).read_bytes()[:-9]):
        kept_in(file).write_bytes(content)
        assert console_settings(file) == expected
    monkeypatch.setattr(module, "kept_in", lambda _file: Path("/proc/nowhere/kept.json"))
    assert console_settings(file) == expected


def test_a_run_that_leaves_nothing_behind_keeps_nothing(file: Path) -> None:
    console_settings(file, keep=False)
    assert not kept_in(file).exists()
