"""The console on a journal of a million SKUs × 8 surfaces, 120×40, through a pty; timed and counted from outside.

Each figure is taken with the writer of cells and, as its peer in the same run, with ``--plain-output``: Textual's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.console import start_ms
from benchmarks.feeds import write_feeds
from benchmarks.figures import Figure, cpu_seconds, rss_mb
from stockdrift.settings import journal_path, load
from stockdrift.stock.reading import MASTER
from stockdrift.store.sqlite import open_journal
from tests.terminal import Terminal

SKUS = int(os.environ.get("STOCKDRIFT_BENCH_SKUS", "1000000"))
STREAM = 10_000  # levels a second
LINK = 24 * 1024  # bytes a second
_READY = r"1–\d+ of"
_REPLAY = r"REPLAY +(\d\d:\d\d:\d\d)"
_COMMAND = [sys.executable, "-m", "stockdrift", "watch", "--settings"]


@dataclass
class Measured:
    """What one way of writing needed."""

    start: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)


@contextlib.contextmanager
def recorder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The recording half in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.recorded", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the recorder did not begin")
        yield process
    finally:
        process.stdin.close()
        process.wait(30)


def collect(folder: Path) -> tuple[float, float]:
    """The installed collector reads all feeds into the journal; its memory then, and the most it had, in MB."""
    command = [sys.executable, "-m", "stockdrift", "collect", "--settings", str(folder / "settings.toml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_all(folder)
        time.sleep(3)
        return rss_mb(process.pid), rss_mb(process.pid, "VmHWM")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for_all(folder: Path) -> None:
    """Returns when every source has been read."""
    settings = load(folder / "settings.toml")
    path, waiting = journal_path(settings), [MASTER, *settings.surfaces]

    async def unread() -> list[str]:
        journal = await open_journal(path, writable=False)
        found = [name for name in waiting if not await journal.polls(name, 1)]
        await journal.close()
        return found

    while waiting:
        time.sleep(1)
        if path.exists():
            waiting = asyncio.run(unread())


def change(process: subprocess.Popen[str], rate: int) -> None:
    """Levels a second from now on."""
    assert process.stdin is not None
    process.stdin.write(f"{rate}\n")
    process.stdin.flush()


def cursor(terminal: Terminal) -> str:
    """The line under the cursor. Looks at no more of the screen than it must: the console runs meanwhile."""
    lines = terminal.screen.buffer
    y = next((y for y in range(terminal.rows) if lines[y][0].data == "▌"), None)
    return "" if y is None else "".join(lines[y][x].data for x in range(40))


def press(terminal: Terminal, keys: list[str], chance: random.Random) -> tuple[list[float], list[float]]:
    """For each key ms until another SKU is under the cursor, and bytes until nothing more came for 60 ms."""
    times, sizes = [], []
    for key in keys:
        drain(terminal, chance.uniform(0.03, 0.15))
        before, size, sent = cursor(terminal), terminal.bytes_out, time.monotonic()
        terminal.send(key)
        while cursor(terminal) == before:
            if time.monotonic() - sent > 10:
                raise AssertionError(f"{key} moved nothing\n{terminal.text}")
            terminal.read(0.5)
        times.append((terminal.read_at - sent) * 1000)
        while terminal.read(0.06) and time.monotonic() - sent < 0.5:
            pass
        sizes.append(float(terminal.bytes_out - size))
    return times, sizes


def drain(terminal: Terminal, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        terminal.read(left)


def hold(terminal: Terminal, key: str, seconds: float, rate: int = 0) -> tuple[float, float]:
    """A key held at 30 Hz, over a link of ``rate`` bytes a second: ms from its release until the screen stands, and
    for how many of a hundred keys the line that it leads to was seen under the cursor.
    """
    begun, sent = time.monotonic(), 0
    taken, released, last = terminal.bytes_out, 0.0, 0.0
    seen = {cursor(terminal)}
    while True:
        now = time.monotonic()
        if not released and now - begun >= seconds:
            released = last = now
        if not released and now - begun >= sent / 30:
            terminal.send(key)
            sent += 1
        if rate and terminal.bytes_out - taken > rate * (now - begun):
            time.sleep(0.005)  # the link is full
            continue
        before = cursor(terminal)
        got = terminal.read(0.005)
        if got:
            seen.add(cursor(terminal))
        if released and got and cursor(terminal) != before:
            last = time.monotonic()
        if released and time.monotonic() - last > 0.5:
            return (last - released) * 1000, 100 * (len(seen) - 1) / sent


def idle(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Bytes a second and percent of a core, hands off."""
    size, cpu, begun = terminal.bytes_out, cpu_seconds(terminal.pid), time.monotonic()
    drain(terminal, seconds)
    passed = time.monotonic() - begun
    return (terminal.bytes_out - size) / passed, (cpu_seconds(terminal.pid) - cpu) / passed * 100


def starts(folder: Path) -> tuple[list[float], list[float]]:
    """Ms until a key is answered: of the console, and in turn with it of a minimal Textual app."""
    console, minimal = [*_COMMAND, str(folder / "settings.toml")], [sys.executable, "-m", "benchmarks.minimal"]
    found, plain = [], []
    for _ in range(9):
        found.append(start_ms(Terminal(console, 120, 40), _READY, "down", r"^▌.*\n"))
        plain.append(start_ms(Terminal(minimal, 120, 40), "ready 0", "x", "ready 1"))
    return found, plain


def session(folder: Path, recording: subprocess.Popen[str], options: list[str]) -> Measured:
    """Everything, in one way of writing."""
    command = [*_COMMAND, str(folder / "settings.toml"), *options]
    found, chance = Measured(), random.Random(7)
    values = found.values
    with Terminal(command, 120, 40) as terminal:
        terminal.until(_READY, 60)
        terminal.send("l")
        terminal.until(rf"1–\d+ of {SKUS:,}", 60)
        terminal.send("pagedown", "pagedown", *["down"] * 40)
        drain(terminal, 2)
        values["key, quiet"], values["bytes of a scroll key"] = press(terminal, ["down"] * 100, chance)
        _times, values["bytes of a page"] = press(terminal, ["pagedown"] * 20, chance)
        for name, link in (("held", 0), ("held, slow link", LINK)):
            drained, seen = zip(*(hold(terminal, "down", 3, link) for _ in range(2)), strict=True)
            values[name], values[f"{name}, seen"] = list(drained), list(seen)
        drain(terminal, 3)
        values["bytes, quiet"], values["cpu, quiet"] = map(list, zip(*[idle(terminal, 10)], strict=True))
        values["memory"] = [rss_mb(terminal.pid)]
        streaming = time.time()
        change(recording, STREAM)
        drain(terminal, 3)
        values["key, stream"], _sizes = press(terminal, ["down"] * 100, chance)
        drain(terminal, 3)
        values["bytes, stream"], values["cpu, stream"] = map(list, zip(*[idle(terminal, 10)], strict=True))
        values["memory, stream"] = [rss_mb(terminal.pid)]
        change(recording, 0)
        values["history"], values["jump"] = history(terminal, streaming, time.time())
    return found


def history(terminal: Terminal, begin: float, end: float) -> tuple[list[float], list[float]]:
    """Ms until the screen stands in the past: when History is opened, and for jumps to times between two (s)."""
    sent, jumps = time.monotonic(), []
    terminal.send("h")
    before = terminal.until(_REPLAY)[1]
    opened = (terminal.read_at - sent) * 1000
    for part in (0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6):
        drain(terminal, 0.5)
        terminal.send("g", time.strftime("%H:%M:%S", time.localtime(begin + part * (end - begin))))
        drain(terminal, 0.5)
        sent = time.monotonic()
        terminal.send("enter")
        while (there := terminal.until(_REPLAY)[1]) == before:
            if time.monotonic() - sent > 10:
                raise AssertionError(f"History stays where it is\n{terminal.text}")
            terminal.read(0.5)
        jumps.append((terminal.read_at - sent) * 1000)
        before = there
    terminal.send("end")
    return [opened], jumps


_ROWS = (
    ("key to paint, quiet", "ms", "key, quiet"),
    ("key to paint while 10,000 levels a second change", "ms", "key, stream"),
    ("held at 30 Hz: drained after release", "ms", "held"),
    ("the same on a link of 24 KiB/s", "ms", "held, slow link"),
    ("of 100 keys held at 30 Hz each led to a frame", "", "held, seen"),
    ("the same on a link of 24 KiB/s", "", "held, slow link, seen"),
    ("bytes of a scroll key", "B", "bytes of a scroll key"),
    ("bytes of a page", "B", "bytes of a page"),
    ("bytes a second, quiet", "B", "bytes, quiet"),
    ("bytes a second under that stream", "B", "bytes, stream"),
    ("CPU, quiet", "%", "cpu, quiet"),
    ("CPU under that stream", "%", "cpu, stream"),
    ("History opened", "ms", "history"),
    ("a jump in History to a time within the stream", "ms", "jump"),
    ("memory of the console", "MB", "memory"),
    ("memory of the console after that stream", "MB", "memory, stream"),
)


def peer(command: list[str], ready: str) -> tuple[Measured, str]:
    """Start, a scroll key and memory of another program with the same rows; and what kept it, where something did."""
    found = Measured()
    values: dict[str, list[float]] = {}
    try:
        with Terminal(command, 120, 40) as terminal:
            terminal.until(ready, 120)
            terminal.settle()
            terminal.send("down")
            terminal.settle()
            found.start = [(terminal.read_at - terminal.started) * 1000]
            terminal.send(*["down"] * 45)
            terminal.settle()
            values["key, quiet"], values["bytes of a scroll key"] = [], []
            for _ in range(40):
                size, sent = terminal.bytes_out, time.monotonic()
                terminal.send("down")
                while terminal.bytes_out == size and time.monotonic() - sent < 2:
                    terminal.read(0.5)
                values["key, quiet"].append((terminal.read_at - sent) * 1000)
                terminal.settle(0.06, 0.5)
                values["bytes of a scroll key"].append(float(terminal.bytes_out - size))
            values["bytes, quiet"], values["cpu, quiet"] = map(list, zip(*[idle(terminal, 5)], strict=True))
            values["memory"] = [rss_mb(terminal.pid)]
            terminal.send("q")
    except (AssertionError, OSError) as error:
        return found, str(error).partition("\n")[0]
    found.values = values
    return found, ""


def peers(folder: Path) -> Iterator[Figure]:
    """What others need for rows of the same kind."""
    module = [sys.executable, "-m", "benchmarks.peers"]
    visidata = str(Path(sys.executable).with_name("vd"))
    for name, command, ready in (  # one that is not installed says so itself
        ("a minimal Textual app", [sys.executable, "-m", "benchmarks.minimal"], "ready 0"),
        ("textual-fastdatatable", [*module, "fastdatatable", str(folder)], "SKU-0000010"),
        ("DataTable, 20,000 rows", [*module, "datatable", str(folder), "20000"], "SKU-0000010"),
        ("visidata, the master's feed", [visidata, str(folder / "master.csv")], "SKU-0000010"),
    ):
        found, why = peer(command, ready)
        if why:
            yield Figure(f"{name}: {why}", "", [0])
            continue
        yield Figure(f"{name}: start to interactive", "ms", found.start)
        for told, unit, key in _ROWS:
            if key in found.values:
                yield Figure(f"{name}: {told}", unit, found.values[key])


def figures() -> Iterator[Figure]:
    """All of it, as it comes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_feeds(folder, SKUS)
        held, most = collect(folder)
        yield Figure("memory of the collector that has read all feeds", "MB", [held])
        yield Figure("the most memory it had", "MB", [most])
        with recorder(folder) as recording:
            begun, plain = starts(folder)
            yield Figure("start to interactive, warm journal", "ms", begun, sorted(plain)[len(plain) // 2],
                         "a minimal Textual app")  # fmt: skip
            cells = session(folder, recording, [])
            stock = session(folder, recording, ["--plain-output"])
            memory = rss_mb(recording.pid)
        for told, unit, key in _ROWS:
            other = sorted(stock.values[key])[len(stock.values[key]) // 2]
            yield Figure(told, unit, cells.values[key], other or None, "--plain-output")
        yield Figure("memory of the recording process", "MB", [memory])
        yield from peers(folder)
