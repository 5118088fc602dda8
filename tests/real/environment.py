"""The shop's own virtual environment, made once and kept in the user's cache; never the project's."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

REQUIREMENTS: Final = Path(__file__).parent / "oscar" / "requirements.txt"

_PATIENCE: Final = 900  # s for an installation over a slow line
_LINES: Final = 12  # of what was said last, where no line is an error by name
_WIDTH: Final = 300  # characters of a line; pip lists every version there is


class InstallError(Exception):
    """The shop cannot be installed; the message says which step failed and what it said."""


def shop_python() -> Path:
    """The interpreter that has the shop's packages, installed now if they are not. Raises InstallError."""
    kept = user_cache_path("stockdrift") / "tests"
    home = kept / f"oscar-{_digest()}"
    python = home / "bin" / "python"
    complete = home / "complete"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs do not install over each other
        if not (complete.is_file() and python.is_file()):
            shutil.rmtree(home, ignore_errors=True)
            _run("make a virtual environment", [sys.executable, "-m", "venv", str(home)])
            install = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet"]
            _run("install the shop's packages", [*install, "--requirement", str(REQUIREMENTS)])
            complete.touch()
    return python


def _digest() -> str:
    """Changes with the packages and with the interpreter, and with it the folder."""
    python = f"{sys.implementation.cache_tag} {sys.base_prefix}"
    return hashlib.sha256(REQUIREMENTS.read_bytes() + python.encode()).hexdigest()[:12]


def _run(what: str, command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"cannot {what}: not done after {_PATIENCE} s") from None
    if done.returncode:
        lines = done.stdout.splitlines()
        told = [line for line in lines if line.startswith("ERROR")] or lines[-_LINES:]
        said = "\n".join(line if len(line) <= _WIDTH else f"{line[:_WIDTH]} …" for line in told)
        raise InstallError(f"cannot {what}: exit status {done.returncode}\n{said}")
