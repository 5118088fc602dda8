"""A person at a terminal: runs a command on a pty, reads the screen as an emulator shows it, presses keys.

Used by the tests that drive the installed command and by the benchmarks, which need the moments as well as the text.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import pyte

KEYS: Final[Mapping[str, bytes]] = {
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D", "home": b"\x1b[H", "end": b"\x1b[F",
    "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "enter": b"\r", "esc": b"\x1b", "tab": b"\t", "space": b" ",
    "backspace": b"\x7f", "ctrl+c": b"\x03", "ctrl+l": b"\x0c", "ctrl+p": b"\x10", "ctrl+q": b"\x11",
}  # fmt: skip

# What a real terminal is asked and answers: device attributes, cursor position, synchronised output.
_ANSWERS: Final = (
    (re.compile(rb"\x1b\[c|\x1b\[0c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
)
# pyte takes these for text, or trips over them.
_UNKNOWN_TO_PYTE: Final = re.compile(rb"\x1b\[[<>=?][0-9;]*[umqp]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", re.DOTALL)


@dataclass
class Terminal:
    """A command on a pty. ``bytes_out`` counts what it wrote, ``read_at`` is when the last of it came."""

    command: Sequence[str]
    columns: int = 120
    rows: int = 40
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    bytes_out: int = 0
    read_at: float = 0.0
    ended: bool = False

    def __enter__(self) -> Self:
        self.started = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if self.cwd:
                os.chdir(self.cwd)
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **self.env}
            os.execvpe(self.command[0], list(self.command), environment)  # noqa: S606
        self._exit_code: int | None = None
        self._screen = pyte.Screen(self.columns, self.rows)
        self._stream = pyte.ByteStream(self._screen)
        self._size()
        return self

    def __exit__(self, *problem: object) -> None:
        if self.exit_code is None:
            for wanted in (signal.SIGTERM, signal.SIGKILL):
                self._kill(wanted)
                if self.wait(5) is not None:
                    break
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    @property
    def exit_code(self) -> int | None:
        """As the shell would say it; None while it runs."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    @property
    def screen(self) -> pyte.Screen:
        """The emulated screen itself."""
        return self._screen

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def send(self, *keys: str) -> None:
        """Presses keys by name (see :data:`KEYS`), or types what is no name."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key.encode()))

    def until(self, pattern: str, seconds: float = 20) -> re.Match[str]:
        """Reads until the screen matches; returns the match. AssertionError, with the screen, where it never does."""
        deadline = time.monotonic() + seconds
        wanted = re.compile(pattern, re.MULTILINE)
        while True:
            found = wanted.search(self.text)
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0 or (self.ended and not self.read(0)):
                why = "the command ended" if self.ended else f"not within {seconds} s"
                raise AssertionError(f"never saw {pattern!r}: {why}\n{self.text}")
            self.read(min(left, 0.5))

    def until_gone(self, pattern: str, seconds: float = 20) -> None:
        """Reads until the screen no longer matches."""
        deadline = time.monotonic() + seconds
        while re.search(pattern, self.text, re.MULTILINE):
            if time.monotonic() > deadline:
                raise AssertionError(f"still there: {pattern!r}\n{self.text}")
            self.read(0.2)

    def read(self, seconds: float) -> bool:
        """Takes in what comes within ``seconds``, at most one chunk; False where nothing did."""
        if self.ended or not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # EIO: the other side is gone
            chunk = b""
        if not chunk:
            self.ended = True
            return False
        self.read_at = time.monotonic()
        self.bytes_out += len(chunk)
        for question, answer in _ANSWERS:
            for _ in question.findall(chunk):
                os.write(self.master, answer)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", chunk))
        return True

    def settle(self, quiet: float = 0.15, seconds: float = 5) -> None:
        """Reads until nothing came for ``quiet`` seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.read(quiet):
            pass

    def resize(self, columns: int, rows: int) -> None:
        """Changes the size, as dragging the window does."""
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self._size()

    def hang_up(self) -> None:
        """The terminal goes away without a word: no SIGHUP reaches a command that ignores it, only the end of file."""
        os.close(self.master)
        self.master = -1
        self.ended = True

    def wait(self, seconds: float) -> int | None:
        """Its exit code once it has ended; None where it is still running after ``seconds``."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None and time.monotonic() < deadline:
            if self.master >= 0 and not self.ended:
                self.read(0.05)
            else:
                time.sleep(0.02)
        return self.exit_code

    def _kill(self, wanted: signal.Signals) -> None:
        try:
            os.kill(self.pid, wanted)
        except ProcessLookupError:
            return

    def _size(self) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
