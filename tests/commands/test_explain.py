"""``stockdrift explain``: from a fresh reading, from a journal, and for a SKU that nobody knows."""

from __future__ import annotations

import asyncio
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from stockdrift.collector.lease import acquire
from stockdrift.commands import explain as command
from stockdrift.settings import load, rules_of
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import RulesChanged
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.store.sqlite import open_journal
from tests.commands.inside import stockdrift
from tests.stock.scene import HOUR, MINUTE, T0, reading

SETTINGS = """
[journal]
url = "sqlite:///drift.db"

[master]
system = "feed"
path = "master.csv"

[surfaces.facebook]
system = "feed"
path = "facebook.csv"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "master.csv").write_text("id,inventory\nSEA-220,3\nAMB-220,7\n")
    (tmp_path / "facebook.csv").write_text("id,inventory\nSEA-220,11\nAMB-220,7\n")
    return tmp_path


def explain(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return stockdrift(folder, "explain", *arguments)


def said(folder: Path, *arguments: str) -> dict[str, Any]:
    done = explain(folder, "--json", *arguments)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_drifting_sku_from_a_fresh_reading(shop: Path) -> None:
    found = said(shop, "SEA-220")
    assert (found["known"], found["severity"], found["origin"]) == (True, "OVER", {"from": "fresh"})
    assert found["surfaces"][0]["deviation"] == 8
    done = explain(shop, "SEA-220")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Facebook shows 11 where 3 are expected" in done.stdout
    assert not (shop / "drift.db").exists()


def test_an_unknown_sku_names_its_neighbours_and_is_three(shop: Path) -> None:
    done = explain(shop, "sea-220")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Near it: SEA-220" in done.stderr
    asked = explain(shop, "SEA-22O", "--json")
    assert asked.returncode == 3
    assert json.loads(asked.stdout)["nearest"][0] == "SEA-220"


def test_settings_that_will_not_do_are_three(shop: Path) -> None:
    (shop / "settings.toml").write_text("[store")
    done = explain(shop, "SEA-220")
    assert done.returncode == 3
    assert "not TOML" in done.stderr
    assert "Traceback" not in done.stderr


async def recorded(shop: Path) -> None:
    """A journal in which the master fell from 11 to 3, and the feed still shows 11: all of it long ago."""
    rules = rules_of(load(shop / "settings.toml"))
    monitor = Monitor(rules)
    journal = await open_journal(shop / "drift.db", writable=True)
    try:
        await journal.append([RulesChanged(T0, rules)])
        for name, level, at in ((MASTER, 11, T0), (MASTER, 3, T0 + MINUTE), ("facebook", 11, T0 + 2 * MINUTE)):
            poll = admit(reading(name, {"SEA-220": level, "OLD-1": 1}, at), monitor.board)
            monitor.apply(poll)
            await journal.append([poll])
    finally:
        await journal.close()


async def test_the_journal_is_asked_first_and_says_how_old_it_is(shop: Path) -> None:
    await recorded(shop)
    found = said(shop, "OLD-1")
    assert found["origin"]["from"] == "journal"
    assert found["origin"]["collector"] is None
    assert found["origin"]["last_at"] == "2026-04-21T12:02:00.000Z"
    assert found["origin"]["age_s"] > 3600
    # So old a journal proves nothing of now: whatever it says is unknown, with the reason and the numbers.
    assert found["standing"] == "unknown"
    assert found["surfaces"][0]["reason"] == "no complete read for longer than allowed"
    assert [value["says"] for value in said(shop, "SEA-220")["master"]["said_before"]] == [11, 3]
    assert "no collector is at work: --fresh" in explain(shop, "SEA-220").stdout


async def test_a_collector_at_work_is_named_and_changed_rules_are_told(shop: Path) -> None:
    await recorded(shop)
    with (shop / "settings.toml").open("a") as file:
        file.write("tolerance = 3\n")
    lease = acquire(shop / "drift.db", started=datetime(2026, 4, 21, tzinfo=UTC))
    try:
        text = explain(shop, "SEA-220").stdout
    finally:
        lease.release()
    assert "a collector is at work (process" in text
    assert "the settings file says otherwise now" in text


async def test_fresh_reads_in_spite_of_a_journal(shop: Path) -> None:
    await recorded(shop)
    assert said(shop, "AMB-220", "--fresh")["standing"] == "in sync"
    gone = explain(shop, "OLD-1", "--fresh")
    assert gone.returncode == 0
    assert "Unknown: gone from the last read" in gone.stdout


async def test_what_is_read_now_is_judged_as_check_judges_it(shop: Path) -> None:
    await recorded(shop)
    checked = stockdrift(shop, "check", "--fresh", "--json", "--all")
    known = {one["sku"]: one for one in json.loads(checked.stdout)["skus"]}
    for sku, one in known.items():
        found = said(shop, sku, "--fresh")
        phases = {level["phase"] for level in found["surfaces"]}
        assert found["severity"] == one["severity"], sku
        assert one["phase"] is None or one["phase"] in phases, (sku, phases)
    assert {one["phase"] for one in known.values()} != {None}


def test_a_journal_that_is_none_is_three(shop: Path) -> None:
    (shop / "drift.db").write_text("not a database, and long enough to be looked at as one" * 20)
    done = explain(shop, "SEA-220")
    assert done.returncode == 3
    assert "is not a database" in done.stderr


def test_a_journal_of_a_time_to_come_is_of_a_clock_that_was_set_back(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(recorded(shop))
    monkeypatch.setattr(command, "wall_clock", lambda: T0 + 3 * MINUTE)
    assert command.run(shop / "settings.toml", "OLD-1", as_json=True, fresh=False) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "in sync"
    monkeypatch.setattr(command, "wall_clock", lambda: T0 - HOUR)  # what stands there is an hour old at least
    assert command.run(shop / "settings.toml", "OLD-1", as_json=True, fresh=False) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "unknown"


def test_times_are_short_and_by_the_clock_on_the_wall_with_their_day_and_zone_once(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(recorded(shop))
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    try:
        for now, began in ((T0 + 3 * MINUTE, "13:02:00"), (T0 + 24 * HOUR, "2026-04-21 13:02:00")):
            monkeypatch.setattr(command, "wall_clock", lambda now=now: now)
            assert command.run(shop / "settings.toml", "SEA-220", as_json=False, fresh=False) == 0
            text = capsys.readouterr().out
            assert f"From the journal, last entry {began}, " in text
            day = "2026-04-21" if now < T0 + HOUR else "2026-04-22"
            assert text.endswith(f"Times without a date are of {day}, UTC+0100.\n")
            assert not re.search(r"\dT\d", text)
    finally:
        monkeypatch.undo()
        time.tzset()
