"""The installed command at a real terminal: a store of four candles, two of them adrift on Facebook."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stockdrift"))
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its folder, so that a test sees whether it is gone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home"))
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def demo(temporary: Path) -> Iterator[Terminal]:
    with Terminal([COMMAND, "demo", "--scenario", "candle"]) as terminal:
        terminal.until(r"SKUs drift", 40)
        terminal.until(r"SEA-220.*\+8", 20)
        yield terminal


def processes(folder: Path) -> list[int]:
    """Processes whose command line names ``folder``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def nothing_is_left(folder: Path, seconds: float = 15) -> bool:
    """Whether within ``seconds`` its processes have ended, its folder is gone, and nothing was kept for the user."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not processes(folder) and not list(folder.iterdir()):
            return True
        time.sleep(0.05)
    return False


def test_an_operator_looks_opens_tolerates_takes_back_and_leaves(demo: Terminal, temporary: Path) -> None:
    assert re.search(r"of 4 tracked", demo.text)
    assert re.search(r"■ 1 oversell", demo.text)
    assert re.search(r"FIG-220.*2\s+\+2", demo.text)
    demo.send("down", "enter")
    demo.until(r"Watch / SEA-220")
    demo.until(r"Facebook\s+11\s+3")
    demo.send("esc")
    demo.until_gone(r"Watch /")
    demo.until(r"Drifting SKUs")
    demo.send("+")
    demo.until(r"Tolerance of the store is now 1 unit, for everybody: \d drift")
    for _ in range(7):
        demo.send("+")
        demo.settle()
    demo.until(r"Tolerance of the store is now 8 units, for everybody: 1 drifts instead of 2 — u undoes")
    assert "FIG-220" in demo.text  # an oversell is never tolerated
    demo.send("u")
    demo.until(r"Tolerance of the store is 7 units again, for everybody: 2 drift instead of 1")
    demo.send("s")
    demo.until(r"by deviation")
    demo.send("q")
    assert demo.wait(15) == 0
    assert nothing_is_left(temporary)


def test_a_terminal_that_hangs_up_leaves_nothing(demo: Terminal, temporary: Path) -> None:
    demo.hang_up()
    assert demo.wait(15) is not None
    assert nothing_is_left(temporary)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_however_it_ends_nothing_is_left(demo: Terminal, temporary: Path, how: signal.Signals) -> None:
    os.kill(demo.pid, how)
    assert demo.wait(15) is not None
    assert nothing_is_left(temporary)


def test_a_hang_up_without_a_signal_ends_it_and_does_not_spin(temporary: Path) -> None:
    """As under a terminal that is not the controlling one: no SIGHUP comes, reads return nothing."""
    ignoring = [
        sys.executable,
        "-c",
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])",
    ]
    with Terminal([*ignoring, COMMAND, "demo", "--scenario", "candle"]) as terminal:
        terminal.until(r"SKUs drift", 40)
        terminal.hang_up()
        assert terminal.wait(15) is not None
        assert nothing_is_left(temporary)


def test_without_a_screen_it_prints_change_lines(temporary: Path) -> None:
    with Terminal([COMMAND, "demo", "--scenario", "candle"], env={"TERM": "dumb"}, columns=200) as terminal:
        terminal.until(r"2 of 4 SKUs drift: 1 oversell, 1 over, 0 under; 0 unknown", 40)
        assert "\x1b" not in terminal.text
        terminal.send("ctrl+c")
        assert terminal.wait(15) == 0
    assert nothing_is_left(temporary)


def test_a_bad_theme_is_one_sentence(temporary: Path) -> None:
    with Terminal([COMMAND, "demo", "--scenario", "candle", "--theme", "pink"], columns=200) as terminal:
        terminal.until(r"no theme is called 'pink'; there are ansi, dark, deuteranopia, high-contrast, light,", 40)
        assert terminal.wait(15) == 3
        assert "Traceback" not in terminal.text


def test_an_unknown_scenario_is_one_sentence(temporary: Path) -> None:
    with Terminal([COMMAND, "demo", "--scenario", "pancake"], columns=120) as terminal:
        terminal.until(r"There is no scenario 'pancake'", 40)
        assert terminal.wait(15) == 3
    assert nothing_is_left(temporary)


def test_keys_of_one_burst_go_into_the_line_that_the_first_opens(demo: Terminal) -> None:
    demo.send("/sea\r")
    demo.until(r"1–1 of 1")
    assert "SEA-220" in demo.text
    assert "FIG-220" not in demo.text
    demo.send("esc")
    demo.until(r"FIG-220")
    demo.send(":theme light\r")
    demo.settle()
    demo.send("/", "f", "i", "g", "enter")
    demo.until(r"1–1 of 1")
    assert "FIG-220" in demo.text


def test_an_operator_reads_what_became_of_a_sku_a_surface_and_the_log(demo: Terminal, temporary: Path) -> None:
    demo.send("down", "enter")
    demo.until(r"Watch / SEA-220")
    demo.until(r"━ Events")
    demo.until(r"▲ drift\s+Facebook over, \+8")
    demo.until(r"shows\s+master shows 3")
    demo.until(r"The journal begins at")
    assert re.search(r"[\u2801-\u28ff]+\s+11 Facebook", demo.text)
    assert re.search(r"[\u2801-\u28ff]+\S*\s+3 master", demo.text)
    assert re.search(r"now\s+\S+\s+\+8 Facebook", demo.text)
    demo.send("tab")
    demo.until(r"├ Episodes ━|Episodes ━")
    demo.send("f")
    demo.until(r"Watch / Facebook")
    demo.until(r"● 4 rows")
    demo.until(r"SEA-220\s+3\s+11\s+\+8")
    demo.send("L")
    demo.until(r"━ Logs ━")
    demo.until(r"collector  Collecting")
    demo.send("/zzz\r")
    demo.until(r"No line matches")
    demo.send("esc")
    demo.until(r"collector  Collecting")
    demo.send("esc")
    demo.until(r"Watch / Facebook")
    demo.send("esc")
    demo.until(r"Watch / SEA-220")
    demo.resize(80, 24)
    demo.until(r"Watch / SEA-220")
    demo.settle()
    assert len(demo.lines) == 24
    demo.send("esc")
    demo.until(r"Drifting SKUs")
    demo.send("q")
    assert demo.wait(15) == 0
    assert nothing_is_left(temporary)


def test_an_operator_goes_back_in_time_changes_nothing_there_and_returns(demo: Terminal) -> None:
    demo.send("h")
    demo.until(r"REPLAY +\d\d:\d\d:\d\d")
    demo.until(r"SKUs that drifted at")
    demo.send("home")
    demo.until(r"(?s)REPLAY.*(nothing known yet|unknown|SKUs drifted)")
    demo.send("+")
    demo.until(r"as it stood: nothing can be changed there")
    demo.send("g")
    demo.until(r"^ ?: *at")
    demo.send("n", "o", "w", "enter")
    demo.until(r"not live, [0-2]s ago")
    demo.until(r"SEA-220.*\+8")
    demo.send("esc")
    demo.until_gone(r"REPLAY")
    demo.until(r"Drifting SKUs")
