"""A surface's own ids become SKUs: by column, file, rule or prefix, and never half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockdrift.settings.sources import FeedSettings, MappingSettings
from stockdrift.stock.admission import admit
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.exchange import Limits
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.mapping import MappedConnector, parse_map
from tests.collector.fakes import Clock, FakeConnector
from tests.stock.scene import reading, rules, surface, tell

LIMITS = Limits(timeout=5_000, max_bytes=2**20)

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, text: str) -> Path:
        fresh = tmp_path / f"{name}.new"
        fresh.write_text(text)
        return fresh.rename(tmp_path / name)

    return put


def connector_on(path: Path, **more: object) -> Connector:
    settings = FeedSettings.model_validate({"system": "feed", "path": path, **more})
    http = Http(timeout_ms=5_000, max_bytes=2**20, max_depth=10, tries=1, clock=Clock())
    return build_connector("facebook", settings, http)


def levels(read: Reading) -> list[tuple[str, int | str]]:
    return [
        (sku, int(quantity) if state == LevelState.COUNTED else LevelState(int(state)).word)
        for sku, state, quantity in zip(read.skus, read.states, read.quantities, strict=True)
    ]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"prefix": "FB-"}, [("A", 1), ("B", 2), ("C", 3), ("FB-", 4)]),
        ({"rule": r"FB-(.+)"}, [("A", 1), ("B", 2), ("C", 3), ("FB-", 4)]),
        ({"rule": r"(\w+)-(\w+)", "to": r"\2/\1"}, [("A/FB", 1), ("B/FB", 2), ("C", 3), ("FB-", 4)]),
        ({"column": "mpn"}, [("x1", 1), ("x2", 2), ("x3", 3), ("x4", 4)]),
    ],
)
async def test_ids_become_skus_and_others_stand_for_themselves(write: Write, mapping: object, said: object) -> None:
    feed = write("feed.csv", "id,inventory,mpn\nFB-A,1,x1\nFB-B,2,x2\nC,3,x3\nFB-,4,x4\n")
    assert levels(await connector_on(feed, mapping=mapping).read(Covers.ALL)) == said


async def test_a_file_maps_and_is_read_again_when_it_has_changed(write: Write) -> None:
    feed = write("feed.csv", "id,inventory\n17,1\n18,2\n19,3\n")
    map_file = write("map.csv", "sku,id\nA,17\n B ,18\n")
    connector = connector_on(feed, mapping={"file": map_file})
    assert levels(await connector.read(Covers.ALL)) == [("A", 1), ("B", 2), ("19", 3)]
    write("map.csv", "sku,id\nA,17\nC,18\n")
    assert levels(await connector.read(Covers.ALL)) == [("A", 1), ("C", 2), ("19", 3)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mapping map.csv: is empty"),
        ("id,sku\n", "mapping map.csv: is empty: it maps nothing"),
        ("id,skuu\n1,A\n", "mapping map.csv: unknown column 'skuu'; the columns are id and sku"),
        ("id,sku,note\n1,A,x\n", "mapping map.csv: unknown column 'note'; the columns are id and sku"),
        ("id\n1\n", "mapping map.csv: the column sku is missing"),
        ("id,sku,id\n1,A,2\n", "mapping map.csv: the column id is there twice"),
        ("id,sku\n1,A\n2,\n", "mapping map.csv: row 3 has no sku"),
        ("id,sku\n1,A,B\n", "mapping map.csv: row 2 has 3 cells where there are 2 columns"),
        ("id,sku\n1,A\n1,B\n", "mapping map.csv: row 3: the id '1' stands for 'A' and for 'B'"),
        ('id,sku\n1,"A', "mapping map.csv: row 2: unexpected end of data"),
        (None, "mapping: there is no file map.csv"),
    ],
)
async def test_a_map_that_is_not_sound_fails_the_whole_reading(write: Write, text: str | None, said: str) -> None:
    feed = write("feed.csv", "id,inventory\n1,1\n")
    map_file = write("map.csv", "id,sku\n1,A\n")
    connector = connector_on(feed, mapping={"file": map_file})
    assert (await connector.read(Covers.ALL)).outcome is Outcome.COMPLETE
    if text is None:
        map_file.unlink()
    else:
        write("map.csv", text)
    read = await connector.read(Covers.ALL)
    assert (read.outcome is Outcome.COMPLETE, list(read.skus), read.reason) == (False, [], said)
    write("map.csv", "id,sku\n1,B\n")
    assert levels(await connector.read(Covers.ALL)) == [("B", 1)]


def test_a_map_may_have_tabs_semicolons_a_mark_and_say_the_same_twice() -> None:
    assert parse_map(b"\xef\xbb\xbfID\tSKU\r\n1\tA,B\r\n\r\n1\tA,B\r\n") == {"1": "A,B"}
    assert parse_map(b'id;sku\n"1;2";A\n') == {"1;2": "A"}
    with pytest.raises(ValueError, match="is not UTF-8"):
        parse_map(b"id,sku\n1,\xff\n")


@pytest.mark.parametrize(("sums", "said"), [(False, "listed more than once"), (True, "")])
async def test_two_ids_of_one_sku_are_unknown_unless_they_mean_a_sum(write: Write, sums: bool, said: str) -> None:
    feed = write("feed.csv", "id,inventory\n1,2\n2,3\n3,7\n")
    map_file = write("map.csv", "id,sku\n1,A\n2,A\n")
    monitor = Monitor(rules(surface("facebook")))
    tell(monitor, reading(MASTER, {"A": 5, "3": 7}, 1_776_772_800_000))
    read = await connector_on(feed, mapping={"file": map_file}, sums_duplicates=sums).read(Covers.ALL)
    monitor.apply(admit(read, monitor.board))
    cell = monitor.lines([0])[0].cells[0]
    assert cell.reason == said
    assert cell.reported == (5 if sums else "unknown")


class Delta:
    """A connector that brings changes, and one that is mapped by it."""

    def __init__(self, mapping: MappingSettings) -> None:
        self.inner = FakeConnector("shop", Clock(), delta=True)
        self.mapped = MappedConnector("shop", self.inner, mapping, LIMITS, Clock())

    async def read(self, said: dict[str, int], covers: Covers) -> Reading:
        self.inner.levels = dict(said)
        return await self.mapped.read(covers)


async def test_a_change_of_one_of_two_ids_says_nothing_of_their_sku() -> None:
    shop = Delta(MappingSettings(rule="(.).*"))
    await shop.read({"A1": 1, "A2": 2, "B1": 3}, Covers.ALL)
    changed = await shop.read({"A1": 5, "B1": 4}, Covers.CHANGED)
    assert sorted(levels(changed), key=str) == [("A", "unknown"), ("A", 5), ("B", 4)]
    late = await shop.read({"B2": 9}, Covers.CHANGED)  # an id that is new among the changes
    assert sorted(levels(late), key=str) == [("B", "unknown"), ("B", 9)]
    await shop.read({"A1": 1, "B1": 3}, Covers.ALL)
    assert levels(await shop.read({"A1": 5}, Covers.CHANGED)) == [("A", 5)]


async def test_a_new_map_asks_for_everything_until_that_has_come(write: Write) -> None:
    map_file = write("map.csv", "id,sku\n1,A\n")
    shop = Delta(MappingSettings(file=map_file))
    await shop.read({"1": 1, "2": 2}, Covers.ALL)
    await shop.read({"1": 1}, Covers.CHANGED)
    write("map.csv", "id,sku\n1,A\n2,B\n")
    shop.inner.failing()
    await shop.mapped.read(Covers.CHANGED)
    shop.inner.answer = None
    assert levels(await shop.read({"1": 1, "2": 2}, Covers.CHANGED)) == [("A", 1), ("B", 2)]
    await shop.read({"1": 1}, Covers.CHANGED)
    assert shop.inner.asked == [Covers.ALL, Covers.CHANGED, Covers.ALL, Covers.ALL, Covers.CHANGED]
