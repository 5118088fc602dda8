"""A command brings only what it needs: start-up time is what an operator waits for on every call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("aiosqlite", "asyncio", "httpx", "msgspec", "numpy", "pydantic", "rich", "textual")
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


def test_check_loads_no_screen(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        '[journal]\nurl = "sqlite:///drift.db"\n'
        '[master]\nsystem = "feed"\npath = "a.csv"\n[surfaces.b]\nsystem = "feed"\npath = "b.csv"\n'
    )
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,inventory\nSEA-220,3\n")
    status, loaded = loaded_by("check", "--json", "--settings", "settings.toml", folder=tmp_path)
    assert status == 0
    assert "numpy" in loaded
    assert not loaded.intersection(SCREEN)
