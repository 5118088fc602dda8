from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from stockdrift.settings.models import CollectorSettings
from stockdrift.stock.reading import Traffic
from stockdrift.stock.values import replace
from stockdrift.surfaces.answers import Answer, decode_json, nests_deeper
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, size_words
from stockdrift.surfaces.http import Endpoint, Http

from .fault_server import FaultServer
from .http_support import Time, quick_http

SECRET = "s3cr3t-t0ken"
Script = list[int | Exception | tuple[int, dict[str, str]]]


class Product(msgspec.Struct):
    sku: str
    quantity: int = 0


def scripted(script: Script, seen: list[httpx.Request] | None = None) -> httpx.MockTransport:
    """Answers as told, one after the other, then 200 with a product."""

    async def body() -> AsyncIterator[bytes]:
        yield b'{"sku":"a","quantity":3}'

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        step = script.pop(0) if script else 200
        if isinstance(step, Exception):
            raise step
        status, headers = step if isinstance(step, tuple) else (step, {})
        return httpx.Response(status, headers=headers, content=body())

    return httpx.MockTransport(answer)


def endpoint(time: Time, script: Script, *, tries: int = 4, per_minute: int = 0) -> Endpoint:
    http = quick_http(time, tries=tries, transport=scripted(script))
    budget = http.budget("https://api.test/v3", SecretStr(SECRET), per_minute) if per_minute else None
    return http.endpoint("https://api.test/v3", SecretStr(SECRET), budget)


async def fault_of(awaitable: Endpoint, path: str = "products") -> SurfaceFault:
    with pytest.raises(SurfaceFault) as caught:
        await awaitable.get(path)
    return caught.value


async def test_what_passes_is_tried_again_after_exact_waits() -> None:
    time = Time()
    source = endpoint(time, [503, httpx.ConnectError("refused"), 429])
    assert await source.get_json(Product, "products") == Product("a", 3)
    assert time.slept == [1.081, 2.075, 4.651]  # 1, 2, 4 s with the jitter of seed 7
    traffic = source.take_traffic()
    assert replace(traffic, calls=()) == Traffic(requests=4, failures=3, throttled=1, bytes=24)
    assert [(call.asked, call.began - traffic.calls[0].began, call.status, call.why) for call in traffic.calls] == [
        ("products", 0, 503, "HTTP 503"),
        ("products", 1_081, 0, "the connection failed"),
        ("products", 3_156, 429, "HTTP 429"),
        ("products", 7_807, 200, ""),
    ]
    assert source.take_traffic() == Traffic()


async def test_requests_are_told_one_by_one_page_by_page_and_of_very_many_not_all() -> None:
    source = endpoint(Time(), [200, 503])
    for _ in range(3):
        await source.get("v3/products", {"offset": 100})
    await source.get("log-in")
    told = source.take_traffic()
    assert [call.asked for call in told.calls] == [
        "products", "products page 2", "products page 2", "products page 3", "log-in",
    ]  # fmt: skip
    await source.get("products")
    assert source.take_traffic() == Traffic(requests=1, bytes=24), "one that went well is told by the read itself"
    script: Script = [*[200] * 120, 503]
    source = endpoint(Time(), script)
    for _ in range(121):
        await source.get("products")
    told = source.take_traffic()
    assert (told.requests, len(told.calls), told.calls[-1].why) == (122, 51, "HTTP 503")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_tries_end(status: int) -> None:
    time = Time()
    fault = await fault_of(endpoint(time, [status] * 9, tries=3))
    assert (fault.reason, fault.status) == (f"HTTP {status} after 3 tries", status)
    assert len(time.slept) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 501, 505])
async def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    time = Time()
    fault = await fault_of(endpoint(time, [status]))
    assert fault.reason.startswith(f"HTTP {status}")
    assert time.slept == []


@pytest.mark.parametrize(
    ("header", "slept"),
    [("30", 30.0), ("1", 1.081), ("Tue, 21 Apr 2026 00:00:45 GMT", 45.0), ("60", 60.0)],
)
async def test_retry_after_is_obeyed_where_longer(header: str, slept: float) -> None:
    time = Time()
    await endpoint(time, [(429, {"Retry-After": header})]).get("products")
    assert time.slept == [slept]


async def test_retry_after_beyond_the_cap_fails_at_once() -> None:
    time = Time()
    fault = await fault_of(endpoint(time, [(503, {"Retry-After": "61"})]))
    assert (fault.reason, fault.retry_after) == ("HTTP 503, Retry-After 61 s", 61_000)
    assert time.slept == []


async def test_a_429_pauses_every_reader_of_the_credential() -> None:
    time = Time()
    script: Script = [(429, {"Retry-After": "600"})]
    http = quick_http(time, transport=scripted(script))
    token = SecretStr(SECRET)
    budget = http.budget("https://api.test", token, 600)
    assert http.budget("https://api.test/", SecretStr(SECRET), 600) is budget
    assert http.budget("https://api.test", SecretStr("another"), 600) is not budget
    master, surface = (http.endpoint("https://api.test", token, budget) for _ in range(2))
    assert (await fault_of(master)).reason == "HTTP 429, Retry-After 10 min"
    time.now += 60_000
    fault = await fault_of(surface)
    assert fault.reason == "throttled earlier: the vendor asks for no requests for another 9 min"
    assert surface.take_traffic() == Traffic(budget=1.0)  # nothing was sent
    time.now += 540_000
    assert (await surface.get("products")).status == 200


async def test_readers_wait_their_turn_in_the_budget() -> None:
    time = Time()
    source = endpoint(time, [], per_minute=20)
    for _ in range(5):
        await source.get("products")
    assert time.slept == pytest.approx([60 / 18] * 3, abs=0.001)  # a burst of 2, then 18 a minute
    assert source.take_traffic().budget == pytest.approx(5 / 20)


async def test_a_429_that_another_reader_meets_while_we_wait_holds_us_too() -> None:
    time = Time()
    http = quick_http(time, transport=scripted([]))
    budget = http.budget("https://api.test", None, 10)
    source = http.endpoint("https://api.test", None, budget)
    await source.get()

    async def sleep(seconds: float) -> None:
        if not time.slept:
            budget.throttled(time.now, 20_000)
        await time.sleep(seconds)

    http.sleep = sleep
    await source.get()
    assert time.slept == [6.667, 13.333]


async def test_no_cookie_is_kept_and_no_proxy_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with FaultServer(b"id,inventory\na,3\n") as server:
        http = quick_http(Time())
        source = http.endpoint(server.url("html-by-type-only"))
        await source.get()
        await source.get()
        await http.close()
    assert len(server.requests) == 2
    assert not any("cookie" in headers for _, headers in server.requests)


async def test_deadline_spans_the_whole_try() -> None:
    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.005)

    time = Time()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=dripping()))
    http = quick_http(time, timeout_ms=60, tries=1, transport=transport)
    fault = await fault_of(http.endpoint("https://api.test"))
    assert fault.reason.startswith("the answer did not end within 60 ms")
    assert fault.kind is Fault.LATE


async def test_fewer_bytes_than_announced_are_cut_off() -> None:
    source = endpoint(Time(), [(200, {"Content-Length": "4096"})], tries=1)
    assert (await fault_of(source)).reason == "cut off after 24 bytes of 4 kB"


async def test_what_is_announced_too_large_is_not_read() -> None:
    source = endpoint(Time(), [(200, {"Content-Length": "9999999"})], tries=1)
    assert (await fault_of(source)).reason == "larger than 256 kB"
    assert source.take_traffic().bytes == 0


async def test_cancellation_is_no_fault() -> None:
    async with FaultServer(b"") as server:
        http = quick_http(Time())
        task = asyncio.create_task(http.endpoint(server.url("too-late")).get())
        await asyncio.wait_for(server.asked.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await http.close()


@pytest.mark.parametrize(
    ("base", "path", "params", "asked"),
    [
        ("https://a.test/v3/", "/products", {"offset": 100}, "https://a.test/v3/products?offset=100"),
        ("https://a.test/feed.csv?key=1", "", {}, "https://a.test/feed.csv?key=1"),
        ("https://a.test/feed?key=1", "", {"page": 2}, "https://a.test/feed?key=1&page=2"),
        ("https://a.test", "x", {"q": "a b&c"}, "https://a.test/x?q=a+b%26c"),
    ],
)
async def test_addresses(base: str, path: str, params: dict[str, int | str], asked: str) -> None:
    seen: list[httpx.Request] = []
    http = quick_http(Time(), transport=scripted([], seen))
    await http.endpoint(base).get(path, params)
    assert str(seen[0].url) == asked
    assert seen[0].headers["user-agent"].startswith("stockdrift/")


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ("ftp://a.test/x", "only http and https are read, not ftp"),
        ("file:///etc/passwd", "only http and https are read, not file"),
        ("feed.csv", "only http and https are read, not an address without them"),
        ("http://", "the address names no host"),
        ("http://[::1", "the address is not a valid URL"),
        (f"http://a.test:port/?key={SECRET}", "the address is not a valid URL"),
    ],
)
async def test_addresses_that_are_not_read(base: str, reason: str) -> None:
    assert (await fault_of(quick_http(Time()).endpoint(base), "")).reason == reason


def redirecting(location: str) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(302, headers={"Location": location}))


@pytest.mark.parametrize(
    ("base", "location", "reason"),
    [
        ("https://a.test", "http://a.test/", "HTTP 302: a redirect to another host (a.test) is not followed"),
        ("https://a.test:8443", "http://a.test:8443/", "HTTP 302: a redirect from https to http is not followed"),
        ("https://a.test", "https://b.test/", "HTTP 302: a redirect to another host (b.test) is not followed"),
        ("https://a.test", "//b.test/", "HTTP 302: a redirect to another host (b.test) is not followed"),
        ("https://a.test", "https://a.test@b.test/", "HTTP 302: a redirect to another host (b.test) is not followed"),
        ("https://a.test", "/again", "more than 3 redirects"),
        ("http://a.test", "https://a.test/again", "more than 3 redirects"),
    ],
)
async def test_redirects_stay_on_the_host_and_on_https(base: str, location: str, reason: str) -> None:
    source = quick_http(Time(), transport=redirecting(location)).endpoint(base, SecretStr(SECRET))
    fault = await fault_of(source)
    assert (fault.reason, fault.kind) == (reason, Fault.REDIRECT)
    assert source.take_traffic().failures == 1


async def test_a_redirect_without_a_valid_address_is_no_http() -> None:
    source = quick_http(Time(), tries=1, transport=redirecting("http://a.test:port/")).endpoint("https://a.test")
    assert (await fault_of(source)).reason == "the connection was closed, or its answer was not HTTP"


@pytest.mark.parametrize("fault", ["401", "half", "refused", "redirect-elsewhere", "not-http", "429-long"])
async def test_no_secret_in_reasons_tracebacks_or_logs(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FaultServer(b"id,inventory\n" * 100, secret=SECRET) as server:
        http = quick_http(Time())
        source = http.endpoint(server.url(fault), SecretStr(SECRET))
        with pytest.raises(SurfaceFault) as caught:
            await source.get(params={"signature": SECRET})
        await http.close()
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    told += repr(source.take_traffic())
    assert "s3cr3t" not in told
    assert caught.value.__context__ is None


async def test_a_token_that_no_header_can_carry_is_refused_unspoken() -> None:
    source = quick_http(Time()).endpoint("https://a.test", SecretStr("s3cr3t\r\nX-Evil: 1"))
    assert (await fault_of(source)).reason == "the token holds characters that a header cannot carry"


def test_limits_come_from_the_settings() -> None:
    settings = CollectorSettings.model_validate({"timeout": "5s", "max_bytes": 4096, "tries": 2, "backoff_cap": "9s"})
    http = Http.of(settings)
    assert (http.limits.timeout, http.limits.max_bytes, http.tries, http.backoff_cap_ms) == (5_000, 4_096, 2, 9_000)


def html(body: bytes, content_type: str = "application/json") -> Answer:
    return Answer(200, {"content-type": content_type}, body)


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (html(b"<html>"), Fault.SHAPE, "HTML instead of JSON"),
        (html(b"\xef\xbb\xbf \n<!doctype html>"), Fault.SHAPE, "HTML instead of JSON"),
        (html(b"{}", "text/html; charset=utf-8"), Fault.SHAPE, "HTML instead of JSON"),
        (html(b""), Fault.EMPTY, "an empty answer instead of JSON"),
        (html(b" \n"), Fault.EMPTY, "an empty answer instead of JSON"),
        (html(b'{"sku":"a","quan'), Fault.CUT, "the JSON is cut off after 16 bytes"),
        (html(b"sku,quantity"), Fault.SHAPE, "not JSON: JSON is malformed"),
        (html(b'{"quantity":3}'), Fault.SHAPE, "JSON of another shape: Object missing required field `sku`"),
        (html(b'{"sku":"a","quantity":"%s"}' % SECRET.encode()), Fault.SHAPE, "JSON of another shape: Expected `int`"),
        (html(b"[" * 100_000), Fault.LARGE, "nested deeper than 64"),
        (html(b'{"sku":{"a":' * 50_000), Fault.LARGE, "nested deeper than 64"),
    ],
)
def test_json_that_is_none(answer: Answer, kind: Fault, reason: str) -> None:
    with pytest.raises(SurfaceFault) as caught:
        decode_json(answer, Product)
    assert caught.value.kind is kind
    assert caught.value.reason.startswith(reason)
    assert SECRET not in caught.value.reason


def test_depth_ignores_strings_and_siblings() -> None:
    assert not nests_deeper(b"[" + b"[],{}," * 500 + b"[]]", 2)
    assert nests_deeper(b"[[[]]]", 2)
    assert not nests_deeper(b'["' + b"[" * 100 + b'", "\\"' + b"{" * 100 + b'", "\\\\", []]', 2)
    assert nests_deeper(b'["\\\\", [[' + b"[]]]]", 3)


def test_depth_goes_on_from_block_to_block() -> None:
    siblings = b"[]" * 2**19
    assert nests_deeper(b"[[" + siblings + b"[", 2)
    assert not nests_deeper(b"[[" + siblings + b"]" + b"[" + siblings + b"]", 3)
    assert nests_deeper(b"[[" + siblings + b"[" + siblings, 3)


def test_depth_of_an_open_string_takes_no_quadratic_time() -> None:
    body = b"[" * 65 + b'"' + b'\\"' * 2_000_000
    assert nests_deeper(body, 64)
    assert not nests_deeper(b'"' + b'\\"[' * 2_000_000, 64)


def depth_by_hand(body: bytes) -> int:
    depth = most = 0
    in_string = escaped = False
    for byte in body.decode():
        if escaped:
            escaped = False
        elif in_string:
            escaped, in_string = byte == "\\", byte != '"'
        elif byte in "[{":
            depth += 1
            most = max(most, depth)
        elif byte in "]}":
            depth -= 1
        else:
            in_string = byte == '"'
    return most


def test_words() -> None:
    sizes = [1, 12, 1_023, 40 * 1_024, 256 * 2**20, 3 * 2**19]
    assert list(map(size_words, sizes)) == ["1 byte", "12 bytes", "1023 bytes", "40 kB", "256 MB", "1.5 MB"]
    spans = [250, 1_500, 30_000, 60_000, 600_000, 86_400_000]
    assert list(map(duration_words, spans)) == ["250 ms", "1.5 s", "30 s", "60 s", "10 min", "24 h"]


@given(st.text(alphabet='[]{}"\\ax', max_size=60), st.integers(0, 6))
def test_depth_equals_a_walk_by_hand(text: str, depth: int) -> None:
    assert nests_deeper(text.encode(), depth) == (depth_by_hand(text.encode()) > depth)
