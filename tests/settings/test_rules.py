"""From settings to rules: the defaults of each kind, tolerances with their floor, allotments by SKU."""

from __future__ import annotations

import pytest

from stockdrift.settings import load, rules_of
from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, Spending, Tolerance, effective_tolerance
from stockdrift.surfaces.ecwid_wire import PER_MINUTE
from stockdrift.surfaces.ecwid_writer import EcwidWriter
from stockdrift.surfaces.meta_writer import MetaWriter
from tests.settings.conftest import LEAST, Write

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def rules(write: Write, keys: str = "", *, store: str = "") -> Rules:
    return rules_of(load(write(f"[store]\n{store}\n{LEAST}{keys}\n")))


@pytest.mark.parametrize(
    ("keys", "kind", "every", "lag", "stale_after"),
    [
        ("", "feed", 15 * MINUTE, HOUR, 45 * MINUTE),
        ('kind = "native"', "native", 30 * SECOND, 30 * SECOND, 2 * MINUTE),
        ('kind = "marketplace"', "marketplace", 5 * MINUTE, 15 * MINUTE, 15 * MINUTE),
        ('every = "1m"', "feed", MINUTE, HOUR, 3 * MINUTE),
        ('every = "1s"\nlag = "0s"', "feed", SECOND, 0, 2 * MINUTE),
        ('stale_after = "5s"', "feed", 15 * MINUTE, HOUR, 5 * SECOND),
    ],
)
def test_defaults_by_kind(write: Write, keys: str, kind: str, every: int, lag: int, stale_after: int) -> None:
    surface = rules(write, keys).surface("facebook")
    assert (surface.kind, surface.every, surface.lag, surface.stale_after) == (kind, every, lag, stale_after)


def test_an_ecwid_surface_is_native(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC", "public_1")
    table = '[surfaces.site]\nsystem = "ecwid-storefront"\nstore_id = 1\ntoken = "env:PUBLIC"\n'
    assert rules(write, table).surface("site").kind == "native"


def test_a_master_is_read_every_30_s_whatever_its_system(write: Write) -> None:
    master = rules(write).master
    assert (master.name, master.every, master.stale_after) == ("master", 30 * SECOND, 2 * MINUTE)


def test_the_stores_own(write: Write) -> None:
    found = rules(write, store='name = "Candle & Co"\ncurrency = "GBP"\nlow_stock = 9\nbundles = { S = { " A " = 2 } }')
    assert (found.store, found.currency, found.low_stock) == ("Candle & Co", "GBP", 9)
    assert found.bundles == {"S": {"A": 2}}


def test_the_stores_name_steers_no_terminal(write: Write) -> None:
    found = rules(write, store='name = " Wick\\u001b[2J "\ncurrency = "eur"')
    assert (found.store, found.currency) == ("Wick\\x1b[2J", "EUR")


def test_the_order_of_surfaces_is_the_files(write: Write) -> None:
    tables = "".join(f'[surfaces.{name}]\nsystem = "feed"\npath = "{name}.csv"\n' for name in ("zoo", "amazon"))
    assert [surface.name for surface in rules(write, tables).surfaces] == ["facebook", "zoo", "amazon"]


def test_tolerances_from_the_most_specific_on(write: Write) -> None:
    found = rules(
        write,
        'tolerance = "5%"\ntolerance_floor = 2\nsku_tolerance = { A = 7 }',
        store='tolerance = "1%"\ntolerance_floor = 1\nsku_tolerance = { A = 8, "  B " = "50%" }',
    )

    def allowed(sku: str, expected: int) -> int:
        return effective_tolerance(found, {}, "facebook", sku).allowed(expected)

    assert (allowed("A", 100), allowed("B", 100), allowed("C", 100), allowed("C", 10)) == (7, 50, 5, 2)
    assert found.tolerance == Tolerance(1, 100)
    assert effective_tolerance(found, {Scope(sku="B"): Tolerance(3)}, "facebook", "B") == Tolerance(3)


def test_a_floor_speaks_of_percentages_alone(write: Write) -> None:
    assert rules(write, store="tolerance = 1\ntolerance_floor = 9").tolerance == Tolerance(1)


def test_allotments_and_what_single_skus_leave_to_the_surface(write: Write) -> None:
    surface = rules(
        write, 'share = "50%"\nbuffer = 1\ncap = 20\nsku_allotment = { A = { buffer = 3 }, B = { share = 1, cap = 0 } }'
    ).surface("facebook")
    assert surface.allotment == Allotment(5_000, 1, 20)
    assert surface.allotments == {"A": Allotment(5_000, 3, 20), "B": Allotment(10_000, 1, 0)}


def test_switches(write: Write) -> None:
    surface = rules(
        write, 'active = false\ncompare_preorder = true\nsums_duplicates = true\nmax_shrink = "5%"'
    ).surface("facebook")
    assert not surface.active
    assert surface.compare_preorder
    assert surface.sums_duplicates
    assert surface.max_shrink == 500


def test_ignored_skus_stand_where_they_are_ignored(write: Write) -> None:
    ignore = '[[ignore]]\nsku = " A "\nreason = "counted again"\nuntil = 2026-12-24T18:00:00+01:00\n'
    rules = rules_of(load(write(LEAST + ignore + ignore + 'surface = "facebook"\n')))
    held = Ignore("counted again", 1_798_131_600_000)
    assert rules.ignores == {"A": held}
    assert rules.surface("facebook").ignores == {"A": held}


def test_a_source_is_another_where_it_is_read_otherwise(write: Write) -> None:
    def source(text: str) -> str:
        return rules_of(load(write(LEAST + text))).surface("facebook").source

    same = source("")
    for text in (
        'every = "1m"',
        "tolerance = 2",
        'lag = "2h"',
        'max_shrink = "5%"',
        "active = false",
        'kind = "native"',
    ):
        assert source(text) == same, text
    others = [source(text) for text in ('format = "tsv"', "sums_duplicates = true", 'columns = { quantity = "stock" }')]
    assert len({same, *others}) == 4


def test_a_publishable_key_is_the_place_it_opens(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = (
        LEAST.partition("[surfaces")[0]
        + """
[surfaces.shop]
system = "medusa-storefront"
url = "https://shop.example"
token = "env:KEY"
"""
    )

    def source(key: str) -> str:
        monkeypatch.setenv("KEY", key)
        return rules_of(load(write(shop))).surface("shop").source

    assert source("pk_retail") != source("pk_wholesale"), "another key shows other sales channels"


def test_what_writing_spends_is_what_the_writers_send(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP", "META"):
        monkeypatch.setenv(name, "a-token")
    table = '[surfaces.outlet]\nsystem = "ecwid"\nstore_id = 7\ntoken = "env:SHOP"\n'
    table += '[surfaces.instagram]\nsystem = "meta"\ncatalog_id = 9\ntoken = "env:META"\ncalls_per_hour = 250\n'
    found = {one.name: one.spending for one in rules_of(load(write(LEAST + table))).surfaces}
    assert found["outlet"] == Spending(PER_MINUTE, rows=EcwidWriter.batch, a_row=1)
    assert found["instagram"] == Spending(250, rows=MetaWriter.batch)
    assert found["facebook"] is None
