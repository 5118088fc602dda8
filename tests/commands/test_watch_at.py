"""``stockdrift watch --at`` where there is no terminal: how it stood is printed, and what cannot be shown is said."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stockdrift.cli import cli
from stockdrift.collector.recorder import Recorder
from stockdrift.commands.check_text import text_of
from stockdrift.settings import journal_path, load, rules_of
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.stock.report import report
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.store.sqlite import open_journal
from tests.stock.scene import HOUR, MINUTE, reading, tell

SETTINGS = """
[store]
name = "Candle & Co"
[journal]
url = "sqlite:///drift.db"
[master]
system = "feed"
path = "master.csv"
stale_after = "30m"
[surfaces.shop]
system = "feed"
path = "shop.csv"
stale_after = "30m"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")
    (tmp_path / "settings.toml").write_text(SETTINGS)
    return tmp_path


def recorded(began: int) -> None:
    """Three hours ago all agreed, two hours ago the shop showed too much."""

    async def record() -> None:
        settings, clock = load(None), [began]
        journal = await open_journal(journal_path(settings), writable=True)
        recorder = Recorder(journal, rules_of(settings), lambda: clock[0])
        await recorder.resume()
        for after, shop in ((0, 4), (HOUR, 9), (HOUR + MINUTE, 9)):
            clock[0] = began + after
            await recorder.record(reading(MASTER, {"A": 4, "B": 1}, clock[0]))
            await recorder.record(reading("shop", {"A": shop, "B": 1}, clock[0]))
        await journal.close()

    asyncio.run(record())


def watch(at: str) -> Result:
    return CliRunner().invoke(cli, ["watch", "--at", at])


def test_how_it_stood_is_printed(store: Path) -> None:
    recorded(round(time.time() * 1000) - 3 * HOUR)
    calm, drifting, stale = watch("-175m"), watch("-1h55m"), watch("-1h")
    assert [found.exit_code for found in (calm, drifting, stale)] == [0, 1, 2]
    assert calm.stdout.startswith("As it stood on ")
    assert "Candle & Co: 0 of 2 tracked SKUs drift" in calm.stdout
    assert "● 2 in sync" in calm.stdout
    assert "Candle & Co: 1 of 2 tracked SKUs drift" in drifting.stdout
    assert "● 0 in sync   ? 2 unknown" in stale.stdout  # what nobody had read again by then was not agreement
    assert "The recording ended on" in stale.stderr
    assert not (store / "drift.db.lock").exists()  # no collector was started


def test_a_time_before_the_beginning_and_one_to_come_are_said(store: Path) -> None:
    recorded(round(time.time() * 1000) - 3 * HOUR)
    before, coming = watch("-5h"), watch("2999-01-01")
    assert (before.exit_code, coming.exit_code) == (0, 2)
    assert "Nothing was recorded before" in before.stderr
    assert "Tue 1 Jan 2999 00:00:00 is yet to come: this is" in coming.stderr


def test_where_nothing_is_known_no_count_is_the_headline() -> None:
    shop = Monitor(Rules(SurfaceRules(MASTER), [SurfaceRules("shop")], store="Candle & Co"))
    assert text_of(report(shop, 1)).startswith("Candle & Co: nothing known yet\n")
    tell(shop, reading(MASTER, {}, 1))
    assert text_of(report(shop, 1)).startswith("Candle & Co: 0 of 0 tracked SKUs drift\n")


def test_what_is_no_time_and_what_is_no_journal_are_one_sentence(store: Path) -> None:
    wrong = watch("soon")
    assert wrong.exit_code == 3
    assert wrong.stderr.startswith("stockdrift: “soon” is no time: give 10:42")
    missing = watch("-1h")
    assert missing.exit_code == 3
    assert missing.stderr.count("\n") == 1
    assert "There is no journal at" in missing.stderr
