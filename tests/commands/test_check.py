"""``stockdrift check``, on feed files: its text, its JSON, its exit status."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stockdrift.commands import check_text
from tests.commands.inside import stockdrift

SETTINGS = """
[store]
name = "Candle & Co"
currency = "GBP"

[master]
system = "feed"
path = "master.csv"
columns = { sku = "id", quantity = "inventory", name = "title", price = "price" }

[surfaces.embed]
system = "feed"
kind = "native"
path = "embed.csv"

[surfaces.instant-site]
system = "feed"
kind = "native"
path = "site.csv"

[surfaces.facebook]
system = "feed"
path = "facebook.tsv"
"""
STOCK = {"SEA-220": 3, "AMB-220": 7, "FIG-220": 0, "WMT-RFL": 15}
NAMES = {"SEA-220": "Sea Salt 220ml", "AMB-220": "Amber Noir 220ml", "FIG-220": "Fig & Vetiver 220ml",
         "WMT-RFL": "Wild Mint refill"}  # fmt: skip


def table(levels: dict[str, object], delimiter: str = ",") -> str:
    return "\n".join(
        [delimiter.join(("id", "inventory")), *(f"{sku}{delimiter}{level}" for sku, level in levels.items())]
    )


@pytest.fixture
def candle(tmp_path: Path) -> Path:
    """The golden case as four files."""
    (tmp_path / "settings.toml").write_text(SETTINGS)
    rows = [f"{sku},{NAMES[sku]},{level},24.00 GBP" for sku, level in STOCK.items()]
    (tmp_path / "master.csv").write_text("\n".join(["id,title,inventory,price", *rows]))
    (tmp_path / "embed.csv").write_text(table({**STOCK}))
    (tmp_path / "site.csv").write_text(table({**STOCK}))
    (tmp_path / "facebook.tsv").write_text(table({**STOCK, "SEA-220": 11, "FIG-220": 2}, "\t"))
    return tmp_path


def _env(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return stockdrift(folder, "check", *arguments)


def installed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stockdrift", "check", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=_env(folder),
    )


def said(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = check(folder, "--json", *arguments)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_the_golden_case(candle: Path) -> None:
    code, report = said(candle)
    assert code == 1
    assert [(sku["sku"], sku["severity"], sku["levels"]["facebook"]["deviation"]) for sku in report["skus"]] == [
        ("FIG-220", "OVERSELL", 2),
        ("SEA-220", "OVER", 8),
    ]
    assert (report["tracked"], report["drifting"], report["in_sync"]) == (4, 2, 2)
    assert list(report["skus"][0]["levels"]) == ["embed", "instant-site", "facebook"]
    assert len(said(candle, "--all")[1]["skus"]) == 4


def test_the_json_has_the_promised_keys(candle: Path) -> None:
    _, report = said(candle)
    promised = "schema store taken_at tracked drifting in_sync unknown uncovered in_flight untracked oversell"
    assert {*promised.split(), "over", "under", "surfaces", "skus"} <= set(report)
    surface = {"name", "kind", "active", "status", "freshness_s", "listed", "drifting", "unknown", "error"}
    assert surface <= set(report["surfaces"][0])
    remarks = {"acknowledged", "snoozed", "claimed"}
    assert set(report["skus"][0]) == {"sku", "name", "master", "verdict", "severity", "phase", "levels", *remarks}
    level = {"reported", "expected", "deviation", "verdict", "reason", "read_at", "as_of"}
    assert set(report["skus"][0]["levels"]["facebook"]) == level


def test_the_text_lines_up_as_installed(candle: Path) -> None:
    done = installed(candle)
    assert (done.returncode, done.stderr) == (1, "")
    assert "Candle & Co: 2 of 4 tracked SKUs drift\n" in done.stdout
    assert "  ■ oversell  FIG-220  Fig & Vetiver 220ml       0  facebook 2 (+2)   new\n" in done.stdout
    assert "  ▲ over      SEA-220  Sea Salt 220ml            3  facebook 11 (+8)  new\n" in done.stdout


def test_of_many_sayings_a_few_are_listed_those_for_most_first() -> None:
    one = {
        "kind": "ignore",
        "surface": None,
        "value": "ignored",
        "by": "maya",
        "reason": "",
        "since": None,
        "until": None,
    }
    sayings = [{**one, "sku": f"S-{n}"} for n in range(6)] + [
        {**one, "kind": "tolerance", "value": "1 unit", "sku": None}
    ]
    lines = list(check_text._sayings({"said": sayings, "taken_at": "2026-11-27T10:00:00.000Z"}))
    assert lines[:2] == ["  tolerance 1 unit: the store, by maya", "  ignored: S-0, by maya"]
    assert lines[-1] == "  … and 2 more that operators said; --json has all"


def test_a_moment_is_said_by_the_clock_on_the_wall_with_its_date_on_another_day(london: None) -> None:
    now = "2026-07-27T10:00:00.000Z"
    assert check_text._clock("2026-07-27T15:09:58.325Z", now) == "16:09"
    assert check_text._clock("2026-07-28T15:09:58.325Z", now) == "2026-07-28 16:09"
    assert check_text._clock("2026-07-26T23:30:00.000Z", now) == "00:30"  # by London's clock it is today


@pytest.fixture
def london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_all_says_of_each_sku_what_is_known_of_it(candle: Path) -> None:
    (candle / "master.csv").write_text("id,title,price,inventory\nA,,,3\nC,,,4\nD,,,5\nE,,,-1\nF,,,1\n")
    (candle / "embed.csv").write_text("id,inventory\nA,3\nD,5\nE,0\nF,1\n")
    (candle / "site.csv").write_text("id,inventory\nA,3\nD,5\nE,0\nF,1\n")
    (candle / "facebook.tsv").write_text("id\tinventory\nA\t3\nD\t5\nD\t6\nF\t9\n")
    text = check(candle, "--all").stdout
    for line in (
        r"  ▲ over       F +1  facebook 9 \(\+8\) +new",
        r"  ● in sync    A +3  3 on all 3",
        r"    uncovered  C +4  unlisted on all 3",
        r"  \? unknown    D +5  facebook \? listed more than once",
        r"  ● in sync    E +-1  0 on embed, instant-site; unlisted on facebook",
    ):
        assert re.search(f"^{line}$", text, re.MULTILINE), (line, text)
    assert check_text._verdict({"severity": None, "verdict": "untracked"}) == "  untracked"
    _, report = said(candle, "--all")
    assert {sku["sku"]: sku["verdict"] for sku in report["skus"]} == {
        "A": "in sync", "C": "uncovered", "D": "unknown", "E": "in sync", "F": "drifted",
    }  # fmt: skip


def test_agreement_is_zero(candle: Path) -> None:
    (candle / "facebook.tsv").write_text(table({**STOCK}, "\t"))
    assert check(candle).returncode == 0


def test_a_surface_that_cannot_be_read_is_unknown_and_never_zero(candle: Path) -> None:
    (candle / "facebook.tsv").unlink()
    code, report = said(candle)
    assert (code, report["drifting"], report["in_sync"], report["unknown"]) == (2, 0, 0, 4)  # it may list any of them
    facebook = report["surfaces"][2]
    assert (facebook["status"], facebook["drifting"]) == ("no answer", None)
    assert "facebook.tsv" in facebook["error"]


def test_a_master_that_cannot_be_read_leaves_nothing_in_sync(candle: Path) -> None:
    (candle / "master.csv").write_text("id,title,inventory,price\n")
    code, report = said(candle)
    assert (code, report["in_sync"], report["unknown"]) == (2, 0, 4)
    assert report["master"]["error"] == "only a header row"


@pytest.mark.parametrize("quantity", ["3.5", "NaN", "1e309", "9223372036854775808", ""])
def test_a_bad_row_is_counted_and_its_sku_unknown(candle: Path, quantity: str) -> None:
    (candle / "facebook.tsv").write_text(table({**STOCK, "AMB-220": quantity}, "\t"))
    code, report = said(candle, "--all")
    assert (code, report["unknown"], report["surfaces"][2]["bad_rows"]) == (2, 1, 1)
    amber = next(sku for sku in report["skus"] if sku["sku"] == "AMB-220")
    assert amber["levels"]["facebook"]["verdict"] == "unknown"
    assert amber["levels"]["facebook"]["reported"] == "unknown"


def test_hostile_names_stay_text(candle: Path) -> None:
    hostile = "\x1b]0;x\x07[b]x[/b]\u202e\u200b"
    (candle / "master.csv").write_text(f'id,title,inventory,price\nA,"{hostile}",3,1\n')
    (candle / "facebook.tsv").write_text(table({"A": 9}, "\t"))
    done = check(candle)
    assert "\\x1b]0;x\\x07[b]x[/b]\\u202e\\u200b" in done.stdout
    assert not set(done.stdout) & set("\x1b\x07\u202e\u200b")


def test_what_is_named_twice_and_what_is_listed_nowhere_says_what_it_means(candle: Path) -> None:
    (candle / "site.csv").write_text(table({"SEA-220": 3, "AMB-220": 7}) + "\nFIG-220,0\nFIG-220,1\nNEW-1,4")
    (candle / "embed.csv").write_text(table({"SEA-220": 3, "AMB-220": 7}))
    (candle / "facebook.tsv").write_text(table({"SEA-220": 3, "AMB-220": "3.5"}, "\t"))
    text = check(candle).stdout.splitlines()
    assert "  1 uncovered: the master tracks them, and no surface that was read lists them" in text
    assert "  1 orphan: sold on a surface, and unknown to the master" in text
    assert any(line.startswith("  instant-site") and line.endswith("listed more than once: FIG-220") for line in text)
    assert any(line.endswith("1 bad row, its row is not a whole quantity: AMB-220") for line in text)
    site = said(candle)[1]["surfaces"][1]
    assert site["unknown_because"] == {"listed more than once": {"count": 1, "skus": ["FIG-220"]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[store", "not TOML"),
        ("[store]\nnaem = 1", 'did you mean "store.name"?'),
        ("", "master"),
    ],
)
def test_settings_that_will_not_do_are_one_message(candle: Path, text: str, message: str) -> None:
    (candle / "settings.toml").write_text(text)
    done = check(candle)
    assert (done.returncode, done.stdout) == (3, "")
    assert message in done.stderr
    assert "settings.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_is_three(candle: Path) -> None:
    assert check(candle, "--frehs").returncode == 3
    assert check(candle, "--settings", "nowhere.toml").returncode == 3


def _polled(journal: Path) -> int:
    """How many sources the journal holds a poll of."""
    if not journal.is_file():
        return 0
    connection = sqlite3.connect(journal)
    try:
        found: int = connection.execute("SELECT count(DISTINCT subject) FROM entry WHERE kind = 'poll'").fetchone()[0]
    except sqlite3.OperationalError:  # it is just being made
        return 0
    finally:
        connection.close()
    return found


def collect_once(folder: Path) -> None:
    """A collector that has read everything once and is gone."""
    collector = subprocess.Popen(
        [sys.executable, "-m", "stockdrift", "collect"], cwd=folder, stderr=subprocess.PIPE, text=True, env=_env(folder)
    )
    try:
        deadline = time.monotonic() + 30
        while sum(map(_polled, (folder / "data/stockdrift").glob("*.db"))) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        collector.terminate()
        collector.communicate(timeout=10)


def test_a_feed_that_collapsed_is_known_by_what_the_journal_knows(candle: Path) -> None:
    many = {f"S{number:03}": number for number in range(100)}
    rows = "\n".join(["id,title,inventory,price", *(f"{sku},{sku},{level},1" for sku, level in many.items())])
    (candle / "master.csv").write_text(rows)
    for name in ("embed.csv", "site.csv"):
        (candle / name).write_text(table({**many}))
    (candle / "facebook.tsv").write_text(table({**many}, "\t"))
    collect_once(candle)
    (candle / "facebook.tsv").write_text(table({"S001": 1}, "\t"))
    code, report = said(candle)
    assert code == 2
    assert report["in_sync"] == 0
    assert report["surfaces"][2]["error"] == "1 rows, 99 % fewer than the 100 of the last complete read"


def test_what_operators_said_holds_when_the_settings_were_changed_since(candle: Path) -> None:
    collect_once(candle)
    for words in (["tolerance", "9", "--surface", "facebook"], ["pause", "embed", "--until", "2h"]):
        subprocess.run(
            [sys.executable, "-m", "stockdrift", *words, "--reason", "known"],
            cwd=candle, env=_env(candle), check=True, capture_output=True,
        )  # fmt: skip
    text = (candle / "settings.toml").read_text().replace("[store]", "[store]\nlow_stock = 7")
    (candle / "settings.toml").write_text(text)
    code, report = said(candle)
    assert (code, report["drifting"], report["oversell"]) == (1, 1, 1)
    assert [surface["status"] for surface in report["surfaces"]] == ["paused", "on time", "on time"]
    assert [(one["kind"], one["surface"], one["sku"], one["value"], one["reason"]) for one in report["said"]] == [
        ("tolerance", "facebook", None, "9 units", "known"),
        ("pause", "embed", None, "paused", "known"),
    ]
    text = check(candle).stdout
    assert re.search(r"^  tolerance 9 units: Facebook, by \S+ since \d\d:\d\d: known$", text, re.MULTILINE), text
    paused = r"^  embed +paused .* by \S+ since \d\d:\d\d until (\d{4}-\d\d-\d\d )?\d\d:\d\d: known$"
    assert re.search(paused, text, re.MULTILINE), text


def test_what_a_journal_says_of_now_is_not_believed_where_the_settings_were_changed(candle: Path) -> None:
    (candle / "facebook.tsv").write_text(table({**STOCK}, "\t"))
    collect_once(candle)
    assert check(candle).returncode == 0
    (candle / "facebook.tsv").write_text(table({**STOCK, "FIG-220": 4}, "\t"))
    text = (candle / "settings.toml").read_text().replace("Candle & Co", "Another")
    (candle / "settings.toml").write_text(text)
    code, report = said(candle)
    assert (code, report["store"], report["oversell"]) == (1, "Another", 1)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and then nothing of the kind", bytes(range(256)) * 16])
def test_a_damaged_journal_is_not_passed_over(candle: Path, content: bytes) -> None:
    """What operators have said stood in it: a surface may be paused, and nobody knows."""
    (candle / "facebook.tsv").write_text(table({**STOCK}, "\t"))
    settings = candle / "settings.toml"
    settings.write_text(f'[journal]\nurl = "sqlite:///drift.db"\n{settings.read_text()}')
    assert check(candle).returncode == 0
    (candle / "drift.db").write_bytes(content)
    for arguments in ([], ["--fresh"]):
        done = check(candle, *arguments)
        assert (done.returncode, done.stdout) == (3, "")
        assert "drift.db" in done.stderr


def test_the_journal_of_another_master_is_not_believed(candle: Path) -> None:
    collect_once(candle)
    (journal,) = (candle / "data/stockdrift").glob("*.db")
    with sqlite3.connect(journal) as connection:
        connection.execute("UPDATE entry SET header = json_set(header, '$.master.source', 'x') WHERE kind = 'rules'")
        connection.execute(
            "INSERT INTO entry (kind, at, subject, header, body) VALUES ('ruling', ?, '', ?, '')",
            (time.time_ns() // 1_000_000, '{"operator":"anna","tolerance":{"units":99,"percent":0}}'),
        )
    connection.close()
    assert said(candle)[1]["drifting"] == 2


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_any_encoding_will_do(candle: Path, arguments: tuple[str, ...]) -> None:
    (candle / "master.csv").write_text("id,title,inventory,price\nSEA-220,Noël,3,1\n")
    done = subprocess.run(
        [sys.executable, "-m", "stockdrift", "check", *arguments],
        cwd=candle,
        capture_output=True,
        env=_env(candle) | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_reader_who_leaves_takes_nothing_from_the_status(candle: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "stockdrift", "check", "--json"],
        cwd=candle,
        stdout=write,
        stderr=subprocess.PIPE,
        env=_env(candle),
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")
