"""Medusa as staff and as shoppers see it: what its answers state, and the log-in that a read needs."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from stockdrift.sandbox.server import Sandbox
from stockdrift.settings.systems import MedusaSettings
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.medusa_wire import ShownLevels, ShownProduct
from tests.doubles.medusa import SECRET_KEY
from tests.doubles.shops import medusa_double, medusa_of, medusa_storefront_of
from tests.sandbox.kit import levels_of, skus_of, still

SCENARIO = still(240)


def item(stocked: Any, reserved: Any = 0, required: int = 1, location: str = "sloc_1") -> dict[str, Any]:
    level = {"location_id": location, "stocked_quantity": stocked, "reserved_quantity": reserved}
    return {"required_quantity": required, "inventory": {"location_levels": [level]}}


async def test_all_pages_are_read_and_parts_add_up(sandbox: Sandbox, http: Http) -> None:
    reading = await medusa_of(sandbox, http).read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.COMPLETE, "")
    assert levels_of(reading) == {one.sku: sandbox.store.master[place] for place, one in enumerate(sandbox.store.items)}
    assert reading.traffic.requests == 2 + 3  # a log-in, the store, three pages of a hundred that share a row
    assert (reading.names[0], reading.prices[0]) == (sandbox.store.items[0].name, sandbox.store.items[0].price)
    assert reading.parts is not None
    assert reading.parts.shape == (240, 4)
    assert (reading.parts[:, 0] - reading.parts[:, 1:].sum(axis=1) == reading.quantities).all()


async def test_what_variants_state(sandbox: Sandbox, http: Http) -> None:
    names = skus_of(sandbox)[:14]
    draft = {"title": "Draft", "status": "draft", "sales_channels": []}
    medusa_double(sandbox).variants = dict(
        zip(
            names,
            [
                {"inventory_items": [item(10, 3)]},
                {"inventory_items": [item(2, 6)]},
                {"inventory_items": [item(11, 2, required=2), item(100)]},  # a kit of two and one
                {"inventory_items": [item(-3, 0, required=2)]},
                {"manage_inventory": False},
                {"product": draft},
                {"inventory_items": []},
                {"inventory_items": None},
                {"inventory_items": [{"required_quantity": 1, "inventory": {"location_levels": []}}]},
                {"inventory_items": [item("2.5")]},
                {"sku": None},
                {"product": None},
                {"inventory_items": [{"required_quantity": 1, "inventory": {"location_levels": None}}]},
                {"inventory_items": [{"required_quantity": 1, "inventory": {}}]},
            ],
            strict=True,
        )
    )
    reading = await medusa_of(sandbox, http).read(Covers.ALL)
    found = levels_of(reading)
    assert [found.get(sku) for sku in names] == [
        *(7, -4, 4, -2, "unlimited", "disabled", "unknown", "unknown", 0, "unknown"),
        *(None, None),  # a variant without a SKU, and one whose product is being deleted
        *("unknown", "unknown"),  # levels that were not told are not levels that are none
    ]
    assert reading.parts is not None
    assert reading.parts[:3].tolist() == [[10, 0, 3, 0], [2, 0, 6, 0], [4, 0, 0, 0]]
    assert reading.bad_count == 6


async def test_an_answer_that_does_not_say_what_is_sold_is_no_reading(sandbox: Sandbox, http: Http) -> None:
    medusa_double(sandbox).variants = {skus_of(sandbox)[0]: {"product": {"title": "Sea Salt", "sales_channels": []}}}
    reading = await medusa_of(sandbox, http).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert "missing required field `status`" in reading.reason


async def test_the_price_is_the_one_of_the_stores_currency_that_no_rule_narrows(sandbox: Sandbox, http: Http) -> None:
    first, second, *_ = skus_of(sandbox)
    dollars = {"amount": 30, "currency_code": "usd", "rules": {}}
    medusa_double(sandbox).variants = {
        first: {
            "prices": [
                dollars,
                {"amount": 1, "currency_code": "gbp", "rules": {"region_id": "reg_1"}},
                {"amount": 24.5, "currency_code": "gbp", "rules": {}},
            ],
        },
        second: {"prices": [dollars]},
    }
    reading = await medusa_of(sandbox, http).read(Covers.ALL)
    assert reading.prices[0] == 24.5
    assert math.isnan(reading.prices[1])


@pytest.mark.parametrize("channel", ["Wholesale", "sc_2"])
async def test_a_sales_channel_has_its_own_products_and_locations(sandbox: Sandbox, http: Http, channel: str) -> None:
    first = skus_of(sandbox)[0]
    sold = {"title": "Sold wholesale", "status": "published", "sales_channels": [{"id": "sc_1"}, {"id": "sc_2"}]}
    medusa_double(sandbox).variants = {first: {"product": sold}}
    reading = await medusa_of(sandbox, http, sales_channel=channel).read(Covers.ALL)
    assert levels_of(reading) == {first: 1}, "only the shop floor serves this channel"


async def test_only_the_chosen_locations_count(sandbox: Sandbox, http: Http) -> None:
    first = skus_of(sandbox)[0]
    for chosen in (["Shop floor"], ["sloc_2"]):
        assert levels_of(await medusa_of(sandbox, http, stock_locations=chosen).read(Covers.ALL))[first] == 1
    both = await medusa_of(sandbox, http, stock_locations=["Shop floor", "Warehouse"]).read(Covers.ALL)
    assert levels_of(both)[first] == sandbox.store.master[0]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"stock_locations": ["Attic"]}, "the store has no stock location 'Attic'; there are: Shop floor, Warehouse"),
        ({"sales_channel": "Retail"}, "the store has no sales channel 'Retail'"),
        (
            {"sales_channel": "Wholesale", "stock_locations": ["Warehouse"]},
            "no stock location that counts serves the sales channel 'Wholesale'",
        ),
    ],
)
async def test_what_the_store_does_not_have_is_no_zero(
    sandbox: Sandbox, http: Http, settings: dict[str, Any], reason: str
) -> None:
    reading = await medusa_of(sandbox, http, **settings).read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, reason)


async def test_a_token_that_expired_is_fetched_anew_once(sandbox: Sandbox, http: Http) -> None:
    double, connector = medusa_double(sandbox), medusa_of(sandbox, http)
    for logins in (1, 1, 2):
        if logins == 2:
            double.expire()
        assert (await connector.read(Covers.ALL)).outcome is Outcome.COMPLETE
        assert double.logins == logins
    double.forbidden = True
    refused = await connector.read(Covers.ALL)
    assert (refused.outcome, refused.reason, double.logins) == (Outcome.FAILED, "HTTP 401: the token is refused", 3)


@pytest.mark.parametrize(("key", "secret"), [("password", "hunter2 hunter2"), ("token", "sk_wrong")])
async def test_credentials_that_are_refused_are_not_told(sandbox: Sandbox, http: Http, key: str, secret: str) -> None:
    given: dict[str, Any] = {key: SecretStr(secret)}
    reading = await medusa_of(sandbox, http, **given).read(Covers.ALL)
    assert reading.outcome is Outcome.FAILED
    assert reading.reason
    assert secret not in repr(reading)


async def test_a_secret_key_needs_no_log_in(sandbox: Sandbox, http: Http) -> None:
    reading = await medusa_of(sandbox, http, token=SecretStr(SECRET_KEY)).read(Covers.ALL)
    assert (reading.outcome, medusa_double(sandbox).logins) == (Outcome.COMPLETE, 0)


async def test_a_shopper_sees_what_the_channel_sells(sandbox: Sandbox, http: Http) -> None:
    names = skus_of(sandbox)[:7]
    medusa_double(sandbox, "embed").variants = dict(
        zip(
            names,
            [
                {"inventory_quantity": 3},
                {"inventory_quantity": 0},
                {"inventory_quantity": 0, "allow_backorder": True},
                {"inventory_quantity": 2, "allow_backorder": True},
                {"manage_inventory": False, "inventory_quantity": None},
                {"inventory_quantity": None},
                {"sku": ""},
            ],
            strict=True,
        )
    )
    reading = await medusa_storefront_of(sandbox, http).read(Covers.ALL)
    found = levels_of(reading)
    assert [found.get(sku) for sku in names] == [3, 0, "backorder", 2, "unlimited", "unknown", None]
    assert reading.bad_count == 2


async def test_a_publishable_key_that_is_not_valid_is_named(sandbox: Sandbox, http: Http) -> None:
    reading = await medusa_storefront_of(sandbox, http, key="pk_wrong").read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.FAILED, "HTTP 400: the publishable key is refused")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"email": "a@b.example"},
        {"password": SecretStr("b")},
        {"token": SecretStr("sk_1"), "email": "a@b.example", "password": SecretStr("b")},
    ],
)
def test_there_is_one_way_in(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MedusaSettings.model_validate({"system": "medusa", "url": "https://shop.test", **given})


def test_a_product_that_does_not_tell_its_variants_is_a_bad_row() -> None:
    levels = ShownLevels()
    levels.add(1, ShownProduct(id="prod_1", title="Sea Salt", variants=None))
    assert (levels.skus, levels.bad_count) == ([], 1)
    assert levels.bad_rows[0].said == "the variants of product prod_1 are not told"
