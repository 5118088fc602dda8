"""Questions put by POST, tokens that change, headers of a vendor's own, and errors in a vendor's own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import httpx
import msgspec
import pytest
from pydantic import SecretStr

from stockdrift.stock.reading import Traffic
from stockdrift.surfaces.budget import Budget
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint

from .http_support import Time, quick_http

PASSWORD = SecretStr("correct horse")


Served = tuple[httpx.MockTransport, list[httpx.Request]]


def by(status: int = 200, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> Served:
    seen: list[httpx.Request] = []

    async def streamed() -> AsyncIterator[bytes]:
        yield body

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, headers=headers, content=streamed())

    return httpx.MockTransport(handle), seen


async def fault_of(source: Endpoint) -> SurfaceFault:
    with pytest.raises(SurfaceFault) as caught:
        await source.post("graphql", {"query": "{ shop }"})
    return caught.value


async def test_a_question_goes_out_as_json() -> None:
    transport, seen = by()
    source = quick_http(Time(), transport=transport).endpoint("https://api.test/v1", SecretStr("t0ken"))
    await source.post("graphql", {"query": "{ shop }", "variables": {"first": 3}}, {"channel": "uk"})
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://api.test/v1/graphql")
    assert msgspec.json.decode(request.content) == {"query": "{ shop }", "variables": {"first": 3}}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["channel"] == "uk"
    assert source.take_traffic() == Traffic(requests=1, bytes=2)


async def test_a_question_is_tried_again_and_not_sent_elsewhere() -> None:
    time = Time()
    transport, seen = by(status=503)
    source = quick_http(time, tries=3, transport=transport).endpoint("https://api.test")
    assert (await fault_of(source)).reason == "HTTP 503 after 3 tries"
    assert len(seen) == 3

    moved, seen = by(307, headers={"location": "https://api.test/elsewhere"})
    source = quick_http(time, transport=moved).endpoint("https://api.test", SecretStr("t0ken"))
    assert (await fault_of(source)).reason == "HTTP 307"
    assert len(seen) == 1, "what was asked by POST is not asked again by the grace of a redirect"


async def test_another_token_takes_over_and_neither_is_ever_told() -> None:
    said_so = b'{"message":"no such user: old-token new-token correct horse"}'
    transport, seen = by(400, said_so, headers={"X-Shop": "seven"})

    def said(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault:
        assert headers["x-shop"] == "seven"
        return SurfaceFault(msgspec.json.decode(body)["message"], Fault.REJECTED, status=status)

    source = quick_http(Time(), transport=transport).endpoint("https://api.test", SecretStr("old-token"), refusal=said)
    source.conceal(PASSWORD)
    source.use(SecretStr("new-token"))
    assert (await fault_of(source)).reason == "no such user: ••• ••• •••"
    assert seen[0].headers["authorization"] == "Bearer new-token"


async def test_a_token_travels_in_the_header_that_the_vendor_names() -> None:
    transport, seen = by()
    http = quick_http(Time(), transport=transport)
    await http.endpoint("https://api.test", SecretStr("pk_1"), carrier=("x-publishable-api-key", "")).get()
    await http.endpoint("https://api.test", SecretStr("sk_1"), carrier=("Authorization", "Basic ")).get()
    assert seen[0].headers["x-publishable-api-key"] == "pk_1"
    assert "authorization" not in seen[0].headers
    assert seen[1].headers["authorization"] == "Basic sk_1"


async def test_a_throttle_by_any_other_name_pauses_the_budget() -> None:
    time = Time()
    transport, seen = by(status=400)

    def throttled(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault:
        return SurfaceFault("too many calls (code 4)", Fault.THROTTLED, status=status, retry_after=1_140_000)

    http = quick_http(time, transport=transport)
    budget = http.budget("https://api.test", None, 100, 3_600_000)
    source = http.endpoint("https://api.test", None, budget, refusal=throttled)
    assert (await fault_of(source)).reason == "too many calls (code 4), Retry-After 19 min"
    again = await fault_of(source)
    assert again.reason == "throttled earlier: the vendor asks for no requests for another 19 min"
    assert len(seen) == 1
    traffic = source.take_traffic()
    assert (traffic.requests, traffic.failures, traffic.throttled, traffic.budget) == (1, 1, 1, 1.0)
    assert [(call.status, call.why) for call in traffic.calls] == [(400, "too many calls (code 4)")]


@pytest.mark.parametrize("body", [b"", b"\xff" * 70_000], ids=["nothing", "a flood"])
async def test_an_error_without_words_is_told_by_its_status(body: bytes) -> None:
    transport, _ = by(status=403, body=body)
    source = quick_http(Time(), transport=transport).endpoint("https://api.test", refusal=lambda *_: None)
    fault = await fault_of(source)
    assert (fault.reason, fault.kind) == ("HTTP 403: it may not be read without a token", Fault.REFUSED)


def test_an_hour_is_a_window_like_a_minute() -> None:
    hour = 3_600_000
    budget, now = Budget(100, hour), 1_000_000
    waits = [budget.reserve(now) for _ in range(12)]
    assert waits[:10] == [0] * 10
    assert waits[10:] == [40_000, 80_000]  # ninety more in the rest of the hour
    assert budget.share(now) == pytest.approx(0.10)
    assert budget.share(now + 80_000) == pytest.approx(0.12)
    budget.pause(now + 80_000, 300_000)
    assert budget.paused_for(now + 90_000) == 290_000
    assert budget.share(now + 90_000) == 1.0
    assert budget.refusals == 0
