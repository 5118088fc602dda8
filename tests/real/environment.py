"""What the shops run on: packages that are installed once and kept in the user's cache; never the project's."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

_HERE: Final = Path(__file__).parent
_OSCAR: Final = _HERE / "oscar" / "requirements.txt"
_POSTGRES: Final = _HERE / "postgres" / "requirements.txt"

_PATIENCE: Final = 1_500  # s for an installation over a slow line
_LINES: Final = 12  # of what was said last, where no line is an error by name
_WIDTH: Final = 300  # characters of a line; pip lists every version there is


class InstallError(Exception):
    """A shop cannot be installed; the message says which step failed and what it said."""


def shop_python() -> Path:
    """The interpreter that has django-oscar's packages, installed now if they are not. Raises InstallError."""

    def install(home: Path) -> None:
        _run("make a virtual environment", [sys.executable, "-m", "venv", str(home)])
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        _run("install the shop's packages", [*pip, "--quiet", "--requirement", str(_OSCAR)])

    return _kept("oscar", [_OSCAR], _interpreter(), install) / "bin" / "python"


def postgres_home() -> Path:
    """The folder that holds PostgreSQL's ``bin``, ``lib`` and ``share``, installed now if it is not.

    Raises InstallError.
    """

    def install(home: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet"]
        _run("install PostgreSQL", [*pip, "--no-deps", "--target", str(home), "--requirement", str(_POSTGRES)])

    return _kept("postgres", [_POSTGRES], _interpreter(), install)


def vendure_home() -> Path:
    """The folder with Vendure's ``node_modules``, installed now if they are not. Raises InstallError."""
    return _node_home("vendure", ["package.json"])


def medusa_home() -> Path:
    """The folder with Medusa's ``node_modules`` and configuration, installed now if they are not. Raises
    InstallError.
    """
    return _node_home("medusa", ["package.json", "medusa-config.js"], "--legacy-peer-deps")


def node() -> str:
    """Node.js itself, which is a matter of the machine. Raises InstallError where there is none."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise InstallError("Vendure and Medusa need Node.js 20 or newer and npm on the PATH")
    return found


def _node_home(name: str, files: list[str], *options: str) -> Path:
    version = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    sources = [_HERE / name / file for file in files]

    def install(home: Path) -> None:
        home.mkdir()
        for source in sources:
            shutil.copyfile(source, home / source.name)
        npm = [
            shutil.which("npm") or "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--loglevel=error",
        ]
        _run(f"install {name}'s packages", [*npm, *options], home)

    return _kept(name, sources, f"node {version} {platform.machine()}", install)


def _kept(name: str, sources: list[Path], runtime: str, install: Callable[[Path], None]) -> Path:
    """The folder that ``install`` fills, made once for these sources and this runtime."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources) + runtime.encode()).hexdigest()[:12]
    kept = user_cache_path("stockdrift") / "tests"
    home = kept / f"{name}-{digest}"
    complete = home / "complete"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs do not install over each other
        if not complete.is_file():
            shutil.rmtree(home, ignore_errors=True)
            install(home)
            complete.touch()
    return home


def _interpreter() -> str:
    return f"{sys.implementation.cache_tag} {sys.base_prefix}"


def _run(what: str, command: list[str], folder: Path | None = None) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"cannot {what}: not done after {_PATIENCE} s") from None
    if done.returncode:
        lines = done.stdout.splitlines()
        told = [line for line in lines if line.startswith(("ERROR", "npm error"))][:_LINES] or lines[-_LINES:]
        said = "\n".join(line if len(line) <= _WIDTH else f"{line[:_WIDTH]} …" for line in told)
        raise InstallError(f"cannot {what}: exit status {done.returncode}\n{said}")
