"""The settings file that a sandbox writes leads the whole reading path to it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stockdrift.sandbox.plan import HOUR
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.server import serve
from stockdrift.sandbox.settings_file import write_settings
from stockdrift.settings import load, rules_of
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers
from stockdrift.stock.report import report
from stockdrift.surfaces.build import build_connector
from tests.sandbox.kit import HandClock, http_of


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_it_loads_and_its_tokens_are_nobody_elses(scenario: str, tmp_path: Path) -> None:
    async with serve(scenario, clock=HandClock()) as sandbox:
        file, *tokens = write_settings(sandbox, tmp_path / "some where" / "settings.toml")
        settings = load(file)
        assert set(settings.surfaces) == set(sandbox.store.surface_names)
        text = file.read_text(encoding="utf-8")
        for token in sandbox.router.tokens.values():
            assert token not in text
    assert len(tokens) == len(sandbox.router.tokens)
    assert {stat.S_IMODE(token.stat().st_mode) for token in tokens} == {0o600}


async def test_tokens_that_others_could_read_are_written_anew(tmp_path: Path) -> None:
    exposed = tmp_path / "settings.master.token"
    exposed.write_text("old", encoding="utf-8")
    exposed.chmod(0o644)
    async with serve("candle", clock=HandClock()) as sandbox:
        write_settings(sandbox, tmp_path / "settings.toml")
    assert stat.S_IMODE(exposed.stat().st_mode) == 0o600
    assert exposed.read_text(encoding="utf-8").startswith("secret_")


async def test_the_golden_case_by_way_of_the_file(tmp_path: Path) -> None:
    clock = HandClock()
    http = http_of(clock)
    async with serve("candle", clock=clock) as sandbox:
        settings = load(write_settings(sandbox, tmp_path / "settings.toml")[0])
        monitor = Monitor(rules_of(settings))
        for name, source in [(MASTER, settings.master), *settings.surfaces.items()]:
            reading = await build_connector(name, source, http).read(Covers.ALL)
            monitor.apply(admit(reading, monitor.board))
    await http.close()
    said = report(monitor, clock())
    figures = ("tracked", "drifting", "in_sync", "unknown", "oversell", "over", "under", "untracked")
    assert [said[name] for name in figures] == [4, 2, 2, 0, 1, 1, 0, 1]
    found = [(sku["sku"], sku["severity"], sku["levels"]["facebook"]["deviation"]) for sku in said["skus"]]
    assert found == [("FIG-220", "OVERSELL", 2), ("SEA-220", "OVER", 8)]


async def test_a_large_shop_is_read_within_the_allowance_and_a_fast_one_with_less_lag(tmp_path: Path) -> None:
    async with serve("flash-sale", skus=100_000, speed=10, clock=HandClock()) as sandbox:
        settings = load(write_settings(sandbox, tmp_path / "settings.toml")[0])
    pages = -(-len(sandbox.store.products) // 100)
    every = settings.surfaces["embed"].every
    assert every is not None
    assert pages * 60_000 / every < 600
    assert settings.surfaces["facebook"].lag == HOUR / 10
