"""A django-oscar shop as the master, another as the surface: real stock, real orders, real drift."""

from __future__ import annotations

import time

import pytest

from stockdrift.stock.reading import MASTER, Outcome
from tests.real.conftest import GOODS, Note
from tests.real.oscar_shop import Shop
from tests.real.recorded import EVERY, Change, last_outcome, now, opened, until
from tests.real.watcher import Check, Watcher

# The first test may install the shop over a slow line.
pytestmark = [pytest.mark.real, pytest.mark.timeout(1_200)]

Shops = tuple[Shop, Shop]


def test_check_sees_what_becomes_of_the_stock(shops: Shops, watcher: Watcher, note: Note) -> None:
    warehouse, outlet = shops
    watcher.settle(warehouse.feed, outlet.feed)
    expect_all_in_sync(watcher.check())

    warehouse.count("AMB-220", 4)
    began = time.monotonic()
    counted = watcher.check()
    note(f"check: a count at the master is drift in the next run, which took {time.monotonic() - began:.2f} s")
    expect_drift(counted, {"AMB-220": ("OVER", 7, 4, +3)})

    number = warehouse.order("SEA-220", 2)
    record = warehouse.stock_record("SEA-220")
    assert (record["num_in_stock"], record["num_allocated"]) == (11, 2), "an order allocates and takes nothing yet"
    outlet.order("MNT-REF", 5)
    expect_drift(
        watcher.check(),
        {"AMB-220": ("OVER", 7, 4, +3), "SEA-220": ("OVER", 11, 9, +2), "MNT-REF": ("UNDER", 10, 15, -5)},
    )
    note(f"check: order {number} at the master and one at the outlet are drift: SEA-220 +2, MNT-REF −5")

    # The shelf is empty behind an order that is not shipped yet: less than nothing is available.
    warehouse.order("FIG-220", 1)
    warehouse.count("FIG-220", 0)
    sold_out = watcher.check()
    assert sold_out.sku("FIG-220")["master"] == -1
    assert sold_out.drifting[0] == "FIG-220", "what the next buyer cannot be served stands first"
    assert sold_out.report["oversell"] == 1
    expect_level(sold_out, "FIG-220", ("OVERSELL", 2, 0, +2))

    for sku, in_stock in {"AMB-220": 4, "SEA-220": 9, "MNT-REF": 20, "FIG-220": 0}.items():
        outlet.count(sku, in_stock)  # of the 20 refills, 5 are allocated
    expect_all_in_sync(watcher.check())


def test_a_shop_that_is_gone_is_unknown_and_never_in_sync(shops: Shops, watcher: Watcher, note: Note) -> None:
    warehouse, outlet = shops
    watcher.settle(warehouse.feed, outlet.feed, tries=2)
    expect_all_in_sync(watcher.check())

    outlet.stop()
    gone = watcher.check()
    expect_all_unknown(gone)
    (surface,) = gone.report["surfaces"]
    assert surface["error"], "the reason is told"
    note(f"check: the outlet ended: exit status 2, {gone.report['unknown']} unknown, {surface['error']!r}")

    outlet.start()
    outlet.wait_until_ready()
    expect_all_in_sync(watcher.check())

    warehouse.stop()
    masterless = watcher.check()
    assert masterless.status == 2
    assert (masterless.report["in_sync"], masterless.report["drifting"]) == (0, 0)
    assert masterless.report["master"]["error"]


def test_an_address_that_is_no_feed_is_unknown(shops: Shops, watcher: Watcher, note: Note) -> None:
    """A shop answers 200 with a page of HTML to many a wrong address, and 404 to others."""
    warehouse, outlet = shops
    for address, reason in {"catalogue/": "HTML", "feeds/stok.csv": "404"}.items():
        watcher.settle(warehouse.feed, f"{outlet.url}/{address}")
        check = watcher.check()
        expect_all_unknown(check)
        error = check.report["surfaces"][0]["error"]
        assert reason in error
        note(f"check: /{address} as the feed: exit status 2, {error!r}")


async def test_collect_sees_drift_within_one_poll(shops: Shops, watcher: Watcher, note: Note) -> None:
    warehouse, outlet = shops
    # A failed read is a poll of its own here: how retries wait is tested elsewhere.
    watcher.settle(warehouse.feed, outlet.feed, every_ms=EVERY, lag="10m", tries=1)
    with watcher.collect() as collecting:
        journal = await opened(watcher.journal)
        try:
            await until(lambda: last_outcome(journal, MASTER, Outcome.COMPLETE))
            await until(lambda: last_outcome(journal, "outlet", Outcome.COMPLETE))
            expect_all_in_sync(watcher.check())

            change = Change(journal, note)
            await change.opens("order at the master", MASTER, "SEA-220", lambda: warehouse.order("SEA-220", 3))
            ordered = watcher.check()
            expect_drift(ordered, {"SEA-220": ("OVER", 11, 8, +3)})
            assert ordered.sku("SEA-220")["phase"] == "in flight", "the outlet shows what the master stood at just now"
            await change.closes("count at the outlet", "outlet", "SEA-220", lambda: outlet.count("SEA-220", 8))
            expect_all_in_sync(watcher.check())

            await change.opens("count at the master", MASTER, "FIG-220", lambda: warehouse.count("FIG-220", 0))
            expect_drift(watcher.check(), {"FIG-220": ("OVERSELL", 2, 0, +2)})
            await change.closes("order at the outlet", "outlet", "FIG-220", lambda: outlet.order("FIG-220", 2))
            expect_all_in_sync(watcher.check())

            stopped_at = now()
            outlet.stop()
            await until(lambda: last_outcome(journal, "outlet", Outcome.FAILED))
            (failed, *_) = await journal.polls("outlet", 1)
            note(f"collect: the outlet ended: unknown {failed.read_at - stopped_at} ms later, {failed.reason!r}")
            expect_all_unknown(watcher.check())

            outlet.start()
            outlet.wait_until_ready()
            await until(lambda: last_outcome(journal, "outlet", Outcome.COMPLETE))
            expect_all_in_sync(watcher.check())
            assert collecting.runs
        finally:
            await journal.close()
    assert collecting.status == 0, collecting.said


def expect_all_in_sync(check: Check) -> None:
    assert check.figures == {"tracked": len(GOODS), "drifting": 0, "in_sync": len(GOODS), "unknown": 0, "uncovered": 0}
    assert check.status == 0


def expect_all_unknown(check: Check) -> None:
    assert check.figures == {"tracked": len(GOODS), "drifting": 0, "in_sync": 0, "unknown": len(GOODS), "uncovered": 0}
    assert {entry["levels"]["outlet"]["verdict"] for entry in check.report["skus"]} == {"unknown"}
    assert check.status == 2


def expect_drift(check: Check, drift: dict[str, tuple[str, int, int, int]]) -> None:
    """Exactly these drift: severity, reported, expected, deviation; everything else is in sync."""
    assert sorted(check.drifting) == sorted(drift)
    for sku, level in drift.items():
        expect_level(check, sku, level)
    quiet = len(GOODS) - len(drift)
    assert check.figures == {
        "tracked": len(GOODS), "drifting": len(drift), "in_sync": quiet, "unknown": 0, "uncovered": 0,
    }  # fmt: skip
    assert check.status == 1


def expect_level(check: Check, sku: str, level: tuple[str, int, int, int]) -> None:
    found = check.sku(sku)
    outlet = found["levels"]["outlet"]
    assert (found["severity"], outlet["reported"], outlet["expected"], outlet["deviation"]) == level
    assert found["name"] == next(item["title"] for item in GOODS if item["sku"] == sku)
