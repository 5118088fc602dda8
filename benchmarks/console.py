"""The console as a person meets it: 10,000 SKUs on four surfaces, simulated store, collector and console as installed.

Start to interactive, key to paint while polling, from a change at the store to the screen, memory. Everything is timed
from outside, through a pty, beside a minimal Textual app in the same run.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, rss_mb
from tests.terminal import Terminal

SKUS = 10_000
_SWEEP_MS = SKUS / 100 / 600 * 60_000  # a change is seen by the next read of all pages, and the vendor allows no faster
_COMMAND = [sys.executable, "-m", "stockdrift"]
_ENVIRONMENT = {"STOCKDRIFT_SURFACES__AMAZON__ACTIVE": "false"}  # of the scenario's five surfaces four are read


@contextlib.contextmanager
def sandbox(folder: Path, scenario: str, skus: int) -> Iterator[str]:
    """A simulated store; yields its address. Settings are written into ``folder``."""
    command = [*_COMMAND, "sandbox", "--scenario", scenario, "--port", "0", "--skus", str(skus)]
    command += ["--write-settings", str(folder / "settings.toml")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                yield found.group()
                return
        raise RuntimeError("the sandbox gave no address")
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def collector(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``stockdrift collect`` beside the console, so that its memory is its own."""
    process = subprocess.Popen(
        [*_COMMAND, "collect", "--settings", str(folder / "settings.toml")],
        env={**os.environ, **_ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def watch(folder: Path) -> Terminal:
    """The installed console on a terminal of 120 × 40."""
    return Terminal([*_COMMAND, "watch", "--settings", str(folder / "settings.toml")], 120, 40, _ENVIRONMENT)


def start_ms(terminal: Terminal, ready: str, key: str, answer: str) -> float:
    """From the start of a command until it has answered its first key."""
    with terminal:
        terminal.until(ready, 60)
        terminal.send(key)
        terminal.until(answer, 10)
        elapsed = (terminal.read_at - terminal.started) * 1000
        terminal.send("q")
        terminal.wait(5)
    return elapsed


def key_ms(terminal: Terminal, keys: list[str], pause: random.Random) -> list[float]:
    """For each key the time until the screen differs in a line that the key concerns: the cursor's."""
    found = []
    for key in keys:
        # Not in step with the frames of the stream: a key comes at any moment.
        until = time.monotonic() + pause.uniform(0.03, 0.18)
        while (left := until - time.monotonic()) > 0:
            terminal.read(left)
        before = _cursor(terminal)
        sent = time.monotonic()
        terminal.send(key)
        while _cursor(terminal) == before:
            if time.monotonic() - sent > 2:
                raise AssertionError(f"the key {key} moved nothing\n{terminal.text}")
            terminal.read(0.5)
        found.append((time.monotonic() - sent) * 1000)
    return found


def _cursor(terminal: Terminal) -> int:
    return next((place for place, line in enumerate(terminal.lines) if line.startswith("▌")), -1)


def change_ms(terminal: Terminal, address: str, times: int) -> list[float]:
    """From a change at the store until the screen tells of it: the embed widget shows a SKU that stands first."""
    found = []
    truth = json.loads(urllib.request.urlopen(f"{address}/truth").read())  # noqa: S310
    candidates = [
        row["sku"] for row in truth["skus"] if (row["master"] or 0) > 20 and row["surfaces"]["embed"]["listed"]
    ]
    for number in range(times):
        sku = candidates[number]
        quantity = 9_001 + number  # a level that no other row of the screen has, and a deviation that stands first
        sent = time.monotonic()
        _post(f"{address}/control/change", {"sku": sku, "surface": "embed", "quantity": quantity})
        terminal.until(f"{quantity:,}|{quantity}", 90)
        found.append((time.monotonic() - sent) * 1000)
    return found


def _post(url: str, body: dict[str, object]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310
    urllib.request.urlopen(request).read()  # noqa: S310


def figures() -> list[Figure]:
    """Everything, in one run of the simulated flash sale."""
    minimal = [sys.executable, "-m", "benchmarks.minimal"]
    pause = random.Random(7)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with sandbox(folder, "flash-sale", SKUS) as address, collector(folder) as collecting:
            with watch(folder) as first:
                first.until(r"1–\d+ of", 120)
            warm = [start_ms(watch(folder), r"1–\d+ of", "down", r"^▌.*\n") for _ in range(5)]
            plain = [start_ms(Terminal(minimal, 120, 40), "ready 0", "x", "ready 1") for _ in range(5)]
            with watch(folder) as terminal:
                terminal.until(r"1–\d+ of", 60)
                keys = key_ms(terminal, ["down"] * 15 + ["up"] * 15, pause) + key_ms(
                    terminal, ["down", "up"] * 45, pause
                )
                console_mb, collector_mb = rss_mb(terminal.pid), rss_mb(collecting.pid)
                terminal.send("s")  # by deviation: what is changed stands first
                terminal.until("by deviation")
                changes = change_ms(terminal, address, 5)
            with Terminal(minimal, 120, 40) as small:
                small.until("ready 0")
                minimal_mb = rss_mb(small.pid)
    peer = sorted(plain)[len(plain) // 2]
    return [
        Figure("start to interactive, warm journal", "ms", warm, peer, "a minimal Textual app"),
        Figure("key to paint while polling", "ms", keys),
        Figure(
            "from a change at the store to the screen",
            "ms",
            changes,
            _SWEEP_MS,
            "a whole read within 600 requests a minute",
        ),
        Figure("memory of the console", "MB", [console_mb], minimal_mb, "a minimal Textual app"),
        Figure("memory of the collector", "MB", [collector_mb], minimal_mb, "a minimal Textual app"),
    ]
