"""``stockdrift doctor``: findings in words, and as installed on a simulated store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from stockdrift.commands.doctor_findings import FAIL, OK, WARN, of_journal, of_probe, of_terminal, of_writer
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import EcwidSettings
from stockdrift.store.health import Health
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.probe import Probe

MASTER = EcwidSettings(system="ecwid", store_id=1003, token=SecretStr("secret_abc"), api="http://shop.example/api/v3")
FEED = FeedSettings(system="feed", url="http://shop.example/feed.csv")
GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

SETTINGS = """
[journal]
url = "sqlite:///drift.db"

[master]
system = "feed"
path = "master.csv"

[surfaces.facebook]
system = "feed"
url = "http://127.0.0.1:1/feed.csv"
token = "env:FEED_TOKEN"
"""


def refused(status: int) -> Probe:
    return Probe(SurfaceFault(f"HTTP {status}", Fault.REFUSED, status=status))


@pytest.mark.parametrize(
    ("source", "status", "advice"),
    [(MASTER, 401, "Make a new token"), (MASTER, 403, "read_catalog"), (FEED, 401, "Name a token in the settings")],
)
def test_a_refused_token_says_what_to_do(source: EcwidSettings | FeedSettings, status: int, advice: str) -> None:
    (found,) = of_probe("master", source, refused(status))
    assert found.verdict == FAIL
    assert advice in found.advice


def test_a_surface_that_may_not_be_written_says_what_to_do() -> None:
    (found,) = of_writer("outlet", "Ecwid store 7 may not be written: its token lacks a scope. Give it that scope.")
    assert (found.verdict, found.advice) == (FAIL, "Give it that scope.")
    assert found.text == "outlet: write = true, but Ecwid store 7 may not be written: its token lacks a scope"
    assert of_writer("outlet", "")[0].verdict == OK


def test_every_fault_has_advice() -> None:
    for kind in Fault:
        assert of_probe("a", FEED, Probe(SurfaceFault("x", kind)))[0].advice


@pytest.mark.parametrize(("offset", "verdict"), [(0, OK), (-5_000, OK), (5_001, WARN), (-90_000, WARN)])
def test_clocks_that_are_apart_are_a_warning(offset: int, verdict: str) -> None:
    answer, clock = of_probe("a", MASTER, Probe(latency=20, offset=offset))
    assert (answer.verdict, clock.area, clock.verdict) == (OK, "clock", verdict)


def test_a_slow_answer_is_a_warning() -> None:
    assert of_probe("a", MASTER, Probe(latency=3_001, offset=0))[0].verdict == WARN


@pytest.mark.parametrize(
    ("health", "verdicts"),
    [
        (Health(Path("d"), 0, True, 2**40), [OK, OK]),
        (Health(Path("d"), 9, True, 2**40, 1, 3), [OK, OK]),
        (Health(Path("d"), 9, True, 2**40, problem="damaged"), [FAIL, OK]),
        (Health(Path("d"), 9, True, 2**40, 1, 3, damage="page 4"), [FAIL, OK]),
        (Health(Path("d"), 9, True, 2**40, 1, 3, damage=None), [WARN, OK]),
        (Health(Path("d"), 9, False, 2**40, 1, 3), [OK, FAIL, OK]),
        (Health(Path("d"), 9, True, 2**20, 1, 3), [OK, WARN, OK]),
    ],
)
def test_the_journal(health: Health, verdicts: list[str]) -> None:
    assert [finding.verdict for finding in of_journal(health, None)] == verdicts
    assert "process 7" in of_journal(health, "process 7")[-1].text


def test_the_terminal() -> None:
    assert {one.verdict for one in of_terminal(GOOD, "utf-8", (120, 40), colours=256)} == {OK}
    for environ, encoding, size in (
        ({"TERM": "dumb"}, "utf-8", (120, 40)),
        ({"TERM": "vt100"}, "utf-8", (120, 40)),
        (GOOD, "ISO-8859-1", (120, 40)),
        (GOOD, "utf-8", (79, 40)),
        ({"TERM": "screen-256color", "TMUX": "/x"}, "utf-8", (120, 40)),
    ):
        warned = [one for one in of_terminal(environ, encoding, size, colours=8) if one.verdict == WARN]
        assert len(warned) == 1
        assert warned[0].advice
    assert any("NO_COLOR" in one.text for one in of_terminal({**GOOD, "NO_COLOR": "1"}, "utf-8", None, colours=256))


def doctor(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder / "master.csv").write_text("id,inventory\nA,1\n")
    return subprocess.run(
        [sys.executable, "-m", "stockdrift", "doctor", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1", "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), **environ},
    )


def test_as_installed_it_says_what_fails_and_keeps_the_secret(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    done = doctor(tmp_path, FEED_TOKEN="hush-hush", STOCKDRIFT_STORE__NAME="Candle")
    assert (done.returncode, done.stderr) == (1, "")
    assert "STOCKDRIFT_STORE__NAME (environment) outranks store.name" in done.stdout
    assert "facebook: there is a token at env:FEED_TOKEN" in done.stdout
    assert "  fail  facebook: connection refused" in done.stdout
    assert "master.csv can be read" in done.stdout
    assert "hush" not in done.stdout
    assert not (tmp_path / "drift.db").exists()


def test_nothing_fails_is_zero_and_the_json_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS.replace('token = "env:FEED_TOKEN"', "active = false"))
    done = doctor(tmp_path, "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)["findings"]
    assert {one["verdict"] for one in found} <= {OK, WARN}
    assert {"settings", "source", "journal", "terminal"} <= {one["area"] for one in found}


def test_a_reference_that_leads_nowhere_is_three_with_the_terminal_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    done = doctor(tmp_path, FEED_TOKEN="")
    assert (done.returncode, done.stderr) == (3, "")
    assert "the environment variable FEED_TOKEN is not set" in done.stdout
    assert "terminal\n" in done.stdout
