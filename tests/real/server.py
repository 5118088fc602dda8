"""A server process on loopback that says when it is ready, and ends with whoever started it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_READY: Final = 120  # s to boot on a busy machine
_END: Final = 30  # s to end when asked, and to clean up


class ShopError(Exception):
    """The shop did not do as asked; the message tells what it said."""


@dataclass
class Server:
    """Keeps its files and log in ``folder``. Subclasses say what is run; it prints one line of JSON when it is ready
    (``port``, ``versions``), takes the port as its last argument, and ends when its input does.
    """

    name: str
    folder: Path
    port: int = field(default=0, init=False)
    versions: Mapping[str, str] = field(default_factory=dict, init=False)
    boot_seconds: float = field(default=0.0, init=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """What is run, without the port."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """Variables for it, besides those that every process needs."""
        return {}

    def is_ready(self, said: Mapping[str, Any]) -> None:
        """Takes what it said when it was ready."""

    def start(self) -> None:
        """Starts the process; again, with the files and on the port that it had before."""
        self.folder.mkdir(exist_ok=True)
        command = [*self.command(), str(self.port)]
        self._started = time.monotonic()
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **self.environment()},
                stdin=subprocess.PIPE,  # its end is the server's end, should this process be killed
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait_until_ready(self) -> None:
        """Waits for it to say that it is. Raises ShopError with the end of its log."""
        assert self._process is not None
        assert self._process.stdout is not None
        heard, _, _ = select.select([self._process.stdout], [], [], _READY)
        line = self._process.stdout.readline() if heard else ""
        if not line:
            self.stop()
            log = self.log.read_text(encoding="utf-8")
            raise ShopError(f"the {self.name} server did not boot within {_READY} s:\n{log[-3000:]}")
        self.boot_seconds = time.monotonic() - self._started
        said = json.loads(line)
        self.port, self.versions = said["port"], said["versions"]
        self.is_ready(said)

    def stop(self) -> None:
        """Ends the process. May be called more than once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    @property
    def log(self) -> Path:
        """What it said besides."""
        return self.folder / "shop.log"


def boot(*servers: Server) -> None:
    """Side by side; none is left running where one does not come up. Raises ShopError."""
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait_until_ready()
    except ShopError:
        for server in servers:
            server.stop()
        raise
