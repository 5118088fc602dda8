"""The scenarios, by name."""

from __future__ import annotations

from random import Random
from typing import Final

from stockdrift.sandbox.catalogue import Catalogue, assorted_catalogue, golden_catalogue, make_catalogue
from stockdrift.sandbox.plan import (
    HOUR,
    MASTER,
    MINUTE,
    SECOND,
    Delivery,
    Drift,
    Plan,
    Scenario,
    Selling,
    SurfacePlan,
    Window,
)
from stockdrift.stock.values import replace

_EMBED: Final = SurfacePlan("embed")
_SITE: Final = SurfacePlan("instant-site", delay=3 * SECOND)
_FACEBOOK: Final = SurfacePlan(
    "facebook",
    kind="feed",
    delay=20 * SECOND,
    period=15 * MINUTE,
    lag=HOUR,
    file="facebook.tsv",
    quantity_column="quantity_to_sell_on_facebook",
)
_INSTAGRAM: Final = SurfacePlan(
    "instagram", kind="feed", delay=15 * SECOND, period=3 * MINUTE, lag=HOUR, file="instagram.csv"
)
_AMAZON: Final = SurfacePlan(
    "amazon", kind="marketplace", delay=5 * SECOND, period=2 * MINUTE, lag=15 * MINUTE, file="amazon.csv"
)

CATALOG_ID: Final = 1_234_567_890_123_456
"""Facebook's catalogue, where a scenario reads it."""

OUTLET_ID: Final = 1004
"""The Ecwid store that is a surface of its own, where a scenario has one."""

_FACEBOOK_FRIDAY: Final = replace(_FACEBOOK, period=MINUTE, lag=2 * MINUTE)

_FEATURED: Final = (
    ("FIG-220", "Fig & Vetiver 220ml", 24.0),
    ("CLV-090", "Clove & Orange 90ml", 12.0),
    ("SEA-220", "Sea Salt 220ml", 24.0),
    ("WAX-MLT", "Wax melts, spiced", 9.0),
    ("NOE-300", "Noël three-wick", 39.0),
    ("MYR-220", "Myrrh & Smoke 220ml", 24.0),
    ("TEA-220", "White Tea 220ml", 24.0),
    ("ADV-024", "Advent, 24 doors", 49.0),
    ("CDR-220", "Cedarwood 220ml", 24.0),
    ("PEP-090", "Peppermint 90ml", 12.0),
    ("ROS-220", "Rose & Oud 220ml", 24.0),
    ("LAV-RFL", "Lavender refill", 9.0),
    ("SND-220", "Sandalwood 220ml", 24.0),
    ("TOM-220", "Tomato Leaf 220ml", 24.0),
    ("MNT-090", "Wild Mint 90ml", 12.0),
    ("WPN-220", "Winter Pine 220ml", 24.0),
    ("SNO-220", "First Snow 220ml", 24.0),
    ("EUC-090", "Eucalyptus 90ml", 12.0),
    ("BEE-006", "Beeswax tapers, 6", 16.0),
    ("MEL-090", "Melissa 90ml", 12.0),
)
_QUIET: Final = frozenset({"BEE-006", "MEL-090"})  # their only trouble is a manual override
_FLASH_DRIFTS: Final = (
    Drift("facebook", "FIG-220", "lost update", -4 * HOUR),
    Drift("facebook", "TEA-220", "lost update", -4 * HOUR),
    Drift("instagram", "BEE-006", "manual override", -2 * HOUR, offset=4),
    Drift("instagram", "MEL-090", "manual override", -2 * HOUR, offset=4),
)
_STALL: Final = 190 * MINUTE  # how long Facebook's feed has not been generated when the store opens


def _candle(_seed: int, _skus: int) -> Plan:
    return Plan(
        "candle",
        "Candle & Co",
        "GBP",
        golden_catalogue(),
        (_EMBED, _SITE, _FACEBOOK),
        drifts=(
            Drift("facebook", "SEA-220", "as it opens", 0, offset=8),
            Drift("facebook", "FIG-220", "as it opens", 0, offset=2),
        ),
        windows=(Window(-HOUR, 10**15, ("facebook",), "stall"),),
    )


def _flash_sale(seed: int, skus: int) -> Plan:
    rng = Random(f"{seed}/flash-sale")
    catalogue = make_catalogue(seed, skus, 60, _FEATURED)
    counted = [item.sku for item in catalogue.items if item.on_hand is not None]
    campaign = [sku for sku in counted if sku not in _QUIET][: min(33, len(counted))]
    weights = [(sku, 1 / (rank + 4) ** 0.6) for rank, sku in enumerate(rng.sample(campaign, len(campaign)))]
    _stock_campaign(catalogue, weights, rng)
    slowest = [sku for sku, _ in weights[-10:] if sku not in {"FIG-220", "CLV-090", "TEA-220"}]
    restocked = rng.sample(slowest, min(5, len(slowest)))
    rest = [sku for sku in counted if sku not in set(campaign) | _QUIET]
    on_amazon = {*rng.sample(campaign, len(campaign) // 4), *rng.sample(rest, min(43, len(rest)))}
    cycle = _STALL + 85 * MINUTE  # after a stall it runs for an hour, then stalls again
    return Plan(
        "flash-sale",
        "Candle & Co",
        "GBP",
        catalogue,
        (_FACEBOOK, _INSTAGRAM, _AMAZON, _SITE, _EMBED),
        history=4 * HOUR,
        selling=Selling(
            pace=((-4 * HOUR, 0.5), (-HOUR, 2.0), (0, 4.0), (HOUR, 6.0), (3 * HOUR, 3.0)),
            weights=weights,
            background=((-SECOND, 0.004), (0, 0.15)),
        ),
        windows=(
            *(Window(n * cycle - _STALL + MINUTE, n * cycle + 25 * MINUTE, ("facebook",), "stall") for n in range(20)),
            *(
                Window(n * 30 * MINUTE + 40 * SECOND, n * 30 * MINUTE + 10 * MINUTE, ("amazon",), "http_503")
                for n in range(200)
            ),
        ),
        drifts=[drift for drift in _FLASH_DRIFTS if drift.sku in counted],
        deliveries=[Delivery(-rng.randint(15, 120) * MINUTE, sku, rng.randint(24, 40)) for sku in restocked],
        unlisted={"amazon": frozenset(item.sku for item in catalogue.items) - on_amazon},
    )


def _stock_campaign(catalogue: Catalogue, weights: list[tuple[str, float]], rng: Random) -> None:
    """Gives the campaign's SKUs so much that most have a little left when the store opens, and two nothing."""
    by_sku = {item.sku: item for item in catalogue.items}
    total = sum(weight for _, weight in weights)
    for sku, weight in weights:
        expected = 470 * weight / total  # units sold by the time the store opens
        if sku in {"FIG-220", "CLV-090"}:
            by_sku[sku].on_hand = max(4, round(expected * 0.7))
        else:
            by_sku[sku].on_hand = round(expected * 1.5) + rng.randint(5, 22)


def _black_friday(seed: int, skus: int) -> Plan:
    """A large store on its busiest day: whole sweeps that take minutes, feeds that pause so that drift comes in bursts,
    and surfaces that throttle.
    """
    rng = Random(f"{seed}/black-friday")
    catalogue = make_catalogue(seed, skus, skus // 200, _FEATURED)
    counted = [item.sku for item in catalogue.items if item.on_hand is not None]
    campaign = rng.sample(counted, min(2_000, len(counted)))
    return Plan(
        "black-friday",
        "Candle & Co",
        "GBP",
        catalogue,
        (_FACEBOOK_FRIDAY, _INSTAGRAM, _AMAZON, _EMBED),
        history=30 * MINUTE,
        selling=Selling(
            pace=((-30 * MINUTE, 60.0), (0, 240.0), (2 * HOUR, 600.0)),
            weights=[(sku, 1 / (rank + 20) ** 0.5) for rank, sku in enumerate(campaign)],
            background=((0, 0.3),),
        ),
        windows=[
            window
            for n in range(200)
            for window in (
                Window((8 * n + 1) * MINUTE, (8 * n + 5) * MINUTE, ("facebook",), "stall"),
                Window((15 * n + 6) * MINUTE, (15 * n + 8) * MINUTE, ("amazon", "embed"), "http_429"),
            )
        ],
    )


def _feed_stuck(seed: int, skus: int) -> Plan:
    catalogue = make_catalogue(seed, skus, 6, _FEATURED)
    counted = [item.sku for item in catalogue.items if item.on_hand is not None]
    feed = SurfacePlan(
        "facebook",
        kind="feed",
        delay=10 * SECOND,
        period=2 * MINUTE,
        lag=5 * MINUTE,
        file="facebook.tsv",
        quantity_column="quantity_to_sell_on_facebook",
    )
    return Plan(
        "feed-stuck",
        "Candle & Co",
        "GBP",
        catalogue,
        (_EMBED, _SITE, feed),
        history=30 * MINUTE,
        selling=Selling(pace=((0, 6.0),), weights=[(sku, 1.0) for sku in counted[:40]], background=((0, 0.1),)),
        windows=(Window(2 * MINUTE, 10**15, ("facebook",), "stall"),),
    )


def _api_outage(seed: int, skus: int) -> Plan:
    catalogue = make_catalogue(seed, skus, 6, _FEATURED)
    counted = [item.sku for item in catalogue.items if item.on_hand is not None]
    down = (MASTER, "embed", "instant-site")
    return Plan(
        "api-outage",
        "Candle & Co",
        "GBP",
        catalogue,
        (_EMBED, _SITE, _INSTAGRAM),
        history=30 * MINUTE,
        selling=Selling(pace=((0, 3.0),), weights=[(sku, 1.0) for sku in counted[:40]], background=((0, 0.1),)),
        windows=[
            window
            for n in range(200)
            for window in (
                Window((12 * n + 1) * MINUTE, (12 * n + 4) * MINUTE, down, "http_503"),
                Window((12 * n + 4) * MINUTE, (12 * n + 5) * MINUTE, down, "http_429"),
            )
        ],
    )


def _writable(seed: int, skus: int) -> Plan:
    """Two surfaces that follow the master and can be written. Each shows some SKUs wrong until somebody does."""
    rng = Random(f"{seed}/writable")
    catalogue = make_catalogue(seed, skus, 4, _FEATURED)
    counted = [item.sku for item in catalogue.items if item.on_hand is not None]
    for sku in rng.sample(counted, len(counted) // 12):
        next(item for item in catalogue.items if item.sku == sku).on_hand = 0
    facebook = SurfacePlan(
        "facebook", kind="marketplace", delay=4 * SECOND, lag=MINUTE, catalog_id=CATALOG_ID, calls_per_hour=2_000
    )
    outlet = SurfacePlan("outlet", delay=2 * SECOND, store_id=OUTLET_ID)
    adrift = {"facebook": rng.sample(counted, len(counted) // 5), "outlet": rng.sample(counted, len(counted) // 10)}
    return Plan(
        "writable",
        "Candle & Co",
        "GBP",
        catalogue,
        (_EMBED, _SITE, facebook, outlet),
        history=30 * MINUTE,
        selling=Selling(pace=((0, 1.0),), weights=[(sku, 1.0) for sku in counted[:20]], background=((0, 0.1),)),
        drifts=[
            Drift(surface, sku, "as it opens", -20 * MINUTE, offset=rng.choice((1, 2, 3, 5, 8)))
            for surface, several in adrift.items()
            for sku in several
        ],
    )


def _assorted(_seed: int, _skus: int) -> Plan:
    return Plan(
        "assorted",
        "Candle & Co",
        "GBP",
        assorted_catalogue(),
        (_EMBED, _SITE, replace(_FACEBOOK, catalog_id=CATALOG_ID)),
    )


SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario("candle", "four candles, two of them adrift on Facebook; nothing moves", 4, True, _candle),
        Scenario("flash-sale", "Black Friday: Facebook's feed three hours behind", 1_284, False, _flash_sale),
        Scenario(
            "black-friday",
            "a large store: bursts of drift, throttling, sweeps of minutes",
            100_000,
            False,
            _black_friday,
        ),
        Scenario("feed-stuck", "Facebook's feed is not generated any more", 240, False, _feed_stuck),
        Scenario("api-outage", "the shop's API fails for four minutes in every twelve", 240, False, _api_outage),
        Scenario("writable", "Facebook's catalogue and an outlet adrift: both can be written", 120, False, _writable),
        Scenario("assorted", "one product of every kind; nothing moves", 18, True, _assorted),
    )
}
