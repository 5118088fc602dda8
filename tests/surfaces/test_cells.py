from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.levels import LevelState
from stockdrift.surfaces.cells import parse_availability, parse_price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("19.90 GBP", 19.9),
        ("19.90", 19.9),
        ("19,90", 19.9),
        ("20", 20.0),
        (" £19.90 ", 19.9),
        ("GBP 19.90", 19.9),
        ("1,299.00 USD", 1299.0),
        ("1.299,00 EUR", 1299.0),
        ("1,299", 1299.0),
        ("1.299", 1.299),
        ("1,299,000", 1299000.0),
        ("1.299.000", 1299000.0),
        ("1 299,50 €", 1299.5),
        ("1\u202f299,50", 1299.5),
        ("CHF 1'299.50", 1299.5),
        ("0", 0.0),
        (",5", 5.0),
    ],
)
def test_prices(text: str, price: float) -> None:
    assert parse_price(text) == pytest.approx(price)


@given(st.text(max_size=20))
def test_a_price_is_never_negative_or_infinite(text: str) -> None:
    price = parse_price(text)
    assert math.isnan(price) or 0 <= price < math.inf


@given(st.decimals(0, 10**7, places=2))
def test_a_plain_amount_is_itself(amount: object) -> None:
    assert parse_price(f"{amount} GBP") == pytest.approx(float(str(amount)))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("in stock", LevelState.IN),
        (" IN_STOCK ", LevelState.IN),
        ("https://schema.org/InStock", LevelState.IN),
        ("out of stock", LevelState.OUT),
        ("pre-order", LevelState.PREORDER),
        ("available for order", LevelState.PREORDER),
        ("onbackorder", LevelState.BACKORDER),
        ("discontinued", LevelState.DISABLED),
        ("unlimited", None),
        ("infinite", None),
        ("yes", None),
        ("", None),
    ],
)
def test_availability(word: str, state: LevelState | None) -> None:
    assert parse_availability(word) is state
