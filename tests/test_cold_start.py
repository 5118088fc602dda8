"""A command brings only what it needs: start-up time is what an operator waits for on every call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stockdrift.commands.console_settings import console_settings
from stockdrift.console.screens import LATER
from tests.terminal import Terminal

HEAVY = ("aiosqlite", "asyncio", "httpx", "msgspec", "numpy", "pydantic", "rich", "textual")
FEEDS = (
    '[journal]\nurl = "sqlite:///drift.db"\n'
    '[master]\nsystem = "feed"\npath = "a.csv"\n[surfaces.b]\nsystem = "feed"\npath = "b.csv"\n'
)
SCREEN = ("rich", "textual", "stockdrift.console", "stockdrift.sandbox")

PROBE = """
import sys
from stockdrift.cli import main
status = 0
try:
    main()
except SystemExit as ending:
    status = ending.code or 0
print("loaded:", *sorted(sys.modules))
sys.exit(status)
"""


def loaded_by(*arguments: str, folder: Path) -> tuple[int, set[str]]:
    """The exit status of a command in a process of its own, and the modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("loaded:"))
    return done.returncode, set(line.split()[1:])


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("watch", "--help"), ("check", "--help"), ("check", "--no-such-option")]
)
def test_help_and_version_load_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    status, loaded = loaded_by(*arguments, folder=tmp_path)
    assert status == (3 if "--no-such-option" in arguments else 0)
    assert "click" in loaded
    assert not loaded.intersection(HEAVY)


NOT_AT_FIRST = (
    *("click", "pydantic", "httpx", "h11", "numpy.ma", "statistics", "csv", "json"),
    *("stockdrift.surfaces", "stockdrift.sandbox"),
    # plans, what was recorded, recorded time, a file to export to
    *("stockdrift.stock.plan", "stockdrift.stock.wanted", "stockdrift.console.plan_form"),
    *("stockdrift.stock.timeline", "stockdrift.commands.recalled", "stockdrift.commands.past"),
    *("stockdrift.stock.course", "stockdrift.commands.replay"),
    "stockdrift.console.export",
    # what has no room on most terminals
    *(
        f"stockdrift.console.widgets.{name}"
        for name in ("preview", "sku_hero", "sku_levels", "sku_events", "step_plot")
    ),
)
"""What the first picture, and the first key, can do without."""

OF_THE_START = """
import atexit, sys
from pathlib import Path
from stockdrift.start import main
from stockdrift.commands import watch

folder = Path(sys.argv.pop())
def tell(name):
    (folder / name).write_text(" ".join(sorted(sys.modules)))

before = watch._has_screen
def has_screen():
    tell("before the checkpoint is read")
    from stockdrift.commands import opening
    opening._STARTED = 3_600  # what is put off stays put off
    return before()
watch._has_screen = has_screen
atexit.register(tell, "at the end")
main()
"""


def test_the_first_picture_needs_one_screen_and_no_models_of_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(FEEDS)
    (tmp_path / "a.csv").write_text("id,inventory\nSEA-220,3\n")
    (tmp_path / "b.csv").write_text("id,inventory\nSEA-220,9\n")
    console_settings(settings)  # they are known from a start before
    command = [sys.executable, "-c", OF_THE_START, "watch", "--settings", str(settings), str(tmp_path)]
    with Terminal(command, 120, 40, cwd=str(tmp_path)) as terminal:
        terminal.until("SEA-220")
        terminal.send("q")
        assert terminal.wait(10) == 0
    early, modules = (
        set((tmp_path / name).read_text().split()) for name in ("before the checkpoint is read", "at the end")
    )
    assert {"numpy", "sqlite3", "stockdrift.store.checkpoint"} <= early
    assert not early & {"asyncio", "rich", "textual", "aiosqlite", "stockdrift.console"}
    assert "stockdrift.console.screens.watch" in modules
    assert not modules & {f"stockdrift.console.screens.{name}" for name in LATER}
    for part in NOT_AT_FIRST:
        assert not [name for name in modules if f"{name}.".startswith(f"{part}.")], part


def test_check_loads_no_screen(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(FEEDS)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,inventory\nSEA-220,3\n")
    status, loaded = loaded_by("check", "--json", "--settings", "settings.toml", folder=tmp_path)
    assert status == 0
    assert "numpy" in loaded
    assert not loaded.intersection(SCREEN)
