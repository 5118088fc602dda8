"""What the drift has in common, in words; and what is at risk by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from stockdrift.stock.actions import ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.entries import Ignoring
from stockdrift.stock.exposure import ENDLESS, minutes_to_oversell, revenue_at_risk
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Finding
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Ignore, Scope
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell

STOCK = dict.fromkeys("ABCDE", 5)


def found(**shown: Mapping[str, int]) -> Sequence[Finding]:
    """The findings where surfaces show of A to E what is given, and 5 of the rest."""
    return watched(**shown).picture(T0 + 2).findings


def watched(**shown: Mapping[str, int]) -> Monitor:
    monitor = Monitor(rules(*(surface(name) for name in shown)))
    tell(monitor, reading(MASTER, STOCK))
    for name, levels in shown.items():
        tell(monitor, reading(name, {**STOCK, **levels}, T0 + 1))
    return monitor


def test_four_fifths_that_drift_on_one_surface_alone_are_laid_on_it() -> None:
    (one,) = found(shop={"A": 9, "B": 9, "C": 2, "D": 9}, embed={"E": 4}, feed={})
    assert (one.title, one.surface, one.listing) == ("one surface", "shop", "surface:shop")
    assert one.lead == "4 of 5 drifting SKUs are on Shop."
    assert one.evidence == "One surface means one cause: 3 above the master, 1 below."
    assert one.also == "Elsewhere: Embed 1"
    (less,) = found(shop={"A": 9, "B": 9, "C": 2}, embed={"E": 4}, feed={})
    assert (less.title, less.lead, less.evidence) == ("several surfaces", "Drift on 2 surfaces:", "Shop 3, Embed 1.")


def test_what_drifts_elsewhere_too_is_not_said_to_be_all() -> None:
    (one,) = found(shop={"A": 9, "B": 9, "C": 9, "D": 9, "E": 9}, embed={"E": 4}, feed={})
    assert (one.lead, one.also) == ("5 of 5 drifting SKUs are on Shop.", "Elsewhere: Embed 1")


@pytest.mark.parametrize(
    ("shown", "lead"),
    [({"A": 9}, "The one SKU that drifts is on Shop."), ({"A": 9, "B": 1}, "All 2 drifting SKUs are on Shop.")],
)
def test_all_that_drifts_on_one_of_several_is_said_so(shown: dict[str, int], lead: str) -> None:
    (one,) = found(shop=shown, embed={})
    assert (one.lead, one.also) == (lead, "")


def test_of_one_surface_alone_nothing_is_concluded() -> None:
    (one,) = found(shop={"A": 9, "B": 9})
    assert (one.title, one.lead, one.evidence) == ("one surface", "Drift on Shop:", "Shop 2.")


@pytest.mark.parametrize(
    ("stock", "shown", "tone"),
    [({"A": 0}, {"A": 1, "B": 9, "C": 1}, "oversell"), ({}, {"B": 9, "C": 1}, "over"), ({}, {"C": 1}, "under")],
)
def test_it_has_the_colour_of_the_worst(stock: dict[str, int], shown: dict[str, int], tone: str) -> None:
    monitor = Monitor(rules(surface("shop"), surface("embed")))
    tell(monitor, reading(MASTER, {**STOCK, **stock}))
    tell(monitor, reading("shop", {**STOCK, **stock, **shown}, T0 + 1))
    tell(monitor, reading("embed", {**STOCK, **stock}, T0 + 1))
    first = monitor.picture(T0 + 2).findings[0]
    assert (first.title, first.tone) == ("one surface", tone)


def stuck(monitor: Monitor, *skus: str) -> None:
    """An action that was accepted, and did not take."""
    rows = tuple(RowChange(sku, 9, 5) for sku in skus)
    monitor.apply(ActionAsked(T0 + 2, "maya", skus[0], "resync", "shop", "recount", "", rows))
    for state in (RowState.SENT, RowState.ACCEPTED, RowState.STUCK):
        monitor.apply(ActionStep(T0 + 2, skus[0], state, range(len(rows)), "it shows 9, not 5"))


def test_what_is_stuck_is_told_by_its_first_with_how_many_more() -> None:
    monitor = watched(shop={"A": 9, "B": 9, "C": 9})
    stuck(monitor, "C", "B")
    (one,) = (one for one in monitor.picture(T0 + 2).findings if one.title == "stuck")
    assert one.said(str) == f"B since {T0 + 2}; it shows 9, not 5."
    assert one.also == "And 1 SKU more"
    alone = watched(shop={"A": 9})
    stuck(alone, "A")
    assert [one.also for one in alone.picture(T0 + 2).findings if one.title == "stuck"] == [""]


def test_a_second_writer_is_told_before_what_is_merely_stuck() -> None:
    monitor = watched(shop={"A": 9, "B": 9})
    stuck(monitor, "A")
    monitor.apply(ActionAsked(T0 + 2, "maya", "two", "resync", "shop", "recount", "", (RowChange("B", 9, 5),)))
    monitor.apply(ActionStep(T0 + 2, "two", RowState.SENT, (0,)))
    tell(monitor, reading("shop", {**STOCK, "A": 9}, T0 + MINUTE))
    monitor.apply(ActionStep(T0 + MINUTE, "two", RowState.IN_SYNC, (0,)))
    tell(monitor, reading("shop", {**STOCK, "A": 9, "B": 9}, T0 + 2 * MINUTE))
    tell(monitor, reading(MASTER, STOCK, T0 + 3 * MINUTE))
    (one,) = (
        one
        for one in monitor.picture(T0 + 3 * MINUTE).findings
        if one.surface == "shop" and one.tone == "over" and one.moment
    )
    assert (one.title, one.lead, one.also) == ("second writer", "Another app writes Shop, 2 SKUs:", "And 1 SKU more")
    assert one.evidence.startswith("B since {at}; it showed 5, as we wrote, and ")


@pytest.mark.parametrize(("skus", "also"), [("A", ""), ("AB", "And B"), ("ABC", "And B, C"), ("ABCD", "And B, C …")])
def test_the_first_ignored_oversells_are_named(skus: str, also: str) -> None:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, dict.fromkeys("ABCDE", 0)))
    tell(monitor, reading("shop", dict.fromkeys("ABCDE", 0) | dict.fromkeys(skus, 3), T0 + 1))
    for sku in skus:
        monitor.apply(Ignoring(T0 + 2, "ann", Scope("", sku), Ignore("sample", T0 + HOUR, "ann")))
    assert monitor.picture(T0 + 3).findings[-1].also == also


@pytest.mark.parametrize(("odd", "also"), [("ABC", "3 persistent A B C"), ("ABCD", "4 persistent A B C …")])
def test_the_first_that_lag_does_not_explain_are_named(odd: str, also: str) -> None:
    monitor = Monitor(rules(surface("feed", kind="feed", lag=MINUTE, stale_after=HOUR)))
    sold = {f"S{number}": 50 for number in range(6)}
    stock = {**STOCK, **sold}
    for count in range(7):
        tell(monitor, reading(MASTER, stock | {f"S{number}": 40 for number in range(count)}, T0 + count * MINUTE))
    for minute in (8, 10):
        tell(monitor, reading("feed", stock | dict.fromkeys(odd, 9), T0 + minute * MINUTE))
        tell(monitor, reading(MASTER, {**STOCK, **dict.fromkeys(sold, 40)}, T0 + (minute + 1) * MINUTE))
    assert monitor.picture(T0 + 11 * MINUTE).findings[0].also == f"Not lag: {also}"


# -- what is at risk -----------------------------------------------------------------------------------------------


def priced(shown: dict[str, int], **prices: float) -> Monitor:
    monitor = Monitor(rules(surface("shop")))
    tell(monitor, reading(MASTER, STOCK, prices=prices))
    tell(monitor, reading("shop", {**STOCK, **shown}, T0 + 1))
    return monitor


@pytest.mark.parametrize(
    ("shown", "prices", "risk"),
    [
        ({"A": 9, "B": 6}, {"A": 10.0, "B": 1.0}, 41.0),
        ({"A": 9, "B": 6}, {"B": 1.0}, 1.0),  # as far as is known
        ({"A": 9, "B": 2}, {"B": 1.0}, None),  # what shows too little puts nothing at risk
        ({"B": 2}, {"A": 10.0}, 0.0),
        ({}, {}, 0.0),
        ({"A": 9}, {}, None),
    ],
)
def test_at_risk_is_what_is_shown_beyond_what_is_there(
    shown: dict[str, int], prices: dict[str, float], risk: float | None
) -> None:
    assert revenue_at_risk(priced(shown, **prices)) == risk


def test_what_shows_too_little_runs_out_of_nothing() -> None:
    monitor = Monitor(rules(surface("shop")))
    for minutes, level in ((0, 40), (30, 20)):
        tell(monitor, reading(MASTER, dict.fromkeys("ABCD", level) | {"D": 0}, T0 + minutes * MINUTE))
    tell(monitor, reading("shop", {"A": 30, "B": 10, "C": 20, "D": 1}, T0 + 30 * MINUTE))
    rows = np.arange(4, dtype=np.int32)
    assert minutes_to_oversell(monitor, rows).tolist() == [pytest.approx(30), ENDLESS, ENDLESS, 0]
