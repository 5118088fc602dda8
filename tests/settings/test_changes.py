"""What differs between two settings, in words."""

from __future__ import annotations

import pytest

from stockdrift.settings import load
from stockdrift.settings.changes import changes, reads_alike, summary
from tests.settings.conftest import LEAST, Write

FREEZE = '\n[[actions.freeze]]\nname = "rush"\nzone = "UTC"\ndays = ["{}"]\n'


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", 'lag = "2h"', "surfaces.facebook.lag none → 2h00m"),
        ('every = "30s"', 'every = "500ms"', "surfaces.facebook.every 30s → 500ms"),
        ('share = "50%"', "share = 0.25", "surfaces.facebook.share 50% → 25%"),
        ('max_shrink = "20%"', 'max_shrink = "5%"', "surfaces.facebook.max_shrink 20% → 5%"),
        ("tolerance = 1", 'tolerance = "5%"', "surfaces.facebook.tolerance 1 unit → 5 %"),
        ("", "sku_tolerance = { A = 3 }", "surfaces.facebook.sku_tolerance.A none → 3 units"),
        ("active = true", "active = false", "surfaces.facebook.active true → false"),
        ('token = "env:ONE"', 'token = "env:TWO"', "surfaces.facebook.token (not shown) → (not shown)"),
        ("", "\n[surfaces.b]\nsystem = 'feed'\npath = 'b.csv'\n", "surfaces.b added"),
        ("\n[surfaces.b]\nsystem = 'feed'\npath = 'b.csv'\n", "", "surfaces.b removed"),
        ("", FREEZE.format("fri"), "actions.freeze rush added"),
        (FREEZE.format("fri"), FREEZE.format("sat"), "actions.freeze rush changed"),
        (FREEZE.format("fri"), "", "actions.freeze rush removed"),
        ("", '\n[journal]\nkeep = "2d"\n', "journal.keep 30d → 2d00h, with the next start"),
    ],
)
def test_a_difference_is_told(
    write: Write, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    monkeypatch.setenv("ONE", "hunter1")
    monkeypatch.setenv("TWO", "hunter2")
    old, new = load(write(LEAST + before)), load(write(LEAST + after))
    assert said in changes(old, new)
    assert "hunter" not in summary(changes(old, new))
    assert changes(old, old) == changes(new, new) == []


def test_what_is_ignored_is_told_by_its_sku(write: Write) -> None:
    one = '[[ignore]]\nsku = "A"\nreason = "x"\nuntil = 2026-12-24\n'
    old, new = load(write(LEAST + one)), load(write(LEAST + one.replace("12-24", "12-31") + one.replace('"A"', '"B"')))
    assert changes(old, new) == ["ignore of A changed", "ignore of B added"]
    assert changes(new, old) == ["ignore of A changed", "ignore of B removed"]


def test_many_are_counted(write: Write) -> None:
    old, new = load(write(LEAST)), load(write(LEAST + 'lag = "2h"\ncap = 1\nbuffer = 2\nshare = 0.5\nactive = false\n'))
    told = summary(changes(old, new))
    assert told.startswith("5 changes: surfaces.facebook.active true → false; ")
    assert told.endswith(" and 2 more")
    assert summary([]) == "nothing differs from what holds"


def test_a_connector_is_kept_where_only_judging_differs(write: Write) -> None:
    first = load(write(LEAST)).surfaces["facebook"]
    judged = load(write(LEAST + 'every = "1m"\ntolerance = 2\nlag = "2h"\nactive = false\n')).surfaces["facebook"]
    other = load(write(LEAST + 'columns = { quantity = "stock" }\n')).surfaces["facebook"]
    assert reads_alike(first, judged)
    assert not reads_alike(first, other)
    assert not reads_alike(None, first)
