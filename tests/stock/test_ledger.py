"""The ledger: what follows what, how actions belong together, what is dead, and what is let go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from stockdrift.stock.actions import (
    ENDED,
    LOST,
    PENDING,
    TOOK,
    ActionAsked,
    ActionDismissed,
    ActionEntry,
    ActionStep,
    ActionStopAsked,
    RowChange,
    RowState,
    arrow,
    shown,
)
from stockdrift.stock.ledger import Ledger

S = RowState


def asked(key: str, *skus: str, at: int = 10, number: int = 1, **more: Any) -> ActionAsked:
    rows = tuple(RowChange(sku, 9, 5) for sku in skus or ("A",))
    return ActionAsked(at, "maya", key, "resync", "shop", "recount", "", rows, number=number, **more)


def step(key: str, state: RowState, *places: int, at: int = 20) -> ActionStep:
    return ActionStep(at, key, state, places or (0,))


def ledger(*entries: ActionEntry) -> Ledger:
    found = Ledger()
    for entry in entries:
        found.apply(entry)
    return found


def ended(key: str, *states: RowState, at: int = 20, **more: Any) -> Sequence[ActionAsked | ActionStep]:
    """An action that went that way, and is at its end."""
    return [asked(key, **more), *(step(key, state, at=at) for state in states)]


FAILED = (S.SENT, S.FAILED)
DONE = (S.SENT, S.IN_SYNC)


def test_what_is_asked_is_not_sent_and_what_is_asked_twice_was_asked_once() -> None:
    found = ledger(asked("one", "A", "B"), asked("one", "C"))
    (action,) = found
    assert len(found) == 1
    assert (action.states, action.sent_at, action.tries) == ([S.WAITING] * 2, [None] * 2, [0] * 2)
    assert action.open
    assert not action.verified
    assert action.ended_at is None
    assert found.apply(step("other", S.SENT)) is None
    assert found.get("other") is None


@pytest.mark.parametrize("bad", [step("one", S.IN_SYNC), step("one", S.SENT, 1), step("one", S.SENT, -1)])
def test_a_step_that_cannot_follow_changes_nothing_and_is_counted(bad: ActionStep) -> None:
    found = ledger(asked("one"), bad)
    (action,) = found
    assert (found.oddities, action.states, action.steps) == (1, [S.WAITING], [])


def test_no_step_follows_an_end_and_each_state_leads_to_one() -> None:
    for state in S:
        reachable, before = {state}, 0
        while len(reachable) > before:
            before = len(reachable)
            for here in tuple(reachable):
                action = ledger(asked("one")).get("one")
                assert action is not None
                action.states[0] = here
                for then in S:
                    taken = ledger(asked("one"))
                    (other,) = taken
                    other.states[0] = here
                    taken.apply(step("one", then))
                    if not taken.oddities:
                        reachable.add(then)
        assert (reachable == {state}) == (state in ENDED)
        assert reachable & ENDED


def test_what_was_put_off_or_taken_back_has_not_gone_out() -> None:
    (action,) = ledger(asked("one"), step("one", S.SENT), step("one", S.DEFERRED, at=21), step("one", S.SENT, at=22))
    assert (action.sent_at, action.tries, action.since) == ([22], [2], [22])
    (action,) = ledger(asked("one"), step("one", S.SENT), step("one", S.WAITING))
    assert (action.sent_at, action.tries) == ([None], [0])
    (action,) = ledger(asked("one"), step("one", S.DEFERRED), step("one", S.UNDELIVERED))
    assert (action.sent_at, action.tries, action.failed) == ([None], [0], True)


def test_the_first_who_stops_or_dismisses_is_the_one() -> None:
    (action,) = ledger(
        asked("one"), ActionStopAsked(11, "tom", "one"), ActionStopAsked(12, "ann", "one"),
        *ended("one", *FAILED)[1:],
        ActionDismissed(30, "tom", "one", "sold"), ActionDismissed(31, "ann", "one", "lost"),
    )  # fmt: skip
    assert action.stop is not None
    assert action.dismissed is not None
    assert (action.stop.operator, action.dismissed.reason) == ("tom", "sold")


def test_what_was_sent_and_what_came_back_is_that_of_the_last_try() -> None:
    (action,) = ledger(
        asked("one", "A", "B"),
        ActionStep(20, "one", S.SENT, (0, 1), sent="both"),
        ActionStep(21, "one", S.DEFERRED, (0,), answer="429"),
        ActionStep(22, "one", S.SENT, (0,), sent="A alone"),
        ActionStep(23, "one", S.ACCEPTED, (1,), answer="200"),
    )
    assert action.wires() == [("A alone", ""), ("both", "200")]


@pytest.mark.parametrize("state", sorted(LOST))
def test_a_row_that_did_not_take_makes_a_dead_letter(state: RowState) -> None:
    way = [S.SENT, S.ACCEPTED, state] if state is S.STUCK else [S.SENT, state]
    found = ledger(*ended("one", *way), *ended("two", *DONE))
    assert [action.key for action in found.dead_letters()] == ["one"]


def test_it_is_one_until_it_is_dismissed_or_tried_once_more_to_some_effect() -> None:
    assert not ledger(*ended("one", *FAILED), ActionDismissed(30, "tom", "one", "sold")).dead_letters()
    for way, dead in (((), False), (DONE, False), (FAILED, False), ((S.REFUSED,), True), ((S.STOPPED,), True)):
        found = ledger(*ended("one", *FAILED), *ended("two", *way, retries="one"))
        first = found.get("one")
        assert first is not None
        assert found.is_dead(first) == dead
        assert [action.key for action in found.retries_of("one")] == ["two"]
    assert not ledger(asked("one", "A", "B"), *ended("one", *FAILED)[1:]).dead_letters(), "it is not at its end"


def test_it_stays_one_for_the_rows_that_nobody_tried_once_more_or_dismissed() -> None:
    first: list[ActionEntry] = [asked("one", "A", "B"), step("one", S.SENT, 0, 1), step("one", S.REJECTED, 0, 1)]
    both: list[ActionEntry] = [asked("two", "A", "B", retries="one"), step("two", S.SENT, 0)]
    cases: list[tuple[Sequence[ActionEntry], list[int]]] = [
        ([asked("two", "A", retries="one")], [1]),
        (ended("two", *DONE, retries="one"), [1]),
        ([*both, step("two", S.IN_SYNC), step("two", S.STALE, 1)], [1]),
        ([*both, step("two", S.IN_SYNC), step("two", S.NEEDLESS, 1)], []),
        (ended("two", *DONE, retries="one", settled=("B",)), []),
        ([*ended("two", *DONE, retries="one"), asked("three", "B", retries="one")], []),
        ([*ended("two", *DONE, retries="one"), ActionDismissed(30, "tom", "one", "sold")], []),
    ]
    for retry, left in cases:
        found = ledger(*first, *retry)
        action = found.get("one")
        assert action is not None
        assert found.left(action) == left
        assert [one.key for one in found.dead_letters()] == (["one"] if left else [])


def test_what_a_rollback_wrote_or_may_still_write_is_undone() -> None:
    for way, undone in (((), {"A"}), ((S.SENT, S.VERIFIED), {"A"}), ((S.REFUSED,), set()), (FAILED, set())):
        found = ledger(*ended("one", *DONE), *ended("two", *way, undoes="one"))
        assert found.undone("one") == undone
        assert found.undone("one", before=1) == set()
        assert found.undone("two") == set()
    assert S.STUCK not in TOOK


def test_a_key_is_found_by_its_beginning() -> None:
    found = ledger(asked("abcd1"), asked("abcd2"), asked("b"))
    assert [action.key for action in found.find("abcd")] == ["abcd1", "abcd2"]
    assert [action.key for action in found.find("abcd2")] == ["abcd2"]
    assert not found.find("")
    assert [action.key for action in found.open_on("shop")] == ["abcd1", "abcd2", "b"]
    assert not found.open_on("other")


def test_what_ended_before_is_let_go_and_what_is_open_never() -> None:
    found = ledger(*ended("one", *DONE, at=20), *ended("two", *DONE, at=21), asked("three", at=1))
    found.forget(21)
    assert [action.key for action in found] == ["two", "three"]
    assert [packed["asked"]["key"] for packed in found.packed()] == ["two", "three"]


def test_the_rows_of_a_step_are_packed_as_runs_and_come_back_as_they_were() -> None:
    places = (0, 1, 2, 5, 7, 8, 4)
    found = ledger(asked("one", *"ABCDEFGHI"), ActionStep(20, "one", S.SENT, places, sent="x"))
    assert found.packed()[0]["steps"][0][2] == [0, 2, 5, 5, 7, 8, 4, 4]
    again = Ledger()
    again.restore(found.packed())
    assert [step.places for action in again for step in action.steps] == [places]


def test_packed_again_it_tells_what_came_since() -> None:
    found = ledger(asked("one"))
    assert found.packed()[0]["steps"] == []
    assert found.packed()[0] is found.packed()[0], "put together once"
    found.apply(step("one", S.SENT))
    found.apply(ActionStopAsked(21, "tom", "one"))
    again = Ledger()
    again.restore(found.packed())
    assert list(again) == list(found)


def test_what_was_put_together_is_put_together_anew_when_it_was_both_stopped_and_dismissed() -> None:
    found = ledger(*ended("one", *FAILED))
    found.packed()
    found.apply(ActionStopAsked(30, "tom", "one"))
    found.apply(ActionDismissed(31, "tom", "one", "sold"))
    again = Ledger()
    again.restore(found.packed())
    assert list(again) == list(found)


def test_an_action_is_verified_when_each_row_is_and_ended_with_its_last() -> None:
    for ways, verified in (
        ([(S.SENT, S.IN_SYNC), (S.NEEDLESS,)], True),
        ([(S.SENT, S.VERIFIED), (S.SENT, S.OVERTAKEN)], True),
        ([(S.SENT, S.IN_SYNC), (S.STOPPED,)], False),
        ([(S.SENT, S.IN_SYNC), (S.SENT, S.FAILED)], False),
        ([(S.SENT, S.IN_SYNC), ()], False),
    ):
        (action,) = ledger(asked("one", "A", "B"))
        for place, way in enumerate(ways):
            for state in way:
                action.take(step("one", state, place, at=20 + place))
        assert action.verified == verified
        assert action.ended_at == (21 if ways[1] else None)


def test_a_row_is_said_as_its_action_means_it() -> None:
    change = RowChange("A", 1, 0)
    assert [arrow(kind, change) for kind in ("unlist", "contain")] == ["listed → down", "1 → 0"]
    assert arrow("relist", RowChange("A", 0, 1)) == "down → listed"
    assert [shown("resync", value) for value in (-1200, "unlimited")] == ["−1,200", "unlimited"]


def test_what_is_pending_is_not_at_its_end() -> None:
    assert ENDED.isdisjoint(PENDING)
