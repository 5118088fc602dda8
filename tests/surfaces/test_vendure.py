"""Vendure as staff and as shoppers see it: what its answers state, and the log-in that a read needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.server import Sandbox
from stockdrift.settings.systems import VendureSettings, VendureStorefrontSettings
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.vendure import VendureConnector
from stockdrift.surfaces.vendure_storefront import VendureStorefrontConnector
from tests.doubles.shops import vendure_double, vendure_of, vendure_storefront_of
from tests.doubles.vendure import API_KEY, CHANNEL, PASSWORD, USERNAME, VendureDouble
from tests.sandbox.kit import levels_of, skus_of, still

SCENARIO = still(240)


def parts_of(reading: Reading, sku: str) -> list[int]:
    assert reading.parts is not None
    assert reading.parts.shape == (len(reading.skus), 4)
    return [int(part) for part in reading.parts[list(reading.skus).index(sku)]]


async def test_all_pages_are_read_and_parts_add_up(sandbox: Sandbox, http: Http) -> None:
    reading = await vendure_of(sandbox, http).read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.COMPLETE, "")
    found = levels_of(reading)
    assert found == {item.sku: sandbox.store.master[place] for place, item in enumerate(sandbox.store.items)}
    assert reading.traffic.requests == 2 + 3  # a log-in, the shop, three pages of a hundred that share a row
    assert reading.prices[0] == sandbox.store.items[0].price
    assert reading.names[0] == sandbox.store.items[0].name
    assert reading.parts is not None
    assert (reading.parts[:, 0] - reading.parts[:, 1:].sum(axis=1) == reading.quantities).all()


async def test_what_is_sold_is_on_hand_less_allocated_less_the_threshold(sandbox: Sandbox, http: Http) -> None:
    double = vendure_double(sandbox)
    double.global_threshold = 2
    a, b, c, d, e, f, g, h, *_ = skus_of(sandbox)
    own = {"useGlobalOutOfStockThreshold": False}
    double.variants = {
        a: {"stockOnHand": 10, "stockAllocated": 3},
        b: {"stockOnHand": 10, "outOfStockThreshold": 4, **own},
        c: {"stockOnHand": 0, "stockAllocated": 1, "outOfStockThreshold": -5, **own},
        d: {"stockOnHand": 1, "stockAllocated": 4, "outOfStockThreshold": 0, **own},
        e: {"trackInventory": "FALSE"},
        f: {"enabled": False},
        g: {"product": {"enabled": False}},
        h: {"sku": "  "},
    }
    reading = await vendure_of(sandbox, http).read(Covers.ALL)
    found = levels_of(reading)
    assert [found[sku] for sku in (a, b, c, d, e, f, g)] == [5, 6, 4, -3, "unlimited", "disabled", "disabled"]
    assert h not in found
    assert parts_of(reading, a) == [10, 3, 2, 0]
    assert parts_of(reading, c) == [0, 1, -5, 0]
    assert parts_of(reading, e) == [0, 0, 0, 0]
    monitor = Monitor(Rules(master=SurfaceRules(MASTER), surfaces=()))
    monitor.apply(admit(reading, monitor.board))
    row = monitor.row_of(c)
    assert row is not None
    assert monitor.sku(row, reading.read_at).master_arithmetic == "0 on hand − 1 committed − (−5) reserved − 0 damaged"
    assert (reading.bad_count, reading.bad_rows[0].said) == (1, "variant 8 has no SKU")


async def test_a_variant_that_inherits_is_tracked_as_the_shop_is(sandbox: Sandbox, http: Http) -> None:
    first, second, *_ = skus_of(sandbox)
    double = vendure_double(sandbox)
    double.tracks = False
    double.variants = {second: {"trackInventory": "TRUE"}}
    found = levels_of(await vendure_of(sandbox, http).read(Covers.ALL))
    assert found[first] == "unlimited"
    assert found[second] == sandbox.store.master[1]


async def test_only_the_chosen_locations_count(sandbox: Sandbox, http: Http) -> None:
    first = skus_of(sandbox)[0]
    shelf = levels_of(await vendure_of(sandbox, http, stock_locations=["Shop floor"]).read(Covers.ALL))
    both = levels_of(await vendure_of(sandbox, http, stock_locations=["Shop floor", "Warehouse"]).read(Covers.ALL))
    assert shelf[first] == 1
    assert both[first] == sandbox.store.master[0]
    vendure_double(sandbox).variants = {first: {"stockLevels": None}}
    untold = await vendure_of(sandbox, http, stock_locations=["Shop floor"]).read(Covers.ALL)
    assert (levels_of(untold)[first], untold.bad_count) == ("unknown", 1)
    stranger = await vendure_of(sandbox, http, stock_locations=["Attic"]).read(Covers.ALL)
    assert stranger.outcome is Outcome.FAILED
    assert stranger.reason == "the shop has no stock location 'Attic'; there are: Shop floor, Warehouse"


async def test_a_session_that_ended_is_entered_anew_once(sandbox: Sandbox, http: Http) -> None:
    double, connector = vendure_double(sandbox), vendure_of(sandbox, http)
    for logins in (1, 1, 2):
        if logins == 2:
            double.expire()
        assert (await connector.read(Covers.ALL)).outcome is Outcome.COMPLETE
        assert double.logins == logins
    double.forbidden = True
    refused = await connector.read(Covers.ALL)
    assert (refused.outcome, double.logins) == (Outcome.FAILED, 3)
    assert refused.reason == "the API says: You are not currently authorized to perform this action"
    assert not refused.skus


async def test_a_session_that_ends_between_two_pages_costs_one_log_in(sandbox: Sandbox, http: Http) -> None:
    double = vendure_double(sandbox)
    asked = 0
    answer = double.answer

    def ending(*request: object) -> object:
        nonlocal asked
        asked += 1
        if asked == 4:  # the log-in, the shop and the first page came before
            double.expire()
        return answer(*request)  # type: ignore[arg-type]

    connector = vendure_of(sandbox, http)
    sandbox.router.mounts[f"/vendure/{MASTER}/"] = ending  # type: ignore[assignment]
    reading = await connector.read(Covers.ALL)
    assert (reading.outcome, double.logins) == (Outcome.COMPLETE, 2)
    assert len(reading.skus) == 240


@pytest.mark.parametrize(("key", "secret"), [("password", "hunter2 hunter2"), ("token", "wrong:key")])
async def test_credentials_that_are_refused_are_not_told(sandbox: Sandbox, http: Http, key: str, secret: str) -> None:
    given: dict[str, Any] = {key: SecretStr(secret)}
    reading = await vendure_of(sandbox, http, **given).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert reading.reason
    assert secret not in repr(reading)


async def test_an_api_key_needs_no_log_in(sandbox: Sandbox, http: Http) -> None:
    reading = await vendure_of(sandbox, http, token=SecretStr(API_KEY)).read(Covers.ALL)
    assert (reading.outcome, vendure_double(sandbox).logins) == (Outcome.COMPLETE, 0)


async def test_another_channel_than_the_one_that_is_meant_is_no_answer(sandbox: Sandbox, http: Http) -> None:
    assert (await vendure_of(sandbox, http, channel=CHANNEL).read(Covers.ALL)).outcome is Outcome.COMPLETE
    for connector in (vendure_of(sandbox, http, channel="uk"), vendure_storefront_of(sandbox, http, channel="uk")):
        reading = await connector.read(Covers.ALL)
        assert (reading.outcome, reading.reason) == (Outcome.FAILED, "the shop has no channel with that token")


async def test_a_shopper_sees_in_or_out(sandbox: Sandbox, http: Http) -> None:
    a, b, c, d, e, f, *_ = skus_of(sandbox)
    sandbox.store.set_enabled(f, False)
    double = vendure_double(sandbox, "embed")
    double.variants = {
        a: {"stockLevel": "IN_STOCK"},
        b: {"stockLevel": "LOW_STOCK"},
        c: {"stockLevel": "OUT_OF_STOCK"},
        d: {"stockLevel": "12"},
        e: {"stockLevel": "plenty"},
    }
    connector = vendure_storefront_of(sandbox, http)
    reading = await connector.read(Covers.ALL)
    found = levels_of(reading)
    assert [found.get(sku) for sku in (a, b, c, d, e, f)] == ["in", "in", "out", 12, "unknown", None]
    assert (reading.bad_count, reading.bad_rows[0].said) == (1, "plenty")


async def test_a_version_that_does_not_know_the_question_says_so() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"errors":[{"message":"Cannot query field \\"stockLevels\\" on type \\"ProductVariant\\"",'
        yield b'"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}'

    http = Http(transport=httpx.MockTransport(lambda _: httpx.Response(400, content=body())), tries=1)
    settings = VendureStorefrontSettings(system="vendure-storefront", url="https://shop.test/shop-api")
    reading = await VendureStorefrontConnector("shop", settings, http).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert reading.reason == 'HTTP 400: the API says: Cannot query field "stockLevels" on type "ProductVariant"'
    await http.close()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"data":null}', "an answer without data"),
        (
            b'{"data":{},"errors":[{"message":"boom","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}',
            "the API says: boom",
        ),
        (b'{"errors":[{}]}', "the API says: an error without words"),
        (b'{"data":{"products":[]}}', "JSON of another shape"),
        (b"[]", "JSON of another shape"),
    ],
)
async def test_data_beside_errors_is_no_data(data: bytes, reason: str) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield data

    http = Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body())), tries=1)
    settings = VendureStorefrontSettings(system="vendure-storefront", url="https://shop.test/shop-api")
    reading = await VendureStorefrontConnector("shop", settings, http).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert reading.reason.startswith(reason)
    await http.close()


async def test_a_shop_that_gives_no_bearer_token_is_named() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"data":{"login":{"__typename":"CurrentUser"}}}'

    http = Http(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body())), tries=1)
    settings = VendureSettings(
        system="vendure", url="https://shop.test/admin-api", username=USERNAME, password=SecretStr(PASSWORD)
    )
    reading = await VendureConnector("shop", settings, http).read(Covers.ALL)
    assert reading.reason == "the shop gives no bearer token: its tokenMethod must allow it"
    await http.close()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "a"},
        {"password": SecretStr("b")},
        {"token": SecretStr("c"), "username": "a", "password": SecretStr("b")},
    ],
)
def test_there_is_one_way_in(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VendureSettings.model_validate({"system": "vendure", "url": "https://shop.test/admin-api", **given})


def test_a_double_is_one_shop(sandbox: Sandbox) -> None:
    assert isinstance(vendure_double(sandbox), VendureDouble)
    assert vendure_double(sandbox) is vendure_double(sandbox)
