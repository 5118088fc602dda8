"""One small request to a source, and what its answer is taken for."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from stockdrift.settings.models import CollectorSettings
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import AnySource, EcwidSettings, EcwidStorefrontSettings
from stockdrift.surfaces.faults import Fault
from stockdrift.surfaces.probe import Probe, probe, prober

from .feed_formats import as_atom, as_json, as_rss

NOW = 1_776_729_600_000
MASTER = EcwidSettings(system="ecwid", store_id=1003, token=SecretStr("secret_abc"), api="http://shop.example/api/v3")
FEED = FeedSettings(system="feed", url="http://shop.example/feed.csv")


def answered(body: bytes = b"{}", date: str = "") -> httpx.Response:
    """As it comes over the wire: not read yet."""
    headers = {"Date": date} if date else {}
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))


async def asked(source: AnySource, answer: Callable[[httpx.Request], httpx.Response]) -> Probe:
    http = prober(CollectorSettings(), lambda: NOW, httpx.MockTransport(answer))
    try:
        return await probe(source, http, counter=iter([1.0, 1.25]).__next__)
    finally:
        await http.close()


async def test_an_answer_gives_latency_and_the_other_clock() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answered(date=formatdate(NOW / 1000 + 60, usegmt=True))

    found = await asked(MASTER, answer)
    assert (found.fault, found.latency, found.offset) == (None, 250.0, 60_500)
    assert len(seen) == 1
    assert seen[0].url.path == "/api/v3/1003/products"
    assert seen[0].url.params["limit"] == "1"
    assert seen[0].headers["authorization"] == "Bearer secret_abc"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Fault.REFUSED), (403, Fault.REFUSED), (404, Fault.MISSING), (503, Fault.SERVER)]
)
async def test_a_refusal_is_asked_for_once_and_named(status: int, kind: Fault) -> None:
    asks = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asks
        asks += 1
        return httpx.Response(status)

    found = await asked(MASTER, answer)
    assert found.fault is not None
    assert (found.fault.status, found.fault.kind, asks) == (status, kind, 1)
    assert "secret_abc" not in found.fault.reason


async def test_a_great_feed_has_answered_and_need_not_come() -> None:
    found = await asked(FEED, lambda _: answered(b"id,inventory\n" + b"x,1\n" * 2**18))
    assert (found.fault, found.form) == (None, "CSV")


async def test_no_connection_is_said(tmp_path: Path) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    found = await asked(FEED, refuse)
    assert found.fault is not None
    assert found.fault.kind is Fault.UNREACHABLE
    assert (found.latency, found.offset) == (None, None)


async def test_a_date_that_is_none_says_nothing() -> None:
    found = await asked(FEED, lambda _: answered(b"id,inventory\n", date="soon"))
    assert (found.fault, found.offset) == (None, None)


async def test_a_storefront_wants_a_public_token() -> None:
    front = EcwidStorefrontSettings(
        system="ecwid-storefront", store_id=1, token=SecretStr("secret_x"), api="http://shop.example"
    )
    found = await asked(front, lambda _: answered())
    assert found.fault is not None
    assert found.fault.reason.startswith("not a public token")


async def test_files_are_looked_at_without_a_request(tmp_path: Path) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    there = tmp_path / "stock.csv"
    there.write_text("id,inventory\n")
    assert (await asked(FeedSettings(system="feed", path=there), never)).fault is None
    gone = await asked(FeedSettings(system="feed", path=tmp_path / "gone.csv"), never)
    folder = await asked(FeedSettings(system="feed", path=tmp_path), never)
    assert gone.fault is not None
    assert folder.fault is not None
    assert (gone.fault.kind, folder.fault.kind) == (Fault.MISSING, Fault.UNREADABLE)


@pytest.mark.parametrize(
    ("body", "keys", "form"),
    [
        (b"id\tinventory\n", {}, "TSV"),
        (b"id;inventory\n", {}, "CSV"),
        (as_rss([]), {}, "RSS"),
        (as_atom([]), {}, "Atom"),
        (as_json([]), {}, "JSON"),
        (b'{"id":"a"}\n{"id":"b"}\n', {}, "JSON Lines"),
        (b'{"id":"a"}\n', {"format": "jsonl"}, "JSON Lines"),
        (gzip.compress(as_rss([]), mtime=0), {}, "RSS, packed with gzip"),
        (gzip.compress(as_rss([{"id": str(n)} for n in range(50_000)]), mtime=0), {}, "RSS, packed with gzip"),
    ],
    ids=["tsv", "csv", "rss", "atom", "json", "jsonl", "jsonl by name", "packed", "much packed"],
)
async def test_the_format_of_a_feed_is_said(tmp_path: Path, body: bytes, keys: dict[str, str], form: str) -> None:
    source = FeedSettings.model_validate({"system": "feed", "url": "http://shop.example/feed", **keys})
    found = await asked(source, lambda _: answered(body))
    assert (found.fault, found.form) == (None, form)
    (tmp_path / "feed").write_bytes(body)
    source = FeedSettings.model_validate({"system": "feed", "path": tmp_path / "feed", **keys})
    found = await asked(source, lambda _: answered())
    assert (found.fault, found.form) == (None, form)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"id,stock\n", "no column “inventory”; the nearest is “stock”: if that is meant, set columns.quantity to it"),
        (b"<html>", "HTML instead of a table"),
        (b"\x1f\x8bxxxxxxxxxxxxxxxxxxxxx", "the gzip stream is damaged"),
    ],
    ids=["empty", "column", "html", "damaged"],
)
async def test_a_feed_that_shows_at_once_that_it_is_none(tmp_path: Path, body: bytes, reason: str) -> None:
    (tmp_path / "feed").write_bytes(body)
    for source in (FEED, FeedSettings(system="feed", path=tmp_path / "feed")):
        found = await asked(source, lambda _: answered(body))
        assert found.fault is not None
        assert found.fault.reason == reason
