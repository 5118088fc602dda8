"""After a write: what is stuck, until when, and who is named a second writer on what evidence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stockdrift.stock.actions import ActionAsked, ActionStep, RowChange, RowState
from stockdrift.stock.aftermath import RIVAL
from stockdrift.stock.entries import RulesChanged
from stockdrift.stock.explain import explanation
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Phase
from stockdrift.stock.reading import MASTER
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, MINUTE, T0, reading, rules, surface, tell

SHOP = surface("shop", lag=MINUTE, stale_after=10 * HOUR)


class Store:
    """A master and a shop of a few SKUs, and a clock that goes on by a minute with each reading."""

    def __init__(self, lag: int = MINUTE) -> None:
        self.monitor = Monitor(rules(replace(SHOP, lag=lag), surface("other", stale_after=10 * HOUR)))
        self.now = T0
        self.master = {"A": 5, "B": 5}
        self.shop = {"A": 9, "B": 9}
        self.read()

    def read(self, *, minutes: int = 1, master: bool = True) -> None:
        """The master, the shop, and the master again: so that nothing is in flight for having been read before it."""
        if master:
            self.now += minutes * MINUTE
            tell(self.monitor, reading(MASTER, self.master, self.now))
        self.now += MINUTE
        tell(self.monitor, reading("shop", self.shop, self.now))
        if master:
            self.now += MINUTE
            tell(self.monitor, reading(MASTER, self.master, self.now))

    def ask(self, key: str, *skus: str, kind: str = "resync") -> None:
        rows = tuple(RowChange(sku, self.shop[sku], self.master[sku]) for sku in skus)
        self.monitor.apply(ActionAsked(self.now, "maya", key, kind, "shop", "recount", "", rows))

    def step(self, key: str, *states: RowState, places: Sequence[int] = (0,), why: str = "") -> None:
        for state in states:
            self.monitor.apply(ActionStep(self.now, key, state, tuple(places), why))

    def write(self, key: str, sku: str = "A") -> None:
        """A resync that ends well."""
        self.ask(key, sku)
        self.step(key, RowState.SENT, RowState.ACCEPTED)
        self.shop[sku] = self.master[sku]
        self.read()
        self.step(key, RowState.IN_SYNC)

    def phase(self, sku: str = "A") -> Phase:
        return self.monitor.phase_of(1, self.monitor.row_of(sku) or 0)

    def why(self, sku: str = "A") -> str:
        stuck = self.monitor.aftermath.of("shop", sku)
        return "" if stuck is None else stuck.why


@pytest.fixture
def store() -> Store:
    return Store()


def stick(store: Store) -> None:
    store.ask("one", "A", "B")
    store.step("one", RowState.SENT, RowState.ACCEPTED, places=(0, 1))
    store.read()
    store.step("one", RowState.STUCK, why="it shows 9, not 5")


def test_what_was_accepted_and_did_not_take_is_stuck_with_its_why_wherever_it_is_shown(store: Store) -> None:
    stick(store)
    monitor = store.monitor
    assert (store.phase("A"), store.phase("B")) == (Phase.STUCK, Phase.PERSISTENT)
    (line,) = monitor.lines([monitor.row_of("A") or 0])
    assert (line.phase, line.cells[0].reason) == (Phase.STUCK, "stuck: it shows 9, not 5")
    assert [monitor.board.catalogue.skus[row] for row in monitor.order(text="phase:stuck").tolist()] == ["A"]
    assert [monitor.board.catalogue.skus[row] for row in monitor.order(by="phase").tolist()] == ["A", "B"]
    said = explanation(monitor, monitor.row_of("A") or 0, store.now, str)
    assert said["phase"] == "stuck"
    assert said["surfaces"][0]["phase_why"] == f"found {store.now}: it shows 9, not 5"
    (finding,) = (one for one in monitor.picture(store.now).findings if one.title == "stuck")
    assert (finding.lead, finding.listing) == ("Shop did not take what was written:", "phase:stuck surface:shop")


@pytest.mark.parametrize("where", ["shop", MASTER])
def test_it_is_stuck_until_a_read_shows_it_in_sync_and_then_no_more(store: Store, where: str) -> None:
    stick(store)
    store.read(minutes=60)
    assert store.phase() is Phase.STUCK, "time alone frees nothing"
    if where == MASTER:
        store.master["A"] = 9
    else:
        store.shop["A"] = 5
    store.read()
    assert store.phase() is Phase.NONE
    store.shop["A"] = 30
    store.read()
    assert store.phase() not in (Phase.STUCK, Phase.NONE), "another drift is another drift"


def test_it_is_stuck_until_another_action_is_asked(store: Store) -> None:
    stick(store)
    store.ask("one", "A")  # asked twice is asked once
    assert store.phase() is Phase.STUCK
    store.ask("two", "A")
    assert store.phase() is Phase.PERSISTENT


def test_of_a_surface_that_is_read_from_elsewhere_nothing_is_known_any_more(store: Store) -> None:
    stick(store)
    moved = rules(surface("shop", lag=MINUTE, stale_after=10 * HOUR, source="elsewhere"))
    store.monitor.apply(RulesChanged(store.now, moved))
    assert not len(store.monitor.aftermath)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shop": 9}, True),  # what was there before is back
        ({"shop": 12}, True),  # more than we wrote
        ({"shop": 4}, False),  # sold, perhaps
        ({"shop": 5}, False),
        ({"master": 4}, False),  # the master moved on
        ({"master": 9, "shop": 9}, False),
        ({"master": 7, "shop": 9}, True),
    ],
)
def test_a_second_writer_is_who_puts_there_what_neither_we_nor_the_master_said(
    store: Store, change: dict[str, int], named: bool
) -> None:
    store.write("one")
    assert store.phase() is Phase.NONE
    store.master["A"] = change.get("master", 5)
    store.shop["A"] = change.get("shop", 5)
    store.read(minutes=10)
    assert store.why().startswith(RIVAL) == named
    assert (store.phase() is Phase.STUCK) == named
    assert any(one.title == "second writer" for one in store.monitor.picture(store.now).findings) == named


def test_the_evidence_tells_what_was_written_and_what_came_when(store: Store) -> None:
    store.write("one")
    store.shop["A"] = 9
    store.read(minutes=10)
    assert store.why() == f"{RIVAL}it showed 5, as we wrote, and 11m later 9, which the master has not said since"


def test_what_the_master_said_since_the_write_is_no_second_writers(store: Store) -> None:
    store.write("one")
    store.master["A"] = 9
    store.read()
    store.master["A"] = 5
    store.shop["A"] = 9  # it comes late, and may come
    store.read(minutes=20)
    assert not store.why()


def test_what_the_master_said_since_may_be_shown_however_late(store: Store) -> None:
    store.write("one")
    store.master["A"] = 9
    store.read()
    store.master["A"] = 5
    store.shop["A"] = 9
    for _ in range(4):
        store.read(minutes=5)
        assert store.phase() in (Phase.IN_FLIGHT, Phase.NEW, Phase.PERSISTENT)
    assert store.phase() is Phase.PERSISTENT
    assert not store.why()


def test_a_debt_is_no_stock_and_the_master_may_have_said_so(store: Store) -> None:
    store.shop["A"] = -2
    store.read()
    store.write("one")
    store.master["A"] = 0
    store.read()
    store.master["A"] = 5
    store.shop["A"] = -2
    for _ in range(3):
        store.read(minutes=5)
    assert not store.why()


def test_what_the_master_said_before_the_write_is_no_excuse(store: Store) -> None:
    store.master["A"] = 9
    store.read(minutes=5)
    store.master["A"] = 5
    store.now += MINUTE
    tell(store.monitor, reading(MASTER, store.master, store.now))
    store.ask("one", "A")  # at the very moment at which the master came to say it
    store.step("one", RowState.SENT, RowState.ACCEPTED)
    store.shop["A"] = 5
    store.read()
    store.step("one", RowState.IN_SYNC)
    store.shop["A"] = 9
    store.read(minutes=10)
    assert store.why().startswith(RIVAL)


def test_what_the_master_said_between_the_send_and_the_read_that_saw_it_counts(store: Store) -> None:
    store.ask("one", "A")
    store.step("one", RowState.SENT, RowState.ACCEPTED)
    for said in (7, 5):
        store.master["A"] = said
        store.now += MINUTE
        tell(store.monitor, reading(MASTER, store.master, store.now))
    store.shop["A"] = 5
    store.read()
    store.step("one", RowState.IN_SYNC)
    store.shop["A"] = 7
    for _ in range(3):
        store.read(minutes=5)
    assert not store.why()


def test_what_a_lag_explains_is_laid_on_nobody() -> None:
    store = Store(lag=HOUR)
    store.master["A"] = 9
    store.read()
    store.master["A"] = 5
    store.read()
    store.write("one")
    store.shop["A"] = 9  # built from what the master said a few minutes ago
    store.read()
    assert store.phase() is Phase.IN_FLIGHT
    assert not store.why()


def test_whoever_puts_back_too_little_is_named_too(store: Store) -> None:
    store.shop["A"] = 2
    store.read()
    store.write("one")
    store.shop["A"] = 2
    store.read(minutes=10)
    assert store.why().startswith(RIVAL)


def test_what_holds_as_we_wrote_it_is_nobody_elses_though_it_drifts(store: Store) -> None:
    store.monitor.apply(ActionAsked(store.now, "maya", "one", "contain", "shop", "other", "", (RowChange("A", 9, 0),)))
    store.step("one", RowState.SENT, RowState.ACCEPTED)
    store.shop["A"] = 0
    store.read()
    store.step("one", RowState.VERIFIED)
    store.read(minutes=10)
    assert store.phase() is Phase.PERSISTENT
    assert not store.why()


def test_a_state_is_no_quantity_that_somebody_put_back(store: Store) -> None:
    store.shop["A"] = 0
    store.read()
    store.write("one")
    tell(store.monitor, reading("shop", {"A": LevelState.OUT, "B": 9}, store.now + MINUTE))
    assert not store.why()


@pytest.mark.parametrize(("began", "named"), [(-1, False), (0, False), (1, True)])
def test_a_read_that_began_before_the_write_was_seen_proves_nothing(store: Store, began: int, named: bool) -> None:
    store.write("one")
    late = reading("shop", {"A": 9, "B": 9}, store.now + MINUTE)
    tell(store.monitor, replace(late, started_at=store.now + began))
    tell(store.monitor, reading(MASTER, store.master, store.now + 2 * MINUTE))
    assert store.why().startswith(RIVAL) == named


@pytest.mark.parametrize(("after", "named"), [(HOUR, True), (HOUR + 1, False)])
def test_it_is_watched_for_just_an_hour(store: Store, after: int, named: bool) -> None:
    store.write("one")
    tell(store.monitor, reading(MASTER, store.master, store.now + HOUR // 2))
    tell(store.monitor, reading("shop", {"A": 9, "B": 9}, store.now + after - 1))
    tell(store.monitor, reading(MASTER, store.master, store.now + after))
    assert store.why().startswith(RIVAL) == named


@pytest.mark.parametrize(("source", "named"), [("", True), ("elsewhere", False)])
def test_other_settings_leave_it_watched_where_it_is_read_as_before(store: Store, source: str, named: bool) -> None:
    store.write("one")
    store.monitor.apply(RulesChanged(store.now, rules(replace(SHOP, every=MINUTE, source=source))))
    store.shop["A"] = 9
    store.read(minutes=10)
    assert store.why().startswith(RIVAL) == named


@pytest.mark.parametrize("place", [1, 7])
def test_a_step_of_a_row_that_is_none_or_that_cannot_follow_leaves_nothing_stuck(store: Store, place: int) -> None:
    store.ask("one", "A")
    store.step("one", RowState.STUCK, places=(place,))
    store.step("one", RowState.STUCK)
    assert not len(store.monitor.aftermath)


def test_after_an_hour_another_value_proves_nothing_about_a_write(store: Store) -> None:
    store.write("one")
    for _ in range(7):
        store.read(minutes=8)
    store.shop["A"] = 9
    store.read(minutes=8)
    assert not store.why()


def test_it_is_frozen_and_thawed_with_everything_else(store: Store) -> None:
    stick(store)
    store.write("two", "B")
    store.monitor = thaw(freeze(store.monitor))
    assert store.phase("A") is Phase.STUCK
    store.shop["B"] = 9
    store.read(minutes=10)
    assert store.why("B").startswith(RIVAL)


def test_what_another_app_undid_is_told_by_the_action_and_what_merely_did_not_take_is_not() -> None:
    store = Store()
    stick(store)
    store.write("two", "B")
    assert [store.monitor.aftermath.undone(key) for key in ("one", "two")] == [set(), set()]
    store.shop["B"] = 9
    store.read(minutes=10)
    assert [store.monitor.aftermath.undone(key) for key in ("one", "two")] == [set(), {"B"}]
