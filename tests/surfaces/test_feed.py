"""A feed in a file."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from stockdrift.settings.models import CollectorSettings
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import EcwidSettings
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading, Traffic
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.feed import FeedConnector
from stockdrift.surfaces.feed_file import read_file
from stockdrift.surfaces.formats import parse_feed
from stockdrift.surfaces.http import Http

from .fault_server import FaultServer
from .feed_formats import as_json
from .http_support import START, Time, quick_http

BODY = "id,inventory,title\nSEA-SALT-220,3,Sea Salt 220ml\nAMBER-NOIR-220,7,Amber Noir 220ml\n"


async def read(path: Path, **settings: Any) -> Reading:
    time = Time()
    source = FeedSettings.model_validate({"system": "feed", "path": path, **settings})
    return await FeedConnector("master", source, quick_http(time), time.clock).read(Covers.ALL)


def write(path: Path, text: str, at: int = START - 60_000) -> Path:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(at * 1_000_000, at * 1_000_000))
    return path


async def test_a_file(tmp_path: Path) -> None:
    reading = await read(write(tmp_path / "master.csv", BODY), columns={"name": "title"})
    assert (reading.surface, reading.outcome, reading.covers) == ("master", Outcome.COMPLETE, Covers.ALL)
    assert list(reading.skus) == ["SEA-SALT-220", "AMBER-NOIR-220"]
    assert reading.quantities.tolist() == [3, 7]
    assert list(reading.names) == ["Sea Salt 220ml", "Amber Noir 220ml"]
    assert (reading.started_at, reading.read_at, reading.as_of) == (START, START, START - 60_000)
    assert reading.traffic == Traffic()


@pytest.mark.parametrize("packed", [False, True])
async def test_a_file_of_another_format_is_as_of_its_own_word(tmp_path: Path, packed: bool) -> None:
    made = as_json([{"id": "a", "inventory": "3"}], generated_at=START - 3_600_000)
    path = tmp_path / "feed"
    path.write_bytes(gzip.compress(made) if packed else made)
    os.utime(path, ns=((START - 60_000) * 1_000_000,) * 2)
    reading = await read(path)
    assert (reading.outcome, list(reading.skus), reading.as_of) == (Outcome.COMPLETE, ["a"], START - 3_600_000)
    assert (await read(path, generated="made.at")).as_of is None, "a time that is named and missing is not made up"
    path.write_bytes(as_json([{"id": "a", "inventory": "3"}], generated_at=START + 60_000))
    assert (await read(path)).as_of is None, "nor is one that is still to come believed"


async def test_bad_rows_do_not_spoil_the_others(tmp_path: Path) -> None:
    reading = await read(write(tmp_path / "a.csv", "id,inventory\na,3\nb,3.5\n,4\n"))
    assert (reading.outcome, reading.bad_count, list(reading.skus)) == (Outcome.COMPLETE, 2, ["a", "b"])


async def test_a_time_after_our_read_is_no_as_of(tmp_path: Path) -> None:
    reading = await read(write(tmp_path / "a.csv", BODY, at=START + 1_000))
    assert (reading.outcome, reading.as_of) == (Outcome.COMPLETE, None)


async def test_the_setting_sums_duplicates(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,inventory\na,3\na,4\n")
    assert (await read(path, sums_duplicates=True)).quantities.tolist() == [7]
    assert (await read(path)).quantities.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        ("", Outcome.PARTIAL, "empty"),
        ("id,inventory\n", Outcome.PARTIAL, "only a header row"),
        ("id,stock\na,3\n", Outcome.FAILED, "no column “inventory”; the nearest is"),
        ("<html>", Outcome.FAILED, "HTML instead of a table"),
        ("id,inventory\n" + "x" * 300_000, Outcome.FAILED, "larger than 256 kB"),
    ],
)
async def test_files_that_hold_no_table(tmp_path: Path, text: str, outcome: Outcome, reason: str) -> None:
    reading = await read(write(tmp_path / "a.csv", text))
    assert reading.outcome is outcome
    assert reading.reason.startswith(reason)
    assert len(reading.skus) == 0


async def test_no_file_and_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    reasons = [(await read(tmp_path / name)).reason for name in ("gone.csv", ".", "pipe.csv", "loop.csv", "x" * 300)]
    assert reasons[0] == "there is no file gone.csv"
    assert reasons[1].endswith("is a directory")
    assert reasons[2] == "pipe.csv is not a file"
    assert reasons[3] == "cannot read loop.csv: Too many levels of symbolic links"
    assert reasons[4].endswith("File name too long")


async def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    path = write(tmp_path / "a.csv", BODY)
    monkeypatch.setattr(Path, "open", refuse)  # root may read anything, so modes prove nothing
    reading = await read(path)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "no permission to read a.csv")


class Changing:
    """A file that something does something to while it is read."""

    def __init__(self, path: Path, change: str) -> None:
        self.path, self.change = path, change

    def __call__(self, descriptor: int) -> os.stat_result:
        status = os.stat(descriptor)
        if self.change == "grows":
            with self.path.open("a") as file:
                file.write("x,1\n")
        elif self.change == "replaced":
            new = self.path.with_suffix(".new")
            new.write_text(BODY)
            new.rename(self.path)
        elif self.change == "removed":
            self.path.unlink(missing_ok=True)
        return status


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        ("grows", Fault.CUT, "a.csv changed while it was read"),
        ("replaced", Fault.CUT, "a.csv was replaced while it was read"),
        ("removed", Fault.MISSING, "there is no file a.csv"),
    ],
)
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, kind: Fault, reason: str
) -> None:
    path = write(tmp_path / "a.csv", BODY)
    monkeypatch.setattr("stockdrift.surfaces.feed_file.os.fstat", Changing(path, change))
    with pytest.raises(SurfaceFault) as caught:
        read_file(path, 1_000_000)
    assert (caught.value.kind, caught.value.reason) == (kind, reason)


async def test_reading_and_parsing_leave_the_event_loop_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def noted(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            threads.append(threading.get_ident())
            return work(*args, **kwargs)

        return run

    monkeypatch.setattr("stockdrift.surfaces.feed.parse_feed", noted(parse_feed))
    monkeypatch.setattr("stockdrift.surfaces.feed.read_file", noted(read_file))
    assert (await read(write(tmp_path / "a.csv", BODY))).outcome is Outcome.COMPLETE
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_last_modified_is_as_of() -> None:
    async with FaultServer(BODY.encode()) as server:
        time = Time()
        http = quick_http(time)
        source = FeedSettings(system="feed", url=server.url("dated"))
        connector = FeedConnector("facebook", source, http, time.clock)
        reading = await connector.read(Covers.CHANGED)
        await http.close()
    assert (reading.outcome, reading.covers, reading.as_of) == (Outcome.COMPLETE, Covers.ALL, START - 3_600_000)


def test_a_file_needs_no_http_client(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.reading import Covers
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.http import Http
source = FeedSettings(system="feed", path=Path(sys.argv[1]))
reading = asyncio.run(build_connector("a", source, Http()).read(Covers.ALL))
print(reading.outcome, "httpx" in sys.modules)
"""
    path = write(tmp_path / "a.csv", BODY)
    told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["complete", "False"]


def test_each_system_has_its_connector(tmp_path: Path) -> None:
    http = Http.of(CollectorSettings())
    table = build_connector("facebook", FeedSettings(system="feed", path=tmp_path / "a.csv"), http)
    assert isinstance(table, FeedConnector)
    assert isinstance(table, Connector)
    ecwid = EcwidSettings.model_construct(
        system="ecwid", store_id=1, token=SecretStr("secret_x"), api="https://app.ecwid.com/api/v3"
    )
    assert isinstance(build_connector("master", ecwid, http), Connector)


async def test_the_parts_of_a_master_reach_the_board(tmp_path: Path) -> None:
    """From the file's columns through the admission to the arithmetic on screen."""
    file = write(tmp_path / "master.csv", "id,have,held\nA,9,6\nB,4,1\n")
    monitor = Monitor(Rules(SurfaceRules(MASTER), ()))
    columns = {"sku": "id", "on_hand": "have", "committed": "held"}
    monitor.apply(admit(await read(file, columns=columns), monitor.board))
    assert [line.master for line in monitor.lines([0, 1])] == [3, 3]
    assert monitor.sku(0, START).master_arithmetic == "9 on hand − 6 committed − 0 reserved − 0 damaged"


@pytest.mark.parametrize("cell", ["1_000", "٣", "²"])
async def test_what_only_python_takes_for_a_number_is_a_bad_row(tmp_path: Path, cell: str) -> None:
    found = await read(write(tmp_path / "master.csv", f"id,inventory\nA,{cell}\nB,4\n"))
    assert (found.bad_count, found.quantities.tolist()) == (1, [0, 4])
