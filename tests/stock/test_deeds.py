"""What was written of a SKU is part of its history: who asked, what went out, what became of it."""

from __future__ import annotations

from stockdrift.stock.actions import ActionAsked, ActionDismissed, ActionStep, ActionStopAsked, RowChange, RowState
from stockdrift.stock.entries import Entry
from stockdrift.stock.timeline import timeline
from tests.stock.scene import T0, rules, surface

ASKED = ActionAsked(
    T0, "maya@10.0.0.7", "k1", "resync", "facebook", "feed lag", "after the outage",
    (RowChange("A", 1, 2), RowChange("B", 9_000, -5)),
)  # fmt: skip


def told(*entries: Entry, sku: str = "B") -> list[tuple[int, str, str, str]]:
    found = timeline(list(entries), 0, sku, rules(surface("facebook")), {})
    assert all(event.surface == "facebook" for event in found.events)
    return [(event.at - T0, event.word, event.tone, event.text) for event in found.events[::-1]]


def test_an_action_and_its_steps_are_told_of_the_skus_that_it_meant() -> None:
    steps = [
        ActionStep(T0 + 1, "k1", RowState.SENT, (0, 1)),
        ActionStep(T0 + 2, "k1", RowState.DEFERRED, (0, 1), "not sent: throttled"),
        ActionStep(T0 + 3, "k1", RowState.SENT, (0, 1)),
        ActionStep(T0 + 4, "k1", RowState.ACCEPTED, (0, 1)),
        ActionStep(T0 + 5, "k1", RowState.IN_SYNC, (0,)),
        ActionStep(T0 + 6, "k1", RowState.STUCK, (1,), "it shows 9000, not -5"),
    ]
    entries: list[Entry] = [
        ASKED,
        *steps,
        ActionStopAsked(T0 + 7, "tom", "k1"),
        ActionDismissed(T0 + 8, "tom", "k1", "sold"),
    ]
    assert told(*entries) == [
        (0, "resync", "", "maya@10.0.0.7 asks for 9,000 → −5 on Facebook, feed lag: after the outage"),
        (1, "sent", "", "9,000 → −5 on Facebook"),
        (2, "deferred", "", "9,000 → −5 on Facebook: not sent: throttled"),
        (3, "sent", "", "9,000 → −5 on Facebook"),
        (4, "accepted", "", "9,000 → −5 on Facebook"),
        (6, "stuck", "over", "9,000 → −5 on Facebook: it shows 9000, not -5"),
    ]
    assert told(*entries, sku="A")[-1] == (5, "in sync", "ok", "1 → 2 on Facebook")
    assert not told(*entries, sku="C")


def test_of_an_action_asked_before_nothing_is_told() -> None:
    assert not told(ActionStep(T0 + 1, "k1", RowState.SENT, (0, 1)))
