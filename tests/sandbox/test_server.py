"""The wire of the sandbox, as a client sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from stockdrift.sandbox.faults import FAULTS
from stockdrift.sandbox.plan import MASTER, MINUTE
from stockdrift.sandbox.server import Sandbox, serve
from stockdrift.sandbox.throttle import PER_MINUTE, Throttle
from stockdrift.stock.reading import Covers
from tests.sandbox.kit import FRIDAY, HandClock, feed_of, http_of, levels_of, rows_of

PRODUCTS = "/api/v3/1003/products"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def sandbox(clock: HandClock, request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with serve(getattr(request, "param", "candle"), clock=clock) as served:
        yield served


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    token = sandbox.router.tokens[MASTER]
    async with httpx.AsyncClient(
        base_url=sandbox.base_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as made:
        yield made


async def page(client: httpx.AsyncClient, token: str | None = None, **params: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await client.get(PRODUCTS, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert isinstance(document, dict)
    return document


async def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    assert sandbox.base_url.startswith("http://127.0.0.1:")


async def test_a_page_has_the_form_that_the_documentation_shows(client: httpx.AsyncClient) -> None:
    document = await page(client)
    assert {name: document[name] for name in ("total", "count", "offset", "limit")} == {
        "total": 5,
        "count": 5,
        "offset": 0,
        "limit": 100,
    }
    sea, *_, gift = rows_of(document)
    assert sea["sku"] == "SEA-220"
    assert (sea["quantity"], sea["unlimited"], sea["enabled"]) == (3, False, True)
    assert "quantity" not in gift
    assert gift["unlimited"] is True


@pytest.mark.parametrize("sandbox", ["flash-sale"], indirect=True)
async def test_pages_together_are_the_whole(client: httpx.AsyncClient) -> None:
    first = await page(client, limit=100)
    rows = list(rows_of(first))
    for offset in range(100, first["total"], 100):
        rows += rows_of(await page(client, offset=offset, limit=100))
    assert len(rows) == len({row["id"] for row in rows}) == first["total"]
    assert (await page(client, limit=5000))["limit"] == 100


async def test_response_fields_trim(client: httpx.AsyncClient) -> None:
    document = await page(client, responseFields="total,items(id,sku)")
    assert set(document) == {"total", "items"}
    assert {frozenset(row) for row in rows_of(document)} == {frozenset({"id", "sku"})}


@pytest.mark.parametrize("sandbox", ["assorted"], indirect=True)
async def test_filters_narrow(client: httpx.AsyncClient) -> None:
    async def skus(**params: Any) -> list[object]:
        return [row["sku"] for row in rows_of(await page(client, responseFields="items(sku)", **params))]

    assert await skus(sku="NEG-001") == ["NEG-001"]
    assert await skus(sku="TPR-RED") == ["TPR-BAS"], "a variation's SKU finds its product"
    assert await skus(sku="nothing") == []
    assert await skus(enabled="false") == ["DIS-001"]
    assert "NEG-001" not in await skus(inStock="true")
    assert await skus(productId="692730761,692730762") == ["PLN-000", "PLN-001"]
    assert (await skus(sortBy="NAME_DESC"))[0] == "VOT-BAS"


async def test_a_delta_holds_what_changed_since(sandbox: Sandbox, client: httpx.AsyncClient, clock: HandClock) -> None:
    clock.advance(10 * MINUTE)
    sandbox.catch_up()
    sandbox.store.set_quantity(MASTER, "AMB-220", 5)
    since = (FRIDAY + 5 * MINUTE) // 1_000
    assert [row["sku"] for row in rows_of(await page(client, updatedFrom=since))] == ["AMB-220"]
    assert [row["sku"] for row in rows_of(await page(client, updatedFrom="2026-11-27 10:40:00"))] == ["AMB-220"]
    assert len(rows_of(await page(client, updatedFrom=since, updatedTo=since))) == 0


@pytest.mark.parametrize("sandbox", ["assorted"], indirect=True)
async def test_a_public_token_sees_what_a_shopper_sees(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    shown = {row["sku"] for row in rows_of(await page(client, token=sandbox.router.tokens["embed"]))}
    everything = {row["sku"] for row in rows_of(await page(client))}
    assert everything - shown == {"DIS-001", "HID-001"}
    sandbox.store.set_quantity("embed", "HID-001", 4)
    shown = {row["sku"] for row in rows_of(await page(client, token=sandbox.router.tokens["embed"]))}
    assert everything - shown == {"DIS-001"}
    sandbox.store.delete("PLN-000")
    assert (await page(client, token=sandbox.router.tokens["embed"]))["total"] == len(shown) - 1
    assert (await page(client))["total"] == len(everything) - 1


async def test_each_surface_has_its_own_state(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.store.set_quantity("embed", "AMB-220", 99)
    for viewer, expected in ((MASTER, 7), ("embed", 99), ("instant-site", 7)):
        rows = rows_of(await page(client, token=sandbox.router.tokens[viewer], sku="AMB-220"))
        assert [row["quantity"] for row in rows] == [expected]


async def test_errors_have_ecwids_form(client: httpx.AsyncClient) -> None:
    for headers, path, status in (
        ({"Authorization": ""}, PRODUCTS, 401),
        ({"Authorization": "Bearer secret_wrong"}, PRODUCTS, 403),
        ({}, "/api/v3/1/products", 403),
        ({}, f"{PRODUCTS}?offset=minus", 400),
        ({}, f"{PRODUCTS}?sortBy=COLOUR", 400),
        ({}, f"{PRODUCTS}?inStock=perhaps", 400),
        ({}, f"{PRODUCTS}?responseFields=items(id", 400),
        ({}, "/elsewhere", 404),
    ):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"errorMessage", "errorCode"}


async def test_the_throttle_is_per_token_and_by_the_minute(
    sandbox: Sandbox, client: httpx.AsyncClient, clock: HandClock
) -> None:
    for _ in range(PER_MINUTE):
        assert sandbox.router.throttles[MASTER].refuse_for(clock()) == 0
    answer = await client.get(PRODUCTS)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    other = {"Authorization": f"Bearer {sandbox.router.tokens['embed']}"}
    assert (await client.get(PRODUCTS, headers=other)).status_code == 200
    clock.advance(60_000)
    assert (await client.get(PRODUCTS)).status_code == 200


def test_going_on_with_a_refused_token_earns_a_longer_block() -> None:
    throttle = Throttle()
    waits = [throttle.refuse_for(FRIDAY) for _ in range(PER_MINUTE + 21)]
    assert waits[:PER_MINUTE] == [0] * PER_MINUTE
    assert waits[-1] == 600
    assert throttle.refuse_for(FRIDAY + MINUTE) > 0
    assert throttle.refuse_for(FRIDAY + 12 * MINUTE) == 0
    assert throttle.most == PER_MINUTE + 21


async def test_feeds_say_when_they_were_written(sandbox: Sandbox, client: httpx.AsyncClient, clock: HandClock) -> None:
    answer = await client.get("/feeds/facebook.tsv")
    assert answer.headers["last-modified"] == "Fri, 27 Nov 2026 10:35:27 GMT"
    header, *rows = answer.text.splitlines()
    assert header.split("\t")[0] == "id"
    assert [row.split("\t")[5] for row in rows] == ["11", "7", "2", "15"]
    known = {"If-Modified-Since": answer.headers["last-modified"]}
    assert (await client.get("/feeds/facebook.tsv", headers=known)).status_code == 304
    clock.advance(5_000)
    sandbox.catch_up()
    sandbox.store.set_quantity("facebook", "AMB-220", 6)
    assert (await client.get("/feeds/facebook.tsv", headers=known)).status_code == 200
    assert (await client.get("/feeds/nothing.csv")).status_code == 404


@pytest.mark.parametrize("ending", ["csv", "tsv", "rss", "atom", "json", "jsonl", "rss.gz", "jsonl.gz"])
async def test_a_feed_is_the_same_in_every_format(ending: str, sandbox: Sandbox, clock: HandClock) -> None:
    http = http_of(clock)
    feed = feed_of(sandbox, http, ending=ending)
    clock.advance(MINUTE)  # a file that was written just now could be written again within the same second
    first = await feed.read(Covers.ALL)
    assert levels_of(first) == {"SEA-220": 11, "AMB-220": 7, "FIG-220": 2, "WMT-RFL": 15}
    assert first.as_of is not None
    assert first.as_of <= clock()
    clock.advance(5_000)
    again = await feed.read(Covers.ALL)
    assert (levels_of(again), again.read_at, again.as_of) == (levels_of(first), clock(), first.as_of)
    assert (again.traffic.requests, again.traffic.bytes) == (1, 0), "304, by its ETag"
    sandbox.store.set_quantity("facebook", "AMB-220", 6)
    assert levels_of(await feed.read(Covers.ALL))["AMB-220"] == 6
    await http.close()


async def test_a_feed_tells_as_of_which_moment_it_is_where_it_can(clock: HandClock) -> None:
    http = http_of(clock)
    async with serve("feed-stuck", clock=clock) as sandbox:
        shown = sandbox.store.shown["facebook"]
        assert shown.as_of < shown.generated_at
        as_of = {e: (await feed_of(sandbox, http, ending=e).read(Covers.ALL)).as_of for e in ("csv", "rss", "json")}
    await http.close()
    assert as_of["csv"] == shown.generated_at // 1_000 * 1_000, "Last-Modified, for want of a place in it"
    assert as_of["rss"] == as_of["json"] == shown.as_of // 1_000 * 1_000


async def test_a_condition_is_about_this_very_file(client: httpx.AsyncClient) -> None:
    rss = await client.get("/feeds/facebook.rss")
    for file, etag, status in (
        ("facebook.rss", rss.headers["etag"], 304),
        ("facebook.atom", rss.headers["etag"], 200),
        ("facebook.rss.gz", rss.headers["etag"], 200),
        ("facebook.rss", '"other"', 200),
    ):
        known = {"If-None-Match": etag, "If-Modified-Since": rss.headers["last-modified"]}
        assert (await client.get(f"/feeds/{file}", headers=known)).status_code == status, file
    for file in ("facebook", "facebook.xls", "facebook.gz", ".rss", "none.rss"):
        assert (await client.get(f"/feeds/{file}")).status_code == 404


async def test_answers_are_packed_where_asked(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {sandbox.router.tokens[MASTER]}"}
        packed = await client.get(PRODUCTS, headers={**headers, "Accept-Encoding": "gzip"})
        plain = await client.get(PRODUCTS, headers={**headers, "Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


async def test_the_truth_tells_all(client: httpx.AsyncClient) -> None:
    told = (await client.get("/truth")).json()
    sea = next(row for row in told["skus"] if row["sku"] == "SEA-220")
    assert sea["master"] == 3
    assert sea["surfaces"]["facebook"]["shows"] == 11
    assert {(drift["sku"], drift["offset"]) for drift in told["injected"]} == {("SEA-220", 8), ("FIG-220", 2)}


async def test_control_changes_levels_and_faults(client: httpx.AsyncClient) -> None:
    for body in (
        {"sku": "AMB-220", "surface": "master", "quantity": 1},
        {"sku": "GFT-025", "surface": "embed", "quantity": 9},
    ):
        assert (await client.post("/control/change", json=body)).status_code == 200
    assert rows_of(await page(client, sku="AMB-220"))[0]["quantity"] == 1
    for fault in FAULTS:
        body = {"surface": "facebook", "fault": fault}
        assert (await client.post("/control/faults", json=body)).status_code == 200
    await client.post("/control/faults", json={"surface": "facebook", "fault": None})
    assert (await client.get("/feeds/facebook.tsv")).status_code == 200
    for path, wrong in (
        ("/control/change", {"sku": "none", "surface": "master", "quantity": 1}),
        ("/control/change", {"sku": "AMB-220", "surface": "ebay", "quantity": 1}),
        ("/control/change", {"sku": "AMB-220"}),
        ("/control/faults", {"surface": "facebook", "fault": "flood"}),
        ("/control/faults", {"surface": "ebay", "fault": "html"}),
    ):
        answer = await client.post(path, json=wrong)
        assert answer.status_code == 400
        assert answer.json()["error"]


async def test_the_same_seed_and_times_give_the_same_bytes_on_the_wire() -> None:
    async def conversation() -> list[bytes]:
        clock = HandClock()
        async with serve("flash-sale", seed=7, skus=200, clock=clock) as sandbox:
            headers = {"Authorization": f"Bearer {sandbox.router.tokens[MASTER]}"}
            async with httpx.AsyncClient(base_url=sandbox.base_url, headers=headers, trust_env=False) as client:
                heard = []
                for path in (
                    PRODUCTS,
                    "/feeds/facebook.tsv",
                    "/feeds/instagram.csv",
                    f"{PRODUCTS}?offset=100",
                    "/truth",
                ):
                    clock.advance(3 * MINUTE)
                    answer = await client.get(path)
                    heard += [answer.content, repr(sorted(answer.headers.items())).encode()]
                return heard

    first, second = await asyncio.gather(conversation(), conversation())
    assert first == second


async def test_the_end_does_not_wait_for_those_who_hang(clock: HandClock) -> None:
    async with serve("candle", clock=clock) as sandbox:
        sandbox.store.faults["facebook"] = "too_late"
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
        writer.write(b"GET /feeds/facebook.tsv HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        await writer.drain()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
    assert await reader.read() == b""
    writer.close()


async def test_garbage_ends_the_connection_and_nothing_else(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    await writer.drain()
    assert await reader.read() == b""
    writer.close()
    assert (await client.get(PRODUCTS)).status_code == 200
