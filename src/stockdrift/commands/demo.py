"""``stockdrift demo``: a simulated store on loopback, the console on it, nothing left behind.

The store runs in a child process, which holds one end of a pipe. However this process ends, the other end closes
with it; then the child ends too, and removes the temporary folder if nobody else has.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import click

_GREETED: Final = "Ctrl-C ends it."
"""The last line that a sandbox prints once it serves."""

_PATIENCE: Final = 5  # seconds for the store to end by itself


def run(
    scenario: str, *, skus: int | None, seed: int, speed: float, theme: str | None, plain_output: bool = False
) -> int:
    """Returns the console's exit status, or the sandbox's where it does not start."""
    from stockdrift.commands import watch

    _end_in_order()
    with tempfile.TemporaryDirectory(prefix="stockdrift-demo-", ignore_cleanup_errors=True) as folder:
        settings = Path(folder) / "settings.toml"
        options = ["--scenario", scenario, "--seed", str(seed), "--speed", str(speed)]
        options += ["--skus", str(skus)] if skus is not None else []
        with serving([*options, "--port", "0", "--write-settings", str(settings)], folder) as failed:
            if failed is not None:
                return failed
            views = Path(folder) / "views.json"
            return watch.run(
                settings, theme=theme, plain_output=plain_output, views=views, write=True
            )  # to its own store


@contextlib.contextmanager
def serving(options: list[str], folder: str) -> Iterator[int | None]:
    """The sandbox as a child, serving; None, or its exit status where it did not start."""
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", "stockdrift.commands.demo", folder, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl+C is for the console; the store ends after it
    )
    try:
        yield _until_greeted(child)
    finally:
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()


def _until_greeted(child: subprocess.Popen[str]) -> int | None:
    for line in child.stdout or ():
        if line.strip() == _GREETED:
            return None
    return child.wait() or 4


def _end_in_order() -> None:
    """Lets a signal that ends this process do so through its ``finally`` clauses, also before the console is up."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _serve_until_alone(folder: str, options: list[str]) -> int:
    """The child's side: the sandbox, until the parent closes its end of the pipe."""
    from stockdrift.cli import cli

    orphaned = threading.Event()

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        orphaned.set()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
    try:
        cli.main(["sandbox", *options], standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 3
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 4
    finally:
        if orphaned.is_set() and Path(folder).name.startswith("stockdrift-demo-"):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(_serve_until_alone(sys.argv[1], sys.argv[2:]))
