"""A Vendure shop and a Medusa store, each as its staff and as its shoppers see it, and one against the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from pydantic import SecretStr

from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.settings.systems import MedusaSettings, VendureSettings
from stockdrift.stock.reading import MASTER, Covers, Outcome, Reading
from stockdrift.surfaces import medusa_wire, vendure_wire
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.http import Http
from tests import doubles
from tests.real import medusa_shop, vendure_shop
from tests.real.conftest import Note
from tests.real.goods import BACK, GOODS, MAIN, PLAIN
from tests.real.medusa_shop import MedusaShop
from tests.real.recorded import EVERY, Change, last_outcome, opened, until
from tests.real.vendure_shop import VendureShop
from tests.real.watcher import Check, Watcher
from tests.sandbox.kit import levels_of

# The first test may install the shops over a slow line.
pytestmark = [pytest.mark.real, pytest.mark.timeout(1_800)]

LIFE = 10
"""Seconds that a log-in holds where it expires: two reads must fit in on a busy machine."""

ON_SHELF = {item["sku"]: sum(item["stock"].values()) for item in GOODS}
THRESHOLDS = {item["sku"]: item.get("threshold", 0) for item in GOODS}


def of_vendure(shop: VendureShop, **more: object) -> dict[str, object]:
    who = {"username": vendure_shop.USERNAME, "password": f"secret:{vendure_shop.PASSWORD}"}
    return {"system": "vendure", "url": f"{shop.url}/admin-api", **({} if "token" in more else who), **more}


def seen_at_vendure(shop: VendureShop) -> dict[str, object]:
    return {"system": "vendure-storefront", "url": f"{shop.url}/shop-api"}


def of_medusa(shop: MedusaShop, **more: object) -> dict[str, object]:
    who = {"email": medusa_shop.EMAIL, "password": f"secret:{medusa_shop.PASSWORD}"}
    return {"system": "medusa", "url": shop.url, **({} if "token" in more else who), **more}


def seen_at_medusa(shop: MedusaShop) -> dict[str, object]:
    return {"system": "medusa-storefront", "url": shop.url, "token": f"secret:{shop.key}"}


def test_vendure_is_read_as_its_back_office_counts(vendure: VendureShop, watcher: Watcher, note: Note) -> None:
    watcher.settle_sources(of_vendure(vendure), shop=seen_at_vendure(vendure))
    began = time.monotonic()
    first = watcher.check()
    note(f"check: Vendure as master and as a shopper sees it, {len(GOODS)} variants: {time.monotonic() - began:.2f} s")
    expect_figures(first, tracked=len(PLAIN), in_sync=len(PLAIN))
    assert masters(first) == {sku: ON_SHELF[sku] - THRESHOLDS[sku] for sku in PLAIN}
    for sku in ("SEA-220", "HELD-001", "BACK-001"):
        told = vendure.variant(sku)
        assert masters(first)[sku] == told["stockOnHand"] - told["stockAllocated"] - THRESHOLDS[sku]
    assert first.sku("OUT-001")["levels"]["shop"]["reported"] == "out"

    vendure.order("FIG-220", 2)
    told = vendure.variant("FIG-220")
    assert (told["stockOnHand"], told["stockAllocated"]) == (2, 2), "an order allocates and takes nothing yet"
    vendure.count("SEA-220", 4)  # in the main location; two more are in the cellar
    vendure.count("AMB-220", 30)
    ordered = watcher.check()
    expect_figures(ordered, tracked=len(PLAIN), in_sync=len(PLAIN))
    assert [masters(ordered)[sku] for sku in ("FIG-220", "SEA-220", "AMB-220")] == [0, 6, 30]
    assert ordered.sku("FIG-220")["levels"]["shop"]["reported"] == "out", "the shopper sees it go, too"

    vendure.count("FIG-220", 1)  # one is lost behind an order for two
    assert masters(watcher.check())["FIG-220"] == -1


def test_vendure_by_location_and_with_an_api_key(vendure: VendureShop, watcher: Watcher, note: Note) -> None:
    key = vendure.add_api_key(["ReadCatalog", "ReadStockLocation"])
    watcher.settle_sources(
        of_vendure(vendure, token=f"secret:{key}", stock_locations=[MAIN]),
        cellar=of_vendure(vendure, stock_locations=[BACK]),
    )
    both = watcher.check()
    assert masters(both)["SEA-220"] == 9
    assert both.sku("SEA-220")["levels"]["cellar"]["reported"] == 2
    vendure.count("SEA-220", 12, BACK)
    again = watcher.check()
    assert masters(again)["SEA-220"] == 9
    assert again.sku("SEA-220")["levels"]["cellar"]["reported"] == 12
    note("Vendure: an API key with ReadCatalog and ReadStockLocation reads what a log-in reads")


def test_medusa_is_read_as_its_back_office_counts(medusa: MedusaShop, watcher: Watcher, note: Note) -> None:
    watcher.settle_sources(of_medusa(medusa, sales_channel="Default Sales Channel"), shop=seen_at_medusa(medusa))
    began = time.monotonic()
    first = watcher.check()
    note(f"check: Medusa as master and as a shopper sees it, {len(GOODS)} variants: {time.monotonic() - began:.2f} s")
    # What is sold on when nothing is left is a pre-order to shoppers, and compared with nothing.
    expect_figures(first, tracked=len(PLAIN), in_sync=len(PLAIN) - 1, uncovered=1)
    assert masters(first) == {item["sku"]: item["stock"][MAIN] for item in GOODS if item["sku"] in PLAIN}
    assert first.sku("BACK-001")["levels"]["shop"]["reported"] == "backorder"

    medusa.order("FIG-220", 2)
    told = medusa.item("FIG-220")
    assert (told["stocked_quantity"], told["reserved_quantity"]) == (2, 2), "an order reserves and takes nothing yet"
    medusa.count("AMB-220", 30)
    medusa.order("BACK-001", 3)
    ordered = watcher.check()
    assert [masters(ordered)[sku] for sku in ("FIG-220", "AMB-220", "BACK-001")] == [0, 30, -3]
    expect_figures(ordered, tracked=len(PLAIN), in_sync=len(PLAIN) - 1, uncovered=1)

    medusa.count("FIG-220", 1)
    assert masters(watcher.check())["FIG-220"] == -1

    # All locations hold more than the ones that the shopper is sold from.
    watcher.settle_sources(of_medusa(medusa), shop=seen_at_medusa(medusa))
    everywhere = watcher.check()
    assert masters(everywhere)["SEA-220"] == ON_SHELF["SEA-220"]
    assert deviations(everywhere, "shop") == {"SEA-220": -2}


def test_medusa_by_location_and_with_a_secret_key(medusa: MedusaShop, watcher: Watcher, note: Note) -> None:
    key = medusa.add_secret_key()
    watcher.settle_sources(
        of_medusa(medusa, token=f"secret:{key}", stock_locations=[MAIN]),
        cellar=of_medusa(medusa, stock_locations=[BACK]),
    )
    both = watcher.check()
    assert masters(both)["SEA-220"] == 9
    assert both.sku("SEA-220")["levels"]["cellar"]["reported"] == 2
    medusa.count("SEA-220", 12, BACK)
    assert watcher.check().sku("SEA-220")["levels"]["cellar"]["reported"] == 12
    note("Medusa: a secret API key reads what a log-in reads")


def test_two_systems_drift_apart_for_real(
    vendure: VendureShop, medusa: MedusaShop, watcher: Watcher, note: Note
) -> None:
    watcher.settle_sources(of_vendure(vendure), outlet=of_medusa(medusa), tries=2)
    # They mean the same stock but for what Vendure holds back, and what it sells beyond it.
    assert deviations(watcher.check(), "outlet") == {"HELD-001": +3, "BACK-001": -5}
    medusa.count("HELD-001", 7)
    medusa.count("BACK-001", 5)
    expect_figures(watcher.check(), tracked=len(PLAIN), in_sync=len(PLAIN))

    vendure.order("SEA-220", 3)
    vendure.count("WICK-144", 100)
    medusa.order("AMB-220", 1)
    medusa.count("OUT-001", 2)
    drifted = watcher.check()
    assert deviations(drifted, "outlet") == {"SEA-220": +3, "WICK-144": 149 - 100, "AMB-220": -1, "OUT-001": +2}
    assert drifted.status == 1
    assert [drifted.sku(sku)["severity"] for sku in ("OUT-001", "SEA-220", "AMB-220")] == ["OVERSELL", "OVER", "UNDER"]
    note("Vendure as master, Medusa as surface: two orders and two counts are four drifts, to the unit")

    medusa.stop()
    gone = watcher.check()
    expect_figures(gone, tracked=len(PLAIN), unknown=len(PLAIN))
    assert gone.status == 2
    note(f"Medusa ended: exit status 2, all unknown, {gone.report['surfaces'][0]['error']!r}")
    medusa.start()
    medusa.wait_until_ready()
    assert deviations(watcher.check(), "outlet") == deviations(drifted, "outlet")

    vendure.stop()
    masterless = watcher.check()
    assert masterless.status == 2
    assert (masterless.report["in_sync"], masterless.report["drifting"]) == (0, 0)
    assert masterless.report["master"]["error"]


async def test_collect_sees_both_sides_change(
    vendure: VendureShop, medusa: MedusaShop, watcher: Watcher, note: Note
) -> None:
    often = {"every": f"{EVERY}ms"}
    watcher.settle_sources(of_vendure(vendure, **often), tries=1, outlet=of_medusa(medusa, lag="10m", **often))
    with watcher.collect() as collecting:
        journal = await opened(watcher.journal)
        try:
            await until(lambda: last_outcome(journal, MASTER, Outcome.COMPLETE))
            await until(lambda: last_outcome(journal, "outlet", Outcome.COMPLETE))
            change = Change(journal, note)
            await change.opens("order at Vendure", MASTER, "SEA-220", lambda: vendure.order("SEA-220", 3))
            await change.closes("count at Medusa", "outlet", "SEA-220", lambda: medusa.count("SEA-220", 6))
            await change.opens("order at Medusa", "outlet", "AMB-220", lambda: medusa.order("AMB-220", 2))
            await change.closes("count at Vendure", MASTER, "AMB-220", lambda: vendure.count("AMB-220", 5))
            medusa.stop()
            await until(lambda: last_outcome(journal, "outlet", Outcome.FAILED))
            gone = watcher.check()
            expect_figures(gone, tracked=len(PLAIN), unknown=len(PLAIN))
            assert collecting.runs
        finally:
            await journal.close()
    assert collecting.status == 0, collecting.said


async def test_log_ins_that_expire_are_renewed(vendure: VendureShop, medusa: MedusaShop, note: Note) -> None:
    vendure.stop()
    medusa.stop()
    vendure.session, medusa.token_life = f"{LIFE}s", f"{LIFE}s"
    for server in (vendure, medusa):
        server.start()
        server.wait_until_ready()
    sources: list[VendureSettings | MedusaSettings] = [
        VendureSettings(
            system="vendure",
            url=f"{vendure.url}/admin-api",
            username=vendure_shop.USERNAME,
            password=SecretStr(vendure_shop.PASSWORD),
        ),
        MedusaSettings(
            system="medusa", url=medusa.url, email=medusa_shop.EMAIL, password=SecretStr(medusa_shop.PASSWORD)
        ),
    ]
    http = Http(tries=1)
    try:
        for source in sources:
            connector = build_connector("outlet", source, http)
            entered = await read(connector)
            known = await read(connector)
            assert known.traffic.requests == entered.traffic.requests - 1, "one log-in is enough"
            await asyncio.sleep(LIFE + 1)  # nobody asks meanwhile: asking makes Vendure's last longer
            expired = await read(connector)
            assert expired.traffic.requests == known.traffic.requests + 2, "a refusal, then a log-in"
            assert levels_of(expired) == levels_of(known)
            note(f"{source.system}: a log-in that expired is renewed within the read")
    finally:
        await http.close()


def test_doctor_says_what_credentials_lack(vendure: VendureShop, medusa: MedusaShop, watcher: Watcher) -> None:
    vendure.add_reader("blind@shop.example", ["ReadStockLocation", "ReadOrder"])
    watcher.settle_sources(
        of_vendure(vendure),
        good=of_medusa(medusa),
        seen=seen_at_medusa(medusa),
        shop=seen_at_vendure(vendure),
        # Another choice of locations, or it would be the master once more.
        blind=of_vendure(vendure, username="blind@shop.example", stock_locations=[MAIN]),
        stranger=of_medusa(medusa, password="secret:open sesame"),
        lost=of_vendure(vendure, stock_locations=["Attic"]),
        keyless={"system": "medusa-storefront", "url": medusa.url, "token": "secret:pk_wrong"},
    )
    status, findings, said = watcher.doctor()
    assert status == 1, said
    sources = {one["text"].partition(":")[0]: one for one in findings if one["area"] == "source"}
    # On a busy machine one that answers late is a warning.
    assert {name for name, one in sources.items() if one["verdict"] != "fail"} == {"master", "good", "seen", "shop"}
    assert "password accepted" in sources["master"]["text"]
    assert "no token needed" in sources["shop"]["text"]
    assert "ReadCatalog" in sources["blind"]["advice"]
    assert "does not accept" in sources["stranger"]["text"]
    assert "Attic" in sources["lost"]["text"]
    assert "publishable" in sources["keyless"]["text"]
    for secret in (vendure_shop.PASSWORD, "open sesame", "pk_wrong", medusa.key):
        assert secret not in said


async def read(connector: Connector) -> Reading:
    reading = await connector.read(Covers.ALL)
    assert (reading.outcome, reading.reason) == (Outcome.COMPLETE, "")
    return reading


def masters(check: Check) -> dict[str, int]:
    """What the master has of each tracked SKU."""
    return {entry["sku"]: entry["master"] for entry in check.report["skus"] if entry["sku"] in PLAIN}


def deviations(check: Check, surface: str) -> dict[str, int]:
    """Of those that drift."""
    levels: Mapping[str, Any] = {sku: check.sku(sku)["levels"][surface] for sku in check.drifting}
    return {sku: level["deviation"] for sku, level in levels.items()}


def expect_figures(check: Check, **figures: int) -> None:
    assert check.figures == {"drifting": 0, "in_sync": 0, "unknown": 0, "uncovered": 0, **figures}, check.drifting


def test_the_doubles_speak_as_the_servers_do(vendure: VendureShop, medusa: MedusaShop) -> None:
    """What the ordinary tests read instead of a server has no field that the server lacks, and none of another type."""
    store = SimulatedStore(SCENARIOS["assorted"], seed=1, opens_at=0)
    key = {"vendure-api-key": doubles.vendure.API_KEY}
    for api, query, variables in (
        ("admin-api", vendure_wire.SHOP, {"locations": True}),
        ("admin-api", vendure_wire.VARIANTS, {"skip": 0, "take": 100, "locations": True}),
        ("shop-api", vendure_wire.PRODUCTS, {"skip": 0, "take": 100}),
    ):
        body = msgspec.json.encode({"query": query, "variables": variables})
        said = doubles.vendure.VendureDouble(store).answer("POST", f"/{api}", key, body)
        real = vendure.admin(query, variables) if api == "admin-api" else vendure.shop(query, variables)
        expect_same_form(msgspec.json.decode(said.body)["data"], real, api)

    secret = {"authorization": f"Basic {doubles.medusa.SECRET_KEY}"}
    public = {"x-publishable-api-key": doubles.medusa.PUBLISHABLE_KEY}
    for path, fields, headers in (
        ("admin/stores", medusa_wire.STORE_FIELDS, secret),
        ("admin/sales-channels", "id,name", secret),
        ("admin/stock-locations", medusa_wire.LOCATION_FIELDS, secret),
        ("admin/product-variants", medusa_wire.VARIANT_FIELDS, secret),
        ("admin/product-variants", medusa_wire.WRITE_FIELDS, secret),
        ("store/products", medusa_wire.PRODUCT_FIELDS, public),
    ):
        target = f"{path}?{urlencode({'fields': fields, 'limit': 100, 'offset': 0})}"
        said = doubles.medusa.MedusaDouble(store).answer("GET", f"/medusa/{target}", headers, b"")
        ask = medusa.admin if headers is secret else medusa.store
        expect_same_form(msgspec.json.decode(said.body), ask("GET", target.partition("/")[2]), path)


def expect_same_form(double: Any, real: Any, where: str) -> None:
    """Every field of ``double`` is one of ``real``, of the same type wherever both have a value."""
    if isinstance(double, dict):
        assert isinstance(real, dict), where
        assert not set(double) - set(real), where
        for name, value in double.items():
            expect_same_form(value, real[name], f"{where}.{name}")
    elif isinstance(double, list):
        assert isinstance(real, list), where
        # Of several rows each may lack something; together they show all that can come.
        merged = [one for one in real if one] or real
        for value in double[:1] if merged else []:
            expect_same_form(value, max(merged, key=lambda one: len(str(one))), f"{where}[]")
    elif double is not None and real is not None:
        numbers = (int, float)
        assert type(double) is type(real) or (isinstance(double, numbers) and isinstance(real, numbers)), where
