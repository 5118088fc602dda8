"""Before a send and after it: whether rows still stand as confirmed, what stands in the way, what a read proves."""

from __future__ import annotations

from typing import Any

import pytest

from stockdrift.stock import guards
from stockdrift.stock.actions import RowChange, RowState
from stockdrift.stock.aftermath import RIVAL
from stockdrift.stock.freeze import no_zones
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.recheck import recheck, refusal, seen
from stockdrift.stock.values import replace
from tests.stock.scene import reading, tell
from tests.stock.written import LOST, NOW, SHOP, WROTE, acted, store

S = RowState
ACCEPTED = (S.SENT, S.ACCEPTED)
APPLIED = (S.SENT, S.APPLIED)


def blinded(name: str) -> Monitor:
    """The store, after a read of ``name`` that failed."""
    monitor = store()
    tell(monitor, reading(name, {}, NOW + 1, outcome=Outcome.FAILED))
    return monitor


@pytest.mark.parametrize(
    ("kind", "row", "stands"),
    [
        ("resync", ("over", 9, 5), (S.WAITING, "")),
        ("resync", ("over", 9, 4), (S.STALE, "it should show 5 now, not 4")),
        ("resync", ("over", 8, 5), (S.STALE, "it shows 9 now, not 8")),
        ("resync", ("same", 9, 5), (S.NEEDLESS, "it shows 5 already")),
        ("resync", ("vague", 1, 5), (S.STALE, "its level is unknown now")),
        ("contain", ("over", 9, 0), (S.WAITING, "")),
        ("contain", ("zero", 3, 0), (S.NEEDLESS, "it shows 0 already")),
        ("contain", ("nobody", 3, 0), (S.STALE, "its level is unknown now")),
        ("unlist", ("over", 1, 0), (S.WAITING, "")),
        ("unlist", ("off", 1, 0), (S.NEEDLESS, "it shows down already")),
        ("unlist", ("gone", 1, 0), (S.NEEDLESS, "it shows down already")),
        ("relist", ("off", 0, 1), (S.WAITING, "")),
        ("relist", ("out", 0, 1), (S.NEEDLESS, "it shows listed already")),
    ],
)
def test_a_row_is_sent_only_as_it_was_confirmed(kind: str, row: Any, stands: tuple[RowState, str]) -> None:
    monitor = store()
    assert recheck(monitor, acted(monitor, (), kind=kind, rows=[RowChange(*row)]), [0]) == {0: stands}


def test_of_what_is_unknown_no_row_stands() -> None:
    monitor = blinded("shop")
    unknown = (S.STALE, "its level is unknown now")
    assert recheck(monitor, acted(monitor, (), ()), [0, 1]) == {0: unknown, 1: unknown}
    monitor = blinded(MASTER)
    resync, contain = RowChange("over", 9, 5), RowChange("over", 9, 0)
    due = (S.STALE, "it should show ? now, not 5")
    assert recheck(monitor, acted(monitor, (), rows=[resync]), [0]) == {0: due}
    assert recheck(monitor, acted(monitor, (), kind="contain", rows=[contain], key="two"), [0])[0][0] is S.WAITING


@pytest.mark.parametrize(
    ("kind", "row", "way", "early", "late"),
    [
        ("resync", ("same", 9, 5), ACCEPTED, (S.IN_SYNC, ""), (S.IN_SYNC, "")),
        ("resync", ("near", 9, 6), ACCEPTED, (S.IN_SYNC, ""), (S.IN_SYNC, "")),  # within tolerance
        ("resync", ("flying", 5, 9), ACCEPTED, *[(S.OVERTAKEN, "it should show 5 by now")] * 2),
        ("resync", ("free", 9, 7), ACCEPTED, *[(S.VERIFIED, "the master says unlimited")] * 2),
        ("contain", ("zero", 9, 0), ACCEPTED, (S.VERIFIED, ""), (S.VERIFIED, "")),
        ("resync", ("over", 9, 5), (S.SENT,), (S.SENT, ""), (S.FAILED, "it still shows 9: nothing was written")),
        ("resync", ("over", 9, 5), ACCEPTED, (S.ACCEPTED, ""), (S.STUCK, "it shows 9, not 5")),
        ("resync", ("over", 8, 5), ACCEPTED, (S.ACCEPTED, ""),
         (S.STUCK, "it shows 9, neither 8 as before nor 5 as written: another app may write this listing")),
        ("resync", ("over", 8, 5), (S.SENT,), (S.SENT, ""),
         (S.STUCK, "it shows 9, neither 8 as before nor 5 as written: another app may write this listing")),
        ("resync", ("over", 9, 5), APPLIED, *[(S.STUCK, f"{RIVAL}it showed 5, and now 9")] * 2),
        ("resync", ("vague", 9, 5), ACCEPTED, (S.ACCEPTED, ""), (S.STUCK, "its level is unknown since")),
        ("resync", ("nobody", 9, 5), ACCEPTED, (S.ACCEPTED, ""), (S.STUCK, "its level is unknown since")),
        ("unlist", ("off", 1, 0), ACCEPTED, (S.VERIFIED, ""), (S.VERIFIED, "")),
        ("unlist", ("over", 1, 0), ACCEPTED, (S.ACCEPTED, ""), (S.STUCK, "it shows listed, not down")),
        ("relist", ("over", 0, 1), ACCEPTED, (S.VERIFIED, ""), (S.VERIFIED, "")),
        ("refresh", ("near", 9, 5), ACCEPTED, (S.IN_SYNC, ""), (S.IN_SYNC, "")),
        ("refresh", ("over", 9, 5), ACCEPTED, (S.ACCEPTED, ""),
         (S.STUCK, "it still shows 9: it was not refreshed")),
        ("refresh", ("over", 7, 5), ACCEPTED, (S.ACCEPTED, ""),
         (S.STUCK, "it shows 9 by now, and is not in sync")),
    ],
)  # fmt: skip
def test_what_a_read_after_the_send_proves(kind: str, row: Any, way: Any, early: Any, late: Any) -> None:
    monitor = store()
    action = acted(monitor, way, kind=kind, rows=[RowChange(*row)])
    assert seen(monitor, action, {0: False}) == {0: early}
    assert seen(monitor, action, {0: True}) == {0: late}


def test_what_was_written_is_not_called_in_sync_while_the_master_is_unknown() -> None:
    monitor = blinded(MASTER)
    action = acted(monitor, ACCEPTED, rows=[RowChange("same", 9, 5)])
    why = "it shows what was written, and the master is unknown"
    assert seen(monitor, action, {0: False}) == {0: (S.APPLIED, why)}
    assert seen(monitor, action, {0: True}) == {0: (S.VERIFIED, why)}


def test_a_surface_that_is_unknown_proves_nothing() -> None:
    monitor = blinded("shop")
    action = acted(monitor, ACCEPTED, rows=[RowChange("same", 9, 5)])
    assert seen(monitor, action, {0: False}) == {0: (S.ACCEPTED, "")}


# -- what stands in the way ----------------------------------------------------------------------------------------


def refused(monitor: Monitor, *rows: tuple[str, int, int], kind: str = "resync", key: str = "new", **more: Any) -> str:
    action = acted(monitor, *[()] * len(rows), kind=kind, rows=[RowChange(*row) for row in rows], key=key, **more)
    return refusal(monitor, action, NOW, no_zones)


def test_a_containment_of_anything_but_nothing_is_refused_if_one_row_is() -> None:
    why = "A containment sets to 0, and to nothing else."
    assert refused(store(), ("over", 9, 0), ("under", 2, 1), kind="contain", typed="shop") == why
    assert refused(store(), ("over", 9, 0), ("under", 2, 0), kind="contain", typed="shop") == ""


def test_two_at_once_do_not_write_one_sku_and_the_first_who_asked_does() -> None:
    monitor = store()
    first = acted(monitor, (), (), key="one", number=1)
    assert refused(monitor, ("same", 5, 4), ("under", 2, 5), ("over", 9, 5), number=2) == (
        "maya is writing over there already."
    )
    assert refused(monitor, ("sold", 3, 0), key="other", number=3) == "", "of other SKUs nobody is in the way"
    assert refusal(monitor, first, NOW, no_zones).endswith("The name of the surface was not typed.")


def test_a_rollback_is_of_what_was_written_on_that_surface_and_once() -> None:
    monitor = store()
    acted(monitor, WROTE, WROTE, LOST, key="one", number=1)
    back = [("over", 9, 12), ("under", 2, 7)]
    assert refused(monitor, *back, kind="rollback", key="two", undoes="one", number=2, typed="shop") == ""
    assert refused(monitor, *back[::-1], kind="rollback", key="three", undoes="one", number=3) == (
        "over was rolled back already."
    )
    elsewhere = acted(
        monitor, (), kind="rollback", rows=[RowChange(*back[0])], key="four", undoes="one", surface="embed"
    )
    assert refusal(monitor, elsewhere, NOW, no_zones) == "There is no such action to roll back."


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("unlist", {"listing": ""}, "Listings of shop cannot be taken down: contain its SKUs instead."),
        ("unlist", {}, ""),
        ("contain", {"listing": ""}, ""),
        ("contain", {"write": False}, "shop is read-only"),
        ("contain", {"writable": False, "refresh": "Press Sync."}, "stockdrift cannot write to shop. Press Sync."),
        ("refresh", {"writable": False}, ""),
        ("refresh", {"write": False}, ""),
        ("refresh", {"active": False}, "shop is switched off in the settings."),
    ],
)
def test_what_a_surface_does_not_allow_is_refused(kind: str, more: dict[str, Any], why: str) -> None:
    monitor = store(replace(SHOP, **more))
    found = guards.refusals(monitor, kind, "shop", [RowChange("over", 1, 0)], "")
    assert found[0].startswith(why) if why else found == []


@pytest.mark.parametrize(
    ("kind", "why"), [("resync", "shop is the one to be trusted"), ("contain", ""), ("rollback", "")]
)
def test_only_a_resync_asks_whom_to_trust_for_it_alone_believes_the_master(kind: str, why: str) -> None:
    found = guards.refusals(store(replace(SHOP, conflict="surface")), kind, "shop", [RowChange("over", 1, 0)], "")
    assert found[0].startswith(why) if why else found == []


def test_what_may_be_known_soon_is_waited_for_and_nothing_else() -> None:
    assert guards.unknown(store(), "resync", "shop") == ""
    assert guards.unknown(blinded("shop"), "contain", "shop") == "shop is unknown: no rows"
    assert guards.unknown(blinded(MASTER), "resync", "shop") == "the master is unknown: no rows"
    assert guards.unknown(blinded(MASTER), "contain", "shop") == ""
    assert guards.unknown(store(), "resync", "elsewhere") == ""
    assert guards.unknown(store(replace(SHOP, active=False)), "resync", "shop") == ""
