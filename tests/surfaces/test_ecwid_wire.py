"""What products in Ecwid's form state."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from stockdrift.stock.reading import Covers, Traffic
from stockdrift.surfaces.ecwid_wire import Levels, Product
from tests.sandbox.kit import Level, levels_of


def levels(*products: dict[str, Any] | bytes) -> Levels:
    made = Levels(to_shoppers=True)
    for row, product in enumerate(products, 1):
        raw = product if isinstance(product, bytes) else msgspec.json.encode({"id": row, **product})
        made.add(row, msgspec.json.decode(raw, type=Product))
    return made


def stated(*products: dict[str, Any] | bytes) -> dict[str, Level]:
    reading = levels(*products).reading("master", started_at=0, read_at=1, covers=Covers.ALL, traffic=Traffic())
    return levels_of(reading)


@pytest.mark.parametrize(
    ("product", "level"),
    [
        ({"quantity": 3}, 3),
        ({"quantity": 0}, 0),
        ({"quantity": -2}, -2),
        ({"quantity": 3.0}, 3),
        ({"quantity": "4"}, 4),
        ({"unlimited": True}, "unlimited"),
        ({"unlimited": True, "quantity": 5}, "unlimited"),
        ({"unlimited": False}, "unknown"),
        ({"quantity": None}, "unknown"),
        ({"quantity": 3.5}, "unknown"),
        ({"quantity": 2**63}, "unknown"),
        ({"quantity": "NaN"}, "unknown"),
        ({"quantity": ""}, "unknown"),
        ({"quantity": {"value": 3}}, "unknown"),
        ({"quantity": True}, "unknown"),
        ({"quantity": 3, "enabled": False}, "disabled"),
        ({"unlimited": True, "enabled": False}, "disabled"),
        ({"quantity": 0, "outOfStockVisibilityBehaviour": "ALLOW_PREORDER"}, "preorder"),
        ({"quantity": -1, "outOfStockVisibilityBehaviour": "ALLOW_PREORDER"}, "preorder"),
        ({"quantity": 2, "outOfStockVisibilityBehaviour": "ALLOW_PREORDER"}, 2),
        ({"quantity": 0, "outOfStockVisibilityBehaviour": "HIDE"}, 0),
    ],
)
def test_one_product_is_one_level(product: dict[str, Any], level: Level) -> None:
    assert stated({"sku": "A", **product}) == {"A": level}


def test_a_number_too_large_for_json_readers_spoils_its_row_only() -> None:
    made = levels(b'{"id":1,"sku":"A","quantity":1e309}', {"sku": "B", "quantity": 2})
    assert made.states == [0, 1]
    assert [(bad.row, bad.sku, bad.said) for bad in made.bad_rows] == [(1, "A", "1e309")]


def test_bad_rows_say_what_stood_there() -> None:
    made = levels({"sku": "A", "quantity": "three\x1b[31m"}, {"sku": "B"}, {"sku": " ", "quantity": 4})
    assert [(bad.row, bad.sku, bad.said) for bad in made.bad_rows] == [
        (1, "A", "three\\x1b[31m"),
        (2, "B", "no quantity"),
        (3, "", "product 3 has no SKU"),
    ]
    assert made.skus == ["A", "B"]


def test_of_many_bad_rows_all_are_counted_and_a_hundred_kept() -> None:
    made = levels(*({"sku": f"A{number}"} for number in range(250)))
    assert made.bad_count == 250
    assert len(made.bad_rows) == 100


OPTIONS = [{"type": "SELECT", "choices": [{"text": "red"}, {"text": "blue"}]}]


def variation(sku: str | None, quantity: int, value: str = "red") -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "unlimited": False, "options": [{"value": value}]}


def test_variations_with_skus_are_levels_of_their_own_beside_the_base() -> None:
    product = {"sku": "BASE", "quantity": 9, "options": OPTIONS, "combinations": [variation("RED", 4)]}
    assert stated(product) == {"BASE": 9, "RED": 4}


def test_a_variation_without_a_sku_draws_on_the_base_and_is_no_level() -> None:
    product = {
        "sku": "BASE",
        "quantity": 9,
        "options": OPTIONS,
        "combinations": [variation("RED", 4), variation(None, 9, "blue")],
    }
    assert stated(product) == {"BASE": 9, "RED": 4}
    product["combinations"] = [variation("", 9), variation(" ", 9, "blue")]
    assert stated(product) == {"BASE": 9}


def test_a_base_that_nobody_can_order_is_no_level() -> None:
    both = [variation("RED", 4), variation("BLUE", 0, "blue")]
    product = {"sku": "BASE", "quantity": 9, "options": OPTIONS, "combinations": both}
    assert stated(product) == {"RED": 4, "BLUE": 0}
    assert stated({**product, "sku": ""}) == {"RED": 4, "BLUE": 0}


def test_free_text_does_not_form_variations_and_unstated_options_prove_nothing() -> None:
    both = [variation("RED", 4), variation("BLUE", 0, "blue")]
    product = {"sku": "BASE", "quantity": 9, "combinations": both}
    assert stated(product) == {"BASE": 9, "RED": 4, "BLUE": 0}
    assert "BASE" not in stated({**product, "options": [*OPTIONS, {"type": "TEXTFIELD"}]})
    two = [*OPTIONS, {"type": "RADIO", "choices": [{"text": "S"}, {"text": "L"}]}]
    assert "BASE" in stated({**product, "options": two}), "two of four choices"


def test_variations_share_the_products_fate() -> None:
    product = {
        "sku": "BASE",
        "quantity": 0,
        "enabled": False,
        "options": OPTIONS,
        "combinations": [{**variation("RED", 4)}],
    }
    assert stated(product) == {"BASE": "disabled", "RED": "disabled"}
    product |= {"enabled": True, "outOfStockVisibilityBehaviour": "ALLOW_PREORDER"}
    product["combinations"] = [variation("RED", 0), {**variation("BLU", 0), "outOfStockVisibilityBehaviour": "SHOW"}]
    product["options"] = None
    assert stated(product) == {"BASE": "preorder", "RED": "preorder", "BLU": 0}


def test_unlimited_is_each_variations_own() -> None:
    combinations = [{"sku": "RED", "unlimited": True}, {"sku": "BLUE", "quantity": 2}]
    assert stated({"sku": "BASE", "quantity": 1, "combinations": combinations}) == {
        "BASE": 1,
        "RED": "unlimited",
        "BLUE": 2,
    }


def test_names_and_prices() -> None:
    made = levels(
        {
            "sku": " A-1 ",
            "name": "Candle \x1b[2J\u202e[bold]",
            "price": 24,
            "quantity": 1,
            "combinations": [
                {"sku": "A-2", "quantity": 1, "options": [{"value": "red"}, {"value": "large"}]},
                {"sku": "A-3", "quantity": 1, "price": 26.5},
            ],
        },
        {"sku": "B", "quantity": 1, "price": None},
        b'{"id":3,"sku":"C","quantity":1,"price":1e999}',
        {"sku": "D", "quantity": 1, "price": -1},
    )
    named = dict(zip(made.skus, made.names, strict=True))
    assert named["A-1"] == "Candle \\x1b[2J\\u202e[bold]"
    assert named["A-2"] == "Candle \\x1b[2J\\u202e[bold], red, large"
    priced = dict(zip(made.skus, made.prices, strict=True))
    assert (priced["A-1"], priced["A-2"], priced["A-3"]) == (24.0, 24.0, 26.5)
    assert all(math.isnan(priced[sku]) for sku in "BCD")
