from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stockdrift.collector import once
from stockdrift.collector.once import read_once
from stockdrift.settings import Settings, load, rules_of
from stockdrift.settings.systems import AnySource
from stockdrift.stock.reading import MASTER, Covers, Reading
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.clock import Clock as AnyClock
from stockdrift.surfaces.http import Http
from tests.collector.fakes import Clock, FakeConnector, known
from tests.stock.scene import reading

SETTINGS = """
[master]
system = "feed"
path = "master.csv"

[surfaces.embed]
system = "feed"
path = "embed.csv"

[surfaces.facebook]
system = "feed"
path = "facebook.csv"

[surfaces.amazon]
system = "feed"
path = "amazon.csv"
active = false
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "master.csv").write_text("id,inventory\nSS-220,3\nAN-220,7\n")
    (tmp_path / "embed.csv").write_text("id,inventory\nSS-220,3\nAN-220,7\n")
    (tmp_path / "facebook.csv").write_text("id,inventory\nSS-220,11\nAN-220,7\n")
    return load(tmp_path / "settings.toml")


async def test_everything_active_is_read(settings: Settings) -> None:
    said = known(await read_once(settings, rules_of(settings), Clock()))
    assert (said["tracked"], said["drifting"], said["in_sync"], said["unknown"]) == (2, 1, 1, 0)
    assert [surface["status"] for surface in said["surfaces"]][2] == "off"  # type: ignore[attr-defined]


async def test_a_surface_that_fails_leaves_everything_unknown_that_needs_it(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "facebook.csv").unlink()
    said = known(await read_once(settings, rules_of(settings), Clock()))
    assert (said["drifting"], said["in_sync"], said["unknown"]) == (0, 0, 2)


class _Meeting(FakeConnector):
    """Answers once all three are being read; the master last."""

    meeting = asyncio.Barrier(3)
    others = asyncio.Barrier(3)

    async def read(self, covers: Covers) -> Reading:
        await self.meeting.wait()
        if self.name == MASTER:
            await self.others.wait()
        found = reading(self.name, self.levels, self.clock(), covers=covers)
        if self.name != MASTER:
            await self.others.wait()
        return found


async def test_all_are_read_at_once_and_the_master_is_heard_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, _Meeting] = {}

    def build(name: str, source: AnySource, http: Http, clock: AnyClock | None = None) -> Connector:
        levels = {"M": 1} if name == MASTER else {f"only on {name}": 1, "M": 1}
        made[name] = _Meeting(name, Clock(), levels)
        return made[name]

    monkeypatch.setattr(once, "build_connector", build)
    async with asyncio.timeout(20):
        monitor = await read_once(settings, rules_of(settings), Clock())
    assert list(made) == [MASTER, "embed", "facebook"]
    assert list(monitor.board.catalogue.skus) == ["M", "only on embed", "only on facebook"]
    assert known(monitor)["in_sync"] == 1
    assert [connector.closed for connector in made.values()] == [1, 1, 1]


async def test_a_bug_in_a_connector_is_a_failed_reading(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(covers: Covers) -> Reading:
        raise RuntimeError("whatever")

    def build(name: str, source: AnySource, http: Http, clock: AnyClock | None = None) -> Connector:
        return FakeConnector(name, Clock(), answer=answer if name == "facebook" else None)

    monkeypatch.setattr(once, "build_connector", build)
    said = known(await read_once(settings, rules_of(settings), Clock()))
    errors = [surface["error"] for surface in said["surfaces"]]  # type: ignore[attr-defined]
    assert errors[:2] == [None, "internal error: RuntimeError"]
    assert said["in_sync"] == 0
