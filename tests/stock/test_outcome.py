"""What came of an action is said in one way: by the states of its rows, the worst first, each row from what to what."""

from __future__ import annotations

import pytest

from stockdrift.stock.actions import LISTED, ActionDismissed, RowChange, RowState
from stockdrift.stock.outcome import UNDONE, outcome, row_texts
from tests.stock.written import LOST, NOW, WROTE, acted, store

VERIFIED = (RowState.SENT, RowState.VERIFIED)
REJECTED = (RowState.SENT, RowState.REJECTED)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([WROTE], "1 in sync"),
        ([VERIFIED], "1 verified"),
        ([WROTE, VERIFIED, WROTE], "2 in sync, 1 verified"),
        ([WROTE, REJECTED, LOST], "1 rejected, 1 failed, 1 in sync"),
        ([(RowState.STALE,), (RowState.NEEDLESS,), WROTE], "1 in sync, 1 stale, 1 needless"),
        ([(RowState.NEEDLESS,)], "1 needless"),
        ([WROTE, (RowState.SENT,), (RowState.DEFERRED,)], "1 of 3 so far, 1 unsent"),
    ],
)
def test_each_state_has_its_own_word_and_the_worst_comes_first(states: list[tuple[RowState, ...]], said: str) -> None:
    assert outcome(acted(store(), *states)) == said


def test_what_waits_for_somebody_or_no_longer_is_said_before_what_went_well() -> None:
    monitor = store()
    action = acted(monitor, WROTE, REJECTED)
    assert outcome(action, left=1) == "1 rejected, dead letter, 1 in sync"
    monitor.apply(ActionDismissed(NOW, "maya", action.key, "sold by hand"))
    assert outcome(action) == "1 rejected, dismissed, 1 in sync"


def test_a_dead_letter_of_which_a_part_was_tried_once_more_says_of_how_much_it_still_is_one() -> None:
    action = acted(store(), REJECTED, REJECTED, WROTE)
    assert outcome(action, left=2) == "2 rejected, dead letter, 1 in sync"
    assert outcome(action, left=1) == "2 rejected, dead letter for 1 row, 1 in sync"


def test_what_another_app_has_undone_counts_as_good_no_longer() -> None:
    action = acted(store(), WROTE, WROTE)
    assert outcome(action, {"over"}) == "1 undone by another app, 1 in sync"
    assert row_texts(action, {"over"}) == [f"over   12 → 9  {UNDONE}", "under  7 → 2   in sync"]
    assert row_texts(action, {"over"}, well=False) == [f"over   12 → 9  {UNDONE}"]


def test_each_row_says_from_what_to_what_and_the_worst_comes_first() -> None:
    action = acted(store(), WROTE, REJECTED, (RowState.DEFERRED,))
    assert row_texts(action) == ["under  7 → 2   rejected", "off    1 → 0   deferred", "over   12 → 9  in sync"]
    assert row_texts(action, well=False) == ["under  7 → 2   rejected", "off    1 → 0   deferred"]


def test_a_listing_is_said_in_words() -> None:
    action = acted(store(), VERIFIED, kind="relist", rows=[RowChange("sold", 0, LISTED)])
    assert row_texts(action) == ["sold  down → listed  verified"]


def test_rows_stand_from_what_went_wrong_over_what_is_open_and_unsent_to_what_went_well() -> None:
    ways = [WROTE, (RowState.STOPPED,), WROTE, (RowState.SENT,), LOST]
    rows = [RowChange(sku, 9, 5) for sku in "ABCDE"]
    told = row_texts(acted(store(), *ways, rows=rows), {"C"})
    assert [text.split()[0] for text in told] == ["E", "C", "D", "B", "A"]
