"""What ``doctor`` asks Meta, Vendure and Medusa: little, with their credentials, and what they lack said in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from stockdrift.commands.doctor_findings import FAIL, OK, of_probe
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.server import Sandbox, serve
from stockdrift.settings.models import CollectorSettings
from stockdrift.settings.systems import (
    AnySystem,
    MedusaSettings,
    MedusaStorefrontSettings,
    MetaSettings,
    VendureSettings,
    VendureStorefrontSettings,
)
from stockdrift.surfaces.probe import probe, prober
from tests.doubles import medusa, vendure
from tests.doubles.shops import medusa_double, vendure_double
from tests.sandbox.kit import HandClock


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with serve(SCENARIOS["assorted"], clock=HandClock()) as served:
        vendure_double(served)
        medusa_double(served)
        yield served


def source(sandbox: Sandbox, system: str, **more: Any) -> AnySystem:
    admin = {"url": f"{sandbox.base_url}/vendure/master/admin-api", "username": vendure.USERNAME}
    store = {"url": f"{sandbox.base_url}/master/medusa"}
    made: dict[str, tuple[type[AnySystem], dict[str, Any]]] = {
        "vendure": (VendureSettings, {**admin, "password": SecretStr(vendure.PASSWORD)}),
        "vendure-storefront": (VendureStorefrontSettings, {"url": f"{sandbox.base_url}/vendure/master/shop-api"}),
        "medusa": (MedusaSettings, {**store, "email": medusa.EMAIL, "password": SecretStr(medusa.PASSWORD)}),
        "medusa-storefront": (MedusaStorefrontSettings, {**store, "token": SecretStr(medusa.PUBLISHABLE_KEY)}),
        "meta": (
            MetaSettings,
            {
                "api": f"{sandbox.base_url}/graph/v25.0",
                "catalog_id": sandbox.store.shown["facebook"].plan.catalog_id,
                "token": SecretStr(sandbox.router.tokens["facebook"]),
            },
        ),
    }
    model, given = made[system]
    return model.model_validate({"system": system, **given, **more})


async def asked(one: AnySystem) -> tuple[str, str, str]:
    """The finding's verdict, text and advice."""
    http = prober(CollectorSettings(), HandClock())
    try:
        found, *_ = of_probe("outlet", one, await probe(one, http))
    finally:
        await http.close()
    return found.verdict, found.text, found.advice


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ("vendure", "password accepted"),
        ("vendure-storefront", "no token needed"),
        ("medusa", "password accepted"),
        ("medusa-storefront", "token accepted"),
        ("meta", "token accepted"),
    ],
)
async def test_one_that_would_be_read(sandbox: Sandbox, system: str, said: str) -> None:
    verdict, text, _ = await asked(source(sandbox, system))
    assert verdict == OK
    assert text.startswith(f"outlet: {said}, answered in ")


@pytest.mark.parametrize(
    ("system", "more", "text", "advice"),
    [
        ("vendure", {"password": SecretStr("open sesame")}, "does not accept", "Look at the name and at the password"),
        ("vendure", {"stock_locations": ["Attic"]}, "no stock location 'Attic'", "Look at the address"),
        ("medusa", {"password": SecretStr("open sesame")}, "does not accept", "Look at the name and at the password"),
        ("medusa", {"sales_channel": "Retail"}, "no sales channel 'Retail'", "Look at the address"),
        ("medusa-storefront", {"token": SecretStr("pk_open_sesame")}, "is refused", "publishable API key (pk_…)"),
        ("meta", {"token": SecretStr("EAAB_open_sesame")}, "code 190", "catalog_management"),
        ("meta", {"catalog_id": 8}, "there is no such catalogue", "catalog_id"),
    ],
)
async def test_one_that_would_not(sandbox: Sandbox, system: str, more: dict[str, Any], text: str, advice: str) -> None:
    found = await asked(source(sandbox, system, **more))
    assert found[0] == FAIL
    assert text in found[1]
    assert advice in found[2]
    assert "sesame" not in "".join(found)


async def test_a_role_that_may_not_read_is_told_what_it_needs(sandbox: Sandbox) -> None:
    vendure_double(sandbox).forbidden = True
    verdict, _, advice = await asked(source(sandbox, "vendure"))
    assert verdict == FAIL
    assert advice.startswith("The log-in is accepted, but the user may not read this. The role needs ReadCatalog")


@pytest.mark.parametrize("fault", ["http_503", "html", "nothing", "http_429"])
@pytest.mark.parametrize("system", ["vendure", "medusa"])
async def test_one_that_is_ill(sandbox: Sandbox, system: str, fault: str) -> None:
    sandbox.store.faults["master"] = fault
    verdict, text, advice = await asked(source(sandbox, system))
    assert (verdict, bool(advice)) == (FAIL, True), text


async def test_a_shop_of_many_channels_is_asked_no_less(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"sc_{number:05}": f"Channel {number} {'x' * 60}" for number in range(999)}
    monkeypatch.setattr(medusa, "CHANNELS", {**medusa.CHANNELS, **many})
    assert (await asked(source(sandbox, "medusa", sales_channel="Wholesale")))[0] == OK
