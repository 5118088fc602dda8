"""``stockdrift doctor``: findings in words, and as installed on a simulated store."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from stockdrift.collector.once import read_once
from stockdrift.commands.doctor import _console
from stockdrift.commands.doctor_findings import (
    FAIL,
    OK,
    WARN,
    of_collector,
    of_journal,
    of_probe,
    of_terminal,
    of_writer,
)
from stockdrift.commands.doctor_mapping import of_map, of_mappings
from stockdrift.settings import load, rules_of
from stockdrift.settings.models import JournalSettings
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock import reading as readings
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.values import replace
from stockdrift.store.health import Health
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.probe import Probe
from tests.stock.scene import T0, reading, rules, surface

MASTER = EcwidSettings(system="ecwid", store_id=1003, token=SecretStr("secret_abc"), api="http://shop.example/api/v3")
FEED = FeedSettings(system="feed", url="http://shop.example/feed.csv")
DAY = 86_400_000
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


NOW = 1_800_000_000_000
KEPT = JournalSettings().model_copy(update={"max_size": 100 * 2**20})
HEALTHY = Health(Path("d"), 2**20, True, 2**40, 1, 3, since=NOW - 40 * DAY)


@pytest.mark.parametrize(
    ("health", "verdicts"),
    [
        (Health(Path("d"), 0, True, 2**40), [OK, OK]),
        (replace(HEALTHY, since=None), [OK, OK]),
        (Health(Path("d"), 9, True, 2**40, problem="damaged"), [FAIL, OK]),
        (replace(HEALTHY, damage="page 4"), [FAIL, OK, OK]),
        (replace(HEALTHY, damage=None), [WARN, OK, OK]),
        (replace(HEALTHY, writable=False), [OK, FAIL, OK, OK]),
        (replace(HEALTHY, free=2**20), [OK, OK, WARN]),
        (replace(HEALTHY, size=2**20, free=200 * 2**20), [OK, OK, OK]),
        (replace(HEALTHY, size=101 * 2**20), [OK, OK, WARN]),
        (replace(HEALTHY, since=NOW - 3 * DAY), [OK, OK, OK]),
        (replace(HEALTHY, since=NOW - 3 * DAY, dropped=True), [OK, WARN, OK]),
        (replace(HEALTHY, since=NOW - 30 * DAY, dropped=True), [OK, OK, OK]),
    ],
)
def test_the_journal(health: Health, verdicts: list[str]) -> None:
    found = of_journal(health, KEPT, NOW)
    assert [finding.verdict for finding in found] == verdicts
    assert all(finding.advice for finding in found if finding.verdict != OK)


def test_a_collector_of_which_nothing_comes_is_a_warning() -> None:
    monitor = Monitor(rules(surface("shop", every=5_000)))
    for name in (readings.MASTER, "shop"):
        monitor.apply(replace(admit(reading(name, {"A": 1}, T0), monitor.board), next_at=T0 + 5_000))
    assert of_collector(None, monitor, T0).text == "nobody collects now"
    assert of_collector("process 7", None, T0).verdict == OK
    assert of_collector("process 7", monitor, T0 + 6_000).verdict == OK
    hung = of_collector("process 7", monitor, T0 + 65_000)
    assert hung.verdict == WARN
    assert hung.text == "a collector is at work: process 7; none of the reads that were due has come, for 1m"


def test_a_journal_that_may_grow_larger_than_its_disk_is_a_warning() -> None:
    found = of_journal(replace(HEALTHY, free=300 * 2**20), KEPT.model_copy(update={"max_size": 400 * 2**20}), NOW)
    assert found[2].verdict == WARN
    assert "399 MB more" in found[2].advice
    assert found[1].text.startswith("goes back 40d, to ")
    assert found[2].text == "takes less than 1 % of journal.max_size; 300 MB are free on its disk"


def test_rows_of_a_map_that_match_nothing_are_named() -> None:
    (fine,) = of_map("fb", Path("map.csv"), {"1": "A"}, None)
    assert (fine.verdict, fine.text) == (OK, "fb: map.csv maps 1 id")
    assert [one.verdict for one in of_map("fb", Path("map.csv"), {"1": "A"}, frozenset("AB"))] == [OK]
    skus = {"1": "A", **{str(number): f"X{number}" for number in range(2, 9)}}
    idle = of_map("fb", Path("map.csv"), skus, frozenset("AB"))[1]
    assert idle.verdict == WARN
    assert idle.text == (
        "fb: 7 rows of map.csv matched nothing when it was last read: 2 → X2, 3 → X3, 4 → X4, 5 → X5, 6 → X6 and 2 more"
    )
    assert "every row of map.csv matched nothing" in of_map("fb", Path("map.csv"), skus, frozenset())[1].text


MAPPED = """
[journal]
url = "sqlite:///drift.db"

[master]
system = "feed"
path = "master.csv"

[surfaces.facebook]
system = "feed"
path = "facebook.csv"
mapping = { file = "map.csv" }

[surfaces.embed]
system = "feed"
path = "embed.csv"
"""


def test_mappings_are_held_against_what_the_journal_knows(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(MAPPED)
    (tmp_path / "master.csv").write_text("id,inventory\nA,1\nB,2\n")
    (tmp_path / "facebook.csv").write_text("id,inventory\n11,1\n12,5\n")
    (tmp_path / "embed.csv").write_text("id,inventory\n77,1\n")
    (tmp_path / "map.csv").write_text("id,sku\n11,A\n13,B\n")
    settings = load(tmp_path / "settings.toml")
    assert [one.text for one in of_mappings(settings, None)] == ["facebook: map.csv maps 2 ids"]
    known = asyncio.run(read_once(settings, rules_of(settings), lambda: NOW))
    assert [(one.verdict, one.text) for one in of_mappings(settings, known)] == [
        (OK, "facebook: map.csv maps 2 ids"),
        (WARN, "facebook: 1 row of map.csv matched nothing when it was last read: 13 → B"),
        (WARN, "facebook: the master knows 1 of its 2 SKUs, and 1 of the 2 tracked ones are listed"),
        (FAIL, "embed: the master knows 0 of its 1 SKUs, and 0 of the 2 tracked ones are listed"),
    ]
    assert "give it a mapping" in of_mappings(settings, known)[-1].advice
    for body, reason in (("id,sku\n11\n", "row 2 has 1 cells"), (None, "there is no file map.csv")):
        if body is None:
            (tmp_path / "map.csv").unlink()
        else:
            (tmp_path / "map.csv").write_text(body)
        broken = of_mappings(settings, known)[0]
        assert broken.verdict == FAIL
        assert reason in broken.text
        assert broken.advice.endswith("Until then nothing of this surface is known.")


def test_a_key_map_or_theme_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert [one.verdict for one in _console("dark")] == [OK]
    mine = tmp_path / "stockdrift"
    (mine / "themes").mkdir(parents=True)
    (mine / "keymap.toml").write_text('[keys]\nnonsense = "x"\n')
    for name in ("mine", "other"):
        (mine / f"themes/{name}.toml").write_text('name = "x"\ndark = true\n[colors]\n')
    found = _console("mine")
    assert [(one.area, one.verdict) for one in found] == [("console", WARN), ("console", FAIL), ("console", WARN)]
    for one, said in zip(found, ("keys.nonsense is not an action", "theme mine", "theme other"), strict=True):
        assert said in one.text
        assert one.advice
    (mine / "keymap.toml").write_text('[keys]\nlogs = "f9"\n')
    assert [one.verdict for one in _console("dark")] == [OK, OK, WARN, WARN]
    assert [one.verdict for one in _console("nowhere")] == [OK, FAIL, WARN, WARN]
    assert [one.verdict for one in _console(None)] == [OK, WARN, WARN]


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
    assert {"settings", "source", "journal", "collector", "terminal"} <= {one["area"] for one in found}


def test_a_reference_that_leads_nowhere_is_three_with_the_terminal_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "stockdrift").mkdir()
    (tmp_path / "stockdrift/keymap.toml").write_text("[keys")
    done = doctor(tmp_path, FEED_TOKEN="")
    assert (done.returncode, done.stderr) == (3, "")
    assert "the environment variable FEED_TOKEN is not set" in done.stdout
    assert "terminal\n" in done.stdout
    assert "  warn  the key map is not used: " in done.stdout
