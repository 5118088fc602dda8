"""Where settings are looked for, and what relative paths in them mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformdirs import user_config_dir, user_data_dir

from stockdrift.settings import SettingsError, journal_path, load
from stockdrift.settings.sources import FeedSettings
from tests.settings.conftest import LEAST, Write


def test_the_working_directory_stands_before_the_users_folder(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = Path(user_config_dir("stockdrift")) / "settings.toml"
    users.parent.mkdir(parents=True)
    users.write_text(LEAST)
    monkeypatch.chdir(tmp_path)
    assert load().file == users
    here = write(LEAST)
    monkeypatch.chdir(here.parent)
    assert load().file == here


def test_without_a_file_it_says_where_it_looked_and_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        load()
    said = str(caught.value)
    for expected in (
        str(tmp_path / "settings.toml"),
        str(Path(user_config_dir("stockdrift")) / "settings.toml"),
        "settings.example.toml",
        "stockdrift sandbox --write-settings",
    ):
        assert expected in said


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such settings file"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="is a folder"):
        load(tmp_path)


def test_paths_are_relative_to_the_file(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write('[journal]\nurl = "sqlite:///drift.db"\n' + LEAST)
    monkeypatch.chdir(tmp_path)
    settings = load(Path("shop/settings.toml"))
    assert isinstance(settings.master, FeedSettings)
    assert settings.file == file
    assert settings.master.path == file.parent / "master.csv"
    assert journal_path(settings) == file.parent / "drift.db"


def test_absolute_paths_and_the_home_folder_stay(write: Write, tmp_path: Path) -> None:
    file = write(LEAST.replace("master.csv", "~/m.csv").replace("facebook.tsv", "/feeds/f.tsv"))
    settings = load(file)
    assert isinstance(settings.master, FeedSettings)
    assert settings.master.path == tmp_path / "home" / "m.csv"
    assert settings.surfaces["facebook"].model_dump()["path"] == Path("/feeds/f.tsv")


def test_the_journal_lies_in_the_users_data_folder_by_default(write: Write, tmp_path: Path) -> None:
    first = journal_path(load(write(LEAST)))
    assert first.parent == Path(user_data_dir("stockdrift"))
    assert journal_path(load(write(LEAST))) == first
    other = tmp_path / "other.toml"
    other.write_text(LEAST)
    assert journal_path(load(other)) != first  # another store, another journal


def test_an_absolute_journal(write: Write) -> None:
    settings = load(write('[journal]\nurl = "sqlite:////srv/drift.db"\n' + LEAST))
    assert journal_path(settings) == Path("/srv/drift.db")


def test_secrets_come_from_the_environment_or_a_file_beside_the_settings(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "public_1")
    file = write(
        """
        [master]
        system = "ecwid"
        store_id = 1
        token = "file:secret/token"
        [surfaces.site]
        system = "ecwid-storefront"
        store_id = 1
        token = "env:SHOP_TOKEN"
        """
    )
    (file.parent / "secret").mkdir()
    (file.parent / "secret" / "token").write_text("secret_2\n")
    settings = load(file)
    master, site = settings.master.secrets()["token"], settings.surfaces["site"].secrets()["token"]
    assert (master.get_secret_value(), site.get_secret_value()) == ("secret_2", "public_1")
    assert "secret_2" not in repr(settings)
    assert "public_1" not in str(settings)


def test_white_space_around_a_secret_is_not_part_of_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", " t0p\n")
    token = load(write(LEAST + 'token = "env:SHOP_TOKEN"\n')).surfaces["facebook"].secrets()["token"]
    assert token.get_secret_value() == "t0p"


def test_a_byte_order_mark_does_no_harm(write: Write) -> None:
    assert load(write("\ufeff" + LEAST)).store.name == "My store"
