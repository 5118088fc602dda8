"""Feeds that have not changed since they were read: asked for by validators, and never believed without reason."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate

import httpx
import pytest

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.feed import FeedConnector
from stockdrift.surfaces.validators import LONGEST

from .feed_formats import as_rss
from .http_support import START, Time, quick_http

BODY = b"id,inventory\na,3\nb,4\n"
OTHER = b"id,inventory\na,2\nb,4\n"


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def http_date(at: int) -> str:
    return formatdate(at / 1_000, usegmt=True)


@dataclass
class Shop:
    """A server whose answers the test sets. ``asked`` holds the headers of each request."""

    time: Time = field(default_factory=Time)
    status: int = 200
    body: bytes = BODY
    headers: dict[str, str] = field(default_factory=dict)
    answers_304: bool = True
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(dict(request.headers))
        headers = {"Date": http_date(self.time.now), **self.headers}
        known = (request.headers.get("if-none-match"), request.headers.get("if-modified-since"))
        if self.answers_304 and self.status == 200 and any(known):
            current = (headers.get("ETag"), headers.get("Last-Modified"))
            if known[0] == current[0] if known[0] else known[1] == current[1]:
                return httpx.Response(304, headers=headers)
        headers["Content-Length"] = str(len(self.body))
        return httpx.Response(self.status, headers=headers, stream=httpx.ByteStream(self.body))

    @property
    def conditional(self) -> list[bool]:
        return ["if-none-match" in asked or "if-modified-since" in asked for asked in self.asked]

    def connector(self, **keys: object) -> FeedConnector:
        source = FeedSettings.model_validate({"system": "feed", "url": "http://shop.example/feed", **keys})
        http = quick_http(self.time, tries=1, transport=httpx.MockTransport(self))
        return FeedConnector("facebook", source, http, self.time.clock)


def values(reading: Reading) -> dict[str, int]:
    return dict(zip(reading.skus, reading.quantities.tolist(), strict=True))


def monitor() -> Monitor:
    return Monitor(Rules(SurfaceRules(MASTER), [SurfaceRules("facebook")]))


async def test_what_did_not_change_is_read_again_as_it_was() -> None:
    shop = Shop(
        headers={"ETag": '"1"'},
        body=as_rss([{"id": "a", "inventory": "3"}], f"<pubDate>{http_date(START - 60_000)}</pubDate>"),
    )
    connector = shop.connector()
    first = await connector.read(Covers.ALL)
    shop.time.now += 900_000
    second = await connector.read(Covers.CHANGED)
    assert shop.conditional == [False, True]
    assert shop.asked[1]["if-none-match"] == '"1"'
    assert (second.outcome, second.covers, values(second)) == (Outcome.COMPLETE, Covers.ALL, {"a": 3})
    assert (second.started_at, second.read_at) == (START + 900_000, START + 900_000)
    assert first.as_of == second.as_of == START - 60_000, "it is as old as it was; only our look at it is new"
    assert (second.traffic.requests, second.traffic.failures, second.traffic.bytes) == (1, 0, 0)
    board = monitor()
    board.apply(admit(first, board.board))
    poll = admit(second, board.board)
    assert (poll.outcome, len(poll.changes.rows), poll.listed) == (Outcome.COMPLETE, 0, 1)


async def test_what_changed_is_read() -> None:
    shop = Shop(headers={"ETag": '"1"'})
    connector = shop.connector()
    await connector.read(Covers.ALL)
    shop.body, shop.headers["ETag"] = OTHER, '"2"'
    assert values(await connector.read(Covers.ALL)) == {"a": 2, "b": 4}
    shop.body, shop.headers["ETag"] = BODY, '"3"'
    assert values(await connector.read(Covers.ALL)) == {"a": 3, "b": 4}
    assert [asked.get("if-none-match") for asked in shop.asked] == [None, '"1"', '"2"']


BAD: dict[str, Callable[[Shop], None]] = {
    "an error": lambda shop: setattr(shop, "status", 500),
    "a refusal": lambda shop: setattr(shop, "status", 403),
    "a partial answer": lambda shop: setattr(shop, "status", 206),
    "a cut gzip": lambda shop: setattr(shop, "body", packed(OTHER)[:-4]),
    "an empty file": lambda shop: setattr(shop, "body", b""),
    "a page of HTML": lambda shop: setattr(shop, "body", b"<html>"),
    "a missing column": lambda shop: setattr(shop, "body", b"id,stock\na,3\n"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_after_a_read_that_failed_the_next_is_whole(bad: str) -> None:
    shop = Shop(headers={"ETag": '"1"'})
    connector = shop.connector()
    await connector.read(Covers.ALL)
    shop.answers_304 = False
    BAD[bad](shop)
    failed = await connector.read(Covers.ALL)
    assert failed.outcome is not Outcome.COMPLETE
    assert len(failed.skus) == 0
    shop.status, shop.body, shop.answers_304 = 200, BODY, True
    again = await connector.read(Covers.ALL)
    assert (again.outcome, values(again)) == (Outcome.COMPLETE, {"a": 3, "b": 4})
    assert shop.conditional == [False, True, False]
    await connector.read(Covers.ALL)
    assert shop.conditional == [False, True, False, True]


async def test_a_304_that_nobody_asked_for_is_a_failed_read() -> None:
    shop = Shop(status=304)
    reading = await shop.connector().read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "HTTP 304")
    assert reading.traffic.failures == 1


async def test_a_304_after_a_failed_read_is_a_failed_read() -> None:
    shop = Shop(headers={"ETag": '"1"'})
    connector = shop.connector()
    await connector.read(Covers.ALL)
    shop.status = 503
    await connector.read(Covers.ALL)
    shop.status = 304
    reading = await connector.read(Covers.ALL)
    assert (reading.outcome, len(reading.skus)) == (Outcome.FAILED, 0)


async def test_a_304_that_names_another_feed_is_not_believed() -> None:
    shop = Shop(headers={"ETag": '"1"'})
    connector = shop.connector()
    await connector.read(Covers.ALL)

    def confused(request: httpx.Request) -> httpx.Response:
        if "if-none-match" in request.headers:
            shop.asked.append(dict(request.headers))
            return httpx.Response(304, headers={"ETag": '"9"'})
        shop.body = OTHER
        return shop(request)

    connector._http._client = httpx.AsyncClient(transport=httpx.MockTransport(confused))
    assert values(await connector.read(Covers.ALL)) == {"a": 2, "b": 4}
    assert shop.conditional == [False, True, False]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({}, {}),
        ({"ETag": '"1"'}, {"if-none-match": '"1"'}),
        ({"ETag": 'W/"1"'}, {}),
        ({"ETag": "1"}, {}),
        ({"ETag": '""'}, {}),
        ({"ETag": '"1", "2"'}, {}),
        ({"Last-Modified": http_date(START - 60_000)}, {"if-modified-since": http_date(START - 60_000)}),
        ({"Last-Modified": http_date(START - 59_000)}, {}),
        ({"Last-Modified": http_date(START - 60_000), "Date": "yesterday"}, {}),
        ({"Last-Modified": "Tue, 21 Apr 2026 00:00:00"}, {}),
        (
            {"ETag": '"1"', "Last-Modified": http_date(START - 60_000)},
            {"if-none-match": '"1"', "if-modified-since": http_date(START - 60_000)},
        ),
        (
            {"ETag": 'W/"1"', "Last-Modified": http_date(START - 60_000)},
            {"if-modified-since": http_date(START - 60_000)},
        ),
    ],
)
async def test_only_strong_validators_are_used(headers: dict[str, str], sent: dict[str, str]) -> None:
    shop = Shop(headers=headers)
    connector = shop.connector()
    await connector.read(Covers.ALL)
    await connector.read(Covers.ALL)
    found = {name: value for name, value in shop.asked[1].items() if name.startswith("if-")}
    assert found == sent


async def test_once_in_a_while_it_is_read_whole_whatever_it_says() -> None:
    shop = Shop(headers={"ETag": '"frozen"'})
    connector = shop.connector()
    await connector.read(Covers.ALL)
    shop.body = OTHER
    shop.time.now += LONGEST - 1
    assert values(await connector.read(Covers.ALL)) == {"a": 3, "b": 4}
    shop.time.now += 1
    assert values(await connector.read(Covers.ALL)) == {"a": 2, "b": 4}
    shop.time.now -= 1  # a clock that was set back proves nothing
    await connector.read(Covers.ALL)
    assert shop.conditional == [False, True, False, False]


async def test_what_came_by_way_of_a_redirect_is_always_read_whole() -> None:
    shop = Shop(headers={"ETag": '"1"'})

    def moved(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/feed":
            return httpx.Response(302, headers={"Location": "/feeds/today.csv"})
        return shop(request)

    connector = shop.connector()
    connector._http._client = httpx.AsyncClient(transport=httpx.MockTransport(moved))
    await connector.read(Covers.ALL)
    await connector.read(Covers.ALL)
    assert shop.conditional == [False, False]


async def test_a_feed_that_was_rejected_is_rejected_again() -> None:
    """A 304 says that it is the same feed: what was doubtful in it still is."""
    shop = Shop(headers={"ETag": '"1"'})
    connector = shop.connector()
    watch = monitor()
    watch.apply(admit(await connector.read(Covers.ALL), watch.board))
    shop.body, shop.headers = b"id,inventory\na,3\n", {"ETag": '"2"'}
    for _ in range(2):
        poll = admit(await connector.read(Covers.ALL), watch.board)
        watch.apply(poll)
        assert (poll.outcome, poll.reason) == (
            Outcome.PARTIAL,
            "1 rows, 50 % fewer than the 2 of the last complete read",
        )
    assert shop.conditional == [False, True, True]


@pytest.mark.parametrize("named", ["application/gzip", "text/csv", "application/octet-stream"])
async def test_a_packed_feed_is_unpacked_whatever_its_type(named: str) -> None:
    shop = Shop(body=packed(BODY), headers={"Content-Type": named})
    reading = await shop.connector().read(Covers.ALL)
    assert (reading.outcome, values(reading)) == (Outcome.COMPLETE, {"a": 3, "b": 4})


async def test_a_packed_file_that_was_packed_once_more_for_the_way() -> None:
    shop = Shop(body=packed(packed(BODY)), headers={"Content-Encoding": "gzip"})
    assert values(await shop.connector().read(Covers.ALL)) == {"a": 3, "b": 4}


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        (packed(BODY)[:-4], Outcome.PARTIAL, "the gzip stream is cut off after 37 bytes"),
        (packed(BODY)[:12], Outcome.PARTIAL, "the gzip stream is cut off after 12 bytes"),
        (packed(BODY) + b"more", Outcome.PARTIAL, "something stands behind the end of the gzip stream"),
        (packed(b""), Outcome.PARTIAL, "empty"),
        (b"\x1f\x8b" + b"x" * 50, Outcome.PARTIAL, "the gzip stream is damaged"),
        (packed(b"\0" * 2**20), Outcome.FAILED, "larger than 256 kB"),
        (packed(packed(BODY)), Outcome.FAILED, "not a text file"),
        (packed(b"<html>"), Outcome.FAILED, "HTML instead of a table"),
    ],
    ids=["no checksum", "cut", "more", "of nothing", "damaged", "bomb", "twice", "page"],
)
async def test_packed_feeds_that_are_none(body: bytes, outcome: Outcome, reason: str) -> None:
    reading = await Shop(body=body).connector().read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (outcome, reason)
    assert len(reading.skus) == 0


async def test_what_is_kept_cannot_be_written_to() -> None:
    shop = Shop(headers={"ETag": '"1"'})
    reading = await shop.connector().read(Covers.ALL)
    with pytest.raises(ValueError, match="read-only"):
        reading.quantities[0] = 9


async def test_an_etag_made_of_a_time_and_a_size_is_not_trusted_right_after_the_writing() -> None:
    shop = Shop(headers={"ETag": '"6621c0a0-15"', "Last-Modified": http_date(START)})
    connector = shop.connector()
    await connector.read(Covers.ALL)
    shop.body = OTHER  # written again within the second, as long as before
    assert values(await connector.read(Covers.ALL)) == {"a": 2, "b": 4}
    assert shop.conditional == [False, False]


@pytest.mark.parametrize(
    ("link", "outcome"),
    [
        ('</feed?page=2>; rel="next"', Outcome.PARTIAL),
        ("</feed?page=1>; rel=prev, </feed?page=3>; REL = next", Outcome.PARTIAL),
        ('</feed?page=9>; rel="last  next"', Outcome.PARTIAL),
        ('</feed?rel=next>; rel="last"', Outcome.COMPLETE),
        ('</style.css>; rel="preload nextgen"', Outcome.COMPLETE),
    ],
)
async def test_an_answer_that_links_to_the_next_page_is_a_part(link: str, outcome: Outcome) -> None:
    reading = await Shop(headers={"Link": link}).connector().read(Covers.ALL)
    assert reading.outcome is outcome
