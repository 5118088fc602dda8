"""Settings of Meta, Vendure and Medusa: one way in, views that differ, names as a list, secrets that stay secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stockdrift.settings import SettingsError, load, rules_of
from stockdrift.settings.systems import MedusaSettings, VendureSettings
from tests.settings.conftest import LEAST, Write

Refused = Callable[[str], list[str]]

VENDURE = 'system = "vendure"\nurl = "https://shop.example/admin-api"\n'
MEDUSA = 'system = "medusa"\nurl = "https://shop.example"\n'
META = 'system = "meta"\ncatalog_id = 7\n'
BY_NAME = 'username = "me"\npassword = "env:PASSWORD"\n'
BY_EMAIL = 'email = "me@shop.example"\npassword = "env:PASSWORD"\n'


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "correct horse, gewiß")
    monkeypatch.setenv("KEY", "sk_1")
    monkeypatch.setenv("PUBLISHABLE", "pk_1")
    monkeypatch.setenv("OTHER", "EAAB_1")


def both(master: str, surface: str) -> str:
    return f"[master]\n{master}[surfaces.outlet]\n{surface}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (VENDURE, "surfaces.outlet: needs either token, or username and password"),
        (VENDURE + 'username = "me"\n', "surfaces.outlet: username and password belong together"),
        (VENDURE + 'password = "env:PASSWORD"\n', "surfaces.outlet: username and password belong together"),
        (VENDURE + BY_NAME + 'token = "env:KEY"\n', "surfaces.outlet: needs either token, or username and password"),
        (VENDURE + 'username = "me"\npassword = "hunter2"\n', 'surfaces.outlet.password: write a secret as "env:NAME"'),
        (VENDURE + BY_NAME + "stock_locations = 3\n", "surfaces.outlet.stock_locations: must be a list of names"),
        (VENDURE + BY_NAME + "stock_locations = [3]\n", "surfaces.outlet.stock_locations: must be a list of names"),
        (VENDURE + BY_NAME + 'stock_locations = [" "]\n', "surfaces.outlet.stock_locations: must be a list of names"),
        (MEDUSA, "surfaces.outlet: needs either token, or email and password"),
        (MEDUSA + 'token = "env:PUBLISHABLE"\n', "surfaces.outlet.token: is no secret API key"),
        (
            'system = "medusa-storefront"\nurl = "https://shop.example"\ntoken = "env:KEY"\n',
            "surfaces.outlet.token: is no publishable API key",
        ),
        (META + 'token = "env:OTHER"\nlevels = "both"\n', "surfaces.outlet.levels: must be one of 'quantity'"),
        ('system = "meta"\ncatalog_id = 0\ntoken = "env:OTHER"\n', "surfaces.outlet.catalog_id: must be more than 0"),
    ],
)
def test_what_is_refused(refused: Refused, source: str, said: str) -> None:
    (line,) = refused(both('system = "feed"\npath = "a.csv"\n', source))
    assert line.startswith(f"FILE: {said}")
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("master", "surface", "same"),
    [
        (VENDURE + BY_NAME, VENDURE + BY_NAME, True),
        (VENDURE + BY_NAME, VENDURE + 'token = "env:KEY"\n', True),
        (VENDURE + BY_NAME, VENDURE + BY_NAME + 'channel = "uk"\n', False),
        (VENDURE + BY_NAME, VENDURE + BY_NAME + 'stock_locations = ["Cellar"]\n', False),
        (
            VENDURE + BY_NAME + 'stock_locations = ["a", "b"]\n',
            VENDURE + BY_NAME + 'stock_locations = ["b", "a"]\n',
            True,
        ),
        (VENDURE + BY_NAME, 'system = "vendure-storefront"\nurl = "https://shop.example/shop-api"\n', False),
        (MEDUSA + BY_EMAIL, MEDUSA + 'token = "env:KEY"\n', True),
        (MEDUSA + BY_EMAIL, MEDUSA + BY_EMAIL + 'sales_channel = "Wholesale"\n', False),
        (
            MEDUSA + BY_EMAIL,
            'system = "medusa-storefront"\nurl = "https://shop.example"\ntoken = "env:PUBLISHABLE"\n',
            False,
        ),
        (META + 'token = "env:OTHER"\n', META + 'token = "env:KEY"\n', True),
        (META + 'token = "env:OTHER"\n', 'system = "meta"\ncatalog_id = 8\ntoken = "env:OTHER"\n', False),
    ],
)
def test_a_shop_is_not_compared_with_itself(write: Write, master: str, surface: str, same: bool) -> None:
    file = write(both(master, surface))
    if same:
        with pytest.raises(SettingsError, match="own endpoint"):
            load(file)
    else:
        assert "outlet" in load(file).surfaces


def test_a_password_may_be_any_text_and_is_shown_nowhere(write: Write) -> None:
    settings = load(write(both(VENDURE + BY_NAME, MEDUSA + BY_EMAIL)))
    assert isinstance(settings.master, VendureSettings)
    assert {key: secret.get_secret_value() for key, secret in settings.master.secrets().items()} == {
        "password": "correct horse, gewiß"
    }
    assert "horse" not in repr(settings)


def test_the_environment_writes_names_with_commas(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKDRIFT_MASTER__STOCK_LOCATIONS", "Warehouse, Shop floor")
    master = load(write(both(MEDUSA + BY_EMAIL, 'system = "feed"\npath = "a.csv"\n'))).master
    assert isinstance(master, MedusaSettings)
    assert master.stock_locations == ("Warehouse", "Shop floor")


def test_meta_is_a_marketplace_unless_said_otherwise(write: Write) -> None:
    text = LEAST + f'[surfaces.a]\n{META}token = "env:OTHER"\n'
    found = rules_of(load(write(text))).surface("a")
    assert (found.kind, found.every, found.lag) == ("marketplace", 300_000, 900_000)
    assert rules_of(load(write(text + 'kind = "feed"\n'))).surface("a").lag == 3_600_000
