"""Every way in which a feed's server can fail: never a crash, an agreement or a zero, and no secret in the reason."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.surfaces.feed import FeedConnector

from .fault_server import FAULTS, FaultServer
from .http_support import Time, quick_http

BODY = b"id,inventory\n" + b"".join(b"SKU-%03d,%d\n" % (number, number + 1) for number in range(200))
FAILED, PARTIAL = Outcome.FAILED, Outcome.PARTIAL

EXPECTED: dict[str, tuple[Outcome, str]] = {
    "401": (FAILED, "HTTP 401: the token is refused"),
    "403": (FAILED, "HTTP 403: the token may not read this"),
    "404": (FAILED, "HTTP 404: nothing is there"),
    "429": (FAILED, "HTTP 429 after 3 tries"),
    "429-wait": (FAILED, "HTTP 429 after 3 tries, Retry-After 7 s"),
    "429-long": (FAILED, "HTTP 429, Retry-After 24 h"),
    "500": (FAILED, "HTTP 500 after 3 tries"),
    "503": (FAILED, "HTTP 503 after 3 tries, Retry-After 2 s"),
    "204": (PARTIAL, "HTTP 204: no content"),
    "206": (PARTIAL, "HTTP 206: only a part was sent (3 tries)"),
    "html": (FAILED, "HTML instead of a table"),
    "html-as-data": (FAILED, "HTML instead of a table"),
    "half": (PARTIAL, "cut off after 1 kB of 2 kB (3 tries)"),
    "half-chunked": (PARTIAL, "cut off after 1 kB (3 tries)"),
    "half-unframed": (PARTIAL, "the answer has no stated length and ends within a row"),
    "half-packed": (PARTIAL, "cut off after"),
    "empty": (PARTIAL, "empty"),
    "header-only": (PARTIAL, "only a header row"),
    "binary": (FAILED, "not a text file"),
    "deep": (FAILED, "nested too deep"),
    "too-much": (FAILED, "larger than 256 kB"),
    "endless": (FAILED, "larger than 256 kB"),
    "bomb": (FAILED, "larger than 256 kB"),
    "not-packed": (PARTIAL, "the gzip stream is damaged (3 tries)"),
    "unknown-packing": (FAILED, "packed as br, which was not asked for"),
    "too-late": (FAILED, "no answer within 300 ms (3 tries)"),
    "drip": (FAILED, "the answer did not end within 300 ms"),
    "refused": (FAILED, "connection refused (3 tries)"),
    "reset": (PARTIAL, "cut off after 1 kB of 2 kB (3 tries)"),
    "hang-up": (FAILED, "the connection was closed, or its answer was not HTTP (3 tries)"),
    "not-http": (FAILED, "the connection was closed, or its answer was not HTTP (3 tries)"),
    "redirect-loop": (FAILED, "more than 3 redirects"),
    "redirect-elsewhere": (FAILED, "HTTP 302: a redirect to another host (•••.example) is not followed"),
    "redirect-port": (FAILED, "HTTP 302: a redirect to another host (127.0.0.1) is not followed"),
    "redirect-file": (FAILED, "HTTP 302: a redirect to another host (?) is not followed"),
}
GOOD = {"ok": 200, "dated": 200, "html-by-type-only": 200, "packed": 200, "redirect-once": 200, "fewer-rows": 2}


async def read(server: FaultServer, fault: str) -> Reading:
    time = Time()
    slow = fault in ("too-late", "drip")
    http = quick_http(time, timeout_ms=300 if slow else 10_000)
    settings = FeedSettings.model_construct(
        **{**FeedSettings(system="feed", url=server.url(fault)).__dict__, "token": SecretStr(server.secret)}
    )
    connector = FeedConnector("facebook", settings, http, time.clock)
    try:
        return await connector.read(Covers.ALL)
    finally:
        await connector.close()
        await http.close()


def test_no_fault_is_left_out() -> None:
    assert set(FAULTS) == set(EXPECTED) | set(GOOD)


@pytest.mark.parametrize("fault", EXPECTED)
async def test_fault_is_unknown_with_its_reason(fault: str) -> None:
    async with FaultServer(BODY) as server:
        reading = await read(server, fault)
    outcome, reason = EXPECTED[fault]
    assert (reading.outcome, reading.reason[: len(reason)]) == (outcome, reason)
    assert len(reading.skus) == len(reading.states) == len(reading.quantities) == 0
    assert server.secret not in repr(reading)
    assert reading.traffic.requests >= (0 if fault == "refused" else 1)


@pytest.mark.parametrize("fault", GOOD)
async def test_what_is_no_fault_is_complete(fault: str) -> None:
    async with FaultServer(BODY) as server:
        reading = await read(server, fault)
        assert all(headers["authorization"] == f"Bearer {server.secret}" for _, headers in server.requests)
    assert (reading.outcome, reading.reason) == (Outcome.COMPLETE, "")
    assert len(reading.skus) == GOOD[fault]
    assert reading.quantities.tolist() == list(range(1, GOOD[fault] + 1))
    assert reading.traffic.failures == 0
    assert reading.traffic.requests == (2 if fault == "redirect-once" else 1)
