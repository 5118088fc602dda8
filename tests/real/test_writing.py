"""The installed commands write to a Vendure shop and to a Medusa store, and each says itself what came of it."""

from __future__ import annotations

import pytest

from tests.real.conftest import Note
from tests.real.goods import BACK, MAIN, PLAIN
from tests.real.medusa_shop import MedusaShop
from tests.real.test_vendure_medusa import deviations, expect_figures, of_medusa, of_vendure
from tests.real.vendure_shop import VendureShop
from tests.real.watcher import Watcher

pytestmark = [pytest.mark.real, pytest.mark.timeout(1_800)]

WHY = ("--reason", "recount")


def test_a_medusa_store_is_brought_to_what_vendure_has_and_back(
    vendure: VendureShop, medusa: MedusaShop, watcher: Watcher, note: Note
) -> None:
    watcher.settle_sources(of_vendure(vendure), outlet=of_medusa(medusa, write=True))
    vendure.count("WICK-010", 3)
    medusa.order("WICK-011", 2)
    assert deviations(watcher.check(), "outlet") == {"HELD-001": 3, "BACK-001": -5, "WICK-010": 12, "WICK-011": -2}

    planned = watcher.act("resync", "--surface", "outlet", *WHY, "--dry-run")
    assert planned.status == 0, planned.said
    assert medusa.item("WICK-010")["stocked_quantity"] == 15

    done = watcher.act("resync", "--surface", "outlet", *WHY, "--yes")
    assert done.status == 0, done.said
    assert done.rows == {
        "HELD-001": (10, 7, "in sync"),
        "BACK-001": (0, 5, "in sync"),
        "WICK-010": (15, 3, "in sync"),
        "WICK-011": (14, 16, "in sync"),
    }
    told = medusa.item("WICK-011")
    assert (told["stocked_quantity"], told["reserved_quantity"]) == (18, 2), "what is promised stays promised"
    expect_figures(watcher.check(), tracked=len(PLAIN), in_sync=len(PLAIN))

    back = watcher.act("rollback", done.told["key"], *WHY, "--yes")
    assert back.status == 0, back.said
    assert {sku: row[1] for sku, row in back.rows.items()} == {
        "HELD-001": 10, "BACK-001": 0, "WICK-010": 15, "WICK-011": 14,
    }  # fmt: skip
    note("Medusa: resync of four SKUs, verified by reading, and rolled back")

    contained = watcher.act("contain", "WICK-010", "--surface", "outlet", *WHY, "--yes")
    assert contained.status == 0, contained.said
    assert contained.rows == {"WICK-010": (15, 0, "verified")}
    assert medusa.item("WICK-010")["stocked_quantity"] == 0
    note("Medusa: a containment sets 0, and is read back")

    down = watcher.act("contain", "WICK-012", "--listing", "--surface", "outlet", *WHY, "--yes")
    assert (down.status, down.rows) == (0, {"WICK-012": (1, 0, "verified")}), down.said
    assert medusa.product("WICK-012")["status"] == "draft"
    up = watcher.act("relist", "WICK-012", "--surface", "outlet", *WHY, "--yes")
    assert (up.status, medusa.product("WICK-012")["status"]) == (0, "published"), up.said
    note("Medusa: a product is taken down and put up again")

    medusa.share("WICK-012", of="WICK-011")
    stocked = medusa.item("WICK-011")["stocked_quantity"]
    shared = watcher.act("contain", "WICK-011", "--surface", "outlet", *WHY, "--yes")
    assert shared.told["rows"][0]["why"] == "its stock is that of WICK-012 too: to write one would change the other"
    assert medusa.item("WICK-011")["stocked_quantity"] == stocked
    note("Medusa: stock that two variants share is not written")


def test_a_vendure_shop_is_brought_to_what_medusa_has_and_back(
    vendure: VendureShop, medusa: MedusaShop, watcher: Watcher, note: Note
) -> None:
    key = vendure.add_api_key(["ReadCatalog", "ReadStockLocation", "UpdateProduct"])
    more = {"token": f"secret:{key}", "stock_locations": [MAIN, BACK], "write": True}
    watcher.settle_sources(of_medusa(medusa), shop=of_vendure(vendure, **more))
    vendure.order("SEA-220", 3)
    medusa.count("WICK-010", 40)
    assert deviations(watcher.check(), "shop") == {"HELD-001": -3, "BACK-001": 5, "SEA-220": -3, "WICK-010": -25}

    done = watcher.act("resync", "SEA-220", "WICK-010", "HELD-001", "--surface", "shop", *WHY, "--yes")
    assert done.status == 0, done.said
    assert done.rows == {
        "SEA-220": (8, 11, "in sync"), "WICK-010": (15, 40, "in sync"), "HELD-001": (7, 10, "in sync"),
    }  # fmt: skip
    told = vendure.variant("SEA-220")
    assert (told["stockOnHand"], told["stockAllocated"]) == (14, 3), "what is promised stays promised"
    shelves = {level["stockLocation"]["name"]: level["stockOnHand"] for level in told["stockLevels"]}
    assert shelves == {MAIN: 12, BACK: 2}, "the first location that is named takes what comes in"

    back = watcher.act("rollback", done.told["key"], *WHY, "--yes")
    assert back.status == 0, back.said
    contained = watcher.act("contain", "SEA-220", "--surface", "shop", *WHY, "--yes")
    assert contained.status == 0, contained.said
    told = vendure.variant("SEA-220")
    assert told["stockOnHand"] == told["stockAllocated"] == 3, "only what is free is taken"
    down = watcher.act("contain", "WICK-010", "--listing", "--surface", "shop", *WHY, "--yes")
    assert (down.status, down.rows) == (0, {"WICK-010": (1, 0, "verified")}), down.said
    assert vendure.variant("WICK-010")["enabled"] is False
    up = watcher.act("relist", "WICK-010", "--surface", "shop", *WHY, "--yes")
    assert (up.status, vendure.variant("WICK-010")["enabled"]) == (0, True), up.said
    note("Vendure: a variant is taken down and put up again")
    note("Vendure, with an API key: resync, rollback and containment, verified by reading")


def test_what_may_not_be_is_refused_before_anything_is_sent(
    vendure: VendureShop, medusa: MedusaShop, watcher: Watcher, note: Note
) -> None:
    reader = vendure.add_api_key(["ReadCatalog", "ReadStockLocation"])
    watcher.settle_sources(of_medusa(medusa), shop=of_vendure(vendure, token=f"secret:{reader}", write=True))
    medusa.count("WICK-010", 40)
    refused = watcher.act("resync", "WICK-010", "--surface", "shop", *WHY, "--yes")
    assert refused.status == 2, refused.said
    assert "UpdateCatalog or UpdateProduct" in refused.said
    assert vendure.variant("WICK-010")["stockOnHand"] == 15
    _, findings, _ = watcher.doctor()
    assert any("UpdateProduct" in one["text"] for one in findings if one["verdict"] == "fail")

    watcher.settle_sources(of_medusa(medusa), shop=of_vendure(vendure, write=True))
    vendure.count("SEA-220", 30)
    several = watcher.act("resync", "SEA-220", "--surface", "shop", *WHY, "--yes")
    assert several.status == 1, several.said
    assert several.rows["SEA-220"][2] == "rejected"
    assert "name them in stock_locations" in several.said
    assert reader not in refused.said + several.said
    note("Vendure: a key that may not update is refused before anything is sent, and doctor says so")
