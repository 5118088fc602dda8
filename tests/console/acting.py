"""Actions on the fixture's store, as the drawings have them."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.stock.actions import ActionAsked, ActionStep, RowState
from stockdrift.stock.aftermath import Stuck
from stockdrift.stock.entries import Ruling
from stockdrift.stock.rules import Scope, Tolerance
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource, resync_plan
from tests.console.fixtures import at
from tests.console.harness import Running

STARTED = at(10, 42, 48)
LATER = 74_000
"""From the fixture's now to the moment of the drawing of progress (ms)."""


def writing(source: FakeSource | None = None) -> FakeSource:
    """A source by which this console may write."""
    source = source or FakeSource()
    source.acting.barred = ""
    return source


def ask(model: FakeModel, key: str = "key-1", when: int = STARTED, kind: str = "resync") -> ActionAsked:
    """The resync of the drawing is asked."""
    asked = resync_plan("facebook").asked(
        when, "maya@10.0.0.7", key, "feed lag", "Meta missed 3 fetches", typed="facebook"
    )
    model.ledger.apply(asked)
    model.version += 1
    return asked


def step(
    model: FakeModel,
    state: RowState,
    places: Sequence[int],
    when: int,
    key: str = "key-1",
    *,
    why: str = "",
    sent: str = "",
    answer: str = "",
) -> None:
    """Rows come to a state."""
    model.ledger.apply(ActionStep(when, key, state, tuple(places), why, sent, answer))
    model.version += 1


def as_drawn(source: FakeSource) -> None:
    """33 rows: 1 stuck, 19 in sync, 5 applied, 4 accepted, 2 sent, 2 not sent."""
    model = source.model
    ask(model)
    step(model, RowState.SENT, range(20), STARTED, sent="items_batch of 20")
    step(model, RowState.ACCEPTED, range(20), STARTED + 14_000, answer="handle 7 finished")
    step(model, RowState.APPLIED, range(20), STARTED + 17_000)
    step(model, RowState.IN_SYNC, range(1, 20), STARTED + 18_000)
    step(model, RowState.STUCK, [0], STARTED + 29_000, why="it took 0 and shows 2 again")
    step(model, RowState.SENT, range(20, 25), STARTED + 9_000)
    step(model, RowState.ACCEPTED, range(20, 25), STARTED + 12_000)
    step(model, RowState.APPLIED, range(20, 25), STARTED + 30_000)
    step(model, RowState.SENT, range(25, 29), STARTED + 21_000)
    step(model, RowState.ACCEPTED, range(25, 29), STARTED + 25_000)
    step(model, RowState.SENT, range(29, 31), STARTED + 30_000)


def a_morning(source: FakeSource) -> None:
    """What the Actions screen lists: the resync of the drawing, one done before, one that failed, a ruling."""
    model = source.model
    done = ActionAsked(
        at(9, 5), "tom@shop", "d0ne0123456789", "contain", "instagram", "recount", "", resync_plan("instagram").asked(
            0, "", "", "", ""
        ).rows[:1],
    )  # fmt: skip
    model.ledger.apply(done)
    step(model, RowState.SENT, [0], at(9, 5, 1), done.key, sent="BEE-006 18 → 14")
    step(model, RowState.ACCEPTED, [0], at(9, 5, 2), done.key, answer="200 OK")
    step(model, RowState.VERIFIED, [0], at(9, 5, 20), done.key)
    model.said.hear(
        Ruling(at(9, 30), "maya@10.0.0.7", Scope("embed"), Tolerance(2), reason="counted by hand", number=7)
    )
    ask(model, "fa11ed0123456789", at(9, 40))
    step(model, RowState.UNDELIVERED, range(33), at(9, 50), "fa11ed0123456789", why="not sent: HTTP 503")
    as_drawn(source)


def undone(model: FakeModel, sku: str) -> None:
    """Another app puts back what the resync of the drawing wrote."""
    why = "another app writes this listing: it showed 0, as we wrote, and 15s later 6"
    model.aftermath.restore({"stuck": [_plain(Stuck("facebook", sku, "key-1", STARTED + 33_000, why, rival=True))]})
    model.version += 1


def _plain(stuck: Stuck) -> dict[str, object]:
    return {name: getattr(stuck, name) for name in ("surface", "sku", "key", "at", "why", "rival")}


def shown(console: Running, kind: type) -> bool:
    """Whether the screen on top is one of this kind."""
    return isinstance(console.app.screen, kind)
