"""What is understood without click means what click understands; all else is left to it."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stockdrift import cli, start
from stockdrift.commands import watch


@pytest.fixture(autouse=True)
def garbage_is_looked_for() -> Iterator[None]:
    yield
    gc.enable()


def asked_by(main: Callable[[], None], words: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[object, Any]:
    """With what a console is opened, and how the command ends."""
    asked: list[object] = []
    signature = inspect.signature(watch.run)

    def run(*given: Any, **named: Any) -> int:
        bound = signature.bind(*given, **named)
        bound.apply_defaults()
        asked.append(bound.arguments)
        return 7

    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["stockdrift", *words])
        patch.setattr(watch, "run", run)
        with pytest.raises(SystemExit) as ending:
            main()
    (arguments,) = asked
    return arguments, ending.value.code


@pytest.mark.parametrize("words", [["watch"], ["watch", "--settings", "settings.toml"]])
def test_it_means_what_click_understands(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("")
    assert start.opens_console(words)
    assert asked_by(start.main, words, monkeypatch) == asked_by(cli.main, words, monkeypatch)


@pytest.mark.parametrize(
    "words",
    [
        [], ["--help"], ["check"], ["watch", "--help"], ["watch", "settings.toml"], ["watch", "--settings"],
        ["watch", "--settings", "nowhere.toml"], ["watch", "--settings", "."], ["watch", "--settings", "--write"],
        ["watch", "--settings", "settings.toml", "--write"], ["watch", "--settings=settings.toml"],
    ],
)  # fmt: skip
def test_all_else_is_left_to_click(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("")
    Path("--write").write_text("")
    assert not start.opens_console(words)
    left: list[str] = []
    monkeypatch.setattr(cli, "main", lambda: left.append("click"))
    monkeypatch.setattr(sys, "argv", ["stockdrift", *words])
    start.main()
    assert left == ["click"]
    assert gc.isenabled()


def test_who_interrupts_it_gets_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_given: object, **_named: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "run", run)
    monkeypatch.setattr(sys, "argv", ["stockdrift", "watch"])
    with pytest.raises(SystemExit) as ending:
        start.main()
    assert ending.value.code == 130
