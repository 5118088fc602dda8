"""Text and quantities where they enter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.levels import parse_quantity, whole_quantity
from stockdrift.stock.text import clean, clean_sku


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("3", 3), (" 3 ", 3), ("3.0", 3), ("-2", -2), ("+4", 4), ("0", 0), ("-0", 0), ("1e3", 1000), ("007", 7),
        ("2147483647", 2**31 - 1), ("2147483648", None), ("-2147483648", -(2**31)), ("-2147483649", None),
        ("3.5", None), ("NaN", None), ("inf", None), ("1e309", None), ("9223372036854775808", None), ("", None),
        ("  ", None), ("three", None), ("1,000", None), ("0x10", None), ("--1", None), ("+-1", None), ("1_000", None),
        ("²", None), ("1e-400", None), ("3.00000000000000000001", None), ("2.99999999999999999999", None),
        ("3.", 3), ("30e-1", 3), ("2147483647.0", 2**31 - 1), ("0.2e10", 2_000_000_000),
        ("0e9999", 0), ("1e9999", None), ("1" + "0" * 3_999 + ".0", None),
    ],
)  # fmt: skip
def test_a_quantity_is_whole_or_it_is_none(text: str, quantity: int | None) -> None:
    assert parse_quantity(text) == quantity


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        (3, 3),
        (3.0, 3),
        (3.5, None),
        (True, None),
        (None, None),
        ("4", 4),
        (2**31 - 1, 2**31 - 1),
        (2**31, None),
        (-(2**31), -(2**31)),
        (-(2**31) - 1, None),
        (2.0**31 - 1, 2**31 - 1),
        (2.0**31, None),
        (-(2.0**31), -(2**31)),
        (-(2.0**31) - 1, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_a_quantity_from_json(value: object, quantity: int | None) -> None:
    assert whole_quantity(value) == quantity


@given(st.text())
def test_cleaned_text_steers_no_terminal(text: str) -> None:
    for cleaned in (clean(text), clean_sku(text)):
        assert not [sign for sign in cleaned if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}]
        assert not set(cleaned) & set("\u200b\u200d\u200f\u202d\u202e\u2066\u2069\ufeff\u00ad")
        assert cleaned == clean_sku(cleaned)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("[bold]stays[/bold]", "[bold]stays[/bold]"),
        ("  Noël  ", "Noël"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\ud800", "\\ud800"),
        ("x" * 600, "x" * 511 + "…"),
    ],
)
def test_harm_becomes_visible(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_sku_is_trimmed_and_otherwise_exact() -> None:
    assert clean_sku("  e\u0301-1 ") == "e\u0301-1"
    assert clean_sku("0007") == "0007"
    assert clean_sku("y" * 600) == "y" * 600


@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_long_text_is_cut_just_above_512_characters(letter: str) -> None:
    assert clean(letter * 512) == letter * 512
    assert clean(letter * 513) == letter * 511 + "…"


@pytest.mark.parametrize(
    ("sign", "escape"),
    [("\x7f", "\\x7f"), ("\xad", "\\xad"), ("\u061c", "\\u061c"), ("\ufffb", "\\ufffb"), ("\U000e0001", "\\U000e0001")],
)
def test_what_could_hide_is_shown_by_its_number(sign: str, escape: str) -> None:
    assert clean_sku(f"a{sign}b") == f"a{escape}b"
