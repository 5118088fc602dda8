"""A Meta catalogue: what items state, cursors that lead astray, errors by their code, and an allowance by the hour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import msgspec
import pytest
from pydantic import SecretStr

from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.server import serve
from stockdrift.settings.systems import MetaSettings
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.surfaces.faults import Fault
from stockdrift.surfaces.meta import MetaConnector
from stockdrift.surfaces.meta_wire import refusal, usage
from tests.doubles.shops import meta_of
from tests.sandbox.kit import HandClock, http_of, levels_of
from tests.surfaces.http_support import Time, quick_http

TOKEN = "EAAB-very-secret"
EDGE = "https://graph.test/v25.0/7/products"
HOUR = 3_600_000
PER_HOUR = 100

Answer = tuple[int, Mapping[str, str], Any]


def item(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": str(number), "retailer_id": f"SKU-{number}", "quantity_to_sell_on_facebook": number, **fields}


def page(numbers: range, total: int, after: str = "", following: str = EDGE, **more: Any) -> Answer:
    """A page of items; with ``after`` there is another one."""
    paging: dict[str, Any] = {"cursors": {"before": "x", "after": after or "end"}}
    if after:
        paging["next"] = f"{following}?access_token={TOKEN}&after={after}"
    whole = {"data": [item(number) for number in numbers], "paging": paging, "summary": {"total_count": total}}
    return 200, {}, {**whole, **more}


def error(
    code: int, message: str = "", subcode: int = 0, status: int = 400, headers: Mapping[str, str] | None = None
) -> Answer:
    told = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}
    return status, headers or {}, {"error": told}


class Meta:
    """A connector to a Graph API that answers as it is told, one answer after the other."""

    def __init__(self, *script: Answer, time: Time | None = None, levels: str = "quantity") -> None:
        self.script = list(script)
        self.asked: list[httpx.Request] = []
        self.time = time or Time()
        self.http = quick_http(self.time, tries=2, transport=httpx.MockTransport(self._answer))
        given = {"system": "meta", "catalog_id": 7, "api": "https://graph.test/v25.0", "levels": levels}
        settings = MetaSettings.model_validate({**given, "token": SecretStr(TOKEN)})
        self.connector = MetaConnector("facebook", settings, self.http)

    async def read(self) -> Reading:
        reading = await self.connector.read(Covers.ALL)
        assert TOKEN not in repr(reading)
        return reading

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status, headers, value = self.script.pop(0)

        async def body() -> AsyncIterator[bytes]:
            yield msgspec.json.encode(value)

        return httpx.Response(status, headers=headers, content=body())


async def test_pages_are_followed_by_their_cursors_on_our_own_address() -> None:
    meta = Meta(page(range(3), 5, "c1"), page(range(3, 5), 5))
    reading = await meta.read()
    assert (reading.outcome, levels_of(reading)) == (Outcome.COMPLETE, {f"SKU-{number}": number for number in range(5)})
    first, second = meta.asked
    assert [request.headers["authorization"] for request in meta.asked] == [f"Bearer {TOKEN}"] * 2
    assert first.url.params["summary"] == "true"
    assert "after" not in first.url.params
    assert (second.url.path, second.url.params["after"]) == ("/v25.0/7/products", "c1")
    assert "access_token" not in second.url.params, "the address in the answer holds the token; we keep our own"


@pytest.mark.parametrize(
    ("script", "outcome", "reason"),
    [
        ([page(range(3), 5, "c1"), page(range(3, 5), 5, "c1")], "partial", "a cursor repeats"),
        ([page(range(3), 5, "c1"), page(range(2, 5), 5)], "partial", "a page repeats items"),
        ([page(range(3), 5)], "partial", "3 items came where the total is 5"),
        ([page(range(3), 5, "c1"), page(range(3, 4), 5)], "partial", "4 items came where the total is 5"),
        ([page(range(3), 5, "c1"), (200, {}, {"data": []})], "partial", "3 items came where the total is 5"),
        (
            [page(range(3), 5, "c1", "https://evil.test/v25.0/7/products")],
            "failed",
            "the next page is on another host, which is not asked",
        ),
        ([page(range(3), 5, "c1", "http://graph.test/v25.0/7/products")], "failed", "the next page is on another host"),
        (
            [page(range(3), 5, "c1", paging={"next": EDGE})],
            "partial",
            "there is a next page, and no cursor for it",
        ),
        (
            [page(range(3), 9, "c1"), *(page(range(0), 9, f"e{n}") for n in range(3))],
            "partial",
            "3 empty pages in a row",
        ),
        ([(200, {}, {"data": [item(1)]})], "failed", "the answer does not say how many items there are"),
        ([page(range(0), 0)], "partial", "no items"),
        ([page(range(1), -1)], "failed", "a total of -1 items"),
        ([page(range(1), 3_000_000)], "failed", "a total of 3,000,000 items"),
        ([page(range(3), 5, "c1"), error(190, "expired")], "partial", "3 of 5 items came: HTTP 400: the token is"),
        ([(200, {}, error(190)[2])], "failed", "JSON of another shape"),
        ([(200, {}, [])], "failed", "JSON of another shape"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_proves_nothing_is_no_reading(script: list[Answer], outcome: str, reason: str) -> None:
    reading = await Meta(*script).read()
    assert (reading.outcome, reading.skus) == (outcome, ())
    assert reading.reason.startswith(reason)


async def test_an_empty_page_in_the_middle_is_passed_over() -> None:
    reading = await Meta(page(range(2), 4, "c1"), page(range(0), 4, "c2"), page(range(2, 4), 4)).read()
    assert len(levels_of(reading)) == 4


async def test_a_catalogue_that_moves_is_read_once_more_and_no_more() -> None:
    moved = [page(range(2), 4, "c1"), page(range(2, 4), 5, "c2")]
    meta = Meta(*moved, page(range(2), 4, "c1"), page(range(2, 4), 4))
    assert (await meta.read()).outcome is Outcome.COMPLETE
    meta = Meta(*moved, *moved)
    reading = await meta.read()
    assert (reading.outcome, reading.reason) == (
        Outcome.PARTIAL,
        "the number of items went from 4 to 5 during the read",
    )
    more = [page(range(2), 3, "c1"), page(range(2, 5), 3, "c2")]
    assert (await Meta(*more, *more).read()).reason == "more than 3 items came, and there is another page"


LEVELS: list[tuple[dict[str, Any], Any, Any]] = [
    ({"quantity_to_sell_on_facebook": 4, "inventory": 9}, 4, "unknown"),
    ({"inventory": 9}, 9, "unknown"),
    ({"quantity_to_sell_on_facebook": None, "inventory": 9}, 9, "unknown"),
    ({"quantity_to_sell_on_facebook": "", "inventory": 9}, "unknown", "unknown"),
    ({"quantity_to_sell_on_facebook": 2.5}, "unknown", "unknown"),
    ({}, "unknown", "unknown"),
    ({"availability": "in stock"}, "unknown", "in"),
    ({"availability": "in stock", "inventory": 0}, 0, "in"),
    ({"availability": "in_stock", "inventory": 3}, 3, "in"),
    ({"availability": "out of stock", "inventory": 0}, 0, "out"),
    ({"availability": "out of stock", "inventory": 3}, "out", "out"),
    ({"availability": "preorder", "inventory": 3}, "preorder", "preorder"),
    ({"availability": "available for order"}, "preorder", "preorder"),
    ({"availability": "discontinued", "inventory": 3}, "disabled", "disabled"),
    ({"availability": "pending", "inventory": 3}, "disabled", "disabled"),
    ({"availability": "mark_as_sold", "inventory": 0}, 0, "out"),
    ({"availability": "plenty", "inventory": 3}, "unknown", "unknown"),
    ({"visibility": "published", "inventory": 3}, 3, "unknown"),
    ({"visibility": "staging", "inventory": 3}, "disabled", "disabled"),
    ({"visibility": "hidden", "inventory": 3, "availability": "in stock"}, "disabled", "disabled"),
    ({"visibility": "whitelist_only", "inventory": 3}, "disabled", "disabled"),
    ({"inventory": 3, "errors": [{"error_priority": "HIGH", "title": "Missing image"}]}, "unknown", "unknown"),
    ({"inventory": 3, "availability": "in stock", "errors": [{"error_priority": "LOW"}]}, 3, "in"),
]


@pytest.mark.parametrize("levels", ["quantity", "availability"])
async def test_what_items_state(levels: str) -> None:
    rows = [{"id": str(number), "retailer_id": f"S{number}", **fields} for number, (fields, _, _) in enumerate(LEVELS)]
    rows.append({"id": "99", "retailer_id": " ", "inventory": 1})
    meta = Meta((200, {}, {"data": rows, "summary": {"total_count": len(rows)}}), levels=levels)
    reading = await meta.read()
    wanted = {f"S{n}": counted if levels == "quantity" else shown for n, (_, counted, shown) in enumerate(LEVELS)}
    assert levels_of(reading) == wanted
    assert reading.bad_count == 1 + list(wanted.values()).count("unknown")
    said = {bad.sku: bad.said for bad in reading.bad_rows}
    assert said[""] == "item 99 has no retailer_id"
    assert said["S21"] == "Missing image"


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "status", "words"),
    [
        (190, 463, Fault.REFUSED, 401, "the token is refused (code 190)"),
        (102, 0, Fault.REFUSED, 401, "the token is refused (code 102)"),
        (10, 0, Fault.REFUSED, 403, "the token may not read this (code 10)"),
        (200, 0, Fault.REFUSED, 403, "the token may not read this (code 200)"),
        (299, 0, Fault.REFUSED, 403, "the token may not read this (code 299)"),
        (4, 0, Fault.THROTTLED, 400, "throttled (code 4)"),
        (17, 0, Fault.THROTTLED, 400, "throttled (code 17)"),
        (32, 0, Fault.THROTTLED, 400, "throttled (code 32)"),
        (613, 0, Fault.THROTTLED, 400, "throttled (code 613)"),
        (80_004, 0, Fault.THROTTLED, 400, "throttled (code 80004)"),
        (80_014, 0, Fault.THROTTLED, 400, "throttled (code 80014)"),
        (2, 0, Fault.SERVER, 503, "a passing fault (code 2)"),
        (100, 33, Fault.MISSING, 404, "there is no such catalogue, or the token may not see it (code 100)"),
        (100, 0, Fault.REJECTED, 400, "refused (code 100)"),
        (2635, 0, Fault.REJECTED, 400, "refused (code 2635)"),
    ],
)
def test_a_code_means_what_it_means_whatever_the_status(
    code: int, subcode: int, kind: Fault, status: int, words: str
) -> None:
    body = msgspec.json.encode(error(code, "so it says", subcode)[2])
    fault = refusal(400, {}, body)
    assert fault is not None
    assert (fault.kind, fault.status) == (kind, status)
    assert fault.reason == f"HTTP 400: {words}: so it says"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error":"x"}', b'{"data":[]}', b"[" * 90_000])
def test_an_error_in_other_words_is_told_by_its_status(body: bytes) -> None:
    assert refusal(500, {}, body) is None


async def test_a_throttle_is_waited_out_and_not_hammered() -> None:
    told = {"X-Business-Use-Case-Usage": '{"7":[{"call_count":100,"estimated_time_to_regain_access":19}]}'}
    meta = Meta(error(80_004, "too many calls", headers=told), page(range(2), 2))
    throttled = await meta.read()
    assert throttled.outcome is Outcome.FAILED
    assert throttled.reason == "HTTP 400: throttled (code 80004): too many calls, Retry-After 19 min"
    assert (throttled.traffic.throttled, throttled.traffic.budget) == (1, 1.0)
    still = await meta.read()
    assert still.reason == "throttled earlier: the vendor asks for no requests for another 19 min"
    assert len(meta.asked) == 1
    meta.time.now += 19 * 60_000
    assert (await meta.read()).outcome is Outcome.COMPLETE


async def test_usage_that_is_nearly_spent_is_shown_and_a_wait_is_kept_before_the_throttle() -> None:
    told = {"x-business-use-case-usage": '{"7":[{"call_count":62,"total_time":87}]}'}
    status, _, body = page(range(2), 2)
    waits = {"x-app-usage": '{"call_count":100}'}
    meta = Meta((status, told, body), (status, waits, body))
    assert (await meta.read()).traffic.budget == pytest.approx(0.87)
    assert (await meta.read()).outcome is Outcome.COMPLETE
    assert (await meta.read()).reason.startswith("throttled earlier: the vendor asks for no requests for another 5 min")


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, (0.0, 0)),
        ({"x-app-usage": "nonsense"}, (0.0, 0)),
        ({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}, (0.28, 0)),
        ({"x-app-usage": '{"call_count":120}'}, (1.0, 300_000)),
        ({"x-business-use-case-usage": '{"1":[{"call_count":5}],"2":[{"total_cputime":9}]}'}, (0.09, 0)),
        ({"x-business-use-case-usage": '{"1":[{"estimated_time_to_regain_access":2.5}]}'}, (0.0, 150_000)),
        ({"x-business-use-case-usage": "[]"}, (0.0, 0)),
    ],
)
def test_usage_headers(headers: dict[str, str], found: tuple[float, int]) -> None:
    assert usage(headers) == pytest.approx(found)


async def test_a_page_that_asks_for_too_much_is_halved_for_good() -> None:
    too_much = error(1, "Please reduce the amount of data you're asking for, then retry your request", status=500)
    limit = error(100, "(#100) Param limit must be at most 250")
    meta = Meta(too_much, limit, page(range(3), 5, "c1"), page(range(3, 5), 5))
    assert (await meta.read()).outcome is Outcome.COMPLETE
    assert [int(request.url.params["limit"]) for request in meta.asked] == [500, 250, 125, 125]
    stubborn = Meta(*[too_much] * 9)
    assert (await stubborn.read()).reason.startswith("HTTP 500: asks for too much at once (code 1)")
    assert [int(request.url.params["limit"]) for request in stubborn.asked] == [500, 250, 125, 62, 31, 25]


@pytest.mark.parametrize("allowed", [40, PER_HOUR])
async def test_the_calls_of_an_hour_are_not_exceeded(allowed: int) -> None:
    clock = HandClock()
    http = http_of(clock)
    async with serve(SCENARIOS["assorted"], clock=clock) as sandbox:
        connector = meta_of(sandbox, http, calls_per_hour=allowed)
        sent: list[int] = []
        for _ in range(allowed + 30):
            reading = await connector.read(Covers.ALL)
            assert (reading.outcome, reading.traffic.throttled) == (Outcome.COMPLETE, 0), reading.reason
            sent.append(clock())
    await http.close()
    busiest = max(sum(1 for other in sent if at <= other < at + HOUR) for at in sent)
    assert allowed * 0.9 <= busiest <= allowed


async def test_the_sandbox_throttles_who_does_not_hold_back() -> None:
    clock = HandClock()
    async with serve(SCENARIOS["assorted"], clock=clock) as sandbox:
        statuses = []
        for _ in range(PER_HOUR + 2):
            reply = sandbox.router.answer(
                "GET",
                f"/graph/v25.0/{sandbox.store.shown['facebook'].plan.catalog_id}/products",
                {"authorization": f"Bearer {sandbox.router.tokens['facebook']}", "host": "x"},
                b"",
            )
            statuses.append(reply.status)
        assert statuses == [200] * PER_HOUR + [400] * 2
        assert b'"code":4' in reply.body
        assert '"estimated_time_to_regain_access":60' in reply.headers["X-Business-Use-Case-Usage"]


async def test_the_token_of_a_catalogue_opens_nothing_else() -> None:
    async with serve(SCENARIOS["assorted"], clock=HandClock()) as sandbox:
        number = sandbox.store.shown["facebook"].plan.catalog_id
        for path, viewer, status in (
            (f"/graph/v25.0/{number}/products", "embed", 400),
            (f"/graph/v25.0/{number + 1}/products", "facebook", 400),
            ("/api/v3/1003/products", "facebook", 403),
        ):
            sent = {"authorization": f"Bearer {sandbox.router.tokens[viewer]}", "host": "x"}
            assert sandbox.router.answer("GET", path, sent, b"").status == status
