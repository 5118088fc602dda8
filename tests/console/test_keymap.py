"""An operator's own keys do what they say, and a key map that will not do names what is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from stockdrift.cli import cli
from stockdrift.commands.keys import run as print_keys
from stockdrift.commands.opening import own_keys
from stockdrift.console import keymap as keymaps
from stockdrift.console.keymap import KeymapError, load_keymap, said, validated, written
from stockdrift.console.keys import KEYS
from tests.console.harness import running


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[keys]\nfitler = "f"', "keys.fitler is not an action; nearest is filter"),
        ('[keys]\nsort = "q"', "keys.sort and keys.quit are both q on the watch screen"),
        ('[keys]\nundo = "slash"', "keys.filter and keys.undo are both / on the watch screen"),
        ('[keys]\nsort = "hyper+x"', "keys.sort: 'hyper+x' is not a key"),
        ('[keys]\nsort = "f5,nokey"', "keys.sort: 'nokey' is not a key"),
        ('[keys]\nsort = ""', "keys.sort: give it a key as text"),
        ("[keys]\nsort = 5", "keys.sort: give it a key as text"),
        ("keys = 5", "keys is a table"),
        ("[key]", "key is not a key of a key map"),
        ("keys", "not TOML"),
    ],
)
def test_a_bad_key_map_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text(text)
    with pytest.raises(KeymapError) as error:
        load_keymap(file)
    assert sentence in str(error.value)
    assert str(error.value).startswith(f"{file}: ")


def test_with_a_bad_key_map_the_shipped_one_is_printed_to_mend_it_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text('[keys]\nfitler = "f"')
    monkeypatch.setattr("stockdrift.console.keymap.keymap_file", lambda: file)
    assert print_keys(None) == 3
    said = capsys.readouterr()
    assert "keys.fitler is not an action; nearest is filter; the keys are as shipped" in said.err
    assert tomllib.loads(said.out)["keys"].keys() == {key.id for key in KEYS if key.action}
    assert print_keys(tmp_path / "mine.toml") == 3
    assert load_keymap(tmp_path / "mine.toml")


def test_no_file_changes_nothing(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "keymap.toml") == {}


def test_what_is_written_is_what_holds() -> None:
    document = tomllib.loads(written({"sort": "f5"}))
    assert document["keys"].keys() == {key.id for key in KEYS if key.action}
    assert validated(document["keys"])["sort"] == "f5"
    assert validated(tomllib.loads(written({}))["keys"]) == {key.id: key.keys for key in KEYS if key.action}


@pytest.mark.parametrize(
    ("keys", "shown"), [("slash", "/"), ("ctrl+l", "Ctrl+L"), ("f5,s", "F5 s"), ("space", "space"), ("enter", "Enter")]
)
def test_keys_as_people_read_them(keys: str, shown: str) -> None:
    assert said(keys) == shown


async def test_two_keys_change_places_and_the_screen_says_so() -> None:
    async with running(keymap=validated({"sort": "l", "everything": "s", "filter": "d", "undo": "ctrl+z"})) as console:
        footer = console.rows()[39]
        assert "d filter" in footer
        assert "l sort" in footer
        await console.press("l")
        assert "Sorted by deviation" in console.rows()[16]
        await console.press("s")
        assert "All SKUs" in console.rows()[17]
        assert "s drifting" in console.rows()[39]
        await console.press("slash")
        assert console.rows()[39] != " /"
        await console.press("d", *"noël", "enter")
        assert "of 1 " in console.rows()[17]
        await console.press("plus")
        assert "Ctrl+Z undoes" in console.rows()[16]
        await console.press("question_mark", "pagedown")
        assert any("Ctrl+Z  Take back" in row for row in console.rows())


def test_the_command_writes_and_never_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "keymap.toml"
    monkeypatch.setattr(keymaps, "keymap_file", lambda: own)
    file = tmp_path / "mine.toml"
    assert CliRunner().invoke(cli, ["keys", "--write", str(file)]).exit_code == 0
    assert load_keymap(file)["quit"] == "q,ctrl+c,ctrl+q"
    again = CliRunner().invoke(cli, ["keys", "--write", str(file)])
    assert again.exit_code == 3
    assert "is there already" in again.output
    own.write_text('[keys]\nsort = "f5"')
    assert 'sort = "f5"' in CliRunner().invoke(cli, ["keys"]).output
    own.write_text('[keys]\nsort = "q"')
    broken = CliRunner().invoke(cli, ["keys"])
    assert broken.exit_code == 3
    assert "keys.sort and keys.quit" in broken.output
    assert own_keys() == (
        {},
        f"The keys are as shipped: {own}: keys.sort and keys.quit are both q on the watch screen",
    )
