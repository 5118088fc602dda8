"""The installed ``stockdrift`` at work on two shops, as an operator or a cron job runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

COMMAND: Final = Path(sys.executable).parent / "stockdrift"
_PATIENCE: Final = 60  # s for one check, retries and all

_HEAD: Final = """\
[store]
name = "Candle & Co"
currency = "GBP"

[journal]
url = "sqlite:///drift.db"

[collector]
timeout = "10s"
"""

Source = Mapping[str, object]
"""A source's settings. A value that begins with ``secret:`` goes into a file of its own."""


@dataclass
class Check:
    """What one ``stockdrift check --json --all`` said."""

    status: int
    report: dict[str, Any]

    def sku(self, sku: str) -> dict[str, Any]:
        """One SKU's part of the report."""
        (found,) = [entry for entry in self.report["skus"] if entry["sku"] == sku]
        assert isinstance(found, dict)
        return found

    @property
    def drifting(self) -> list[str]:
        """The SKUs with a severity, in the report's order: most dangerous first."""
        return [entry["sku"] for entry in self.report["skus"] if entry["severity"]]

    @property
    def figures(self) -> dict[str, int]:
        """What became of the tracked SKUs."""
        return {name: self.report[name] for name in ("tracked", "drifting", "in_sync", "unknown", "uncovered")}


@dataclass
class Acted:
    """What a command that writes came to: its exit status, its last object, and all that it said."""

    status: int
    told: dict[str, Any]
    said: str

    @property
    def rows(self) -> dict[str, tuple[int, int, str]]:
        """Before, after and state by SKU."""
        return {row["sku"]: (row["before"], row["after"], row["state"]) for row in self.told["rows"]}


@dataclass
class Watcher:
    """Settings in ``folder`` that read one shop as the master and another as the surface ``outlet``."""

    folder: Path

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "drift.db"

    def settle(self, master: str, surface: str, *, every_ms: int = 1_000, lag: str = "30s", tries: int = 4) -> None:
        """Writes the settings; ``master`` and ``surface`` are addresses of feeds."""
        columns = {"sku": "id", "quantity": "inventory"}
        often = {"system": "feed", "every": f"{every_ms}ms"}
        self.settle_sources(
            {**often, "url": master, "columns": {**columns, "name": "title", "price": "price"}},
            outlet={**often, "kind": "native", "url": surface, "columns": columns, "lag": lag},
            tries=tries,
        )

    def settle_sources(self, master: Source, *, tries: int = 4, **surfaces: Source) -> None:
        """Writes the settings."""
        parts = [_HEAD + f"tries = {tries}\n"]
        for name, source in {"master": master, **{f"surfaces.{key}": one for key, one in surfaces.items()}}.items():
            lines = [f"{key} = {self._written(f'{name}.{key}', value)}" for key, value in source.items()]
            parts.append("\n".join([f"[{name}]", *lines, ""]))
        self._settings.write_text("\n".join(parts), encoding="utf-8")

    def _written(self, key: str, value: object) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{name} = {json.dumps(inner)}" for name, inner in value.items()) + " }"
        if isinstance(value, str) and value.startswith("secret:"):
            file = self.folder / f"{key}.secret"
            file.write_text(value.removeprefix("secret:"), encoding="utf-8")
            value = f"file:{file}"
        return json.dumps(value, ensure_ascii=False)

    def doctor(self) -> tuple[int, list[dict[str, str]], str]:
        """Runs ``stockdrift doctor``: its exit status, what it found, and all that it said."""
        done = subprocess.run(
            [*self._command("doctor"), "--json"],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        return done.returncode, json.loads(done.stdout)["findings"], done.stdout + done.stderr

    def check(self) -> Check:
        """Runs the installed command; what it wrote to standard error is part of any failure."""
        done = subprocess.run(
            [*self._command("check"), "--json", "--all"],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        assert done.returncode in (0, 1, 2), f"exit status {done.returncode}: {done.stderr}"
        return Check(done.returncode, json.loads(done.stdout))

    def act(self, *words: str) -> Acted:
        """Runs a command that writes, such as ``resync``, with ``--json``."""
        command, *rest = words
        done = subprocess.run(
            [*self._command(command), *rest, "--json"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        said = done.stdout.strip().splitlines()
        return Acted(done.returncode, json.loads(said[-1]) if said else {}, done.stdout + done.stderr)

    def collect(self) -> Collecting:
        """The installed collector, for a ``with`` block."""
        return Collecting(self._command("collect"), self._environment, self.folder / "collect.log")

    def _command(self, name: str) -> list[str]:
        return [str(COMMAND), name, "--settings", str(self._settings)]

    @property
    def _settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def _environment(self) -> dict[str, str]:
        # Nothing of the developer's own: neither settings, nor STOCKDRIFT_…, nor a proxy.
        return {"PATH": os.defpath, "HOME": str(self.folder), "LANG": "C.UTF-8"}


@dataclass
class Collecting:
    """``stockdrift collect`` in the background, ended by SIGTERM. ``status`` is its exit status afterwards."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    status: int | None = None

    def __enter__(self) -> Self:
        with self.log.open("a") as log:
            self._process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self.status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.status = self._process.wait()
        if error is not None:
            error.add_note(f"the collector said:\n{self.said}")

    @property
    def runs(self) -> bool:
        """Whether it is still at work."""
        return self._process.poll() is None

    @property
    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8")
