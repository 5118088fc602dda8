"""The environment outranks the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stockdrift.settings import SettingsError, load
from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.rules import Tolerance
from tests.settings.conftest import LEAST, Write

Refused = Callable[[str], list[str]]


def test_it_outranks_the_file_key_by_key(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_STORE__TOLERANCE", "2")
    monkeypatch.setenv("STOCKDRIFT_SURFACES__FACEBOOK__LAG", "2h")
    settings = load(write('[store]\ntolerance = 1\nname = "Candle & Co"\n' + LEAST + 'lag = "1h"\nbuffer = 3\n'))
    assert settings.store.tolerance == Tolerance(2)
    assert settings.store.name == "Candle & Co"
    assert settings.surfaces["facebook"].lag == 7_200_000
    assert settings.surfaces["facebook"].buffer == 3


@pytest.mark.parametrize(
    ("variable", "value", "key", "expected"),
    [
        ("ACTIVE", "false", "active", False),
        ("CAP", "9", "cap", 9),
        ("SHARE", "0.5", "share", 5_000),
        ("SHARE", "50%", "share", 5_000),
        ("TOLERANCE", "5%", "tolerance", Tolerance(percent=500)),
        ("MAX_SHRINK", "40 %", "max_shrink", 4_000),
        ("SKU_TOLERANCE__AB-1", "4", "sku_tolerance", {"AB-1": Tolerance(4)}),
        ("SKU_TOLERANCE", '{"AB 1": 4}', "sku_tolerance", {"AB 1": Tolerance(4)}),
    ],
)
def test_every_kind_of_value_can_be_said(
    write: Write, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, key: str, expected: object
) -> None:
    monkeypatch.setenv(f"STOCKDRIFT_SURFACES__FACEBOOK__{variable}", value)
    assert getattr(load(write(LEAST)).surfaces["facebook"], key) == expected


def test_names_that_a_variable_cannot_spell(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_SURFACES__INSTANT_SITE__BUFFER", "4")
    monkeypatch.setenv("STOCKDRIFT_SURFACES__FACEBOOK__COLUMNS__SKU", "code")
    settings = load(write(LEAST + '\n[surfaces.Instant-Site]\nsystem = "feed"\npath = "site.csv"\n'))
    assert settings.surfaces["Instant-Site"].buffer == 4
    assert set(settings.surfaces) == {"facebook", "Instant-Site"}
    facebook = settings.surfaces["facebook"]
    assert isinstance(facebook, FeedSettings)
    assert facebook.columns.sku == "code"


def test_a_single_key_outranks_its_table(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_STORE", '{"currency": "EUR", "low_stock": 7}')
    monkeypatch.setenv("STOCKDRIFT_STORE__CURRENCY", "GBP")
    store = load(write(LEAST)).store
    assert (store.currency, store.low_stock) == ("GBP", 7)


def test_a_whole_surface_can_come_from_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_SURFACES__EBAY__SYSTEM", "feed")
    monkeypatch.setenv("STOCKDRIFT_SURFACES__EBAY__PATH", "ebay.csv")
    file = write(LEAST)
    ebay = load(file).surfaces["ebay"]
    assert isinstance(ebay, FeedSettings)
    assert ebay.path == file.parent / "ebay.csv"


@pytest.mark.parametrize("name", ["STOCKDRIFT_TOKEN", "STOCKDRIFT_MASTER_TOKEN", "STOCKDRIFT_FILE", "STOCKDRIFT_"])
def test_variables_of_other_purposes_are_left_alone(write: Write, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "something")
    file = write(LEAST)
    assert load(file).file == file


def test_an_empty_variable_is_not_set(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_STORE__LOW_STOCK", "")
    assert load(write(LEAST)).store.low_stock == 5


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORE__TOLERENCE", "2", 'store.tolerence: unknown key; did you mean "STOCKDRIFT_STORE__TOLERANCE"?'),
        ("SURFACES__FACEBOK__LAG", "2h", "surfaces.facebok.system: is missing; one of ecwid, ecwid-storefront, feed"),
        ("SURFACES__FACEBOOK__LAG", "soon", "surfaces.facebook.lag: not a duration: 'soon'; write it like"),
        ("STORE__LOW_STOCK", "few", 'store.low_stock: must be a whole number, not "few"'),
    ],
)
def test_its_errors_name_the_variable(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"STOCKDRIFT_{name}", value)
    (line,) = refused(LEAST)
    assert line.startswith(f"STOCKDRIFT_{name} (environment): {said}")


@pytest.mark.parametrize("value", ["{", "[1]", "text", "[" * 100_000])
def test_a_table_that_is_no_json_object(refused: Refused, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("STOCKDRIFT_COLLECTOR", value)
    assert refused(LEAST) == ["STOCKDRIFT_COLLECTOR (environment): a table is written as a JSON object"]


def test_a_name_that_may_mean_two_surfaces(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_SURFACES__SHOP_A__LAG", "2h")
    two = "".join(f'[surfaces.{name}]\nsystem = "feed"\npath = "{name}.csv"\n' for name in ("shop-a", "Shop_A"))
    assert refused(LEAST + two) == ["STOCKDRIFT_SURFACES__SHOP_A__LAG (environment): SHOP_A may mean shop-a or Shop_A"]


def test_a_secret_file_named_by_it_lies_beside_the_settings(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STOCKDRIFT_SURFACES__FACEBOOK__TOKEN", "file:token")
    file = write(LEAST)
    with pytest.raises(SettingsError, match=str(file.parent / "token")):
        load(file)
    (file.parent / "token").write_text("t0p")
    token = load(file).surfaces["facebook"].secrets()["token"]
    assert token.get_secret_value() == "t0p"
