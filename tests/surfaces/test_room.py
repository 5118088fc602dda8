"""Large readings are made one at a time; small ones, and those of others, wait for nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.surfaces import feed as feeds
from stockdrift.surfaces.base import Occupies
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.room import Room

LARGE = "id,inventory\n" + "".join(f"SKU-{number},{number}\n" for number in range(20))
SMALL = "id,inventory\nA,1\n"


def connector(folder: Path, name: str, text: str, http: Http, **settings: object) -> feeds.FeedConnector:
    (folder / f"{name}.csv").write_text(text)
    source = FeedSettings.model_validate({"system": "feed", "path": folder / f"{name}.csv", **settings})
    made = build_connector(name, source, http)
    assert isinstance(made, Occupies)
    return made  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def _little_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LARGE", len(LARGE))


async def test_a_large_feed_is_not_read_before_the_one_before_it_is_done_with(tmp_path: Path) -> None:
    http = Http(room=Room())
    one, other = (connector(tmp_path, name, LARGE, http) for name in ("one", "other"))
    small = connector(tmp_path, "small", SMALL, http)
    assert (await one.read(Covers.ALL)).outcome is Outcome.COMPLETE
    waiting = asyncio.create_task(other.read(Covers.ALL))
    assert (await small.read(Covers.ALL)).outcome is Outcome.COMPLETE
    assert (await one.read(Covers.ALL)).outcome is Outcome.COMPLETE, "who is in stays in"
    small.leave()
    other.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    one.leave()
    one.leave()
    assert (await waiting).outcome is Outcome.COMPLETE
    other.leave()
    assert (await one.read(Covers.ALL)).outcome is Outcome.COMPLETE


async def test_one_that_is_given_up_while_it_waits_keeps_nobody_out(tmp_path: Path) -> None:
    http = Http(room=Room())
    one, other, third = (connector(tmp_path, name, LARGE, http) for name in ("one", "other", "third"))
    await one.read(Covers.ALL)
    waiting = asyncio.create_task(other.read(Covers.ALL))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.wait([waiting])
    other.leave()
    one.leave()
    assert (await third.read(Covers.ALL)).outcome is Outcome.COMPLETE


async def test_without_a_room_all_are_read_at_once(tmp_path: Path) -> None:
    http = Http()
    readings = await asyncio.gather(*(connector(tmp_path, name, LARGE, http).read(Covers.ALL) for name in "abc"))
    assert [reading.outcome for reading in readings] == [Outcome.COMPLETE] * 3


async def test_a_feed_whose_skus_are_translated_leaves_too(tmp_path: Path) -> None:
    http = Http(room=Room())
    one = connector(tmp_path, "one", LARGE, http, mapping={"prefix": "SKU-"})
    assert list((await one.read(Covers.ALL)).skus)[:2] == ["0", "1"]
    one.leave()
    assert (await connector(tmp_path, "other", LARGE, http).read(Covers.ALL)).outcome is Outcome.COMPLETE
