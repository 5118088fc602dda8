"""The simulation itself: the same seed and times give the same store, whoever drives it and in whatever steps."""

from __future__ import annotations

import pytest

from stockdrift.sandbox.plan import HOUR, MASTER, MINUTE, SECOND, Drift, along
from stockdrift.sandbox.reply import encode
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.store import SimulatedStore
from stockdrift.sandbox.truth import truth
from tests.sandbox.kit import FRIDAY


def store_of(name: str, *, seed: int = 1, skus: int | None = None, speed: float = 1.0) -> SimulatedStore:
    return SimulatedStore(SCENARIOS[name], seed=seed, opens_at=FRIDAY, skus=skus, speed=speed)


def drifting(store: SimulatedStore) -> dict[str, dict[str, int]]:
    """SKU → surface → deviation, as the truth has it."""
    found: dict[str, dict[str, int]] = {}
    for place, item in enumerate(store.items):
        master = store.master[place]
        for name in store.surface_names:
            shown = store.quantity(name, place)
            if master is None or shown is None or not store.lists(name, place):
                continue
            deviation = max(shown, 0) - max(master, 0)
            if deviation:
                found.setdefault(item.sku, {})[name] = deviation
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_and_times_give_the_same_bytes(name: str) -> None:
    first, second = store_of(name), store_of(name)
    for store in (first, second):
        store.advance(37 * MINUTE)
    assert encode(truth(first)) == encode(truth(second))


def test_the_size_of_the_steps_does_not_matter() -> None:
    at_once, in_steps = store_of("flash-sale"), store_of("flash-sale")
    at_once.advance(20 * MINUTE)
    for _ in range(20 * 60):
        in_steps.advance(SECOND)
    assert encode(truth(at_once)) == encode(truth(in_steps))


def test_another_seed_gives_another_store() -> None:
    assert encode(truth(store_of("flash-sale", seed=1))) != encode(truth(store_of("flash-sale", seed=2)))


def test_time_never_goes_back() -> None:
    store = store_of("flash-sale")
    store.advance(MINUTE)
    store.advance_to(FRIDAY)
    assert store.now == FRIDAY + MINUTE


def test_the_golden_candle_is_the_golden_case_and_stands_still() -> None:
    store = store_of("candle")
    for _ in range(2):
        shown = {
            item.sku: [store.quantity(name, place) for name in (MASTER, "embed", "instant-site", "facebook")]
            for place, item in enumerate(store.items)
        }
        assert shown == {
            "SEA-220": [3, 3, 3, 11],
            "AMB-220": [7, 7, 7, 7],
            "FIG-220": [0, 0, 0, 2],
            "WMT-RFL": [15, 15, 15, 15],
            "GFT-025": [None, None, None, None],
        }
        store.advance(5 * HOUR)


@pytest.mark.parametrize("seed", range(1, 13))
def test_flash_sale_opens_on_the_picture_of_the_console(seed: int) -> None:
    store = store_of("flash-sale", seed=seed)
    tracked = [quantity for quantity in store.master if quantity is not None]
    assert len(tracked) == 1_284
    assert len(store.master) - len(tracked) == 60
    found = drifting(store)
    assert 30 <= len(found) <= 44, "around 37 drifting"
    facebook = {sku for sku, where in found.items() if "facebook" in where}
    assert len(facebook) >= 0.85 * len(found), "nearly all of it on Facebook"
    assert found["BEE-006"]["instagram"] == found["MEL-090"]["instagram"] == 4
    oversold = [
        sku
        for sku in facebook
        if (store.quantity(MASTER, store.place_of[sku]) or 0) <= 0 and found[sku]["facebook"] > 0
    ]
    assert len(oversold) >= 2
    assert any(where.get("facebook", 0) < 0 for where in found.values()), "something was restocked since"
    behind = FRIDAY - store.shown["facebook"].as_of
    assert 3 * HOUR <= behind <= 3 * HOUR + 20 * MINUTE


@pytest.mark.parametrize("skus", [1, 5, 19, 20, 60])
def test_a_flash_sale_can_be_small(skus: int) -> None:
    store = store_of("flash-sale", skus=skus)
    store.advance(10 * MINUTE)
    assert sum(quantity is not None for quantity in store.master) == skus


def test_amazon_fails_for_a_while_soon_after_a_flash_sale_opens() -> None:
    store = store_of("flash-sale")
    seen = {}
    for at in (30 * SECOND, MINUTE, 9 * MINUTE, 11 * MINUTE, 31 * MINUTE):
        store.advance_to(FRIDAY + at)
        seen[at // SECOND] = store.fault("amazon")
    assert seen == {30: None, 60: "http_503", 540: "http_503", 660: None, 1860: "http_503"}


def test_no_quantity_of_a_flash_sale_is_sold_below_nothing() -> None:
    store = store_of("flash-sale")
    store.advance(2 * HOUR)
    assert min(quantity for quantity in store.master if quantity is not None) == 0


def test_flash_sale_moves() -> None:
    store = store_of("flash-sale")
    changes: list[int] = []
    store.listen(lambda surface, place: changes.append(place) if surface == MASTER else None)
    store.advance(10 * MINUTE)
    assert len(changes) >= 20, "several SKUs a minute"
    assert len(set(changes)) >= 10


def test_flash_sale_lets_facebook_catch_up_and_fall_behind_again() -> None:
    store = store_of("flash-sale")
    store.advance(35 * MINUTE)
    assert store.now - store.shown["facebook"].as_of < 20 * MINUTE
    store.advance(3 * HOUR)
    assert store.now - store.shown["facebook"].as_of > HOUR


def test_native_surfaces_follow_within_seconds() -> None:
    store = store_of("candle")
    store.set_quantity(MASTER, "AMB-220", 5)
    place = store.place_of["AMB-220"]
    assert store.quantity("embed", place) == 7
    store.advance(10 * SECOND)
    assert store.quantity("embed", place) == store.quantity("instant-site", place) == 5
    assert store.quantity("facebook", place) == 7


def test_a_stuck_feed_keeps_its_content_and_its_date() -> None:
    store = store_of("feed-stuck")
    store.advance(4 * MINUTE)
    before = (list(store.shown["facebook"].quantities), store.shown["facebook"].generated_at)
    store.advance(HOUR)
    assert (list(store.shown["facebook"].quantities), store.shown["facebook"].generated_at) == before
    assert len(drifting(store)) > 20


def test_black_friday_drifts_in_bursts_and_throttles() -> None:
    store = store_of("black-friday", skus=2_000)
    on_facebook, faults = [], []
    for _ in range(16):
        store.advance(MINUTE)
        on_facebook.append(sum("facebook" in surfaces for surfaces in drifting(store).values()))
        faults.append((store.fault(MASTER), store.fault("amazon"), store.fault("embed")))
    assert max(on_facebook) > 3 * min(on_facebook)
    assert faults.count((None, "http_429", "http_429")) == 2
    assert set(faults) == {(None, None, None), (None, "http_429", "http_429")}


def test_an_outage_comes_and_goes_for_master_and_native_surfaces() -> None:
    store = store_of("api-outage")
    seen = []
    for _ in range(13):
        seen.append({name: store.fault(name) for name in (MASTER, "embed", "instant-site", "instagram")})
        store.advance(MINUTE)
    assert [at[MASTER] for at in seen] == [None, *["http_503"] * 3, "http_429", *[None] * 8]
    assert all(at[MASTER] == at["embed"] == at["instant-site"] for at in seen)
    assert {at["instagram"] for at in seen} == {None}


def test_a_fault_by_hand_outranks_the_plan() -> None:
    store = store_of("api-outage")
    store.advance(2 * MINUTE)
    store.faults[MASTER] = None
    assert store.fault(MASTER) is None
    store.faults[MASTER] = "html"
    assert store.fault(MASTER) == "html"


def test_injected_drifts_do_what_they_are_called() -> None:
    store = store_of("flash-sale")
    sku = next(item.sku for item in store.items if item.sku not in {"BEE-006", "MEL-090"} and item.on_hand)
    place = store.place_of[sku]
    store.set_quantity(MASTER, sku, 50)
    store.advance(10 * SECOND)
    store.inject(Drift("embed", sku, "lost update", 0))
    assert truth(store)["injected"][-1]["since"] == FRIDAY + 10 * SECOND
    store.inject(Drift("instant-site", sku, "manual override", 0, offset=4))
    store.set_quantity(MASTER, sku, 40)
    store.advance(10 * SECOND)
    sold = 40 - (store.master[place] or 0)
    assert store.quantity("embed", place) == 50
    assert store.quantity("instant-site", place) in {44, 44 - sold}


def test_at_a_higher_speed_the_world_fits_into_less_of_the_readers_time() -> None:
    store = store_of("flash-sale", speed=10)
    store.advance(10 * MINUTE)
    assert store.shown_time(store.now) == FRIDAY + MINUTE
    assert store.shown_time(FRIDAY - HOUR) == FRIDAY - 6 * MINUTE


def test_a_hundred_thousand_skus_have_a_hundred_thousand_names() -> None:
    store = store_of("flash-sale", skus=100_000)
    skus = {item.sku for item in store.items}
    assert len(skus) == len(store.items) == 100_060


def test_a_polyline_is_level_beyond_its_ends() -> None:
    line = ((0, 1.0), (10, 3.0))
    assert [along(line, at) for at in (-5, 0, 5, 10, 99)] == [1.0, 1.0, 2.0, 3.0, 3.0]
    assert along((), 5) == 0.0
