"""``stockdrift sandbox`` as a process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from stockdrift.settings import load

COMMAND = [sys.executable, "-m", "stockdrift", "sandbox"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(tmp_path: Path, end: signal.Signals) -> None:
    file = tmp_path / "settings.toml"
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--write-settings", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, "it ended by itself"
            said += line
        address = re.search(r"http://127\.0\.0\.1:(\d+)$", said, re.MULTILINE)
        assert address
        assert int(address[1]) > 0
        with urllib.request.urlopen(f"{address[0]}/feeds/facebook.tsv") as answer:  # noqa: S310 - our own address
            assert b"SEA-220" in answer.read()
        assert "--settings" in said
        assert load(file).store.name == "Candle & Co"
        process.send_signal(end)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


def test_without_a_file_it_shows_the_tokens() -> None:
    process = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
        assert re.search(r"master +secret_\w+", said)
        assert re.search(r"embed +public_\w+", said)
        assert "--write-settings" in said
    finally:
        process.terminate()
        process.communicate()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30)


def test_an_unknown_scenario_is_a_usage_error_that_lists_the_known_ones() -> None:
    done = run("--scenario", "black-hole")
    assert done.returncode == 3
    for name in ("black-hole", "candle", "flash-sale", "feed-stuck", "api-outage"):
        assert name in done.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "1e9"])
def test_a_speed_that_is_none_is_a_usage_error(speed: str) -> None:
    done = run("--speed", speed)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said_and_no_traceback() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert done.returncode == 3
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_settings_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run("--port", "0", "--write-settings", str(tmp_path / "file" / "settings.toml"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
