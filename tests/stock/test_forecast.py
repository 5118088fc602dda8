"""How long a plan will take is said by what earlier writes took, and by nothing else."""

from __future__ import annotations

import pytest

from stockdrift.stock.actions import Action, ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.forecast import RECENT, Forecast, forecast
from stockdrift.stock.ledger import Ledger
from stockdrift.stock.rules import Spending, SurfaceRules
from stockdrift.stock.values import replace
from stockdrift.stock.words import roughly, roughly_between
from tests.stock.scene import MINUTE, SECOND, T0

HOUR = 60 * MINUTE
SHOP = SurfaceRules("shop", lag=HOUR)


def written(key: str, rows: int, *, sent: int, seen: int, surface: str = "shop", kind: str = "resync") -> list[Action]:
    """An action whose rows were answered ``sent`` ms after they went out, and read back ``seen`` ms after."""
    ledger, places = Ledger(), range(rows)
    changes = [RowChange(f"S{place}", 5, 3) for place in places]
    ledger.apply(ActionAsked(T0, "maya", key, kind, surface, "recount", "", changes))
    ledger.apply(ActionStep(T0, key, RowState.SENT, places))
    ledger.apply(ActionStep(T0 + sent, key, RowState.ACCEPTED, places))
    ledger.apply(ActionStep(T0 + seen, key, RowState.IN_SYNC, places))
    return list(ledger)


def test_where_nothing_was_written_nothing_is_promised() -> None:
    elsewhere = written("a", 3, sent=SECOND, seen=MINUTE, surface="other")
    told = forecast(elsewhere, "resync", SHOP, 33)
    assert told == Forecast(None, None, HOUR)
    assert (told.takes_words, told.seen_words) == ("not known", "within 1 h by its settings")


def test_many_rows_take_longer_and_few_no_less_than_a_batch() -> None:
    earlier = written("a", 10, sent=10 * SECOND, seen=MINUTE)
    assert forecast(earlier, "resync", SHOP, 40) == Forecast(40 * SECOND, (MINUTE, MINUTE), HOUR)
    assert forecast(earlier, "contain", SHOP, 1).takes == 10 * SECOND
    assert forecast(earlier, "unlist", SHOP, 1).takes is None
    assert forecast(earlier, "refresh", SHOP, 1).seen is None


def test_the_range_is_that_of_the_newest_actions() -> None:
    old = [one for n in range(RECENT) for one in written(f"b{n}", 1, sent=SECOND, seen=MINUTE + n * SECOND)]
    told = forecast([*written("a", 1, sent=9 * HOUR, seen=20 * HOUR), *old], "resync", SHOP, 1)
    assert told.seen == (MINUTE, MINUTE + (RECENT - 1) * SECOND)
    assert told.takes == SECOND


def test_it_is_timed_from_the_first_that_was_sent_to_the_last_that_was_answered() -> None:
    ledger = Ledger()
    ledger.apply(ActionAsked(T0, "maya", "k", "refresh", "shop", "recount", "", [RowChange(sku, 5, 3) for sku in "AB"]))
    for place, at, state in (
        (0, 1, RowState.SENT),
        (0, 3, RowState.ACCEPTED),
        (1, 5, RowState.SENT),
        (1, 9, RowState.REJECTED),
    ):
        ledger.apply(ActionStep(T0 + at * SECOND, "k", state, [place]))
    assert forecast(ledger, "refresh", SHOP, 2).takes == 8 * SECOND
    for kind in ("resync", "unlist"):
        assert forecast(ledger, kind, SHOP, 2).takes is None, "another way over the wire"


def test_what_was_never_answered_and_clocks_that_were_set_back_tell_no_time() -> None:
    (action,) = written("a", 1, sent=-SECOND, seen=-MINUTE)
    told = forecast([action], "resync", SHOP, 5)
    assert (told.takes, told.seen) == (0, (0, 0))
    ledger = Ledger()
    ledger.apply(ActionAsked(T0, "maya", "k", "resync", "shop", "recount", "", [RowChange("A", 5, 3)]))
    ledger.apply(ActionStep(T0, "k", RowState.SENT, [0]))
    assert forecast(ledger, "resync", SHOP, 5) == Forecast(None, None, HOUR)


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "1 s"),
        (400, "1 s"),
        (40_000, "40 s"),
        (89_999, "90 s"),
        (90_000, "2 min"),
        (HOUR, "1 h"),
        (3 * HOUR, "3 h"),
    ],
)
def test_rough_times(ms: int, said: str) -> None:
    assert roughly(ms) == said
    assert roughly_between(ms, ms) == said


def test_rough_ranges() -> None:
    assert roughly_between(40_000, 4 * MINUTE) == "40 s to 4 min"
    assert roughly_between(MINUTE, 4 * MINUTE) == "1 to 4 min"


@pytest.mark.parametrize(
    ("spending", "rows", "share"),
    [
        (Spending(100, rows=500), 1, 0.03),
        (Spending(100, rows=500), 500, 0.03),
        (Spending(100, rows=500), 501, 0.06),
        (Spending(600, rows=100, a_row=1), 33, 0.06),
        (Spending(600, rows=100, a_row=1), 1_000, 1.03 / 0.6),
    ],
)
def test_what_sending_takes_goes_by_batches_and_rows(spending: Spending, rows: int, share: float) -> None:
    told = forecast([], "resync", replace(SHOP, spending=spending), rows)
    assert told.spends == pytest.approx(share)
    assert forecast([], "resync", SHOP, rows).spends is None
