"""The installed ``stockdrift`` at work on two shops, as an operator or a cron job runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

COMMAND: Final = Path(sys.executable).parent / "stockdrift"
_PATIENCE: Final = 60  # s for one check, retries and all

_SETTINGS: Final = """\
[store]
name = "Candle & Co"
currency = "GBP"

[journal]
url = "sqlite:///drift.db"

[collector]
timeout = "10s"
tries = {tries}

[master]
system = "feed"
url = "{master}"
columns = {{ sku = "id", quantity = "inventory", name = "title", price = "price" }}
every = "{every_ms}ms"

[surfaces.outlet]
system = "feed"
kind = "native"
url = "{surface}"
columns = {{ sku = "id", quantity = "inventory" }}
every = "{every_ms}ms"
lag = "{lag}"
"""


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
class Watcher:
    """Settings in ``folder`` that read one shop as the master and another as the surface ``outlet``."""

    folder: Path

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "drift.db"

    def settle(self, master: str, surface: str, *, every_ms: int = 1_000, lag: str = "30s", tries: int = 4) -> None:
        """Writes the settings; ``master`` and ``surface`` are addresses of feeds."""
        text = _SETTINGS.format(master=master, surface=surface, every_ms=every_ms, lag=lag, tries=tries)
        self._settings.write_text(text, encoding="utf-8")

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
