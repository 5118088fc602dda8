"""What operators say without a console: recorded with who and why, shown with where it comes from, and taken back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stockdrift.cli import cli
from stockdrift.collector.recorder import Recorder
from stockdrift.commands.operator import operator
from stockdrift.settings import load, rules_of
from stockdrift.stock.reading import MASTER
from stockdrift.store.sqlite import open_journal
from tests.commands.inside import stockdrift
from tests.stock.scene import reading

SETTINGS = """
[store]
name = "Candle & Co"
sku_tolerance = { "WMT RFL" = 4 }
[journal]
url = "sqlite:///drift.db"
[master]
system = "feed"
path = "master.csv"
[surfaces.embed]
system = "feed"
path = "embed.csv"
buffer = 1
token = "env:EMBED_TOKEN"
[surfaces.facebook]
system = "feed"
url = "https://feeds.example/f/5e3a-secret.csv"
tolerance = "5%"
"""


@pytest.fixture
def candle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of which a collector has recorded one reading of everything, just now."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMBED_TOKEN", "topsecret")
    Path("settings.toml").write_text(SETTINGS)
    for name in ("master", "embed"):
        Path(f"{name}.csv").write_text("id,inventory\n")
    asyncio.run(_recorded(tmp_path))
    return tmp_path


async def _recorded(folder: Path, ago: int = 1_000) -> None:
    journal = await open_journal(folder / "drift.db", writable=True)
    at = time.time_ns() // 1_000_000 - ago
    recorder = Recorder(journal, rules_of(load(folder / "settings.toml")), lambda: at - 1_000)
    await recorder.resume()
    await recorder.record(reading(MASTER, {"SEA-220": 3, "FIG-220": 0, "WMT RFL": 15}, at))
    await recorder.record(reading("embed", {"SEA-220": 2, "FIG-220": 0, "WMT RFL": 14}, at + 1))
    await recorder.record(reading("facebook", {"SEA-220": 5, "FIG-220": 2, "WMT RFL": 15}, at + 2))
    await journal.close()


def command(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def said(*words: str) -> dict[str, Any]:
    done = command(*words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def drifting() -> int:
    found = said("tolerance", "0", "--dry-run", "--reason", "counting")
    return int(found["drifting"]["before"])


def test_a_tolerance_is_tried_set_shown_and_taken_back(candle: Path) -> None:
    tried = command("tolerance", "2", "--surface", "facebook", "--dry-run")
    assert tried.output == (
        "Tolerance of Facebook would be 2 units, 5 % now.\n"
        "1 drifts instead of 2; 1 oversell.\n"
        "No tolerance hides an oversell: where nothing is left, none applies.\n"
        "Nothing was recorded.\n"
    )
    assert drifting() == 2
    done = command("tolerance", "50%", "--floor", "2", "--surface", "facebook", "--reason", "the feed rounds")
    assert done.exit_code == 0
    assert done.output.startswith("Tolerance of Facebook is 50 %, at least 2, 5 % before.\n1 drifts instead of 2")
    held = {(row["surface"], row["sku"]): row for row in said("tolerance")["holds"]}
    assert {scope: (row["value"], row["origin"]) for scope, row in held.items()} == {
        (None, None): ("0 units", "default"),
        ("facebook", None): ("50 %, at least 2", "operator"),
        (None, "WMT RFL"): ("4 units", "file"),
    }
    assert (held["facebook", None]["by"], held["facebook", None]["reason"]) == (operator(), "the feed rounds")
    (one,) = said("tolerance", "--surface", "facebook", "--sku", "SEA-220")["holds"]
    assert (one["value"], one["set_for"]) == ("50 %, at least 2", "Facebook")
    shown = command("tolerance").output.splitlines()
    assert shown[0] == "the store  0 units           default"
    assert shown[1].startswith(f"Facebook   50 %, at least 2  {operator()}, ")
    assert shown[1].endswith(": the feed rounds")
    back = command("tolerance", "--take-back", "--surface", "facebook")
    assert back.output.startswith("Tolerance of Facebook is 5 %, 50 %, at least 2 before.\n2 drift instead of 1")


def test_of_a_sku_every_surface_is_told(candle: Path) -> None:
    assert command("tolerance", "9", "--sku", "SEA-220", "--reason", "returns").exit_code == 0
    assert command("tolerance", "1", "--sku", "SEA-220", "--surface", "embed", "--reason", "returns").exit_code == 0
    rows = said("tolerance", "--sku", "SEA-220")["holds"]
    assert [(row["surface"], row["value"], row["set_for"]) for row in rows] == [
        ("embed", "1 unit", "SEA-220 on Embed"),
        ("facebook", "9 units", "SEA-220"),
    ]


def test_a_buffer_changes_what_a_surface_should_show(candle: Path) -> None:
    done = said("buffer", "3", "--surface", "embed", "--sku", "WMT RFL", "--reason", "sells fast")
    assert (done["before"], done["after"], done["drifting"]) == (
        "1 unit (as set for Embed)", "3 units", {"before": 2, "after": 2},
    )  # fmt: skip
    assert said("buffer", "9", "--surface", "embed", "--sku", "WMT RFL", "--reason", "sells fast")["drifting"] == {
        "before": 2,
        "after": 3,
    }
    rows = {(row["surface"], row["sku"]): row["value"] for row in said("buffer")["holds"]}
    assert rows == {
        ("embed", None): "1 unit",
        ("facebook", None): "0 units",
        ("embed", "WMT RFL"): "9 units",
    }
    explained = said("explain", "WMT RFL")["surfaces"][0]
    assert (explained["expected"], explained["arithmetic"]) == (6, "ATP 15 − buffer 9")
    assert (
        said("buffer", "--take-back", "--surface", "embed", "--sku", "WMT RFL")["after"] == "1 unit (as set for Embed)"
    )


def test_a_value_below_nothing_is_no_option(candle: Path) -> None:
    done = stockdrift(candle, "buffer", "-3", "--surface", "embed")
    assert (done.returncode, "-3 is less than nothing: a buffer is 0 or more" in done.stderr) == (3, True)
    done = stockdrift(candle, "tolerance", "--reason", "-1 is sold by hand", "-1")
    assert (done.returncode, "-1 is less than nothing: a tolerance is 0 or more" in done.stderr) == (3, True)


@pytest.mark.parametrize("kind", ["ack", "snooze"])
def test_of_what_is_unknown_nobody_says_that_it_does_not_drift(candle: Path, kind: str) -> None:
    for file in candle.glob("drift.db*"):
        file.unlink()
    asyncio.run(_recorded(candle, ago=86_400_000))
    until = ["--until", "1h", "--reason", "x"] if kind == "snooze" else []
    done = command(kind, "SEA-220", *until)
    assert (done.exit_code, "nothing is known of SEA-220 now" in done.stderr) == (3, True), done.output
    done = command(kind, "SEA-220", "--surface", "facebook", *until)
    assert (done.exit_code, "nothing is known of SEA-220 on Facebook now" in done.stderr) == (3, True), done.output


def test_what_is_so_already_is_not_recorded_again(candle: Path) -> None:
    assert said("tolerance", "2", "--reason", "rounding")["recorded"]
    assert not said("tolerance", "2", "--reason", "rounding")["recorded"]
    assert len(command("actions", "--json").output.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["tolerance", "2"], "say why with --reason"),
        (["tolerance", "two", "--reason", "x"], "not a tolerance: 'two'"),
        (["tolerance", "2", "--floor", "1", "--reason", "x"], "a floor goes with a percentage; units need none"),
        (["tolerance", "--floor", "1"], "a floor goes with a percentage"),
        (["tolerance", "2", "--take-back"], "either a value or --take-back"),
        (["tolerance", "--sku", "SEA-22O"], "no such SKU was ever seen: 'SEA-22O'; near it are SEA-220"),
        (["tolerance", "--surface", "amazon"], "there is no surface called amazon; there are embed, facebook"),
        (["buffer", "5%", "--surface", "embed", "--reason", "x"], "a buffer is whole units, such as 2"),
        (["buffer", "1.5", "--surface", "embed", "--reason", "x"], "a buffer is whole units, such as 2"),
        (["buffer", "5", "--reason", "x"], "a buffer is of a surface or of a SKU"),
        (["pause", "facebook"], "say why with --reason"),
        (["pause", "master", "--reason", "x"], "there is no surface called master"),
        (["resume", "facebook"], "Facebook is not paused: nothing to take back"),
        (["snooze", "SEA-220", "--reason", "x"], "a snooze has an end"),
        (["snooze", "SEA-220", "--reason", "x", "--until", "soon"], "Write the end like"),
        (
            ["snooze", "WMT RFL", "--reason", "x", "--until", "1h"],
            "WMT RFL is not known to drift",
        ),
        (["ack"], "To acknowledge is to speak of a surface, a SKU, or a SKU on a surface."),
        (["claim", "SEA-220", "--take-back"], "SEA-220 is not claimed: nothing to take back"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_to_do(candle: Path, words: list[str], sentence: str) -> None:
    done = command(*words)
    assert done.exit_code == 3
    assert sentence in done.stderr
    assert command("actions", "--json").output == ""


def test_without_a_journal_there_is_nothing_to_speak_of(candle: Path) -> None:
    Path("drift.db").unlink()
    done = command("ack", "SEA-220")
    assert done.exit_code == 3
    assert "begin with stockdrift watch or stockdrift collect" in done.stderr


def test_a_surface_may_be_called_as_it_stands_on_screen(candle: Path) -> None:
    done = command("pause", "Facebook", "--reason", "maintenance")
    assert done.exit_code == 0
    assert "pauses Facebook" in done.output
    assert {one["surface"] for one in _report()["said"] if one["kind"] == "pause"} == {"facebook"}


def test_a_claim_has_an_end_and_says_whose_it_was_before(candle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = command("claim", "SEA-220").output
    assert first.startswith(f"{operator()} claims SEA-220 for 8h00m.")
    monkeypatch.setattr("stockdrift.commands.remark.operator", lambda: "anna@front")
    taken = command("claim", "SEA-220", "--until", "1h").output
    assert f"{operator()} had claimed it since " in taken
    assert "had claimed" not in command("claim", "SEA-220").output


def test_remarks_are_said_shown_and_taken_back(candle: Path) -> None:
    assert command("ack", "SEA-220", "--reason", "the feed is late").output.startswith(
        f"{operator()} acknowledges SEA-220: the feed is late.\n"
    )
    assert command("snooze", "FIG-220", "--surface", "facebook", "--until", "2h", "--reason", "asked").exit_code == 0
    assert command("claim", "--surface", "facebook").exit_code == 0
    found = {one["sku"]: one for one in _report()["skus"]}
    assert found["SEA-220"]["acknowledged"]["reason"] == "the feed is late"
    assert found["FIG-220"]["snoozed"]["by"] == found["FIG-220"]["claimed"]["by"] == operator()
    explained = command("explain", "FIG-220").output
    assert f"snoozed on facebook by {operator()} since " in explained
    assert f"claimed on facebook by {operator()} since " in explained
    assert (_report()["snoozed"], _report()["acknowledged"], _report()["drifting"]) == (1, 1, 2)
    assert command("snooze", "FIG-220", "--surface", "facebook", "--take-back").output.startswith(
        f"{operator()} wakes FIG-220 on Facebook.\n"
    )
    assert _report()["snoozed"] == 0


def _report() -> dict[str, Any]:
    """What ``check --json`` would say of the journal, a collector being at work."""
    from stockdrift.commands.recorded import known_to
    from stockdrift.stock.report import report

    monitor = asyncio.run(known_to(Path("drift.db"), rules_of(load(Path("settings.toml")))))
    now = time.time_ns() // 1_000_000
    monitor.tick(now)
    return report(monitor, now)


def test_notes_are_left_and_listed(candle: Path) -> None:
    assert command("note").output == "No note stands.\n"
    assert command("note", "the courier comes at four").exit_code == 0
    assert command("note", "count it again", "--sku", "SEA-220").exit_code == 0
    assert [line.split(f" {operator()} ")[1] for line in command("note").output.splitlines()] == [
        "on the store: the courier comes at four",
        "on SEA-220: count it again",
    ]
    assert command("note", "--take-back").exit_code == 0
    assert [note["text"] for note in said("note")["notes"]] == ["count it again"]


def test_a_paused_surface_is_told_by_check_and_resumed(candle: Path) -> None:
    assert command("pause", "facebook", "--reason", "its API is down", "--until", "2h").exit_code == 0
    paused = _report()["surfaces"][1]
    assert (paused["status"], paused["paused"]["reason"]) == ("paused", "its API is down")
    assert command("resume", "facebook").exit_code == 0
    assert _report()["surfaces"][1]["paused"] is None


def test_the_record_holds_who_when_why_from_what_to_what(candle: Path) -> None:
    command("tolerance", "2", "--reason", "=rounding")
    command("tolerance", "3", "--reason", "more of it")
    command("tolerance", "--take-back")
    command("pause", "facebook", "--reason", "down", "--until", "2h")
    lines = [json.loads(line) for line in command("actions", "--json").output.splitlines()][::-1]
    assert [(line["kind"], line["before"], line["after"], line["reason"]) for line in lines] == [
        ("tolerance", "", "2 units", "=rounding"),
        ("tolerance", "2 units", "3 units", "more of it"),
        ("tolerance", "3 units", "", ""),
        ("pause", "", "paused", "down"),
    ]
    assert lines[2]["undoes"] == lines[1]["number"]
    assert lines[3]["until"] is not None
    assert {line["operator"] for line in lines} == {operator()}
    rows = list(csv.DictReader(io.StringIO(command("actions", "--csv").output)))
    assert [row["kind"] for row in rows] == ["pause", "tolerance", "tolerance", "tolerance"]
    assert rows[3]["reason"] == "'=rounding"
    assert f"{operator()} pauses Facebook for 2h00m: down" in command("actions").output


def test_settings_say_where_each_value_comes_from(candle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_STORE__LOW_STOCK", "9")
    command("tolerance", "2", "--surface", "facebook", "--reason", "the feed rounds")
    command("buffer", "3", "--sku", "SEA-220", "--reason", "sells fast")
    command("pause", "embed", "--reason", "down", "--until", "2h")
    done = command("settings", "--effective")
    assert "topsecret" not in done.output
    assert "5e3a" not in done.output
    values = {line["key"]: line for line in said("settings", "--effective")["values"]}
    shown = {
        key: (values[key]["value"], values[key]["origin"], values[key]["where"])
        for key in (
            "store.name", "store.low_stock", "store.tolerance", "store.sku_tolerance.\"WMT RFL\"",
            "surfaces.facebook.every", "surfaces.embed.buffer", "surfaces.embed.token", "surfaces.facebook.url",
        )
    }  # fmt: skip
    assert shown == {
        "store.name": ("Candle & Co", "file", ""),
        "store.low_stock": ("9", "environment", "STOCKDRIFT_STORE__LOW_STOCK"),
        "store.tolerance": ("0 units", "default", ""),
        'store.sku_tolerance."WMT RFL"': ("4 units", "file", ""),
        "surfaces.facebook.every": ("15m", "default", ""),
        "surfaces.embed.buffer": ("1", "file", ""),
        "surfaces.embed.token": ("(not shown)", "file", ""),
        "surfaces.facebook.url": ("https://feeds.example/…", "file", ""),
    }
    ruled = values["surfaces.facebook.tolerance"]
    assert (ruled["value"], ruled["origin"], ruled["where"], ruled["reason"], ruled["instead_of"]) == (
        "2 units", "operator", operator(), "the feed rounds", "5 %",
    )  # fmt: skip
    assert values['surfaces."*".sku_allotment.SEA-220.buffer']["value"] == "3"
    assert values["surfaces.embed.paused"]["until"] is not None
    assert "master.buffer" not in values
    set_ones = {line["key"] for line in said("settings")["values"]}
    assert "surfaces.facebook.tolerance" in set_ones
    assert "store.tolerance" not in set_ones
