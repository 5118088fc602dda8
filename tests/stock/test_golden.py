"""The candle maker of the source material, 21 Apr 2026: the case that the whole product was conceived from."""

from __future__ import annotations

from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Phase, Severity, Verdict
from stockdrift.stock.reading import MASTER
from stockdrift.stock.report import exit_code, report
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell

NAMES = {
    "SEA-220": "Sea Salt 220ml",
    "AMB-220": "Amber Noir 220ml",
    "FIG-220": "Fig & Vetiver 220ml",
    "WMT-RFL": "Wild Mint refill",
}
STOCK = {"SEA-220": 3, "AMB-220": 7, "FIG-220": 0, "WMT-RFL": 15}


def candle() -> Monitor:
    monitor = Monitor(
        rules(
            surface("embed"),
            surface("instant-site"),
            surface("facebook", kind="feed", lag=HOUR, every=15 * MINUTE),
            store="Candle & Co",
        )
    )
    tell(monitor, reading(MASTER, STOCK, names=NAMES, prices={"FIG-220": 24.0, "SEA-220": 24.0}))
    tell(monitor, reading("embed", STOCK, T0 + 1))
    tell(monitor, reading("instant-site", STOCK, T0 + 2))
    tell(monitor, reading("facebook", {**STOCK, "SEA-220": 11, "FIG-220": 2}, T0 + 3))
    return monitor


def test_two_drift_and_the_counts_add_up() -> None:
    gauge = candle().picture(T0 + 10).gauge
    assert (gauge.drifting, gauge.in_sync, gauge.unknown, gauge.tracked) == (2, 2, 0, 4)
    assert (gauge.oversell, gauge.over, gauge.under) == (1, 1, 0)
    assert gauge.known


def test_facebook_is_eight_over_on_sea_salt_and_oversells_fig() -> None:
    monitor = candle()
    fig, sea = monitor.lines(monitor.order())
    assert (fig.sku, fig.severity, fig.name) == ("FIG-220", Severity.OVERSELL, "Fig & Vetiver 220ml")
    assert (sea.sku, sea.severity) == ("SEA-220", Severity.OVER)
    assert [cell.deviation for cell in sea.cells] == [0, 0, 8]
    assert [cell.deviation for cell in fig.cells] == [0, 0, 2]
    assert [cell.verdict for cell in sea.cells] == [Verdict.IN_SYNC, Verdict.IN_SYNC, Verdict.DRIFTED]
    assert sea.worst == 2


def test_a_single_reading_is_new_for_there_is_no_history() -> None:
    monitor = candle()
    assert {line.phase for line in monitor.lines(monitor.order())} == {Phase.NEW}
    assert monitor.picture(T0 + 10).gauge.in_flight == 0


def test_drift_on_one_surface_is_said_in_words() -> None:
    (finding,) = candle().picture(T0 + 10).findings
    assert finding.surface == "facebook"
    assert finding.lead == "All 2 drifting SKUs are on Facebook."


def test_the_report_says_the_same() -> None:
    monitor = candle()
    said = report(monitor, T0 + 10)
    assert exit_code(monitor) == 1
    assert (said["schema"], said["store"], said["taken_at"]) == (1, "Candle & Co", "2026-04-21T12:00:00.010Z")
    assert [entry["sku"] for entry in said["skus"]] == ["FIG-220", "SEA-220"]
    fig = said["skus"][0]
    assert (fig["severity"], fig["phase"], fig["master"]) == ("OVERSELL", "new", 0)
    assert fig["levels"]["facebook"] == {
        "reported": 2,
        "expected": 0,
        "deviation": 2,
        "verdict": "drifted",
        "reason": None,
        "read_at": "2026-04-21T12:00:00.003Z",
        "as_of": None,
    }
    assert [(one["name"], one["drifting"], one["status"]) for one in said["surfaces"]] == [
        ("embed", 0, "on time"),
        ("instant-site", 0, "on time"),
        ("facebook", 2, "on time"),
    ]
    assert len(report(monitor, T0 + 10, everything=True)["skus"]) == 4
